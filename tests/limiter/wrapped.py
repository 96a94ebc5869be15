"""A store that passes everything on: what a test wants to see or change, it overrides."""

from __future__ import annotations

from collections.abc import Sequence

from collectors.limiter import Store
from collectors.limiter.bucket import Answer, Reading, Take


class Wrapped:
    """Another store whose keys begin with ``prefix``. ``asked`` counts the calls of :meth:`reserve`."""

    def __init__(self, store: Store, prefix: str = "") -> None:
        self.store = store
        self.prefix = prefix
        self.asked = 0

    def _takes(self, takes: Sequence[Take]) -> Sequence[Take]:
        return [take._replace(key=self.prefix + take.key) for take in takes] if self.prefix else takes

    async def reserve(self, takes: Sequence[Take]) -> Answer:
        self.asked += 1
        return await self.store.reserve(self._takes(takes))

    async def give_back(self, takes: Sequence[Take]) -> None:
        await self.store.give_back(self._takes(takes))

    async def read(self, keys: Sequence[str]) -> list[Reading]:
        return await self.store.read([self.prefix + key for key in keys])

    async def block(self, key: str, seconds: float | None, first_seconds: float, patience_seconds: float) -> float:
        return await self.store.block(self.prefix + key, seconds, first_seconds, patience_seconds)

    async def slow(self, key: str, pace: float) -> None:
        await self.store.slow(self.prefix + key, pace)

    async def close(self) -> None:
        await self.store.close()
