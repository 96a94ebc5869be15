"""Who is let in, and that no path leads out of the tenant's folder."""

import json
import os
from pathlib import Path
from urllib.parse import quote

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.paths import segments
from tests.sandbox.cloud import CUSTOMER, GRAPH, PARTNER, PARTNER_CENTER, SECRET, Cloud, Reply, ask, people

SECRET_FILE = {"value": [{"id": "not for you"}]}


def ask_with(cloud: Cloud, authorization: str | None, target: str = "/v1.0/users") -> Reply:
    return ask(cloud.app, "GET", target, {} if authorization is None else {"authorization": authorization})


@pytest.mark.parametrize(
    ("authorization", "message"),
    [
        (None, "empty"),
        ("", "empty"),
        ("Bearer", "empty"),
        ("Bearer ", "empty"),
        ("Basic dXNlcjpwYXNz", "empty"),
        ("Bearer abc", "IDX14100"),
        ("Bearer a.b.c", "Signature"),
        ("Bearer \xff.\xff.\xff", "Signature"),
    ],
)
def test_without_a_token_of_ours_there_is_no_answer(cloud: Cloud, authorization: str | None, message: str) -> None:
    reply = ask_with(cloud, authorization)
    assert (reply.status, reply.code) == (401, "InvalidAuthenticationToken")
    assert message in reply.json()["error"]["message"]
    assert reply.headers["www-authenticate"].startswith('Bearer realm="", authorization_uri="https://login.')


def test_a_forged_token_is_not_taken(cloud: Cloud) -> None:
    good = cloud.token()
    claims = jwt.decode(good, options={"verify_signature": False})
    kid = jwt.get_unverified_header(good)["kid"]
    for forged in (
        jwt.encode(claims, "k" * 32, algorithm="HS256", headers={"kid": kid}),
        jwt.encode(claims, "", algorithm="none"),
        ".".join([*good.split(".")[:2], good.split(".")[2][::-1]]),
    ):
        assert ask_with(cloud, f"Bearer {forged}").status == 401


def test_a_token_ends(cloud: Cloud) -> None:
    authorization = f"Bearer {cloud.token()}"
    for seconds, status in ((0, 200), (3598, 200), (3600, 401), (1e9, 401)):
        cloud.now = 1_800_000_000.0 + seconds
        reply = ask_with(cloud, authorization)
        assert reply.status == status
    assert reply.json()["error"]["message"] == "Lifetime validation failed, the token is expired."


def test_a_token_is_for_one_tenant(cloud: Cloud) -> None:
    cloud.put("v1.0/users", people(1), PARTNER)
    cloud.put("v1.0/users", people(2), CUSTOMER)
    assert len(ask_with(cloud, f"bearer {cloud.token(CUSTOMER)}").value) == 2
    assert len(ask_with(cloud, f"Bearer {cloud.token(PARTNER)}").value) == 1


def test_a_token_is_for_one_service(cloud: Cloud) -> None:
    reply = ask_with(cloud, f"Bearer {cloud.token(PARTNER, PARTNER_CENTER)}")
    assert (reply.status, reply.json()["error"]["message"]) == (
        401,
        "Access token validation failure. Invalid audience.",
    )
    assert ask_with(cloud, f"Bearer {cloud.token(PARTNER, GRAPH)}", "/v1/customers").status == 401


def test_a_tenant_that_is_gone_is_not_an_empty_one(cloud: Cloud) -> None:
    token = cloud.token(CUSTOMER)
    (cloud.data / CUSTOMER).rmdir()
    reply = ask_with(cloud, f"Bearer {token}")
    assert (reply.status, reply.code) == (401, "Authorization_IdentityNotFound")


def test_the_same_server_restarted_does_not_know_old_tokens(cloud: Cloud, tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    other = Cloud(tmp_path / "again")
    assert ask_with(other, f"Bearer {cloud.token()}").status == 401


def test_a_secret_is_nowhere_in_an_answer(cloud: Cloud) -> None:
    replies = [cloud.login(), cloud.login(client_secret=SECRET + "x"), cloud.get("/v1.0/users"), cloud.get("/v1.0/x")]
    assert all(SECRET not in reply.content.decode() for reply in replies)


TRAVERSALS = [
    f"../{CUSTOMER}/v1.0/users",
    f"../../{CUSTOMER}/v1.0/users",
    f"%2e%2e/%2e%2e/{CUSTOMER}/v1.0/users",
    f"..%2f..%2f{CUSTOMER}%2fv1.0%2fusers",
    f"..%252f..%252f{CUSTOMER}%252fv1.0%252fusers",
    f"users/..%2f..%2f..%2f{CUSTOMER}%2fv1.0%2fusers",
    f"..%5c..%5c{CUSTOMER}%5cv1.0%5cusers",
    f"users/../../../{CUSTOMER}/v1.0/users",
    f"%c0%ae%c0%ae/%c0%ae%c0%ae/{CUSTOMER}/v1.0/users",
    f"./../{CUSTOMER}/v1.0/users",
    f".../...//{CUSTOMER}/v1.0/users",
    "../../apps",
    "%2e%2e/%2e%2e/apps",
    "users%00",
    "users%00.json",
    "users/%0a",
    "%2fetc%2fpasswd",
    "//etc/passwd",
    "x" * 5000,
    "users/" + "%F0%9F%98%80" * 100,
    "users.error",
    "users.ERROR",
    "users.error/x",
]


@pytest.mark.parametrize("path", TRAVERSALS)
@pytest.mark.parametrize("version", ["v1.0", "beta"])
def test_no_path_leads_out_of_the_folder(cloud: Cloud, path: str, version: str) -> None:
    cloud.put("v1.0/users", SECRET_FILE, CUSTOMER)
    cloud.put(f"{version}/users.error", {"status": 403, "headers": {}, "body": None})
    reply = cloud.get(f"/{version}/{path}")
    assert reply.status in {400, 404}
    assert "not for you" not in reply.content.decode()
    assert "secrets_sha256" not in reply.content.decode()


@pytest.mark.parametrize("path", TRAVERSALS)
def test_nor_does_one_in_a_batch_or_at_partner_center(cloud: Cloud, path: str) -> None:
    cloud.put("v1.0/users", SECRET_FILE, CUSTOMER)
    cloud.put("v1.0/users.error", {"status": 403, "headers": {}, "body": None})
    batch = {"requests": [{"id": "1", "method": "GET", "url": f"/{path}"}]}
    [found] = cloud.get("/v1.0/$batch", method="POST", body=batch).json()["responses"]
    assert found["status"] in {400, 404}
    assert "not for you" not in json.dumps(found)
    reply = cloud.get(f"/v1/{path}")
    assert reply.status == 404
    assert "not for you" not in reply.content.decode()


@given(
    raw=st.text(alphabet="./\\%25eEfF0aA:~$*\x00é -_", max_size=40).map(lambda text: quote(text, safe="/%").encode())
)
def test_whatever_is_let_through_stays_below(raw: bytes) -> None:
    found = segments(raw)
    if found is None:
        return
    assert all(name not in {"", ".", ".."} and "/" not in name and "\x00" not in name for name in found)
    base = "/data/tenant"
    assert os.path.normpath("/".join([base, *found])).startswith(f"{base}/")


@pytest.mark.parametrize(
    "raw", [b"/v1.0/users/a%20b", b"/v1.0/users/a..b", b"/v1.0/domains/x.example", b"/v1.0/%C3%A9"]
)
def test_ordinary_names_are_let_through(raw: bytes) -> None:
    assert segments(raw) is not None
