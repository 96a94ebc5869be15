"""What is worked out once for accounts that are alike, in any tenant, is what deciding about each alone gives."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from checks.facts import Facts
from checks.judge import judge
from checks.places import places
from checks.verdict import decide
from tests.checks.world import DATASETS, Rows, World, guid
from tests.cover import worlds
from tests.cover.reference import World as SignIns
from tests.cover.worlds import one_in, some
from tests.judge.test_judge import domains, per_user, registration, sign_in, step, user
from warehouse.engine import writer

METHODS = ("microsoftAuthenticatorPush", "mobilePhone", "fido2SecurityKey", "temporaryAccessPass", "externalAuthMethod")
STATES = ("complete", "complete", "complete", "failed", "not_licensed")
KINDS: tuple[dict[str, Any], ...] = ({}, {"user_type": "Guest"}, {"user_type": "Guest", "creation_type": "Invitation"})
STEPS: tuple[list[dict[str, Any]], ...] = (
    [],
    [step("Password", "Primary authentication")],
    [step("FIDO2")],
    [step("Previously satisfied")],
)


def random_tenants(random: Random) -> Rows:
    """Draw a partner, and customers of which some are quite like it."""
    tenants = [guid(1), guid(2), guid(3), guid(4)]
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in DATASETS}
    rows |= {"tenants": [], "source_status": []}
    drawn = [worlds.world(random) for _ in range(2)]
    for tenant_id in tenants:
        kind = "partner" if tenant_id == guid(1) else "customer"
        rows["tenants"].append({"tenant_id": tenant_id, "kind": kind, "partner_id": guid(1)})
        rows["source_status"] += [
            {
                "tenant_id": tenant_id,
                "dataset": name,
                "state": random.choice(STATES) if one_in(random, 6) else "complete",
            }
            for name in DATASETS
        ]
        for name, row in random_tenant(random, tenant_id, random.choice(drawn)):
            rows[name].append({"tenant_id": tenant_id, **row})
    return rows


def random_tenant(random: Random, tenant_id: str, world: SignIns) -> list[tuple[str, dict[str, Any]]]:
    found: list[tuple[str, dict[str, Any]]] = [("organization", domains(tenant_id))]
    found.append(("security_defaults", {"policy_id": "sd", "is_enabled": one_in(random, 4)}))
    found += [
        (
            "conditional_access_policies",
            {
                "policy_id": f"{tenant_id[:8]}-{policy['id']}",  # ids are a tenant's own
                "display_name": policy.get("displayName"),
                "state": policy["state"],
                "conditions": policy["conditions"],
                "grant_controls": policy.get("grantControls"),
            },
        )
        for policy in world.policies
    ]
    found += [("groups", {"group_id": group}) for group in some(random, *worlds.GROUPS, least=3, most=4)]
    for number in range(12):
        name = f"{tenant_id[:8]}-u{number}"
        found.append(("users", user(name, tenant_id, **random.choice(KINDS), is_enabled=not one_in(random, 6))))
        groups = some(random, *worlds.GROUPS, least=0, most=2)
        found += [("group_members", {"group_id": group, "member_id": name}) for group in groups]
        found.append(("per_user_mfa", per_user(name, random.choice(("disabled", "disabled", "enabled", "enforced")))))
        if not one_in(random, 5):
            methods = some(random, *METHODS, least=0)
            is_registered = bool(methods)
            facts: dict[str, Any] = {
                "is_mfa_registered": is_registered,
                "is_mfa_capable": is_registered and not one_in(random, 4),
            }
            found.append(("authentication_methods", registration(name, methods_registered=methods, **facts)))
        for role in some(random, *worlds.ROLES, least=0, most=1):
            table = random.choice(("role_assignments", "role_eligibilities"))
            key = "assignment_id" if table == "role_assignments" else "eligibility_id"
            found.append((table, {key: name, "principal_id": name, "role_definition_id": role}))
        if one_in(random, 2):
            found.append(("sign_ins", sign_in(name, authentication_details=random.choice(STEPS))))
    return [(table, {key: value for key, value in row.items() if key != "tenant_id"}) for table, row in found]


def alone(world: World) -> dict[tuple[str, str], Any]:
    """Decide about one account after the other, from all that is known of it: nothing is reduced, grouped or shared."""
    names = [name for name in Facts.__struct_fields__ if name != "named_as"]
    decided: dict[tuple[str, str], Any] = {}
    with writer(world.config.warehouse) as con:
        accounts = con.execute(f"select tenant_id, account_id, {', '.join(names)} from account_facts").fetchall()
        tenants = places(con, world.config)
        for tenant_id, account_id, *values in accounts:
            place = tenants[tenant_id]
            facts = msgspec.convert({**dict(zip(names, values, strict=True)), "named_as": account_id}, Facts)
            decided[tenant_id, account_id] = msgspec.json.decode(msgspec.json.encode(decide(facts, place).decision))
    return decided


@pytest.mark.parametrize("seed", range(6))
def test_accounts_alike_in_any_tenant_are_decided_as_each_is_alone(seed: int, tmp_path: Path) -> None:
    here = World(tmp_path, random_tenants(Random(f"alike {seed}")))
    judge(here.config)
    wanted = alone(here)
    assert len({msgspec.json.encode(each) for each in wanted.values()}) > 10  # else there is nothing to get wrong
    columns = list(next(iter(wanted.values())))
    rows = here.table(f"select tenant_id, account_id, {', '.join(columns)} from account_verdict_history")
    written = {(tenant, account): dict(zip(columns, values, strict=True)) for tenant, account, *values in rows}
    assert written == wanted
