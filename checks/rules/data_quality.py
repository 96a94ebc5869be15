"""Whether what was read, what Microsoft answers and what was judged fit together. No account is judged by it."""

from __future__ import annotations

from datetime import date

from checks.rule import Pack, Rule, Severity, Source, all_of, any_of, at_most, is_false, is_true
from checks.rules.kinds import CUSTOMER, PARTNER

_EVERYBODY = PARTNER | CUSTOMER
_GRAPH = "https://learn.microsoft.com/en-us/graph/api"
_READ_ON = date(2026, 11, 23)
_OURS = Source(
    document="mfa-rollcall, verdicts and evidence",
    url="https://learn.microsoft.com/en-us/partner-center/security/partner-security-requirements",
    clause=(
        "The contract asks about every user, so every account gets one verdict, and what could not be read is never a "
        "pass."
    ),
    read_on=_READ_ON,
)
_SCORE = Source(
    document="Microsoft Graph documentation (beta), partner security score",
    url=f"{_GRAPH}/resources/partner-security-partnersecurityscore?view=graph-rest-beta",
    clause=(
        "Microsoft refreshes its counts about once a day. How it counts is not published, and examples of the "
        "documentation contradict themselves."
    ),
    read_on=_READ_ON,
)

VERDICTS = Rule(
    id="DATA.VERDICT.1v1",
    title="Every account has exactly one verdict, and no verdict is compliant without grounds",
    description=(
        "Each user object has one verdict, each verdict a user object. A compliant one names what asks for MFA, and "
        "hinges on nothing that could not be read. A failure is a fault of this program or of its file, not of the "
        "tenant."
    ),
    severity=Severity.HIGH,
    weight=2,
    recommended_to=_EVERYBODY,
    evidence="verdict_quality",
    expect=all_of(at_most("without_verdict", 0), at_most("verdicts_too_many", 0), at_most("groundless", 0)),
    needs=("users",),
    source=_OURS,
    reason=(
        "{without_verdict} accounts without a verdict, {verdicts_too_many} verdicts too many, {groundless} compliant "
        "without grounds, of {accounts} accounts."
    ),
    unknown="the verdicts could not be counted",
    remediation="Scan again: rollcall scan. If it stays, report it with what rollcall doctor says.",
)

INDETERMINATE = Rule(
    id="DATA.INDET.1v1",
    title="Of at most a tenth of the accounts nobody can tell whether they have to do MFA",
    description=(
        "The share of indeterminate verdicts, or postures of a customer's accounts, among those that are due. With "
        "more the counts of a scorecard say little about the tenant."
    ),
    severity=Severity.LOW,
    weight=2,
    recommended_to=_EVERYBODY,
    evidence="verdict_quality",
    expect=at_most("indeterminate_percentage", 10),
    needs=("users",),
    source=_OURS,
    reason="Of {indeterminate} of {assessed} accounts nobody can tell whether they have to do MFA.",
    unknown="the verdicts could not be counted",
    remediation=(
        "rollcall doctor names the permission or licence that is missing. Consent: Microsoft Entra admin center > "
        "Entra ID > Enterprise applications > (the application) > Permissions > Grant admin consent."
    ),
)

WORDS = Rule(
    id="DATA.WORD.1v1",
    title="Microsoft uses no word that is not known here",
    description=(
        "Microsoft adds words to its lists: states of policies, controls, client types, states of relationships, "
        "answers. What rests on one that is not known is judged as unknown, never as a pass. Judged is every column "
        "that takes words from a list, of what was read."
    ),
    severity=Severity.LOW,
    weight=1,
    recommended_to=_EVERYBODY,
    evidence="unknown_value",
    expect=is_true("is_known"),
    needs=("users", "conditional_access_policies"),
    source=Source(
        document="Microsoft Graph documentation, handling future members in evolvable enumerations",
        url="https://learn.microsoft.com/en-us/graph/best-practices-concept#handling-future-members-in-evolvable-enumerations",
        clause="Enumerations may get new members at any time; an application must not take one for another.",
        read_on=_READ_ON,
    ),
    reason="{resource_name} holds words that are not known here: {unknown_words}.",
    unknown="{count} of {in_scope} columns: not known",
    remediation=(
        "See what the word means in the reference of Microsoft Graph, and update mfa-rollcall. Until then what it "
        "stands in counts for nothing: look at such a policy yourself: Microsoft Entra admin center > Entra ID > "
        "Conditional Access > Policies."
    ),
)

WINDOW = Rule(
    id="DATA.WINDOW.1v1",
    title="Every sign-in lies before its own collection",
    description="A sign-in of later than the scan that read it is of a wrong clock, or of another time than it says.",
    severity=Severity.LOW,
    weight=1,
    recommended_to=_EVERYBODY,
    evidence="sign_in_window",
    expect=at_most("after_collection", 0),
    needs=("sign_ins",),
    source=Source(
        document="Microsoft Graph documentation (beta), List signIns",
        url=f"{_GRAPH}/signin-list?view=graph-rest-beta",
        clause="createdDateTime is when a sign-in began, in UTC; a scan asks for a window that ends with it.",
        read_on=_READ_ON,
    ),
    reason="Sign-ins of later than their own collection are kept.",
    unknown="the sign-ins could not be counted",
    remediation="Compare the clocks of the machines that scan (timedatectl), then scan again.",
)

REPORT = Rule(
    id="DATA.REPORT.1v1",
    title="The registration report has no more rows than accounts can sign in",
    description=(
        "The report leaves out disabled accounts and those that are gone. With more rows than enabled accounts the two "
        "were not read of the same state."
    ),
    severity=Severity.LOW,
    weight=1,
    recommended_to=_EVERYBODY,
    evidence="registration_report",
    expect=at_most("rows_too_many", 0),
    needs=("users", "authentication_methods"),
    source=Source(
        document="Microsoft Graph documentation, List userRegistrationDetails",
        url=f"{_GRAPH}/authenticationmethodsroot-list-userregistrationdetails",
        clause="The report does not work for disabled users; it lags by some hours.",
        read_on=_READ_ON,
    ),
    reason="The registration report has {report_rows} rows, and {enabled_accounts} accounts can sign in.",
    unknown="the rows could not be counted",
    remediation=(
        "Scan again tomorrow: the report lags. If it stays, compare: Microsoft Entra admin center > Entra ID > "
        "Authentication methods > User registration details (Graph: GET "
        "/reports/authenticationMethods/userRegistrationDetails)."
    ),
)

DEFAULTS = Rule(
    id="DATA.DEFAULTS.1v1",
    title="Security defaults are not on beside an enabled Conditional Access policy",
    description=(
        "Microsoft lets nobody switch on both. Where both are read as on, one of them is not in force, or they were "
        "read while somebody changed them."
    ),
    severity=Severity.MEDIUM,
    weight=1,
    recommended_to=_EVERYBODY,
    evidence="mfa_policy",
    expect=any_of(is_false("has_security_defaults"), at_most("enabled_policies", 0)),
    needs=("security_defaults", "conditional_access_policies"),
    source=Source(
        document="Microsoft Entra documentation, security defaults",
        url="https://learn.microsoft.com/en-us/entra/fundamentals/security-defaults",
        clause="Who uses Conditional Access must switch security defaults off first.",
        read_on=_READ_ON,
    ),
    reason="Security defaults and {enabled_policies} Conditional Access policies are on at once.",
    unknown="whether security defaults are on, or how many policies are, could not be read",
    remediation=(
        "Keep one: Microsoft Entra admin center > Entra ID > Overview > Properties > Manage security defaults (Graph: "
        "PATCH /policies/identitySecurityDefaultsEnforcementPolicy), or Conditional Access > Policies > (each) > Off."
    ),
)

TOTALS = Rule(
    id="DATA.TOTAL.1v1",
    title="Our totals are close to Microsoft's",
    description=(
        "Users, administrators and customers by the partner security score, of the partner and of each customer, "
        "beside our own counts. Close is within two, or within a twentieth of the larger: Microsoft counts up to a day "
        "late. `reconciliation` lists every number with the likely cause of the difference."
    ),
    severity=Severity.LOW,
    weight=2,
    recommended_to=PARTNER,
    evidence="microsoft_total",
    expect=is_true("is_close"),
    needs=("users", "partner_security_requirements", "partner_customer_insights"),
    source=_SCORE,
    reason="{resource_name}: Microsoft counts {microsoft}, we count {ours}. {likely_cause}",
    unknown="{count} of {in_scope} totals: what ours is counted from could not all be read or understood",
    remediation=(
        "Look at the same number in Partner Center > Security > Security posture, and at the rows of `reconciliation`. "
        "If ours is too small, see which accounts or customers the scan cannot read: rollcall doctor."
    ),
)

ANSWERS = Rule(
    id="DATA.ANSWER.1v1",
    title="No answer of Microsoft's security score contradicts itself",
    description=(
        "Judged is each requirement and what Microsoft counts of each customer: a status against its points and its "
        "counts, a part against its whole, and a policy that is on beside fewer than half of the users compliant. What "
        "contradicts itself is passed on nowhere: the rules that rest on it say unknown."
    ),
    severity=Severity.MEDIUM,
    weight=2,
    recommended_to=PARTNER,
    evidence="microsoft_answer",
    expect=is_true("is_consistent"),
    needs=("partner_security_requirements", "partner_customer_insights"),
    source=_SCORE,
    reason="Microsoft's answer about {resource_name} contradicts itself: {contradictions}.",
    unknown="{count} of {in_scope} answers: not known",
    remediation=(
        "Compare with Partner Center > Security > Security posture a day later. If it stays, ask Microsoft: Partner "
        "Center > Help + support > New request, with the request id of GET /security/partner/securityScore."
    ),
)

SUMMARIES = Rule(
    id="DATA.SUM.1v1",
    title="Microsoft's sums of sign-ins add up",
    description="The total is the sum of the sign-ins with one factor and those with MFA, in each of Microsoft's sums.",
    severity=Severity.LOW,
    weight=1,
    recommended_to=_EVERYBODY,
    evidence="sign_in_summary",
    expect=is_true("adds_up"),
    needs=("mfa_sign_in_summary",),
    source=Source(
        document="Microsoft Graph documentation (beta), userMfaSignInSummary",
        url=f"{_GRAPH}/resources/usermfasigninsummary?view=graph-rest-beta",
        clause="totalSignIns is the number of sign-ins of a day, the two others those without and with MFA.",
        read_on=_READ_ON,
    ),
    reason=(
        "Microsoft's sum of {resource_name} does not add up: {total_sign_ins} sign-ins, {single_factor_sign_ins} with "
        "one factor and {multi_factor_sign_ins} with MFA."
    ),
    unknown="{count} of {in_scope} sums: a number is missing",
    remediation=(
        "Take no percentage from this report. Count the sign-ins themselves: Microsoft Entra admin center > Entra ID > "
        "Monitoring & health > Sign-in logs, or docs/cookbook."
    ),
)

FRESHNESS = Rule(
    id="DATA.FRESH.1v1",
    title="Microsoft's own numbers are no older than two days",
    description="The time from `lastRefreshDateTime` of the partner security score to the scan is at most 48 hours.",
    severity=Severity.LOW,
    weight=1,
    recommended_to=PARTNER,
    evidence="microsoft_freshness",
    expect=at_most("age_hours", 48),
    needs=("partner_security_score",),
    source=_SCORE,
    reason="Microsoft last refreshed the partner security score at {refreshed_at}.",
    unknown="Microsoft does not say when it last refreshed the score",
    remediation=(
        "Nothing makes Microsoft refresh it. Do not read its numbers as today's: `reconciliation` has when each is of. "
        "If it stays for a week: Partner Center > Help + support > New request."
    ),
)

DATA_QUALITY = Pack(
    name="data_quality",
    title="Data quality",
    description=(
        "Whether what was read, what Microsoft answers and what was judged fit together. It changes no verdict: it "
        "says how far to trust them, and where Microsoft's numbers differ from ours."
    ),
    rules=(
        VERDICTS,
        INDETERMINATE,
        WORDS,
        WINDOW,
        REPORT,
        DEFAULTS,
        TOTALS,
        ANSWERS,
        SUMMARIES,
        FRESHNESS,
    ),
)
