"""Microsoft's published answers, served from a tenant folder, collected, loaded, and found again in the tables."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from collectors.errors import Throttled
from collectors.graph import Received, explain
from collectors.landing import Landing
from tests.cloud import PARTNER, Cloud, cloud

Served = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with cloud(tmp_path, monkeypatch) as one:
        yield one


@pytest.fixture
def served(one: Cloud, golden: Path) -> Served:
    """Return what serves a published body under a path, scans it, and returns the rows of a table."""

    def serve(files: dict[str, str], table: str, *, at: datetime | None = None, state: str = "complete") -> Any:
        from checks.scan import load_scan
        from collectors.catalogue import catalogue
        from collectors.collect import collect
        from warehouse.engine import writer

        for name, path in files.items():
            one.put(PARTNER, path, json.loads((golden / "graph-docs" / name).read_text("utf-8")))
        collectors = tuple(c.name for c in catalogue().collectors if table in {d.name for d in c.datasets})
        plan = one.plan(collectors=collectors)
        if at:
            plan = msgspec.structs.replace(plan, scanned_at=at)
            Landing(one.config.landing, plan.scan_id).write_plan(plan)
        [outcome] = [o for o in collect(one.config, plan, plan.tenants, catalogue()) if o.dataset == table]
        assert (outcome.state, outcome.message) == (state, "") if state == "complete" else outcome.state == state
        load_scan(one.config, plan.scan_id)
        with writer(one.config.warehouse) as con:
            answer = con.execute(f"select * exclude (tenant_id, collected_at) from {table} order by all")
            names = [column[0] for column in answer.description]
            rows = [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
            for row in rows:
                row.pop("valid_from", None)
            status = con.execute("select state, message from source_status where dataset = ?", [table]).fetchone()
        assert status == (outcome.state, outcome.message)
        return rows

    return serve


def test_users(served: Served) -> None:
    admin, room = served({"users-list.v1.json": "v1.0/users"}, "users")
    assert (admin["user_id"], admin["user_principal_name"], admin["mail"], admin["display_name"]) == (
        "4562bcc8-c436-4f95-b7c0-4f8ce89dca5e",
        "admin@contoso.com",
        None,
        "MOD Administrator",
    )
    assert (room["mail"], room["is_enabled"], room["user_type"]) == ("Adams@contoso.com", None, None)


def test_users_without_an_id_are_no_users(served: Served) -> None:
    assert served({"users-list-count-orderby.v1.json": "v1.0/users"}, "users", state="failed") == []


def test_registration_report(served: Served) -> None:
    path = "v1.0/reports/authenticationMethods/userRegistrationDetails"
    rows = {
        r["user_principal_name"]: r
        for r in served({"userRegistrationDetails-list.v1.json": path}, "authentication_methods")
    }
    assert {name: r["is_mfa_registered"] for name, r in rows.items()} == {
        "AlexW@Contoso.com": True,
        "AllanD@Contoso.com": False,
        "BiancaP@Contoso.com": True,
    }
    assert rows["AlexW@Contoso.com"]["methods_registered"] == ["microsoftAuthenticatorPush", "softwareOneTimePasscode"]
    assert rows["AllanD@Contoso.com"]["preferred_method"] == ""  # as published: not a member of its enumeration
    assert rows["AllanD@Contoso.com"]["methods_registered"] == []
    assert rows["BiancaP@Contoso.com"]["preferred_method"] == "voiceMobile"
    assert rows["BiancaP@Contoso.com"]["report_updated_at"] == datetime(2023, 3, 13, 19, 15, 41, 619583)


def test_sign_ins_of_beta(served: Served) -> None:
    at = datetime(2021, 7, 1, tzinfo=UTC)
    [row] = served({"signIns-list.beta.json": "beta/auditLogs/signIns"}, "sign_ins", at=at)
    assert row["signed_in_at"] == datetime(2021, 6, 30, 16, 34, 32)
    assert row["error_code"] == 50126
    assert row["authentication_requirement"] == "singleFactorAuthentication"
    assert row["sign_in_event_types"] == ["interactiveUser"]
    assert row["country_code"] == "US"
    [step] = json.loads(row["authentication_details"])
    assert step["authenticationMethod"] == "Password"
    assert step["succeeded"] is False
    assert json.loads(row["authentication_requirement_policies"]) == []


def test_sign_ins_of_v1_lack_the_mfa_fields(served: Served) -> None:
    at = datetime(2020, 3, 14, tzinfo=UTC)
    [row] = served({"signIns-list.v1.json": "beta/auditLogs/signIns"}, "sign_ins", at=at)
    assert (row["error_code"], row["client_app_used"]) == (0, "Browser")
    assert row["authentication_requirement"] is None
    assert row["authentication_details"] is None
    assert len(json.loads(row["applied_conditional_access_policies"])) == 2


def test_conditional_access_policies(served: Served) -> None:
    rows = served(
        {"conditionalAccess-policies-list.v1.json": "v1.0/identity/conditionalAccess/policies"},
        "conditional_access_policies",
    )
    assert [r["display_name"] for r in rows] == ["SimplePolicy1", "SimplePolicy2"]
    assert {r["state"] for r in rows} == {"disabled"}
    assert [json.loads(r["grant_controls"])["builtInControls"] for r in rows] == [["block"], ["mfa"]]
    assert json.loads(rows[0]["conditions"])["users"]["includeUsers"] == ["None"]
    assert rows[0]["session_controls"] is None


def test_security_defaults(served: Served) -> None:
    path = "v1.0/policies/identitySecurityDefaultsEnforcementPolicy"
    files = {"identitySecurityDefaultsEnforcementPolicy-get.v1.json": path}
    assert served(files, "security_defaults") == [
        {"policy_id": "00000000-0000-0000-0000-000000000005", "is_enabled": True}
    ]


def test_role_assignments_with_their_principals(served: Served) -> None:
    path = "v1.0/roleManagement/directory/roleAssignments"
    rows = served({"roleAssignments-list-expand-principal.v1.json": path}, "role_assignments")
    assert {r["principal_name"]: r["principal_type"] for r in rows} == dict.fromkeys(
        ("Joey Cruz", "Kalyan Krishna", "Markie Downing"), "#microsoft.graph.user"
    )
    assert {r["directory_scope_id"] for r in rows} == {"/"}


def test_role_assignments_whose_principals_are_not_there(served: Served) -> None:
    path = "v1.0/roleManagement/directory/roleAssignments"
    rows = served({"roleAssignments-list.v1.json": path}, "role_assignments")
    assert {r["role_definition_id"] for r in rows} == {
        "62e90394-69f5-4237-9190-012177145e10",
        "f2ef992c-3afb-46b9-b7cf-a126ee74c451",
    }
    assert {r["principal_type"] for r in rows} == {None}


RELATIONSHIPS = {"delegatedAdminRelationships-list.v1.json": "v1.0/tenantRelationships/delegatedAdminRelationships"}


def test_gdap_relationships(served: Served) -> None:
    rows = {r["display_name"]: r for r in served(RELATIONSHIPS, "gdap_relationships")}
    assert {name: r["status"] for name, r in rows.items()} == {
        "Contoso admin relationship": "active",
        "Contoso subsidiary relationship": "terminated",
        "Fabrikam admin relationship": "approvalPending",
    }
    active = rows["Contoso admin relationship"]
    assert active["auto_extend_duration"] == "P180D"
    assert active["end_at"] == datetime(2024, 2, 10, 11, 24, 42, 314827)
    assert json.loads(active["roles"]) == [{"roleDefinitionId": "dd4db9a0-cc4a-4213-9f9f-70242232d97e"}]
    reseller = rows["Fabrikam admin relationship"]
    assert reseller["relationship_type"] == "#microsoft.graph.resellerDelegatedAdminRelationship"
    assert reseller["end_at"] is None


def test_gdap_assignments_of_the_living_relationship(served: Served) -> None:
    active = "5d027261-d21f-4aa9-b7db-7fa1f56fb163-8777b240-c6f0-4469-9e98-a3205431b836"
    [path] = RELATIONSHIPS.values()
    files = RELATIONSHIPS | {"accessAssignments-list.v1.json": f"{path}/{active}/accessAssignments"}
    rows = served(files, "gdap_assignments")
    assert {(r["relationship_id"], r["group_id"]) for r in rows} == {
        (active, "227a2f44-2682-4831-a021-f8d69a34bcba"),
        (active, "869713c9-0b28-4d08-8949-ae07ae1bf528"),
    }
    assert all(len(json.loads(r["roles"])) == 4 for r in rows)


def test_gdap_customers(served: Served) -> None:
    path = "v1.0/tenantRelationships/delegatedAdminCustomers"
    rows = served({"delegatedAdminCustomers-list.v1.json": path}, "gdap_customers")
    assert {r["customer_tenant_id"]: r["display_name"] for r in rows} == {
        "4fdbff88-9d6b-42e0-9713-45c922ba8001": "Contoso Inc",
        "1c0fa218-5dec-49db-8247-cfa457af8116": "Contoso subsidiary Inc",
    }


@pytest.mark.parametrize("name", ["error-429.concepts-throttling.json", "error-429.reporting-api.json"])
def test_both_bodies_of_a_429_are_understood(golden: Path, name: str) -> None:
    answer = Received(429, httpx.Headers(), (golden / "graph-docs" / name).read_bytes())
    error = explain(answer, "https://graph.microsoft.com/v1.0/users")
    assert isinstance(error, Throttled)
    assert error.code in {"TooManyRequests", "UnknownError"}


def test_every_published_body_of_a_built_collector_is_here(golden: Path) -> None:
    later = {  # of collectors that are not built yet
        "authentication-methods-list.v1.json",
        "partner-securityScore-customerInsights-list.beta.json",
        "partner-securityScore-get.beta.json",
        "partner-securityScore-requirements-list.beta.json",
    }
    text = Path(__file__).read_text("utf-8")
    missing = {p.name for p in (golden / "graph-docs").glob("*.json") if p.name not in text} - later
    assert missing == set()
