"""An application's credential, fetched by name from Airflow's connections when it is needed, never kept.

A connection of type ``entra`` holds the application (client) id as login and either a client secret as
password or, in its extra, ``private_key`` and ``certificate`` (both PEM). With a ``refresh_token`` in its extra, a user
signs in and not the application alone.
"""

from __future__ import annotations

import base64
import hashlib
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from collectors.connections import connection
from collectors.errors import ConfigError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

CONNECTION_TYPE = "entra"
ASSERTION_SECONDS = 600


@dataclass(frozen=True)
class Credential:
    """An application id and what proves it: exactly one of ``secret`` and ``key`` with ``thumbprint``.

    ``refresh_token`` is the one an operator put into the connection: it stands for a user who signed in.
    """

    connection: str
    app_id: str
    secret: str | None = field(default=None, repr=False)
    key: RSAPrivateKey | None = field(default=None, repr=False)
    thumbprint: str | None = None
    refresh_token: str | None = field(default=None, repr=False)

    def for_msal(self, audience: str) -> str | dict[str, Callable[[], str]]:
        """Return what msal takes as ``client_credential``. ``audience`` is the URL of the tenant's token endpoint."""
        if self.secret is not None:
            return self.secret
        # A callable signs with the key loaded once; a PEM would be parsed and checked anew for every tenant.
        return {"client_assertion": lambda: self._assertion(audience)}

    def _assertion(self, audience: str) -> str:
        import jwt

        now = int(time.time())
        claims = {
            "aud": audience,
            "iss": self.app_id,
            "sub": self.app_id,
            "jti": str(uuid.uuid4()),
            "nbf": now,
            "exp": now + ASSERTION_SECONDS,
        }
        return jwt.encode(claims, self.key, algorithm="PS256", headers={"x5t#S256": self.thumbprint})  # type: ignore[arg-type]


def resolve(name: str) -> Credential:
    """Return the credential of an Airflow connection, its secrets masked in every log of Airflow's from here on.

    Works in a task and outside of one. Raises :class:`ConfigError` if there is no such connection, or if it does
    not hold an application id and exactly one proof.
    """
    from airflow.sdk.log import mask_secret

    found = connection(name, "type Microsoft Entra application", "`credential`")
    extra: dict[str, Any] = found.extra_dejson
    pem, certificate = extra.get("private_key"), extra.get("certificate")
    refresh_token = str(extra.get("refresh_token") or "").strip() or None
    for secret in (found.password, pem, refresh_token):
        if secret:
            mask_secret(str(secret))
    if not found.login:
        msg = f"the Airflow connection {name!r} has no login. Put the application (client) id there."
        raise ConfigError(msg, "ConnectionIncomplete")
    if bool(found.password) == bool(pem and certificate):
        msg = (
            f"the Airflow connection {name!r} must hold either a client secret (password) "
            "or private_key and certificate (extra, PEM), and not both."
        )
        raise ConfigError(msg, "ConnectionIncomplete")
    if found.password:
        return Credential(name, found.login, secret=found.password, refresh_token=refresh_token)
    return _certificate(name, found.login, str(pem), str(certificate), refresh_token)


def _certificate(name: str, app_id: str, pem: str, certificate: str, refresh_token: str | None) -> Credential:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
    from cryptography.x509 import load_pem_x509_certificate

    try:
        key = load_pem_private_key(pem.encode(), password=None)
        loaded = load_pem_x509_certificate(certificate.encode())
    except (ValueError, TypeError):
        # The library's own words may quote the key.
        msg = f"the Airflow connection {name!r}: private_key or certificate is not PEM, or the key has a passphrase."
        raise ConfigError(msg, "ConnectionIncomplete") from None
    if not isinstance(key, RSAPrivateKey) or key.public_key() != loaded.public_key():
        msg = f"the Airflow connection {name!r}: private_key must be an RSA key and the one of its certificate."
        raise ConfigError(msg, "ConnectionIncomplete")
    digest = hashlib.sha256(loaded.public_bytes(Encoding.DER)).digest()
    thumbprint = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return Credential(name, app_id, key=key, thumbprint=thumbprint, refresh_token=refresh_token)
