"""Registration and methods: who has registered what for MFA."""

from datetime import date

from checks.rule import Pack, Rule, Severity, Source, in_set
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

REGISTRATION = Pack(
    name="registration",
    title="Registration and methods",
    description="Whether people have registered what they need to answer a demand for MFA, and how strong it is.",
    rules=(REGISTERED,),
)
