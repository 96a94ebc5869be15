"""Judging a real warehouse: from rows of datasets to rows of verdicts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from checks.errors import CheckError
from checks.judge import judge
from collectors.config import Reading
from tests.checks.world import AS_OF, DATASETS, Rows, World, guid
from tests.cover.make import MFA
from tests.cover.make import policy as graph_policy
from warehouse.engine import writer

PARTNER, CUSTOMER = guid(1), guid(2)
GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
SYNC_ROLE = "d29b2b05-8046-44ba-8758-1e26182fcf32"


def user(user_id: str, tenant_id: str = PARTNER, **more: Any) -> dict[str, Any]:
    return {
        "tenant_id": tenant_id,
        "user_id": user_id,
        "user_principal_name": f"{user_id}@x.example",
        "is_enabled": True,
        **more,
    }


def registration(user_id: str, tenant_id: str = PARTNER, **more: Any) -> dict[str, Any]:
    return {
        "tenant_id": tenant_id,
        "user_id": user_id,
        "is_mfa_registered": True,
        "is_mfa_capable": True,
        "methods_registered": ["microsoftAuthenticatorPush"],
        **more,
    }


def domains(tenant_id: str = PARTNER, type_: str = "Managed", name: str = "x.example") -> dict[str, Any]:
    return {
        "tenant_id": tenant_id,
        "organization_id": tenant_id,
        "verified_domains": [{"name": name, "type": type_, "isDefault": True}],
    }


def defaults(*, is_enabled: bool, tenant_id: str = PARTNER) -> dict[str, Any]:
    return {"tenant_id": tenant_id, "policy_id": "sd", "is_enabled": is_enabled}


def policy(tenant_id: str = PARTNER, **more: Any) -> dict[str, Any]:
    return {
        "tenant_id": tenant_id,
        "policy_id": "p1",
        "state": "enabled",
        "conditions": graph_policy()["conditions"],
        "grant_controls": MFA,
        **more,
    }


def per_user(user_id: str, state: str = "disabled", tenant_id: str = PARTNER) -> dict[str, Any]:
    return {"tenant_id": tenant_id, "user_id": user_id, "per_user_mfa_state": state}


def sign_in(user_id: str, number: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "tenant_id": PARTNER,
        "sign_in_id": f"{user_id}-{number}",
        "signed_in_at": AS_OF,
        "user_id": user_id,
        "client_app_used": "Browser",
        "is_interactive": True,
        "error_code": 0,
        "authentication_requirement": "singleFactorAuthentication",
        **more,
    }


def step(method: str, requirement: str = "Multifactor authentication", detail: str = "", **more: Any) -> dict[str, Any]:
    return {
        "authenticationMethod": method,
        "authenticationStepRequirement": requirement,
        "authenticationStepResultDetail": detail,
        "succeeded": True,
        **more,
    }


TENANTS = [
    {"tenant_id": PARTNER, "kind": "partner", "partner_id": PARTNER, "program": "direct-bill"},
    {"tenant_id": CUSTOMER, "kind": "customer", "partner_id": PARTNER},
]
# A partner under security defaults: one account can do MFA, the other has not registered.
GOOD_WORLD: dict[str, list[dict[str, Any]]] = {
    "tenants": TENANTS,
    "users": [user("ann"), user("bob"), user("carl", CUSTOMER)],
    "authentication_methods": [
        registration("ann"),
        registration("bob", is_mfa_registered=False, is_mfa_capable=False, methods_registered=[]),
        registration("carl", CUSTOMER),
    ],
    "security_defaults": [defaults(is_enabled=True), defaults(is_enabled=False, tenant_id=CUSTOMER)],
    "organization": [domains(), domains(CUSTOMER)],
    "per_user_mfa": [per_user("ann"), per_user("bob"), per_user("carl", tenant_id=CUSTOMER)],
}


def world(folder: Path, **changes: Any) -> World:
    return World(folder, {**GOOD_WORLD, **changes})


def found(world: World, *columns: str) -> dict[str, Any]:
    """Judge and return one column, or several as a tuple, by account."""
    judge(world.config)
    rows = world.table(f"select account_id, {', '.join(columns)} from account_verdicts order by account_id")
    return {account: values[0] if len(columns) == 1 else tuple(values) for account, *values in rows}


def test_every_account_of_every_tenant_gets_a_verdict(tmp_path: Path) -> None:
    here = world(tmp_path)
    summary = judge(here.config)
    assert (summary.tenants, summary.accounts, summary.signatures) == (2, 3, 3)
    assert summary.verdicts == {"at_risk": 1, "compliant": 1, "not_applicable": 1}
    assert summary.postures == {"non_compliant": 1}
    judged = here.table(
        "select * exclude (display_name, counterexample, is_admin, valid_from) from account_verdicts order by all"
    )
    assert judged == [
        (
            PARTNER, "ann", "ann@x.example", "in_scope", "compliant", None, [], ["security_defaults"], "full",
            "capable", "no_signin", [], "medium", "compliant", "compliant", [], None, None, None,
        ),
        (
            PARTNER, "bob", "bob@x.example", "in_scope", "at_risk", None, [], ["security_defaults"], "full",
            "none", "no_signin", ["SD_NOT_REGISTERED"], "high", "at_risk", "at_risk", [], "medium", None, None,
        ),
        (
            CUSTOMER, "carl", "carl@x.example", "out_customer_tenant", "not_applicable", "non_compliant", [], [],
            "none", "capable", "no_signin", ["CUSTOMER_RECOMMENDED", "REGISTERED_NOT_ENFORCED"], "high",
            "non_compliant", "non_compliant", [], "medium", None, None,
        ),
    ]  # fmt: skip


def test_judging_twice_gives_the_same_rows(tmp_path: Path) -> None:
    here = world(tmp_path)
    judge(here.config)
    once = here.table("from account_verdict_history order by all")
    assert judge(here.config) == judge(here.config)
    assert here.table("from account_verdict_history order by all") == once
    assert len(once) == 3


def test_a_later_scan_writes_only_what_changed(tmp_path: Path) -> None:
    here = world(tmp_path)
    judge(here.config)
    here.execute("insert into scans values ('scan-2', '2026-11-24 02:00:00', [])")
    here.execute("update source_status set scan_id = 'scan-2'")
    here.execute("update users set display_name = 'Ann' where user_id = 'ann'")
    here.execute("delete from users where user_id = 'bob'")
    for _ in range(2):
        assert judge(here.config).accounts == 2
    columns = "account_id, display_name, valid_from::date::varchar, valid_until::date::varchar"
    assert here.table(f"select {columns} from account_verdict_history order by all") == [
        ("ann", "Ann", "2026-11-24", None),
        ("ann", None, "2026-11-23", "2026-11-24"),
        ("bob", None, "2026-11-23", "2026-11-24"),
        ("carl", None, "2026-11-23", None),
    ]
    assert here.table("select account_id from account_verdicts order by all") == [("ann",), ("carl",)]


def test_without_a_scan_there_is_nothing_to_judge(tmp_path: Path) -> None:
    here = World(tmp_path, {"scans": []})
    with pytest.raises(CheckError, match="holds no scan"):
        judge(here.config)


def test_a_tenant_without_accounts_is_no_obstacle(tmp_path: Path) -> None:
    here = world(tmp_path, users=[], authentication_methods=[])
    assert judge(here.config).accounts == 0


def unread(*datasets: str, state: str = "failed") -> list[dict[str, Any]]:
    """Return the source status of a scan in which these datasets, and no others, did not arrive."""
    return [
        {"tenant_id": tenant["tenant_id"], "dataset": name, "state": state if name in datasets else "complete"}
        for tenant in TENANTS
        for name in DATASETS
    ]


FULL_ACCESS: dict[str, Any] = {
    "security_defaults": [defaults(is_enabled=False), defaults(is_enabled=False, tenant_id=CUSTOMER)],
    "conditional_access_policies": [policy(), policy(CUSTOMER)],
}
MISSING = [(name, state) for name in DATASETS for state in ("failed", "partial", "not_licensed", "not_permitted")]


@pytest.mark.parametrize("kind", ["partner", "customer"])
@pytest.mark.parametrize("change", [{}, FULL_ACCESS], ids=["defaults", "conditional_access"])
def test_a_dataset_that_did_not_arrive_never_makes_anybody_compliant_or_not(
    tmp_path: Path, change: dict[str, Any], kind: str
) -> None:
    """Rows of an older slice are still in the tables: they could have changed since, so they tell nothing.

    One tenant for each dataset and state that is missing, all with the same rows; the last one was read whole.
    """
    tenants = [guid(number) for number in range(1, len(MISSING) + 2)]
    rows: dict[str, Any] = {
        table: [{**row, "tenant_id": tenant} for tenant in tenants for row in some if row["tenant_id"] == PARTNER]
        for table, some in {**GOOD_WORLD, **change}.items()
    }
    rows["tenants"] = [{"tenant_id": tenant, "kind": kind} for tenant in tenants]
    rows["source_status"] = [
        {"tenant_id": tenant, "dataset": name, "state": missing[1] if missing[0] == name else "complete"}
        for tenant, missing in zip(tenants, [*MISSING, ("", "")], strict=True)
        for name in DATASETS
    ]
    rows["slices"] = [{"tenant_id": tenant, "dataset": name} for tenant in tenants for name in DATASETS]
    here = World(tmp_path, rows)
    judge(here.config)
    judged = here.table(
        "select tenant_id, account_id, coalesce(customer_posture, contract_verdict), reasons from account_verdicts"
    )
    whole = {account: verdict for tenant, account, verdict, _ in judged if tenant == tenants[-1]}
    assert len(judged) == len(tenants) * len(whole) == len(tenants) * 2
    assert set(whole.values()) == {"compliant", "at_risk"}
    for tenant, account, verdict, reasons in judged:
        assert verdict in {whole[account], "indeterminate"}
        if verdict != whole[account]:
            dataset, state = MISSING[tenants.index(tenant)]
            assert f"SOURCE_UNAVAILABLE({dataset},{state})" in reasons


def test_nothing_read_but_the_users_is_indeterminate_for_all(tmp_path: Path) -> None:
    others = [name for name in DATASETS if name != "users"]
    here = world(tmp_path, source_status=unread(*others))
    assert set(found(here, "coalesce(customer_posture, contract_verdict)").values()) == {"indeterminate"}


def test_one_signature_is_decided_once_however_many_accounts_have_it(tmp_path: Path) -> None:
    many = [user(f"u{number}") for number in range(500)]
    here = world(tmp_path, users=many, authentication_methods=[registration(row["user_id"]) for row in many])
    summary = judge(here.config)
    assert (summary.accounts, summary.signatures) == (500, 1)


def test_conditional_access_protects_by_name(tmp_path: Path) -> None:
    here = world(tmp_path, **FULL_ACCESS)
    assert found(here, "contract_verdict", "protected_by", "confidence")["ann"] == (
        "compliant",
        ["ca_policy:p1"],
        "high",
    )


def conditions(users: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = graph_policy(users=users, **more)["conditions"]
    return found


def access(*policies: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a world in which these policies are all that may protect the partner's accounts."""
    return {
        "security_defaults": [defaults(is_enabled=False), defaults(is_enabled=False, tenant_id=CUSTOMER)],
        "conditional_access_policies": [policy(policy_id=f"p{at}", **each) for at, each in enumerate(policies)],
        **more,
    }


def group(group_id: str, *members: str, tenant_id: str = PARTNER, name: str | None = None) -> dict[str, Any]:
    return {
        "groups": [{"tenant_id": tenant_id, "group_id": group_id, "display_name": name or group_id}],
        "group_members": [{"tenant_id": tenant_id, "group_id": group_id, "member_id": each} for each in members],
    }


LEFT_OUT = {"conditions": conditions({"excludeGroups": ["g1"]})}


def test_whoever_a_policy_leaves_out_is_not_protected_by_it(tmp_path: Path) -> None:
    here = world(tmp_path, **access(LEFT_OUT, **group("g1", "bob")))
    columns = ("contract_verdict", "protected_by", "counterexample", "strict_verdict")
    assert found(here, *columns)["ann"] == ("compliant", ["ca_policy:p0"], None, "compliant")
    sentence = "A sign-in from any platform, anywhere, to any app needs no MFA"
    assert found(here, *columns)["bob"] == ("non_compliant", [], sentence, "non_compliant")


@pytest.mark.parametrize(
    "change",
    [
        {"groups": []},  # deleted, or refused
        {"source_status": "group_members"},
    ],
    ids=str,
)
def test_a_group_that_nobody_could_read_leaves_everybody_in_doubt(tmp_path: Path, change: dict[str, Any]) -> None:
    rows = {**access(LEFT_OUT, **group("g1")), **change}
    if "source_status" in change:
        rows["source_status"] = unread(change["source_status"])
    verdict, reasons = found(world(tmp_path, **rows), "contract_verdict", "reasons")["ann"]
    assert (verdict, reasons) == ("indeterminate", ["SOURCE_UNAVAILABLE(group_members,g1)"])


def test_policies_that_nobody_understands_leave_everybody_in_doubt(tmp_path: Path) -> None:
    odd = {"conditions": {"users": {"includeUsers": "All"}}}
    verdict, reasons = found(world(tmp_path, **access(odd)), "contract_verdict", "reasons")["ann"]
    assert (verdict, reasons) == ("indeterminate", ["SOURCE_UNAVAILABLE(conditional_access_policies,unclear)"])


def eligible(principal_id: str, role_id: str) -> dict[str, Any]:
    return {
        "tenant_id": PARTNER,
        "eligibility_id": f"{principal_id}-{role_id}",
        "principal_id": principal_id,
        "role_definition_id": role_id,
        "directory_scope_id": "/",
    }


ROLE_LEFT_OUT = {"conditions": conditions({"excludeRoles": [GLOBAL_ADMINISTRATOR]})}
ACTIVE = {
    "role_assignments": [
        {
            "tenant_id": PARTNER,
            "assignment_id": "1",
            "principal_id": "ann",
            "role_definition_id": GLOBAL_ADMINISTRATOR,
            "directory_scope_id": "/",
        }
    ]
}
ELIGIBLE = {"role_eligibilities": [eligible("ann", GLOBAL_ADMINISTRATOR)]}
WHEN_ACTIVE = ["CA_ROLE_EXCLUSION_WHEN_ACTIVE"]
NOT_ENFORCED = ["REGISTERED_NOT_ENFORCED"]


@pytest.mark.parametrize(
    ("change", "verdict", "reasons"),
    [
        ({}, "compliant", []),
        (ACTIVE, "non_compliant", NOT_ENFORCED),
        (ELIGIBLE, "at_risk", WHEN_ACTIVE),
        ({**ACTIVE, **ELIGIBLE}, "at_risk", WHEN_ACTIVE),  # activated now
        ({"role_eligibilities": [eligible("g1", GLOBAL_ADMINISTRATOR)], **group("g1", "ann")}, "at_risk", WHEN_ACTIVE),
        (
            {"role_eligibilities": [eligible("stranger", GLOBAL_ADMINISTRATOR)]},
            "indeterminate",
            ["SOURCE_UNAVAILABLE(role_eligibilities,unclear)"],
        ),
        ({"lost": ("role_eligibilities", "not_licensed")}, "compliant", []),
        # The licences say that nobody can be eligible.
        ({"lost": ("role_eligibilities", "failed")}, "compliant", []),
        (
            {
                "lost": ("role_eligibilities", "failed"),
                "subscribed_skus": [
                    {
                        "tenant_id": PARTNER,
                        "subscribed_sku_id": "s",
                        "capability_status": "Enabled",
                        "service_plans": [{"servicePlanName": "AAD_PREMIUM_P2"}],
                    }
                ],
            },
            "indeterminate",
            ["SOURCE_UNAVAILABLE(role_eligibilities,failed)"],
        ),
        (
            {"lost": ("role_assignments", "failed")},
            "indeterminate",
            ["SOURCE_UNAVAILABLE(role_assignments,failed)"],
        ),
    ],
    ids=str,
)
def test_who_may_step_out_of_a_policy(tmp_path: Path, change: dict[str, Any], verdict: str, reasons: list[str]) -> None:
    rows = {**change}
    if lost := rows.pop("lost", None):
        rows["source_status"] = unread(lost[0], state=lost[1])
    assert found(world(tmp_path, **access(ROLE_LEFT_OUT, **rows)), "contract_verdict", "reasons")["ann"] == (
        verdict,
        reasons,
    )


GUEST: dict[str, Any] = {
    "user_principal_name": "ann_home.example#EXT#@x.example",
    "user_type": "Guest",
    "identities": [{"signInType": "federated", "issuer": "ExternalAzureAD"}],
}
HOME = guid(9)
BARE: dict[str, Any] = {"is_mfa_registered": False, "is_mfa_capable": False, "methods_registered": []}


def trust(by_default: bool, of_home: bool | None = None) -> dict[str, Any]:
    return {
        "cross_tenant_access_default": [{"tenant_id": PARTNER, "is_mfa_accepted": by_default}],
        "cross_tenant_access_partners": [
            {"tenant_id": PARTNER, "other_tenant_id": HOME, "is_mfa_accepted": of_home},
        ],
    }


@pytest.mark.parametrize(
    ("settings", "is_home_known", "verdict"),
    [
        (trust(by_default=False), False, "at_risk"),
        (trust(by_default=True), False, "compliant"),
        (trust(by_default=False, of_home=True), True, "compliant"),
        (trust(by_default=True, of_home=False), True, "at_risk"),
        (trust(by_default=False, of_home=True), False, "indeterminate"),
        (trust(by_default=True, of_home=False), False, "indeterminate"),
        ({}, False, "indeterminate"),
    ],
)
def test_mfa_that_a_guest_did_at_home_counts_where_it_is_trusted(
    tmp_path: Path, settings: dict[str, Any], is_home_known: bool, verdict: str
) -> None:
    seen = [sign_in("ann", home_tenant_id=HOME, error_code=50126)] if is_home_known else []
    rows = access({}, users=[user("ann", **GUEST)], authentication_methods=[registration("ann", **BARE)], sign_ins=seen)
    assert found(world(tmp_path, **{**rows, **settings}), "contract_verdict")["ann"] == verdict


@pytest.mark.parametrize(
    ("behavior", "lost", "verdict"),
    [
        ("enforceMfaByFederatedIdp", "", "compliant"),
        ("acceptIfMfaDoneByFederatedIdp", "", "compliant"),
        (None, "", "compliant"),
        ("rejectMfaByFederatedIdp", "", "at_risk"),
        ("somethingNew", "", "indeterminate"),
        ("enforceMfaByFederatedIdp", "federation_configurations", "indeterminate"),
        ("enforceMfaByFederatedIdp", "domains", "compliant"),  # the organization says that it is federated
        ("enforceMfaByFederatedIdp", "organization", "compliant"),
    ],
)
def test_mfa_that_an_identity_provider_did_counts_where_it_is_accepted(
    tmp_path: Path, behavior: str | None, lost: str, verdict: str
) -> None:
    """It was seen to bring a claim."""
    rows = access(
        {},
        authentication_methods=[registration("ann", **BARE)],
        organization=[domains(type_="Federated")],
        domains=[{"tenant_id": PARTNER, "domain_name": "X.example", "authentication_type": "Federated"}],
        federation_configurations=[
            {
                "tenant_id": PARTNER,
                "domain_name": "X.example",
                "configuration_id": "f",
                "federated_idp_mfa_behavior": behavior,
            }
        ],
        sign_ins=[sign_in("ann", **MULTI)],
        **({"source_status": unread(lost)} if lost else {}),
    )
    assert found(world(tmp_path, **rows), "contract_verdict")["ann"] == verdict


def test_what_an_account_seems_to_be(tmp_path: Path) -> None:
    """The strongest sign is told; nobody is left out for it."""
    rooms = {
        "tenant_id": PARTNER,
        "subscribed_sku_id": "s",
        "sku_id": "R",
        "sku_part_number": "Microsoft_Teams_Rooms_Pro",
    }
    users: dict[str, dict[str, Any]] = {
        "ann": {},
        "licensed": {"assigned_licenses": [{"skuId": "r"}], "employee_type": "service"},
        "typed": {"employee_type": "Service Account"},
        "named": {"display_name": "Break-Glass 1"},
        "svc-backup": {},
        "mailbox": {"employee_type": "shared_mailbox"},
        "syncing": {},
        "servicedesk": {},
    }
    here = world(
        tmp_path,
        users=[user(name, **more) for name, more in users.items()],
        subscribed_skus=[rooms],
        role_assignments=[role("syncing", SYNC_ROLE)],
    )
    assert found(here, "account_class", "class_source") == {
        "ann": (None, None),
        "licensed": ("room", "licence"),
        "typed": ("service", "employeeType"),
        "named": ("break_glass", "name"),
        "svc-backup": ("service", "name"),
        "mailbox": ("shared_mailbox", "employeeType"),
        "syncing": ("sync", "role"),
        "servicedesk": (None, None),
    }
    assert len(here.table("from account_verdicts where contract_scope = 'in_scope'")) == len(users) - 1


def test_a_technician_is_judged_at_home_and_shown_in_every_customer(tmp_path: Path) -> None:
    rows: dict[str, Any] = {
        **ACCESS,
        "gdap_relationships": [
            {
                "tenant_id": PARTNER,
                "relationship_id": "r1",
                "status": "active",
                "customer_tenant_id": CUSTOMER,
                "customer_name": "Customer",
            }
        ],
        "role_definitions": [
            {"tenant_id": PARTNER, "role_definition_id": GLOBAL_ADMINISTRATOR, "display_name": "Global Administrator"}
        ],
    }
    rows["gdap_assignments"] = [
        {**ACCESS["gdap_assignments"][0], "roles": [{"roleDefinitionId": GLOBAL_ADMINISTRATOR}]}
    ]
    guest = user("ann-guest", CUSTOMER, **{**GUEST, "mail": "Ann@x.example"})
    here = world(tmp_path, **rows, users=[*GOOD_WORLD["users"], guest])
    judged = found(here, "contract_scope", "account_class", "reasons")
    assert judged["ann"][:2] == ("in_scope", None)
    assert judged["ann-guest"][:2] == ("out_customer_tenant", "guest_shadow")
    assert "GUEST_SHADOWS_GDAP" in judged["ann-guest"][2]
    assert here.table("select account_id, customer_tenant_id, customer_name, role_name from delegated_roles") == [
        ("ann", CUSTOMER, "Customer", "Global Administrator")
    ]


def test_a_role_held_by_a_stranger_is_judged_elsewhere(tmp_path: Path) -> None:
    """A partner's group holds a role in the customer: it has no object there."""
    here = world(
        tmp_path,
        **group("g1", "ann", name="Technicians"),
        role_assignments=[{**role("g1", GLOBAL_ADMINISTRATOR), "tenant_id": CUSTOMER}],
    )
    judge(here.config)
    assert here.table(
        "select tenant_id, principal_id, identity_kind, home_tenant_id, group_name from foreign_role_holders"
    ) == [(CUSTOMER, "g1", "external_delegated_identity", PARTNER, "Technicians")]


def test_the_strict_reading_is_that_of_the_configuration(tmp_path: Path) -> None:
    here = world(tmp_path)
    here.config = type(here.config)(**{
        **{name: getattr(here.config, name) for name in here.config.__struct_fields__},
        "reading": Reading(strict=True),
    })  # fmt: skip
    assert found(here, "contract_verdict", "confidence")["ann"] == ("compliant", "medium")


def test_a_partner_in_a_sovereign_cloud_owes_nothing(tmp_path: Path) -> None:
    here = world(tmp_path)
    partner = here.config.partner[0]
    sovereign = type(partner)(**{
        **{name: getattr(partner, name) for name in partner.__struct_fields__},
        "cloud": "usgov",
    })  # fmt: skip
    here.config = type(here.config)(**{
        **{name: getattr(here.config, name) for name in here.config.__struct_fields__},
        "partner": (sovereign,),
    })  # fmt: skip
    assert found(here, "contract_scope", "contract_verdict", "customer_posture")["ann"] == (
        "out_cloud",
        "not_applicable",
        "compliant",
    )


def role(principal_id: str, role_id: str, number: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "tenant_id": PARTNER,
        "assignment_id": f"{principal_id}-{number}",
        "principal_id": principal_id,
        "role_definition_id": role_id,
        "directory_scope_id": "/",
        **more,
    }


def test_a_sync_account_is_known_by_its_role_and_never_by_its_name(tmp_path: Path) -> None:
    scoped: dict[str, Any] = {"directory_scope_id": "/administrativeUnits/1"}
    names = {
        "plain": "Sync_1",
        "other": "Sync_2",
        "human": "maria",
        "named": "Sync_3",
        "unit": "Sync_4",
        "group": "Sync_5",
    }
    here = world(
        tmp_path,
        users=[user(key, user_principal_name=f"{name}@x.example") for key, name in names.items()],
        authentication_methods=[registration(key) for key in names],
        role_assignments=[
            role("plain", SYNC_ROLE),
            role("other", SYNC_ROLE),
            role("other", GLOBAL_ADMINISTRATOR, 2),
            role("human", SYNC_ROLE),
            role("unit", SYNC_ROLE, **scoped),
            role("some-group", SYNC_ROLE),
        ],
        group_members=[{"tenant_id": PARTNER, "group_id": "some-group", "member_id": "group"}],
    )
    assert found(here, "contract_scope", "reasons") == {
        "plain": ("out_sync_account", ["SYNC_ACCOUNT"]),
        "other": ("out_sync_account", ["SYNC_ACCOUNT", "SYNC_ACCOUNT_UNEXPECTED"]),
        "human": ("out_sync_account", ["SYNC_ACCOUNT", "SYNC_ACCOUNT_UNEXPECTED"]),
        "named": ("in_scope", []),
        "unit": ("in_scope", []),
        "group": ("out_sync_account", ["SYNC_ACCOUNT"]),
    }


def test_a_disabled_account_that_holds_a_role_is_flagged(tmp_path: Path) -> None:
    here = world(
        tmp_path,
        users=[user("ann", is_enabled=False), user("bob", is_enabled=False)],
        role_assignments=[role("ann", GLOBAL_ADMINISTRATOR)],
    )
    reasons = found(here, "reasons", "exposure")
    assert reasons["ann"] == (["DISABLED", "DISABLED_HAS_ADMIN_ROLE"], [])
    assert reasons["bob"] == (["DISABLED"], [])


MULTI: dict[str, Any] = {"authentication_requirement": "multiFactorAuthentication"}
EARLIER = "MFA requirement satisfied by claim in the token"
PROOFS: dict[str, tuple[dict[str, Any] | None, str, list[str]]] = {
    "none": (None, "no_signin", []),
    "attempt": ({"error_code": 50074}, "no_signin", []),
    "silent": ({"is_interactive": False}, "no_signin", []),
    "single": ({}, "single_factor_seen", []),
    "asked": (MULTI, "claim_only", []),
    "done": (
        {**MULTI, "authentication_details": [step("Password", "Primary authentication"), step("SMS")]},
        "mfa_proven",
        [],
    ),
    "failed_step": ({**MULTI, "authentication_details": [step("SMS", succeeded=False)]}, "claim_only", []),
    "claim": (
        {**MULTI, "authentication_details": [step("Previously satisfied", detail=EARLIER)]},
        "claim_only",
        [],
    ),
    "external": (
        {
            "authentication_details": [
                step("Password", "Primary authentication", "MFA requirement satisfied by claim of a provider")
            ]
        },
        "claim_only",
        [],
    ),
    "first_factor": (
        {
            "authentication_details": [
                step("Previously satisfied", "Primary authentication", "First factor requirement satisfied by claim")
            ]
        },
        "unknown",
        [],
    ),
    "earlier": ({"authentication_details": [step("Previously satisfied", "Primary authentication")]}, "unknown", []),
    "new_word": ({"authentication_requirement": "somethingNew"}, "unknown", []),
    "no_list": ({"authentication_details": "not a list"}, "single_factor_seen", []),
    "imap": ({"client_app_used": "IMAP4", "is_interactive": None}, "single_factor_seen", ["LEGACY_SUCCESS"]),
    "ropc": ({"authentication_protocol": "ropc"}, "single_factor_seen", ["LEGACY_SUCCESS"]),
    "new_client": ({**MULTI, "client_app_used": "Something new"}, "claim_only", []),
}


def test_what_sign_ins_prove(tmp_path: Path) -> None:
    here = world(
        tmp_path,
        users=[user(name) for name in PROOFS],
        authentication_methods=[registration(name) for name in PROOFS],
        sign_ins=[sign_in(name, **row) for name, (row, *_) in PROOFS.items() if row is not None],
    )
    assert found(here, "proof", "reasons") == {name: (word, reasons) for name, (_, word, reasons) in PROOFS.items()}


def test_the_worst_sign_in_decides(tmp_path: Path) -> None:
    rows = [sign_in("ann", 1), sign_in("ann", 2, **MULTI, authentication_details=[step("SMS")])]
    assert found(world(tmp_path, sign_ins=rows), "proof")["ann"] == "single_factor_seen"


ACCESS: dict[str, Any] = {
    "gdap_relationships": [{"tenant_id": PARTNER, "relationship_id": "r1", "status": "active"}],
    "gdap_assignments": [
        {
            "tenant_id": PARTNER,
            "relationship_id": "r1",
            "assignment_id": "a1",
            "status": "active",
            "group_id": "technicians",
        }
    ],
    "group_members": [{"tenant_id": PARTNER, "group_id": "technicians", "member_id": "ann"}],
}


def call(user_id: str, **more: Any) -> dict[str, Any]:
    return {"tenant_id": PARTNER, "request_id": user_id, "user_id": user_id, "user_tenant_id": PARTNER, **more}


@pytest.mark.parametrize(
    ("change", "surfaces"),
    [
        ({}, ["customer_delegated_admin"]),
        ({"gdap_relationships": [{"tenant_id": PARTNER, "relationship_id": "r1", "status": "terminated"}]}, []),
        (
            {
                "gdap_relationships": [
                    {"tenant_id": PARTNER, "relationship_id": "r1", "status": "active", "end_at": "2026-11-22 00:00:00"}
                ]
            },
            [],
        ),
        ({"group_members": []}, []),
        (
            {"groups": [{"tenant_id": PARTNER, "group_id": "technicians", "display_name": "HelpdeskAgents"}]},
            ["pc_portal", "customer_delegated_admin"],
        ),
        (
            {
                "group_members": [],
                "sign_ins": [
                    {
                        **sign_in("ann"),
                        "tenant_id": CUSTOMER,
                        "home_tenant_id": PARTNER,
                        "cross_tenant_access_type": "serviceProvider",
                    }
                ],
            },
            ["customer_delegated_admin"],
        ),
        ({"role_assignments": [role("ann", GLOBAL_ADMINISTRATOR)]}, ["pc_portal", "customer_delegated_admin"]),
        (
            {"sign_ins": [sign_in("ann", app_id="c44b4083-3bb0-49c1-b47d-974e53cbdf3c")]},
            ["customer_delegated_admin", "azure_portals"],
        ),
        ({"partner_requests": [call("ANN")]}, ["pc_api_app_user", "customer_delegated_admin"]),
        ({"partner_requests": [call("ann", user_tenant_id=CUSTOMER)]}, ["customer_delegated_admin"]),
        (
            {"partner_requests": [call("ann")], "source_status": unread("partner_requests")},
            ["customer_delegated_admin"],
        ),
        ({"source_status": unread("agent_groups")}, ["pc_portal(possible)", "customer_delegated_admin"]),
        (
            {"source_status": unread("gdap_assignments")},
            ["customer_delegated_admin(possible)"],
        ),
    ],
    ids=str,
)
def test_where_microsoft_enforces_mfa(tmp_path: Path, change: Rows, surfaces: list[str]) -> None:
    assert found(world(tmp_path, **{**ACCESS, **change}), "exposure")["ann"] == surfaces


def test_who_signs_a_domain_in(tmp_path: Path) -> None:
    types = {"fed.example": "Federated", "man.example": "Managed", "new.example": "SomethingNew"}
    wanted = {
        "bob@fed.example": "external_unknown",
        "bob@MAN.example": "none",
        "bob@new.example": "unknown",
        "bob@elsewhere.example": "unknown",
        "bob_home.example#EXT#@fed.example": "none",
    }
    here = world(
        tmp_path,
        users=[user(upn, user_principal_name=upn) for upn in wanted],
        authentication_methods=[registration(upn, is_mfa_registered=False, is_mfa_capable=False) for upn in wanted],
        organization=[{**domains(), "verified_domains": [{"name": n, "type": t} for n, t in types.items()]}],
    )
    assert found(here, "registered") == wanted


def test_what_is_registered(tmp_path: Path) -> None:
    wanted: dict[str, tuple[list[str] | None, str]] = {
        "app": (["microsoftAuthenticatorPush"], "capable"),
        "phone": (["mobilePhone", "password", "email"], "weak_only"),
        "phone_and_code": (["mobilePhone", "softwareOneTimePasscode"], "capable"),
        "pass": (["temporaryAccessPassOneTime"], "none"),
        "pass_and_key": (["temporaryAccessPass", "fido2SecurityKey"], "capable"),
        "external": (["externalAuthMethod"], "external_unknown"),
        "empty": ([], "capable"),
        "null": (None, "capable"),
    }
    here = world(
        tmp_path,
        users=[user(name) for name in wanted],
        authentication_methods=[registration(name, methods_registered=some) for name, (some, _) in wanted.items()],
    )
    assert found(here, "registered") == {name: word for name, (_, word) in wanted.items()}


def test_what_was_read_long_ago_is_less_sure(tmp_path: Path) -> None:
    here = world(tmp_path, **FULL_ACCESS)
    with writer(here.config.warehouse) as con:
        con.execute("update slices set collected_at = collected_at - interval 3 days where dataset = 'users'")
    assert found(here, "contract_verdict", "confidence")["ann"] == ("compliant", "medium")


def test_views_have_one_row_for_each_account(tmp_path: Path) -> None:
    """Two roles, two groups, two sign-ins and a domain listed twice do not make two accounts."""
    twice = {**domains(), "verified_domains": [{"name": "x.example", "type": "Managed"}] * 2}
    here = world(
        tmp_path,
        role_assignments=[role("ann", GLOBAL_ADMINISTRATOR), role("ann", SYNC_ROLE, 2), role("group", SYNC_ROLE, 3)],
        group_members=[
            {"tenant_id": PARTNER, "group_id": "group", "member_id": "ann"},
            {"tenant_id": PARTNER, "group_id": "technicians", "member_id": "ann"},
        ],
        sign_ins=[sign_in("ann", 1), sign_in("ann", 2)],
        organization=[twice],
    )
    assert here.table("select count(*), count(distinct (tenant_id, account_id)) from account_facts") == [(3, 3)]
