"""Access tokens: signed, bound to one tenant and one audience, gone after an hour.

The signing key lives as long as the process (an elliptic curve, not Entra's RSA: a fleet asks for many tokens and no
client reads them). Refresh tokens outlive it: a rotated one is derived from the
registered one it descends from, so that a client may keep it across restarts and an operator may still revoke it.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from sandbox.apps import App, RefreshToken
from sandbox.calls import new_id

GRAPH: Final = "https://graph.microsoft.com"
PARTNER_CENTER: Final = "https://api.partnercenter.microsoft.com"
OLD_GRAPH: Final = "https://graph.windows.net"
AUDIENCES: Final = {
    GRAPH: GRAPH,
    "00000003-0000-0000-c000-000000000000": GRAPH,
    PARTNER_CENTER: PARTNER_CENTER,
    "fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd": PARTNER_CENTER,
    OLD_GRAPH: OLD_GRAPH,
    "00000002-0000-0000-c000-000000000000": OLD_GRAPH,
}
"""The resources there are tokens for, by the names a scope may call them."""
LIFETIME_SECONDS: Final = 3599
REVOKED: Final = (
    "Continuous access evaluation resulted in claims challenge with result: InteractionRequired and code: "
    "TokenIssuedBeforeRevocationTimestamp"
)
"""What a service says of a token that was revoked."""
_MOST_REMEMBERED: Final = 20_000


class Token(NamedTuple):
    """What a valid access token says. ``user_id`` is ``None`` for an app on its own; ``serial`` counts the issued."""

    tenant: str
    audience: str
    app_id: str
    user_id: str | None
    expires_at: float
    serial: int


class TokenError(Exception):
    """The token is not accepted; the message is Graph's."""


class Tokens:
    """Issues and reads access tokens. ``clock`` returns Unix seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._key_id = new_id()
        self._read: dict[bytes, Token] = {}
        self._issued = 0
        self._revoked: dict[str, int] = {}

    def published_key(self) -> dict[str, Any]:
        """Return the public half as a JSON web key."""
        return {**ECAlgorithm.to_jwk(self._key.public_key(), as_dict=True), "use": "sig", "kid": self._key_id}

    def issue(self, *, tenant: str, audience: str, app_id: str, user_id: str | None, is_certificate: bool) -> str:
        """Return a signed access token."""
        now = int(self._clock())
        self._issued += 1
        principal = user_id or _service_principal(tenant, app_id)
        claims = {
            "aud": audience,
            "iss": f"https://sts.windows.net/{tenant}/",
            "iat": now,
            "nbf": now,
            "exp": now + LIFETIME_SECONDS,
            "appid": app_id,
            "appidacr": "2" if is_certificate else "1",
            "idp": f"https://sts.windows.net/{tenant}/",
            "idtyp": "user" if user_id else "app",
            "oid": principal,
            "sub": principal,
            "serial": self._issued,  # not Entra's: tells tokens of the same second apart when they are revoked
            "tid": tenant,
            "uti": new_id(),
            "ver": "1.0",
        }
        return jwt.encode(claims, self._key, algorithm="ES256", headers={"kid": self._key_id})

    def read(self, authorization: bytes, audience: str) -> Token:
        """Return the token in an ``Authorization`` header. Raises ``TokenError``."""
        token = self._read.get(authorization)
        if token is None:
            token = self._decode(authorization)
            if len(self._read) >= _MOST_REMEMBERED:
                self._read.clear()
            self._read[authorization] = token
        if token.serial <= self._revoked.get(token.tenant, 0):
            raise TokenError(REVOKED)
        if token.expires_at < self._clock():
            raise TokenError("Lifetime validation failed, the token is expired.")
        if token.audience != audience:
            raise TokenError("Access token validation failure. Invalid audience.")
        return token

    def revoke(self, tenant: str) -> None:
        """Let no service accept a token again that the tenant has issued until now."""
        self._revoked[tenant] = self._issued

    def _decode(self, authorization: bytes) -> Token:
        kind, _, text = authorization.partition(b" ")
        text = text.strip()
        if kind.lower() != b"bearer" or not text:
            raise TokenError("Access token is empty.")
        if text.count(b".") != 2:
            raise TokenError("IDX14100: JWT is not well formed, there are no dots (.).")
        try:
            claims = jwt.decode(
                text,
                self._key.public_key(),
                algorithms=["ES256"],
                options={"verify_aud": False, "verify_exp": False, "verify_iat": False, "verify_nbf": False},
            )
        except jwt.InvalidTokenError:
            raise TokenError("Signature is invalid.") from None
        user_id = claims["oid"] if claims["idtyp"] == "user" else None
        return Token(claims["tid"], claims["aud"], claims["appid"], user_id, claims["exp"], claims["serial"])


def _service_principal(tenant: str, app_id: str) -> str:
    """Return the object id of the app in the tenant: always the same."""
    digits = hashlib.sha256(f"{tenant}/{app_id}".encode()).hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:32]}"


def rotated(app: App, registered: RefreshToken) -> str:
    """Return a fresh refresh token that stands for the registered one."""
    body = base64.urlsafe_b64encode(f"{registered.sha256.lower()}{new_id()}".encode()).decode().rstrip("=")
    return f"1.{body}.{_seal(app, registered, body)}"


def find_refresh_token(app: App, text: str) -> RefreshToken | None:
    """Return the registered token that ``text`` is, or descends from; ``None`` for any other text."""
    direct = app.refresh_tokens.get(hashlib.sha256(text.encode()).hexdigest())
    parts = text.split(".")
    if direct is not None or len(parts) != 3:
        return direct
    try:
        origin = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))[:64].decode("ascii")
    except ValueError:
        return None
    registered = app.refresh_tokens.get(origin)
    if registered is None or not hmac.compare_digest(_seal(app, registered, parts[1]), parts[2]):
        return None
    return registered


def _seal(app: App, registered: RefreshToken, body: str) -> str:
    key = bytes(f"{app.app_id}/{registered.sha256.lower()}", "ascii")
    return hmac.new(key, body.encode(), hashlib.sha256).hexdigest()
