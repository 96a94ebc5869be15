"""The app registrations of ``apps.json``: credentials, refresh tokens, and where the app is consented.

``{"apps": [{"app_id": "<guid>", "secrets_sha256": ["<hex>"], "certificates": ["<PEM>"], "refresh_tokens":
[{"sha256": "<hex>", "tenant_id": "<home tenant>", "user_id": "<guid>", "revoked": false}], "tenants": ["*"]}]}``
"""

import base64
from collections.abc import Mapping
from typing import Final, NamedTuple

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from sandbox.store import Cache, DataError, Store

FILE: Final = "apps.json"


class RefreshToken(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A refresh token as it was first given out. ``revoked`` makes it and all its successors fail with 50173."""

    sha256: str
    tenant_id: str
    user_id: str
    revoked: bool = False


class Certificate(NamedTuple):
    """A public key with the names that a token header may call it by, and the second it expires."""

    key: RSAPublicKey
    names: frozenset[str]
    expires_at: float


class _Form(msgspec.Struct, forbid_unknown_fields=True):
    app_id: str
    secrets_sha256: list[str] = []
    certificates: list[str] = []
    refresh_tokens: list[RefreshToken] = []
    tenants: list[str] = []


class _File(msgspec.Struct, forbid_unknown_fields=True):
    apps: list[_Form]


class App(NamedTuple):
    """One app registration, ids and digests in lower case."""

    app_id: str
    secrets_sha256: frozenset[str]
    keys: tuple[Certificate, ...]
    refresh_tokens: Mapping[str, RefreshToken]
    tenants: frozenset[str]

    def is_consented(self, tenant: str) -> bool:
        """Say whether the app may be used in the tenant."""
        return "*" in self.tenants or tenant in self.tenants


class Apps:
    """The registrations as the file has them now."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: Cache[Mapping[str, App]] = Cache(64 << 20)

    def find(self, app_id: str) -> App | None:
        """Return the app, or ``None``. Raises ``DataError`` if the file is not as promised."""
        kept = self._kept.get(FILE)
        return (kept[0] if kept else self._load()).get(app_id.lower())

    def _load(self) -> Mapping[str, App]:
        text, seen = self._store.read(FILE)
        try:
            forms = [] if text is None else msgspec.json.decode(text, type=_File).apps
        except msgspec.DecodeError as problem:
            raise DataError(f"{FILE}: {problem}.") from None
        apps = {app.app_id: app for app in map(_app, forms)}
        self._kept.put(FILE, apps, ((self._store.full(FILE), seen),), len(text or b""))
        return apps


def _app(form: _Form) -> App:
    return App(
        app_id=form.app_id.lower(),
        secrets_sha256=frozenset(digest.lower() for digest in form.secrets_sha256),
        keys=tuple(_certificate(form.app_id, pem) for pem in form.certificates),
        refresh_tokens={token.sha256.lower(): token for token in form.refresh_tokens},
        tenants=frozenset(tenant.lower() for tenant in form.tenants),
    )


def _certificate(app_id: str, pem: str) -> Certificate:
    try:
        found = x509.load_pem_x509_certificate(pem.encode())
    except ValueError as problem:
        raise DataError(f"{FILE}: app {app_id}: a certificate is not PEM ({problem}).") from None
    key = found.public_key()
    if not isinstance(key, RSAPublicKey):
        raise DataError(f"{FILE}: app {app_id}: a certificate has no RSA key.")
    prints = [found.fingerprint(hashes.SHA1()), found.fingerprint(hashes.SHA256())]  # noqa: S303  # what x5t is
    names = {digest.hex() for digest in prints} | {
        base64.urlsafe_b64encode(digest).decode().rstrip("=") for digest in prints
    }
    return Certificate(key, frozenset(names), found.not_valid_after_utc.timestamp())
