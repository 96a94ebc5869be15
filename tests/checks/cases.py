"""What every rule says of tenants that pass it, fail it by each clause, leave it unknown, or could not be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tests.checks.tenants import (
    GLOBAL_ADMINISTRATOR,
    READER,
    SYNC,
    policy,
    registered,
    relationship,
    sign_in,
    state,
    user,
)
from tests.checks.world import AS_OF

REG, POL, LEGACY, GA, END = "MFA.REG.1v1", "MFA.POL.1v1", "SIGNIN.LEGACY.1v1", "GDAP.GA.1v1", "GDAP.END.1v1"
OFF = [{"policy_id": "d", "is_enabled": False}]
YESTERDAY = AS_OF - timedelta(days=1)
PARTNERS = "concerns partner tenants only"
ENDS_SOON = (
    "The relationship Relationship r1 with Cust (active) ends at 2026-12-23 02:00 UTC and does not extend itself."
)
DEMANDS_NOTHING = (
    "Security defaults are off, and none of the enabled Conditional Access policies (0) names MFA for all users and "
    "all apps."
)


def soon(extension: str | None = "PT0S", days: int = 30) -> dict[str, Any]:
    return relationship(end_at=AS_OF + timedelta(days=days), auto_extend_duration=extension)


@dataclass(frozen=True)
class Case:
    """What one rule says of a tenant that differs from a good one."""

    name: str
    rule_id: str
    result: str
    counts: tuple[int, int, int]
    tenant: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    findings: tuple[str, ...] = ()


CASES = [
    Case("registered", REG, "pass", (1, 0, 0)),
    Case(
        "no method",
        REG,
        "fail",
        (1, 1, 0),
        {"authentication_methods": [registered("u1", is_mfa_registered=False, is_mfa_capable=False)]},
        findings=("u1@x.example can sign in; its registration for MFA is: none.",),
    ),
    Case(
        "a method that is not allowed",
        REG,
        "fail",
        (1, 1, 0),
        {"authentication_methods": [registered("u1", is_mfa_capable=False)]},
        findings=("u1@x.example can sign in; its registration for MFA is: registered_not_allowed.",),
    ),
    Case(
        "only a temporary access pass",
        REG,
        "fail",
        (1, 1, 0),
        {"authentication_methods": [registered("u1", methods_registered=["temporaryAccessPass"])]},
        findings=("u1@x.example can sign in; its registration for MFA is: temporary_only.",),
    ),
    Case(
        "guests and service accounts are in scope",
        REG,
        "fail",
        (3, 2, 0),
        {
            "users": [user("u1"), user("g#EXT#", user_type="Guest"), user("svc")],
            "authentication_methods": [
                registered("u1"),
                registered("g#EXT#", is_mfa_registered=False),
                registered("svc", is_mfa_registered=False),
            ],
        },
        findings=(
            "g#EXT#@x.example can sign in; its registration for MFA is: none.",
            "svc@x.example can sign in; its registration for MFA is: none.",
        ),
    ),
    Case(
        "synchronization accounts are not",
        REG,
        "pass",
        (1, 0, 0),
        {
            "users": [user("u1"), user("sync")],
            "role_assignments": [{"assignment_id": "a", "principal_id": "sync", "role_definition_id": SYNC}],
        },
    ),
    Case(
        "no registration row",
        REG,
        "not_assessed",
        (1, 0, 1),
        {"authentication_methods": []},
        "1 of 1 accounts: no row in the registration report, or not enough known to tell",
    ),
    Case(
        "unknown beside a fail",
        REG,
        "fail",
        (2, 1, 1),
        {
            "users": [user("u1"), user("u2")],
            "authentication_methods": [registered("u1", is_mfa_registered=False)],
        },
        findings=("u1@x.example can sign in; its registration for MFA is: none.",),
    ),
    Case("nobody can sign in", REG, "not_applicable", (0, 0, 0), {"users": []}, "there is nothing to judge"),
    Case(
        "no P1",
        REG,
        "not_assessed",
        (0, 0, 0),
        {"states": [state("authentication_methods", "not_licensed", "no premium licence")]},
        "needs Microsoft Entra ID P1 (authentication_methods)",
    ),
    Case(
        "roles unread",
        REG,
        "not_assessed",
        (0, 0, 0),
        {"states": [state("role_assignments", "not_permitted", "consent is missing.")]},
        "role_assignments: not_permitted: consent is missing",
    ),
    Case(
        "yesterday's users beside today's report",
        REG,
        "not_assessed",
        (0, 0, 0),
        {
            "states": [state("users", "failed", "503", YESTERDAY)],
            "users": [user("u1"), user("u2")],
            "authentication_methods": [registered("u1", is_mfa_registered=False)],
        },
        "users: failed: 503; last good data of 2026-11-22 02:00 UTC kept",
    ),
    Case("security defaults", POL, "pass", (1, 0, 0)),
    Case("a policy", POL, "pass", (1, 0, 0), {"security_defaults": OFF, "conditional_access_policies": [policy()]}),
    Case(
        "neither",
        POL,
        "fail",
        (1, 1, 0),
        {"security_defaults": OFF, "conditional_access_policies": [policy(state="disabled")]},
        findings=(DEMANDS_NOTHING,),
    ),
    Case(
        "a policy nobody understands",
        POL,
        "not_assessed",
        (1, 0, 1),
        {"security_defaults": OFF, "conditional_access_policies": [policy(state="rehearsed")]},
        "security defaults are not on, or unread, and a Conditional Access policy could not be read or understood",
    ),
    Case(
        "security defaults prove it without the policies",
        POL,
        "pass",
        (1, 0, 0),
        {"states": [state("conditional_access_policies", "not_licensed")]},
    ),
    Case(
        "policies prove it without security defaults",
        POL,
        "pass",
        (1, 0, 0),
        {"states": [state("security_defaults", "failed", "503")], "conditional_access_policies": [policy()]},
    ),
    Case(
        "security defaults are off and the policies unread",
        POL,
        "not_assessed",
        (0, 0, 0),
        {"states": [state("conditional_access_policies", "failed", "503")], "security_defaults": OFF},
        "conditional_access_policies: failed: 503",
    ),
    Case(
        "no policy and security defaults unread",
        POL,
        "not_assessed",
        (0, 0, 0),
        {"states": [state("security_defaults", "not_permitted", "no consent")]},
        "security_defaults: not_permitted: no consent",
    ),
    Case(
        "a policy of yesterday proves nothing today",
        POL,
        "not_assessed",
        (0, 0, 0),
        {
            "states": [state("conditional_access_policies", "partial", "page 2", YESTERDAY)],
            "security_defaults": OFF,
            "conditional_access_policies": [policy()],
        },
        "conditional_access_policies: partial: page 2; last good data of 2026-11-22 02:00 UTC kept",
    ),
    Case("a browser", LEGACY, "pass", (1, 0, 0)),
    Case(
        "a legacy client",
        LEGACY,
        "fail",
        (1, 1, 0),
        {"sign_ins": [sign_in("u1"), sign_in("u1", sign_in_id="s2", client_app_used="IMAP4")]},
        findings=("u1@x.example got in with IMAP4.",),
    ),
    Case(
        "ROPC",
        LEGACY,
        "fail",
        (2, 1, 0),
        {"sign_ins": [sign_in("u1"), sign_in("u2", authentication_protocol="ropc")]},
        findings=("u2@x.example got in with ROPC.",),
    ),
    Case(
        "a legacy client that was refused",
        LEGACY,
        "pass",
        (1, 0, 0),
        {"sign_ins": [sign_in("u1", client_app_used="IMAP4", error_code=53003)]},
    ),
    Case(
        "a client nobody knows",
        LEGACY,
        "not_assessed",
        (1, 0, 1),
        {"sign_ins": [sign_in("u1", client_app_used="Quantum Mail")]},
        "1 of 1 accounts: signed in with a client that is not known to be modern or legacy",
    ),
    Case("nobody was seen", LEGACY, "not_applicable", (0, 0, 0), {"sign_ins": []}, "there is nothing to judge"),
    Case(
        "no P1 for the logs",
        LEGACY,
        "not_assessed",
        (0, 0, 0),
        {"states": [state("sign_ins", "not_licensed")]},
        "needs Microsoft Entra ID P1 (sign_ins)",
    ),
    Case("a reader", GA, "pass", (1, 0, 0)),
    Case(
        "a global administrator",
        GA,
        "fail",
        (2, 1, 0),
        {
            "gdap_relationships": [
                relationship(),
                relationship("r2", roles=[{"roleDefinitionId": READER}, {"roleDefinitionId": GLOBAL_ADMINISTRATOR}]),
            ]
        },
        findings=("The relationship Relationship r2 with Cust (active) holds Global Administrator.",),
    ),
    Case(
        "a global administrator that is over",
        GA,
        "not_applicable",
        (0, 0, 0),
        {"gdap_relationships": [relationship(status="expired", roles=[{"roleDefinitionId": GLOBAL_ADMINISTRATOR}])]},
        "there is nothing to judge",
    ),
    Case(
        "roles nobody told",
        GA,
        "not_assessed",
        (1, 0, 1),
        {"gdap_relationships": [relationship(roles=None)]},
        "1 of 1 relationships: the roles or the status could not be understood",
    ),
    Case(
        "relationships unread",
        GA,
        "not_assessed",
        (0, 0, 0),
        {"states": [state("gdap_relationships", "failed", "timeout")]},
        "gdap_relationships: failed: timeout",
    ),
    Case("a customer has no relationships", GA, "not_applicable", (0, 0, 0), {"kind": "customer"}, PARTNERS),
    Case("ends in a year", END, "pass", (1, 0, 0)),
    Case("ends on the 31st day", END, "pass", (1, 0, 0), {"gdap_relationships": [soon(days=31)]}),
    Case(
        "ends on the 30th day",
        END,
        "fail",
        (1, 1, 0),
        {"gdap_relationships": [soon()]},
        findings=(ENDS_SOON,),
    ),
    Case("soon, and extends itself", END, "pass", (1, 0, 0), {"gdap_relationships": [soon("P180D")]}),
    Case("soon, with P0D", END, "fail", (1, 1, 0), {"gdap_relationships": [soon("P0D")]}, findings=(ENDS_SOON,)),
    Case("soon, and says nothing", END, "fail", (1, 1, 0), {"gdap_relationships": [soon(None)]}, findings=(ENDS_SOON,)),
    Case(
        "soon, with an extension nobody knows",
        END,
        "not_assessed",
        (1, 0, 1),
        {"gdap_relationships": [soon("P365D")]},
        "1 of 1 relationships: the end, the extension or the status could not be understood",
    ),
    Case(
        "relationships never read",
        END,
        "not_assessed",
        (0, 0, 0),
        {"states": [state("gdap_relationships", "skipped")]},
        "gdap_relationships: skipped: no scan has read it yet",
    ),
    Case("customers are left alone", END, "not_applicable", (0, 0, 0), {"kind": "customer"}, PARTNERS),
]
