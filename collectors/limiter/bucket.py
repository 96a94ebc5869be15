"""The arithmetic of a shared bucket. The stores differ only in how they keep a bucket and lock it.

A bucket is a token bucket kept as one time: ``full_at``, when it is full again if nobody takes from it. Taking a
token moves it on by the token's price in seconds. Whoever takes more than is there is told when the token will be:
a place in a queue that costs no asking again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

# Repeated in redis.lua and postgres.sql; the tests hold all three to the same answers.
LEAST_PACE: Final = 0.25  # of the documented rate, however often we are refused
SLOWER: Final = 0.95  # the pace after a refusal, times the pace before
RECOVERY_PER_SECOND: Final = 0.1 / 60  # of the documented rate
FORGIVEN_AFTER_SECONDS: Final = 60.0  # since the end of a block: the next back-off is a first one again
LONGEST_BACKOFF_SECONDS: Final = 64.0
LONGEST_BLOCK_SECONDS: Final = 3600.0
INSTANT_SECONDS: Final = 1e-6  # what adding up seconds may be off by

APP: Final = 0  # `Take.line` of a bucket over all tenants
ALONE: Final = -1  # `Take.line` of a tenant's bucket that has no such bucket above it


class Take(NamedTuple):
    """What one request takes from one bucket.

    ``line`` is :data:`APP`, :data:`ALONE`, or for a tenant's bucket the position (from 1) of the bucket over all
    tenants in whose queue it stands. ``patience_seconds`` is how far ``full_at`` may lie ahead for the request to
    go at once; ``price_seconds`` is how long the bucket takes to refill what it takes.
    """

    key: str
    line: int
    patience_seconds: float
    price_seconds: float


class Answer(NamedTuple):
    """``granted``: go in ``wait_seconds``, nobody else has that place. Not granted: ask again then.

    ``frozen_seconds`` is how long each bucket had been blocked in all when the place was given.
    """

    granted: bool
    wait_seconds: float
    frozen_seconds: tuple[float, ...] = ()


class Reading(NamedTuple):
    """A bucket as it stands: seconds until it is full, until its block ends, and of all its blocks together."""

    full_in_seconds: float
    blocked_seconds: float
    frozen_seconds: float


@dataclass(slots=True)
class Bucket:
    """A bucket's state. Times are seconds of the store's clock; a new bucket is full."""

    full_at: float = 0.0
    turn_at: float = 0.0  # a tenant's: from then on it may have another place in the queue over all tenants
    blocked_until: float = 0.0
    frozen_seconds: float = 0.0
    pace: float = 1.0  # at `paced_at`, of the documented rate
    paced_at: float = 0.0
    refusals: int = 0  # in a row
    seen_at: float = 0.0  # last change

    def bring_to(self, now: float) -> bool:
        """Let time pass since the last change. Return whether the clock went back: then the bucket must be kept.

        A clock that goes back (a restart, a correction) takes the bucket's times along, and goes on from there.
        """
        if (back := self.seen_at - now) > 0:
            self.full_at -= back
            self.turn_at -= back
            self.blocked_until -= back
            self.paced_at -= back
        self.seen_at = now
        self.pace = min(1.0, self.pace + (now - self.paced_at) * RECOVERY_PER_SECOND)
        self.paced_at = now
        if self.blocked_until + FORGIVEN_AFTER_SECONDS < now:
            self.refusals = 0
        return back > 0

    @property
    def quiet_at(self) -> float:
        """When it says no more than a new one would: it can be forgotten."""
        return max(
            self.full_at,
            self.turn_at,
            self.blocked_until + FORGIVEN_AFTER_SECONDS if self.refusals else self.blocked_until,
            self.paced_at + (1.0 - self.pace) / RECOVERY_PER_SECOND,
        )

    def give_back(self, now: float, take: Take) -> None:
        """Return a token whose time had not come, and with it the tenant's place in the queue."""
        self.full_at -= take.price_seconds / self.pace
        self.turn_at = min(self.turn_at, now)

    def block(self, now: float, seconds: float | None, first_seconds: float, patience_seconds: float) -> float:
        """Empty it, stop it for ``seconds`` and slow it down. Return how long it is blocked.

        Without ``seconds`` it is ``first_seconds``, and twice as long after each refusal. Refusals during a block
        belong to what caused it: they can make it longer, not the bucket slower. Places given for later move back
        with the block, so that their order and distance stay.
        """
        is_blocked = self.blocked_until > now
        if seconds is None:
            if is_blocked:
                return self.blocked_until - now
            seconds = min(LONGEST_BACKOFF_SECONDS, first_seconds * 2.0**self.refusals)
        until = now + min(seconds, LONGEST_BLOCK_SECONDS)
        if not is_blocked:
            self.pace = max(LEAST_PACE, self.pace * SLOWER)
            self.refusals = min(self.refusals + 1, 16)
        longer = max(0.0, until - max(now, self.blocked_until))
        self.frozen_seconds += longer
        if self.full_at > now:
            self.full_at += longer
        self.full_at = max(self.full_at, until + patience_seconds)
        self.blocked_until = max(self.blocked_until, until)
        return self.blocked_until - now

    def slow(self, pace: float) -> None:
        """Slow it down to ``pace``, unless it is slower already."""
        self.pace = max(LEAST_PACE, min(self.pace, pace))

    def reading(self, now: float) -> Reading:
        """Return how it stands now."""
        return Reading(max(0.0, self.full_at - now), max(0.0, self.blocked_until - now), self.frozen_seconds)


def reserve(buckets: Sequence[Bucket], takes: Sequence[Take], now: float) -> Answer:
    """Take from all buckets or from none.

    The tenant's own buckets come first: while one of them has nothing, or the tenant already has a place in the
    queue over all tenants, nothing is taken and the answer is when to ask again. So no tenant has more than one
    place in a queue, and nobody keeps a place while waiting for its tenant.
    """
    ready = [
        now if at <= now + INSTANT_SECONDS else at
        for at in (
            max(bucket.full_at - take.patience_seconds, bucket.blocked_until, bucket.turn_at)
            for bucket, take in zip(buckets, takes, strict=True)
        )
    ]
    first = max((at for at, take in zip(ready, takes, strict=True) if take.line != APP), default=now)
    if first > now:
        return Answer(granted=False, wait_seconds=first - now)
    for bucket, take, at in zip(buckets, takes, ready, strict=True):
        # A tenant's token is spent when its place in the queue comes up, not now.
        spent_at = ready[take.line - 1] if take.line > 0 else at
        bucket.full_at = max(bucket.full_at, spent_at) + take.price_seconds / bucket.pace
        if take.line > 0:
            bucket.turn_at = max(bucket.turn_at, spent_at)
    return Answer(True, max(ready) - now, tuple(bucket.frozen_seconds for bucket in buckets))
