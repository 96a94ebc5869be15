"""Buckets in PostgreSQL, for processes of several machines: one round trip a call, on the server's clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final

from collectors.limiter.bucket import Answer, Reading, Take
from collectors.limiter.store import StoreUnreachable, finished, shown

PATIENCE_SECONDS: Final = 10
CALLS_BETWEEN_PURGES: Final = 1000
# The digest of postgres.sql is kept as a comment: other text, other functions.
_INSTALLED = "select obj_description(to_regprocedure('rollcall_purge_1()'), 'pg_proc')"
# Two processes that make the same function at once would fail.
_INSTALL = """
begin;
select pg_advisory_xact_lock(7246655);
{schema}
comment on function rollcall_purge_1() is '{digest}';
commit
"""


class PostgresStore:
    """Buckets in the database at ``dsn``. See :class:`collectors.limiter.store.Store`.

    ``driver`` is the module ``psycopg`` or ``psycopg2``. ``clock`` takes the place of the server's, in tests.
    The first use makes a table and functions whose names begin with ``rollcall_``, unless they are there.
    """

    def __init__(self, dsn: str, driver: Any, clock: Callable[[], float] | None = None) -> None:
        self._dsn = dsn
        self._driver = driver
        self._clock = clock
        # The drivers wait for the server: in a thread of our own, which the connection belongs to.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="limiter")
        self._connection: Any = None
        self._calls = 0

    async def reserve(self, takes: Sequence[Take]) -> Answer:  # noqa: D102
        asked = self._submit(
            "rollcall_reserve_1(%s::text[], %s::integer[], %s::float8[], %s::float8[], %s::float8)",
            [take.key for take in takes],
            [take.line for take in takes],
            [float(take.patience_seconds) for take in takes],  # psycopg takes no list of two types
            [float(take.price_seconds) for take in takes],
            self._now(),
        )
        granted, wait, *frozen = await finished(asked, lambda answer: self._return(answer, takes))
        return Answer(bool(granted), wait, tuple(frozen))

    async def give_back(self, takes: Sequence[Take]) -> None:  # noqa: D102
        keys, price = [take.key for take in takes], [float(take.price_seconds) for take in takes]
        await self._submit("rollcall_give_back_1(%s::text[], %s::float8[], %s::float8)", keys, price, self._now())

    async def read(self, keys: Sequence[str]) -> list[Reading]:  # noqa: D102
        found = await self._submit("rollcall_read_1(%s::text[], %s::float8)", list(keys), self._now())
        return [Reading(*found[at : at + 3]) for at in range(0, len(found), 3)]

    async def block(self, key: str, seconds: float | None, first_seconds: float, patience_seconds: float) -> float:  # noqa: D102
        function = "rollcall_block_1(%s, %s::float8, %s::float8, %s::float8, %s::float8)"
        return float(await self._submit(function, key, seconds, first_seconds, patience_seconds, self._now()))

    async def slow(self, key: str, pace: float) -> None:  # noqa: D102
        await self._submit("rollcall_slow_1(%s, %s::float8, %s::float8)", key, pace, self._now())

    async def close(self) -> None:  # noqa: D102
        await asyncio.get_running_loop().run_in_executor(self._thread, self._disconnect)
        self._thread.shutdown()

    def _now(self) -> float | None:
        return self._clock() if self._clock else None

    async def _return(self, answer: Any, takes: Sequence[Take]) -> None:
        if answer[0]:
            await self.give_back(takes)

    def _submit(self, function: str, *values: Any) -> asyncio.Future[Any]:
        return asyncio.get_running_loop().run_in_executor(self._thread, self._call, function, values)

    def _call(self, function: str, values: Sequence[Any]) -> Any:
        """Return the one value that ``function`` returns; try a second time if the connection had been lost."""
        for attempt in range(2):
            try:
                connection = self._connect()
                with connection.cursor() as cursor:
                    cursor.execute(f"select {function}", values)
                    found = cursor.fetchone()[0]
                    self._calls += 1
                    if self._calls % CALLS_BETWEEN_PURGES == 0:
                        cursor.execute("select rollcall_purge_1()")
            except self._driver.Error as error:
                was_lost = self._connection is not None and bool(self._connection.closed)
                self._disconnect()
                if attempt == 0 and was_lost:
                    continue
                msg = f"limiter {shown(self._dsn)}: {' '.join(str(error).split())} Is that PostgreSQL reachable?"
                raise StoreUnreachable(msg) from None
            else:
                return found
        raise AssertionError  # the second attempt returns or raises

    def _connect(self) -> Any:
        if self._connection is None:
            connection = self._driver.connect(self._dsn, connect_timeout=PATIENCE_SECONDS)
            self._connection = connection
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(f"set statement_timeout = '{PATIENCE_SECONDS}s'")
                cursor.execute(_INSTALLED)
                schema = files(__package__).joinpath("postgres.sql").read_text("utf-8")
                digest = sha256(schema.encode()).hexdigest()
                if cursor.fetchone()[0] != digest:
                    cursor.execute(_INSTALL.format(schema=schema, digest=digest))
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
