"""Microsoft's limits: who is refused, by what, for how long, and in which words."""

import asyncio
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import floor
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.graph import GraphClient
from collectors.microsoft.users import USERS
from collectors.shape import page_decoder
from sandbox.calls import Answer, Body, Call
from sandbox.limits import NAMES, Limits
from tests.sandbox.cloud import APP, CUSTOMER, PARTNER, PARTNER_CENTER, SECRET, Cloud, digest, people
from tests.sandbox.served import Served, served

OTHER_APP = "bbbbbbbb-0000-4000-8000-00000000000b"
SIGN_INS = "beta/auditLogs/signIns"
POLICIES = "v1.0/identity/conditionalAccess/policies"
ACTIVITY = "v1.0/users?$select=id,signInActivity&$top=120"
GUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


class Clock:
    """Time that passes when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@contextmanager
def stopped(cloud: Cloud, **factors: float) -> Iterator[tuple[Served, Limits, Clock]]:
    """Serve with limits while no time passes."""
    clock = Clock()
    limits = Limits(factors=factors, clock=clock)
    with served(cloud, limits=limits) as one:
        yield one, limits, clock


def until_refused(ask: Callable[[], httpx.Response], most: int = 200) -> tuple[int, httpx.Response]:
    """Return how many were answered before the first 429, and the 429."""
    for count in range(most):
        answer = ask()
        if answer.status_code == 429:
            return count, answer
        assert answer.status_code == 200, answer.text
    raise AssertionError(f"{most} requests and no 429")


def two_apps(cloud: Cloud) -> None:
    cloud.apps([{"app_id": app, "secrets_sha256": [digest(SECRET)], "tenants": ["*"]} for app in (APP, OTHER_APP)])


def test_without_being_asked_for_there_are_no_limits(cloud: Cloud) -> None:
    with served(cloud) as one:
        assert {one.get(path).status_code for path in (SIGN_INS, POLICIES) for _ in range(12)} == {200}


def test_reports_are_limited_per_app_and_tenant(cloud: Cloud) -> None:
    two_apps(cloud)
    with stopped(cloud) as (one, limits, clock):
        count, answer = until_refused(lambda: one.get(SIGN_INS))
        assert count == 5
        assert answer.headers["Retry-After"] == "2"
        assert answer.headers["x-ms-throttle-scope"] == f"Tenant_Application/ReadWrite/{APP}/{PARTNER}"
        assert answer.headers["x-ms-throttle-limit-percentage"] == "1.20"
        assert "x-ms-resource-unit" not in answer.headers
        assert answer.headers["content-type"].startswith("application/json")
        assert until_refused(lambda: one.get(SIGN_INS, CUSTOMER))[0] == 5
        assert until_refused(lambda: one.get(SIGN_INS, PARTNER, OTHER_APP))[0] == 5
        clock.now += 2
        assert until_refused(lambda: one.get(SIGN_INS))[0] == 1
    assert limits.refused == {"reports_tenant": 4}


@pytest.mark.parametrize(
    "path",
    [
        "v1.0/reports/authenticationMethods/userRegistrationDetails",
        "v1.0/users/00000000-0000-4000-8000-000000000001/authentication/methods",
    ],
)
def test_all_reports_draw_on_one_limit(cloud: Cloud, path: str) -> None:
    with stopped(cloud) as (one, _, _):
        assert {one.get(SIGN_INS).status_code for _ in range(5)} == {200}
        assert one.get(path).status_code == 429


def test_reports_are_limited_per_app_over_all_tenants(cloud: Cloud) -> None:
    with stopped(cloud, reports_app=6 / 122) as (one, limits, _):
        assert {one.get(SIGN_INS, tenant).status_code for tenant in (PARTNER, CUSTOMER) for _ in range(3)} == {200}
        answer = one.get(SIGN_INS)
        assert (answer.status_code, answer.headers["x-ms-throttle-scope"]) == (429, f"Application/ReadWrite/{APP}")
        assert answer.headers["Retry-After"] == "2"  # 0.6 a second
    assert limits.refused == {"reports_app": 1}


def test_a_refused_request_takes_nothing_from_the_other_limits(cloud: Cloud) -> None:
    with stopped(cloud, reports_app=6 / 122) as (one, limits, _):
        assert [one.get(SIGN_INS).status_code for _ in range(9)] == [200] * 5 + [429] * 4
        assert one.get(SIGN_INS, CUSTOMER).status_code == 200
    assert limits.refused == {"reports_tenant": 4}


def test_sign_in_activity_is_limited_per_minute(cloud: Cloud) -> None:
    with stopped(cloud) as (one, limits, clock):
        count, answer = until_refused(lambda: one.get(ACTIVITY))
        assert (count, answer.headers["Retry-After"]) == (10, "6")
        assert one.get(ACTIVITY, CUSTOMER).status_code == 429, "the app's limit is over all tenants"
        assert one.get("v1.0/users?$select=id").status_code == 200
        clock.now += 6
        assert until_refused(lambda: one.get(ACTIVITY, CUSTOMER))[0] == 1
    assert limits.refused == {"sign_in_activity_app": 3}


def test_conditional_access_has_one_request_a_second_for_all_apps_and_does_not_say_when(cloud: Cloud) -> None:
    two_apps(cloud)
    with stopped(cloud) as (one, limits, clock):
        assert one.get(POLICIES).status_code == 200
        for app in (APP, OTHER_APP):
            answer = one.get("v1.0/identity/conditionalAccess/namedLocations", PARTNER, app)
            assert answer.status_code == 429
            assert "Retry-After" not in answer.headers
            assert answer.headers["x-ms-throttle-scope"] == f"Tenant/ReadWrite/{PARTNER}"
            assert answer.json()["error"]["code"] == "TooManyRequests"
        assert one.get(POLICIES, CUSTOMER).status_code == 200
        clock.now += 1
        assert one.get(POLICIES, PARTNER, OTHER_APP).status_code == 200
    assert limits.refused == {"conditional_access": 2}


@pytest.mark.parametrize(("users", "units"), [(0, 3500), (49, 3500), (50, 5000), (500, 5000), (501, 8000)])
def test_identity_is_limited_in_units_by_the_size_of_the_tenant(cloud: Cloud, users: int, units: int) -> None:
    cloud.put("v1.0/users", people(users))
    with stopped(cloud, identity_tenant=0.01) as (one, limits, clock):
        count, answer = until_refused(lambda: one.get("v1.0/users?$top=20"))  # two units each
        assert count == floor(units * 0.01 / 2)
        assert answer.headers["x-ms-resource-unit"] == "2"
        assert answer.headers["x-ms-throttle-information"] == "ResourceUnitLimitExceeded"
        assert answer.headers["x-ms-throttle-scope"] == f"Tenant_Application/ReadWrite/{APP}/{PARTNER}"
        clock.now += 10
        count, _ = until_refused(lambda: one.get("v1.0/users?$top=20&$select=id"))  # one unit each
        assert count == floor(units * 0.01)
    assert limits.refused == {"identity_tenant": 2}


@pytest.mark.parametrize(("name", "path"), [("identity_app", "v1.0/groups"), ("global", "v1.0/tenantRelationships/x")])
def test_an_app_is_limited_over_all_tenants(cloud: Cloud, name: str, path: str) -> None:
    cloud.put("v1.0/tenantRelationships/x", {"id": "x"})
    cloud.put("v1.0/tenantRelationships/x", {"id": "x"}, CUSTOMER)
    with stopped(cloud, **{name: 12 / 150_000 if name == "identity_app" else 6 / 130_000}) as (one, limits, _):
        assert {one.get(path, tenant).status_code for tenant in (PARTNER, CUSTOMER) for _ in range(3)} == {200}
        assert one.get(path).status_code == 429
    assert limits.refused == {name: 1}


def test_tokens_and_partner_center_are_not_limited(cloud: Cloud) -> None:
    with stopped(cloud, **{"global": 1e-9}) as (one, _, _):
        assert {one.login().status_code for _ in range(5)} == {200}
        found = {one.get("v1/customers", audience=PARTNER_CENTER).status_code for _ in range(5)}
        assert found == {200}
        assert [one.get("v1.0/groups").status_code for _ in range(2)] == [200, 429]


def test_the_use_of_a_limit_is_told_from_four_fifths_up(cloud: Cloud) -> None:
    with stopped(cloud) as (one, _, _):
        told = [one.get(SIGN_INS).headers.get("x-ms-throttle-limit-percentage") for _ in range(6)]
    assert told == [None, None, None, "0.80", "1.00", "1.20"]


def test_every_third_retry_after_is_to_the_millisecond(cloud: Cloud) -> None:
    with stopped(cloud) as (one, _, clock):
        until_refused(lambda: one.get(SIGN_INS))
        clock.now += 0.1234
        told = [one.get(SIGN_INS).headers["Retry-After"] for _ in range(5)]
    assert told == ["2", "1.877", "2", "2", "1.877"]


def shape(value: Any) -> Any:
    """Return a body without what differs from answer to answer."""
    if isinstance(value, dict):
        return {name: shape(below) for name, below in value.items()}
    text = re.sub(GUID, "<guid>", str(value))
    return re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", "<date>", text)


def test_the_three_bodies_are_those_that_were_seen(cloud: Cloud, golden: Path) -> None:
    documented, reported = (
        json.loads((golden / "graph-docs" / f"error-429.{name}.json").read_text("utf-8"))
        for name in ("concepts-throttling", "reporting-api")
    )
    with stopped(cloud, identity_tenant=1e-9) as (one, _, _):
        _, identity = until_refused(lambda: one.get("v1.0/groups"))
        _, first = until_refused(lambda: one.get(SIGN_INS))
        second = one.get(SIGN_INS)
    assert shape(identity.json()) == shape(documented)
    assert shape(first.json()) == shape(reported)
    sources = (golden / "graph-docs" / "SOURCES.md").read_text("utf-8")
    error = second.json()["error"]
    assert error["code"] == "UnknownError"
    assert re.sub(GUID, "<guid>", error["message"]) in sources
    assert shape(error["innerError"]) == shape(reported["error"]["innerError"])


def test_requests_of_a_batch_are_refused_one_by_one(cloud: Cloud) -> None:
    with stopped(cloud) as (one, limits, _):
        found = one.batch(*["/auditLogs/signIns"] * 7, "/groups")
        assert [answer["status"] for answer in found] == [200] * 5 + [429] * 2 + [200]
        assert found[5]["headers"]["Retry-After"] == "2"
        assert found[5]["headers"]["x-ms-throttle-scope"].endswith(PARTNER)
        assert found[6]["body"]["error"]["code"] == "UnknownError"
    assert limits.refused == {"reports_tenant": 2}


def test_scaled_time_runs_faster_and_is_told_so(cloud: Cloud) -> None:
    with served(cloud, limits=Limits(scale=100)) as one:
        begin = time.monotonic()
        answered = 0
        while answered < 25:  # 20 beyond the capacity, at 50 a second
            answer = one.get(SIGN_INS)
            if answer.status_code == 429:
                assert 0 < float(answer.headers["Retry-After"]) <= 0.02
                time.sleep(float(answer.headers["Retry-After"]))
            else:
                answered += 1
        took = time.monotonic() - begin
    assert took >= 20 / 50 - 0.001


@pytest.mark.parametrize(
    "options", [{"scale": 0}, {"scale": -1}, {"factors": {"reports": 2}}, {"factors": {"global": 0}}]
)
def test_limits_that_cannot_be_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"above 0|no limit is called reports\. There are: .*reports_app"):
        Limits(**options)


def test_every_limit_can_be_reached(cloud: Cloud) -> None:
    """A limit that nothing ever runs into would only look enforced."""
    cloud.put("v1.0/users", people(3))
    paths = {
        "reports_app": SIGN_INS,
        "reports_tenant": SIGN_INS,
        "sign_in_activity_app": ACTIVITY,
        "sign_in_activity_tenant": ACTIVITY,
        "conditional_access": POLICIES,
        "identity_app": "v1.0/groups",
        "identity_tenant": "v1.0/groups",
        "global": "v1.0/groups",
    }
    assert paths.keys() == NAMES
    for name, path in paths.items():
        with stopped(cloud, **{name: 1e-9}) as (one, limits, _):
            until_refused(lambda path=path, one=one: one.get(path))  # type: ignore[misc]
            assert limits.refused == {name: 1}


def call(bucket: str = "reports") -> Call:
    return Call("graph", "GET", PARTNER, APP, SIGN_INS, bucket, "", {}, "http://x")


def ask(limits: Limits, clock: Clock, wait_seconds: float) -> Answer:
    clock.now += wait_seconds
    hook = limits.hook(lambda _: 0)

    async def granted(_: Call) -> Answer:
        return Answer(200, Body(b"{}"))

    async def one() -> Answer:
        return await hook(call(), granted)

    return asyncio.run(one())


@given(st.lists(st.floats(0, 5), min_size=1, max_size=40))
def test_no_stretch_of_time_grants_more_than_capacity_and_refill(waits: list[float]) -> None:
    clock = Clock()
    limits = Limits(clock=clock)
    granted = [clock.now for wait in waits if ask(limits, clock, wait).status == 200]
    for first, begin in enumerate(granted):
        for last, end in enumerate(granted[first:], 1):
            assert last <= 5 + 0.5 * (end - begin) + 1e-6


@given(st.lists(st.floats(0, 3), max_size=40))
def test_who_waits_as_long_as_told_is_answered(waits: list[float]) -> None:
    clock = Clock()
    limits = Limits(clock=clock)
    for wait in waits:
        answer = ask(limits, clock, wait)
        if answer.status == 429:
            told = float(dict(answer.headers)[b"Retry-After"])
            assert ask(limits, clock, told).status == 200


def test_the_real_collector_gets_everything_through_the_limits(cloud: Cloud) -> None:
    """It is refused, waits as told, and no row is missing or double."""
    cloud.put("v1.0/users", people(28))  # 14 pages of a unit each
    limits = Limits(scale=15, factors={"identity_tenant": 0.002})  # 10 units at once, then 10 a second

    class Tokens:
        is_delegated = False

        def __init__(self, bearer: str) -> None:
            self.bearer = bearer

        async def token(self, *, fresh: bool = False) -> str:
            return self.bearer

    async def read(url: str, bearer: str) -> tuple[list[str], float]:
        async with httpx.AsyncClient() as http:
            client = GraphClient(http, url, Tokens(bearer))
            kind = page_decoder(USERS.datasets[0].table)
            pages = [page.value async for page, _ in client.pages(f"{url}/v1.0/users?$top=2", {}, kind)]
            rows = [json.loads(msgspec.json.encode(row))["id"] for page in pages for row in page]
            return rows, client.answered.waited_seconds

    with served(cloud, limits=limits) as one:
        bearer = one.headers()["Authorization"].removeprefix("Bearer ")
        rows, waited = asyncio.run(read(one.url, bearer))
    assert rows == [row["id"] for row in people(28)]
    assert limits.refused["identity_tenant"] > 0
    assert 0 < waited < 1


def test_statistics_tell_what_was_asked_and_refused(cloud: Cloud) -> None:
    plan = [{"path": "v1.0/groups", "fault": {"kind": "status", "status": 503}}]
    with served(cloud, limits=True, statistics=True, faults=plan) as one:
        for _ in range(7):
            one.get(SIGN_INS)
        one.get("v1.0/groups")
        one.batch("/auditLogs/signIns", "/users")
        answer = one.client.get(f"{one.url}/_sandbox/statistics")
    found = answer.json()
    assert found["requests"]["by_bucket"] == {"token": 1, "reports": 8, "identity": 2, "batch": 1}
    assert found["requests"]["total"] == 12
    assert found["refused"] == {"total": 3, "by_bucket": {"reports": 3}}
    assert found["refused_by_limit"] == {"reports_tenant": 3}
    assert found["statuses"] == {"200": 8, "429": 3, "503": 1}
    assert [(fault["kind"], fault["path"]) for fault in found["faults"]] == [("status", "v1.0/groups")]


def test_statistics_are_not_there_unless_asked_for(cloud: Cloud) -> None:
    with served(cloud) as one:
        assert one.client.get(f"{one.url}/_sandbox/statistics").status_code == 404


def test_latency_is_added_to_every_request(cloud: Cloud) -> None:
    with served(cloud, latency_seconds=0.1) as one:
        one.headers()
        begin = time.monotonic()
        one.get("v1.0/groups")
        one.batch(*["/groups"] * 20)  # one request, however many are in it
        assert 0.2 <= time.monotonic() - begin < 1.5


def test_the_command_takes_limits_latency_and_statistics(cloud: Cloud) -> None:
    command = [sys.executable, "-m", "sandbox", "--data", str(cloud.data), "--port", "0"]
    command += ["--limits", "--latency", "0.01", "--statistics"]
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().split()[1]
            with httpx.Client() as client:
                one = Served(url, client)
                assert until_refused(lambda: one.get(SIGN_INS))[0] == 5
                assert client.get(f"{url}/_sandbox/statistics").json()["refused"]["total"] == 1
        finally:
            process.terminate()
