"""What Microsoft Graph allows, as data: a limit is a bucket that refills, a class is the limits a request falls under.

Figures and sources: the throttling pages of Microsoft Graph. Where they leave open which class an endpoint belongs
to, :mod:`collectors.limiter.charges` picks the strictest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Scope = Literal["app", "app+tenant", "tenant"]

LIMITS_PAGE = "https://learn.microsoft.com/graph/throttling-limits"
REPORTS_PAGE = "https://learn.microsoft.com/graph/throttling-limits#identity-and-access-reports-service-limits"
IDENTITY_PAGE = "https://learn.microsoft.com/graph/throttling-limits#identity-and-access-service-limits"
PROTECTION_PAGE = (
    "https://learn.microsoft.com/graph/throttling-limits#identity-protection-and-conditional-access-service-limits"
)


@dataclass(frozen=True, eq=False, kw_only=True)
class Limit:
    """A bucket of ``capacity`` tokens that is filled evenly, from empty to full in ``window_seconds``.

    ``scope`` says who shares it: ``app``, an application over all tenants; ``app+tenant``, an application in one
    tenant; ``tenant``, every application in the tenant, ours and others'. Limits of one name and scope share a bucket.
    """

    name: str
    scope: Scope
    capacity: float
    window_seconds: float
    source: str

    @property
    def tokens_per_second(self) -> float:
        """How fast it refills."""
        return self.capacity / self.window_seconds

    @property
    def first_backoff_seconds(self) -> float:
        """How long to leave it alone after a refusal that does not say."""
        return max(2.0, self.window_seconds / 2)

    @property
    def is_shared(self) -> bool:
        """Whether applications we know nothing of take from it, too."""
        return self.scope == "tenant"

    def key(self, app_id: str, tenant_id: str) -> str:
        """Return the name of the bucket that all processes share."""
        match self.scope:
            case "app":
                return f"{self.name}/app/{app_id}"
            case "app+tenant":
                return f"{self.name}/app+tenant/{app_id}/{tenant_id}"
            case "tenant":
                return f"{self.name}/tenant/{tenant_id}"


@dataclass(frozen=True, eq=False)
class LimitClass:
    """A kind of request that is limited together: over all tenants (``app``), in each (``tenant``), or both."""

    name: str
    app: Limit | None = None
    tenant: Limit | None = None

    @property
    def limits(self) -> Iterator[Limit]:
        """Its limits, the widest first."""
        return (limit for limit in (self.app, self.tenant) if limit)


def _directory(capacity: float) -> LimitClass:
    return LimitClass(
        "directory",
        Limit(name="directory", scope="app", capacity=150_000, window_seconds=20, source=IDENTITY_PAGE),
        Limit(name="directory", scope="app+tenant", capacity=capacity, window_seconds=10, source=IDENTITY_PAGE),
    )


REPORTS = LimitClass(
    "reports",
    Limit(name="reports", scope="app", capacity=122, window_seconds=10, source=REPORTS_PAGE),
    Limit(name="reports", scope="app+tenant", capacity=5, window_seconds=10, source=REPORTS_PAGE),
)
SIGN_IN_ACTIVITY = LimitClass(
    "signInActivity",
    Limit(name="signInActivity", scope="app", capacity=10, window_seconds=60, source=LIMITS_PAGE),
    Limit(name="signInActivity", scope="tenant", capacity=10, window_seconds=60, source=LIMITS_PAGE),
)
# Its refusals carry no Retry-After, and every other application in the tenant takes from it.
CONDITIONAL_ACCESS = LimitClass(
    "conditionalAccess",
    tenant=Limit(name="conditionalAccess", scope="tenant", capacity=1, window_seconds=1, source=PROTECTION_PAGE),
)
# Counted in resource units; the tenant's allowance grows with its number of users: under 50, to 500, above.
DIRECTORY_SMALL = _directory(3_500)
DIRECTORY_MEDIUM = _directory(5_000)
DIRECTORY_LARGE = _directory(8_000)
GLOBAL = LimitClass(
    "global", Limit(name="global", scope="app", capacity=130_000, window_seconds=10, source=LIMITS_PAGE)
)

CLASSES: tuple[LimitClass, ...] = (
    REPORTS,
    SIGN_IN_ACTIVITY,
    CONDITIONAL_ACCESS,
    DIRECTORY_SMALL,
    DIRECTORY_MEDIUM,
    DIRECTORY_LARGE,
    GLOBAL,
)


def directory_of(users: int | None) -> LimitClass:
    """Return the directory's class for a tenant of so many users; an unknown number is a small one."""
    if users is None or users < 50:
        return DIRECTORY_SMALL
    return DIRECTORY_MEDIUM if users <= 500 else DIRECTORY_LARGE
