"""One process of several that share a limiter: reads pages of its tenants and prints what it was granted, and when."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from collectors.limiter import Limiter, Store, open_store
from collectors.limiter.bucket import Answer, Reading, Take
from tests.limiter.classes import reports

APP = "app-1"


@dataclass
class Recorder:
    """A store that notes when each place comes up."""

    store: Store
    due: list[tuple[str, float]] = field(default_factory=list)

    async def reserve(self, takes: Sequence[Take]) -> Answer:
        asked_at = time.monotonic()
        answer = await self.store.reserve(takes)
        if answer.granted:
            # The store took its time somewhere in between: the earlier moment is the stricter one to be judged by.
            self.due.append((takes[-1].key, asked_at + answer.wait_seconds))
        return answer

    async def give_back(self, takes: Sequence[Take]) -> None:
        await self.store.give_back(takes)

    async def read(self, keys: Sequence[str]) -> list[Reading]:
        return await self.store.read(keys)

    async def block(self, key: str, seconds: float | None, first_seconds: float, patience_seconds: float) -> float:
        return await self.store.block(key, seconds, first_seconds, patience_seconds)

    async def slow(self, key: str, pace: float) -> None:
        await self.store.slow(key, pace)

    async def close(self) -> None:
        await self.store.close()


async def main(url: str, times: float, slack: float, tenants: Sequence[str], pages: int) -> None:
    charges = reports(times)
    store = Recorder(open_store(url))
    sent: list[float] = []
    async with Limiter(store, slack_seconds=slack) as limiter:
        await store.read(["connected"])
        print("ready", flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)

        async def read(tenant: str) -> None:
            for _ in range(pages):
                await limiter.acquire(APP, tenant, charges)
                sent.append(time.monotonic())

        started = time.process_time()
        await asyncio.gather(*map(read, tenants))
        cpu = time.process_time() - started
    print(json.dumps({"due": store.due, "sent": sent, "cpu_seconds": cpu}), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), sys.argv[4].split(","), int(sys.argv[5])))
