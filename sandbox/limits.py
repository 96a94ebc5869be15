"""Microsoft's limits: token buckets per app, per tenant and per both, and who is refused by which.

A request that a limit refuses takes nothing from any bucket. Each request of a ``$batch`` is counted on its own.
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from math import ceil
from typing import Final, Literal, NamedTuple

from sandbox.calls import Answer, Call, Handler, Headers, Hook
from sandbox.throttled import BODIES, Words, refused

Users = Callable[[str], int]
"""Returns how many users a tenant has."""

_CLOSE: Final = 1e-9  # a client that waits exactly as long as it was told must find its token


class Limit(NamedTuple):
    """One published limit: ``capacity`` requests (or resource units) at once, then ``per_second``.

    ``scope`` is what shares it; ``words`` are the bodies of its 429s, taken in turn; ``says_when``: with Retry-After.
    """

    name: str
    capacity: float
    per_second: float
    scope: Literal["Application", "Tenant", "Tenant_Application"]
    words: tuple[Words, ...] = ("please_retry",)
    says_when: bool = True
    counts_units: bool = False


_REPORT_WORDS: Final[tuple[Words, ...]] = ("too_many", "correlation")
GLOBAL: Final = Limit("global", 130_000, 13_000, "Application")
_BY_BUCKET: Final = {
    "reports": (
        Limit("reports_app", 122, 12.2, "Application", _REPORT_WORDS),
        Limit("reports_tenant", 5, 0.5, "Tenant_Application", _REPORT_WORDS),
    ),
    "sign_in_activity": (
        Limit("sign_in_activity_app", 10, 1 / 6, "Application"),
        Limit("sign_in_activity_tenant", 10, 1 / 6, "Tenant"),
    ),
    "conditional_access": (Limit("conditional_access", 1, 1, "Tenant", says_when=False),),
}
_IDENTITY_APP: Final = Limit("identity_app", 150_000, 7_500, "Application", counts_units=True)
# By users: fewer than 50, up to 500, more.
_IDENTITY_TENANT: Final = tuple(
    (most, Limit("identity_tenant", capacity, capacity / 10, "Tenant_Application", counts_units=True))
    for most, capacity in ((49, 3_500), (500, 5_000), (float("inf"), 8_000))
)
NAMES: Final = frozenset(
    {GLOBAL.name, _IDENTITY_APP.name, "identity_tenant"}
    | {limit.name for limits in _BY_BUCKET.values() for limit in limits}
)
"""Names of the limits, as ``factors`` and ``refused`` know them."""


class _Bucket:
    """The tokens left of one limit for one app, tenant or both."""

    __slots__ = ("_at", "capacity", "level", "limit", "per_second", "refused", "scope")

    def __init__(self, limit: Limit, factor: float, scope: str, now: float) -> None:
        self.limit = limit
        self.scope = scope
        self.capacity = max(limit.capacity * factor, 10 if limit.counts_units else 1)
        self.per_second = limit.per_second * factor
        self.level = self.capacity
        self.refused = 0
        self._at = now

    def fill(self, now: float) -> None:
        self.level = min(self.capacity, self.level + (now - self._at) * self.per_second)
        self._at = now

    def lacking_seconds(self, weight: float) -> float:
        """Return how long until ``weight`` tokens are there; 0: they are."""
        return max(0.0, weight - self.level - _CLOSE) / self.per_second


class Limits:
    """All limits, with what is left of each. ``refused`` counts the 429s by the limit that gave them.

    ``scale`` makes time pass that much faster: with 100, a bucket that takes 10 s to fill takes 0.1 s, and every
    Retry-After is a hundredth. ``factors`` multiply the size of single limits (``{"identity_tenant": 0.01}``), but
    never below what one request takes.
    ``clock`` returns seconds and never goes back. Raises ``ValueError`` for a limit that is not in ``NAMES`` and for
    numbers that are not above 0.
    """

    def __init__(
        self,
        *,
        scale: float = 1.0,
        factors: Mapping[str, float] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._scale = scale
        self._factors = dict(factors or {})
        if unknown := self._factors.keys() - NAMES:
            raise ValueError(f"no limit is called {', '.join(sorted(unknown))}. There are: {', '.join(sorted(NAMES))}.")
        if not all(0 < number < float("inf") for number in (scale, *self._factors.values())):
            raise ValueError(f"scale {scale} and factors {self._factors}: each must be a number above 0.")
        self._clock = clock
        self._buckets: dict[tuple[str, str], _Bucket] = {}
        self._sizes: dict[str, Limit] = {}
        self.refused: Counter[str] = Counter()

    def hook(self, users: Users) -> Hook:
        """Return the hook that enforces the limits. A tenant's size is asked for once, at its first request."""

        async def enforce(call: Call, handler: Handler) -> Answer:
            if call.service != "graph":
                return await handler(call)
            buckets = [(self._bucket(limit, call), limit) for limit in self._limits(call, users)]
            demands = [(bucket, call.units if limit.counts_units else 1) for bucket, limit in buckets]
            now = self._now()
            for bucket, _ in demands:
                bucket.fill(now)
            slowest, weight = max(demands, key=lambda demand: demand[0].lacking_seconds(demand[1]))
            wait_seconds = slowest.lacking_seconds(weight)
            if wait_seconds:
                return self._refuse(call, slowest, weight, wait_seconds)
            for bucket, taken in demands:
                bucket.level -= taken
            answer = await handler(call)
            fullest = max(1 - bucket.level / bucket.capacity for bucket, _ in demands)
            if fullest >= 0.8:
                answer.headers += (_percentage(fullest),)
            return answer

        return enforce

    def _now(self) -> float:
        return self._clock() * self._scale

    def _limits(self, call: Call, users: Users) -> tuple[Limit, ...]:
        limits = (GLOBAL, *_BY_BUCKET.get(call.bucket, ()))
        if not call.units:
            return limits
        if call.tenant not in self._sizes:
            count = users(call.tenant)
            self._sizes[call.tenant] = next(limit for most, limit in _IDENTITY_TENANT if count <= most)
        return (*limits, _IDENTITY_APP, self._sizes[call.tenant])

    def _bucket(self, limit: Limit, call: Call) -> _Bucket:
        scope = {"Application": call.app_id, "Tenant": call.tenant}.get(limit.scope, f"{call.app_id}/{call.tenant}")
        key = (limit.name, scope)
        found = self._buckets.get(key)
        if found is None:
            found = _Bucket(limit, self._factors.get(limit.name, 1.0), scope, self._now())
            self._buckets[key] = found
        return found

    def _refuse(self, call: Call, bucket: _Bucket, weight: float, wait_seconds: float) -> Answer:
        limit = bucket.limit
        self.refused[limit.name] += 1
        words = limit.words[bucket.refused % len(limit.words)]
        bucket.refused += 1
        headers: Headers = (
            _percentage((bucket.capacity - bucket.level + weight) / bucket.capacity),
            (b"x-ms-throttle-scope", f"{limit.scope}/ReadWrite/{bucket.scope}".encode()),
        )
        if limit.counts_units:
            # The only reason of the documented three that a reader can meet.
            headers += ((b"x-ms-throttle-information", b"ResourceUnitLimitExceeded"),)
        if limit.says_when:
            # Every third one to the millisecond: Graph has been seen to answer ``2.128``.
            told = ceil(wait_seconds * 1000) / 1000 if bucket.refused % 3 == 0 else ceil(wait_seconds)
            headers += ((b"Retry-After", _spelled(told / self._scale)),)
        return refused(call, BODIES[words], headers)


def _percentage(used: float) -> tuple[bytes, bytes]:
    """Return the header in the range that Microsoft gives it: 0.8 to 1.8."""
    return b"x-ms-throttle-limit-percentage", b"%.2f" % min(1.8, used)


def _spelled(seconds: float) -> bytes:
    return (b"%.6f" % (ceil(seconds * 1e6) / 1e6)).rstrip(b"0").rstrip(b".")
