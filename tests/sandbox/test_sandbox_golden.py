"""Published answers are served back as they are, and every answer stands before the referee."""

import json
from typing import Any

import pytest

from sandbox.paths import ROUTES
from sandbox.properties import KNOWN
from tests.referee import golden, referee
from tests.sandbox.cloud import BASE, Cloud, Reply, people

# file: where it is served, with what options, and what the referee finds in the publication itself.
DOCS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "accessAssignments-list.v1.json": (
        "v1.0/tenantRelationships/delegatedAdminRelationships/5d027261/accessAssignments",
        "",
        (),
    ),
    "authentication-methods-list.v1.json": ("v1.0/users/u/authentication/methods", "", ("'creationDateTime'",)),
    "conditionalAccess-policies-list.v1.json": ("v1.0/identity/conditionalAccess/policies", "", ()),
    "delegatedAdminCustomers-list.v1.json": ("v1.0/tenantRelationships/delegatedAdminCustomers", "", ()),
    "delegatedAdminRelationships-list.v1.json": ("v1.0/tenantRelationships/delegatedAdminRelationships", "", ()),
    "identitySecurityDefaultsEnforcementPolicy-get.v1.json": (
        "v1.0/policies/identitySecurityDefaultsEnforcementPolicy",
        "",
        (),
    ),
    "partner-securityScore-customerInsights-list.beta.json": (
        "beta/security/partner/securityScore/customerInsights",
        "",
        (),
    ),
    "partner-securityScore-get.beta.json": ("beta/security/partner/securityScore", "", ()),
    "partner-securityScore-requirements-list.beta.json": (
        "beta/security/partner/securityScore/requirements",
        "",
        (),
    ),
    "roleAssignments-list-expand-principal.v1.json": (
        "v1.0/roleManagement/directory/roleAssignments",
        "?$expand=principal",
        ("'resourceScope'",) * 3,
    ),
    "roleAssignments-list.v1.json": ("v1.0/roleManagement/directory/roleAssignments", "", ("'resourceScope'",) * 2),
    "signIns-list.beta.json": ("beta/auditLogs/signIns", "", ("'Primary Refresh Token'",)),
    "signIns-list.v1.json": ("v1.0/auditLogs/signIns", "", ()),
    "userRegistrationDetails-list.v1.json": (
        "v1.0/reports/authenticationMethods/userRegistrationDetails",
        "",
        ("userPreferredMethodForSecondaryAuthentication",),
    ),
    "users-list-count-orderby.v1.json": ("v1.0/users", "?$count=true&$orderby=displayName", ()),
    "users-list.v1.json": ("v1.0/users", "", ()),
}
MFA_DOCS = {
    "authentication-requirements.json": "beta/users/u/authentication/requirements",
    "partner-security-customerInsights.json": "beta/security/partner/securityScore/customerInsights",
    "partner-security-requirements.json": "beta/security/partner/securityScore/requirements",
    "userMfaSignInSummary.json": "beta/reports/authenticationMethods/userMfaSignInSummary",
}


def judged(reply: Reply, target: str, method: str = "GET") -> list[str]:
    return referee().objections(method, f"{BASE}{target}", reply.status, reply.headers, reply.json())


def without_paging(body: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key != "@odata.nextLink"}


@pytest.mark.parametrize("name", DOCS)
def test_a_published_answer_is_served_back(cloud: Cloud, name: str) -> None:
    path, query, faults = DOCS[name]
    published = json.loads((golden() / "graph-docs" / name).read_text("utf-8"))
    cloud.put(path, published)
    reply = cloud.get(f"/{path}{query}")
    found = reply.json()
    assert without_paging(published).items() <= found.items()
    assert set(found) - set(published) <= {"@odata.context"}
    objections = judged(reply, f"/{path}")
    assert len(objections) == len(faults)
    assert all(fault in objection for fault, objection in zip(faults, objections, strict=True))


def test_every_published_answer_is_among_them() -> None:
    published = {file.name for file in (golden() / "graph-docs").glob("*.json")}
    assert published - set(DOCS) == {"error-429.concepts-throttling.json", "error-429.reporting-api.json"}


@pytest.mark.parametrize("name", MFA_DOCS)
def test_published_mfa_answers_are_served_back(cloud: Cloud, name: str) -> None:
    published = json.loads((golden() / "graph-docs-mfa" / name).read_text("utf-8"))["response"]
    cloud.put(MFA_DOCS[name], published)
    reply = cloud.get(f"/{MFA_DOCS[name]}")
    assert published.items() <= reply.json().items()
    assert judged(reply, f"/{MFA_DOCS[name]}") == []


@pytest.mark.parametrize("name", ["error-429.concepts-throttling.json", "error-429.reporting-api.json"])
def test_a_recorded_refusal_is_served_back(cloud: Cloud, name: str) -> None:
    recorded = json.loads((golden() / "graph-docs" / name).read_text("utf-8"))
    cloud.fail("v1.0/auditLogs/signIns", 429, recorded, Retry_After="2.128")
    reply = cloud.get("/v1.0/auditLogs/signIns")
    assert (reply.status, reply.json(), reply.headers["retry-after"]) == (429, recorded, "2.128")
    assert judged(reply, "/v1.0/auditLogs/signIns") == []


TARGETS = sorted({f"/{version}/{route.path}" for route in ROUTES for version in route.versions})
QUERIES = ("", "?$top=1", "?$top=9999", "?$select=id", "?$select=nonsense", "?$filter=(", "?$count=true", "?$skip=1")


@pytest.mark.parametrize("target", TARGETS)
def test_whatever_is_asked_the_answer_is_one_of_graph(cloud: Cloud, target: str) -> None:
    full = target.replace("{id}", "some-id")
    for query in QUERIES:
        reply = cloud.get(f"{full}{query}")
        assert reply.status in {200, 400, 404}
        assert judged(reply, full) == []


def test_pages_and_selections_of_users_fit_the_description(cloud: Cloud) -> None:
    cloud.put("v1.0/users", people(30))
    for query in ("$top=7", "$select=id,accountEnabled&$top=7", "$filter=accountEnabled%20eq%20true", "$count=true"):
        link: str | None = f"/v1.0/users?{query}"
        while link:
            reply = cloud.get(link)
            assert judged(reply, "/v1.0/users") == []
            link = reply.json().get("@odata.nextLink")
    single = f"/v1.0/users/{people(1)[0]['id']}"
    assert judged(cloud.get(single), single) == []


def test_refusals_of_a_token_or_a_method_fit_too(cloud: Cloud) -> None:
    assert judged(cloud.get("/v1.0/users", authorization="Bearer x"), "/v1.0/users") == []
    assert judged(cloud.get("/v1.0/users", method="POST"), "/v1.0/users") == []
    reply = cloud.get("/v1.0/$batch", method="POST", body={})
    assert judged(reply, "/v1.0/$batch", "POST") == []


def test_known_properties_are_those_of_the_metadata() -> None:
    """The table must not know more than Microsoft; what it lacks only costs a refusal."""
    checked = 0
    for (name, version), listed in KNOWN.items():
        described = referee().names(version, f"microsoft.graph.{name}")
        if described and name != "directoryObject":  # there, all that its kinds have
            checked += 1
            assert listed - described == set(), f"{version} {name}"
    assert checked > 20
