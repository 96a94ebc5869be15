"""A key pair with its certificate, and assertions signed with it."""

import base64
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from tests.sandbox.cloud import APP, PARTNER


class Pair:
    """An RSA key and a self-signed certificate that ends at ``until`` (years from 2026)."""

    def __init__(self, years: int = 20) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "rollcall")])
        begin = datetime(2020, 1, 1, tzinfo=UTC)
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self.key.public_key())
            .serial_number(1)
            .not_valid_before(begin)
            .not_valid_after(begin + timedelta(days=365 * years))
            .sign(self.key, hashes.SHA256())
        )
        self.pem = self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def sha1(self) -> bytes:
        return self.certificate.fingerprint(hashes.SHA1())

    @property
    def sha256(self) -> bytes:
        return self.certificate.fingerprint(hashes.SHA256())

    def sign(self, now: float, /, algorithm: Any = "RS256", header: Any = None, **claims: Any) -> str:
        """Return an assertion; a claim given as ``None`` is left out."""
        full = {
            "aud": f"https://login.microsoftonline.com/{PARTNER}/oauth2/v2.0/token",
            "iss": APP,
            "sub": APP,
            "jti": "one",
            "nbf": int(now),
            "exp": int(now) + 600,
            **claims,
        }
        kept = {name: value for name, value in full.items() if value is not None}
        return jwt.encode(kept, self.key, algorithm=algorithm, headers=header)


def b64(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


@cache
def pair(name: str) -> Pair:
    """Return the pair of this name, made once: ``expired`` ended in 2025."""
    return Pair(years=5 if name == "expired" else 20)
