"""Buckets in an SQLite file, for all processes of one machine.

A process that is killed leaves nothing behind but the places it held: the file is always whole.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import Final, TypeVar

from collectors.limiter.bucket import Answer, Bucket, Reading, Take, reserve
from collectors.limiter.store import StoreUnreachable
from collectors.private import private_folder

LOCKED_SECONDS: Final = 30.0  # a transaction of ours takes a thousandth of a second
WRITES_BETWEEN_PURGES: Final = 1000

# The table's name carries its version: what it holds matters for seconds, so nothing is ever migrated.
_SCHEMA = """
create table if not exists bucket_1 (
    key text primary key,
    full_at real not null,
    turn_at real not null,
    blocked_until real not null,
    frozen_seconds real not null,
    pace real not null,
    paced_at real not null,
    refusals integer not null,
    seen_at real not null,
    quiet_at real not null
) without rowid
"""
_COLUMNS = "key, full_at, turn_at, blocked_until, frozen_seconds, pace, paced_at, refusals, seen_at"
_WRITE = "insert or replace into bucket_1 values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
# A minute late, so that nobody who holds a place finds its bucket gone.
_PURGE = "delete from bucket_1 where quiet_at + 60 < ?"

T = TypeVar("T")


@cache
def _read(count: int) -> str:
    return f"select {_COLUMNS} from bucket_1 where key in ({', '.join('?' * count)})"  # noqa: S608


class SqliteStore:
    """Buckets in the file ``path``, which is made if it is not there. See :class:`collectors.limiter.store.Store`.

    ``clock`` must be the same in all processes: the default counts from the machine's start and never steps.
    The file is opened by the first use, for that process and thread alone.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._clock = clock
        self._opening = asyncio.Lock()
        self._connection: sqlite3.Connection | None = None
        self._writes = 0

    async def reserve(self, takes: Sequence[Take]) -> Answer:  # noqa: D102
        def take(buckets: dict[str, Bucket], now: float) -> Answer:
            return reserve([*buckets.values()], takes, now)

        return await self._change([take.key for take in takes], take)

    async def give_back(self, takes: Sequence[Take]) -> None:  # noqa: D102
        def give_back(buckets: dict[str, Bucket], now: float) -> None:
            for take in takes:
                buckets[take.key].give_back(now, take)

        await self._change([take.key for take in takes], give_back)

    async def read(self, keys: Sequence[str]) -> list[Reading]:  # noqa: D102
        connection = self._connection or await self._open()
        now = self._clock()
        buckets, went_back = await self._patiently(partial(self._load, connection, keys, now))
        if went_back:
            await self._change([*went_back], lambda *_: None)
        return [bucket.reading(now) for bucket in buckets.values()]

    async def block(self, key: str, seconds: float | None, first_seconds: float, patience_seconds: float) -> float:  # noqa: D102
        def block(buckets: dict[str, Bucket], now: float) -> float:
            return buckets[key].block(now, seconds, first_seconds, patience_seconds)

        return await self._change([key], block)

    async def slow(self, key: str, pace: float) -> None:  # noqa: D102
        await self._change([key], lambda buckets, _: buckets[key].slow(pace))

    async def close(self) -> None:  # noqa: D102
        if self._connection:
            self._connection.close()
            self._connection = None

    async def _change(self, keys: Sequence[str], change: Callable[[dict[str, Bucket], float], T]) -> T:
        connection = self._connection or await self._open()
        await self._patiently(partial(connection.execute, "begin immediate"))
        # From here to the commit nothing is awaited: the lock is held for microseconds.
        try:
            now = self._clock()
            buckets, went_back = self._load(connection, keys, now)
            result = change(buckets, now)
            if isinstance(result, Answer) and not result.granted:
                buckets = went_back
            if buckets:
                self._save(connection, buckets, now)
            connection.execute("commit")
        except sqlite3.Error as error:
            with suppress(sqlite3.Error):
                connection.rollback()
            raise self._unreachable(error) from None
        except BaseException:
            connection.rollback()
            raise
        return result

    def _load(
        self, connection: sqlite3.Connection, keys: Sequence[str], now: float
    ) -> tuple[dict[str, Bucket], dict[str, Bucket]]:
        """Return the buckets as of now, and those for which the clock went back: these must be saved in any case."""
        buckets = {key: Bucket() for key in keys}
        for row in connection.execute(_read(len(keys)), keys):
            buckets[row[0]] = Bucket(*row[1:])
        return buckets, {key: bucket for key, bucket in buckets.items() if bucket.bring_to(now)}

    def _save(self, connection: sqlite3.Connection, buckets: dict[str, Bucket], now: float) -> None:
        connection.executemany(
            _WRITE,
            [
                (
                    key,
                    bucket.full_at,
                    bucket.turn_at,
                    bucket.blocked_until,
                    bucket.frozen_seconds,
                    bucket.pace,
                    bucket.paced_at,
                    bucket.refusals,
                    bucket.seen_at,
                    bucket.quiet_at,
                )
                for key, bucket in buckets.items()
            ],
        )
        self._writes += 1
        if self._writes % WRITES_BETWEEN_PURGES == 0:
            connection.execute(_PURGE, (now,))

    async def _open(self) -> sqlite3.Connection:
        if self._connection:
            return self._connection
        async with self._opening:
            if self._connection is None:
                try:
                    private_folder(self._path.parent)
                    connection = sqlite3.connect(self._path, timeout=0, isolation_level=None)
                except (OSError, sqlite3.Error) as error:
                    raise self._unreachable(error) from None
                try:
                    for statement in (
                        "pragma page_size = 1024",  # a commit writes whole pages
                        "pragma journal_mode = wal",
                        # A commit does not wait for the disk; after a power failure the file is older, but whole.
                        "pragma synchronous = normal",
                        _SCHEMA,
                    ):
                        await self._patiently(partial(connection.execute, statement))
                    await self._patiently(partial(connection.execute, _PURGE, (self._clock(),)))
                except BaseException:
                    connection.close()
                    raise
                self._connection = connection
        return self._connection

    async def _patiently(self, action: Callable[[], T]) -> T:
        """Return what ``action`` does once nobody else holds the file's lock, without stopping the event loop."""
        deadline = time.monotonic() + LOCKED_SECONDS
        while True:
            try:
                return action()
            except sqlite3.Error as error:
                code = getattr(error, "sqlite_errorcode", 0) & 0xFF
                if code not in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED} or time.monotonic() > deadline:
                    raise self._unreachable(error) from None
            await asyncio.sleep(random.uniform(0.0005, 0.003))  # noqa: S311

    def _unreachable(self, error: Exception) -> StoreUnreachable:
        msg = f"limiter file {self._path}: {error}. If it is damaged, delete it while no scan runs: it is made anew."
        return StoreUnreachable(msg)
