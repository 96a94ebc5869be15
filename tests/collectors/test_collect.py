"""Collecting from the sandbox: every dataset of every tenant has an outcome, whatever happens to the others."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from collectors.catalogue import Catalogue, catalogue
from collectors.declare import TEXT, TEXTS, Collector, Column, Each, GraphList, GraphObject, Table
from collectors.discover import Discovery, discover, plan_tenants
from collectors.landing import Landing, Outcome, read_rows
from collectors.shape import row_type
from sandbox.calls import Answer, Call, Handler
from tests.cloud import CUSTOMER, PARTNER, Cloud, cloud


@pytest.fixture
def one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with cloud(tmp_path, monkeypatch, CUSTOMER) as one:
        yield one


def user(n: int, **change: Any) -> dict[str, Any]:
    return {"id": f"u{n}", "userPrincipalName": f"u{n}@x.example", "accountEnabled": True} | change


def rows(one: Cloud, outcome: Outcome) -> list[dict[str, Any]]:
    landing = Landing(one.config.landing, outcome.scan_id)
    kind = row_type(catalogue().dataset(outcome.dataset).table)
    return [json.loads(msgspec.json.encode(row)) for row in read_rows(landing.path(outcome), kind)]


def test_every_dataset_of_a_tenant_has_an_outcome_and_a_manifest(one: Cloud) -> None:
    outcomes = one.collect(one.tenant(), one.tenant(CUSTOMER))
    for tenant in (one.tenant(), one.tenant(CUSTOMER)):
        expected = {dataset.name for dataset in catalogue().chosen(None, tenant.kind)[0]}
        assert {name for tenant_id, name in outcomes if tenant_id == tenant.tenant_id} == expected
        manifests = Landing(one.config.landing, "scan-1").outcomes(tenant.tenant_id)
        assert {o.dataset: o for o in manifests} == {
            name: o for (t, name), o in outcomes.items() if t == tenant.tenant_id
        }
    assert {o.state for o in outcomes.values()} - {"skipped"} == {"complete"}


def test_all_pages_arrive(one: Cloud) -> None:
    one.put(PARTNER, "v1.0/users", {"value": [user(n) for n in range(2500)]})
    outcome = one.collect()[PARTNER, "users"]
    assert (outcome.rows, outcome.pages) == (2500, 3)
    assert [row["id"] for row in rows(one, outcome)] == [f"u{n}" for n in range(2500)]


def test_a_dataset_that_is_refused_does_not_stop_the_others(one: Cloud) -> None:
    one.fail(PARTNER, "v1.0/users", 403, "Authorization_RequestDenied", "Insufficient privileges")
    one.fail(PARTNER, "beta/auditLogs/signIns", 403, "x", "Tenant doesn't have premium license")
    one.fail(PARTNER, "v1.0/organization", 400, "BadRequest", "no")
    outcomes = {dataset: o for (_, dataset), o in one.collect().items()}
    assert outcomes["users"].state == "not_permitted"
    assert outcomes["users"].code == "Authorization_RequestDenied"
    assert "Insufficient privileges" in outcomes["users"].message
    assert outcomes["sign_ins"].state == "not_licensed"
    assert outcomes["organization"].state == "failed"
    # Nobody can be asked about who is not known.
    assert outcomes["per_user_mfa"].state == "failed"
    assert "users is not_permitted" in outcomes["per_user_mfa"].message
    rest = {n: o.state for n, o in outcomes.items() if n not in ("users", "sign_ins", "organization", "per_user_mfa")}
    assert set(rest.values()) - {"skipped"} == {"complete"}, rest


def test_a_list_that_breaks_off_is_partial_and_keeps_what_was_read(one: Cloud) -> None:
    one.put(PARTNER, "v1.0/users", {"value": [*(user(n) for n in range(999)), user(999, accountEnabled="yes")]})
    outcome = one.collect()[PARTNER, "users"]
    assert (outcome.state, outcome.code, outcome.rows, outcome.pages) == ("partial", "UnexpectedAnswer", 999, 1)
    assert "accountEnabled" in outcome.message


def test_sign_ins_are_asked_for_their_window_only(one: Cloud) -> None:
    at = ["2026-10-23T02:00:00Z", "2026-10-24T02:00:00Z", "2026-11-23T01:59:59Z", "2026-11-23T02:00:00Z"]
    items = [{"id": t, "createdDateTime": t, "signInEventTypes": ["interactiveUser"]} for t in at]
    one.put(PARTNER, "beta/auditLogs/signIns", {"value": items})
    outcome = one.collect()[PARTNER, "sign_ins"]
    assert sorted(row["id"] for row in rows(one, outcome)) == at[1:3]


def policy(**users: Any) -> dict[str, Any]:
    return {"id": "p", "state": "enabled", "conditions": {"users": users}}


def test_members_are_read_of_just_the_groups_that_something_names(one: Cloud) -> None:
    group = {"id": "g1", "displayName": "In", "securityEnabled": True}
    one.put(PARTNER, "v1.0/groups/g1", group)
    one.put(PARTNER, "v1.0/groups/g2", group | {"id": "g2"})
    one.put(PARTNER, "v1.0/groups/g3", group | {"id": "g3"})
    for n in (1, 2, 3):
        members = [{"@odata.type": "#microsoft.graph.user", "id": f"u{n}"}]
        one.put(PARTNER, f"v1.0/groups/g{n}/transitiveMembers", {"value": members})
    one.put(
        PARTNER,
        "v1.0/identity/conditionalAccess/policies",
        {
            "value": [
                policy(includeGroups=["g1"], excludeGroups=["g2", "gone"]),
                policy() | {"id": "q", "conditions": None},
            ]
        },
    )
    one.fail(PARTNER, "v1.0/groups/gone", 404, "Request_ResourceNotFound")
    one.fail(PARTNER, "v1.0/groups/gone/transitiveMembers", 404, "Request_ResourceNotFound")
    outcomes = one.collect()
    members_of = {(r["{group_id}"], r["id"]) for r in rows(one, outcomes[PARTNER, "group_members"])}
    assert members_of == {("g1", "u1"), ("g2", "u2")}
    assert {r["id"] for r in rows(one, outcomes[PARTNER, "groups"])} == {"g1", "g2"}
    assert outcomes[PARTNER, "groups"].state == "complete"
    assert outcomes[PARTNER, "groups"].message == "Not found: gone."


def test_one_unreadable_group_makes_the_dataset_partial_and_names_it(one: Cloud) -> None:
    one.put(PARTNER, "v1.0/identity/conditionalAccess/policies", {"value": [policy(includeGroups=["g1", "g2"])]})
    one.put(PARTNER, "v1.0/groups/g1/transitiveMembers", {"value": [{"id": "u1"}]})
    one.fail(PARTNER, "v1.0/groups/g2/transitiveMembers", 403, "Authorization_RequestDenied", "hidden membership")
    outcome = one.collect()[PARTNER, "group_members"]
    assert outcome.state == "partial"
    assert "/v1.0/groups/g2/transitiveMembers" in outcome.message


def test_what_is_asked_for_each_item_of_an_unread_list_is_not_complete(one: Cloud) -> None:
    one.fail(PARTNER, "v1.0/identity/conditionalAccess/policies", 403, "AccessDenied", "no consent")
    outcome = one.collect()[PARTNER, "group_members"]
    assert outcome.state == "failed"
    assert "conditional_access_policies is not_permitted" in outcome.message


def test_a_group_id_from_a_tenant_is_one_path_segment(one: Cloud) -> None:
    one.put(PARTNER, "v1.0/identity/conditionalAccess/policies", {"value": [policy(includeGroups=["../users?x=#"])]})
    outcomes = one.collect()
    assert outcomes[PARTNER, "group_members"].rows == 0
    assert outcomes[PARTNER, "users"].state == "complete"


def test_a_tenant_that_gives_no_token_has_an_outcome_for_every_dataset(one: Cloud) -> None:
    stranger = "99999999-0000-4000-8000-000000000009"
    outcomes = one.collect(one.tenant(), one.tenant(stranger))
    theirs = [o for (tenant_id, _), o in outcomes.items() if tenant_id == stranger]
    assert {o.state for o in theirs} == {"failed"}
    assert {o.code for o in theirs} == {"AADSTS90002"}
    assert {o.state for (tenant_id, _), o in outcomes.items() if tenant_id == PARTNER} - {"skipped"} == {"complete"}


def test_a_second_collection_replaces_the_first(one: Cloud) -> None:
    one.put(PARTNER, "v1.0/users", {"value": [user(1)]})
    one.collect()
    one.put(PARTNER, "v1.0/users", {"value": [user(2), user(3)]})
    outcome = one.collect()[PARTNER, "users"]
    assert [row["id"] for row in rows(one, outcome)] == ["u2", "u3"]


def test_discovery_names_the_customers(one: Cloud) -> None:
    customers = [{"id": "x", "tenantId": CUSTOMER.upper(), "displayName": "Müller"}, {"tenantId": "../x"}]
    one.put(PARTNER, "v1.0/tenantRelationships/delegatedAdminCustomers", {"value": customers})
    found = discover(one.config, one.partner)
    assert found.error is None
    assert [(t.tenant_id, t.name, t.kind) for t in found.tenants] == [
        (PARTNER, "Nordlicht", "partner"),
        (CUSTOMER, "Müller", "customer"),
    ]


def test_customers_that_cannot_be_listed_are_those_known_before(one: Cloud) -> None:
    one.fail(PARTNER, "v1.0/tenantRelationships/delegatedAdminCustomers", 403, "Denied", "no")
    found = discover(one.config, one.partner)
    assert "Denied" in str(found.error)
    known = [one.tenant(), one.tenant(CUSTOMER)]
    assert [t.tenant_id for t in plan_tenants([found], known, [])] == [PARTNER, CUSTOMER]


def test_a_customer_that_left_is_not_planned_again(one: Cloud) -> None:
    found = Discovery(partner_id=PARTNER, tenants=(one.tenant(),))
    assert plan_tenants([found], [one.tenant(CUSTOMER)], []) == [one.tenant()]


def test_a_tenant_may_be_wanted_by_name_or_id(one: Cloud) -> None:
    found = [Discovery(partner_id=PARTNER, tenants=(one.tenant(), one.tenant(CUSTOMER)))]
    assert plan_tenants(found, [], ["NORDLICHT"]) == [one.tenant()]
    assert plan_tenants(found, [], [CUSTOMER]) == [one.tenant(CUSTOMER)]
    with pytest.raises(LookupError, match="no tenant has the id or name nowhere"):
        plan_tenants(found, [], ["nowhere", PARTNER])


def test_collectors_open_no_database() -> None:
    code = "import sys, collectors.collect, collectors.discover; sys.exit('duckdb' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_batch_asks_for_everybody_twenty_at_a_time(one: Cloud) -> None:
    one.put(PARTNER, "v1.0/users", {"value": [user(n) for n in range(45)]})
    for n in range(44):
        one.put(PARTNER, f"beta/users/u{n}/authentication/requirements", {"perUserMfaState": "enforced"})
    outcome = one.collect()[PARTNER, "per_user_mfa"]
    assert (outcome.state, outcome.rows) == ("complete", 44)
    assert outcome.message.startswith(
        "Not found: u44. (GET /beta/users/{user_id}/authentication/requirements was asked"
    )
    assert {row["id"] for row in rows(one, outcome)} == {f"u{n}" for n in range(44)}


def test_members_of_a_batch_fail_one_by_one(one: Cloud) -> None:
    one.put(PARTNER, "v1.0/users", {"value": [user(n) for n in range(3)]})
    for n in range(3):
        one.put(PARTNER, f"beta/users/u{n}/authentication/requirements", {"perUserMfaState": "disabled"})
    one.fail(PARTNER, "beta/users/u1/authentication/requirements", 403, "Authorization_RequestDenied", "no")
    outcome = one.collect()[PARTNER, "per_user_mfa"]
    assert (outcome.state, outcome.rows) == ("partial", 2)
    assert "/users/u1/authentication/requirements: 403" in outcome.message


def test_a_refused_member_of_a_batch_is_asked_again(one: Cloud) -> None:
    one.put(PARTNER, "v1.0/users", {"value": [user(n) for n in range(3)]})
    for n in range(3):
        one.put(PARTNER, f"beta/users/u{n}/authentication/requirements", {"perUserMfaState": "disabled"})
    rule = {"path": "beta/users/u1/authentication/requirements", "nth": 1}
    faults = [rule | {"fault": {"kind": "status", "status": 429, "retry_after": 0.1}}]
    (one.data / "faults.json").write_text(json.dumps(faults), "utf-8")
    outcome = one.collect()[PARTNER, "per_user_mfa"]
    assert (outcome.state, outcome.rows) == ("complete", 3)


def test_a_dataset_may_ask_for_what_an_object_names(one: Cloud) -> None:
    key = Column("thing_id", TEXT, "id", "Id.", required=True)
    names = Column("names", TEXTS, "names", "What it names.")
    first, second = (Table(name, "One row.", ("thing_id",), (key, names)) for name in ("first", "second"))
    collector = Collector(
        name="acme",
        doc="An object, and what it names.",
        datasets=(
            GraphObject(path="/acme/first", permissions=("X",), selects=False, table=first),
            GraphObject(
                path="/acme/{name}",
                permissions=("X",),
                selects=False,
                table=second,
                each=(Each("first", "name", lambda item: item["names"]),),
            ),
        ),
    )
    one.put(PARTNER, "v1.0/acme/first", {"id": "1", "names": ["second"]})
    one.put(PARTNER, "v1.0/acme/second", {"id": "2"})
    outcomes = one.collect(of=Catalogue((collector,)))
    assert (outcomes[PARTNER, "second"].state, outcomes[PARTNER, "second"].rows) == ("complete", 1)


def listed(count: int, **change: Any) -> dict[str, Any]:
    return {"value": [user(n, perUserMfaState="enforced", **change) for n in range(count)]}


def states(one: Cloud, count: int, **other: str) -> None:
    for n in range(count):
        state = other.get(f"u{n}", "enforced")
        one.put(PARTNER, f"beta/users/u{n}/authentication/requirements", {"perUserMfaState": state})


def test_the_list_gives_the_per_user_state_of_everybody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    async def watch(call: Call, handler: Handler) -> Answer:
        asked.append(call.path)
        return await handler(call)

    with cloud(tmp_path, monkeypatch, hooks=[watch]) as one:
        one.put(PARTNER, "v1.0/users", listed(1500))
        states(one, 1500)
        outcome = one.collect(collectors=("per_user_mfa",))[PARTNER, "per_user_mfa"]
        assert (outcome.state, outcome.rows, outcome.pages, outcome.message) == ("complete", 1500, 2, "")
        assert sum(path.endswith("/authentication/requirements") for path in asked) == 20


def test_a_list_that_says_otherwise_is_not_believed(one: Cloud) -> None:
    one.put(PARTNER, "v1.0/users", listed(15))
    states(one, 15, u7="disabled")
    outcome = one.collect()[PARTNER, "per_user_mfa"]
    assert (outcome.state, outcome.rows) == ("complete", 15)
    assert "gives another answer than it does, for u7" in outcome.message
    assert {row["id"]: row["perUserMfaState"] for row in rows(one, outcome)}["u7"] == "disabled"


def test_a_sample_that_cannot_be_had_does_not_cost_the_list(one: Cloud) -> None:
    one.put(PARTNER, "v1.0/users", listed(3))
    for n in range(3):
        one.fail(PARTNER, f"beta/users/u{n}/authentication/requirements", 403, "Authorization_RequestDenied", "no")
    outcome = one.collect()[PARTNER, "per_user_mfa"]
    assert (outcome.state, outcome.rows) == ("complete", 3)


def test_a_state_that_is_missing_from_the_list_is_asked_for(one: Cloud) -> None:
    users = listed(3)
    del users["value"][1]["perUserMfaState"]
    one.put(PARTNER, "v1.0/users", users)
    states(one, 3, u1="enabled")
    outcome = one.collect()[PARTNER, "per_user_mfa"]
    assert {row["id"]: row["perUserMfaState"] for row in rows(one, outcome)} == {
        "u0": "enforced",
        "u1": "enabled",
        "u2": "enforced",
    }


@pytest.mark.parametrize("page", [2, 300])
def test_a_token_that_ends_in_the_middle_of_a_list_is_renewed(one: Cloud, page: int) -> None:
    key = Column("thing_id", TEXT, "id", "Id.", required=True)
    things = GraphList(
        path="/acme/things", permissions=("X",), page_size=1, table=Table("things", "x", ("thing_id",), (key,))
    )
    one.put(PARTNER, "v1.0/acme/things", {"value": [{"id": f"t{n}"} for n in range(310)]})
    rule = {"path": "v1.0/acme/things", "nth": page, "fault": {"kind": "revoke_token"}}
    (one.data / "faults.json").write_text(json.dumps([rule]), "utf-8")
    catalogue = Catalogue((Collector(name="acme", doc="Things.", datasets=(things,)),))
    outcome = one.collect(of=catalogue)[PARTNER, "things"]
    assert (outcome.state, outcome.rows, outcome.pages) == ("complete", 310, 310)
