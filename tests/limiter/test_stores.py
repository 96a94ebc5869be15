"""Every store keeps the same account, and says so when it cannot."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collectors.errors import ConfigError, Unreachable
from collectors.limiter import Store, StoreUnreachable, open_store
from collectors.limiter.bucket import ALONE, APP, Answer, Bucket, Reading, Take, reserve
from collectors.limiter.postgres import PostgresStore
from collectors.limiter.redis import RedisStore
from collectors.limiter.sqlite import SqliteStore
from collectors.limiter.store import driver
from tests.limiter.classes import REPORT
from tests.limiter.wrapped import Wrapped

KEYS = ("app", "t", "u", "alone")
HOUR = 3600.0
T = TypeVar("T")


@dataclass
class Clock:
    now: float = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Plain:
    """The account itself, kept in a dictionary: what the stores are held to."""

    clock: Clock
    buckets: dict[str, Bucket] = field(default_factory=dict)

    def _change(self, keys: Sequence[str], change: Callable[[list[Bucket]], T], *, keeps: bool = True) -> T:
        found = {key: replace(self.buckets.get(key, Bucket())) for key in keys}
        went_back = {key: bucket for key, bucket in found.items() if bucket.bring_to(self.clock())}
        result = change([*found.values()])
        is_denied = isinstance(result, Answer) and not result.granted
        self.buckets |= found if keeps and not is_denied else went_back
        return result

    async def reserve(self, takes: Sequence[Take]) -> Answer:
        return self._change([take.key for take in takes], lambda found: reserve(found, takes, self.clock()))

    async def give_back(self, takes: Sequence[Take]) -> None:
        def give_back(found: list[Bucket]) -> None:
            for take, bucket in zip(takes, found, strict=True):
                bucket.give_back(self.clock(), take)

        self._change([take.key for take in takes], give_back)

    async def read(self, keys: Sequence[str]) -> list[Reading]:
        return self._change(keys, lambda found: [bucket.reading(self.clock()) for bucket in found], keeps=False)

    async def block(self, key: str, seconds: float | None, first_seconds: float, patience_seconds: float) -> float:
        return self._change([key], lambda found: found[0].block(self.clock(), seconds, first_seconds, patience_seconds))

    async def slow(self, key: str, pace: float) -> None:
        self._change([key], lambda found: found[0].slow(pace))

    async def close(self) -> None:
        return


def opened(url: str, clock: Callable[[], float] | None = None) -> Store:
    """Open a store on the clock of the test."""
    if url.startswith("sqlite"):
        return SqliteStore(Path(url.removeprefix("sqlite:///")), **({"clock": clock} if clock else {}))
    if url.startswith("redis"):
        return RedisStore(url, driver("redis.asyncio", url=url, extra="redis"), clock)
    return PostgresStore(url, driver("psycopg", "psycopg2", url=url, extra="postgres"), clock)


@asynccontextmanager
async def closing(store: Store) -> AsyncIterator[Store]:
    try:
        yield store
    finally:
        await store.close()


takes = st.sampled_from(
    [
        (Take("app", APP, 9.5, 1 / 1.2), Take("t", 1, 6, 3)),
        (Take("app", APP, 9.5, 1 / 1.2), Take("u", 1, 6, 3)),
        (Take("app", APP, 8, 2 / 1.2), Take("u", 1, 3, 6)),
        (Take("alone", ALONE, -0.25, 1), Take("app", APP, 9.5, 1 / 1.2)),
        (Take("alone", ALONE, -0.25, 1),),
    ]
)
operations = st.one_of(
    st.tuples(st.just("reserve"), takes),
    st.tuples(st.just("reserve"), takes),
    st.tuples(st.just("give_back"), takes),
    st.tuples(st.just("read"), st.just(KEYS)),
    st.tuples(
        st.just("block"),
        st.sampled_from(KEYS),
        st.none() | st.sampled_from([0.0, 0.5, 7.25, 5000.0]),
        st.sampled_from([2.0, 5.0]),
        st.sampled_from([-0.25, 6.0]),
    ),
    st.tuples(st.just("slow"), st.sampled_from(KEYS), st.sampled_from([0.1, 0.5, 0.9, 1.0])),
)
scenarios = st.lists(st.tuples(st.sampled_from([0.0, 0.0, 0.125, 1.0, 7.0, 70.0, -3.0, HOUR]), operations), max_size=25)


async def play(store: Store, clock: Clock, scenario: Sequence[Any]) -> list[Any]:
    answers: list[Any] = []
    for pause, (operation, *values) in scenario:
        clock.now += pause
        answers.append(await getattr(store, operation)(*values))
    return [*answers, *await store.read(KEYS)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(scenario=scenarios)
def test_every_store_keeps_the_same_account(any_store: str, scenario: Sequence[Any]) -> None:
    async def both() -> tuple[list[Any], list[Any]]:
        wanted = await play(Plain(clock := Clock()), clock, scenario)
        # The real store has met other scenarios: this one has names of its own.
        clock = Clock()
        async with closing(Wrapped(opened(any_store, clock), os.urandom(8).hex())) as store:
            return await play(store, clock, scenario), wanted

    found, wanted = asyncio.run(both())
    assert flat(found) == pytest.approx(flat(wanted), abs=1e-5)


def flat(answer: Any) -> list[float]:
    if isinstance(answer, tuple | list):
        return [number for part in answer for number in flat(part)]
    return [] if answer is None else [float(answer)]


def test_a_store_is_named_by_its_url(any_store: str) -> None:
    """On its own clock: time passes without us."""
    url = any_store.replace("postgresql:", "postgresql+psycopg2:")  # as Airflow writes it

    async def scan() -> list[Answer]:
        async with closing(open_store(url)) as store:
            take = Take(os.urandom(8).hex(), ALONE, 0, 0.3)
            first, second = await store.reserve([take]), await store.reserve([take])
            await asyncio.sleep(second.wait_seconds)
            return [first, second, await store.reserve([take])]

    first, second, third = asyncio.run(scan())
    assert (first.granted, first.wait_seconds) == (True, 0)
    assert not second.granted
    assert 0 < second.wait_seconds <= 0.3
    assert third.granted


def test_a_clock_that_goes_back_stops_nobody(any_store: str) -> None:
    """A server's clock is corrected by an hour while somebody waits three seconds."""
    clock, name = Clock(), os.urandom(8).hex()

    async def scan() -> tuple[float, float, bool]:
        async with closing(opened(any_store, clock)) as store:
            alone = [Take(name, ALONE, 0, 3)]
            await store.reserve(alone)
            await store.block(name + "b", 5, 2, 0)
            clock.now -= HOUR
            denied = await store.reserve(alone)
            (blocked,) = await store.read([name + "b"])
            clock.now += 3
            (later,) = await store.read([name + "b"])
            granted = await store.reserve(alone)
            return denied.wait_seconds, blocked.blocked_seconds - later.blocked_seconds, granted.granted

    assert asyncio.run(scan()) == pytest.approx((3, 3, True), abs=1e-5)


def test_many_ask_at_once(any_store: str) -> None:
    name = os.urandom(8).hex()

    async def scan() -> list[Answer]:
        async with closing(opened(any_store, Clock())) as first, closing(opened(any_store, Clock())) as second:
            take = Take(name, APP, 4, 1)
            return list(await asyncio.gather(*((first, second)[n % 2].reserve([take]) for n in range(40))))

    waits = sorted(answer.wait_seconds for answer in asyncio.run(scan()))
    assert waits == pytest.approx([max(0, n - 4) for n in range(40)], abs=1e-5)


def test_a_reservation_cancelled_on_the_way_is_given_back(any_store: str) -> None:
    name = os.urandom(8).hex()

    async def scan() -> float:
        async with closing(opened(any_store, Clock())) as store:
            take = Take(name, APP, 0, 1)
            await store.reserve([take])
            for _ in range(20):
                asked = asyncio.create_task(_reserve_and_return(store, [take]))
                await asyncio.sleep(0)
                await asyncio.sleep(0)
                asked.cancel()
                await asyncio.gather(asked, return_exceptions=True)
            return (await store.reserve([take])).wait_seconds

    assert asyncio.run(scan()) == pytest.approx(1, abs=1e-5)


async def _reserve_and_return(store: Store, takes: Sequence[Take]) -> None:
    await store.reserve(takes)
    await store.give_back(takes)  # as whoever got a place and no longer needs it


def test_quiet_buckets_are_forgotten(tmp_path: Path) -> None:
    path, clock = tmp_path / "limiter.sqlite", Clock()

    async def scan() -> None:
        async with closing(SqliteStore(path, clock)) as store:
            for n in range(50):
                await store.reserve([Take(f"old{n}", APP, 9, 1)])
            clock.now += 60
            await store.block("learnt", 1, 2, 9)
            clock.now += 20
            await store.reserve([Take("new", APP, 9, 1)])
        async with closing(SqliteStore(path, clock)) as store:
            await store.read(["new"])

    asyncio.run(scan())
    with sqlite3.connect(path) as connection:
        assert {key for (key,) in connection.execute("select key from bucket_1")} == {"learnt", "new"}
    connection.close()


def test_a_locked_file_holds_up_nobody_else_in_the_process(tmp_path: Path) -> None:
    path = tmp_path / "limiter.sqlite"

    async def scan() -> tuple[int, Answer]:
        async with closing(SqliteStore(path)) as store:
            await store.reserve([Take("a", APP, 9, 1)])
            other = sqlite3.connect(path, isolation_level=None)
            other.execute("begin immediate")
            asked = asyncio.create_task(store.reserve([Take("a", APP, 9, 1)]))
            beats = 0
            while beats < 20:
                await asyncio.sleep(0.005)
                beats += 1
            assert not asked.done()
            other.execute("rollback")
            other.close()
            return beats, await asked

    beats, answer = asyncio.run(scan())
    assert beats == 20
    assert answer.granted


def test_a_damaged_file_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "limiter.sqlite"
    path.write_bytes(b"this was a file once" * 500)

    async def ask() -> None:
        async with closing(SqliteStore(path)) as store:
            await store.reserve([Take("a", APP, 9, 1)])

    with pytest.raises(StoreUnreachable, match=r"limiter\.sqlite: file is not a database\. .* delete it"):
        asyncio.run(ask())


@pytest.mark.parametrize("operation", ["reserve", "read", "block"])
@pytest.mark.parametrize("url", ["redis://:secret@127.0.0.1:1/0", "postgresql://me:secret@127.0.0.1:1/x"])
def test_a_store_that_does_not_answer_is_an_error_without_the_password(url: str, operation: str) -> None:
    try:
        store = open_store(url)
    except ConfigError as error:
        pytest.skip(str(error))

    async def ask() -> None:
        async with closing(store):
            match operation:
                case "reserve":
                    await store.reserve([Take("a", APP, 9, 1)])
                case "read":
                    await store.read(["a"])
                case _:
                    await store.block("a", 1, 2, 9)

    with pytest.raises(StoreUnreachable, match=r"limiter .*127\.0\.0\.1:1") as caught:
        asyncio.run(ask())
    assert "secret" not in str(caught.value)
    assert isinstance(caught.value, Unreachable)


@pytest.mark.parametrize("url", ["", "limiter.sqlite", "sqlite://limiter.sqlite", "mysql://h/d", "sqlite:///a?mode=ro"])
def test_a_url_that_nobody_knows_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="expected"):
        open_store(url)


def test_a_driver_that_is_not_there_is_named_with_its_extra() -> None:
    with pytest.raises(ConfigError, match=r"redis://h: no_such_redis is not installed\. Install mfa-rollcall\[redis\]"):
        driver("no_such_redis", url="redis://u:secret@h", extra="redis")


def test_postgres_forgets_quiet_buckets_and_comes_back_after_a_break(postgres: str) -> None:
    async def scan() -> tuple[int, int]:
        store = PostgresStore(postgres, module := driver("psycopg", "psycopg2", url=postgres, extra="postgres"))
        async with closing(store):
            await store.reserve([Take("kept", APP, 500, 500)])
            await store.reserve([Take("quiet", APP, 9, 1)])
            admin = module.connect(postgres)
            admin.autocommit = True
            with admin.cursor() as cursor:
                cursor.execute("update rollcall_bucket_1 set full_at = full_at - 100, paced_at = 0 where key = 'quiet'")
                cursor.execute("select rollcall_purge_1()")
                cursor.execute("select key from rollcall_bucket_1 where key in ('kept', 'quiet')")
                keys = cursor.fetchall()
                cursor.execute(
                    "select count(pg_terminate_backend(pid)) from pg_stat_activity"
                    " where pid <> pg_backend_pid() and backend_type = 'client backend'"
                )
            admin.close()
            assert keys == [("kept",)]
            return 1, (await store.read(["kept"]))[0].full_in_seconds > 400

    assert asyncio.run(scan()) == (1, True)


def test_redis_forgets_quiet_buckets(redis: str) -> None:
    async def scan() -> int:
        module: Any = driver("redis.asyncio", url=redis, extra="redis")
        async with closing(RedisStore(redis, module)) as store:
            name = os.urandom(8).hex()
            await store.reserve([Take(name, APP, 9, 5)])
            client = module.from_url(redis)
            left = await client.pttl(f"{{rollcall-limiter-1}}:{name}")
            await client.aclose()
            return int(left)

    assert 60_000 < asyncio.run(scan()) <= 65_001


def test_the_default_store_needs_no_driver() -> None:
    """The embedded default runs on what Python brings."""
    assert importlib.util.find_spec("sqlite3")
    assert REPORT.limits
