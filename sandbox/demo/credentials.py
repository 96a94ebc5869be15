"""The applications the fleet trusts, and the secrets that prove them.

``apps.json`` holds what the sandbox server needs to check a credential: hashes and certificates. The secrets are in
``credentials/connections.json`` alone, in the format of Airflow's LocalFilesystemBackend, readable by the owner only.
They are random and outlive a regeneration: an existing ``connections.json`` is kept as it is.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from sandbox.demo.model import Json, uid
from sandbox.demo.tenants import PARTNERS, customers_of

CONNECTION_TYPE = "entra"


@dataclass(frozen=True, slots=True)
class App:
    """An application registered by a partner: its id, its connection, and how it proves itself."""

    name: str
    app_id: str
    connection: str
    uses_certificate: bool


APPS: dict[str, App] = {
    "nordlicht": App(
        "Rollcall (Nordlicht)", uid("application", "nordlicht"), "rollcall_nordlicht", uses_certificate=False
    ),
    "kestrel": App("Rollcall (Kestrel)", uid("application", "kestrel"), "rollcall_kestrel", uses_certificate=True),
}


class CredentialsError(Exception):
    """The kept ``connections.json`` cannot be used; the message says what to do."""


def connections(kept: Path) -> Json:
    """Return the connections of ``kept`` if that file exists, else new ones with fresh secrets.

    Raises CredentialsError if the file exists and is not what this module writes.
    """
    if not kept.exists():
        return {app.connection: _new(app) for app in APPS.values()}
    try:
        found = json.loads(kept.read_text("utf-8"))
    except ValueError as error:
        msg = f"{kept}: expected JSON, found something else ({error}). Delete the file to get new secrets."
        raise CredentialsError(msg) from error
    missing = [app.connection for app in APPS.values() if not isinstance(found, dict) or app.connection not in found]
    if missing:
        msg = f"{kept}: expected connections {', '.join(missing)}, found none. Delete the file to get new secrets."
        raise CredentialsError(msg)
    return dict(found)


def apps(known: Json) -> Json:
    """Return ``apps.json`` for these connections: which credential of which app is good in which tenants."""
    entries = []
    for partner in PARTNERS:
        app, connection = APPS[partner.key], known[APPS[partner.key].connection]
        extra = connection.get("extra") or {}
        extra = json.loads(extra) if isinstance(extra, str) else extra
        password, certificate = connection.get("password"), extra.get("certificate")
        if not (password or certificate):
            msg = f"connection {app.connection}: expected a password or a certificate, found neither. Delete the file."
            raise CredentialsError(msg)
        entries.append(
            {
                "app_id": connection.get("login", app.app_id),
                "secrets_sha256": [hashlib.sha256(password.encode()).hexdigest()] if password else [],
                "certificates": [certificate] if certificate else [],
                "refresh_tokens": [],
                "tenants": [partner.id, *(customer.id for customer in customers_of(partner))],
            }
        )
    return {"apps": entries}


def write(folder: Path, content: bytes) -> None:
    """Write ``connections.json`` into a new folder that only the owner may enter."""
    folder.mkdir(mode=0o700)
    folder.chmod(0o700)  # mkdir's mode is subject to the umask
    descriptor = os.open(folder / "connections.json", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def _new(app: App) -> Json:
    if not app.uses_certificate:
        return {"conn_type": CONNECTION_TYPE, "login": app.app_id, "password": secrets.token_urlsafe(32)}
    private_key, certificate = _self_signed(app.name)
    extra = {"private_key": private_key, "certificate": certificate}
    return {"conn_type": CONNECTION_TYPE, "login": app.app_id, "extra": extra}


def _self_signed(name: str) -> tuple[str, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return private.decode(), certificate.public_bytes(pem).decode()
