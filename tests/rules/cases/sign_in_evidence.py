"""Sign-in evidence: what the logs show to have happened."""

from __future__ import annotations

from typing import Any

from tests.cover.make import policy
from tests.judge.orgs import LICENCE, ROLES, Org, sign_in, user
from tests.rules.case import GLOBAL_READER, NOTHING, SYNC, Case, denied, good, people, refused

LEGACY, ROPC, DEVICE = "SIGNIN.LEGACY.1v2", "SIGNIN.ROPC.1v1", "SIGNIN.DEVICE.1v1"
SINGLE, GLASS = "SIGNIN.SINGLE.1v1", "SIGNIN.GLASS.1v1"
LOGS = "beta/auditLogs/signIns"
WITH_MFA = "multiFactorAuthentication"

NO_LICENCE = {"failures": {LOGS: LICENCE}}
P1_MISSING = "needs Microsoft Entra ID P1 (sign_ins)"
READER = [("u1", GLOBAL_READER, "/")]


def by_ropc() -> Org:
    """Return a partner in which a program signs in as u2, and the one that synchronizes the directory as itself."""
    return good(
        users=people("sync", "u1", "u2"),
        roles=[("sync", SYNC, "/")],
        sign_ins=[
            sign_in("u1", WITH_MFA),
            sign_in("u2", authenticationProtocol="ropc", appDisplayName="Script"),
            sign_in("sync", isInteractive=False, authenticationProtocol="ropc", appDisplayName="Connect"),
        ],
    )


def by_code(protocol: str) -> Org:
    """Return a partner whose administrator signs in to a command line."""
    return good(
        roles=READER, sign_ins=[sign_in("u1", WITH_MFA, authenticationProtocol=protocol, appDisplayName="Azure CLI")]
    )


def demanded(found: dict[str, Any], **more: Any) -> Org:
    """Return a partner in which a policy demands MFA always, and that one sign-in."""
    return good(has_defaults=False, policies=[policy()], sign_ins=[found], **more)


def with_emergency(*sign_ins: dict[str, Any], **more: Any) -> Org:
    """Return a partner with an emergency account."""
    return good(users=[user("glass", displayName="Break Glass 1"), user("u1")], sign_ins=sign_ins, **more)


LEGACY_CLIENTS = [
    Case(name="a browser", rule_id=LEGACY, org=good(), result="pass", counts=(1, 0, 0)),
    Case(
        name="a legacy client",
        rule_id=LEGACY,
        org=good(sign_ins=[sign_in("u1", WITH_MFA), sign_in(clientAppUsed="IMAP4")]),
        result="fail",
        counts=(1, 1, 0),
        findings=["u1@x.example got in with IMAP4."],
    ),
    Case(
        name="ROPC is judged by itself",
        rule_id=LEGACY,
        org=by_ropc(),
        result="pass",
        counts=(3, 0, 0),
    ),
    Case(
        name="a legacy client that was refused",
        rule_id=LEGACY,
        org=good(sign_ins=[sign_in(clientAppUsed="IMAP4", status={"errorCode": 53003})]),
        result="pass",
        counts=(1, 0, 0),
    ),
    Case(
        name="a client nobody knows",
        rule_id=LEGACY,
        org=good(sign_ins=[sign_in(clientAppUsed="Quantum Mail")]),
        result="not_assessed",
        counts=(1, 0, 1),
        reason="1 of 1 accounts: signed in with a client that is not known to be modern or legacy",
    ),
    Case(name="nobody was seen", rule_id=LEGACY, org=good(sign_ins=[]), result="not_applicable", reason=NOTHING),
    Case(
        name="no P1 for the logs",
        rule_id=LEGACY,
        org=good(failures={LOGS: LICENCE}),
        result="not_assessed",
        reason="needs Microsoft Entra ID P1 (sign_ins)",
    ),
]

FLOWS = [
    Case(name="a browser", rule_id=ROPC, org=good(), result="pass", counts=(1, 0, 0)),
    Case(
        name="a program",
        rule_id=ROPC,
        org=by_ropc(),
        result="fail",
        counts=(2, 1, 0),
        findings=["The password of u2@x.example was handed in by: Script."],
    ),
    Case(name="no P1", rule_id=ROPC, org=good(**NO_LICENCE), result="not_assessed", reason=P1_MISSING),
    Case(name="a browser", rule_id=DEVICE, org=by_code("oAuth2"), result="pass", counts=(1, 0, 0)),
    Case(
        name="a device code",
        rule_id=DEVICE,
        org=by_code("deviceCode"),
        result="fail",
        counts=(1, 1, 0),
        findings=["u1@x.example is an administrator and signed in with a device code for: Azure CLI."],
    ),
    Case(
        name="roles unread",
        rule_id=DEVICE,
        org=refused(f"{ROLES}/roleAssignments"),
        result="not_assessed",
        reason=denied("role_assignments", f"{ROLES}/roleAssignments"),
    ),
    Case(name="no administrator was seen", rule_id=DEVICE, org=good(), result="not_applicable", reason=NOTHING),
]

CONTRADICTIONS = [
    Case(name="MFA", rule_id=SINGLE, org=demanded(sign_in("u1", WITH_MFA)), result="pass", counts=(1, 0, 0)),
    Case(
        name="one factor",
        rule_id=SINGLE,
        org=demanded(sign_in("u1")),
        result="fail",
        counts=(1, 1, 0),
        findings=["u1@x.example got in with one factor, though policies demand MFA of its every sign-in."],
    ),
    Case(
        name="security defaults ask when they see a need",
        rule_id=SINGLE,
        org=good(sign_ins=[sign_in("u1")]),
        result="not_applicable",
        reason=NOTHING,
    ),
    Case(
        name="no P1",
        rule_id=SINGLE,
        org=demanded(sign_in("u1"), **NO_LICENCE),
        result="not_assessed",
        reason=P1_MISSING,
    ),
    Case(name="nobody", rule_id=GLASS, org=with_emergency(sign_in("u1")), result="pass", counts=(1, 0, 0)),
    Case(
        name="used",
        rule_id=GLASS,
        org=with_emergency(sign_in("glass", WITH_MFA, appDisplayName="Azure Portal")),
        result="fail",
        counts=(1, 1, 0),
        findings=["glass@x.example, an emergency account (by name), signed in to: Azure Portal."],
    ),
    Case(name="no P1", rule_id=GLASS, org=with_emergency(**NO_LICENCE), result="not_assessed", reason=P1_MISSING),
    Case(name="no emergency account", rule_id=GLASS, org=good(), result="not_applicable", reason=NOTHING),
]

CASES = [*LEGACY_CLIENTS, *FLOWS, *CONTRADICTIONS]
