"""Customer posture: what a customer owes nobody, and is advised to do."""

from datetime import date

from checks.rule import Pack, Rule, Severity, Source, all_of, any_of, at_least, at_most, is_true
from checks.rules.kinds import CUSTOMER

_VERDICT = (
    "Covered is whose verdict is compliant: MFA is demanded of its every sign-in, and it has a method to answer with. "
    "A customer owes none of this to Microsoft; it is advice, and administrators count for the partner's security "
    "score."
)
_NEEDS = ("users", "role_assignments")
_SCORE = Source(
    document="Microsoft Partner Center, partner security score: MFA for the administrators of customers",
    url="https://learn.microsoft.com/en-us/partner-center/security-requirements",
    clause="Recommended to partners: have MFA enforced for all administrative users of their customers.",
    read_on=date(2026, 11, 23),
)
_DEMAND = (
    "Microsoft Entra admin center of the customer > Entra ID > Conditional Access > Policies > "
    "New policy from template > "
)
_OTHERWISE = (
    "Without Microsoft Entra ID P1: Entra ID > Overview > Properties > Manage security defaults > Enabled (Graph: "
    "PATCH "
    '/policies/identitySecurityDefaultsEnforcementPolicy with {"isEnabled": true}). `rollcall explain` tells of an '
    "account what is missing."
)

ADMINISTRATORS = Rule(
    id="CUST.ADMIN.1v1",
    title="Every administrator of the customer has to do MFA, and can",
    description=(
        "In scope are enabled accounts of the customer that hold a directory role or may activate one; emergency "
        f"accounts have a rule of their own. {_VERDICT}"
    ),
    severity=Severity.HIGH,
    weight=5,
    recommended_to=CUSTOMER,
    evidence="customer_administrator",
    expect=is_true("is_covered"),
    needs=_NEEDS,
    is_told_by_cause=True,
    source=_SCORE,
    reason="Administrators can sign in without MFA, or cannot do it: {cause_name}.",
    unknown="{count} of {in_scope} administrators: their verdict is indeterminate",
    remediation=f"{_DEMAND}Require multifactor authentication for admins. {_OTHERWISE}",
)

GUESTS = Rule(
    id="CUST.GUEST.1v1",
    title="Every guest of the customer has to do MFA, and can",
    description=(
        "In scope are enabled accounts that belong to somebody else, and are no administrators. MFA that a guest does "
        "at "
        f"home counts where the customer trusts it. {_VERDICT}"
    ),
    severity=Severity.MEDIUM,
    weight=2,
    recommended_to=CUSTOMER,
    evidence="customer_guest",
    expect=is_true("is_covered"),
    needs=("users",),
    is_told_by_cause=True,
    source=Source(
        document="Microsoft Entra documentation, authentication and Conditional Access for external users",
        url="https://learn.microsoft.com/en-us/entra/external-id/authentication-conditional-access",
        clause="Demand MFA of guests, here or, by inbound trust, at home.",
        read_on=date(2026, 11, 23),
    ),
    reason="Guests can sign in without MFA, or cannot do it: {cause_name}.",
    unknown="{count} of {in_scope} guests: their verdict is indeterminate",
    remediation=f"{_DEMAND}Require multifactor authentication for guest access. {_OTHERWISE}",
)

EMERGENCY = Rule(
    id="CUST.GLASS.1v1",
    title="Every emergency account of the customer has to do MFA, and can",
    description=(
        "In scope are emergency (break-glass) accounts that can sign in: those that rollcall.toml declares, and those "
        f"whose employeeType or name says so. A passkey or a certificate serves them best. {_VERDICT}"
    ),
    severity=Severity.HIGH,
    weight=2,
    recommended_to=CUSTOMER,
    evidence="customer_break_glass",
    expect=is_true("is_covered"),
    needs=("users",),
    is_told_by_cause=True,
    source=Source(
        document="Microsoft Entra documentation, manage emergency access accounts",
        url="https://learn.microsoft.com/en-us/entra/identity/role-based-access-control/security-emergency-access",
        clause="Emergency accounts use a passkey or a certificate; MFA is demanded of them at the admin portals, too.",
        read_on=date(2026, 11, 23),
    ),
    reason="Emergency accounts can sign in without MFA, or cannot do it: {cause_name}.",
    unknown="{count} of {in_scope} accounts: their verdict is indeterminate",
    remediation=(
        "Register two passkeys for the account at https://aka.ms/mysecurityinfo, then demand a strength of its own of "
        "it: "
        "Microsoft Entra admin center of the customer > Entra ID > Conditional Access > Policies > New policy: Users: "
        "(the account); Target resources: All resources; Grant: Require authentication strength: Phishing-resistant "
        "MFA "
        "(Graph: POST /identity/conditionalAccess/policies)."
    ),
)

LEGACY_BLOCKED = Rule(
    id="CUST.LEGACY.1v1",
    title="Security defaults or a policy keep legacy clients out of the customer",
    description=(
        "Passes if security defaults are on, or if an enabled Conditional Access policy names all users, all apps and "
        "legacy clients (Exchange ActiveSync and other clients, or all kinds), and blocks them or demands MFA, which "
        "they cannot do. Exclusions, locations, platforms and devices are not looked at: naming is not covering."
    ),
    severity=Severity.MEDIUM,
    weight=2,
    recommended_to=CUSTOMER,
    evidence="legacy_policy",
    expect=any_of(is_true("has_security_defaults"), is_true("has_policy_against_legacy")),
    needs=("security_defaults", "conditional_access_policies"),
    is_provable_alone=True,
    source=Source(
        document="Microsoft Entra documentation, Block legacy authentication with Conditional Access",
        url="https://learn.microsoft.com/entra/identity/conditional-access/howto-conditional-access-policy-block-legacy",
        clause="Legacy protocols do not support MFA: a policy that demands it is passed by unless they are blocked.",
        read_on=date(2026, 11, 23),
    ),
    reason="Security defaults are off, and no enabled policy blocks legacy clients for all users and all apps.",
    unknown="security defaults are not on, or unread, and a Conditional Access policy could not be read or understood",
    remediation=(
        f"{_DEMAND}Block legacy authentication (Graph: POST /identity/conditionalAccess/policies). {_OTHERWISE}"
    ),
)

GLOBAL_ADMINISTRATORS = Rule(
    id="CUST.GA.1v1",
    title="The customer has 2 to 4 Global Administrators",
    description=(
        "Counted are accounts that can sign in and hold the role in the whole tenant or may activate it, alone or "
        "through a group. One alone locks the customer out when it is lost; each one more is one more way in."
    ),
    severity=Severity.MEDIUM,
    weight=1,
    recommended_to=CUSTOMER,
    evidence="global_administrator",
    expect=all_of(at_least("account_count", 2), at_most("account_count", 4)),
    needs=_NEEDS,
    source=Source(
        document="Microsoft Entra documentation, best practices for Microsoft Entra roles",
        url="https://learn.microsoft.com/en-us/entra/identity/role-based-access-control/best-practices",
        clause="Assign Global Administrator to fewer than five people; keep two emergency accounts that have it.",
        read_on=date(2026, 11, 23),
    ),
    reason="Global Administrators of {resource_name}: {account_count}.",
    unknown="not everybody who holds or may activate a role is known",
    remediation=(
        "Microsoft Entra admin center of the customer > Entra ID > Roles & admins > Global Administrator > "
        "Assignments: "
        "remove who needs less, and give the role that the work needs (Graph: DELETE "
        "/roleManagement/directory/roleAssignments/{id}); if there is one only, add an emergency account."
    ),
)

TECHNICIANS = Rule(
    id="CUST.PARTNER.1v1",
    title="Everybody of the partner who may enter the customer has to do MFA at home, and can",
    description=(
        "In scope are accounts of the partner that GDAP lets in, or that are in a group of the partner which holds a "
        "role here; their verdict at home counts. A group of somebody whom we do not scan is unknown, and so is "
        "everybody where the partner's own relationships or groups are not read."
    ),
    severity=Severity.HIGH,
    weight=2,
    recommended_to=CUSTOMER,
    evidence="partner_technician",
    expect=is_true("is_covered"),
    needs=_NEEDS,
    source=Source(
        document="Microsoft Partner Center, mandating MFA for the partner tenant",
        url=("https://learn.microsoft.com/en-us/partner-center/security/partner-security-requirements-mandating-mfa"),
        clause="Who enters a customer with delegated rights must do MFA; the partner's tenant verifies it.",
        read_on=date(2026, 11, 23),
    ),
    reason="{resource_name} of the partner may enter, and its verdict at home is: {contract_verdict}.",
    unknown="{count} of {in_scope}: a verdict is indeterminate, or who may enter is not known",
    remediation=(
        "See to the account in the partner's tenant: `rollcall explain` tells what is missing. Until then take it out "
        "of "
        "the groups with access: Partner Center > Customers > (the customer) > Admin relationships > (the "
        "relationship) "
        "> (the security group) (Graph: DELETE /groups/{id}/members/{id}/$ref)."
    ),
)

CUSTOMER_POSTURE = Pack(
    name="customer_posture",
    title="Customer posture",
    description=(
        "What keeps a customer safe, and the partner with it. No customer owes any of it under the partner's contract: "
        "these are recommendations."
    ),
    rules=(ADMINISTRATORS, GUESTS, EMERGENCY, LEGACY_BLOCKED, GLOBAL_ADMINISTRATORS, TECHNICIANS),
)
