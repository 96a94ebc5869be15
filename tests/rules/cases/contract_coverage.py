"""The partner's contract, population by population: who has to do MFA, and one cause for all who do not."""

from __future__ import annotations

from typing import Any

from tests.cover.make import MFA, OFFICE_ID, OFFICE_LOCATION, policy
from tests.judge.orgs import DEFAULTS, Org, guest, methods, user
from tests.rules.case import (
    BARE,
    FIDO,
    GLOBAL_ADMINISTRATOR,
    HELPDESK,
    NOTHING,
    PARTNERS_ONLY,
    Case,
    customer,
    good,
    people,
    refused,
)

ADMIN, GLASS, GUEST, SERVICE, MEMBER = (
    "CONTRACT.ADMIN.1v1",
    "CONTRACT.GLASS.1v1",
    "CONTRACT.GUEST.1v1",
    "CONTRACT.SERVICE.1v1",
    "CONTRACT.MEMBER.1v1",
)
POLICIES = "v1.0/identity/conditionalAccess/policies"
NOTHING_ASKS = "no security defaults, no Conditional Access policy and no per-user MFA asks for it"
LEFT_OUT = "no mechanism asks for MFA, and policies that demand it leave accounts out by name"
NOT_ALLOWED = "a method is registered that the tenant does not allow"
OUTSIDE = {"includeLocations": ["All"], "excludeLocations": [OFFICE_ID]}


def doubt(count: int = 1, of: int = 1) -> str:
    return f"{count} of {of} accounts: nobody can tell whether every sign-in is asked for MFA"


def bare(**more: Any) -> Org:
    """Return a partner in which nothing asks for MFA, and everybody has registered."""
    return good(**{"has_defaults": False, "sign_ins": [], **more})


def unclear(**more: Any) -> Org:
    """Return a partner without security defaults whose policies nobody may read."""
    return refused(POLICIES, of=bare(**more))


HELPER = [("u1", HELPDESK, "/")]
ADMINISTRATORS = [
    Case(name="protected", rule_id=ADMIN, org=good(roles=HELPER), result="pass", counts=(1, 0, 0)),
    Case(
        name="nothing asks",
        rule_id=ADMIN,
        org=bare(roles=HELPER),
        result="fail",
        counts=(1, 1, 0),
        findings=[f"Administrators or agents can sign in without MFA: {NOTHING_ASKS}."],
    ),
    Case(
        name="one who may only activate a role",
        rule_id=ADMIN,
        org=bare(users=people("u1", "u2"), eligible=[("u2", GLOBAL_ADMINISTRATOR, "/")]),
        result="fail",
        counts=(1, 1, 0),
        findings=[f"Administrators or agents can sign in without MFA: {NOTHING_ASKS}."],
    ),
    Case(
        name="an agent without a role",
        rule_id=ADMIN,
        org=bare(
            files={
                "v1.0/groups": [{"id": "g-agents", "displayName": "AdminAgents"}],
                "v1.0/groups/g-agents": {"id": "g-agents", "displayName": "AdminAgents"},
                "v1.0/groups/g-agents/transitiveMembers": [{"id": "u1", "@odata.type": "#microsoft.graph.user"}],
            }
        ),
        result="fail",
        counts=(1, 1, 0),
        findings=[f"Administrators or agents can sign in without MFA: {NOTHING_ASKS}."],
    ),
    Case(
        name="nothing is registered",
        rule_id=ADMIN,
        org=good(roles=HELPER, registered={"u1": BARE}),
        result="fail",
        counts=(1, 1, 0),
        findings=[
            "Administrators or agents can sign in without MFA: security defaults ask for MFA, and none is registered."
        ],
    ),
    Case(
        name="the policies cannot be read",
        rule_id=ADMIN,
        org=unclear(roles=HELPER),
        result="not_assessed",
        counts=(1, 0, 1),
        reason=doubt(),
    ),
    Case(
        name="who is one cannot be read",
        rule_id=ADMIN,
        org=refused("v1.0/roleManagement/directory/roleAssignments", of=bare()),
        result="not_assessed",
        counts=(1, 0, 1),
        reason=doubt(),
    ),
    Case(name="there is none", rule_id=ADMIN, org=good(), result="not_applicable", reason=NOTHING),
    Case(name="a customer", rule_id=ADMIN, org=customer(), result="not_applicable", reason=PARTNERS_ONLY),
]

EMERGENCY_ACCOUNT = user("glass", displayName="Break glass 1")
EMERGENCY = [
    Case(
        name="protected",
        rule_id=GLASS,
        org=good(users=[EMERGENCY_ACCOUNT], roles=[("glass", GLOBAL_ADMINISTRATOR, "/")]),
        result="pass",
        counts=(1, 0, 0),
    ),
    Case(
        name="left out of the only policy",
        rule_id=GLASS,
        org=bare(
            users=[user(), EMERGENCY_ACCOUNT],
            policies=[policy(users={"excludeUsers": ["glass"]})],
            roles=[("glass", GLOBAL_ADMINISTRATOR, "/")],
        ),
        result="fail",
        counts=(1, 1, 0),
        findings=[f"Emergency access accounts can sign in without MFA: {LEFT_OUT} (Policy p1)."],
    ),
    Case(
        name="the policies cannot be read",
        rule_id=GLASS,
        org=unclear(users=[EMERGENCY_ACCOUNT]),
        result="not_assessed",
        counts=(1, 0, 1),
        reason=doubt(),
    ),
    Case(name="a customer", rule_id=GLASS, org=customer(), result="not_applicable", reason=PARTNERS_ONLY),
]

GUESTS = [
    Case(name="protected", rule_id=GUEST, org=good(users=[user(), guest()]), result="pass", counts=(1, 0, 0)),
    Case(
        name="the policy leaves guests out",
        rule_id=GUEST,
        org=bare(
            users=[user(), guest("g1"), guest("g2")],
            policies=[
                policy(
                    users={
                        "excludeGuestsOrExternalUsers": {
                            "guestOrExternalUserTypes": "b2bCollaborationGuest",
                            "externalTenants": {"membershipKind": "all"},
                        }
                    }
                )
            ],
        ),
        result="fail",
        counts=(2, 2, 0),
        findings=["Guests can sign in without MFA: a policy asks everybody for MFA but guests (Policy p1)."],
    ),
    Case(
        name="an account of our own with the type Guest",
        rule_id=GUEST,
        org=bare(users=[user("u1", userType="Guest")]),
        result="fail",
        counts=(1, 1, 0),
        findings=[f"Guests can sign in without MFA: {NOTHING_ASKS}."],
    ),
    Case(
        name="the policies cannot be read",
        rule_id=GUEST,
        org=unclear(users=[guest()]),
        result="not_assessed",
        counts=(1, 0, 1),
        reason=doubt(),
    ),
    Case(name="there is none", rule_id=GUEST, org=good(), result="not_applicable", reason=NOTHING),
    Case(name="a customer", rule_id=GUEST, org=customer(), result="not_applicable", reason=PARTNERS_ONLY),
]

BACKUP = user("svc-backup", displayName="svc backup")
ROOM = user("room-1", displayName="Room 1", employeeType="Room")
SERVICES = [
    Case(name="protected", rule_id=SERVICE, org=good(users=[BACKUP, ROOM]), result="pass", counts=(2, 0, 0)),
    Case(
        name="a service account and a room, in one cause",
        rule_id=SERVICE,
        org=bare(users=[user(), BACKUP, ROOM]),
        result="fail",
        counts=(2, 2, 0),
        findings=[f"Service accounts, rooms or shared mailboxes can sign in without MFA: {NOTHING_ASKS}."],
    ),
    Case(
        name="the policies cannot be read",
        rule_id=SERVICE,
        org=unclear(users=[BACKUP]),
        result="not_assessed",
        counts=(1, 0, 1),
        reason=doubt(),
    ),
    Case(name="a customer", rule_id=SERVICE, org=customer(), result="not_applicable", reason=PARTNERS_ONLY),
]

MEMBERS = [
    Case(name="security defaults", rule_id=MEMBER, org=good(), result="pass", counts=(1, 0, 0)),
    Case(name="a policy", rule_id=MEMBER, org=bare(policies=[policy()]), result="pass", counts=(1, 0, 0)),
    Case(
        name="nothing asks, and who is disabled does not count",
        rule_id=MEMBER,
        org=bare(users=[*people("u1", "u2", "u3"), user("off", accountEnabled=False)]),
        result="fail",
        counts=(3, 3, 0),
        findings=[f"Accounts can sign in without MFA: {NOTHING_ASKS}."],
    ),
    Case(
        name="a gap in one policy",
        rule_id=MEMBER,
        org=bare(users=people("u1", "u2"), policies=[policy(locations=OUTSIDE)], locations=[OFFICE_LOCATION]),
        result="fail",
        counts=(2, 2, 0),
        findings=["Accounts can sign in without MFA: from some places no MFA is asked for (Policy p1)."],
    ),
    Case(
        name="two causes",
        rule_id=MEMBER,
        org=good(
            users=people("u1", "u2", "u3"),
            registered={"u1": BARE, "u2": FIDO, "u3": methods("softwareOneTimePasscode", is_capable=False)},
        ),
        result="fail",
        counts=(3, 2, 0),
        findings=[
            f"Accounts can sign in without MFA: {NOT_ALLOWED}; security defaults ask for MFA, and none is registered.",
            "Accounts can sign in without MFA: security defaults ask for MFA, and none is registered.",
        ],
    ),
    Case(
        name="report-only",
        rule_id=MEMBER,
        org=bare(policies=[policy(state="enabledForReportingButNotEnforced", grant=MFA)]),
        result="fail",
        counts=(1, 1, 0),
        findings=["Accounts can sign in without MFA: a policy would demand MFA, but is in report-only mode."],
    ),
    Case(
        name="the policies cannot be read",
        rule_id=MEMBER,
        org=unclear(),
        result="not_assessed",
        counts=(1, 0, 1),
        reason=doubt(),
    ),
    Case(
        name="security defaults cannot be read",
        rule_id=MEMBER,
        org=refused(DEFAULTS, of=bare()),
        result="not_assessed",
        counts=(1, 0, 1),
        reason=doubt(),
    ),
    Case(name="a customer", rule_id=MEMBER, org=customer(), result="not_applicable", reason=PARTNERS_ONLY),
]

CASES = [*ADMINISTRATORS, *EMERGENCY, *GUESTS, *SERVICES, *MEMBERS]
