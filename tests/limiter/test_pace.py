"""As fast as the limits allow, over all processes, and no faster."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.limiter import Limiter, charges_of
from collectors.limiter.sqlite import SqliteStore
from tests.limiter.classes import REPORT
from tests.limiter.conftest import Fleet
from tests.limiter.referee import TokenBucket
from tests.limiter.virtual import now, run
from tests.limiter.wrapped import Wrapped

APP = "app-1"
POLICIES = charges_of("/v1.0/identity/conditionalAccess/policies")
USERS = charges_of("/v1.0/users?$select=id&$top=999")
SIGN_IN_ACTIVITY = charges_of("/v1.0/users?$select=signInActivity&$top=120")


class Reports:
    """The reports of Graph: 122 and 5 requests in 10 seconds, an answer after 100 ms or so."""

    def __init__(self, jitter: float = 0) -> None:
        self.app = TokenBucket(122, 12.2)
        self.tenants: dict[str, TokenBucket] = {}
        self.jitter = random.Random(jitter)
        self.longest = jitter
        self.answered = 0
        self.refused = 0

    async def get(self, tenant: str) -> bool:
        on_the_way = 0.05 + self.jitter.uniform(0, self.longest)
        await asyncio.sleep(on_the_way)
        granted = self.tenants.setdefault(tenant, TokenBucket(5, 0.5)).take(now()) and self.app.take(now())
        self.answered += granted
        self.refused += not granted
        await asyncio.sleep(0.05)
        return granted


async def read(limiter: Limiter, server: Reports, tenant: str, pages: int) -> None:
    for _ in range(pages):
        await limiter.acquire(APP, tenant, REPORT)
        while not await server.get(tenant):
            await limiter.refused(APP, tenant, REPORT, retry_after=1)
            await limiter.acquire(APP, tenant, REPORT)


@pytest.mark.parametrize("jitter", [0, 0.4])
@pytest.mark.parametrize("at_once", [8, 100])
def test_four_processes_read_400_tenants_in_105_hundredths_of_the_floor(
    fleet: Fleet, jitter: float, at_once: int
) -> None:
    server = Reports(jitter)

    async def scan() -> float:
        async with fleet(4) as limiters:
            started, places = now(), [asyncio.Semaphore(at_once) for _ in limiters]

            async def tenant(number: int) -> None:
                async with places[number % 4]:
                    pages = (read(limiters[number % 4], server, f"t{number}", 1) for _ in range(2))
                    await asyncio.gather(*pages)

            await asyncio.gather(*map(tenant, range(400)))
            return now() - started

    floor = (800 - 122) / 12.2
    assert floor < run(scan()) <= 1.05 * floor
    assert server.answered == 800
    assert server.refused < 5 * 0.8


def test_one_tenant_with_many_pages_takes_what_its_own_limit_takes(fleet: Fleet) -> None:
    server = Reports()

    async def scan() -> float:
        async with fleet() as (limiter,):
            started = now()
            await read(limiter, server, "t", 65)
            return now() - started

    floor = (65 - 5) / 0.5
    assert floor <= run(scan()) <= 1.01 * floor
    assert server.refused == 0


def test_whoever_waits_for_its_tenant_keeps_nobody_else_waiting(fleet: Fleet) -> None:
    async def scan() -> float:
        async with fleet(2) as (first, second):
            waiting = [asyncio.create_task(first.acquire(APP, "huge", REPORT)) for _ in range(500)]
            await asyncio.sleep(5)
            waits = [await second.acquire(APP, f"t{number}", REPORT) for number in range(100)]
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
            return max(waits)

    assert run(scan()) == 0


def test_a_tenant_waits_in_every_process_for_what_any_took(fleet: Fleet) -> None:
    async def scan() -> list[float]:
        async with fleet(5, slack_seconds=0) as limiters:
            return [await limiter.acquire(APP, "t", REPORT) for limiter in limiters * 2]

    assert run(scan()) == pytest.approx([0, 0, 0, 0, 0, 2, 2, 2, 2, 2])


def test_conditional_access_is_one_a_second_in_each_tenant_whoever_asks(fleet: Fleet) -> None:
    async def scan() -> list[float]:
        async with fleet(2, slack_seconds=0) as (first, second):
            waits = [await limiter.acquire(app, "t", POLICIES) for limiter, app in ((first, "a"), (second, "b")) * 2]
            return [*waits, await first.acquire("a", "u", POLICIES)]

    assert run(scan()) == pytest.approx([0, 1, 1, 1, 0])


def test_slack_keeps_a_bucket_of_one_apart(fleet: Fleet) -> None:
    """With one token, every late request makes the next one early."""

    async def scan() -> list[float]:
        async with fleet(slack_seconds=0.5) as (limiter,):
            return [await limiter.acquire(APP, "t", POLICIES) for _ in range(3)]

    assert run(scan()) == pytest.approx([0, 1.5, 1.5])


def test_applications_do_not_wait_for_one_another(fleet: Fleet) -> None:
    async def scan() -> float:
        async with fleet() as (limiter,):
            await asyncio.gather(*(limiter.acquire("a", f"t{n}", REPORT) for n in range(200)))
            return await limiter.acquire("b", "t0", REPORT)

    assert run(scan()) == 0


def test_the_directory_does_not_wait_for_reports(fleet: Fleet) -> None:
    async def scan() -> float:
        async with fleet() as (limiter,):
            reports = [asyncio.create_task(limiter.acquire(APP, f"t{n}", REPORT)) for n in range(400)]
            await asyncio.sleep(0)
            wait = await limiter.acquire(APP, "t399", USERS)
            await asyncio.gather(*reports)
            return wait

    assert run(scan()) == 0


def test_a_huge_tenant_takes_turns_with_the_small_ones(fleet: Fleet) -> None:
    """The application and each tenant may ask ten times a minute: one tenant alone could use it up."""

    async def scan() -> dict[str, list[float]]:
        sent: dict[str, list[float]] = {}
        async with fleet(2) as limiters:

            async def ask(limiter: Limiter, tenant: str) -> None:
                await limiter.acquire(APP, tenant, SIGN_IN_ACTIVITY)
                sent.setdefault(tenant, []).append(now() - 1000)

            huge = [asyncio.create_task(ask(limiters[n % 2], "huge")) for n in range(2000)]
            await asyncio.sleep(60)
            await asyncio.gather(*(ask(limiters[n % 2], f"small{n}") for n in range(50)))
            for task in huge:
                task.cancel()
            await asyncio.gather(*huge, return_exceptions=True)
            return sent

    sent = run(scan())
    small = sorted(at for tenant, times in sent.items() if tenant != "huge" for at in times)
    assert len(small) == 50
    # 50 tenants at ten a minute, and one turn in each round for the huge one.
    assert small[-1] <= 60 + (50 + 2) * 6 + 1
    huge_meanwhile = [at for at in sent["huge"] if 60 < at < small[-1]]
    assert len(huge_meanwhile) <= 2


def test_a_tenant_that_comes_late_waits_one_round(fleet: Fleet) -> None:
    async def scan() -> float:
        async with fleet() as (limiter,):
            busy = [asyncio.create_task(limiter.acquire(APP, f"busy{n % 5}", SIGN_IN_ACTIVITY)) for n in range(500)]
            await asyncio.sleep(300)
            wait = await limiter.acquire(APP, "late", SIGN_IN_ACTIVITY)
            for task in busy:
                task.cancel()
            await asyncio.gather(*busy, return_exceptions=True)
            return wait

    assert run(scan()) <= (5 + 1) * 6


def test_whoever_is_cancelled_gives_its_place_back(fleet: Fleet) -> None:
    async def scan() -> tuple[float, float]:
        async with fleet(slack_seconds=0) as (limiter,):
            started = now()
            waiting = [asyncio.create_task(limiter.acquire(APP, f"t{n}", REPORT)) for n in range(122 + 122)]
            await asyncio.sleep(0.5)
            for task in waiting[122::2]:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
            wait = await limiter.acquire(APP, "next", REPORT)
            return now() - started, wait

    took, wait = run(scan())
    # The first of the cancelled had gone through already; all others' places are free again.
    assert took == pytest.approx(10, abs=0.1)
    assert wait == pytest.approx(0, abs=0.1)


def test_a_cancelled_tenant_has_no_place_any_more(fleet: Fleet) -> None:
    """Neither its own nor one of the application's is kept for it."""

    async def scan() -> float:
        async with fleet(slack_seconds=0) as (limiter,):
            await asyncio.gather(*(limiter.acquire(APP, f"t{n}", REPORT) for n in range(122)))
            waiting = [asyncio.create_task(limiter.acquire(APP, f"u{n}", REPORT)) for n in range(200)]
            await asyncio.sleep(0.01)
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
            await asyncio.sleep(10)
            return await limiter.acquire(APP, "u199", REPORT)

    assert run(scan()) == 0


def test_whoever_is_cancelled_after_the_end_leaves_the_store_alone(fleet: Fleet, tmp_path: Path) -> None:
    async def scan() -> None:
        async with fleet(slack_seconds=0) as (limiter,):
            waiting = [asyncio.create_task(limiter.acquire(APP, f"t{n}", REPORT)) for n in range(130)]
            await asyncio.sleep(0.01)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    run(scan())
    assert [path.name for path in tmp_path.iterdir()] == ["limiter.sqlite"]  # whole, and nobody has it open


def test_those_who_wait_for_a_tenant_go_in_order_and_ask_no_more_than_they_must(one_file: Path) -> None:
    went: list[int] = []

    async def scan() -> int:
        store = Wrapped(SqliteStore(one_file, now), str(uuid4()))
        async with Limiter(store, slack_seconds=0) as limiter:

            async def one(number: int) -> None:
                await limiter.acquire(APP, "huge", REPORT)
                went.append(number)

            waiting = [asyncio.create_task(one(number)) for number in range(300)]
            await asyncio.sleep(61)
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
        return store.asked

    asked = run(scan())
    assert went == [*range(5 + 30)]
    assert asked <= 2 * len(went) + 1


def test_one_who_waits_in_line_can_be_cancelled(fleet: Fleet) -> None:
    async def scan() -> list[float]:
        async with fleet(slack_seconds=0) as (limiter,):
            line = [asyncio.create_task(limiter.acquire(APP, "t", POLICIES)) for _ in range(5)]
            await asyncio.sleep(0.5)
            line[1].cancel()
            line[3].cancel()
            results = await asyncio.gather(*line, return_exceptions=True)
            return [result for result in results if isinstance(result, float)]

    assert run(scan()) == pytest.approx([0, 1, 2])


@pytest.fixture(scope="module")
def one_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("limiter") / "limiter.sqlite"


@settings(max_examples=25)
@given(
    arrivals=st.lists(st.tuples(st.integers(0, 4), st.floats(0, 3), st.integers(0, 2), st.booleans()), max_size=40),
    tokens=st.integers(1, 12),
)
def test_whatever_comes_when_and_is_cancelled_no_server_refuses(
    one_file: Path, arrivals: list[tuple[int, float, int, bool]], tokens: int
) -> None:
    """All but a few of the application's tokens are gone when it begins."""
    app, tenants = TokenBucket(122, 12.2), [TokenBucket(5, 0.5) for _ in range(5)]
    name = str(uuid4())

    async def one(limiter: Limiter, tenant: int, at: float, is_impatient: bool) -> None:
        await asyncio.sleep(at)
        try:
            await asyncio.wait_for(limiter.acquire(name, f"t{tenant}", REPORT), 0.7 if is_impatient else None)
        except TimeoutError:
            return
        assert app.take(now())
        assert tenants[tenant].take(now())

    async def scan() -> None:
        limiters = [Limiter(SqliteStore(one_file, now), slack_seconds=0) for _ in range(3)]
        for n in range(122 - tokens):
            await limiters[0].acquire(name, f"before{n % 40}", REPORT)
            assert app.take(now())
        await asyncio.gather(*(one(limiters[at], tenant, when, cut) for tenant, when, at, cut in arrivals))
        await asyncio.gather(*(limiter.close() for limiter in limiters))

    run(scan())
