"""Each refusal by number, by what it says and by its kind; and the page that documents them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from string import Formatter

import pytest

from collectors.advice import Place, everything, fill, of_graph, of_token, token_error
from collectors.advice_token import UNKNOWN
from collectors.catalogue import catalogue
from collectors.error_page import page
from collectors.permissions import PERMISSIONS, spelled
from sandbox.entra_codes import REFUSALS

PAGE = Path(__file__).parents[2] / "docs" / "errors.md"
PLACE = Place("app-1", "conn-1", "tenant-1", "https://login.microsoftonline.com")
USER = Place("app-1", "conn-1", "tenant-1", "https://login.microsoftonline.us", is_delegated=True)
MEANT = {
    "auth.mfa_required": (50076, 50074),
    "auth.mfa_expired": (50078,),
    "auth.mfa_enrol": (50079, 50072),
    "auth.external_control": (50158, 50161, 50177),
    "auth.ca_block": (53003, 530032, 50131),
    "auth.ca_device": (53000, 53001),
    "auth.home_risk": (530034,),
    "auth.sd_block": (530035,),
    "consent.missing": (65001, 90008, 90094),
    "consent.cpv_missing": (90099,),
    "consent.sp_missing": (700016, 700011, 7000229),
    "config.app": (650052, 650056, 650057, 65005, 500011),
    "gdap.missing_or_guest": (50020, 51004, 16000, 50034),
    "config.assignment": (50105,),
    "auth.xtap": (500212, 500213),
    "gdap.missing": (90072,),
    "token.expired": (700082, 70008),
    "token.sif": (70043,),
    "token.revoked": (50173, 50132, 50133, 50089),
    "token.invalid": (70000, 50027),
    "cred.wrong_secret": (7000215,),
    "cred.expired": (7000222,),
    "cred.assertion": (700027, 700021, 700023, 700024),
    "cred.subject": (700030,),
    "cred.missing": (7000218,),
    "account.disabled": (50057,),
    "account.locked": (50053,),
    "account.password_expired": (50055,),
    "tenant.gone": (90002, 50059, 5000224),
    "tenant.cloud": (90038, 1000104),
    "throttle.sts": (90055, 50196),
    "config.request": (70003, 70011, 900144, 900561, 1002012),
}
"""Number by number, as the programme's documentation groups them; kept apart from the table on purpose."""
STATES = {
    "account": "failed",
    "auth": "not_permitted",
    "consent": "not_permitted",
    "cred": "failed",
    "gdap": "not_permitted",
    "tenant": "failed",
    "throttle": "failed",
    "token": "failed",
}


@pytest.mark.parametrize(("number", "word"), [(number, word) for word, codes in MEANT.items() for number in codes])
def test_each_number_has_its_word_and_its_state(number: int, word: str) -> None:
    said = f"AADSTS{number}: Something is wrong. Trace ID: t Correlation ID: c-1 Timestamp: now"
    error = token_error({"error": "invalid_grant", "error_description": said, "error_codes": [number]}, PLACE)
    assert (error.word, error.code) == (word, f"AADSTS{number}")
    assert error.state == STATES.get(word.partition(".")[0], error.state)
    assert str(error).startswith(f"AADSTS{number}: Something is wrong. {word}: ")
    assert "Trace ID" not in str(error)
    assert "tenant-1" in str(error) or "app-1" in str(error)


def test_every_number_the_sandbox_can_refuse_with_is_meant() -> None:
    assert set(REFUSALS) - {number for codes in MEANT.values() for number in codes} == set()


@pytest.mark.parametrize(
    ("answer", "word", "code"),
    [
        ({"error": "invalid_client", "error_description": "AADSTS799999: New."}, "cred.missing", "AADSTS799999"),
        ({"error": "interaction_required", "error_description": "Do it."}, "auth.mfa_required", "interaction_required"),
        ({"error": "temporarily_unavailable"}, "throttle.sts", "temporarily_unavailable"),
        ({"error": "invalid_grant", "error_description": "AADSTS799998: New."}, "auth.other", "AADSTS799998"),
        ({"error": "invalid_grant", "error_description": "User was not found."}, "gdap.missing", "invalid_grant"),
        ({"error_description": "Unable to get authority configuration for https://x."}, "tenant.gone", "token"),
        ({"error_codes": "what?", "error": 7}, "auth.other", "7"),
        ({}, "auth.other", "token"),
    ],
)
def test_a_number_nobody_knows_is_told_by_the_rest(answer: dict[str, object], word: str, code: str) -> None:
    error = token_error(answer, PLACE)
    assert (error.word, error.code) == (word, code)


def test_a_block_names_the_sign_in_to_look_up() -> None:
    said = "AADSTS53003: Blocked. Trace ID: t Correlation ID: 0f-1a Timestamp: now"
    assert "correlation id 0f-1a" in str(token_error({"error_description": said, "error_codes": [53003]}, PLACE))


@pytest.mark.parametrize(
    ("status", "code", "words", "word", "state"),
    [
        (403, "Authorization_RequestDenied", "Insufficient privileges.", "graph.permission_missing", "not_permitted"),
        (403, "Authentication_MSGraphPermissionMissing", "", "graph.permission_missing", "not_permitted"),
        (403, "AccessDenied", "required scopes are missing", "graph.permission_missing", "not_permitted"),
        (403, "NobodyKnows", "", "graph.permission_missing", "not_permitted"),
        (403, "UnknownError", "User is not present in the role definition of the current user", "graph.role_missing",
         "not_permitted"),
        (403, "UnknownError", "Unable to initialize the authorization context", "gdap.no_access", "not_permitted"),
        (403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant", "", "graph.not_licensed", "not_licensed"),
        (400, "BadRequest", "Tenant is not a B2C tenant and doesn't have premium licenses", "graph.not_licensed",
         "not_licensed"),
        (401, "InvalidAuthenticationToken", "", "graph.token_refused", "not_permitted"),
        (404, "Request_ResourceNotFound", "", "graph.not_found", "failed"),
        (429, "UnknownError", "", "throttle.graph", "failed"),
        (503, "ServiceUnavailable", "", "graph.unavailable", "failed"),
        (418, "Teapot", "", "graph.unexpected", "failed"),
    ],
)  # fmt: skip
def test_each_refusal_of_graph_has_its_word_and_its_state(
    status: int, code: str, words: str, word: str, state: str
) -> None:
    advice = of_graph(status, code, words)
    assert (advice.word, advice.error.state) == (word, state)


def test_a_missing_permission_is_named_with_the_id_of_its_kind_and_the_link_to_consent() -> None:
    advice = of_graph(403, "Authorization_RequestDenied", "")
    alone = fill(advice, PLACE, permissions=["User.Read.All"])
    assert "the application permission User.Read.All (df021288-bdef-4463-88db-98f22de89214)" in alone
    assert "https://login.microsoftonline.com/tenant-1/adminconsent?client_id=app-1" in alone
    assert "application app-1 (connection 'conn-1')" in alone
    user = fill(advice, USER, permissions=["AuditLog.Read.All"])
    assert "the delegated permission AuditLog.Read.All (e4c9e354-4dc5-45b8-9e7c-e1393b0b1a20)" in user
    assert "https://login.microsoftonline.us/tenant-1/adminconsent?client_id=app-1" in user
    assert "Global Reader (or, narrower, Reports Reader or Security Reader)" in user


def test_a_permission_of_a_plugin_is_told_by_its_name() -> None:
    assert spelled(["Thing.Read.All"], is_delegated=False) == "Thing.Read.All"


def test_every_permission_a_built_in_dataset_needs_has_its_ids() -> None:
    needed = {name for dataset in catalogue().datasets for name in dataset.permissions}
    # No page of Microsoft's that we could read says the id of this one.
    assert needed - set(PERMISSIONS) <= {"Domain-InternalFederation.Read.All"}
    ids = [one for both in PERMISSIONS.values() for one in both]
    assert len(set(ids)) == len(ids)


def test_the_table_says_each_thing_once() -> None:
    table = [*everything()]
    told = Counter(key for advice in table for key in (advice.word, *advice.codes, *advice.oauth, *advice.statuses))
    assert [key for key, times in told.items() if times > 1] == []
    known = {"app", "connection", "tenant", "consent_url", "permission", "role", "correlation"}
    for advice in table:
        named = {name for _, name, _, _ in Formatter().parse(advice.sentence + advice.delegated) if name is not None}
        assert named, advice.word
        assert named <= known, advice.word


def test_what_nobody_knows_is_not_told_as_something_else() -> None:
    assert of_token([799999], "no_such_word", "Nothing to see.") is UNKNOWN


def test_the_committed_page_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == page(), "run `python -m collectors.error_page > docs/errors.md`"
