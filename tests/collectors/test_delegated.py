"""A user's sign-in: refresh tokens exchanged at the tenant, kept, never lost, never shown."""

from __future__ import annotations

import json
import logging
import os
import stat
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.fernet import Fernet
from hypothesis import given, settings
from hypothesis.strategies import characters, lists, text

from collectors.collect import tls
from collectors.config import CLOUDS
from collectors.credentials import resolve
from collectors.errors import ConfigError, CredentialError, NotPermitted, ScanError
from collectors.hook import EntraHook
from collectors.refresh_tokens import UNUSED_DAYS, RefreshTokens
from collectors.tokens import AppTokens, DelegatedTokens, token_source
from sandbox.calls import Answer, Call, Handler, Hook
from sandbox.entra_errors import RefusedError, refusal
from sandbox.server import running
from tests.cloud import APP, CONNECTION, CUSTOMER, PARTNER, SECRET, Cloud, cloud

FIRST = "0.first-refresh-token-of-the-service-user"
SECOND = "0.second-refresh-token-of-the-service-user"
USER = "55555555-0000-4000-8000-000000000005"
ROOT = Path(__file__).parents[2]


def put_app(one: Cloud, **changes: Any) -> None:
    path = one.data / "apps.json"
    apps = json.loads(path.read_text())
    tokens = [
        {"sha256": sha256(text.encode()).hexdigest(), "tenant_id": PARTNER, "user_id": USER, "revoked": False}
        for text in (FIRST, SECOND)
    ]
    apps["apps"][0] |= {"refresh_tokens": tokens} | changes
    path.write_text(json.dumps(apps))


@pytest.fixture
def connection(monkeypatch: pytest.MonkeyPatch) -> Any:
    def change(refresh_token: str, **fields: Any) -> None:
        body = {"conn_type": "entra", "login": APP, "password": SECRET, "extra": {"refresh_token": refresh_token}}
        monkeypatch.setenv(f"AIRFLOW_CONN_{CONNECTION.upper()}", json.dumps(body | fields))

    return change


@pytest.fixture
def one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, connection: Any) -> Iterator[Cloud]:
    with cloud(tmp_path, monkeypatch, CUSTOMER) as one:
        put_app(one)
        connection(FIRST)
        yield one


def source(one: Cloud, tenant_id: str = CUSTOMER) -> AppTokens:
    return token_source(one.config, one.partner, tenant_id, tls())


def store(one: Cloud, original: str = FIRST) -> RefreshTokens:
    return RefreshTokens.of(one.config, CONNECTION, original)


def claims(token: str) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return found


def test_the_connection_says_who_signs_in(one: Cloud, connection: Any) -> None:
    assert isinstance(source(one), DelegatedTokens)
    connection("")
    assert not isinstance(source(one), DelegatedTokens)


def test_airflows_button_tests_the_users_sign_in(one: Cloud, connection: Any) -> None:
    assert EntraHook(CONNECTION).test_connection() == (True, "Signed in to Nordlicht.")
    connection("0.nobody-knows-it")
    is_well, words = EntraHook(CONNECTION).test_connection()
    assert not is_well
    assert "AADSTS70000" in words
    assert "token.invalid: Sign the service user" in words
    assert "nobody-knows-it" not in words


def test_a_refresh_token_is_exchanged_at_the_customer_for_the_users_token(one: Cloud) -> None:
    found = claims(source(one).acquire()["access_token"])
    assert (found["tid"], found["idtyp"], found["oid"]) == (CUSTOMER, "user", USER)
    assert found["aud"] == "https://graph.microsoft.com"


def test_the_new_refresh_token_is_kept_for_us_alone(one: Cloud) -> None:
    answer = source(one).acquire()
    kept = store(one).newest()
    assert kept not in {FIRST, ""}
    assert "refresh_token" not in answer
    folder = one.config.landing.with_name("tokens")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    assert source(one).acquire()["access_token"]
    assert store(one).newest() != kept


def test_a_folder_that_others_may_read_is_closed_to_them(one: Cloud) -> None:
    folder = one.config.landing.with_name("tokens")
    folder.mkdir(parents=True, mode=0o755)
    source(one).acquire()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_new_token_in_the_connection_wins_over_all_that_came_from_the_old_one(one: Cloud, connection: Any) -> None:
    source(one).acquire()
    old = store(one).newest()
    connection(SECOND)
    assert store(one, SECOND).newest() == SECOND
    source(one).acquire()
    assert store(one, SECOND).newest() not in {SECOND, old}
    # A process that began before the change goes on with its own and disturbs nobody.
    assert store(one).newest() == old


def test_what_descends_from_a_forgotten_token_is_removed_in_the_end(one: Cloud) -> None:
    folder = one.config.landing.with_name("tokens")
    source(one).acquire()
    old = next(folder.glob("*.token"))
    torn = folder / f".{CONNECTION}.abc.token.1.part"
    torn.write_text("torn")
    other = folder / "another_connection.0123456789abcdef.token"
    other.write_text("kept")
    before = time.time() - (UNUSED_DAYS + 1) * 86_400
    for path in (old, torn, other):
        os.utime(path, (before, before))
    store(one, SECOND).write("next")
    assert not old.exists()
    assert not torn.exists()
    assert other.exists()


def test_it_is_encrypted_with_airflows_key(one: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", old)
    source(one).acquire()
    token = store(one).newest()
    file = next(one.config.landing.with_name("tokens").glob("*.token"))
    assert token != FIRST
    assert token.encode() not in file.read_bytes()
    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", f"{new},{old}")  # how Airflow rotates its key
    assert store(one).newest() == token
    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", new)
    assert store(one).newest() == FIRST
    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", "no key")
    with pytest.raises(ConfigError, match="is not a Fernet key"):
        store(one)


@settings(max_examples=20)
@given(tokens=lists(text(characters(codec="utf-8", exclude_characters="\0"), min_size=1), min_size=1, max_size=3))
@pytest.mark.parametrize("key", ["", Fernet.generate_key().decode()], ids=["plain", "encrypted"])
def test_the_newest_is_what_was_kept_last(
    tmp_path_factory: pytest.TempPathFactory, tokens: list[str], key: str
) -> None:
    kept = RefreshTokens(tmp_path_factory.mktemp("store"), "some/connection [1]", FIRST, key)
    assert kept.newest() == FIRST
    for token in tokens:
        with kept.rotation() as held:
            held.keep(token)
        assert kept.newest() == token


def test_a_folder_we_may_not_use_is_said_clearly(one: Cloud) -> None:
    one.config.landing.parent.mkdir(parents=True, exist_ok=True)
    one.config.landing.with_name("tokens").write_text("in the way")
    with pytest.raises(ConfigError, match=r"tokens: refresh tokens cannot be kept here: .*make it writable"):
        source(one).acquire()


@pytest.mark.parametrize("name", sorted(CLOUDS))
@pytest.mark.parametrize("is_delegated", [False, True])
def test_each_cloud_is_asked_for_a_token_of_its_own_graph(
    one: Cloud, connection: Any, name: Any, is_delegated: bool
) -> None:
    asked: list[tuple[str, str]] = []

    async def listen(call: Call, handler: Handler) -> Answer:
        if call.service == "login" and call.form:
            asked.append((call.tenant, call.form["scope"]))
        return await handler(call)

    connection(FIRST if is_delegated else "")
    authority, graph, _ = CLOUDS[name]
    with running(one.data, hooks=[listen]) as url:
        path = one.folder / "rollcall.toml"
        path.write_text(path.read_text().replace(one.url, url) + f'cloud = "{name}"\n')
        made = source(one)
        with suppress(ScanError):  # the sandbox stands in for the global cloud's services alone
            made.acquire()
    assert [(tenant, scope.split()[0]) for tenant, scope in asked] == [(CUSTOMER, f"{graph}/.default")]
    assert made.place.consent_url == f"{authority}/{CUSTOMER}/adminconsent?client_id={APP}"


def test_a_damaged_file_costs_the_rotated_token_and_not_the_scan(one: Cloud) -> None:
    source(one).acquire()
    next(one.config.landing.with_name("tokens").glob("*.token")).write_bytes(b"\xff\xfe")
    assert source(one).acquire()["access_token"]


def test_a_refused_exchange_keeps_what_was_there(one: Cloud) -> None:
    source(one).acquire()
    kept = store(one).newest()
    fault = {"path": "token", "fault": {"kind": "token_error", "code": 50076}}
    (one.data / "faults.json").write_text(json.dumps([fault]))
    with pytest.raises(NotPermitted, match=r"AADSTS50076.*auth\.mfa_required.*Sign the service user"):
        source(one).acquire()
    assert store(one).newest() == kept


def only_once() -> Hook:
    """Let every refresh token be good for one exchange, which is more than Entra demands."""
    used: set[str] = set()

    async def hook(call: Call, handler: Handler) -> Answer:
        token = call.form.get("refresh_token") if call.service == "login" else None
        if token in used:
            return refusal(RefusedError(70000), "00000000-0000-4000-8000-000000000000", ())
        answer = await handler(call)
        if token and answer.status == 200:
            used.add(token)
        return answer

    return hook


def test_two_processes_that_rotate_at_once_lose_no_token(one: Cloud) -> None:
    times = 15
    with running(one.data, hooks=[only_once()]) as url:
        path = one.folder / "rollcall.toml"
        path.write_text(path.read_text().replace(one.url, url))
        command = [sys.executable, "-m", "tests.collectors.rotating", str(times)]
        both = [
            subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
            for _ in range(2)
        ]
        for process in both:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
            listed = Path(f"/proc/{process.pid}/cmdline").read_text()
            assert SECRET not in listed
            assert FIRST not in listed
        for process in both:
            assert process.stdin
            process.stdin.write("go\n")
            process.stdin.flush()
        for process in both:
            said, complained = process.communicate(timeout=120)
            assert process.returncode == 0, complained
            assert FIRST not in said + complained
        # Each of the exchanges took the token that the one before it gave; the last one given is still good.
        assert source(one).acquire()["access_token"]


def failures() -> list[tuple[int, int]]:
    return [(50076, 400), (70000, 400), (7000215, 401), (90055, 400), (53003, 400)]


@pytest.mark.parametrize(("number", "status"), failures())
def test_no_secret_shows_in_a_traceback_with_every_local(one: Cloud, number: int, status: int) -> None:
    source(one).acquire()
    rotated = store(one).newest()
    fault = {"path": "token", "fault": {"kind": "token_error", "code": number, "status": status}}
    (one.data / "faults.json").write_text(json.dumps([fault]))
    with pytest.raises(ScanError) as caught:
        source(one).acquire()
    ours = caught.tb.tb_next  # without this test, which knows the secrets
    told = "".join(traceback.TracebackException(caught.type, caught.value, ours, capture_locals=True).format())
    assert f"AADSTS{number}" in told
    assert "answer = {" in told
    for secret in (SECRET, FIRST, rotated):
        assert secret not in told


def test_no_secret_shows_in_a_log_however_loud(
    one: Cloud, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    tokens = [source(one).acquire()["access_token"], source(one).acquire()["access_token"]]
    put_app(one, secrets_sha256=[sha256(b"another").hexdigest()])
    with pytest.raises(CredentialError):
        source(one).acquire()
    told = caplog.text + "".join(map(repr, caplog.records)) + "".join(capfd.readouterr())
    assert "send_request_headers" in told  # it was loud
    for secret in (SECRET, FIRST, store(one).newest(), *tokens):
        assert secret not in told


def test_no_secret_shows_when_things_are_printed(one: Cloud) -> None:
    made = source(one)
    with store(one).rotation() as held:
        told = repr([resolve(CONNECTION), made, made.place, store(one), held]) + str(vars(made.place))
    assert SECRET not in told
    assert FIRST not in told


def test_airflow_masks_each_lasting_secret_from_its_first_use_on(one: Cloud) -> None:
    from airflow.sdk._shared.secrets_masker import redact

    source(one).acquire()
    for secret in (SECRET, FIRST, store(one).newest()):
        assert redact(f"it is {secret}!") == "it is ***!"


def test_a_collected_tenant_leaves_no_secret_in_its_landing_files(one: Cloud) -> None:
    source(one).acquire()
    one.collect(one.tenant(), one.tenant(CUSTOMER))
    landed = [file for file in one.config.landing.rglob("*") if file.is_file()]
    assert landed
    for file in landed:
        content = file.read_bytes()
        for secret in (SECRET, FIRST, store(one).newest()):
            assert secret.encode() not in content, file
