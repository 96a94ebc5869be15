"""Paging and waiting against a real HTTP server that answers what each test wrote down."""

from __future__ import annotations

import asyncio
import gzip
import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import collectors.graph
from collectors.errors import NotLicensed, NotPermitted, ScanError, Throttled, Unreachable, Unreadable
from collectors.graph import GraphClient, check_link, retry_after
from collectors.microsoft.users import USERS
from collectors.shape import page_decoder
from tests.collectors.scripted import Reply, Script

PAGE = page_decoder(USERS.datasets[0].table)
TENANT = "0f0f0f0f-0000-4000-8000-000000000001"


class Tokens:
    is_delegated = False

    def __init__(self) -> None:
        self.given = 0

    async def token(self, *, fresh: bool = False) -> str:
        self.given += fresh or not self.given
        return f"token-{self.given}"


def user(n: int) -> dict[str, Any]:
    return {"id": f"u{n}", "userPrincipalName": f"u{n}@x.example"}


def read(url: str, tokens: Tokens | None = None) -> list[Any]:
    async def all_of_it() -> list[Any]:
        async with httpx.AsyncClient(timeout=5) as http:
            client = GraphClient(http, url.split("/v1.0", maxsplit=1)[0], tokens or Tokens())
            return [row async for page, _ in client.pages(url, {}, PAGE) for row in page.value]

    return asyncio.run(all_of_it())


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collectors.graph, "FIRST_BACKOFF_SECONDS", 0.01)
    monkeypatch.setattr(collectors.graph, "ATTEMPTS", 4)


@settings(max_examples=20)  # each is a server and its requests
@given(count=st.integers(0, 40), size=st.integers(1, 20))
def test_any_split_into_pages_gives_the_same_items(count: int, size: int) -> None:
    from tests.collectors.scripted import scripted

    items = [user(n) for n in range(count)]
    pages = [items[at : at + size] for at in range(0, count, size)] or [[]]
    with scripted() as script:
        for number, page in enumerate(pages):
            body: dict[str, Any] = {"value": page}
            if number + 1 < len(pages):
                body["@odata.nextLink"] = f"{script.url}/v1.0/users?$skiptoken={number + 1}"
            script.on(f"/v1.0/users?$skiptoken={number}" if number else "/v1.0/users", Reply(body))
        assert len(read(f"{script.url}/v1.0/users")) == count


def test_a_failed_page_is_not_a_short_list(script: Script) -> None:
    script.on("/v1.0/users", Reply({"value": [user(1)], "@odata.nextLink": f"{script.url}/v1.0/users?$skiptoken=2"}))
    script.on("/v1.0/users?$skiptoken=2", Reply({"error": {"code": "BadRequest", "message": "no"}}, 400))
    with pytest.raises(Unreadable, match="400 BadRequest: no"):
        read(f"{script.url}/v1.0/users")


def test_an_empty_page_in_the_middle_is_followed(script: Script) -> None:
    script.on("/v1.0/users", Reply({"value": [], "@odata.nextLink": f"{script.url}/v1.0/users?$skiptoken=2"}))
    script.on("/v1.0/users?$skiptoken=2", Reply({"value": [user(1)]}))
    assert len(read(f"{script.url}/v1.0/users")) == 1


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/v1.0/users?$skiptoken=2",
        "{url}.evil.example/v1.0/users?$skiptoken=2",
        "{url}/beta/users?$skiptoken=2",
        "{url}/v1.0/" + TENANT + "/users?$skiptoken=2",
        "/v1.0/users?$skiptoken=2",
    ],
)
def test_a_next_link_elsewhere_is_not_followed(script: Script, link: str) -> None:
    body = {"value": [user(1)], "@odata.nextLink": link.format(url=script.url)}
    script.on("/v1.0/users", Reply(body))
    with pytest.raises(Unreadable, match="was not followed") as caught:
        read(f"{script.url}/v1.0/users")
    assert caught.value.code == "ForeignNextLink"
    assert len(script.asked) == 1


def test_a_loop_of_next_links_ends(script: Script) -> None:
    script.on("/v1.0/users", Reply({"value": [user(1)], "@odata.nextLink": f"{script.url}/v1.0/users?$skiptoken=2"}))
    script.on("/v1.0/users?$skiptoken=2", Reply({"value": [user(2)], "@odata.nextLink": f"{script.url}/v1.0/users"}))
    with pytest.raises(Unreadable) as caught:
        read(f"{script.url}/v1.0/users")
    assert caught.value.code == "PageLoop"


def test_a_page_that_repeats_is_refused(script: Script) -> None:
    for n in range(3):
        path = f"/v1.0/users?$skiptoken={n}" if n else "/v1.0/users"
        body = {"value": [user(1), user(2)], "@odata.nextLink": f"{script.url}/v1.0/users?$skiptoken={n + 1}"}
        script.on(path, Reply(body))
    with pytest.raises(Unreadable) as caught:
        read(f"{script.url}/v1.0/users")
    assert caught.value.code == "PageRepeated"


@pytest.mark.parametrize("wait", ["0.05", "0", "Thu, 01 Jan 2026 00:00:00 GMT", "soon", None])
def test_a_429_is_waited_out_whatever_its_retry_after(script: Script, wait: str | None) -> None:
    headers = {"Retry-After": wait} if wait else {}
    script.on("/v1.0/users", Reply({"error": {"code": "TooManyRequests"}}, 429, headers), Reply({"value": [user(1)]}))
    assert len(read(f"{script.url}/v1.0/users")) == 1
    assert script.times("/v1.0/users") == 2


def test_retry_after_reads_every_form() -> None:
    assert retry_after("2.128") == 2.128
    assert retry_after("120") == 120
    assert retry_after("-3") == 0
    in_a_minute = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    assert retry_after(in_a_minute) == pytest.approx(60, abs=2)
    assert [retry_after(text) for text in (None, "", "soon", "nan", "inf")] == [None] * 5


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_5xx_is_asked_again(script: Script, status: int) -> None:
    script.on("/v1.0/users", Reply(b"<html>oops</html>", status), Reply({"value": [user(1)]}))
    assert len(read(f"{script.url}/v1.0/users")) == 1


def test_a_cut_connection_is_asked_again(script: Script) -> None:
    script.on("/v1.0/users", Reply({"value": [user(1)]}, cut=10), Reply({"value": [user(1)]}))
    assert len(read(f"{script.url}/v1.0/users")) == 1


def test_truncated_gzip_is_asked_again(script: Script) -> None:
    whole = gzip.compress(json.dumps({"value": [user(n) for n in range(50)]}).encode())
    broken = Reply(whole[:-30], headers={"Content-Encoding": "gzip"})
    wrong = Reply(b"not gzip at all", headers={"Content-Encoding": "gzip"})
    script.on("/v1.0/users", wrong, broken, Reply(whole, headers={"Content-Encoding": "gzip"}))
    assert len(read(f"{script.url}/v1.0/users")) == 50
    script.on("/v1.0/users?x", broken)
    with pytest.raises(ScanError):
        read(f"{script.url}/v1.0/users?x")


@pytest.mark.parametrize(("status", "kind"), [(429, Throttled), (503, Unreachable)])
def test_waiting_ends(script: Script, status: int, kind: type[ScanError]) -> None:
    script.on("/v1.0/users", Reply({"error": {"code": "busy", "message": "later"}}, status, {"Retry-After": "0"}))
    with pytest.raises(kind, match="busy: later"):
        read(f"{script.url}/v1.0/users")
    assert script.times("/v1.0/users") == 4


def test_a_wait_longer_than_we_may_wait_is_not_begun(script: Script) -> None:
    script.on("/v1.0/users", Reply({"error": {"code": "busy"}}, 429, {"Retry-After": "86400"}))
    with pytest.raises(Throttled):
        read(f"{script.url}/v1.0/users")
    assert script.times("/v1.0/users") == 1


def test_a_401_renews_the_token_once(script: Script) -> None:
    script.on("/v1.0/users", Reply({"error": {"code": "InvalidAuthenticationToken"}}, 401), Reply({"value": []}))
    tokens = Tokens()
    assert read(f"{script.url}/v1.0/users", tokens) == []
    assert [headers["Authorization"] for _, headers in script.asked] == ["Bearer token-1", "Bearer token-2"]


def test_a_second_401_is_final(script: Script) -> None:
    script.on("/v1.0/users", Reply({"error": {"code": "InvalidAuthenticationToken"}}, 401))
    with pytest.raises(NotPermitted):
        read(f"{script.url}/v1.0/users")
    assert script.times("/v1.0/users") == 2


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"error": {"code": "Authorization_RequestDenied", "message": "Insufficient privileges"}}, NotPermitted),
        (
            {"error": {"code": "x", "message": "Neither tenant is B2C or tenant doesn't have premium license"}},
            NotLicensed,
        ),
        ({"error": {"code": "Authentication_RequestFromNonPremiumTenantOrB2CTenant"}}, NotLicensed),
        ({"error": "denied"}, NotPermitted),
        (b"", NotPermitted),
        (b"\xff\xfe<html>", NotPermitted),
    ],
)
def test_a_403_says_whether_consent_or_a_licence_is_missing(script: Script, body: Any, kind: type[ScanError]) -> None:
    script.on("/v1.0/users", Reply(body, 403))
    with pytest.raises(kind):
        read(f"{script.url}/v1.0/users")
    assert script.times("/v1.0/users") == 1


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"value": [', "not JSON"),
        (b'{"value": [{"id": 7, "userPrincipalName": "a"}]}', r"Expected `str`, got `int` - at `\$.value\[0\].id`"),
        (b'{"value": [{"userPrincipalName": "a"}]}', "missing required field `id`"),
        (b'{"value": [{"id": "a", "userPrincipalName": "a", "accountEnabled": "yes"}]}', "accountEnabled"),
        (b'{"value": [{"id": "a", "userPrincipalName": "a", "createdDateTime": "yesterday"}]}', "createdDateTime"),
        (b'{"items": []}', "missing required field `value`"),
        (b"[]", "Expected `object`, got `array`"),
        (b"\xff\xff", "not"),
    ],
)
def test_an_answer_that_is_not_as_declared_says_where(script: Script, body: bytes, words: str) -> None:
    script.on("/v1.0/users", Reply(body))
    with pytest.raises(Unreadable, match=words):
        read(f"{script.url}/v1.0/users")


def test_an_answer_printed_over_several_lines_is_read(script: Script) -> None:
    script.on("/v1.0/users", Reply(json.dumps({"value": [user(1)]}, indent=4).encode()))
    assert len(read(f"{script.url}/v1.0/users")) == 1


def test_nobody_listening_is_unreachable() -> None:
    with pytest.raises(Unreachable, match="ConnectError"):
        read("http://127.0.0.1:9/v1.0/users")


def test_a_link_within_the_same_list_is_fine() -> None:
    base = f"https://graph.microsoft.com/v1.0/groups/{TENANT}/transitiveMembers"
    check_link(f"{base}?$skiptoken=1", f"{base}?$select=id")
    check_link(f"{base.replace(TENANT, TENANT.upper())}?$skiptoken=1", base)
