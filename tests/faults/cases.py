"""What can go wrong while a tenant is collected: each case is a tenant of its own, in which one thing goes wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from collectors.errors import State

USERS = "v1.0/users"
SIGN_INS = "beta/auditLogs/signIns"
POLICIES = "v1.0/identity/conditionalAccess/policies"
METHODS = "beta/users/*/authentication/requirements"
BATCH = "beta/$batch"
NO_P1 = "Authentication_RequestFromNonPremiumTenantOrB2CTenant"
PEOPLE = 2500  # in three pages
OTHER_TENANT = "22222222-0000-4000-8000-000000000002"


@dataclass(frozen=True)
class Case:
    """A fault, what it befalls, and what must come of that. ``rows`` is how many arrive; ``None`` is all."""

    name: str
    fault: Mapping[str, Any]
    state: State
    code: str = ""
    dataset: str = "users"
    path: str = USERS
    rule: Mapping[str, Any] = field(default_factory=dict)
    rows: int | None = None

    def rules(self, tenant_id: str) -> list[dict[str, Any]]:
        """Return its part of the sandbox's plan of faults."""
        return [{"tenant": tenant_id, "path": self.path, **self.rule, "fault": dict(self.fault)}]


def status(status: int, **more: Any) -> dict[str, Any]:
    return {"kind": "status", "status": status, **more}


ONCE = {"nth": 1}
TWICE = {"nth": [1, 2]}
SECOND = {"nth": 2}  # the second page
FROM_SECOND = {"after": 1}
PAGE = 999

THROTTLING: Sequence[Case] = (
    Case("429 with Retry-After, once", status(429, retry_after=0.2), "complete", rule=ONCE),
    Case("429 with a fractional Retry-After, twice", status(429, retry_after=0.128), "complete", rule=TWICE),
    Case("429 with a date as Retry-After", status(429, retry_after_date=1), "complete", rule=ONCE),
    Case("429 without Retry-After, once", status(429), "complete", rule=ONCE),
    Case("429 for as long as we may wait, from page 2 on", status(429, retry_after=1), "partial", "TooManyRequests",
         rule=FROM_SECOND, rows=PAGE),
)  # fmt: skip
SERVICE: Sequence[Case] = (
    Case("503, twice", status(503), "complete", rule=TWICE),
    Case("502 with a page of HTML, once", status(502, body="<html>Bad gateway</html>"), "complete", rule=ONCE),
    Case("503 for as long as we may wait", status(503), "failed", "ServiceUnavailable", rows=0),
    Case("504 for as long as we may wait, from page 2 on", status(504), "partial", "GatewayTimeout",
         rule=FROM_SECOND, rows=PAGE),
    Case("400 on page 2", status(400, code="BadRequest"), "partial", "BadRequest", rule=SECOND, rows=PAGE),
    Case("404 for a list", status(404, code="ResourceNotFound"), "failed", "ResourceNotFound", rows=0),
)  # fmt: skip
CONNECTION: Sequence[Case] = (
    Case("connection reset before the answer, once", {"kind": "reset", "at": "before_headers"}, "complete", rule=ONCE),
    Case("connection reset in the body of page 2, once", {"kind": "reset", "at": "mid_body"}, "complete", rule=SECOND),
    Case("connection closed early in the body of page 2, once", {"kind": "reset", "at": "mid_body", "how": "close"},
         "complete", rule=SECOND),
    Case("connection reset for as long as we may wait, from page 2 on", {"kind": "reset", "at": "before_headers"},
         "partial", "ReadError", rule=FROM_SECOND, rows=PAGE),
    Case("gzip that ends early, once", {"kind": "truncated_gzip", "kept": 0.5}, "complete", rule=ONCE),
    Case("gzip that is none, for ever", {"kind": "wrong_gzip"}, "failed", "DecodingError", rows=0),
    Case("an answer that drips", {"kind": "slow", "seconds": 0.5, "pieces": 4}, "complete", rule=ONCE),
)  # fmt: skip
CONTENT: Sequence[Case] = (
    Case("JSON that is none, once", {"kind": "malformed_json"}, "complete", rule=SECOND),
    Case("JSON that is none, from page 2 on", {"kind": "malformed_json"}, "partial", "MalformedAnswer",
         rule=FROM_SECOND, rows=PAGE),
    Case("a flag that is text", {"kind": "wrong_type", "property": "accountEnabled", "value": "yes", "item": 3},
         "partial", "UnexpectedAnswer", rule=SECOND, rows=PAGE),
    Case("a page that is no list", {"kind": "wrong_type", "property": "value", "value": {}, "item": "page"},
         "failed", "UnexpectedAnswer", rows=0),
    Case("an item without its name", {"kind": "missing_property", "property": "userPrincipalName", "item": 0},
         "failed", "UnexpectedAnswer", rows=0),
    Case("a value nobody knows yet", {"kind": "unknown_enum", "property": "state", "value": "valueOfTomorrow"},
         "complete", dataset="conditional_access_policies", path=POLICIES),
)  # fmt: skip
PAGING: Sequence[Case] = (
    Case("the page token expires, once", {"kind": "expired_page_token"}, "complete", rule={"times": 1}),
    Case("the page token expires, every time", {"kind": "expired_page_token"}, "partial", "Directory_ExpiredPageToken",
         rows=PAGE),
    Case("a next link to another host", {"kind": "foreign_next_link", "origin": "https://graph.microsoft.com.invalid"},
         "partial", "ForeignNextLink", rule=ONCE, rows=PAGE),
    Case("a next link into another tenant", {"kind": "foreign_next_link", "other_tenant": OTHER_TENANT},
         "partial", "ForeignNextLink", rule=ONCE, rows=PAGE),
    Case("a next link back to the same page", {"kind": "loop_next_link", "to": "self"}, "partial", "PageLoop",
         rule=SECOND, rows=2 * PAGE),
    Case("a next link back to the first page", {"kind": "loop_next_link", "to": "first"}, "partial", "PageLoop",
         rule=SECOND, rows=2 * PAGE),
    Case("the same page again under another link", {"kind": "repeat_page"}, "partial", "PageRepeated",
         rule=SECOND, rows=2 * PAGE),
)  # fmt: skip
SIGNING_IN: Sequence[Case] = (
    Case("the token is revoked before page 2", {"kind": "revoke_token"}, "complete", rule=SECOND),
    Case("the token is refused every time", status(401, code="InvalidAuthenticationToken"), "not_permitted",
         "InvalidAuthenticationToken", rows=0),
    Case("the token service is away, once", status(503), "complete", path="token", rule=ONCE),
    Case("no consent in the tenant", {"kind": "consent_missing"}, "not_permitted", "AADSTS700016", path="token",
         rows=0),
    Case("no consent for a permission", {"kind": "consent_missing", "permission": "User.Read.All"}, "not_permitted",
         "Authorization_RequestDenied", rows=0),
    Case("MFA is wanted of the scanner itself", {"kind": "token_error", "code": 50076}, "not_permitted", "AADSTS50076",
         path="token", rows=0),
    Case("Conditional Access stops the scanner", {"kind": "token_error", "code": 53003}, "not_permitted",
         "AADSTS53003", path="token", rows=0),
    Case("the tenant is gone", {"kind": "token_error", "code": 90002}, "failed", "AADSTS90002", path="token", rows=0),
    Case("a guest object hides the GDAP roles", {"kind": "gdap_guest", "code": 50020}, "not_permitted", "AADSTS50020",
         path="token", rows=0),
    Case("a guest object hides the GDAP roles from Graph", {"kind": "gdap_guest"}, "not_permitted",
         "Authorization_RequestDenied", rows=0),
    Case("no Entra ID P1", {"kind": "p1_missing"}, "not_licensed", NO_P1, dataset="sign_ins", path=SIGN_INS, rows=0),
)  # fmt: skip
BATCHES: Sequence[Case] = (
    Case("429 for one of a batch, once", {"kind": "batch_member", "member": 3, "status": 429, "retry_after": 0.2},
         "complete", dataset="per_user_mfa", path=METHODS, rule=ONCE),
    Case("503 for one of a batch, once", {"kind": "batch_member", "member": 3, "status": 503},
         "complete", dataset="per_user_mfa", path=METHODS, rule=ONCE),
    Case("503 for a whole batch, once", status(503), "complete", dataset="per_user_mfa", path=BATCH, rule=ONCE),
    Case("403 for one of a batch", {"kind": "batch_member", "member": 3, "status": 403}, "partial", "UnknownError",
         dataset="per_user_mfa", path=METHODS, rule=ONCE),
    Case("404 for one of a batch", {"kind": "batch_member", "member": 3, "status": 404}, "complete",
         dataset="per_user_mfa", path=METHODS, rule=ONCE),
)  # fmt: skip

SECTIONS: Mapping[str, Sequence[Case]] = {
    "Throttling": THROTTLING,
    "The service fails": SERVICE,
    "The connection breaks": CONNECTION,
    "The answer is wrong": CONTENT,
    "Paging": PAGING,
    "Tokens, consent and licences": SIGNING_IN,
    "Batches": BATCHES,
}
CASES: Sequence[Case] = tuple(case for cases in SECTIONS.values() for case in cases)
