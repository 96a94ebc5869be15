"""Client assertions: the signed JWT an app proves itself with instead of a secret."""

import time
from typing import Any, Final

import jwt

from sandbox.apps import App, Certificate
from sandbox.entra_errors import CLOUD, RefusedError

TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ALGORITHMS: Final = ("RS256", "PS256")
_SKEW_SECONDS: Final = 300
_LONGEST_SECONDS: Final = 24 * 3600


def check_assertion(assertion: str, app: App, *, tenant: str, base_url: str, now: float) -> None:
    """Raise ``RefusedError`` unless a key of the app signed it for this tenant's token endpoint, for this time."""
    try:
        header = jwt.get_unverified_header(assertion)
        claims = jwt.decode(assertion, options={"verify_signature": False})
    except jwt.InvalidTokenError:
        raise RefusedError(50027) from None
    _check_signature(assertion, header, app, now)
    if not claims.get("jti"):
        raise RefusedError(50027)
    if any(str(claims.get(name)).lower() != app.app_id for name in ("iss", "sub")):
        raise RefusedError(700021)
    if claims.get("aud") not in _audiences(tenant, base_url):
        raise RefusedError(700023, found=str(claims.get("aud")))
    _check_times(claims, now)


def _check_signature(assertion: str, header: dict[str, Any], app: App, now: float) -> None:
    if header.get("alg") not in _ALGORITHMS:
        raise RefusedError(700027, reason=f"The algorithm is {header.get('alg')}, not RS256 or PS256.")
    keys = app.keys
    for name in ("x5t#S256", "x5t", "kid"):
        if name in header:
            keys = tuple(key for key in keys if _is_named(key, str(header[name])))
    if not keys:
        raise RefusedError(700027, reason="The key was not found.")
    for key in keys:
        try:
            jwt.decode(assertion, key.key, algorithms=list(_ALGORITHMS), options=_SIGNATURE_ONLY)
        except jwt.InvalidTokenError:
            continue
        if key.expires_at < now:
            raise RefusedError(700027, reason="The key used is expired.")
        return
    raise RefusedError(700027, reason="The provided signature value did not match the expected signature value.")


_SIGNATURE_ONLY: Final[Any] = {f"verify_{claim}": False for claim in ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")}


def _is_named(key: Certificate, name: str) -> bool:
    return name.rstrip("=") in key.names or name.lower() in key.names  # base64url, or hex in any case


def _audiences(tenant: str, base_url: str) -> set[str]:
    return {
        f"{host}/{tenant}/{place}"
        for host in (CLOUD, base_url)
        for place in ("oauth2/v2.0/token", "oauth2/token", "v2.0")
    }


def _check_times(claims: dict[str, Any], now: float) -> None:
    begins, ends = claims.get("nbf", claims.get("iat", now)), claims.get("exp")
    if not isinstance(begins, int | float) or not isinstance(ends, int | float):
        raise RefusedError(50027)
    if begins - _SKEW_SECONDS > now or ends + _SKEW_SECONDS < now or ends - now > _LONGEST_SECONDS + _SKEW_SECONDS:
        found = f"assertion valid from {_clock(begins)}, expiry time of assertion {_clock(ends)}"
        raise RefusedError(700024, now=_clock(now), found=found)


def _clock(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(min(max(seconds, 0), 253402300799)))
