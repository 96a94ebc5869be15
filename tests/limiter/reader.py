"""One process of several that share a limiter: reads pages of its tenants and prints what it was granted, and when."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from collectors.limiter import Limiter, open_store
from collectors.limiter.bucket import Answer, Take
from collectors.limiter.sqlite import SqliteStore
from tests.limiter.classes import reports
from tests.limiter.wrapped import Wrapped

APP = "app-1"


class Recorder(Wrapped):
    """A store that notes when each place comes up, and how far off that may be."""

    def __init__(self, url: str) -> None:
        self.is_file = url.startswith("sqlite")
        super().__init__(
            SqliteStore(Path(url.removeprefix("sqlite:///")), self.clock) if self.is_file else open_store(url)
        )
        self.due: list[tuple[str, float]] = []
        self.off_by = 0.0
        self.read_at = 0.0

    def clock(self) -> float:
        self.read_at = time.monotonic()
        return self.read_at

    async def reserve(self, takes: Sequence[Take]) -> Answer:
        asked_at = time.monotonic()
        answer = await super().reserve(takes)
        if answer.granted:
            # Of a server's clock we know no more than that it was read between the question and the answer.
            answered_at = self.read_at if self.is_file else time.monotonic()
            self.due.append((takes[-1].key, answered_at + answer.wait_seconds))
            self.off_by = max(self.off_by, 0 if self.is_file else answered_at - asked_at)
        return answer


async def main(url: str, times: float, tenants: Sequence[str], pages: int) -> None:
    charges = reports(times)
    store = Recorder(url)
    sent: list[float] = []
    async with Limiter(store, slack_seconds=0) as limiter:
        await store.read(["connected"])
        print("ready", flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)

        async def read(tenant: str) -> None:
            for _ in range(pages):
                await limiter.acquire(APP, tenant, charges)
                sent.append(time.monotonic())

        await asyncio.gather(*map(read, tenants))
    print(json.dumps({"due": store.due, "off_by": store.off_by, "sent": sent}), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2]), sys.argv[3].split(","), int(sys.argv[4])))
