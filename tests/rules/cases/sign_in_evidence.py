"""Sign-in evidence: what the logs show to have happened."""

from __future__ import annotations

from tests.judge.orgs import LICENCE, sign_in
from tests.rules.case import NOTHING, Case, good, people

LEGACY = "SIGNIN.LEGACY.1v1"
LOGS = "beta/auditLogs/signIns"
WITH_MFA = "multiFactorAuthentication"

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
        name="ROPC",
        rule_id=LEGACY,
        org=good(
            users=people("u1", "u2"),
            sign_ins=[sign_in("u1", WITH_MFA), sign_in("u2", authenticationProtocol="ropc")],
        ),
        result="fail",
        counts=(2, 1, 0),
        findings=["u2@x.example got in with ROPC."],
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

CASES = LEGACY_CLIENTS
