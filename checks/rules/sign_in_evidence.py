"""Rules about what sign-ins show."""

from datetime import date

from checks.rule import Pack, Rule, Severity, Source, in_set, is_false
from checks.rules.kinds import CUSTOMER, PARTNER

LEGACY = Rule(
    id="SIGNIN.LEGACY.1v2",
    title="Nobody signs in with a legacy client",
    description=(
        "Legacy clients (IMAP, POP, authenticated SMTP, Exchange ActiveSync, ...) send a password and cannot be asked "
        "for MFA; ROPC has a rule of its own. Judged are all accounts seen in the window of the sign-in logs. Only "
        "successes (error code 0) break the rule: an attempt that failed was stopped. A success with a client whose "
        "name we do not know, or without one, is unknown."
    ),
    severity=Severity.HIGH,
    weight=3,
    owed_by=PARTNER,
    recommended_to=CUSTOMER,
    evidence="legacy_sign_in",
    expect=in_set("legacy_success", "none"),
    needs=("sign_ins",),
    source=Source(
        document="Microsoft Entra documentation, Block legacy authentication with Conditional Access",
        url="https://learn.microsoft.com/entra/identity/conditional-access/howto-conditional-access-policy-block-legacy",
        clause=(
            "Legacy protocols do not support MFA: a policy that demands MFA is passed by unless they are blocked. "
            "The partner security requirements accept no exception for them."
        ),
        read_on=date(2026, 11, 23),
    ),
    # How often and when last changes every night, while nothing happens: `evidence.legacy_sign_in` tells.
    reason="{resource_name} got in with {legacy_clients}.",
    unknown="{count} of {in_scope} accounts: signed in with a client that is not known to be modern or legacy",
    remediation=(
        "Find the client: Microsoft Entra admin center > Entra ID > Monitoring & health > Sign-in logs > Client app. "
        "Move it to modern authentication, then block the rest: Microsoft Entra admin center > Entra ID > "
        "Conditional Access > Policies > New policy from template > Block legacy authentication; security defaults "
        "block it, too."
    ),
)

ROPC = Rule(
    id="SIGNIN.ROPC.1v1",
    title="No program signs in with somebody's password (ROPC)",
    description=(
        "With resource owner password credentials (ROPC) a program hands in a password by itself. MFA cannot be asked "
        "for there: once it is demanded the program stops working. Judged are all accounts that signed in with success "
        "in the window of the sign-in logs; the account that synchronizes the directory is left out."
    ),
    severity=Severity.HIGH,
    weight=2,
    owed_by=PARTNER,
    recommended_to=CUSTOMER,
    evidence="sign_in_flow",
    expect=is_false("used_ropc"),
    needs=("users", "role_assignments", "sign_ins"),
    source=Source(
        document="Microsoft identity platform, OAuth 2.0 resource owner password credentials",
        url="https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth-ropc",
        clause="The flow is incompatible with MFA, and Microsoft recommends not to use it.",
        read_on=date(2026, 11, 23),
    ),
    reason="The password of {resource_name} was handed in by: {ropc_apps}.",
    unknown="{count} of {in_scope} accounts: how they signed in is not known",
    remediation=(
        "Find the program: Microsoft Entra admin center > Entra ID > Monitoring & health > Sign-in logs > "
        "Authentication protocol: ROPC. Give it an identity of its own (App registrations > (the app) > Certificates & "
        "secrets, or a managed identity); one that calls Partner Center moves to the Secure Application Model. Then "
        "turn the flow off: App registrations > (the app) > Authentication > Allow public client flows > No."
    ),
)

DEVICE_CODE = Rule(
    id="SIGNIN.DEVICE.1v1",
    title="No administrator signs in with a device code",
    description=(
        "Whoever approves a code gives the session to the device that shows it, wherever that is: MFA done for it "
        "protects the attacker's session. Judged are administrators and agents who signed in with success in the "
        "window of the sign-in logs."
    ),
    severity=Severity.MEDIUM,
    weight=1,
    recommended_to=PARTNER | CUSTOMER,
    evidence="administrator_sign_in_flow",
    expect=is_false("used_device_code"),
    needs=("users", "role_assignments", "sign_ins"),
    source=Source(
        document="Microsoft Entra documentation, Conditional Access: authentication flows",
        url="https://learn.microsoft.com/en-us/entra/identity/conditional-access/concept-authentication-flows",
        clause="Device code flow is of high risk and may be part of phishing; block it wherever possible.",
        read_on=date(2026, 11, 23),
    ),
    reason="{resource_name} is an administrator and signed in with a device code for: {device_code_apps}.",
    unknown="{count} of {in_scope} accounts: whether they are administrators is not known",
    remediation=(
        "Microsoft Entra admin center > Entra ID > Conditional Access > Policies > New policy: Users: All users; "
        "Target "
        "resources: All resources; Conditions > Authentication flows: Device code flow; Grant: Block access (Graph: "
        "POST /identity/conditionalAccess/policies). If nobody knows the sign-in: revoke the sessions (Graph: POST "
        "/users/{id}/revokeSignInSessions)."
    ),
)

CONTRADICTED = Rule(
    id="SIGNIN.SINGLE.1v1",
    title="Nobody gets in with one factor where policies leave no way open",
    description=(
        "In scope are accounts of whose every sign-in MFA is demanded, by Conditional Access too, and that were seen "
        "signing in. One that got by with one factor contradicts that: the policy may be newer than the sign-in, or "
        "something asks less than it seems to. It is a case to look at, not a breach by itself."
    ),
    severity=Severity.MEDIUM,
    weight=1,
    recommended_to=PARTNER | CUSTOMER,
    evidence="contradicted_policy",
    expect=is_false("is_contradicted"),
    needs=("users", "sign_ins", "conditional_access_policies"),
    source=Source(
        document="Microsoft Entra documentation, sign-in log activity details",
        url="https://learn.microsoft.com/en-us/entra/identity/monitoring-health/concept-sign-in-log-activity-details",
        clause="The authentication requirement of a sign-in says whether one factor was enough for it.",
        read_on=date(2026, 11, 23),
    ),
    reason="{resource_name} got in with one factor, though policies demand MFA of its every sign-in.",
    unknown="{count} of {in_scope} accounts: what their sign-ins show is not known",
    remediation=(
        "Open the sign-in: Microsoft Entra admin center > Entra ID > Monitoring & health > Sign-in logs > "
        "Authentication "
        "requirement: Single-factor authentication > (the sign-in) > Conditional Access, and see which policy did not "
        "apply and why; try it again with Entra ID > Conditional Access > What If (Graph: POST "
        "/identity/conditionalAccess/evaluate)."
    ),
)

EMERGENCY_USED = Rule(
    id="SIGNIN.GLASS.1v1",
    title="No emergency account was used",
    description=(
        "In scope are emergency (break-glass) accounts that can sign in: those that rollcall.toml declares, and those "
        "whose employeeType or name says so. Each use is to be known and explained; so is one for a test."
    ),
    severity=Severity.MEDIUM,
    weight=1,
    recommended_to=PARTNER | CUSTOMER,
    evidence="break_glass_sign_in",
    expect=is_false("was_used"),
    needs=("users", "sign_ins"),
    source=Source(
        document="Microsoft Entra documentation, manage emergency access accounts",
        url="https://learn.microsoft.com/en-us/entra/identity/role-based-access-control/security-emergency-access",
        clause="Monitor sign-ins of emergency accounts and raise an alert for each.",
        read_on=date(2026, 11, 23),
    ),
    reason="{resource_name}, an emergency account (by {class_source}), signed in to: {apps}.",
    unknown="{count} of {in_scope} accounts: whether they signed in is not known",
    remediation=(
        "Ask who used it and why: Microsoft Entra admin center > Entra ID > Monitoring & health > Sign-in logs > User. "
        "After each use change its credentials, and alert on the next: Azure Monitor > Alerts > Create alert rule over "
        "SigninLogs. One that is no emergency account: declare its class in rollcall.toml."
    ),
)

SIGN_IN_EVIDENCE = Pack(
    name="sign_in_evidence",
    title="Sign-in evidence",
    description="What the sign-in logs show to have happened, whatever the policies say.",
    rules=(LEGACY, ROPC, DEVICE_CODE, CONTRADICTED, EMERGENCY_USED),
)
