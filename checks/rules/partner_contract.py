"""The partner's contract: every account in scope really has to do MFA."""

from __future__ import annotations

from datetime import date

from checks.rule import Pack, Rule, Severity, Source, any_of, is_true
from checks.rules.kinds import CUSTOMER, PARTNER

_FAQ = "https://learn.microsoft.com/en-us/partner-center/security/partner-security-requirements-faq"
_REQUIREMENTS = "https://learn.microsoft.com/en-us/partner-center/security/partner-security-requirements"
_READ_ON = date(2026, 11, 23)
_POLICY = (
    "Microsoft Entra admin center > Entra ID > Conditional Access > Policies > (the policies that the finding names): "
    "take out what leaves these accounts or sign-ins open, or add a policy for them with Target resources: All "
    "resources and Grant: Require multifactor authentication (Graph: PATCH /identity/conditionalAccess/policies/{id}). "
)
_WHO = (
    "Judged is each account's own verdict, in the reading that rollcall.toml chose: compliant holds; at risk and "
    "non-compliant fail; indeterminate is unknown. Each account of the contract is judged by one of the rules "
    "CONTRACT.ADMIN, CONTRACT.GLASS, CONTRACT.GUEST, CONTRACT.SERVICE and CONTRACT.MEMBER. One finding stands for all "
    "accounts that one cause "
    "leaves open."
)
_UNKNOWN = "{count} of {in_scope} accounts: nobody can tell whether every sign-in is asked for MFA"


def _coverage(
    id_: str,
    evidence: str,
    *,
    title: str,
    description: str,
    severity: Severity,
    weight: int,
    source: Source,
    who: str,
    remediation: str,
) -> Rule:
    """Return the rule that the accounts of one population are covered."""
    return Rule(
        id=id_,
        title=title,
        description=f"{description} {_WHO}",
        severity=severity,
        weight=weight,
        owed_by=PARTNER,
        evidence=evidence,
        expect=is_true("is_covered"),
        needs=("users",),
        is_told_by_cause=True,
        source=source,
        reason=f"{who} can sign in without MFA: {{cause_name}}.",
        unknown=_UNKNOWN,
        remediation=remediation,
    )


ADMINISTRATORS = _coverage(
    "CONTRACT.ADMIN.1v1",
    "administrator_coverage",
    title="Every administrator and agent has to do MFA at every sign-in",
    description=(
        "Administrators hold or may activate a directory role, in the whole tenant or a part of it; agents are in "
        "AdminAgents, HelpdeskAgents or SalesAgents. Who may be one, because roles or groups could not be read, is "
        "unknown here unless covered."
    ),
    severity=Severity.HIGH,
    weight=10,
    source=Source(
        document="Microsoft Partner Center, security requirements for Partner Center",
        url="https://learn.microsoft.com/en-us/partner-center/security/security-requirements",
        clause=(
            "MFA for all administrative users of the CSP tenant is mandatory, and is validated every year; the partner "
            "agreement demands it of every user."
        ),
        read_on=_READ_ON,
    ),
    who="Administrators or agents",
    remediation=(
        f"{_POLICY}Where MFA is asked for and none is registered: Microsoft Entra admin center > Entra ID > Users > "
        "(the user) > Authentication methods > Require re-register multifactor authentication."
    ),
)

EMERGENCY = _coverage(
    "CONTRACT.GLASS.1v1",
    "break_glass_coverage",
    title="Every emergency access account has to do MFA",
    description=(
        "Emergency (break-glass) accounts are those that rollcall.toml declares, or whose employee type or name says "
        "so. They may be left out of a policy that could lock everybody out, but not of MFA."
    ),
    severity=Severity.HIGH,
    weight=5,
    source=Source(
        document="Microsoft Partner Center, partner security requirements: frequently asked questions",
        url=_FAQ,
        clause=(
            "No exclusion is granted. An emergency access account, too, must authenticate with MFA, for instance "
            "with a provider or a key of its own."
        ),
        read_on=_READ_ON,
    ),
    who="Emergency access accounts",
    remediation=(
        "Register a passkey (FIDO2) or a certificate: Microsoft Entra admin center > Entra ID > Users > (the account) "
        "> Authentication methods > Add authentication method. Then give the account a policy of its own: Conditional "
        "Access > Policies > New policy: Users: the account; Target resources: All resources; Grant: Require "
        "authentication strength: Phishing-resistant MFA (Graph: POST /identity/conditionalAccess/policies)."
    ),
)

GUESTS = _coverage(
    "CONTRACT.GUEST.1v1",
    "guest_coverage",
    title="Every guest has to do MFA at every sign-in",
    description="Guests have the type Guest or an identity that belongs to somebody else.",
    severity=Severity.MEDIUM,
    weight=4,
    source=Source(
        document="Microsoft Partner Center, mandating MFA for your partner tenant",
        url="https://learn.microsoft.com/en-us/partner-center/security/partner-security-requirements-mandating-mfa",
        clause="MFA is enforced for all user accounts of the partner tenant, guest users included.",
        read_on=_READ_ON,
    ),
    who="Guests",
    remediation=(
        f"{_POLICY}Guests left out on purpose: Users > Exclude > Guest or external users. Guests that nobody needs: "
        "Entra ID > External Identities > Access reviews, or Users > (the guest) > Delete (Graph: DELETE /users/{id})."
    ),
)

SERVICES = _coverage(
    "CONTRACT.SERVICE.1v1",
    "service_coverage",
    title="Every service account, room and shared mailbox that can sign in has to do MFA",
    description=(
        "These are user accounts that no person uses as their own: by what rollcall.toml declares, by employee type, "
        "by licence, or by name. The contract knows no exception for them."
    ),
    severity=Severity.MEDIUM,
    weight=4,
    source=Source(
        document="Microsoft Partner Center, partner security requirements: frequently asked questions",
        url=_FAQ,
        clause="Every user of the partner tenant must authenticate with MFA, service accounts included; no exception.",
        read_on=_READ_ON,
    ),
    who="Service accounts, rooms or shared mailboxes",
    remediation=(
        "A service: let the application sign in as itself (Microsoft Entra admin center > Entra ID > App registrations "
        "> (the application) > Certificates & secrets) or by the Secure Application Model, then block the account: "
        "Users > (the account) > Edit properties > Account enabled: off (Graph: PATCH /users/{id} with "
        '{"accountEnabled": false}). A shared mailbox needs no sign-in: block it likewise. A room: see the verdict.'
    ),
)

MEMBERS = _coverage(
    "CONTRACT.MEMBER.1v1",
    "member_coverage",
    title="Every other account has to do MFA at every sign-in",
    description=(
        "Everybody else who can sign in: licensed or not, whether or not they ever use Partner Center or have signed "
        "in at all. Microsoft's technical enforcement does not reach most of them; the contract does."
    ),
    severity=Severity.MEDIUM,
    weight=6,
    source=Source(
        document="Microsoft Partner Center, partner security requirements",
        url=_REQUIREMENTS,
        clause=(
            "MFA is enforced for every user of the partner tenant whenever they sign in to Microsoft's commercial "
            "cloud services."
        ),
        read_on=_READ_ON,
    ),
    who="Accounts",
    remediation=(
        f"{_POLICY}Without Microsoft Entra ID P1: Entra ID > Overview > Properties > Manage security defaults > "
        'Enabled (Graph: PATCH /policies/identitySecurityDefaultsEnforcementPolicy with {"isEnabled": true}).'
    ),
)

DEMANDED = Rule(
    id="MFA.POL.1v1",
    title="Security defaults are on, or a policy names MFA for all users and all apps (naming is not covering)",
    description=(
        "Passes if security defaults are on, or if at least one enabled Conditional Access policy includes All users "
        "and All resources and has the grant control mfa or an authentication strength that demands MFA. Report-only "
        "policies do not count, nor do policies limited to a risk level, to a device code or transfer flow or to "
        "workload identities, nor strengths that a single factor satisfies. Exclusions, locations, platforms, client "
        "types and alternatives to MFA are not looked at here: naming is not covering. Whether an account can still "
        "sign in without MFA is answered by its verdict."
    ),
    severity=Severity.HIGH,
    weight=5,
    owed_by=PARTNER,
    recommended_to=CUSTOMER,
    evidence="mfa_policy",
    expect=any_of(is_true("has_security_defaults"), is_true("has_policy_naming_mfa")),
    needs=("security_defaults", "conditional_access_policies"),
    is_provable_alone=True,
    source=Source(
        document="Microsoft Partner Center, partner security requirements",
        url=_REQUIREMENTS,
        clause=(
            "MFA is enforced for every user by one of the options: security defaults, Conditional Access, or a third "
            "party's MFA that Microsoft Entra ID recognizes."
        ),
        read_on=_READ_ON,
    ),
    reason=(
        "Security defaults are off, and none of the enabled Conditional Access policies ({enabled_policies}) names "
        "MFA for all users and all apps."
    ),
    unknown="security defaults are not on, or unread, and a Conditional Access policy could not be read or understood",
    remediation=(
        "With Microsoft Entra ID P1: Microsoft Entra admin center > Entra ID > Conditional Access > Policies > New "
        "policy: Users: All users; Target resources: All resources; Grant: Require multifactor authentication; "
        "Enable policy: On (Graph: POST /identity/conditionalAccess/policies). Without: Microsoft Entra admin center "
        "> Entra ID > Overview > Properties > Manage security defaults > Enabled (Graph: PATCH "
        '/policies/identitySecurityDefaultsEnforcementPolicy with {"isEnabled": true}).'
    ),
)

PARTNER_CONTRACT = Pack(
    name="partner_contract",
    title="Partner contract",
    description=(
        "What the Microsoft Partner Agreement asks of the partner tenant: MFA for every enabled account, guests and "
        "service accounts included. A customer owes none of it."
    ),
    rules=(ADMINISTRATORS, EMERGENCY, GUESTS, SERVICES, MEMBERS, DEMANDED),
)
