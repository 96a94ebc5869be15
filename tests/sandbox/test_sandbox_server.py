"""The server as a process: ready line, real sockets, hooks."""

import asyncio
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from sandbox.calls import Answer, Body, Call, Handler, Hook, chain
from sandbox.server import create_app, running, serve
from tests.sandbox.cloud import CUSTOMER, PARTNER, SECRET, Cloud, people

ROOT = Path(__file__).resolve().parents[2]


def token(base_url: str, tenant: str) -> str:
    form = {
        "grant_type": "client_credentials",
        "client_id": "aaaaaaaa-0000-4000-8000-00000000000a",
        "client_secret": SECRET,
        "scope": "https://graph.microsoft.com/.default",
    }
    return str(httpx.post(f"{base_url}/{tenant}/oauth2/v2.0/token", data=form).json()["access_token"])


def test_it_serves_over_a_socket(cloud: Cloud) -> None:
    cloud.put("v1.0/users", people(5))
    with running(cloud.data) as base_url:
        headers = {"Authorization": f"Bearer {token(base_url, PARTNER)}"}
        with httpx.Client(headers=headers) as client:
            found = []
            link = f"{base_url}/v1.0/users?$top=2"
            while link:
                reply = client.get(link)
                assert reply.headers["content-encoding"] == "gzip"
                assert reply.headers.get_list("date") == [reply.headers["date"]]
                found += reply.json()["value"]
                link = reply.json().get("@odata.nextLink")
    assert found == people(5)
    with pytest.raises(httpx.ConnectError):
        httpx.get(base_url)


def test_a_raw_path_is_not_normalised_on_the_way(cloud: Cloud) -> None:
    cloud.put("v1.0/users", people(1), CUSTOMER)
    with running(cloud.data) as base_url:
        bearer = {"Authorization": f"Bearer {token(base_url, PARTNER)}"}
        for path in (f"/v1.0/../../{CUSTOMER}/v1.0/users", f"/v1.0/..%2f..%2f{CUSTOMER}%2fv1.0%2fusers", "/v1.0/%00"):
            connection = http.client.HTTPConnection(urlsplit(base_url).netloc)
            connection.request("GET", path, headers=bearer)
            reply = connection.getresponse()
            assert reply.status == 400
            assert b"userPrincipalName" not in reply.read()
            connection.close()


def test_two_run_beside_each_other(tmp_path: Path) -> None:
    clouds = []
    for name, count in (("a", 1), ("b", 2)):
        (tmp_path / name).mkdir()
        clouds.append(Cloud(tmp_path / name))
        clouds[-1].put("v1.0/users", people(count))
    with running(clouds[0].data) as one, running(clouds[1].data) as other:
        for base_url, count in ((one, 1), (other, 2)):
            bearer = {"Authorization": f"Bearer {token(base_url, PARTNER)}"}
            assert len(httpx.get(f"{base_url}/v1.0/users", headers=bearer).json()["value"]) == count


def test_the_command_says_when_it_is_ready_and_ends_when_interrupted(cloud: Cloud) -> None:
    command = [sys.executable, "-m", "sandbox", "--data", str(cloud.data), "--port", "0"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        base_url = line.split()[1]
        assert line == f"sandbox: {base_url} serves 2 tenants of {cloud.data}\n"
        assert base_url.startswith("http://127.0.0.1:")
        assert token(base_url, PARTNER)
        process.send_signal(signal.SIGINT)
        assert process.stdout.read() == ""
        assert process.wait(10) == 0


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotADirectoryError, match=r"no such folder\. Expected apps\.json"):
        create_app(tmp_path / "nothing")
    with pytest.raises(NotADirectoryError), running(tmp_path / "nothing"):
        pass


def test_a_port_that_is_taken_is_told(cloud: Cloud) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"127.0.0.1:{port}: cannot listen there"):
            serve(cloud.data, port)


def test_hooks_see_every_call_and_may_answer_or_change_it(tmp_path: Path) -> None:
    seen: list[tuple[str, str, str, str, str]] = []

    async def watch(call: Call, handler: Handler) -> Answer:
        await asyncio.sleep(0)
        seen.append((call.service, call.bucket, call.tenant, call.app_id[:8], call.path))
        answer = await handler(call)
        answer.headers += ((b"x-watched", b"1"),)
        return answer

    async def stop(call: Call, handler: Handler) -> Answer:
        if call.path == "v1.0/groups":
            return Answer(503, Body(json.dumps({"error": {"code": "x", "message": "y"}}).encode()))
        return await handler(call)

    cloud = Cloud(tmp_path, hooks=(watch, stop))
    cloud.put("v1.0/users", people(1))
    assert cloud.get("/v1.0/users?$select=id").headers["x-watched"] == "1"
    assert cloud.get("/v1.0/groups").status == 503
    for target in (
        "/v1.0/users?$select=id,signInActivity",
        "/v1.0/users/x?%24select=signInActivity",
        "/v1.0/auditLogs/signIns",
        "/v1.0/identity/conditionalAccess/policies",
        "/v1.0/tenantRelationships/delegatedAdminCustomers",
        "/beta/security/partner/securityScore/history",
        "/v1.0/users/x/authentication/methods",
        "/v1.0/somewhere/else",
        "/v1/customers",
    ):
        cloud.get(target)
    assert [(service, bucket) for service, bucket, *_ in seen] == [
        ("login", "token"),
        ("graph", "identity"),
        ("graph", "identity"),
        ("graph", "sign_in_activity"),
        ("graph", "sign_in_activity"),
        ("graph", "reports"),
        ("graph", "conditional_access"),
        ("graph", "gdap"),
        ("graph", "partner_security"),
        ("graph", "reports"),
        ("graph", "other"),
        ("login", "token"),
        ("partner_center", "partner_center"),
    ]
    assert {entry[2:4] for entry in seen} == {(PARTNER, "aaaaaaaa")}
    assert seen[0][4] == "token"


def test_hooks_run_in_their_order(cloud: Cloud) -> None:
    order: list[str] = []

    def hook(name: str) -> Hook:
        async def run(call: Call, handler: Handler) -> Answer:
            order.append(name)
            return await handler(call)

        return run

    async def last(call: Call) -> Answer:
        order.append("last")
        return Answer(200, Body(b""))

    handler = chain([hook("first"), hook("second")], last)

    async def send() -> None:
        await handler(Call("graph", "GET", PARTNER, "", "", "", "", {}, ""))

    asyncio.run(send())
    assert order == ["first", "second", "last"]


def test_the_server_speaks_lifespan(cloud: Cloud) -> None:
    asked = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
    sent: list[str] = []

    async def receive() -> dict[str, Any]:
        return next(asked)

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message["type"])

    asyncio.run(cloud.app({"type": "lifespan"}, receive, send))
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
