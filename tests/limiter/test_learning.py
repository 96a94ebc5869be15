"""What a refusal teaches one process holds for all of them, and is forgotten in time."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from collectors.limiter import Limiter, charges_of
from collectors.limiter.blame import named_by
from collectors.limiter.limiter import pace_for
from collectors.limiter.limits import CONDITIONAL_ACCESS, REPORTS
from tests.limiter.classes import REPORT
from tests.limiter.conftest import Fleet
from tests.limiter.virtual import now, run

APP = "app-1"
OF_APP = f"Application/ReadWrite/{APP}"
OF_TENANT = f"Tenant_Application/ReadWrite/{APP}/t"
POLICIES = charges_of("/v1.0/identity/conditionalAccess/policies")


async def use(limiter: Limiter, requests: int, tenants: int = 1000) -> None:
    await asyncio.gather(*(limiter.acquire(APP, f"t{n % tenants}", REPORT) for n in range(requests)))


def test_a_refusal_of_the_tenant_stops_the_tenant_alone_in_all_processes(fleet: Fleet) -> None:
    async def scan() -> tuple[float, float, float]:
        async with fleet(2) as (first, second):
            blocked = await first.refused(APP, "t", REPORT, retry_after=7.5, scope=OF_TENANT)
            return blocked, await second.acquire(APP, "u", REPORT), await second.acquire(APP, "t", REPORT)

    assert run(scan()) == pytest.approx((7.5, 0, 7.5))


def test_a_refusal_of_the_application_stops_all_tenants(fleet: Fleet) -> None:
    async def scan() -> list[float]:
        async with fleet(2, slack_seconds=0) as (first, second):
            await first.refused(APP, "t", REPORT, retry_after=5, scope=OF_APP)
            return [await second.acquire(APP, f"t{n}", REPORT) for n in range(3)]

    # Empty after the block, and a little slower than documented.
    assert run(scan()) == pytest.approx([5, 1 / 12.2 / 0.95, 1 / 12.2 / 0.95], abs=1e-3)


def test_whoever_waits_while_the_application_is_stopped_is_sent_afterwards_in_the_old_order(fleet: Fleet) -> None:
    async def scan() -> list[float]:
        async with fleet(2, slack_seconds=0) as (first, second):
            sent: list[float] = []

            async def ask(number: int) -> None:
                await (first, second)[number % 2].acquire(APP, f"t{number}", REPORT)
                sent.append(now())

            waiting = [asyncio.create_task(ask(number)) for number in range(122 + 100)]
            await asyncio.sleep(2)
            before = len(sent)
            await first.refused(APP, "t0", REPORT, retry_after=10, scope=OF_APP)
            await asyncio.gather(*waiting)
            return sent[before:]

    later = run(scan())
    assert later[0] >= 1012
    gaps = [after - before for before, after in pairwise(later)]
    assert gaps == pytest.approx([1 / 12.2] * len(gaps), abs=1e-3)


def test_a_tenant_refused_while_it_waits_in_the_queue_waits_for_both(fleet: Fleet) -> None:
    async def scan() -> tuple[float, float]:
        async with fleet(slack_seconds=0) as (limiter,):
            await use(limiter, 122)
            waiting = [asyncio.create_task(limiter.acquire(APP, tenant, REPORT)) for tenant in "tu"]
            await asyncio.sleep(0.01)
            await limiter.refused(APP, "t", REPORT, retry_after=20, scope=OF_TENANT)
            blocked, other = await asyncio.gather(*waiting)
            return blocked, other

    assert run(scan()) == pytest.approx((20.01, 2 / 12.2))


def test_a_storm_of_refusals_slows_down_once(fleet: Fleet) -> None:
    async def scan() -> float:
        async with fleet(slack_seconds=0) as (limiter,):
            for n in range(40):
                await limiter.refused(APP, f"t{n}", REPORT, retry_after=1, scope=OF_APP)
            await limiter.acquire(APP, "t", REPORT)
            return await limiter.acquire(APP, "u", REPORT)

    assert run(scan()) == pytest.approx(1 / 12.2 / 0.95, abs=1e-3)


def test_without_retry_after_the_wait_doubles(fleet: Fleet) -> None:
    """As for Conditional Access, where others may use up what is allowed."""

    async def scan() -> list[float]:
        async with fleet(2) as limiters:
            waits = []
            for n in range(4):
                await limiters[n % 2].acquire(APP, "t", POLICIES)
                waits.append(await limiters[n % 2].refused(APP, "t", POLICIES))
            return waits

    assert run(scan()) == pytest.approx([2, 4, 8, 16])


def test_a_zero_retry_after_still_empties_the_bucket(fleet: Fleet) -> None:
    async def scan() -> float:
        async with fleet(slack_seconds=0) as (limiter,):
            await limiter.refused(APP, "t", REPORT, retry_after=0, scope=OF_TENANT)
            await limiter.acquire(APP, "t", REPORT)
            return await limiter.acquire(APP, "t", REPORT)

    assert run(scan()) == pytest.approx(2 / 0.95, abs=1e-3)


def test_the_rate_recovers(fleet: Fleet) -> None:
    async def scan() -> float:
        async with fleet(slack_seconds=0) as (limiter,):
            await limiter.refused(APP, "t", REPORT, retry_after=1, scope=OF_TENANT)
            await asyncio.sleep(120)
            started = now()
            for _ in range(9):
                await limiter.acquire(APP, "t", REPORT)
            return now() - started

    assert run(scan()) == pytest.approx(8)


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (None, ["app", "app+tenant"]),
        ("", ["app", "app+tenant"]),
        ("Application/ReadWrite/a", ["app"]),
        ("Tenant_Application/ReadWrite/a/t", ["app+tenant"]),
        ("Tenant/Read/t", ["app+tenant"]),
        ("Something_New/Read/t", ["app", "app+tenant"]),
    ],
)
def test_the_scope_header_names_the_limit(scope: str | None, expected: list[str]) -> None:
    assert [limit.scope for limit in named_by(scope, REPORT)] == expected


def test_without_a_scope_the_limit_that_is_used_up_is_to_blame(fleet: Fleet) -> None:
    async def scan() -> tuple[float, float]:
        async with fleet(slack_seconds=0) as (limiter,):
            for _ in range(5):
                await limiter.acquire(APP, "t", REPORT)
            await limiter.refused(APP, "t", REPORT, retry_after=30)
            tenant_blamed = await limiter.acquire(APP, "u", REPORT)
            await asyncio.sleep(100)
            await use(limiter, 122)
            await limiter.refused(APP, "v", REPORT, retry_after=30)
            return tenant_blamed, await limiter.acquire(APP, "w", REPORT)

    assert run(scan()) == pytest.approx((0, 30), abs=0.1)


def test_where_both_may_be_to_blame_both_are_held(fleet: Fleet) -> None:
    async def scan() -> tuple[float, float]:
        async with fleet(slack_seconds=0) as (limiter,):
            await limiter.refused(APP, "t", REPORT, retry_after=9)
            others, same = await asyncio.gather(limiter.acquire(APP, "u", REPORT), limiter.acquire(APP, "t", REPORT))
            return others, same

    assert run(scan()) == pytest.approx((9, 9), abs=0.1)


def test_the_reported_use_slows_down_and_is_forgotten(fleet: Fleet) -> None:
    async def scan() -> list[float]:
        waits = []
        async with fleet(2, slack_seconds=0) as (first, second):
            for percentage in (0.9, 1.25):
                for _ in range(3):  # the same news again is no news
                    await first.seen(APP, "t", REPORT, percentage, scope=OF_TENANT)
                started = now()
                for _ in range(15):
                    await second.acquire(APP, "t", REPORT)
                waits.append(now() - started)
                await asyncio.sleep(1000)
        return waits

    usual, slower = run(scan())
    assert usual == pytest.approx(20)
    # A smaller burst (4 of 5), then 0.8 of the pace, which comes back meanwhile.
    assert 22 < slower < 11 / 0.5 / 0.8


def test_news_of_unknown_scope_is_news_of_the_tenant(fleet: Fleet) -> None:
    async def scan() -> float:
        async with fleet(slack_seconds=0) as (limiter,):
            await limiter.seen(APP, "t", REPORT, 1.8)
            await use(limiter, 122)
            return await limiter.acquire(APP, "u", REPORT)

    assert run(scan()) == pytest.approx(1 / 12.2)


@pytest.mark.parametrize(
    ("percentage", "ours", "shared"),
    [(0, 1, 1), (0.8, 1, 1), (1, 1, 0.8), (1.25, 0.8, 0.64), (1.8, 1 / 1.8, 0.8 / 1.8)],
)
def test_of_what_others_need_too_we_take_less(percentage: float, ours: float, shared: float) -> None:
    assert REPORTS.tenant
    assert CONDITIONAL_ACCESS.tenant
    assert pace_for(REPORTS.tenant, percentage) == pytest.approx(ours)
    assert pace_for(CONDITIONAL_ACCESS.tenant, percentage) == pytest.approx(shared)


def test_a_server_that_counts_in_windows_is_learnt(fleet: Fleet) -> None:
    """Another algorithm than the one we assume: 122 in any ten seconds. It costs refusals, but few."""

    async def scan() -> tuple[float, int]:
        granted: list[float] = []
        refused = 0
        async with fleet(4) as limiters:

            async def read(number: int) -> None:
                nonlocal refused
                limiter, tenant = limiters[number % 4], f"t{number // 2}"
                while True:
                    await limiter.acquire(APP, tenant, REPORT)
                    window = [at for at in granted if at > now() - 10]
                    if len(window) < 122:
                        granted.append(now())
                        return
                    refused += 1
                    await limiter.refused(APP, tenant, REPORT, retry_after=window[0] + 10 - now(), scope=OF_APP)

            await asyncio.gather(*map(read, range(800)))
        return granted[-1] - granted[0], refused

    took, refused = run(scan())
    assert took < 1.5 * 60
    assert refused < 0.02 * 800
