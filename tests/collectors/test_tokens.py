"""Credentials by name, tokens through msal from the sandbox, and each refusal with what to do about it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from collectors.collect import tls
from collectors.credentials import resolve
from collectors.errors import ConfigError, CredentialError, NotPermitted, ScanError, Unreachable
from collectors.tokens import AppTokens, Services
from tests.cloud import APP, CONNECTION, CUSTOMER, PARTNER, SECRET, Cloud, cloud


@pytest.fixture
def one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with cloud(tmp_path, monkeypatch, CUSTOMER) as one:
        yield one


@pytest.fixture
def connection(monkeypatch: pytest.MonkeyPatch) -> Any:
    def change(**fields: Any) -> None:
        body = {"conn_type": "entra", "login": APP, "password": SECRET} | fields
        monkeypatch.setenv(f"AIRFLOW_CONN_{CONNECTION.upper()}", json.dumps(body))

    change()
    return change


def tokens(one: Cloud, tenant_id: str = PARTNER) -> AppTokens:
    return AppTokens(Services.of(one.config, one.partner), resolve(CONNECTION), tenant_id, tls())


@pytest.fixture(scope="module")
def key() -> tuple[str, str]:
    """Return a private key and its certificate as PEM."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "rollcall")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(private, hashes.SHA256())
    )
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return pem.decode(), certificate.public_bytes(serialization.Encoding.PEM).decode()


def test_a_secret_gives_a_token_and_it_is_kept(one: Cloud) -> None:
    async def twice() -> tuple[str, str, str]:
        source = tokens(one)
        return await source.token(), await source.token(), await source.token(fresh=True)

    first, second, third = asyncio.run(twice())
    assert first == second
    assert third != first


def test_a_certificate_gives_a_token(one: Cloud, connection: Any, key: tuple[str, str]) -> None:
    app = json.loads((one.data / "apps.json").read_text())
    app["apps"][0]["certificates"] = [key[1]]
    (one.data / "apps.json").write_text(json.dumps(app))
    connection(password=None, extra={"private_key": key[0], "certificate": key[1]})
    assert tokens(one).acquire()["access_token"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"login": None}, "has no login"),
        ({"password": None}, "must hold either a client secret"),
        ({"extra": {"private_key": "x", "certificate": "y"}}, "and not both"),
        ({"password": None, "extra": {"private_key": "k3y", "certificate": "y"}}, "is not PEM"),
    ],
)
def test_an_incomplete_connection_says_what_is_missing(connection: Any, fields: dict[str, Any], words: str) -> None:
    connection(**fields)
    with pytest.raises(ConfigError, match=words) as caught:
        resolve(CONNECTION)
    assert SECRET not in str(caught.value)
    assert "k3y" not in str(caught.value)


def test_a_key_of_another_certificate_is_refused(connection: Any, key: tuple[str, str]) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    connection(password=None, extra={"private_key": other.decode(), "certificate": key[1]})
    with pytest.raises(ConfigError, match="the one of its certificate"):
        resolve(CONNECTION)


def test_a_connection_that_does_not_exist_says_so() -> None:
    with pytest.raises(ConfigError, match=r"there is no Airflow connection 'nobody'\. Add it"):
        resolve("nobody")


def test_a_credential_does_not_show_its_secret(connection: Any) -> None:
    assert SECRET not in repr(resolve(CONNECTION))


def test_a_wrong_secret_says_so_without_repeating_it(one: Cloud, connection: Any) -> None:
    connection(password="wrong-horse")
    with pytest.raises(CredentialError, match=r"AADSTS7000215.*Correct or rotate the credential") as caught:
        tokens(one).acquire()
    assert "wrong-horse" not in str(caught.value)
    assert "Trace ID" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "number", "kind", "words"),
    [
        (400, 65001, NotPermitted, f"administrator of tenant {PARTNER} consent"),
        (400, 700016, NotPermitted, "consent"),
        (401, 7000222, CredentialError, "rotate"),
        (400, 90002, ConfigError, "drop the tenant"),
        (400, 53003, NotPermitted, r"auth\.ca_block: Look up the sign-in with the correlation id 2 "),
        (503, 90033, Unreachable, "did not give a token"),
    ],
)
def test_each_refusal_says_what_to_do(one: Cloud, status: int, number: int, kind: type[ScanError], words: str) -> None:
    said = f"AADSTS{number}: Something is wrong.\r\nTrace ID: 1\r\nCorrelation ID: 2"
    body = {"error": "invalid_grant", "error_description": said, "error_codes": [number]}
    failure = {"status": status, "headers": {}, "body": body}
    (one.data / PARTNER / "token.error.json").write_text(json.dumps(failure))
    with pytest.raises(kind, match=words):
        tokens(one).acquire()


def test_a_login_service_that_is_not_there_is_unreachable(one: Cloud) -> None:
    path = one.folder / "rollcall.toml"
    path.write_text(path.read_text().replace(one.url, "http://127.0.0.1:9", 1))
    with pytest.raises(Unreachable, match=r"http://127\.0\.0\.1:9 did not give a token"):
        tokens(one).acquire()
