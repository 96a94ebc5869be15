"""Registration and methods: who has registered what for MFA."""

from __future__ import annotations

from tests.judge.orgs import LICENCE, REPORT, ROLES, guest, methods, user
from tests.rules.case import BARE, FIDO, GLOBAL_READER, NOTHING, SYNC, Case, denied, good, people, refused

REG, ADMIN, PHISH, PHONE, PASS = "MFA.REG.1v1", "MFA.ADMIN.1v1", "MFA.PHISH.1v1", "MFA.PHONE.1v1", "MFA.PASS.1v1"
READER = [("u1", GLOBAL_READER, "/")]
APP = "microsoftAuthenticatorPush"

REGISTERED = [
    Case(name="registered", rule_id=REG, org=good(), result="pass", counts=(1, 0, 0)),
    Case(
        name="no method",
        rule_id=REG,
        org=good(registered={"u1": BARE}),
        result="fail",
        counts=(1, 1, 0),
        findings=["u1@x.example can sign in; its registration for MFA is: none."],
    ),
    Case(
        name="a method that is not allowed",
        rule_id=REG,
        org=good(registered={"u1": methods("fido2SecurityKey", is_capable=False)}),
        result="fail",
        counts=(1, 1, 0),
        findings=["u1@x.example can sign in; its registration for MFA is: registered_not_allowed."],
    ),
    Case(
        name="only a temporary access pass",
        rule_id=REG,
        org=good(registered={"u1": methods("temporaryAccessPass")}),
        result="fail",
        counts=(1, 1, 0),
        findings=["u1@x.example can sign in; its registration for MFA is: temporary_only."],
    ),
    Case(
        name="guests and service accounts are in scope",
        rule_id=REG,
        org=good(
            users=[guest("g1"), *people("svc", "u1"), user("off", accountEnabled=False)],
            registered={"u1": FIDO, "g1": BARE, "svc": BARE, "off": None},
        ),
        result="fail",
        counts=(3, 2, 0),
        findings=[
            "g1_home.example#EXT#@x.example can sign in; its registration for MFA is: none.",
            "svc@x.example can sign in; its registration for MFA is: none.",
        ],
    ),
    Case(
        name="synchronization accounts are not",
        rule_id=REG,
        org=good(users=people("sync", "u1"), registered={"u1": FIDO, "sync": BARE}, roles=[("sync", SYNC, "/")]),
        result="pass",
        counts=(1, 0, 0),
    ),
    Case(
        name="no registration row",
        rule_id=REG,
        org=good(registered={"u1": None}),
        result="not_assessed",
        counts=(1, 0, 1),
        reason="1 of 1 accounts: no row in the registration report, or not enough known to tell",
    ),
    Case(
        name="unknown beside a fail",
        rule_id=REG,
        org=good(users=people("u1", "u2"), registered={"u1": BARE, "u2": None}),
        result="fail",
        counts=(2, 1, 1),
        findings=["u1@x.example can sign in; its registration for MFA is: none."],
    ),
    Case(
        name="nobody can sign in",
        rule_id=REG,
        org=good(users=[user("off", accountEnabled=False)], registered={"off": None}),
        result="not_applicable",
        reason=NOTHING,
    ),
    Case(
        name="no P1",
        rule_id=REG,
        org=good(failures={REPORT: LICENCE}),
        result="not_assessed",
        reason="needs Microsoft Entra ID P1 (authentication_methods)",
    ),
    Case(
        name="roles unread",
        rule_id=REG,
        org=refused(f"{ROLES}/roleAssignments"),
        result="not_assessed",
        reason=denied("role_assignments", f"{ROLES}/roleAssignments"),
    ),
]

ADMINISTRATORS = [
    Case(name="capable", rule_id=ADMIN, org=good(roles=READER), result="pass", counts=(1, 0, 0)),
    Case(
        name="others are not judged",
        rule_id=ADMIN,
        org=good(users=people("u1", "u2"), registered={"u1": FIDO, "u2": BARE}, roles=READER),
        result="pass",
        counts=(1, 0, 0),
    ),
    Case(
        name="not registered",
        rule_id=ADMIN,
        org=good(registered={"u1": BARE}, roles=READER),
        result="fail",
        counts=(1, 1, 0),
        findings=["u1@x.example is an administrator; its registration for MFA is: none."],
    ),
    Case(
        name="may activate a role, and has a method that is not allowed",
        rule_id=ADMIN,
        org=good(registered={"u1": methods("fido2SecurityKey", is_capable=False)}, eligible=READER),
        result="fail",
        counts=(1, 1, 0),
        findings=["u1@x.example is an administrator; its registration for MFA is: registered_not_allowed."],
    ),
    Case(
        name="no row",
        rule_id=ADMIN,
        org=good(registered={"u1": None}, roles=READER),
        result="not_assessed",
        counts=(1, 0, 1),
        reason="1 of 1 administrators: no row in the report, MFA done elsewhere, or roles not known",
    ),
    Case(name="no administrator", rule_id=ADMIN, org=good(), result="not_applicable", reason=NOTHING),
    Case(name="a key", rule_id=PHISH, org=good(roles=READER), result="pass", counts=(1, 0, 0)),
    Case(
        name="an app",
        rule_id=PHISH,
        org=good(registered={"u1": methods(APP)}, roles=READER),
        result="fail",
        counts=(1, 1, 0),
        findings=["u1@x.example is an administrator and has no method that withstands phishing."],
    ),
    Case(
        name="a method of a new kind",
        rule_id=PHISH,
        org=good(registered={"u1": methods("brainWave")}, roles=READER),
        result="not_assessed",
        counts=(1, 0, 1),
        reason="1 of 1 administrators: no row in the report, a method of a new kind, or roles not known",
    ),
]

ADVICE = [
    Case(name="a key", rule_id=PHONE, org=good(), result="pass", counts=(1, 0, 0)),
    Case(
        name="a phone",
        rule_id=PHONE,
        org=good(
            users=people("u1", "u2"), registered={"u1": methods("mobilePhone"), "u2": methods("mobilePhone", APP)}
        ),
        result="fail",
        counts=(2, 1, 0),
        findings=["u1@x.example has no other method for MFA than calls and text messages."],
    ),
    Case(
        name="no row",
        rule_id=PHONE,
        org=good(registered={"u1": None}),
        result="not_assessed",
        counts=(1, 0, 1),
        reason="1 of 1 accounts: no row in the registration report, or MFA done elsewhere",
    ),
    Case(name="no pass", rule_id=PASS, org=good(), result="pass", counts=(1, 0, 0)),
    Case(
        name="a pass beside an app, and a pass alone",
        rule_id=PASS,
        org=good(
            users=people("u1", "u2"),
            registered={"u1": methods(APP, "temporaryAccessPass"), "u2": methods("temporaryAccessPass")},
        ),
        result="fail",
        counts=(2, 1, 0),
        findings=["u1@x.example has a Temporary Access Pass beside methods that last."],
    ),
    Case(
        name="no row",
        rule_id=PASS,
        org=good(registered={"u1": None}),
        result="not_assessed",
        counts=(1, 0, 1),
        reason="1 of 1 accounts: no row in the registration report",
    ),
]

CASES = [*REGISTERED, *ADMINISTRATORS, *ADVICE]
