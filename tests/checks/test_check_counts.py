"""What Great Expectations counts is what a reader of the rows counts: twenty tenants of random facts, judged twice.

The reference below reads the rows in Python, one at a time, and shares nothing with the views.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from checks.check import check
from checks.expectations import Answers, ask, suite_of
from checks.findings import selects
from checks.rules import rule as rule_called
from tests.checks.tenants import EVERYBODY, GLOBAL_ADMINISTRATOR, READER, SYNC, tenant, together
from tests.checks.world import AS_OF, World, guid, only
from warehouse.engine import writer
from warehouse.evidence import kept

TENANTS = 20
Truth = bool | None
FLAGS = (True, True, False, None)


def users(pick: random.Random) -> list[dict[str, Any]]:
    return [
        {"user_id": f"u{n}", "user_principal_name": f"u{n}@x.example", "is_enabled": pick.choice(FLAGS)}
        for n in range(pick.randrange(12))
    ]


def methods(pick: random.Random) -> list[dict[str, Any]]:
    passes = [["temporaryAccessPass"], ["email", "temporaryAccessPassOneTime"]]
    kinds: Sequence[list[str] | None] = (None, [], ["fido2"], ["email", "sms"], *passes)
    return [
        {
            "user_id": f"u{n}",
            "is_mfa_registered": pick.choice(FLAGS),
            "is_mfa_capable": pick.choice(FLAGS),
            "methods_registered": pick.choice(kinds),
        }
        for n in range(12)
        if pick.random() < 0.8
    ]


def assignments(pick: random.Random) -> list[dict[str, Any]]:
    return [
        {
            "assignment_id": f"a{n}",
            "principal_id": f"u{pick.randrange(12)}",
            "role_definition_id": pick.choice((SYNC, READER)),
            "directory_scope_id": pick.choice(("/", None, "/administrativeUnits/1")),
        }
        for n in range(pick.randrange(5))
    ]


def policies(pick: random.Random) -> list[dict[str, Any]]:
    narrow = {"users": {"includeUsers": ["u1"]}, "applications": {"includeApplications": ["All"]}}
    strength = {"requirementsSatisfied": "mfa", "allowedCombinations": ["fido2"]}
    grants = (
        None,
        {"builtInControls": ["block"]},
        {"builtInControls": ["mfa", "compliantDevice"], "operator": "OR"},
        {"builtInControls": [], "authenticationStrength": strength},
        {"builtInControls": [], "authenticationStrength": {"id": "x"}},
    )
    return [
        {
            "policy_id": f"p{n}",
            "state": pick.choice(("enabled", "enabled", "disabled", "enabledForReportingButNotEnforced", "rehearsed")),
            "conditions": pick.choice((EVERYBODY, narrow, EVERYBODY | {"userRiskLevels": ["high"]})),
            "grant_controls": pick.choice(grants),
        }
        for n in range(pick.randrange(4))
    ]


def sign_ins(pick: random.Random) -> list[dict[str, Any]]:
    clients = ("Browser", "Browser", "Mobile Apps and Desktop clients", "IMAP4", "Other clients; MAPI", "New", "", None)
    return [
        {
            "sign_in_id": f"s{n}",
            "user_id": f"u{pick.randrange(12)}",
            "signed_in_at": AS_OF - timedelta(hours=n),
            "client_app_used": pick.choice(clients),
            "authentication_protocol": pick.choice(("oAuth2", "oAuth2", None, "ropc")),
            "error_code": pick.choice((0, 0, 50126, None)),
        }
        for n in range(pick.randrange(25))
    ]


def relationships(pick: random.Random) -> list[dict[str, Any]]:
    full = [{}, {"roleDefinitionId": GLOBAL_ADMINISTRATOR}]
    roles: Sequence[Any] = (None, {}, [], [{"roleDefinitionId": READER}], [{}], full)
    return [
        {
            "relationship_id": f"r{n}",
            "status": pick.choice(("active", "active", "expiring", "activating", "created", "terminated", "odd")),
            "roles": pick.choice(roles),
            "auto_extend_duration": pick.choice((None, "PT0S", "P0D", "P180D", "P1Y")),
            "end_at": pick.choice((None, *(AS_OF + timedelta(days=days, hours=3) for days in (-1, 5, 29, 30, 31, 90)))),
        }
        for n in range(pick.randrange(9))
    ]


def good_registration(rows: dict[str, Any]) -> list[Truth]:
    report = {row["user_id"]: row for row in rows["authentication_methods"]}
    syncing = {
        row["principal_id"]
        for row in rows["role_assignments"]
        if row["role_definition_id"] == SYNC and row["directory_scope_id"] in {"/", None}
    }
    judged: list[Truth] = []
    for user in rows["users"]:
        if user["is_enabled"] is False or user["user_id"] in syncing:
            continue
        row = report.get(user["user_id"], {})
        names = row.get("methods_registered") or []
        passes = [name for name in names if name.startswith("temporaryAccessPass")]
        lasting = [name for name in names if name not in passes and name not in {"email", "securityQuestion"}]
        truth: Truth = None
        if row.get("is_mfa_registered") is False or (passes and not lasting):
            truth = False
        elif row.get("is_mfa_registered") and row.get("is_mfa_capable") is not None:
            truth = row["is_mfa_capable"]
        judged.append(truth if user["is_enabled"] or truth else None)
    return judged


def good_policy(rows: dict[str, Any]) -> list[Truth]:
    def names(row: dict[str, Any]) -> Truth:
        grant = row["grant_controls"] or {}
        strength = grant.get("authenticationStrength")
        if row["conditions"] is not EVERYBODY or row["state"] in {"disabled", "enabledForReportingButNotEnforced"}:
            return False
        if "mfa" not in grant.get("builtInControls", ()) and not strength:
            return False
        is_certain = row["state"] == "enabled" and "id" not in (strength or {})
        return True if is_certain else None

    named = [names(row) for row in rows["conditional_access_policies"]]
    return [True if rows["security_defaults"][0]["is_enabled"] or True in named else None if None in named else False]


def good_sign_ins(rows: dict[str, Any]) -> list[Truth]:
    legacy = {"Browser": False, "Mobile Apps and Desktop clients": False, "IMAP4": True, "Other clients; MAPI": True}
    seen: dict[str, set[Truth]] = {}
    for row in rows["sign_ins"]:
        is_legacy = legacy.get(row["client_app_used"], False if row["authentication_protocol"] == "ropc" else None)
        is_success = None if row["error_code"] is None else row["error_code"] == 0
        got_in: Truth = False if False in (is_legacy, is_success) else None if None in (is_legacy, is_success) else True
        seen.setdefault(row["user_id"], set()).add(got_in)
    return [False if True in outcomes else None if None in outcomes else True for outcomes in seen.values()]


def living(rows: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for row in rows["gdap_relationships"] if row["status"] not in {"created", "terminated"}]


def good_roles(row: dict[str, Any]) -> Truth:
    if not isinstance(row["roles"], list):
        return None
    ids = [role.get("roleDefinitionId") for role in row["roles"]]
    if GLOBAL_ADMINISTRATOR in ids:
        return None if row["status"] == "odd" else False
    return None if None in ids else True


def good_end(row: dict[str, Any]) -> Truth:
    if row["status"] == "odd":
        return None
    if row["auto_extend_duration"] == "P180D":
        return True
    is_late = None if row["end_at"] is None else (row["end_at"].date() - AS_OF.date()).days > 30
    return is_late if is_late or row["auto_extend_duration"] != "P1Y" else None


REFERENCE: dict[str, Callable[[dict[str, Any]], list[Truth]]] = {
    "MFA.REG.1v1": good_registration,
    "MFA.POL.1v1": good_policy,
    "SIGNIN.LEGACY.1v2": good_sign_ins,
    "GDAP.GA.1v1": lambda rows: [good_roles(row) for row in living(rows)],
    "GDAP.END.1v1": lambda rows: [good_end(row) for row in living(rows)],
}

RULES = tuple(map(rule_called, REFERENCE))


def counted(truths: Sequence[Truth]) -> tuple[int, int, int]:
    return len(truths), truths.count(False), truths.count(None)


@pytest.fixture(scope="module")
def facts() -> dict[str, dict[str, Any]]:
    pick = random.Random(20261123)  # the same tenants every time
    return {
        guid(number): {
            "users": users(pick),
            "authentication_methods": methods(pick),
            "role_assignments": assignments(pick),
            "security_defaults": [{"policy_id": "d", "is_enabled": pick.random() < 0.2}],
            "conditional_access_policies": policies(pick),
            "sign_ins": sign_ins(pick),
            "gdap_relationships": relationships(pick),
        }
        for number in range(1, TENANTS + 1)
    }


@pytest.fixture(scope="module")
def world(facts: dict[str, dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> World:
    rows = together(*(tenant(tenant_id, **tables) for tenant_id, tables in facts.items()))
    return World(tmp_path_factory.mktemp("counts"), rows)


@pytest.fixture(scope="module")
def answers(world: World) -> Answers:
    with writer(world.config.warehouse) as con, kept(con, selects(RULES)) as evidence:
        return ask(evidence.source, [suite_of(pack) for pack in only(*RULES)])


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_count_is_the_one_a_reader_gets(facts: dict[str, Any], answers: Answers, rule: Any) -> None:
    expected = {tenant_id: counted(REFERENCE[rule.id](rows)) for tenant_id, rows in facts.items()}
    counts = answers.by_id[rule.id].counts
    found = {tenant_id: (each.in_scope, each.failing, each.unknown) for tenant_id, each in counts.items()}
    assert found == {tenant_id: each for tenant_id, each in expected.items() if each[0]}
    # The facts are worth counting: some of everything.
    assert all(any(each[column] for each in expected.values()) for column in range(3))


def test_recorded_counts_and_findings_agree_with_them(facts: dict[str, Any], world: World) -> None:
    check(world.config, only(*RULES))
    results = world.table("select rule_id, tenant_id, in_scope, failing, unknown from rule_results")
    recorded = {row[:2]: row[2:] for row in results}
    expected = {
        (rule_id, tenant_id): counted(reference(rows))
        for rule_id, reference in REFERENCE.items()
        for tenant_id, rows in facts.items()
    }
    assert recorded == expected
    found = {row[:2]: row[2] for row in world.table("select rule_id, tenant_id, count(*) from findings group by all")}
    assert found == {pair: each[1] for pair, each in expected.items() if each[1]}
