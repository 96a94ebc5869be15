"""Buckets in Redis, for processes of several machines: one round trip a call, on the server's clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from importlib.resources import files
from typing import Any, Final

from collectors.limiter.bucket import Answer, Reading, Take
from collectors.limiter.store import StoreUnreachable, finished, shown

# One hash slot, so that a Redis cluster keeps together what one call needs.
PREFIX: Final = "{rollcall-limiter-1}:"
PATIENCE_SECONDS: Final = 10.0


class RedisStore:
    """Buckets in the Redis at ``url``. See :class:`collectors.limiter.store.Store`.

    ``redis`` is the module ``redis.asyncio``. ``clock`` takes the place of the server's, in tests.
    """

    def __init__(self, url: str, redis: Any, clock: Callable[[], float] | None = None) -> None:
        self._url = url
        self._clock = clock
        self._error: type[Exception] = redis.RedisError
        self._client = redis.from_url(
            url, socket_timeout=PATIENCE_SECONDS, socket_connect_timeout=PATIENCE_SECONDS, health_check_interval=30
        )
        self._script = self._client.register_script(files(__package__).joinpath("redis.lua").read_text("utf-8"))

    async def reserve(self, takes: Sequence[Take]) -> Answer:  # noqa: D102
        parts = [part for take in takes for part in (take.line, take.patience_seconds, take.price_seconds)]
        asking = asyncio.ensure_future(self._run("reserve", [take.key for take in takes], *parts))
        granted, wait, *frozen = await finished(asking, lambda answer: self._return(answer, takes))
        return Answer(bool(granted), float(wait), tuple(map(float, frozen)))

    async def give_back(self, takes: Sequence[Take]) -> None:  # noqa: D102
        await self._run("give_back", [take.key for take in takes], *(take.price_seconds for take in takes))

    async def read(self, keys: Sequence[str]) -> list[Reading]:  # noqa: D102
        found = [*map(float, await self._run("read", keys))]
        return [Reading(*found[at : at + 3]) for at in range(0, len(found), 3)]

    async def block(self, key: str, seconds: float | None, first_seconds: float, patience_seconds: float) -> float:  # noqa: D102
        told = "" if seconds is None else seconds
        return float(await self._run("block", [key], told, first_seconds, patience_seconds))

    async def slow(self, key: str, pace: float) -> None:  # noqa: D102
        await self._run("slow", [key], pace)

    async def close(self) -> None:  # noqa: D102
        await self._client.aclose()

    async def _return(self, answer: Any, takes: Sequence[Take]) -> None:
        if answer[0]:
            await self.give_back(takes)

    async def _run(self, operation: str, keys: Sequence[str], *values: float | str) -> Any:
        now = repr(self._clock()) if self._clock else ""
        try:
            return await self._script([PREFIX + key for key in keys], [operation, now, *map(str, values)])
        except (self._error, OSError) as error:
            msg = f"limiter {shown(self._url)}: {type(error).__name__} {error}. Is that Redis running and reachable?"
            raise StoreUnreachable(msg) from None
