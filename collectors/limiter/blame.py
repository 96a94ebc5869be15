"""Which limit refused a request, as far as its answer and our own account tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from collectors.limiter.bucket import Reading
from collectors.limiter.charges import Charges
from collectors.limiter.limits import Limit

# Limits whose use differs by less are equally suspicious: then each of them is held.
ALIKE: Final = 0.25


class Suspect(NamedTuple):
    """A limit and how its bucket stands."""

    limit: Limit
    reading: Reading

    @property
    def used(self) -> float:
        """The part of it that is used by our own account, from 0 to 1."""
        return min(1.0, self.reading.full_in_seconds / self.limit.window_seconds)


def named_by(scope: str | None, charges: Charges) -> list[Limit]:
    """Return the limits that ``x-ms-throttle-scope`` can mean (``Tenant_Application/ReadWrite/<app>/<tenant>``).

    Without it, or if it names what we do not count, those of the class most likely to refuse.
    """
    limits = [*charges.first.limits]
    kind = (scope or "").partition("/")[0].lower()
    if kind == "application":
        meant = [limit for limit in limits if limit.scope == "app"]
    elif kind.startswith("tenant"):
        meant = [limit for limit in limits if limit.scope != "app"]
    else:
        meant = []
    return meant or limits


def suspected(suspects: Sequence[Suspect]) -> list[Limit]:
    """Return the limit that is used most by our own account, and any that is about as much."""
    most = max(suspect.used for suspect in suspects)
    return [suspect.limit for suspect in suspects if suspect.used > most - ALIKE]
