"""What a fleet is: a few numbers. They name every tenant in it and everything each of them answers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from sandbox.fleet.mark import Slots

_ODD = 2654435761  # times an odd number, every 32-bit number becomes another one


@dataclass(frozen=True)
class FleetTenant:
    """A tenant of a fleet; number 0 is the partner. All ids of its own begin with ``prefix``."""

    number: int
    tenant_id: str

    @property
    def prefix(self) -> str:
        """The first eight digits of its ids."""
        return self.tenant_id[:8]

    @property
    def label(self) -> str:
        """What its domains begin with, and its name ends in."""
        return f"t{self.number}"


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """So many tenants, with as many users and interactive sign-ins each. ``as_of`` is UTC, to the second.

    Raises ``ValueError`` for numbers that are no fleet.
    """

    tenants: int
    users: int
    sign_ins: int
    seed: int = 1
    as_of: datetime

    def __post_init__(self) -> None:
        if self.tenants < 1 or self.sign_ins < 0:
            raise ValueError(f"{self}: expected at least one tenant, and no fewer than 0 sign-ins.")

    def __str__(self) -> str:
        return (
            f"{self.tenants} tenants x {self.users} users x {self.sign_ins} sign-ins of the fleet of seed {self.seed}"
        )

    def tenant(self, number: int) -> FleetTenant:
        """Return a tenant by its number."""
        digits = hashlib.sha256(f"{self.seed}/{number}".encode()).hexdigest()
        prefix = (number * _ODD + self.seed) % 2**32
        return FleetTenant(number, f"{prefix:08x}-{digits[:4]}-4{digits[4:7]}-8{digits[7:10]}-{digits[10:22]}")

    @cached_property
    def partner(self) -> FleetTenant:
        """The first tenant."""
        return self.tenant(0)

    def slots(self, tenant: FleetTenant) -> Slots:
        """Return what makes an answer of a mould the tenant's own."""
        return {
            b"tenant": tenant.prefix.encode(),
            b"tenant_id": tenant.tenant_id.encode(),
            b"partner_id": self.partner.tenant_id.encode(),
            b"label": tenant.label.encode(),
        }


def parse_fleet(text: str) -> Fleet:
    """Return the fleet that ``tenants=400,users=100,sign_ins=1000,seed=1,as_of=2026-11-23T02:00:00Z`` describes.

    Only ``tenants``, ``users`` and ``sign_ins`` must be there; ``as_of`` is now if it is not. Raises ``ValueError``.
    """
    given = dict(part.strip().partition("=")[::2] for part in text.split(","))
    known = {"tenants", "users", "sign_ins", "seed", "as_of"}
    needed = {"tenants", "users", "sign_ins"}
    if given.keys() - known or needed - given.keys():
        raise ValueError(f"{text!r} is no fleet. Expected tenants=400,users=100,sign_ins=1000 and maybe seed=, as_of=.")
    as_of = datetime.fromisoformat(given.pop("as_of", "") or datetime.now(UTC).isoformat())
    if as_of.tzinfo is None:
        raise ValueError(f"as_of={as_of.isoformat()} has no time zone; expected one, such as 2026-11-23T06:00:00Z.")
    numbers = {name: int(value) for name, value in given.items()}
    return Fleet(**{"seed": 1, **numbers}, as_of=as_of.astimezone(UTC).replace(microsecond=0))
