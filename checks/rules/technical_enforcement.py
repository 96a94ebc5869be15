"""What Microsoft's own enforcement will refuse: people and integrations that come to Partner Center without MFA.

It reaches fewer accounts than the contract, and says nothing about the rest.
"""

from __future__ import annotations

from datetime import date

from checks.rule import Pack, Rule, Severity, Source, all_of, is_false, is_true
from checks.rules.kinds import PARTNER

_PAGES = "https://learn.microsoft.com/en-us/partner-center"
_MANDATING = f"{_PAGES}/security/partner-security-requirements-mandating-mfa"
_READ_ON = date(2026, 11, 23)
_SECURE_MODEL = (
    "Get a new refresh token for the application with a consent that a person gives interactively, with MFA (Secure "
    "Application Model), and never with a user name and password; where the API allows it let the application sign in "
    "as itself: Microsoft Entra admin center > Entra ID > App registrations > (the application) > Certificates & "
    "secrets. Try a call with the header ValidateMfa: true; the answer says isMfaCompliant."
)

CALLS = Rule(
    id="ENF.CALL.1v1",
    title="No application calls Partner Center for a user without MFA",
    description=(
        "Judged is each application and user in Partner Center's report of the calls of the last seven days, of which "
        "it gives the newest 10,000. Calls that an application makes for itself do not count. Only a user's token can "
        "read the report. One finding stands for all users of an application."
    ),
    severity=Severity.HIGH,
    weight=5,
    owed_by=PARTNER,
    evidence="partner_center_call",
    expect=is_true("proves_mfa"),
    needs=("partner_requests",),
    is_told_by_cause=True,
    source=Source(
        document="Microsoft Partner Center, Partner Center authentication",
        url=f"{_PAGES}/developer/partner-center-authentication",
        clause=(
            "A call for a user whose token does not prove MFA is refused with 401 and error 900421; enforcement began "
            "in 2026 and grows step by step."
        ),
        read_on=_READ_ON,
    ),
    reason="{cause_name} calls Partner Center for users with tokens that prove no MFA: such calls are refused.",
    unknown="{count} of {in_scope} integrations: the report does not say whether their tokens proved MFA",
    remediation=_SECURE_MODEL,
)

ADOPTION = Rule(
    id="ENF.APP.1v1",
    title="Every application proves MFA in all its calls for users",
    description=(
        "Judged is each application in Partner Center's sums of calls by day, of the last seven days. The sums are "
        "complete where the report of single calls ends at 10,000. Only a user's token can read them."
    ),
    severity=Severity.HIGH,
    weight=3,
    owed_by=PARTNER,
    evidence="application_adoption",
    expect=is_true("proves_mfa"),
    needs=("application_mfa_adoption",),
    source=Source(
        document="Microsoft Partner Center, security requirements status report",
        url=f"{_PAGES}/security/partner-security-compliance",
        clause="Counted is the share of calls for users whose token carries the claim of MFA, by application.",
        read_on=_READ_ON,
    ),
    reason="{resource_name} made calls of Partner Center for users whose token proved no MFA.",
    unknown="{count} of {in_scope} applications: Partner Center gives no number of calls, or of those with MFA",
    remediation=_SECURE_MODEL,
)

PORTAL = Rule(
    id="ENF.PORTAL.1v1",
    title="Nobody comes to the Partner Center portal without MFA",
    description=(
        "Judged is everybody to whom a role or an agent group opens Partner Center, and who was seen there. Partner "
        "Center names those who came without MFA in the last seven days. Only a user's token can read that report."
    ),
    severity=Severity.HIGH,
    weight=4,
    owed_by=PARTNER,
    evidence="portal_account",
    expect=is_false("came_without_mfa"),
    needs=("users", "non_mfa_compliant_principals"),
    source=Source(
        document="Microsoft Partner Center, mandating MFA for your partner tenant",
        url=_MANDATING,
        clause="Every page of Partner Center demands MFA since 8 September 2025; who comes without is sent to do it.",
        read_on=_READ_ON,
    ),
    reason="{resource_name} came to the Partner Center portal without MFA, as Partner Center reports it.",
    unknown="{count} of {in_scope} accounts: not known",
    remediation=(
        "See why nothing asked: rollcall explain (the account). A third party's MFA must reach Microsoft Entra as a "
        "claim: Entra ID > External Identities, or the identity provider's own settings (multipleauthn); a custom "
        "control is none. Else: Conditional Access > Policies > New policy: Users: the account; Target resources: All "
        "resources; Grant: Require multifactor authentication (Graph: POST /identity/conditionalAccess/policies)."
    ),
)

PROMPTS = Rule(
    id="ENF.PROMPT.1v1",
    title="Whom Microsoft's enforcement asks for MFA can answer, and is asked by the tenant, too",
    description=(
        "Judged is each account of which the partner's sign-in logs name enforcedForCspAdmins among what asked for "
        "MFA: Microsoft's enforcement for partners, no setting of the tenant. It must have got in once, and something "
        "of the tenant must ask it, too: by its verdict at every sign-in, or in one of these. Else the tenant relies "
        "on Microsoft, which asks in few places. The word has no published definition; that it means this follows from "
        "its name. One finding stands for all who did not get in, one for all whom nothing of the tenant asks."
    ),
    severity=Severity.MEDIUM,
    weight=3,
    owed_by=PARTNER,
    evidence="enforced_sign_in",
    expect=all_of(is_true("got_in"), is_true("is_asked_by_tenant")),
    needs=("users", "sign_ins"),
    is_told_by_cause=True,
    source=Source(
        document="Microsoft Partner Center, mandating MFA for your partner tenant",
        url=_MANDATING,
        clause=(
            "Microsoft demands MFA itself when a partner's user signs in to a customer's tenant with delegated rights; "
            "the contract demands that the partner's own settings do, everywhere."
        ),
        read_on=_READ_ON,
    ),
    reason="Microsoft's own enforcement asks accounts for MFA: {cause_name}.",
    unknown="{count} of {in_scope} accounts: the logs do not say how the sign-ins ended",
    remediation=(
        "Who could not answer registers: https://aka.ms/mfasetup, or Microsoft Entra admin center > Entra ID > Users > "
        "(the user) > Authentication methods. Let the tenant ask: Conditional Access > Policies > New policy: Users: "
        "All users; Target resources: All resources; Grant: Require multifactor authentication (Graph: POST "
        "/identity/conditionalAccess/policies), or security defaults."
    ),
)

READY = Rule(
    id="ENF.READY.1v1",
    title="Everybody who uses Partner Center, its API or customers' tenants has a method of MFA registered",
    description=(
        "Judged is each account whose exposure says so for certain: pc_portal, pc_api_app_user or "
        "customer_delegated_admin. Without a method that the tenant allows the next prompt of Microsoft's enforcement "
        "ends in a registration, and an integration's call in a refusal. A third party's or external method does not "
        "show in the report: it is unknown."
    ),
    severity=Severity.HIGH,
    weight=4,
    owed_by=PARTNER,
    evidence="exposed_account",
    expect=is_true("can_answer"),
    needs=("users",),
    source=Source(
        document="Microsoft Partner Center, mandating MFA for your partner tenant",
        url=_MANDATING,
        clause="Who is asked and has not registered must register first; a call without a person cannot.",
        read_on=_READ_ON,
    ),
    reason="{resource_name} uses {surfaces}, where Microsoft demands MFA; its registration is: {registered}.",
    unknown="{count} of {in_scope} accounts: what they have registered, or whether they use it, is not known",
    remediation=(
        "Registration: https://aka.ms/mfasetup, or Microsoft Entra admin center > Entra ID > Users > (the user) > "
        "Authentication methods > Add authentication method (Graph: POST /users/{id}/authentication/phoneMethods). A "
        "method that is not allowed: Entra ID > Authentication methods > Policies."
    ),
)

TECHNICAL_ENFORCEMENT = Pack(
    name="technical_enforcement",
    title="Readiness for technical enforcement",
    description=(
        "Who and what Microsoft's own enforcement will refuse. It reaches those who touch Partner Center, its API or a "
        "customer's tenant; it is shown beside the contract, which reaches everybody, and never in place of it."
    ),
    rules=(CALLS, ADOPTION, PORTAL, PROMPTS, READY),
)
