"""Registration and methods: who has registered what for MFA."""

from datetime import date

from checks.rule import Pack, Rule, Severity, Source, in_set, is_false, is_true
from checks.rules.kinds import CUSTOMER, PARTNER

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

ADMINISTRATORS = (
    "In scope are enabled accounts that hold a directory role, may activate one, or are agents in Partner Center; "
    "reading the directory and synchronizing it make no administrator. What a federated identity provider or a "
    "guest's home does for MFA does not show in the report: there nobody can tell."
)

CAPABLE = Rule(
    id="MFA.ADMIN.1v1",
    title="Every administrator has registered a method for MFA that they may use",
    description=(
        f"{ADMINISTRATORS} Capable is who has a method that the tenant allows; a Temporary Access Pass alone is none."
    ),
    severity=Severity.HIGH,
    weight=5,
    owed_by=PARTNER,
    recommended_to=CUSTOMER,
    evidence="administrator_method",
    expect=is_true("is_capable"),
    needs=("users", "authentication_methods", "role_assignments"),
    source=Source(
        document="Microsoft Partner Center, partner security score: MFA for administrative users",
        url="https://learn.microsoft.com/en-us/partner-center/security-requirements",
        clause=(
            "MFA for all administrative users of the partner tenant is a mandatory requirement; who is required to use "
            "it and has not registered does not count as using it."
        ),
        read_on=date(2026, 11, 23),
    ),
    reason="{resource_name} is an administrator; its registration for MFA is: {registered}.",
    unknown="{count} of {in_scope} administrators: no row in the report, MFA done elsewhere, or roles not known",
    remediation=(
        "Have the administrator register at https://aka.ms/mfasetup, or give a first Temporary Access Pass: Microsoft "
        "Entra admin center > Entra ID > Users > All users > (the account) > Authentication methods > Add "
        "authentication method (Graph: POST /users/{id}/authentication/temporaryAccessPassMethods). Until then take "
        "the role away: Entra ID > Roles & admins > (the role) > Assignments > Remove."
    ),
)

PHISHING = Rule(
    id="MFA.PHISH.1v1",
    title="Every administrator has a method that withstands phishing",
    description=(
        f"{ADMINISTRATORS} Passkeys (FIDO2), Windows Hello for Business, platform credentials and certificates "
        "withstand "
        "phishing; codes, calls and approvals do not. A certificate that is mapped to the account alone does not show "
        "in the report."
    ),
    severity=Severity.MEDIUM,
    weight=2,
    recommended_to=PARTNER | CUSTOMER,
    evidence="administrator_method",
    expect=is_true("has_phishing_resistant"),
    needs=("users", "authentication_methods", "role_assignments"),
    source=Source(
        document="Microsoft Entra documentation, require phishing-resistant MFA for administrators",
        url="https://learn.microsoft.com/en-us/entra/identity/conditional-access/policy-admin-phish-resistant-mfa",
        clause="Phishing-resistant MFA is recommended for privileged roles; they register such a method first.",
        read_on=date(2026, 11, 23),
    ),
    reason="{resource_name} is an administrator and has no method that withstands phishing.",
    unknown="{count} of {in_scope} administrators: no row in the report, a method of a new kind, or roles not known",
    remediation=(
        "Allow passkeys: Microsoft Entra admin center > Entra ID > Authentication methods > Policies > Passkey (FIDO2) "
        "> "
        "Enable (Graph: PATCH /policies/authenticationMethodsPolicy/authenticationMethodConfigurations/fido2 with "
        '{"state": "enabled"}). Have the administrator register one at https://aka.ms/mysecurityinfo, then demand it: '
        "Entra ID > Conditional Access > Policies > New policy from template > Require phishing-resistant multifactor "
        "authentication for admins."
    ),
)

PHONE_ONLY = Rule(
    id="MFA.PHONE.1v1",
    title="Nobody has calls and text messages as the only methods",
    description=(
        "In scope are all accounts that can sign in. The contract forbids no method: this is advice. Calls and text "
        "messages can be redirected, and security defaults accept none of them."
    ),
    severity=Severity.LOW,
    weight=1,
    recommended_to=PARTNER | CUSTOMER,
    evidence="account_method",
    expect=is_false("has_only_phone"),
    needs=("users", "authentication_methods", "role_assignments"),
    source=Source(
        document="Microsoft Entra documentation, authentication methods: strength and security",
        url="https://learn.microsoft.com/en-us/entra/identity/authentication/concept-authentication-methods",
        clause="Passkeys and the Authenticator app are recommended; text messages and calls are the weakest methods.",
        read_on=date(2026, 11, 23),
    ),
    reason="{resource_name} has no other method for MFA than calls and text messages.",
    unknown="{count} of {in_scope} accounts: no row in the registration report, or MFA done elsewhere",
    remediation=(
        "Have the person add the Authenticator app or a passkey at https://aka.ms/mysecurityinfo; ask everybody at the "
        "next sign-in: Microsoft Entra admin center > Entra ID > Authentication methods > Registration campaign > "
        "Enabled (Graph: PATCH /policies/authenticationMethodsPolicy, registrationEnforcement)."
    ),
)

PASS_LEFT = Rule(
    id="MFA.PASS.1v1",
    title="No Temporary Access Pass is left beside methods that last",
    description=(
        "In scope are all accounts that can sign in. A pass is for registering the first method or replacing a lost "
        "one. Once that is done it is one more way in, until it ends by itself. Who has nothing but a pass is a case "
        "of MFA.REG."
    ),
    severity=Severity.LOW,
    weight=1,
    recommended_to=PARTNER | CUSTOMER,
    evidence="account_method",
    expect=is_false("has_spare_pass"),
    needs=("users", "authentication_methods", "role_assignments"),
    source=Source(
        document="Microsoft Entra documentation, configure Temporary Access Pass",
        url="https://learn.microsoft.com/en-us/entra/identity/authentication/howto-authentication-temporary-access-pass",
        clause="A pass satisfies strong authentication while it lasts; it is meant for registering other methods.",
        read_on=date(2026, 11, 23),
    ),
    reason="{resource_name} has a Temporary Access Pass beside methods that last.",
    unknown="{count} of {in_scope} accounts: no row in the registration report",
    remediation=(
        "Microsoft Entra admin center > Entra ID > Users > All users > (the account) > Authentication methods > "
        "Temporary Access Pass > Delete (Graph: DELETE "
        "/users/{id}/authentication/temporaryAccessPassMethods/{id})."
    ),
)

REGISTRATION = Pack(
    name="registration",
    title="Registration and methods",
    description="Whether people have registered what they need to answer a demand for MFA, and how strong it is.",
    rules=(REGISTERED, CAPABLE, PHISHING, PHONE_ONLY, PASS_LEFT),
)
