"""The laws of the bucket: never more than allowed in any stretch of time, and nothing lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.limiter.bucket import (
    ALONE,
    APP,
    LEAST_PACE,
    RECOVERY_PER_SECOND,
    Bucket,
    Take,
    reserve,
)
from tests.limiter.referee import refusals

TENANTS = "tuv"
pauses = st.floats(0, 30) | st.just(0.0)


def take(key: str, line: int, capacity: float, rate: float, cost: float = 1, slack: float = 0) -> Take:
    return Take(key, line, (capacity - cost) / rate - slack, cost / rate)


class World:
    """An application's bucket and one for each tenant: 12 and 3 tokens, refilled at 1.2 and 0.3 a second."""

    def __init__(self, slack: float = 0) -> None:
        self.buckets = {key: Bucket() for key in ("app", *TENANTS)}
        self.slack = slack
        self.now = 1000.0
        self.due: list[tuple[float, str]] = []

    def takes(self, tenant: str) -> list[Take]:
        return [take("app", APP, 12, 1.2, slack=self.slack), take(tenant, 1, 3, 0.3, slack=self.slack)]

    def ask(self, tenant: str) -> float | None:
        takes = self.takes(tenant)
        buckets = [self.buckets[t.key] for t in takes]
        for bucket in buckets:
            bucket.bring_to(self.now)
        answer = reserve(buckets, takes, self.now)
        if not answer.granted:
            assert answer.wait_seconds > 0
            self.now += answer.wait_seconds
            return None
        self.due.append((self.now + answer.wait_seconds, tenant))
        return self.due[-1][0]

    def refused(self) -> int:
        return refusals([at for at, _ in self.due], 12, 1.2) + sum(
            refusals([at for at, tenant in self.due if tenant == name], 3, 0.3) for name in TENANTS
        )


@given(asks=st.lists(st.tuples(st.sampled_from(TENANTS), pauses), max_size=60), slack=st.sampled_from([0, 0.5]))
def test_never_more_than_the_limits_allow_in_any_stretch_of_time(asks: list[tuple[str, float]], slack: float) -> None:
    world = World(slack)
    for tenant, pause in asks:
        world.now += pause
        world.ask(tenant)
    assert world.refused() == 0


@given(
    asks=st.lists(st.tuples(st.sampled_from(TENANTS), pauses, st.booleans()), max_size=60),
)
def test_what_was_given_back_is_free_for_others_but_not_twice(asks: list[tuple[str, float, bool]]) -> None:
    world = World()
    for tenant, pause, gives_back in asks:
        world.now += pause
        due = world.ask(tenant)
        if due is not None and due > world.now and gives_back:
            world.due.pop()
            for t in world.takes(tenant):
                world.buckets[t.key].give_back(world.now, t)
    assert world.refused() == 0


@given(capacity=st.integers(1, 50), rate=st.floats(0.1, 100), requests=st.integers(1, 200))
def test_a_queue_loses_nothing(capacity: int, rate: float, requests: int) -> None:
    bucket, asked = Bucket(), take("b", APP, capacity, rate)
    bucket.bring_to(1000)
    waits = [reserve([bucket], [asked], 1000).wait_seconds for _ in range(requests)]
    assert waits == pytest.approx([max(0, n + 1 - capacity) / rate for n in range(requests)], abs=1e-6)


@given(costs=st.lists(st.integers(1, 5), max_size=60), pauses=st.lists(pauses, max_size=60))
def test_a_larger_cost_takes_more(costs: list[int], pauses: list[float]) -> None:
    bucket, now, sent = Bucket(), 1000.0, []
    for cost, pause in zip(costs, pauses, strict=False):
        now += pause
        bucket.bring_to(now)
        sent.append((now + reserve([bucket], [take("b", APP, 10, 2, cost)], now).wait_seconds, cost))
    sent.sort()
    assert all(
        sum(cost for _, cost in sent[i:j]) <= 10 + 2 * (sent[j - 1][0] - sent[i][0]) + 1e-6
        for i in range(len(sent))
        for j in range(i + 1, len(sent) + 1)
    )


def test_nothing_is_taken_from_the_queue_while_the_tenant_has_nothing() -> None:
    world = World()
    for _ in range(3):
        assert world.ask("t") == 1000
    before = world.buckets["app"].full_at
    assert world.ask("t") is None
    assert world.now == pytest.approx(1000 + 1 / 0.3)
    assert world.buckets["app"].full_at == before


def test_a_tenant_has_one_place_in_the_queue() -> None:
    world = World()
    for _ in range(4):  # empty the application's bucket
        for tenant in TENANTS:
            world.buckets[tenant] = Bucket()
            world.ask(tenant)
    for tenant in TENANTS:
        world.buckets[tenant] = Bucket()
    assert world.ask("t") == pytest.approx(1000 + 1 / 1.2)
    asked_at = world.now
    assert world.ask("t") is None  # again only when its first place has come up
    assert world.now == pytest.approx(1000 + 1 / 1.2)
    world.now = asked_at
    assert world.ask("u") == pytest.approx(1000 + 2 / 1.2)


def test_a_block_stops_and_empties_and_moves_those_who_wait_back() -> None:
    bucket, asked = Bucket(), take("b", APP, 10, 1)
    bucket.bring_to(1000)
    waits = [reserve([bucket], [asked], 1000).wait_seconds for _ in range(14)]
    assert waits[-1] == pytest.approx(4)
    assert bucket.block(1000, 20, 2, 9) == 20
    assert bucket.frozen_seconds == 20  # so the last place comes up in 24 seconds
    later = reserve([bucket], [asked], 1000)
    assert later.wait_seconds == pytest.approx(25)
    assert later.frozen_seconds == (20,)


def test_a_full_bucket_is_empty_after_a_block() -> None:
    bucket, asked = Bucket(), take("b", APP, 10, 1)
    bucket.bring_to(1000)
    bucket.block(1000, 5, 2, 9)
    bucket.bring_to(1005)
    pace = bucket.pace
    waits = [reserve([bucket], [asked], 1005).wait_seconds for _ in range(3)]
    assert waits == pytest.approx([0, 1 / pace, 2 / pace])


def test_refusals_during_a_block_count_once() -> None:
    bucket = Bucket()
    bucket.bring_to(1000)
    for _ in range(30):
        bucket.block(1000, 5, 2, 9)
    assert (bucket.pace, bucket.refusals, bucket.frozen_seconds) == (0.95, 1, 5)
    assert bucket.block(1000, 8, 2, 9) == 8  # but the longest wait holds
    assert (bucket.pace, bucket.frozen_seconds) == (0.95, 8)


def test_without_retry_after_the_wait_doubles_until_it_is_quiet_for_a_minute() -> None:
    bucket, now, waits = Bucket(), 1000.0, []
    for _ in range(8):
        bucket.bring_to(now)
        waits.append(bucket.block(now, None, 2, 0))
        now = bucket.blocked_until
    assert waits == [2, 4, 8, 16, 32, 64, 64, 64]
    bucket.bring_to(now + 61)
    assert bucket.block(now + 61, None, 2, 0) == 2


def test_the_pace_sinks_to_a_floor_and_recovers() -> None:
    bucket, now = Bucket(), 1000.0
    for _ in range(100):
        bucket.bring_to(now)
        bucket.block(now, 0.01, 2, 9)
        now += 0.02
    assert bucket.pace == LEAST_PACE
    bucket.bring_to(now + 60)
    assert bucket.pace == pytest.approx(LEAST_PACE + 60 * RECOVERY_PER_SECOND, abs=1e-3)
    bucket.bring_to(now + 3600)
    assert bucket.pace == 1


def test_slowing_down_does_not_add_up() -> None:
    bucket = Bucket()
    for pace in (0.8, 0.9, 0.8, 0.01):
        bucket.slow(pace)
    assert bucket.pace == LEAST_PACE
    bucket.slow(0.9)
    assert bucket.pace == LEAST_PACE


def test_a_slower_pace_allows_no_burst() -> None:
    """What was taken at the old pace still counts as taken."""
    bucket, asked = Bucket(), take("b", APP, 10, 1)
    bucket.bring_to(1000)
    for _ in range(10):
        reserve([bucket], [asked], 1000)
    bucket.slow(0.5)
    assert reserve([bucket], [asked], 1000).wait_seconds == pytest.approx(1)
    assert reserve([bucket], [asked], 1000).wait_seconds == pytest.approx(3)


def test_a_clock_that_went_back_takes_the_bucket_along() -> None:
    bucket, asked = Bucket(), take("b", ALONE, 2, 1)
    bucket.bring_to(50_000)
    reserve([bucket], [asked], 50_000)
    reserve([bucket], [asked], 50_000)
    bucket.bring_to(10)  # the machine was started anew
    assert reserve([bucket], [asked], 10).wait_seconds == pytest.approx(1)


@given(
    asks=st.lists(st.tuples(st.sampled_from(TENANTS), pauses, st.sampled_from(["ask", "block", "slow"])), max_size=20)
)
def test_a_quiet_bucket_says_no_more_than_a_new_one(asks: list[tuple[str, float, str]]) -> None:
    world = World()
    for tenant, pause, action in asks:
        world.now += pause
        bucket = world.buckets[tenant]
        bucket.bring_to(world.now)
        match action:
            case "block":
                bucket.block(world.now, None, 2, 5)
            case "slow":
                bucket.slow(0.7)
            case _:
                world.ask(tenant)
    for bucket in world.buckets.values():
        now = bucket.quiet_at + 0.001
        bucket.bring_to(max(now, world.now))
        assert bucket.full_at <= bucket.seen_at
        assert bucket.turn_at <= bucket.seen_at
        assert bucket.blocked_until <= bucket.seen_at
        assert bucket.pace == pytest.approx(1)
        assert bucket.refusals == 0
