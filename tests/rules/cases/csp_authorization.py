"""What Microsoft validates every year: the mandatory part of the partner security score."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.judge.orgs import Org
from tests.rules.case import GLOBAL_ADMINISTRATOR, NOTHING, PARTNERS_ONLY, Case, customer, denied, people, refused
from tests.rules.microsoft import REQUIREMENTS, admins, alerts, contact, requirement, scored

ADMIN, CONTACT, ALERT, ANNIV = "CSP.ADMIN.1v1", "CSP.CONTACT.1v1", "CSP.ALERT.1v1", "CSP.ANNIV.1v1"
HOLDER = [("u1", GLOBAL_ADMINISTRATOR, "/")]
OPEN = {"complianceStatus": "noncomplaint", "score": 0}
UNREAD = denied("partner_security_requirements", REQUIREMENTS)
NO_ANSWER = "Microsoft's score does not say so, or of some administrators nobody can tell whether they have to do MFA"
NO_DATE = (
    "when Microsoft validates the partner is not known (give the day it joined the programme in rollcall.toml, "
    "[[partner]], for instance onboarded = 2021-05-01), or what it will find is not"
)


def held(*requirements: dict[str, Any], **changes: Any) -> Org:
    """Return a good partner with one administrator and these requirements."""
    return scored(*requirements, **{"roles": HOLDER, **changes})


def told(microsoft: str, having: int, of: int, open_admins: str, ours: int) -> str:
    return (
        f"Not all administrative users have MFA. Microsoft's score: {microsoft}, {having} of {of}. By our count "
        f"{open_admins} of {ours} administrators and agents can sign in without it."
    )


ADMINISTRATORS = [
    Case(name="both say so", rule_id=ADMIN, org=held(), result="pass", counts=(1, 0, 0)),
    Case(
        name="Microsoft says no",
        rule_id=ADMIN,
        org=held(admins(**OPEN, mfaEnabledAdminsCount=0), contact(), alerts()),
        result="fail",
        counts=(1, 1, 0),
        findings=[told("open", 0, 1, "0", 1)],
    ),
    Case(
        name="our count says no",
        rule_id=ADMIN,
        org=held(has_defaults=False, sign_ins=[]),
        result="fail",
        counts=(1, 1, 0),
        findings=[told("met", 1, 1, "1", 1)],
    ),
    Case(
        name="spelt as one page of the documentation does",
        rule_id=ADMIN,
        org=held(admins(complianceStatus="nonCompliant", score=0, mfaEnabledAdminsCount=0), contact(), alerts()),
        result="fail",
        counts=(1, 1, 0),
        findings=[told("open", 0, 1, "0", 1)],
    ),
    Case(
        name="Microsoft contradicts itself",
        rule_id=ADMIN,
        org=held(admins(complianceStatus="nonCompliant"), contact(), alerts()),
        result="not_assessed",
        counts=(1, 0, 1),
        reason=NO_ANSWER,
    ),
    Case(
        name="no such requirement",
        rule_id=ADMIN,
        org=held(contact()),
        result="not_assessed",
        counts=(1, 0, 1),
        reason=NO_ANSWER,
    ),
    Case(name="unread", rule_id=ADMIN, org=refused(REQUIREMENTS), result="not_assessed", reason=UNREAD),
    Case(
        name="a control panel vendor",
        rule_id=ADMIN,
        org=held(program="cpv"),
        result="not_applicable",
        reason=NOTHING,
    ),
    Case(name="a customer", rule_id=ADMIN, org=customer(), result="not_applicable", reason=PARTNERS_ONLY),
]

CONTACTS = [
    Case(name="provided", rule_id=CONTACT, org=held(), result="pass", counts=(1, 0, 0)),
    Case(
        name="not provided",
        rule_id=CONTACT,
        org=held(admins(), contact(**OPEN), alerts()),
        result="fail",
        counts=(1, 1, 0),
        findings=["Microsoft's score says that no security contact is provided."],
    ),
    Case(
        name="a word that nobody knows",
        rule_id=CONTACT,
        org=held(admins(), contact(complianceStatus="unknownFutureValue"), alerts()),
        result="not_assessed",
        counts=(1, 0, 1),
        reason="Microsoft's score does not say whether a security contact is provided, or contradicts itself",
    ),
    Case(name="unread", rule_id=CONTACT, org=refused(REQUIREMENTS), result="not_assessed", reason=UNREAD),
    Case(name="a customer", rule_id=CONTACT, org=customer(), result="not_applicable", reason=PARTNERS_ONLY),
]

SLOW = "Security alerts are not answered within 24 hours on average, by Microsoft's score: {}."
ALERTS = [
    Case(name="answered", rule_id=ALERT, org=held(), result="pass", counts=(1, 0, 0)),
    Case(
        name="not answered",
        rule_id=ALERT,
        org=held(admins(), contact(), alerts(**OPEN, averageResponseTimeInHours=None)),
        result="fail",
        counts=(1, 1, 0),
        findings=[SLOW.format("open")],
    ),
    Case(
        name="after more than a day",
        rule_id=ALERT,
        org=held(admins(), contact(), alerts(averageResponseTimeInHours=24.5)),
        result="fail",
        counts=(1, 1, 0),
        findings=[SLOW.format("slow")],
    ),
    Case(
        name="after a day exactly",
        rule_id=ALERT,
        org=held(admins(), contact(), alerts(averageResponseTimeInHours=24)),
        result="pass",
        counts=(1, 0, 0),
    ),
    Case(
        name="an indirect reseller does not owe it",
        rule_id=ALERT,
        org=held(admins(), contact(), program="indirect-reseller"),
        result="pass",
        counts=(1, 0, 0),
    ),
    Case(name="unread", rule_id=ALERT, org=refused(REQUIREMENTS), result="not_assessed", reason=UNREAD),
    Case(name="a customer", rule_id=ALERT, org=customer(), result="not_applicable", reason=PARTNERS_ONLY),
]

# The scan is of 2026-11-23: 60 days later is 2027-01-22, so January is near and February is not.
NEAR, FAR, NOW = date(2019, 1, 15), date(2019, 2, 1), date(2021, 11, 30)
UNMET = requirement("securityContactProvided", **OPEN)


def validation(day: str) -> str:
    return f"Microsoft's yearly validation begins on {day}, and this is open: a security contact."


ANNIVERSARIES = [
    Case(name="all is met", rule_id=ANNIV, org=held(onboarded=NEAR), result="pass", counts=(1, 0, 0)),
    Case(
        name="something is open and it is far",
        rule_id=ANNIV,
        org=held(admins(), UNMET, alerts(), onboarded=FAR),
        result="pass",
        counts=(1, 0, 0),
    ),
    Case(
        name="something is open and it is near",
        rule_id=ANNIV,
        org=held(admins(), UNMET, alerts(), onboarded=NEAR),
        result="fail",
        counts=(1, 1, 0),
        findings=[validation("2027-01-01")],
    ),
    Case(
        name="something is open in the month itself",
        rule_id=ANNIV,
        org=held(admins(), UNMET, alerts(), onboarded=NOW),
        result="fail",
        counts=(1, 1, 0),
        findings=[validation("2026-11-01")],
    ),
    Case(
        name="the month in which it joined is no anniversary",
        rule_id=ANNIV,
        org=held(admins(), UNMET, alerts(), onboarded=date(2026, 11, 2)),
        result="pass",
        counts=(1, 0, 0),
    ),
    Case(
        name="near, and Microsoft does not say",
        rule_id=ANNIV,
        org=held(admins(), alerts(), onboarded=NEAR),
        result="not_assessed",
        counts=(1, 0, 1),
        reason=NO_DATE,
    ),
    Case(name="no date is given", rule_id=ANNIV, org=held(), result="not_assessed", counts=(1, 0, 1), reason=NO_DATE),
    Case(
        name="unread",
        rule_id=ANNIV,
        org=refused(REQUIREMENTS, of=held(users=people("u1"), onboarded=NEAR)),
        result="not_assessed",
        reason=UNREAD,
    ),
    Case(name="a customer", rule_id=ANNIV, org=customer(), result="not_applicable", reason=PARTNERS_ONLY),
]

CASES = [*ADMINISTRATORS, *CONTACTS, *ALERTS, *ANNIVERSARIES]
