"""Customer posture: what a customer is advised to do."""

from __future__ import annotations

from typing import Any

from tests.cover.make import policy
from tests.judge.acceptance import P2
from tests.judge.orgs import ROLES, Org, guest, tenant_id, user
from tests.rules.case import (
    BARE,
    CUSTOMERS_ONLY,
    FIDO,
    GLOBAL_ADMINISTRATOR,
    GLOBAL_READER,
    GROUP,
    HELPDESK,
    NOTHING,
    Case,
    customer,
    denied,
    gdap,
    good,
    people,
    refused,
    relationship,
)

ADMIN, GUEST, GLASS = "CUST.ADMIN.1v1", "CUST.GUEST.1v1", "CUST.GLASS.1v1"
LEGACY, GA, PARTNER = "CUST.LEGACY.1v1", "CUST.GA.1v1", "CUST.PARTNER.1v1"
READER = [("u1", GLOBAL_READER, "/")]
OPEN = "can sign in without MFA, or cannot do it"
NOTHING_ASKS = "no security defaults, no Conditional Access policy and no per-user MFA asks for it"
UNREGISTERED = "security defaults ask for MFA, and none is registered"

ADMINISTRATORS = [
    Case(name="covered", rule_id=ADMIN, org=customer(roles=READER), result="pass", counts=(1, 0, 0)),
    Case(
        name="nothing demands MFA",
        rule_id=ADMIN,
        org=customer(has_defaults=False, roles=READER),
        result="fail",
        counts=(1, 1, 0),
        findings=[f"Administrators {OPEN}: {NOTHING_ASKS}."],
    ),
    Case(
        name="one policy leaves several open",
        rule_id=ADMIN,
        org=customer(
            users=people("u1", "u2"),
            registered={},
            has_defaults=False,
            policies=[policy(locations={"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]})],
            roles=[*READER, ("u2", GLOBAL_READER, "/")],
        ),
        result="fail",
        counts=(2, 2, 0),
        findings=[f"Administrators {OPEN}: from some places no MFA is asked for (Policy p1)."],
    ),
    Case(
        name="no row in the report",
        rule_id=ADMIN,
        org=customer(registered={"u1": None}, roles=READER),
        result="not_assessed",
        counts=(1, 0, 1),
        reason="1 of 1 administrators: their verdict is indeterminate",
    ),
    Case(name="no administrator", rule_id=ADMIN, org=customer(), result="not_applicable", reason=NOTHING),
    Case(name="a partner", rule_id=ADMIN, org=good(), result="not_applicable", reason=CUSTOMERS_ONLY),
]


def with_guest(registration: Any) -> Org:
    return customer(users=[guest(), user()], registered={"u1": FIDO, "g1": registration})


GUESTS = [
    Case(name="registered", rule_id=GUEST, org=with_guest(FIDO), result="pass", counts=(1, 0, 0)),
    Case(
        name="not registered",
        rule_id=GUEST,
        org=with_guest(BARE),
        result="fail",
        counts=(1, 1, 0),
        findings=[f"Guests {OPEN}: {UNREGISTERED}."],
    ),
    Case(
        name="no row in the report",
        rule_id=GUEST,
        org=with_guest(None),
        result="not_assessed",
        counts=(1, 0, 1),
        reason="1 of 1 guests: their verdict is indeterminate",
    ),
    Case(name="a partner", rule_id=GUEST, org=good(), result="not_applicable", reason=CUSTOMERS_ONLY),
]


def with_emergency(registration: Any) -> Org:
    return customer(
        users=[user("glass", displayName="Break Glass 1"), user()],
        registered={"u1": FIDO, "glass": registration},
        roles=[("glass", GLOBAL_ADMINISTRATOR, "/")],
    )


EMERGENCY = [
    Case(name="a passkey", rule_id=GLASS, org=with_emergency(FIDO), result="pass", counts=(1, 0, 0)),
    Case(
        name="nothing",
        rule_id=GLASS,
        org=with_emergency(BARE),
        result="fail",
        counts=(1, 1, 0),
        findings=[f"Emergency accounts {OPEN}: {UNREGISTERED}."],
    ),
    Case(
        name="no row in the report",
        rule_id=GLASS,
        org=with_emergency(None),
        result="not_assessed",
        counts=(1, 0, 1),
        reason="1 of 1 accounts: their verdict is indeterminate",
    ),
    Case(
        name="is no case of the rule about administrators",
        rule_id=ADMIN,
        org=with_emergency(BARE),
        result="not_applicable",
        reason=NOTHING,
    ),
    Case(name="a partner", rule_id=GLASS, org=good(), result="not_applicable", reason=CUSTOMERS_ONLY),
]


def under(*policies: dict[str, Any]) -> Org:
    return customer(has_defaults=False, policies=policies)


MODERN = ["browser", "mobileAppsAndDesktopClients"]
BLOCKED = [
    Case(name="security defaults", rule_id=LEGACY, org=customer(), result="pass", counts=(1, 0, 0)),
    Case(
        name="a policy that blocks them",
        rule_id=LEGACY,
        org=under(policy(clientAppTypes=["exchangeActiveSync", "other"], grant={"builtInControls": ["block"]})),
        result="pass",
        counts=(1, 0, 0),
    ),
    Case(
        name="a policy for modern clients",
        rule_id=LEGACY,
        org=under(policy(clientAppTypes=MODERN)),
        result="fail",
        counts=(1, 1, 0),
        findings=["Security defaults are off, and no enabled policy blocks legacy clients for all users and all apps."],
    ),
    Case(
        name="a policy nobody understands",
        rule_id=LEGACY,
        org=under(policy(state="rehearsed")),
        result="not_assessed",
        counts=(1, 0, 1),
        reason=(
            "security defaults are not on, or unread, and a Conditional Access policy could not be read or understood"
        ),
    ),
    Case(name="a partner", rule_id=LEGACY, org=good(), result="not_applicable", reason=CUSTOMERS_ONLY),
]


def with_global(count: int, **more: Any) -> Org:
    names = [f"u{number}" for number in range(1, count + 1)]
    return customer(
        users=people(*names), registered={}, roles=[(name, GLOBAL_ADMINISTRATOR, "/") for name in names], **more
    )


ELIGIBLE = f"{ROLES}/roleEligibilityScheduleInstances"
GLOBAL = [
    *(
        Case(name=f"{count} of them", rule_id=GA, org=with_global(count), result="pass", counts=(1, 0, 0))
        for count in (2, 4)
    ),
    *(
        Case(
            name=f"{count} of them",
            rule_id=GA,
            tenant=f"global-{count}",
            org=with_global(count),
            result="fail",
            counts=(1, 1, 0),
            findings=[f"Global Administrators of global-{count}: {count}."],
        )
        for count in (1, 5)
    ),
    Case(
        name="who may become one is not read",
        rule_id=GA,
        org=refused(ELIGIBLE, of=with_global(2, files={"v1.0/subscribedSkus": [P2]})),
        result="not_assessed",
        counts=(1, 0, 1),
        reason="not everybody who holds or may activate a role is known",
    ),
    Case(
        name="roles unread",
        rule_id=GA,
        org=refused(f"{ROLES}/roleAssignments", of=customer()),
        result="not_assessed",
        reason=denied("role_assignments", f"{ROLES}/roleAssignments"),
    ),
    Case(name="a partner", rule_id=GA, org=good(), result="not_applicable", reason=CUSTOMERS_ONLY),
]


def partner_of(name: str, **more: Any) -> Org:
    return gdap(relationship(customer={"tenantId": tenant_id(name), "displayName": "Cust"}), **more)


TECHNICIANS = [
    Case(
        name="a technician who is covered",
        rule_id=PARTNER,
        tenant="entered-well",
        org=customer(partner="careful"),
        beside={"careful": partner_of("entered-well")},
        result="pass",
        counts=(1, 0, 0),
    ),
    Case(
        name="a technician of whom nothing demands MFA",
        rule_id=PARTNER,
        tenant="entered-badly",
        org=customer(partner="careless"),
        beside={"careless": partner_of("entered-badly", has_defaults=False)},
        result="fail",
        counts=(1, 1, 0),
        findings=["u1@x.example of the partner may enter, and its verdict at home is: non_compliant."],
    ),
    Case(
        name="a group that nobody knows",
        rule_id=PARTNER,
        org=customer(roles=[(GROUP, HELPDESK, "/")]),
        result="not_assessed",
        counts=(1, 0, 1),
        reason="1 of 1: a verdict is indeterminate, or who may enter is not known",
    ),
    Case(name="nobody enters", rule_id=PARTNER, org=customer(), result="not_applicable", reason=NOTHING),
    Case(name="a partner", rule_id=PARTNER, org=good(), result="not_applicable", reason=CUSTOMERS_ONLY),
]

CASES = [*ADMINISTRATORS, *GUESTS, *EMERGENCY, *BLOCKED, *GLOBAL, *TECHNICIANS]
