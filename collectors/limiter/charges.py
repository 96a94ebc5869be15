"""What a request costs: which classes of limits it falls under, and how much of each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from collectors.declare import LimitName
from collectors.limiter.bucket import ALONE, APP
from collectors.limiter.limits import (
    CONDITIONAL_ACCESS,
    GLOBAL,
    REPORTS,
    SIGN_IN_ACTIVITY,
    Limit,
    LimitClass,
    directory_of,
)


@dataclass(frozen=True)
class Charge:
    """So many tokens from each limit of a class."""

    limit_class: LimitClass
    cost: float = 1

    def __post_init__(self) -> None:
        for limit in self.limit_class.limits:
            if not 0 < self.cost <= limit.capacity:
                msg = f"{limit.name}: a cost of {self.cost:g} never fits a bucket of {limit.capacity:g}."
                raise ValueError(msg)


class Share(NamedTuple):
    """What a request takes from one limit; the rest as in :class:`collectors.limiter.bucket.Take`."""

    limit: Limit
    line: int
    patience_seconds: float
    price_seconds: float


@dataclass(frozen=True, eq=False)
class Charges:
    """All that one request costs, the class most likely to refuse it first. Make it once: it is told by identity."""

    charges: tuple[Charge, ...]

    def __post_init__(self) -> None:
        if not self.charges:
            msg = "a request that no class limits needs no charges. Name at least one class."
            raise ValueError(msg)
        buckets = [(limit.name, limit.scope) for limit in self.limits]
        if twice := sorted({f"{name} ({scope})" for name, scope in buckets if buckets.count((name, scope)) > 1}):
            msg = f"{', '.join(twice)} is charged twice. Add the costs up in one charge."
            raise ValueError(msg)

    @cached_property
    def shares(self) -> tuple[Share, ...]:
        """What it takes from each limit it falls under."""
        shares: list[Share] = []
        for charge in self.charges:
            line = ALONE
            for limit in charge.limit_class.limits:
                is_app = limit.scope == "app"
                rate = limit.tokens_per_second
                patience = (limit.capacity - charge.cost) / rate
                shares.append(Share(limit, APP if is_app else line, patience, charge.cost / rate))
                if is_app:
                    line = len(shares)
        return tuple(shares)

    @property
    def first(self) -> LimitClass:
        """The class that is to blame when the answer does not say which."""
        return self.charges[0].limit_class

    @property
    def limits(self) -> list[Limit]:
        """All limits it falls under."""
        return [limit for charge in self.charges for limit in charge.limit_class.limits]


# The first that matches a path below the version decides. Whether a user's authentication methods count as a
# report is not documented (a report's resource is called authenticationMethod): taken for one, which is strictest.
_REPORTS = re.compile(r"/(auditLogs|reports)(/|$)|/users/[^/]+/authentication/\w*[mM]ethods(/|$)")
_PROTECTION = re.compile(r"/(identity/conditionalAccess|identityProtection)(/|$)|/policies/conditionalAccess")
_USERS = re.compile(r"/users(/|$)")

# Resource units of the requests of the directory that cost more than one.
UNITS: tuple[tuple[re.Pattern[str], float], ...] = (
    (re.compile(r"/users/?$"), 2),
    (re.compile(r"/contracts(/|$)"), 3),
    (re.compile(r"/subscribedSkus(/|$)"), 3),
    (re.compile(r"/groups/[^/]+/transitiveMembers(/|$)"), 5),
    (re.compile(r"/groups/[^/]+/members(/|$)"), 3),
    (re.compile(r"/directoryObjects/(microsoft\.graph\.)?getByIds$"), 3),
    (re.compile(r"/oauth2PermissionGrants(/|$)"), 2),
    (re.compile(r"/applications(/|$)"), 2),
)
SMALL_PAGE = 20


def charges_of(url: str, users: int | None = None, declared: LimitName = "directory") -> Charges:
    """Return what a Graph request costs (its URL, or the path and query below the version of the API).

    ``users`` is the tenant's number of users where it is known: a larger tenant is allowed more. ``declared`` is the
    class of a path that is not known here.
    """
    parts = urlsplit(url)
    path = re.sub(r"^/(v1\.0|beta)(?=/)", "", parts.path)
    directory, units = directory_of(users), _units(path, parts.query)
    match _known(path, parts.query) or declared:
        case "reports":
            return _charges(REPORTS)
        case "conditionalAccess":
            return _charges(CONDITIONAL_ACCESS)
        case "signInActivity":
            return _charges(SIGN_IN_ACTIVITY, directory, units)
        case "none":
            return _charges(GLOBAL)
        case "directory":
            return _charges(directory, None, units)


def _known(path: str, query: str) -> LimitName | None:
    if _REPORTS.match(path):
        return "reports"
    if _PROTECTION.match(path):
        return "conditionalAccess"
    if _USERS.match(path) and "signinactivity" in query.lower():
        return "signInActivity"
    return "directory" if any(pattern.match(path) for pattern, _ in UNITS) else None


@lru_cache
def _charges(first: LimitClass, second: LimitClass | None = None, units: float = 1) -> Charges:
    directory = Charge(second or first, units)
    charges = (Charge(first), directory) if second else (directory,)
    return Charges(charges if first is GLOBAL else (*charges, Charge(GLOBAL)))


def _units(path: str, query: str) -> float:
    units = next((units for pattern, units in UNITS if pattern.match(path)), 1)
    options = dict(parse_qsl(query))
    units -= "$select" in options
    units += "$expand" in options
    top = options.get("$top", "")
    units -= top.isdecimal() and int(top) < SMALL_PAGE
    return max(1, units)
