"""One limiter for all processes of an application: whoever asks Graph asks here first."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Final, Self
from weakref import WeakValueDictionary

from collectors.limiter.blame import Suspect, named_by, suspected
from collectors.limiter.bucket import APP, Answer, Take
from collectors.limiter.charges import Charges
from collectors.limiter.limits import Limit
from collectors.limiter.store import Store, StoreUnreachable, open_store

# Requests reach the server out of step: one waits for a processor or a new connection, the next does not. We stay
# this far behind what the documented rate allows, so that a late request does not make the next one come too early.
SLACK_SECONDS: Final = 0.5
# Microsoft reports the part of a limit that is used from 0.8 up, and refuses by 1.8 at the latest. A limit that is
# ours alone may be used whole; of one that others need, too, we take less from where the reports begin.
USED_OF_OURS: Final = 1.0
USED_OF_SHARED: Final = 0.8


class Limiter:
    """Grants requests as fast as the limits allow, to all processes whose ``store`` keeps the same buckets.

    Tenants that wait for a limit over all tenants take turns: each has one place in its queue, however much it
    wants, in however many processes. A request waits for its tenant first and takes nothing meanwhile. What one
    process learns from Graph holds for all.
    """

    def __init__(self, store: Store, *, slack_seconds: float = SLACK_SECONDS) -> None:
        self._store = store
        self._slack = slack_seconds
        self._is_closed = False
        # The requests of this process that cost the same in the same tenant go one after the other.
        self._lanes: WeakValueDictionary[tuple[str, str, Charges], asyncio.Lock] = WeakValueDictionary()

    @classmethod
    def open(cls, url: str) -> Self:
        """Return a limiter for the store that ``url`` names. Raises :class:`ConfigError`."""
        return cls(open_store(url))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Let go of the store's files and connections."""
        self._is_closed = True
        await self._store.close()

    async def acquire(self, app_id: str, tenant_id: str, charges: Charges) -> float:
        """Wait until one request may be sent, and return for how many seconds that was. Then send it at once.

        Cancelled while it waits, it gives its place back. Raises :class:`StoreUnreachable`.
        """
        clock = asyncio.get_running_loop().time
        started = clock()
        takes = self._takes(app_id, tenant_id, charges)
        if (lane := self._lanes.get((app_id, tenant_id, charges))) is None:
            lane = self._lanes[app_id, tenant_id, charges] = asyncio.Lock()
        async with lane:
            answer = await self._store.reserve(takes)
            while not answer.granted:
                await asyncio.sleep(answer.wait_seconds)
                answer = await self._store.reserve(takes)
            while answer.wait_seconds > 0:
                try:
                    await asyncio.sleep(answer.wait_seconds)
                    answer = await self._confirmed(takes, answer)
                except asyncio.CancelledError:
                    if not self._is_closed:
                        with suppress(StoreUnreachable):
                            await self._store.give_back(takes)
                    raise
        return clock() - started

    async def refused(
        self,
        app_id: str,
        tenant_id: str,
        charges: Charges,
        *,
        retry_after: float | None = None,
        scope: str | None = None,
    ) -> float:
        """Learn from a 429, and return for how many seconds the limit that refused lets nothing through.

        ``retry_after`` is its Retry-After in seconds, ``scope`` its ``x-ms-throttle-scope``; ``None`` if it has none.
        To try again, :meth:`acquire` again: that waits for the block to end.
        """
        limits = named_by(scope, charges)
        if len(limits) > 1:
            keys = [limit.key(app_id, tenant_id) for limit in limits]
            readings = await self._store.read(keys)
            limits = suspected([Suspect(*pair) for pair in zip(limits, readings, strict=True)])
        blocked = 0.0
        for limit in limits:
            patience = (limit.capacity - 1) / limit.tokens_per_second - self._slack
            key = limit.key(app_id, tenant_id)
            seconds = await self._store.block(key, retry_after, limit.first_backoff_seconds, patience)
            blocked = max(blocked, seconds)
        return blocked

    async def seen(
        self, app_id: str, tenant_id: str, charges: Charges, percentage: float, *, scope: str | None = None
    ) -> None:
        """Learn from ``x-ms-throttle-limit-percentage`` of any answer: slow down before we are refused.

        Without a ``scope`` it is taken to speak of the tenant's limit.
        """
        limit = named_by(scope, charges)[-1]
        pace = pace_for(limit, percentage)
        if pace < 1:
            await self._store.slow(limit.key(app_id, tenant_id), pace)

    def _takes(self, app_id: str, tenant_id: str, charges: Charges) -> list[Take]:
        return [
            Take(limit.key(app_id, tenant_id), line, patience - self._slack, price)
            for limit, line, patience, price in charges.shares
        ]

    async def _confirmed(self, takes: Sequence[Take], answer: Answer) -> Answer:
        """Return how much longer to wait for a place, because a bucket was blocked since it was given."""
        readings = await self._store.read([take.key for take in takes])
        longer = 0.0
        for take, reading, before in zip(takes, readings, answer.frozen_seconds, strict=True):
            longer = max(longer, reading.blocked_seconds)
            if take.line == APP:
                # Everybody in the queue moves back as far, or all would come at once when the block ends.
                longer = max(longer, reading.frozen_seconds - before)
        return Answer(True, longer, tuple(reading.frozen_seconds for reading in readings))


def pace_for(limit: Limit, percentage: float) -> float:
    """Return the part of the documented rate to go on with when so much of a limit is used."""
    wanted = USED_OF_SHARED if limit.is_shared else USED_OF_OURS
    return min(1.0, wanted / percentage) if percentage > 0 else 1.0
