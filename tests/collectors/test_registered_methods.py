"""Whose methods are asked for one by one, and where."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from collectors.catalogue import catalogue
from collectors.collect import collect
from collectors.landing import Landing, Outcome, read_rows
from tests.cloud import PARTNER, Cloud, cloud

REPORT = "v1.0/reports/authenticationMethods/userRegistrationDetails"
ROLES = "v1.0/roleManagement/directory"
GDAP = "v1.0/tenantRelationships/delegatedAdminRelationships"
USER, GROUP = "#microsoft.graph.user", "#microsoft.graph.group"
PEOPLE = ("admin", "eligible", "by-role-group", "by-gdap-group", "agent", "excluded", "anybody")


def member(name: str) -> dict[str, Any]:
    return {"@odata.type": USER, "id": name}


def assignment(principal: str, kind: str) -> dict[str, Any]:
    who = {"@odata.type": kind, "id": principal}
    return {"id": f"a-{principal}", "principalId": principal, "roleDefinitionId": "r", "principal": who}


@pytest.fixture
def one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with cloud(tmp_path, monkeypatch) as one:
        one.put(PARTNER, "v1.0/users", {"value": [{"id": n, "userPrincipalName": f"{n}@x.example"} for n in PEOPLE]})
        assignments = [
            assignment("admin", USER),
            assignment("g-role", GROUP),
            assignment("robot", "#x.servicePrincipal"),
        ]
        one.put(PARTNER, f"{ROLES}/roleAssignments", {"value": assignments})
        one.put(PARTNER, f"{ROLES}/roleEligibilityScheduleInstances", {"value": [assignment("eligible", USER)]})
        users = {"includeUsers": ["All"], "excludeGroups": ["g-excluded"]}
        policy = {"id": "p", "state": "enabled", "conditions": {"users": users}}
        one.put(PARTNER, "v1.0/identity/conditionalAccess/policies", {"value": [policy]})
        one.put(
            PARTNER,
            "v1.0/tenantRelationships/delegatedAdminRelationships",
            {"value": [{"id": "d", "status": "active"}]},
        )
        container = {"accessContainerId": "g-gdap", "accessContainerType": "securityGroup"}
        one.put(
            PARTNER,
            f"{GDAP}/d/accessAssignments",
            {"value": [{"id": "x", "status": "active", "accessContainer": container}]},
        )
        one.put(
            PARTNER, "v1.0/groups", {"value": [{"id": "g-agents", "displayName": "AdminAgents"}, {"id": "g-other"}]}
        )
        for group, name in (
            ("g-role", "by-role-group"),
            ("g-gdap", "by-gdap-group"),
            ("g-agents", "agent"),
            ("g-excluded", "excluded"),
        ):
            one.put(PARTNER, f"v1.0/groups/{group}/transitiveMembers", {"value": [member(name), {"id": "a-device"}]})
        phone = {"@odata.type": "#microsoft.graph.phoneAuthenticationMethod", "id": "m", "phoneType": "mobile"}
        for name in PEOPLE:
            one.put(PARTNER, f"v1.0/users/{name}/authentication/methods", {"value": [phone]})
        yield one


def methods(one: Cloud, *opt_in: str) -> tuple[Outcome, set[str]]:
    plan = msgspec.structs.replace(one.plan(collectors=("registered_methods",)), opt_in=opt_in)
    (outcome,) = (o for o in collect(one.config, plan, plan.tenants, catalogue()) if o.dataset == "registered_methods")
    if outcome.file is None:
        return outcome, set()
    landed = read_rows(Landing(one.config.landing, plan.scan_id).path(outcome))
    return outcome, {row["{user_id}"] for row in landed}


def unlicensed(one: Cloud) -> None:
    one.fail(PARTNER, REPORT, 403, "x", "Tenant doesn't have premium license")


def test_only_who_holds_a_role_is_asked_for(one: Cloud) -> None:
    unlicensed(one)
    outcome, asked = methods(one)
    assert outcome.state == "complete", outcome.message
    assert asked == {"admin", "eligible", "by-role-group", "by-gdap-group", "agent"}


def test_everybody_is_asked_for_where_the_operator_says_so(one: Cloud) -> None:
    unlicensed(one)
    assert methods(one, "registered_methods.everybody")[1] == set(PEOPLE)


def test_nobody_is_asked_for_where_the_report_can_be_read(one: Cloud) -> None:
    outcome, asked = methods(one, "registered_methods.everybody")
    assert (outcome.state, outcome.code, asked) == ("skipped", "NotNeeded", set())


def test_a_report_that_is_merely_refused_is_not_replaced(one: Cloud) -> None:
    one.fail(PARTNER, REPORT, 403, "Authorization_RequestDenied")
    assert methods(one)[0].state == "skipped"
