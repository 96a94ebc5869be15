"""Secrets: random, in one private file, kept over a regeneration, and nowhere else."""

from __future__ import annotations

import hashlib
import json
import stat
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from sandbox.demo import CredentialsError, Fleet, write_fleet
from tests.sandbox_demo.conftest import AS_OF, Reader


def connections(root: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((root / "credentials" / "connections.json").read_text("utf-8"))
    return found


def apps(root: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((root / "apps.json").read_text("utf-8"))["apps"]
    return found


def test_only_the_owner_may_read_them(fleet: Fleet) -> None:
    folder = fleet.root / "credentials"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "connections.json").stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == ["connections.json"]


def test_one_app_has_a_secret_and_the_other_a_certificate(fleet: Fleet) -> None:
    nordlicht, kestrel = (connections(fleet.root)[name] for name in ("rollcall_nordlicht", "rollcall_kestrel"))
    assert set(nordlicht) == {"conn_type", "login", "password"}
    assert set(kestrel) == {"conn_type", "login", "extra"}
    assert {nordlicht["conn_type"], kestrel["conn_type"]} == {"entra"}
    assert len(nordlicht["password"]) >= 43
    assert set(kestrel["extra"]) == {"private_key", "certificate"}


def test_the_certificate_belongs_to_the_key(fleet: Fleet) -> None:
    extra = connections(fleet.root)["rollcall_kestrel"]["extra"]
    key = serialization.load_pem_private_key(extra["private_key"].encode(), password=None)
    certificate = x509.load_pem_x509_certificate(extra["certificate"].encode())
    assert isinstance(key, RSAPrivateKey)
    assert key.key_size == 2048
    assert certificate.public_key() == key.public_key()
    certificate.verify_directly_issued_by(certificate)


def test_the_server_can_check_each_credential_where_it_is_consented(reader: Reader) -> None:
    known = connections(reader.root)
    nordlicht, kestrel = apps(reader.root)
    secret = known["rollcall_nordlicht"]["password"].encode()
    assert nordlicht["secrets_sha256"] == [hashlib.sha256(secret).hexdigest()]
    assert nordlicht["certificates"] == []
    assert kestrel["certificates"] == [known["rollcall_kestrel"]["extra"]["certificate"]]
    assert kestrel["secrets_sha256"] == []
    assert [app["app_id"] for app in (nordlicht, kestrel)] == [
        known["rollcall_nordlicht"]["login"],
        known["rollcall_kestrel"]["login"],
    ]
    for app, key in ((nordlicht, "nordlicht"), (kestrel, "kestrel")):
        its = {tenant.id for tenant in reader.tenants.values() if key in {tenant.key, tenant.partner}}
        assert set(app["tenants"]) == its
        assert app["refresh_tokens"] == []


def test_no_secret_stands_anywhere_else(fleet: Fleet) -> None:
    known = connections(fleet.root)
    secret = known["rollcall_nordlicht"]["password"].encode()
    key = known["rollcall_kestrel"]["extra"]["private_key"].splitlines()[1].encode()
    others = [path for path in fleet.root.rglob("*.json") if path.parent.name != "credentials"]
    assert len(others) > 1000
    for path in others:
        content = path.read_bytes()
        assert secret not in content
        assert key not in content
        assert b"PRIVATE KEY" not in content


def test_what_is_there_is_kept_and_the_server_takes_it(fleet: Fleet, tmp_path: Path) -> None:
    """A running setup does not lose its secrets; a rotated one counts; connections of others stay."""
    out = tmp_path / "fleet"
    (out / "credentials").mkdir(parents=True)
    (out / "cases.json").write_text("[]")
    edited = connections(fleet.root) | {"mine": {"conn_type": "http", "host": "127.0.0.1"}}
    edited["rollcall_nordlicht"]["password"] = "rotated"
    edited["rollcall_kestrel"]["extra"] = json.dumps(edited["rollcall_kestrel"]["extra"])  # Airflow takes both forms
    kept = out / "credentials" / "connections.json"
    kept.write_text(json.dumps(edited))
    before = kept.read_bytes()
    write_fleet(out, as_of=AS_OF, seed=9)
    assert kept.read_bytes() == before
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    nordlicht, kestrel = apps(out)
    assert nordlicht["secrets_sha256"] == [hashlib.sha256(b"rotated").hexdigest()]
    assert kestrel == apps(fleet.root)[1]


def test_two_fleets_have_different_secrets(fleet: Fleet, twin: Fleet) -> None:
    mine, theirs = connections(fleet.root), connections(twin.root)
    assert mine["rollcall_nordlicht"]["password"] != theirs["rollcall_nordlicht"]["password"]
    assert mine["rollcall_kestrel"]["extra"] != theirs["rollcall_kestrel"]["extra"]
    assert mine["rollcall_nordlicht"]["login"] == theirs["rollcall_nordlicht"]["login"]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("{", "expected JSON"),
        ("[]", "expected connections"),
        ('{"rollcall_nordlicht": {"password": "x"}}', "expected connections rollcall_kestrel"),
        ('{"rollcall_nordlicht": {}, "rollcall_kestrel": {}}', "expected a password or a certificate"),
    ],
)
def test_a_damaged_file_is_refused_with_what_to_do(tmp_path: Path, content: str, found: str) -> None:
    out = tmp_path / "fleet"
    (out / "credentials").mkdir(parents=True)
    (out / "cases.json").write_text("[]")
    (out / "credentials" / "connections.json").write_text(content)
    with pytest.raises(CredentialsError, match=found) as raised:
        write_fleet(out, as_of=AS_OF)
    assert "Delete the file" in str(raised.value)
    assert (out / "credentials" / "connections.json").read_text() == content
    assert [path.name for path in tmp_path.iterdir()] == ["fleet"]
