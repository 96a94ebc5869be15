"""Rules about MFA itself: who has registered it, and what demands it."""

from datetime import date

from checks.rule import Rule, Severity, Source, any_of, in_set, is_true
from collectors.declare import Kind

PARTNER: frozenset[Kind] = frozenset({"partner"})
CUSTOMER: frozenset[Kind] = frozenset({"customer"})

REGISTERED = Rule(
    id="MFA.REG.1v1",
    title="Every account has registered a method for MFA that it may use",
    description=(
        "In scope are all accounts that can sign in: guests and service accounts too, whatever they use. Only "
        "accounts that hold a directory synchronization role are left out; a name does not make one. A method counts "
        "if Microsoft's report calls it good for MFA and the tenant's authentication methods policy allows it; a "
        "Temporary Access Pass alone does not last and does not count. No row in the report means unknown, never "
        "none. MFA that a federated identity provider does by itself does not show in the report."
    ),
    severity=Severity.HIGH,
    weight=5,
    owed_by=PARTNER,
    recommended_to=CUSTOMER,
    evidence="mfa_registration",
    expect=in_set("registration", "registered"),
    needs=("users", "authentication_methods", "role_assignments"),
    source=Source(
        document="Microsoft Partner Center, partner security requirements and their frequently asked questions",
        url="https://learn.microsoft.com/en-us/partner-center/security/partner-security-requirements-faq",
        clause=(
            "Each user of the partner tenant must authenticate with MFA, guests and service accounts included; no "
            "account can be excepted. The service account of Microsoft Entra Connect is not affected. Customers' "
            "users are recommended to, not obliged."
        ),
        read_on=date(2026, 11, 23),
    ),
    reason="{resource_name} can sign in; its registration for MFA is: {registration}.",
    unknown="{count} of {in_scope} accounts: no row in the registration report, or not enough known to tell",
    remediation=(
        "Have the person register at https://aka.ms/mfasetup, or give a first Temporary Access Pass: Microsoft Entra "
        "admin center > Entra ID > Users > All users > (the account) > Authentication methods > Add authentication "
        "method (Graph: POST /users/{id}/authentication/temporaryAccessPassMethods). Registered but not allowed: "
        "Microsoft Entra admin center > Entra ID > Authentication methods > Policies, and allow a method that the "
        "account has. A service account: replace it by an application (Secure Application Model), or block its "
        'sign-in: PATCH /users/{id} with {"accountEnabled": false}.'
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

MFA_RULES = (REGISTERED, DEMANDED)
