"""What Microsoft validates every year of a partner that resells: the mandatory part of its security score."""

from __future__ import annotations

from datetime import date

from checks.rule import Pack, Requirement, Rule, Severity, Source, all_of, any_of, at_least, at_most, in_set, is_true
from checks.rules.kinds import PARTNER

_SOURCE = "https://learn.microsoft.com/en-us/partner-center/security/security-requirements"
_READ_ON = date(2026, 11, 23)
_NEEDS = ("partner_security_requirements",)
_UNCLEAR = ("unknown", "contradictory")
_SCORE = (
    "Microsoft's own answer is read from the partner security score. One that contradicts itself proves nothing: it is "
    "unknown here, and DATA.ANSWER tells of it."
)


def _answered(column: str, *values: str) -> Requirement:
    return in_set(column, *values, unknown=_UNCLEAR)


ADMINISTRATORS = Rule(
    id="CSP.ADMIN.1v1",
    title="All administrative users have MFA, by Microsoft's score and by our own count",
    description=(
        f"Both must say so: Microsoft's requirement mfaEnforcedForAdmins, and the verdicts of all administrators and "
        f"agents. Which roles Microsoft counts is not published, and it counts who uses MFA, not who has to. {_SCORE}"
    ),
    severity=Severity.HIGH,
    weight=8,
    owed_by=PARTNER,
    evidence="csp_authorization",
    expect=all_of(_answered("admins_by_microsoft", "met"), at_most("open_admins", 0)),
    needs=("users", *_NEEDS),
    source=Source(
        document="Microsoft Partner Center, security requirements for Partner Center",
        url=_SOURCE,
        clause=(
            "From 1 October 2025 the authorization as a CSP partner takes MFA for all administrative users of the CSP "
            "tenant."
        ),
        read_on=_READ_ON,
    ),
    reason=(
        "Not all administrative users have MFA. Microsoft's score: {admins_by_microsoft}, {mfa_enabled_admins} of "
        "{total_admins}. By our count {open_admins} of {admins} administrators and agents can sign in without it."
    ),
    unknown="Microsoft's score does not say so, or of some administrators nobody can tell whether they have to do MFA",
    remediation=(
        "Who they are: Partner Center > Security > Security posture > Enable MFA for admin roles, and the findings of "
        "CONTRACT.ADMIN. Microsoft Entra admin center > Entra ID > Conditional Access > Policies > New policy from "
        "template "
        "> Require multifactor authentication for admins (Graph: POST /identity/conditionalAccess/policies)."
    ),
)

CONTACT = Rule(
    id="CSP.CONTACT.1v1",
    title="A security contact is provided",
    description=f"Microsoft's requirement securityContactProvided is met. {_SCORE}",
    severity=Severity.MEDIUM,
    weight=3,
    owed_by=PARTNER,
    evidence="csp_authorization",
    expect=_answered("security_contact", "met"),
    needs=_NEEDS,
    source=Source(
        document="Microsoft Partner Center, security requirements for Partner Center",
        url=_SOURCE,
        clause="A partner names a security contact whom Microsoft can tell of incidents; it is mandatory.",
        read_on=_READ_ON,
    ),
    reason="Microsoft's score says that no security contact is provided.",
    unknown="Microsoft's score does not say whether a security contact is provided, or contradicts itself",
    remediation=(
        "Partner Center > Security > Security posture > Provide a security contact (or Account settings > Organization "
        "profile > Security contact): a mailbox that somebody reads every day, and a telephone number."
    ),
)

ALERTS = Rule(
    id="CSP.ALERT.1v1",
    title="Security alerts are answered within 24 hours on average",
    description=(
        "Microsoft's requirement securityAlertsPromptlyResolved is met, and the average time it gives is at most 24 "
        f"hours. Indirect resellers do not owe it. {_SCORE}"
    ),
    severity=Severity.MEDIUM,
    weight=3,
    owed_by=PARTNER,
    evidence="csp_authorization",
    expect=_answered("alert_response", "met", "not_required"),
    needs=_NEEDS,
    source=Source(
        document="Microsoft Partner Center, security requirements for Partner Center",
        url=_SOURCE,
        clause="Alerts about fraud and misuse in customers' Azure subscriptions are answered within 24 hours.",
        read_on=_READ_ON,
    ),
    reason="Security alerts are not answered within 24 hours on average, by Microsoft's score: {alert_response}.",
    unknown="Microsoft's score does not say how fast security alerts are answered, or contradicts itself",
    remediation=(
        "Partner Center > Security > Security alerts: look into each, and set its status to Resolved with a reason "
        "(Graph: PATCH /security/partner/securityAlerts/{id}). Let the alerts reach who is on duty: Partner Center > "
        "Notifications > Preferences."
    ),
)

ANNIVERSARY = Rule(
    id="CSP.ANNIV.1v1",
    title="Nothing mandatory is open sixty days before the month of the yearly validation",
    description=(
        "Microsoft validates the authorization once a year, in the month in which the partner joined the programme. "
        "From sixty days before that month to its end MFA of all administrators, the security contact and the answers "
        "to alerts must be in order. The day is `onboarded` of the partner in rollcall.toml, such as "
        "`onboarded = 2021-05-01`; nothing that can be read tells it."
    ),
    severity=Severity.HIGH,
    weight=4,
    owed_by=PARTNER,
    evidence="csp_authorization",
    expect=any_of(is_true("is_ready"), at_least("days_to_validation", 61)),
    needs=("users", *_NEEDS),
    source=Source(
        document="Microsoft Partner Center, security requirements for Partner Center",
        url=_SOURCE,
        clause="The mandatory requirements are validated every year, in the anniversary month of joining CSP.",
        read_on=_READ_ON,
    ),
    # No countdown in it: a text that changes every night would be a new finding every night. The evidence has the days.
    reason="Microsoft's yearly validation begins on {next_validation_on}, and this is open: {missing}.",
    unknown=(
        "when Microsoft validates the partner is not known (give the day it joined the programme in rollcall.toml, "
        "[[partner]], for instance onboarded = 2021-05-01), or what it will find is not"
    ),
    remediation=(
        "Close the findings of CSP.ADMIN, CSP.CONTACT and CSP.ALERT before that day; Partner Center > Security > "
        "Security posture shows what Microsoft will see, a day late."
    ),
)

CSP_AUTHORIZATION = Pack(
    name="csp_authorization",
    title="CSP authorization",
    description="What Microsoft validates every year before a partner may go on selling: the mandatory requirements.",
    rules=(ADMINISTRATORS, CONTACT, ALERTS, ANNIVERSARY),
)
