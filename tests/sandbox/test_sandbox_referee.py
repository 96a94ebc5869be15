"""The referee finds what is wrong."""

from typing import Any

import pytest

from tests.referee import HOST, referee

GOOD = {"Content-Type": "application/json;odata.metadata=minimal", "request-id": "1"}
CONTEXT = f"{HOST}/v1.0/$metadata#x"


def objections(path: str, body: Any, status: int = 200, headers: dict[str, str] | None = None) -> list[str]:
    if isinstance(body, dict) and status < 400:
        body = {"@odata.context": CONTEXT, **body}
    return referee().objections("GET", f"http://127.0.0.1:1/{path}?$top=1", status, headers or GOOD, body)


def user(**properties: Any) -> dict[str, Any]:
    return {"value": [{"id": "1", **properties}]}


def policy(**properties: Any) -> dict[str, Any]:
    return {"value": [{"id": "1", **properties}]}


POLICIES = "v1.0/identity/conditionalAccess/policies"
LOCATIONS = "v1.0/identity/conditionalAccess/namedLocations"
IP_LOCATION = "#microsoft.graph.ipNamedLocation"
IPV4 = "#microsoft.graph.iPv4CidrRange"
REQUIREMENT = "#microsoft.graph.partner.security.adminsMfaEnforcedSecurityRequirement"
METHODS = "v1.0/users/u/authentication/methods"


@pytest.mark.parametrize(
    ("path", "body", "found"),
    [
        ("v1.0/users", user(accountEnabled="true"), "'true' is not of type 'boolean'"),
        ("v1.0/users", user(createdDateTime="yesterday"), "does not match"),
        ("v1.0/users", user(isAdmin=True), "microsoft.graph.user has no property 'isAdmin'"),
        ("v1.0/users", {"values": []}, "has no property 'values'"),
        ("v1.0/users", {"value": {"id": "1"}}, "is not of type 'array'"),
        ("v1.0/users", user(assignedLicenses=[{"sku": "x"}]), "assignedLicense has no property 'sku'"),
        ("v1.0/users/u", {"id": "1", "mails": []}, "has no property 'mails'"),
        (POLICIES, policy(state="on"), "'on' is not one of"),
        (POLICIES, policy(conditions={"clientAppTypes": None}), "None"),
        (POLICIES, policy(grantControls={"builtInControls": ["MFA"]}), "'MFA' is not one of"),
        (POLICIES, policy(conditions={"userz": {}}), "conditionalAccessConditionSet has no property 'userz'"),
        ("v1.0/auditLogs/signIns", user(authenticationRequirement="x"), "no property 'authenticationRequirement'"),
        ("v1.0/auditLogs/signIns", user(sessionId="x"), "no property 'sessionId'"),
        ("beta/auditLogs/signIns", user(sessionID="x"), "no property 'sessionID'"),
        (
            METHODS,
            user(**{"@odata.type": "#microsoft.graph.phoneAuthenticationMethod", "phoneType": "pager"}),
            "'pager'",
        ),
        (METHODS, user(**{"@odata.type": "#microsoft.graph.phoneAuthenticationMethod", "model": "x"}), "'model'"),
        (LOCATIONS, policy(**{"@odata.type": IP_LOCATION, "ipRanges": [{"@odata.type": IPV4, "cidr": "x"}]}), "'cidr'"),
    ],
)
def test_what_does_not_fit_is_told(path: str, body: Any, found: str) -> None:
    told = objections(path, body)
    assert told
    assert any(found in one for one in told), told


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("v1.0/users", user(perUserMfaState="enabled", identityParentId=None, signInActivity=None)),
        (POLICIES, policy(sessionControls=None, conditions={"locations": None, "platforms": None, "devices": None})),
        (POLICIES, policy(grantControls={"builtInControls": ["riskRemediation"], "authenticationStrength": None})),
        (
            POLICIES,
            policy(
                conditions={
                    "users": {
                        "includeGuestsOrExternalUsers": {
                            "guestOrExternalUserTypes": "internalGuest,serviceProvider",
                            "externalTenants": {
                                "@odata.type": "#microsoft.graph.conditionalAccessAllExternalTenants",
                                "membershipKind": "all",
                            },
                        }
                    }
                }
            ),
        ),
        ("v1.0/auditLogs/signIns", user(userAgent="x", homeTenantId="y")),
        ("beta/auditLogs/signIns", user(sessionId="x", agent={"agentType": "none"})),
        (METHODS, user(**{"@odata.type": "#microsoft.graph.externalAuthenticationMethod", "configurationId": "x"})),
        ("v1.0/admin/people", {"anything": 1}),
        (
            LOCATIONS,
            policy(**{"@odata.type": IP_LOCATION, "ipRanges": [{"@odata.type": IPV4, "cidrAddress": "1.0.0.0/8"}]}),
        ),
        (
            "beta/security/partner/securityScore/requirements",
            user(**{"@odata.type": REQUIREMENT, "complianceStatus": "nonCompliant", "totalAdminsCount": 2}),
        ),
    ],
)
def test_what_the_service_sends_is_accepted(path: str, body: Any) -> None:
    assert objections(path, body) == []


@pytest.mark.parametrize(
    ("status", "headers", "body", "found"),
    [
        (200, {"request-id": "1"}, {"value": []}, "Content-Type"),
        (200, {"Content-Type": "application/json"}, {"value": []}, "request-id"),
        (200, GOOD, [], "not an object"),
        (404, GOOD, {"message": "x"}, "error.code"),
        (404, GOOD, {"error": {"code": 404, "message": "x"}}, "error.code"),
    ],
)
def test_the_envelope_counts(status: int, headers: dict[str, str], body: Any, found: str) -> None:
    assert any(found in one for one in objections("v1.0/users", body, status, headers))


def test_an_answer_without_context_is_told() -> None:
    assert referee().objections("GET", f"{HOST}/v1.0/users", 200, GOOD, {"value": []})


def test_it_says_what_it_covers() -> None:
    assert referee().covers(f"{HOST}/v1.0/users/a%20b/authentication/methods?$top=1")
    assert not referee().covers(f"{HOST}/v1.0/groups")
    assert not referee().covers(f"{HOST}/v1/customers")
    assert objections("v2.0/users", {})
