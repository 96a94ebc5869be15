"""Rules about what sign-ins show."""

from datetime import date

from checks.rule import Pack, Rule, Severity, Source, in_set
from checks.rules.kinds import CUSTOMER, PARTNER

LEGACY = Rule(
    id="SIGNIN.LEGACY.1v1",
    title="Nobody signs in with a legacy client or with ROPC",
    description=(
        "Legacy clients (IMAP, POP, authenticated SMTP, Exchange ActiveSync, ...) and the resource owner password "
        "credentials flow (ROPC) send a password and cannot be asked for MFA. Judged are all accounts seen in the "
        "window of the sign-in logs. Only successes (error code 0) break the rule: an attempt that failed was "
        "stopped. A success with a client whose name we do not know, or without one, is unknown."
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
        "block it, too. ROPC: change the application to an interactive flow or to an identity of its own."
    ),
)

SIGN_IN_EVIDENCE = Pack(
    name="sign_in_evidence",
    title="Sign-in evidence",
    description="What the sign-in logs show to have happened, whatever the policies say.",
    rules=(LEGACY,),
)
