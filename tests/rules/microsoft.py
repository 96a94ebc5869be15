"""Microsoft's own numbers as it answers them: the partner security score and Partner Center's reports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.judge.orgs import Json, Org
from tests.rules.case import good

SCORE = "beta/security/partner/securityScore"
REQUIREMENTS, INSIGHTS = f"{SCORE}/requirements", f"{SCORE}/customerInsights"
CENTER = "partner-center/v1"
CALLS, PRINCIPALS, ADOPTION = (
    f"{CENTER}/partnerRequests",
    f"{CENTER}/nonMfaCompliantPartnerPrincipals",
    f"{CENTER}/applicationmfaadoptionstatus",
)
SUMMARY = "beta/reports/authenticationMethods/userMfaSignInSummary"
APP = "a9a9a9a9-0000-4000-8000-000000000001"


def requirement(type_: str, **changes: Any) -> Json:
    """Return a requirement of the score that is met."""
    return {
        "@odata.type": "#microsoft.graph.partner.security.securityRequirement",
        "id": f"r-{type_}",
        "requirementType": type_,
        "complianceStatus": "compliant",
        "score": 20,
        "maxScore": 20,
        "state": "active",
        "updatedDateTime": "2026-11-20T00:00:00Z",
        **changes,
    }


def admins(**changes: Any) -> Json:
    """Return the requirement about administrators of a partner with one user, who is one and has MFA."""
    return requirement(
        "mfaEnforcedForAdmins",
        **{
            "totalAdminsCount": 1,
            "mfaEnabledAdminsCount": 1,
            "adminsRequiredNotUsingMfaCount": 0,
            "totalUsersCount": 1,
            "mfaEnabledUsersCount": 1,
            "usersRequiredNotUsingMfaCount": 0,
            "securityDefaultsStatus": "enabled",
            "mfaConditionalAccessPolicyStatus": "disabled",
            "legacyPerUserMfaStatus": "disabled",
            **changes,
        },
    )


def contact(**changes: Any) -> Json:
    return requirement("securityContactProvided", **changes)


def alerts(**changes: Any) -> Json:
    return requirement("securityAlertsPromptlyResolved", **{"averageResponseTimeInHours": 7.5, **changes})


def insight(customer: str, **changes: Any) -> Json:
    """Return what Microsoft counts of a customer with one user, who has MFA."""
    mfa = {
        "compliantAdminsCount": 0,
        "compliantNonAdminsCount": 1,
        "totalUsersCount": 1,
        "securityDefaultsStatus": "enabled",
        "mfaConditionalAccessPolicyStatus": "disabled",
        "legacyPerUserMfaStatus": "disabled",
        **changes,
    }
    return {"tenantId": customer, "mfa": mfa}


def scored(
    *requirements: Json,
    insights: Sequence[Json] = (),
    refreshed_at: str | None = "2026-11-22T17:00:00Z",
    **changes: Any,
) -> Org:
    """Return a good partner with these requirements (all that is mandatory, met, if none is named)."""
    found = list(requirements or (admins(), contact(), alerts()))
    files = {
        SCORE: {"id": "s1", "currentScore": 60.0, "maxScore": 100.0, "lastRefreshDateTime": refreshed_at},
        REQUIREMENTS: found,
        INSIGHTS: list(insights),
    }
    return good(**{**changes, "files": files | changes.get("files", {})})


def center(path: str, items: Sequence[Json], **changes: Any) -> Org:
    """Return a good partner whose service user may read what Partner Center answers under ``path``."""
    # One of the three is a list without anything around it.
    body: Any = list(items) if path == ADOPTION else {"totalCount": len(items), "items": list(items)}
    return good(**{"service_user": "u1", **changes, "files": {path: body} | changes.get("files", {})})
