"""A data folder to fill and an in-process client to ask: no socket, and every byte of a request in the test's hands."""

import asyncio
import gzip
import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from sandbox.app import Sandbox
from sandbox.server import Hook, create_app

PARTNER = "11111111-aaaa-4bbb-8ccc-000000000001"
CUSTOMER = "22222222-aaaa-4bbb-8ccc-000000000002"
STRANGER = "33333333-aaaa-4bbb-8ccc-000000000003"
APP = "aaaaaaaa-0000-4000-8000-00000000000a"
SECRET = "not-a-secret-of-anything"
GRAPH = "https://graph.microsoft.com"
PARTNER_CENTER = "https://api.partnercenter.microsoft.com"
HOST = "sandbox.test"
BASE = f"http://{HOST}"


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass
class Reply:
    """What came back: header names in lower case, the body unpacked."""

    status: int
    headers: dict[str, str]
    content: bytes

    def json(self) -> Any:
        return json.loads(self.content)

    @property
    def value(self) -> list[Any]:
        found: list[Any] = self.json()["value"]
        return found

    @property
    def code(self) -> str:
        return str(self.json()["error"]["code"])


def ask(app: Sandbox, method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> Reply:
    """Send one request as ASGI; ``target`` goes out as it is, nothing is normalised."""
    path, _, query = target.partition("?")
    named = {"host": HOST, **{name.lower(): value for name, value in headers.items()}}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode("ascii"),
        "query_string": query.encode("latin-1"),
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in named.items()],
        "server": ("127.0.0.1", 80),
    }
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    found = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in sent[0]["headers"]}
    content = sent[1]["body"]
    assert int(found["content-length"]) == len(content)
    if found.get("content-encoding") == "gzip":
        content = gzip.decompress(content)
    return Reply(sent[0]["status"], found, content)


@dataclass
class Cloud:
    """A data folder with one app that is consented everywhere, and the server over it."""

    data: Path
    hooks: Iterable[Hook] = ()
    now: float = 1_800_000_000.0
    app: Sandbox = field(init=False)
    _tokens: dict[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.apps([{"app_id": APP, "secrets_sha256": [digest(SECRET)], "tenants": ["*"]}])
        for tenant in (PARTNER, CUSTOMER):
            (self.data / tenant).mkdir()
        self.app = create_app(self.data, hooks=self.hooks, clock=lambda: self.now)

    def apps(self, apps: list[dict[str, Any]]) -> None:
        (self.data / "apps.json").write_text(json.dumps({"apps": apps}))

    def put(self, path: str, content: Any, tenant: str = PARTNER) -> Path:
        """Write what the tenant answers at a path (``v1.0/users``); a list becomes ``{"value": [...]}``."""
        file = self.data / tenant / f"{path}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"value": content} if isinstance(content, list) else content))
        return file

    def fail(self, path: str, status: int, body: Any = None, tenant: str = PARTNER, **headers: str) -> Path:
        """Make a path fail. Header names are given with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.put(f"{path}.error", {"status": status, "headers": named, "body": body}, tenant)

    def login(self, tenant: str = PARTNER, /, headers: Any = None, **form: str | None) -> Reply:
        """Ask for a token; ``None`` leaves a field out."""
        full: dict[str, str | None] = {
            "grant_type": "client_credentials",
            "client_id": APP,
            "client_secret": SECRET,
            "scope": f"{GRAPH}/.default",
            **form,
        }
        body = urlencode({name: value for name, value in full.items() if value is not None})
        return ask(self.app, "POST", f"/{tenant}/oauth2/v2.0/token", headers or {}, body.encode())

    def token(self, tenant: str = PARTNER, audience: str = GRAPH) -> str:
        key = (tenant, audience)
        if key not in self._tokens:
            reply = self.login(tenant, scope=f"{audience}/.default")
            assert reply.status == 200, reply.content
            self._tokens[key] = reply.json()["access_token"]
        return self._tokens[key]

    def sign_in_a_user(self, audience: str, tenant: str = PARTNER) -> None:
        """Let the tokens for a service be a user's from now on, not the application's alone."""
        text = "0.refresh-token-of-a-user"
        registered = {"sha256": digest(text), "tenant_id": tenant, "user_id": "55555555-aaaa-4bbb-8ccc-000000000005"}
        self.apps(
            [{"app_id": APP, "secrets_sha256": [digest(SECRET)], "refresh_tokens": [registered], "tenants": ["*"]}]
        )
        reply = self.login(
            tenant, grant_type="refresh_token", refresh_token=text, scope=f"{audience}/.default offline_access"
        )
        assert reply.status == 200, reply.content
        self._tokens[tenant, audience] = reply.json()["access_token"]

    def get(self, target: str, tenant: str = PARTNER, method: str = "GET", body: Any = None, **headers: str) -> Reply:
        """Ask with the tenant's token: Graph's, or Partner Center's below ``/v1/``. A full URL loses its host."""
        if target.startswith("http"):
            parts = urlsplit(target)
            assert f"{parts.scheme}://{parts.netloc}" == BASE
            target = f"{parts.path}?{parts.query}"
        audience = PARTNER_CENTER if target.startswith("/v1/") else GRAPH
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named.setdefault("authorization", f"Bearer {self.token(tenant, audience)}")
        content = b"" if body is None else json.dumps(body).encode()
        return ask(self.app, method, target, named, content)

    def pages(self, target: str, tenant: str = PARTNER, **headers: str) -> list[list[Any]]:
        """Follow ``@odata.nextLink`` to the end."""
        found = []
        link: str | None = target
        while link:
            reply = self.get(link, tenant, **headers)
            assert reply.status == 200, reply.content
            found.append(reply.value)
            link = reply.json().get("@odata.nextLink")
        return found


def settle(*files: Path) -> None:
    """Make files look as if they had lain there for a while, so that answers made from them are kept."""
    for file in files:
        os.utime(file, ns=(1_700_000_000_000_000_000, 1_700_000_000_000_000_000))


def people(count: int) -> list[dict[str, Any]]:
    return [
        {
            "id": f"00000000-0000-4000-8000-{number:012d}",
            "userPrincipalName": f"user{number}@contoso.example",
            "displayName": f"User {number}",
            "accountEnabled": number % 3 != 0,
            "userType": "Guest" if number % 5 == 0 else "Member",
            "signInActivity": {"lastSignInDateTime": "2026-11-01T00:00:00Z"},
        }
        for number in range(count)
    ]
