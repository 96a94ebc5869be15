"""The partner's contract: every account in scope really has to do MFA."""

from datetime import date

from checks.rule import Pack, Rule, Severity, Source, any_of, is_true
from checks.rules.kinds import CUSTOMER, PARTNER

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
        url="https://learn.microsoft.com/en-us/partner-center/security/partner-security-requirements",
        clause=(
            "MFA is enforced for every user by one of the options: security defaults, Conditional Access, or a third "
            "party's MFA that Microsoft Entra ID recognizes."
        ),
        read_on=date(2026, 11, 23),
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
        "service accounts included. A customer owes none of it; there it is a recommendation."
    ),
    rules=(DEMANDED,),
)
