"""How Entra refuses a token: the shape, and the codes that this server itself can answer."""

import time
from typing import Final, NamedTuple

from sandbox.calls import Answer, Headers, json_answer, new_id

CLOUD: Final = "https://login.microsoftonline.com"


class _Refusal(NamedTuple):
    status: int
    error: str
    text: str
    suberror: str = ""


_REFUSALS: Final = {
    50027: _Refusal(400, "invalid_request", "JWT token is invalid or malformed."),
    50173: _Refusal(
        400,
        "invalid_grant",
        "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have "
        "changed or reset their password.",
        "bad_token",
    ),
    65001: _Refusal(
        400,
        "invalid_grant",
        "The user or administrator has not consented to use the application with ID '{app}'. Send an interactive "
        "authorization request for this user and resource.",
        "consent_required",
    ),
    70000: _Refusal(400, "invalid_grant", "Provided grant is invalid or malformed."),
    70003: _Refusal(400, "unsupported_grant_type", "The app requested an unsupported grant type '{grant}'."),
    70011: _Refusal(
        400,
        "invalid_scope",
        "The provided request must include a 'scope' input parameter. The provided value for the input parameter "
        "'scope' is not valid. The scope {scope} is not valid.",
    ),
    500011: _Refusal(
        400,
        "invalid_resource",
        "The resource principal named {resource} was not found in the tenant named {tenant}. This can happen if the "
        "application has not been installed by the administrator of the tenant or consented to by any user in the "
        "tenant.",
    ),
    700016: _Refusal(
        400,
        "unauthorized_client",
        "Application with identifier '{app}' was not found in the directory '{tenant}'. This can happen if the "
        "application has not been installed by the administrator of the tenant or consented to by any user in the "
        "tenant. You may have sent your authentication request to the wrong tenant.",
    ),
    700021: _Refusal(
        401, "invalid_client", "Client assertion application identifier doesn't match 'client_id' parameter."
    ),
    700023: _Refusal(401, "invalid_client", "Client assertion audience claim does not match Realm issuer: {found}."),
    700024: _Refusal(
        401, "invalid_client", "Client assertion is not within its valid time range. Current time: {now}, {found}."
    ),
    700027: _Refusal(401, "invalid_client", "Client assertion failed signature validation. [Reason - {reason}]"),
    900144: _Refusal(400, "invalid_request", "The request body must contain the following parameter: '{parameter}'."),
    900561: _Refusal(400, "invalid_request", "The endpoint only accepts POST requests. Received a {method} request."),
    1002012: _Refusal(
        400,
        "invalid_scope",
        "The provided value for scope {scope} is not valid. Client credential flows must have a scope value with "
        "/.default suffixed to the resource identifier (application ID URI).",
    ),
    7000215: _Refusal(
        401,
        "invalid_client",
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not "
        "the client secret ID, for a secret added to app '{app}'.",
    ),
    7000218: _Refusal(
        401,
        "invalid_client",
        "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    ),
    90002: _Refusal(
        400,
        "invalid_request",
        "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the "
        "correct cloud. Check with your subscription administrator, this may happen if there are no active "
        "subscriptions for the tenant.",
    ),
}


class RefusedError(Exception):
    """The token is refused with this AADSTS code; ``words`` fill its text."""

    def __init__(self, code: int, **words: str) -> None:
        super().__init__(f"AADSTS{code}")
        self.code = code
        self.words = words


def refusal(refused: RefusedError, correlation_id: str, headers: Headers, *, error: str = "") -> Answer:
    """Return the answer; ``error`` replaces the OAuth word (discovery has its own for an unknown tenant)."""
    form = _REFUSALS[refused.code]
    stamp = time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime())
    trace_id = new_id()
    text = form.text.format_map(refused.words)
    body: dict[str, object] = {
        "error": error or form.error,
        "error_description": (
            f"AADSTS{refused.code}: {text} Trace ID: {trace_id} Correlation ID: {correlation_id} Timestamp: {stamp}"
        ),
        "error_codes": [refused.code],
        "timestamp": stamp,
        "trace_id": trace_id,
        "correlation_id": correlation_id,
        "error_uri": f"{CLOUD}/error?code={refused.code}",
    }
    if form.suberror:
        body["suberror"] = form.suberror
    return json_answer(form.status, body, headers)
