"""Microsoft's own client library gets its tokens here, keeping the real authority."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import msal
import pytest

from sandbox.server import running
from tests.sandbox.cloud import APP, CUSTOMER, GRAPH, PARTNER, SECRET, STRANGER, digest
from tests.sandbox.keys import pair

RT = "0.first"
SCOPES = [f"{GRAPH}/.default"]


class RewritingClient:
    """What msal asks for as ``http_client``: the host is replaced, bytes in a form are decoded."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.client = httpx.Client()
        self.asked: list[str] = []

    def _url(self, url: str) -> str:
        parts = urlsplit(url)
        self.asked.append(parts.netloc)
        return f"{self.base_url}{parts.path}" + (f"?{parts.query}" if parts.query else "")

    def post(self, url: str, params: Any = None, data: Any = None, headers: Any = None, **_: Any) -> httpx.Response:
        if isinstance(data, dict):
            data = urlencode({name: v.decode() if isinstance(v, bytes) else v for name, v in data.items()})
        form = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        return self.client.post(self._url(url), params=params, content=data, headers=form)

    def get(self, url: str, params: Any = None, headers: Any = None, **_: Any) -> httpx.Response:
        return self.client.get(self._url(url), params=params, headers=headers)

    def close(self) -> None:
        self.client.close()


@contextmanager
def client(base_url: str) -> Iterator[RewritingClient]:
    found = RewritingClient(base_url)
    try:
        yield found
    finally:
        found.close()


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    token = {"sha256": digest(RT), "tenant_id": PARTNER, "user_id": STRANGER}
    app = {
        "app_id": APP,
        "secrets_sha256": [digest(SECRET)],
        "certificates": [pair("ours").pem],
        "refresh_tokens": [token],
        "tenants": ["*"],
    }
    (tmp_path / "apps.json").write_text(json.dumps({"apps": [app]}))
    for tenant in (PARTNER, CUSTOMER):
        (tmp_path / tenant / "v1.0").mkdir(parents=True)
        (tmp_path / tenant / "v1.0" / "organization.json").write_text(json.dumps({"value": [{"id": tenant}]}))
    with running(tmp_path) as base_url:
        yield base_url


def application(http: RewritingClient, tenant: str, credential: Any) -> msal.ConfidentialClientApplication:
    authority = f"https://login.microsoftonline.com/{tenant}"
    return msal.ConfidentialClientApplication(APP, credential, authority=authority, http_client=http)


def reads_graph(base_url: str, tenant: str, token: str) -> bool:
    reply = httpx.get(f"{base_url}/v1.0/organization", headers={"Authorization": f"Bearer {token}"})
    return bool(reply.json()["value"] == [{"id": tenant}])


@pytest.mark.parametrize("tenant", [PARTNER, CUSTOMER])
def test_with_a_secret(url: str, tenant: str) -> None:
    with client(url) as http:
        found = application(http, tenant, SECRET).acquire_token_for_client(SCOPES)
        assert set(http.asked) == {"login.microsoftonline.com"}
    assert found["expires_in"] == 3599
    assert reads_graph(url, tenant, found["access_token"])


def test_with_a_client_assertion(url: str) -> None:
    calls = []

    def sign() -> str:
        calls.append(1)
        return pair("ours").sign(time.time())

    with client(url) as http:
        found = application(http, PARTNER, {"client_assertion": sign}).acquire_token_for_client(SCOPES)
    assert calls == [1]
    assert reads_graph(url, PARTNER, found["access_token"])


def test_with_a_refresh_token_at_a_customer(url: str) -> None:
    with client(url) as http:
        app = application(http, CUSTOMER, SECRET)
        found = app.acquire_token_by_refresh_token(RT, SCOPES)
        again = app.acquire_token_by_refresh_token(found["refresh_token"], SCOPES)
    assert found["refresh_token"] not in (RT, again["refresh_token"])
    assert reads_graph(url, CUSTOMER, again["access_token"])


def test_a_refusal_is_a_dict_with_codes(url: str) -> None:
    with client(url) as http:
        found = application(http, PARTNER, "wrong").acquire_token_for_client(SCOPES)
    assert (found["error"], found["error_codes"]) == ("invalid_client", [7000215])
    assert found["error_description"].startswith("AADSTS7000215: ")


def test_an_unknown_tenant_is_a_value_error(url: str) -> None:
    with client(url) as http, pytest.raises(ValueError, match="authority configuration"):
        application(http, STRANGER, SECRET)
