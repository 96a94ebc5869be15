"""Faults that answer instead of the service: refusals of a request, of a token, of a tenant."""

import re
from collections import defaultdict
from collections.abc import Mapping
from email.utils import formatdate
from http import HTTPStatus
from time import time
from typing import Any, Final

import msgspec

from sandbox import graph_wire, partner_center
from sandbox.calls import JSON, Answer, Body, Call, Headers
from sandbox.entra_codes import REFUSALS, Refusal
from sandbox.entra_errors import refusal_of
from sandbox.fault_forms import Refusing
from sandbox.graph_wire import GraphError, unauthorized
from sandbox.login import correlation_of, headers_for
from sandbox.partner_center import PartnerCenterError
from sandbox.query import BadQueryError, options
from sandbox.tokens import REVOKED, Tokens

_CODES: Final = {
    429: "TooManyRequests",
    500: "InternalServerError",
    502: "BadGateway",
    503: "ServiceUnavailable",
    504: "GatewayTimeout",
}
_HEADER: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CHALLENGE: Final = ((b"WWW-Authenticate", b'Bearer error="invalid_token"'),)


class Status(Refusing, frozen=True, tag="status"):
    """Answer with any status.

    ``body`` replaces the service's own error body: text goes out as HTML, anything else as JSON. ``retry_after`` is
    seconds as they are written (``7``, ``2.128``), ``retry_after_date`` seconds from now told as a date.
    """

    status: int
    code: str = ""
    message: str = ""
    headers: Mapping[str, str] = {}
    body: Any = None
    retry_after: int | float | None = None
    retry_after_date: int | None = None

    def __post_init__(self) -> None:
        if not 200 <= self.status <= 599:
            raise ValueError(f"status is {self.status}, not 200 to 599")
        for name, value in self.headers.items():
            if not _HEADER.fullmatch(name) or not value.isprintable() or not value.isascii():
                raise ValueError(f"{name!r}: {value!r} cannot be a header")

    def answer(self, call: Call, tokens: Tokens) -> Answer:  # noqa: ARG002
        """Return the answer."""
        headers = tuple((name.encode(), value.encode()) for name, value in self.headers.items())
        if self.retry_after is not None:
            headers += ((b"Retry-After", str(self.retry_after).encode()),)
        if self.retry_after_date is not None:
            headers += ((b"Retry-After", formatdate(time() + self.retry_after_date, usegmt=True).encode()),)
        if isinstance(self.body, str):
            return Answer(self.status, Body(self.body.encode()), headers, b"text/html; charset=utf-8")
        if self.body is not None:
            return Answer(self.status, Body(msgspec.json.encode(self.body)), headers, JSON)
        if self.status < 400:
            return Answer(self.status, Body(b""), headers)
        phrase = HTTPStatus(self.status).phrase if self.status in set(HTTPStatus) else "Error"
        return refused(
            call, self.status, self.code or _CODES.get(self.status, "UnknownError"), self.message or phrase, headers
        )


class BatchMember(Status, frozen=True, tag="batch_member"):
    """Answer one request of a ``$batch`` with any status: the ``member``-th of it, or any (0)."""

    member: int = 0

    def concerns(self, call: Call) -> bool:
        """Say whether the call is that request of a batch."""
        return call.member > 0 and self.member in {0, call.member}


class ExpiredPageToken(Refusing, frozen=True, tag="expired_page_token"):
    """Refuse the page token of a next link: the list must be read again from its start."""

    def concerns(self, call: Call) -> bool:
        """Say whether the call brings a page token."""
        try:
            return call.service == "graph" and "$skiptoken" in options(call.query)
        except BadQueryError:
            return False

    def answer(self, call: Call, tokens: Tokens) -> Answer:  # noqa: ARG002
        """Return the 400."""
        message = "The specified page token value has expired and can no longer be included in your request."
        return refused(call, 400, "Directory_ExpiredPageToken", message)


class RevokeToken(Refusing, frozen=True, tag="revoke_token"):
    """Refuse this and every further request with a token that the tenant has issued until now."""

    def concerns(self, call: Call) -> bool:
        """Say whether the call brings an access token."""
        return call.service != "login"

    def answer(self, call: Call, tokens: Tokens) -> Answer:
        """Return the 401."""
        tokens.revoke(call.tenant)
        if call.service == "graph":
            return graph_wire.error_answer(unauthorized(REVOKED), call.headers)
        return partner_center.error_answer(PartnerCenterError(401, 401, REVOKED, _CHALLENGE), call.headers)


class TokenError(Refusing, frozen=True, tag="token_error"):
    """Refuse a token with an AADSTS code.

    ``error``, ``message``, ``suberror`` and ``status`` replace what is known of it.
    """

    code: int
    error: str = ""
    message: str = ""
    suberror: str = ""
    status: int = 0

    def __post_init__(self) -> None:
        if self.code not in REFUSALS and not (self.error and self.message):
            raise ValueError(f"AADSTS{self.code} is not known here: say its error and its message, too")
        if self.status and not 400 <= self.status <= 599:
            raise ValueError(f"status is {self.status}, not 400 to 599")

    def concerns(self, call: Call) -> bool:
        """Say whether the call asks for a token."""
        return call.service == "login"

    def answer(self, call: Call, tokens: Tokens) -> Answer:  # noqa: ARG002
        """Return the refusal."""
        known = REFUSALS.get(self.code, Refusal("", ""))
        form = Refusal(
            self.error or known.error,
            self.message.replace("{", "{{").replace("}", "}}") or known.text,
            self.suberror or known.suberror,
            self.status or known.status,
        )
        return no_token(call, self.code, form)


class ConsentMissing(Refusing, frozen=True, tag="consent_missing"):
    """The application is not consented to: no token (700016, with a refresh token 65001), or 403 for one path.

    ``permission`` is the one that Graph names in its refusal of a report.
    """

    permission: str = "AuditLog.Read.All"

    def answer(self, call: Call, tokens: Tokens) -> Answer:  # noqa: ARG002
        """Return the refusal, in the words of the service asked."""
        if call.service == "login":
            code = 65001 if call.form.get("grant_type") == "refresh_token" else 700016
            return no_token(call, code, REFUSALS[code])
        if call.bucket in {"reports", "sign_in_activity"}:
            message = f"Calling principal does not have required MSGraph permissions {self.permission}"
            return refused(call, 403, "Authentication_MSGraphPermissionMissing", message)
        if call.bucket == "conditional_access":
            message = "You cannot perform the requested operation, required scopes are missing in the token."
            return refused(call, 403, "AccessDenied", message)
        return _not_allowed(call)


class P1Missing(Refusing, frozen=True, tag="p1_missing"):
    """Refuse what needs Microsoft Entra ID P1, as in a tenant without it."""

    def concerns(self, call: Call) -> bool:
        """Say whether the call is one to Graph."""
        return call.service == "graph"

    def answer(self, call: Call, tokens: Tokens) -> Answer:  # noqa: ARG002
        """Return the 403."""
        message = "Neither tenant is B2C or tenant doesn't have premium license"
        return refused(call, 403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant", message)


class GdapGuest(Refusing, frozen=True, tag="gdap_guest"):
    """The partner's account is a guest of the customer, which hides its GDAP roles: no token, or 403 with one.

    ``code`` is what Entra says: 50020, or another of those that mean the same.
    """

    code: int = 50020

    def __post_init__(self) -> None:
        known = {16000, 50020, 50034, 50177, 51004, 90072}
        if self.code not in known:
            raise ValueError(f"code is {self.code}, not one of {', '.join(map(str, sorted(known)))}")

    def answer(self, call: Call, tokens: Tokens) -> Answer:  # noqa: ARG002
        """Return the refusal."""
        return no_token(call, self.code, REFUSALS[self.code]) if call.service == "login" else _not_allowed(call)


def refused(call: Call, status: int, code: str, message: str, headers: Headers = ()) -> Answer:
    """Return an error in the shape of the service asked."""
    if call.service == "graph":
        return graph_wire.error_answer(GraphError(status, code, message, headers), call.headers, call.units)
    if call.service == "partner_center":
        number = int(code) if code.isascii() and code.isdecimal() else status
        return partner_center.error_answer(PartnerCenterError(status, number, message, headers), call.headers)
    body = {"error": code, "error_description": message, "correlation_id": correlation_of(call.headers, call.form)}
    return Answer(status, Body(msgspec.json.encode(body)), (*headers, *headers_for(call.headers)))


def no_token(call: Call, code: int, form: Refusal) -> Answer:
    """Return Entra's refusal of a token request."""
    known = {
        "app": call.app_id,
        "tenant": call.tenant,
        "resource": call.form.get("scope", "").removesuffix("/.default"),
        "issuer": "https://sts.windows.net/00000000-0000-0000-0000-000000000000/",
        "scope": call.form.get("scope", ""),
        "grant": call.form.get("grant_type", ""),
        "method": call.method,
    }
    words = defaultdict(lambda: "unknown", known)
    return refusal_of(code, form, words, correlation_of(call.headers, call.form), headers_for(call.headers))


def _not_allowed(call: Call) -> Answer:
    message = "Insufficient privileges to complete the operation."
    code = "Authorization_RequestDenied" if call.service == "graph" else "900308"
    return refused(call, 403, code, message)
