"""The hard cases: all of them, once each, where they say they are, and with expectations that the data bears out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.demo.cases import all_cases
from tests.sandbox_demo.conftest import AS_OF, Reader
from tests.sandbox_demo.oracle import Coverage, Person, cover

DOMAIN = Path(__file__).parents[3] / "shared" / "spec" / "domain.md"

GAP_CODES = {
    "CA_LOCATION_GAP",
    "CA_PLATFORM_GAP",
    "CA_MFA_OR_OTHER",
    "CA_ROLE_EXCLUSION_WHEN_ACTIVE",
    "CA_APP_SUBSET",
    "LEGACY_AUTH_GAP",
}
UNPROTECTED = {
    "GUEST_EXCLUDED",
    "NO_MFA",
    "SERVICE_ACCOUNT_NO_MFA",
    "BREAKGLASS_NO_MFA",
    "CA_REPORT_ONLY",
    "REGISTERED_NOT_ENFORCED",
    "PERUSER_ENABLED_NOT_ENFORCED",
    "FEDERATED_NO_MFA_CLAIM",
    "CUSTOM_CONTROL_NOT_MFA",
}
KESTREL_JUDGED = [
    case for case in all_cases() if case.tenant == "kestrel" and case.scope == "in_scope" and case.kind != "principal"
]


def rows_of_the_table() -> list[str]:
    """Return the first column of the table in domain.md 5.7, or skip."""
    if not DOMAIN.exists():
        pytest.skip("../shared/spec/domain.md is absent")
    section = DOMAIN.read_text("utf-8").partition("### 5.7")[2].partition("### 5.8")[0]
    rows = [line.split("|")[1].strip() for line in section.splitlines() if line.startswith("|")]
    return rows[2:]


def test_each_row_of_the_table_has_exactly_one_case() -> None:
    assert [case.title for case in all_cases()] == rows_of_the_table()


def test_cases_are_numbered_and_named_once() -> None:
    cases = all_cases()
    assert [case.row for case in cases] == list(range(1, 41))
    assert len({case.name for case in cases}) == len({case.short for case in cases}) == 40
    assert all(case.why.strip() for case in cases)


def test_the_file_says_what_the_table_says(reader: Reader) -> None:
    written = json.loads((reader.root / "cases.json").read_text("utf-8"))
    assert written == list(reader.fleet.cases)
    for entry, case in zip(written, all_cases(), strict=True):
        assert entry["case"] == case.name
        assert (entry["expected_scope"], entry["expected_verdict"]) == (case.scope, case.verdict)
        assert entry["expected_reasons"] == list(case.reasons)
        assert entry["source"] == "domain.md 5.7"


@pytest.mark.parametrize("name", [case.name for case in all_cases() if case.kind != "principal" and case.is_listed])
def test_a_case_is_one_account_that_people_recognise(reader: Reader, name: str) -> None:
    case = reader.cases[name]
    key = next(key for key, tenant in reader.tenants.items() if tenant.id == case["tenant_id"])
    found = [user for user in reader.rows(key, "v1.0/users") if user["id"] == case["account_id"]]
    assert len(found) == 1
    assert found[0]["userPrincipalName"] == case["userPrincipalName"]
    assert found[0]["jobTitle"].startswith("Case: ")
    assert "case-" in found[0]["userPrincipalName"]


def test_no_two_cases_share_an_account(reader: Reader) -> None:
    assert len({case["account_id"] for case in reader.fleet.cases}) == 40


def test_the_workload_identity_is_no_user(reader: Reader) -> None:
    case = reader.cases["workload-identity"]
    assert case["userPrincipalName"] is None
    assert case["account_id"] in {one["id"] for one in reader.rows("kestrel", "v1.0/servicePrincipals")}
    assert case["account_id"] not in {one["id"] for one in reader.rows("kestrel", "v1.0/users")}


def test_the_deleted_account_is_seen_everywhere_but_in_the_list(reader: Reader) -> None:
    case = reader.cases["deleted-mid-scan"]
    account = case["account_id"]
    report = reader.rows("kestrel", "v1.0/reports/authenticationMethods/userRegistrationDetails")
    assert case["expected_scope"] is None
    assert account not in {one["id"] for one in reader.rows("kestrel", "v1.0/users")}
    assert account in {one["id"] for one in report}
    assert account in {one["userId"] for one in reader.rows("kestrel", "beta/auditLogs/signIns")}
    assert not reader.path("kestrel", f"beta/users/{account}/authentication/requirements").exists()


def test_the_new_account_is_younger_than_a_day_and_not_in_the_report(reader: Reader) -> None:
    account = reader.cases["created-today"]["account_id"]
    user = next(one for one in reader.rows("kestrel", "v1.0/users") if one["id"] == account)
    report = reader.rows("kestrel", "v1.0/reports/authenticationMethods/userRegistrationDetails")
    assert user["createdDateTime"][:10] == (AS_OF.date()).isoformat()
    assert account not in {one["id"] for one in report}


def test_the_technician_has_no_object_where_only_gdap_leads(reader: Reader) -> None:
    technician = reader.cases["technician-gdap"]["account_id"]
    visits = [one for one in reader.rows("mueller", "beta/auditLogs/signIns") if one["userId"] == technician]
    assert visits
    assert {one["crossTenantAccessType"] for one in visits} == {"serviceProvider"}
    assert {one["homeTenantId"] for one in visits} == {reader.tenants["nordlicht"].id}
    assert technician not in {one["id"] for one in reader.rows("mueller", "v1.0/users")}


def test_the_blocked_technician_is_blocked_at_the_customer_only(reader: Reader) -> None:
    technician = reader.cases["technician-blocked-by-customer"]["account_id"]
    visits = [one for one in reader.rows("sakura", "beta/auditLogs/signIns") if one["userId"] == technician]
    at_home = [
        one
        for one in reader.rows("kestrel", "beta/auditLogs/signIns")
        if one["userId"] == technician and one["crossTenantAccessType"] == "none"
    ]
    assert {one["status"]["errorCode"] for one in visits} == {53003}
    assert 0 in {one["status"]["errorCode"] for one in at_home}


def test_the_shadowing_guest_is_the_partners_technician(reader: Reader) -> None:
    guest = reader.cases["guest-shadows-gdap"]["account_id"]
    mail = next(one["mail"] for one in reader.rows("aeroe", "v1.0/users") if one["id"] == guest)
    assert mail == reader.cases["technician-gdap"]["userPrincipalName"]


def test_the_free_tenants_case_cannot_be_decided(reader: Reader) -> None:
    account = reader.cases["free-tenant-per-user-unknown"]["account_id"]
    refusal = reader.body("zahnarzt", f"beta/users/{account}/authentication/requirements.error")
    assert refusal["status"] == 403
    assert not reader.body("zahnarzt", "v1.0/policies/identitySecurityDefaultsEnforcementPolicy")["isEnabled"]
    assert reader.rows("zahnarzt", "v1.0/identity/conditionalAccess/policies") == []


def person(reader: Reader, key: str, account: str) -> Person:
    """Return the account as the files show it."""
    user = next(one for one in reader.rows(key, "v1.0/users") if one["id"] == account)
    groups = [group["id"] for group in reader.rows(key, "v1.0/groups")]
    roles = reader.rows(key, "v1.0/roleManagement/directory/roleAssignments")
    eligible = reader.rows(key, "v1.0/roleManagement/directory/roleEligibilityScheduleInstances")
    return Person(
        id=account,
        is_guest=user["userType"] == "Guest",
        groups=frozenset(group for group in groups if account in reader.members(key, group)),
        roles=frozenset(one["roleDefinitionId"] for one in roles if one["principalId"] == account),
        eligible=frozenset(one["roleDefinitionId"] for one in eligible if one["principalId"] == account),
    )


def expected_coverage(reasons: set[str]) -> Coverage:
    """Return what the expectation presumes of Conditional Access."""
    if reasons & GAP_CODES:
        return Coverage("partial", frozenset(reasons & GAP_CODES))
    if "ROOM_NO_MFA" in reasons:  # a compliant device gets into Office 365, every device into everything else
        return Coverage("partial", frozenset({"CA_APP_SUBSET", "CA_MFA_OR_OTHER"}))
    return Coverage("none" if reasons & UNPROTECTED else "covered")


@pytest.mark.parametrize("name", [case.name for case in KESTREL_JUDGED])
def test_conditional_access_bears_the_expectation_out(reader: Reader, name: str) -> None:
    """Every point of the sign-in space is tried against the policies on disk."""
    case = reader.cases[name]
    if case["expected_verdict"] is None:
        pytest.skip("no verdict is due")
    found = cover(
        person(reader, "kestrel", case["account_id"]),
        reader.rows("kestrel", "v1.0/identity/conditionalAccess/policies"),
    )
    expected = expected_coverage(set(case["expected_reasons"]))
    assert found.state == expected.state
    if expected.state == "partial":
        assert found.gaps == expected.gaps


@pytest.mark.parametrize("reasons", [set(case.reasons) for case in KESTREL_JUDGED])
def test_every_expected_reason_says_something_about_coverage(reasons: set[str]) -> None:
    """A new reason in the table must be sorted into one of the sets above before the oracle can be trusted."""
    known = GAP_CODES | UNPROTECTED | {"ROOM_NO_MFA"}
    full = {"ENFORCED_NOT_REGISTERED", "METHOD_NOT_ALLOWED", "PERUSER_AND_CA", "REPORT_LATENCY"}
    assert reasons <= known | full


def registration(reader: Reader, key: str, account: str) -> dict[str, Any] | None:
    rows = reader.rows(key, "v1.0/reports/authenticationMethods/userRegistrationDetails")
    return next((row for row in rows if row["id"] == account), None)


@pytest.mark.parametrize(
    "case", [case for case in all_cases() if "registered" in case.also], ids=lambda case: case.name
)
def test_the_report_shows_the_expected_registration(reader: Reader, case: Any) -> None:
    row = registration(reader, case.tenant, reader.cases[case.name]["account_id"])
    found = "unknown" if row is None else "capable" if row["isMfaCapable"] else "none"
    if found == "capable" and row is not None and set(row["methodsRegistered"]) <= {"mobilePhone", "officePhone"}:
        found = "weak_only"
    if case.domain and case.name != "federated-rejected":
        found = "external_unknown"  # what the report says of a federated account proves nothing
    assert found == case.also["registered"]


@pytest.mark.parametrize("case", [case for case in all_cases() if "proof" in case.also], ids=lambda case: case.name)
def test_the_log_shows_the_expected_proof(reader: Reader, case: Any) -> None:
    log = reader.rows(case.tenant, "beta/auditLogs/signIns")
    own = [one for one in log if one["userId"] == reader.cases[case.name]["account_id"]]
    single = [
        one
        for one in own
        if one["isInteractive"]
        and one["status"]["errorCode"] == 0
        and one["authenticationRequirement"] == "singleFactorAuthentication"
        and all(
            step["authenticationStepRequirement"] == "Primary authentication" for step in one["authenticationDetails"]
        )
    ]
    found = "no_signin" if not own else "single_factor_seen" if single else "other"
    assert found == case.also["proof"]


def test_security_defaults_bear_nordlichts_expectations_out(reader: Reader) -> None:
    assert reader.body("nordlicht", "v1.0/policies/identitySecurityDefaultsEnforcementPolicy")["isEnabled"]
    states = {one["state"] for one in reader.rows("nordlicht", "v1.0/identity/conditionalAccess/policies")}
    assert "enabled" not in states
    for case in (case for case in all_cases() if case.tenant == "nordlicht" and case.scope == "in_scope"):
        row = registration(reader, "nordlicht", reader.cases[case.name]["account_id"])
        assert row is not None
        assert row["isMfaCapable"] == (case.verdict == "compliant")
