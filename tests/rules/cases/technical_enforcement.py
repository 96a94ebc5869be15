"""What Microsoft's own enforcement refuses: calls, visits and prompts without MFA."""

from __future__ import annotations

from typing import Any

from tests.judge.orgs import LICENCE, REPORT, Json, methods, sign_in, user
from tests.rules.case import (
    BARE,
    FIDO,
    GLOBAL_ADMINISTRATOR,
    NOTHING,
    PARTNERS_ONLY,
    Case,
    customer,
    good,
    people,
    refused,
)
from tests.rules.microsoft import ADOPTION, APP, CALLS, PRINCIPALS, center

CALL, APPS, PORTAL, PROMPT, READY = (
    "ENF.CALL.1v1",
    "ENF.APP.1v1",
    "ENF.PORTAL.1v1",
    "ENF.PROMPT.1v1",
    "ENF.READY.1v1",
)
OTHER_APP = "b9b9b9b9-0000-4000-8000-000000000002"
HOLDER = [("u1", GLOBAL_ADMINISTRATOR, "/")]
NEEDS_USER = (
    "only a user can read it, and this partner's credential is the application's alone. Give the connection a refresh "
    "token (docs/credentials.md) to have it"
)


def call(id_: str, user_id: str = "u1", **changes: Any) -> Json:
    """Return a call of the day before the scan whose token proved MFA."""
    return {
        "requestId": id_,
        "requestDateTime": "2026-11-22T08:00:00Z",
        "objectId": user_id,
        "upn": f"{user_id}@x.example",
        "applicationId": APP,
        "mfaCompliant": True,
        **changes,
    }


def day(**changes: Any) -> Json:
    """Return a day on which an application proved MFA in every call."""
    return {
        "loginDate": "2026-11-22",
        "applicationId": APP,
        "applicationName": "Portal sync",
        "mfaCompliantRequestCount": 5,
        "totalRequestCount": 5,
        **changes,
    }


def refused_call(name: str) -> str:
    return f"{name} calls Partner Center for users with tokens that prove no MFA: such calls are refused."


def unread(dataset: str) -> str:
    return f"{dataset}: skipped: no scan has read it yet: {NEEDS_USER}"


WITHOUT: Json = {"mfaCompliant": False}
CALLERS = [
    Case(name="every token proves MFA", rule_id=CALL, org=center(CALLS, [call("r1")]), result="pass", counts=(1, 0, 0)),
    Case(
        name="one of two calls does not",
        rule_id=CALL,
        org=center(CALLS, [call("r1"), call("r2", **WITHOUT)]),
        result="fail",
        counts=(1, 1, 0),
        findings=[refused_call(APP)],
    ),
    Case(
        name="an application and its two users are one cause",
        rule_id=CALL,
        org=center(
            CALLS,
            [
                call("r1", **WITHOUT),
                call("r2", "u2", **WITHOUT),
                call("r3", "u3"),
                call("r4", "u1", applicationId=OTHER_APP),
            ],
            files={ADOPTION: [day(applicationId=APP.upper())]},
        ),
        result="fail",
        counts=(4, 2, 0),
        findings=[refused_call("Portal sync")],
    ),
    Case(
        name="an application that calls for itself does not count",
        rule_id=CALL,
        org=center(CALLS, [call("r1"), call("r2", "", **WITHOUT)]),
        result="pass",
        counts=(1, 0, 0),
    ),
    Case(
        name="eight days ago does not count",
        rule_id=CALL,
        org=center(CALLS, [call("r1"), call("r2", requestDateTime="2026-11-15T08:00:00Z", **WITHOUT)]),
        result="pass",
        counts=(1, 0, 0),
    ),
    Case(
        name="the report does not say",
        rule_id=CALL,
        org=center(CALLS, [call("r1", mfaCompliant=None)]),
        result="not_assessed",
        counts=(1, 0, 1),
        reason="1 of 1 integrations: the report does not say whether their tokens proved MFA",
    ),
    Case(name="no user's token", rule_id=CALL, org=good(), result="not_assessed", reason=unread("partner_requests")),
    Case(name="nobody called", rule_id=CALL, org=center(CALLS, []), result="not_applicable", reason=NOTHING),
    Case(name="a customer", rule_id=CALL, org=customer(), result="not_applicable", reason=PARTNERS_ONLY),
]

APPLICATIONS = [
    Case(name="all calls do", rule_id=APPS, org=center(ADOPTION, [day()]), result="pass", counts=(1, 0, 0)),
    Case(
        name="one call of a week does not",
        rule_id=APPS,
        org=center(ADOPTION, [day(), day(loginDate="2026-11-20", mfaCompliantRequestCount=4)]),
        result="fail",
        counts=(1, 1, 0),
        findings=["Portal sync made calls of Partner Center for users whose token proved no MFA."],
    ),
    Case(
        name="eight days ago does not count",
        rule_id=APPS,
        org=center(ADOPTION, [day(), day(loginDate="2026-11-15", mfaCompliantRequestCount=0)]),
        result="pass",
        counts=(1, 0, 0),
    ),
    Case(
        name="a number is missing",
        rule_id=APPS,
        org=center(ADOPTION, [day(mfaCompliantRequestCount=None)]),
        result="not_assessed",
        counts=(1, 0, 1),
        reason="1 of 1 applications: Partner Center gives no number of calls, or of those with MFA",
    ),
    Case(
        name="no user's token",
        rule_id=APPS,
        org=good(),
        result="not_assessed",
        reason=unread("application_mfa_adoption"),
    ),
    Case(name="a customer", rule_id=APPS, org=customer(), result="not_applicable", reason=PARTNERS_ONLY),
]


def principal(user_id: str, **changes: Any) -> Json:
    return {
        "objectId": user_id,
        "upn": f"{user_id}@x.example",
        "lastNonMfaCompliantLoginDateTime": "2026-11-21T08:00:00Z",
        **changes,
    }


VISITORS = [
    Case(
        name="nobody is named",
        rule_id=PORTAL,
        org=center(PRINCIPALS, [], roles=HOLDER),
        result="pass",
        counts=(1, 0, 0),
    ),
    Case(
        name="somebody is named",
        rule_id=PORTAL,
        org=center(
            PRINCIPALS, [principal("u1")], users=people("u1", "u2"), roles=[*HOLDER, ("u2", GLOBAL_ADMINISTRATOR, "/")]
        ),
        result="fail",
        counts=(2, 1, 0),
        findings=["u1@x.example came to the Partner Center portal without MFA, as Partner Center reports it."],
    ),
    Case(
        name="somebody is named of whom nothing else is known",
        rule_id=PORTAL,
        org=center(PRINCIPALS, [principal("gone", lastNonMfaCompliantLoginDateTime=None)]),
        result="fail",
        counts=(1, 1, 0),
        findings=["gone@x.example came to the Partner Center portal without MFA, as Partner Center reports it."],
    ),
    Case(
        name="eight days ago does not count",
        rule_id=PORTAL,
        org=center(
            PRINCIPALS, [principal("u1", lastNonMfaCompliantLoginDateTime="2026-11-15T08:00:00Z")], roles=HOLDER
        ),
        result="pass",
        counts=(1, 0, 0),
    ),
    Case(
        name="no user's token",
        rule_id=PORTAL,
        org=good(),
        result="not_assessed",
        reason=unread("non_mfa_compliant_principals"),
    ),
    Case(name="a customer", rule_id=PORTAL, org=customer(), result="not_applicable", reason=PARTNERS_ONLY),
]


def enforced(*also: str, error: int | None = 0, name: str = "u1") -> Json:
    """Return a sign-in that Microsoft's enforcement asked for MFA, and these providers, too."""
    return sign_in(
        name,
        "multiFactorAuthentication",
        authenticationRequirementPolicies=[
            {"requirementProvider": provider, "detail": ""} for provider in ("enforcedForCspAdmins", *also)
        ],
        status={"errorCode": error},
    )


ASKED = "Microsoft's own enforcement asks accounts for MFA: {}."
PROMPTED = [
    Case(
        name="the tenant asked, too",
        rule_id=PROMPT,
        org=good(has_defaults=False, sign_ins=[enforced("multiConditionalAccess"), enforced(error=50074)]),
        result="pass",
        counts=(1, 0, 0),
    ),
    Case(
        name="the tenant always asks, though the log does not name it",
        rule_id=PROMPT,
        org=good(sign_ins=[enforced()]),
        result="pass",
        counts=(1, 0, 0),
    ),
    Case(
        name="Microsoft alone asked",
        rule_id=PROMPT,
        org=good(users=people("u1", "u2"), has_defaults=False, sign_ins=[enforced(), enforced(name="u2")]),
        result="fail",
        counts=(2, 2, 0),
        findings=[ASKED.format("nothing of the tenant asks them")],
    ),
    Case(
        name="nobody answered",
        rule_id=PROMPT,
        org=good(sign_ins=[enforced("securityDefaults", error=50074)]),
        result="fail",
        counts=(1, 1, 0),
        findings=[ASKED.format("they did not get in")],
    ),
    Case(
        name="the logs do not say how it ended",
        rule_id=PROMPT,
        org=good(sign_ins=[enforced("securityDefaults", error=None)]),
        result="not_assessed",
        counts=(1, 0, 1),
        reason="1 of 1 accounts: the logs do not say how the sign-ins ended",
    ),
    Case(name="nobody was asked by it", rule_id=PROMPT, org=good(), result="not_applicable", reason=NOTHING),
    Case(
        name="no licence for the logs",
        rule_id=PROMPT,
        org=good(failures={"beta/auditLogs/signIns": LICENCE}),
        result="not_assessed",
        reason="needs Microsoft Entra ID P1 (sign_ins)",
    ),
    Case(name="a customer", rule_id=PROMPT, org=customer(), result="not_applicable", reason=PARTNERS_ONLY),
]


def unready(surfaces: str, registered: str) -> str:
    return f"u1@x.example uses {surfaces}, where Microsoft demands MFA; its registration is: {registered}."


UNCLEAR = "1 of 1 accounts: what they have registered, or whether they use it, is not known"
EXPOSED = [
    Case(name="registered", rule_id=READY, org=good(roles=HOLDER), result="pass", counts=(1, 0, 0)),
    Case(
        name="an administrator without a method",
        rule_id=READY,
        org=good(roles=HOLDER, registered={"u1": BARE}),
        result="fail",
        counts=(1, 1, 0),
        findings=[unready("pc_portal", "none")],
    ),
    Case(
        name="the user of an integration with a method that is not allowed",
        rule_id=READY,
        org=center(CALLS, [call("r1")], registered={"u1": methods("softwareOneTimePasscode", is_capable=False)}),
        result="fail",
        counts=(1, 1, 0),
        findings=[unready("pc_api_app_user", "registered_not_allowed")],
    ),
    Case(
        name="who uses nothing of it does not count",
        rule_id=READY,
        org=good(users=[*people("u1"), user("u2")], roles=HOLDER, registered={"u1": FIDO, "u2": BARE}),
        result="pass",
        counts=(1, 0, 0),
    ),
    Case(
        name="the report cannot be read",
        rule_id=READY,
        org=refused(REPORT, of=good(roles=HOLDER)),
        result="not_assessed",
        counts=(1, 0, 1),
        reason=UNCLEAR,
    ),
    Case(name="a customer", rule_id=READY, org=customer(), result="not_applicable", reason=PARTNERS_ONLY),
]

CASES = [*CALLERS, *APPLICATIONS, *VISITORS, *PROMPTED, *EXPOSED]
