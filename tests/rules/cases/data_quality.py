"""Data quality: whether what was read, what Microsoft answers and what was judged fit together."""

from __future__ import annotations

from tests.cover.make import policy
from tests.judge.orgs import LICENCE, REPORT, Json, methods, tenant_id
from tests.rules.case import (
    GLOBAL_ADMINISTRATOR,
    NOTHING,
    PARTNERS_ONLY,
    Case,
    customer,
    denied,
    good,
    people,
    refused,
)
from tests.rules.microsoft import (
    INSIGHTS,
    REQUIREMENTS,
    SCORE,
    SUMMARY,
    admins,
    alerts,
    contact,
    insight,
    requirement,
    scored,
)

VERDICT, INDET, WORD, WINDOW, ROWS, DEFAULTS, TOTAL, ANSWER, SUM, FRESH = (
    f"DATA.{name}.1v1"
    for name in ("VERDICT", "INDET", "WORD", "WINDOW", "REPORT", "DEFAULTS", "TOTAL", "ANSWER", "SUM", "FRESH")
)
USERS, POLICIES, LOGS = "v1.0/users", "v1.0/identity/conditionalAccess/policies", "beta/auditLogs/signIns"
HOLDER = [("u1", GLOBAL_ADMINISTRATOR, "/")]
OF_U1 = "tenant_id = $tenant and account_id = 'u1'"


def faults(missing: int = 0, many: int = 0, groundless: int = 0, accounts: int = 1) -> str:
    return (
        f"{missing} accounts without a verdict, {many} verdicts too many, {groundless} compliant without grounds, of "
        f"{accounts} accounts."
    )


VERDICTS = [
    Case(name="as it should be", rule_id=VERDICT, org=good(), result="pass", counts=(1, 0, 0)),
    Case(name="of a customer", rule_id=VERDICT, org=customer(), result="pass", counts=(1, 0, 0)),
    Case(
        name="a verdict is missing",
        rule_id=VERDICT,
        org=good(),
        damage=f"delete from account_verdict_history where {OF_U1}",
        result="fail",
        counts=(1, 1, 0),
        findings=[faults(missing=1)],
    ),
    Case(
        name="one account has two",
        rule_id=VERDICT,
        org=good(),
        damage=f"insert into account_verdict_history from account_verdict_history where {OF_U1}",
        result="fail",
        counts=(1, 1, 0),
        findings=[faults(many=1)],
    ),
    Case(
        name="a verdict of an account that is not listed",
        rule_id=VERDICT,
        org=good(users=people("u1", "u2")),
        damage="insert into account_verdict_history select * replace ('u3' as account_id) from account_verdict_history "
        f"where {OF_U1}",
        result="fail",
        counts=(1, 1, 0),
        findings=[faults(many=1, accounts=2)],
    ),
    Case(
        name="compliant, and nothing is named",
        rule_id=VERDICT,
        org=good(),
        damage=f"update account_verdict_history set protected_by = [] where {OF_U1}",
        result="fail",
        counts=(1, 1, 0),
        findings=[faults(groundless=1)],
    ),
    Case(
        name="compliant on what was not read",
        rule_id=VERDICT,
        org=good(),
        damage="update account_verdict_history set reasons = ['SOURCE_UNAVAILABLE(domains,failed)'] where " + OF_U1,
        result="fail",
        counts=(1, 1, 0),
        findings=[faults(groundless=1)],
    ),
    Case(
        name="the users are unread",
        rule_id=VERDICT,
        org=refused(USERS),
        result="not_assessed",
        reason=denied("users", USERS),
    ),
]

INDETERMINATES = [
    Case(name="none", rule_id=INDET, org=good(), result="pass", counts=(1, 0, 0)),
    Case(
        name="one of ten",
        rule_id=INDET,
        org=good(users=people(*(f"u{at}" for at in range(10))), registered={"u0": None}),
        result="pass",
        counts=(1, 0, 0),
    ),
    Case(
        name="one of nine",
        rule_id=INDET,
        org=good(users=people(*(f"u{at}" for at in range(9))), registered={"u0": None}),
        result="fail",
        counts=(1, 1, 0),
        findings=["Of 1 of 9 accounts nobody can tell whether they have to do MFA."],
    ),
    Case(
        name="the users are unread",
        rule_id=INDET,
        org=refused(USERS),
        result="not_assessed",
        reason=denied("users", USERS),
    ),
]


def strange(column: str, *words: str) -> str:
    return f"{column} holds words that are not known here: {', '.join(words)}."


WORDS = [
    Case(name="all are known", rule_id=WORD, org=good(policies=[policy()]), result="pass", counts=(6, 0, 0)),
    Case(
        name="a state and a control",
        rule_id=WORD,
        org=good(policies=[policy(state="rehearsed"), policy("p2", grant={"builtInControls": ["mfa", "retinaScan"]})]),
        result="fail",
        counts=(6, 2, 0),
        findings=[
            strange("conditional_access_policies.grant_controls", "retinaScan"),
            strange("conditional_access_policies.state", "rehearsed"),
        ],
    ),
    Case(
        name="an answer of the security score",
        rule_id=WORD,
        org=scored(requirement("quantumReady"), contact(complianceStatus="partly")),
        result="fail",
        counts=(5, 2, 0),
        findings=[
            strange("partner_security_requirements.compliance_status", "partly"),
            strange("partner_security_requirements.requirement_type", "quantumReady"),
        ],
    ),
    Case(
        name="the policies are unread",
        rule_id=WORD,
        org=refused(POLICIES),
        result="not_assessed",
        reason=denied("conditional_access_policies", POLICIES),
    ),
]

WINDOWS = [
    Case(name="before", rule_id=WINDOW, org=good(), result="pass", counts=(1, 0, 0)),
    Case(
        name="after its own collection",
        rule_id=WINDOW,
        org=good(),
        damage="update sign_ins set signed_in_at = now()::timestamp + interval 1 day where tenant_id = $tenant",
        result="fail",
        counts=(1, 1, 0),
        findings=["Sign-ins of later than their own collection are kept."],
    ),
    Case(name="none", rule_id=WINDOW, org=good(sign_ins=[]), result="not_applicable", reason=NOTHING),
    Case(
        name="no licence for the logs",
        rule_id=WINDOW,
        org=good(failures={LOGS: LICENCE}),
        result="not_assessed",
        reason="needs Microsoft Entra ID P1 (sign_ins)",
    ),
]

ROW = {"userPrincipalName": "gone@x.example", **methods("fido2SecurityKey")}
REPORTS = [
    Case(name="as many rows as accounts", rule_id=ROWS, org=good(), result="pass", counts=(1, 0, 0)),
    Case(
        name="rows of accounts that are gone",
        rule_id=ROWS,
        org=good(files={REPORT: [{"id": "u1", **ROW}, {"id": "gone", **ROW}]}),
        result="fail",
        counts=(1, 1, 0),
        findings=["The registration report has 2 rows, and 1 accounts can sign in."],
    ),
    Case(
        name="no licence for the report",
        rule_id=ROWS,
        org=good(failures={REPORT: LICENCE}),
        result="not_assessed",
        reason="needs Microsoft Entra ID P1 (authentication_methods)",
    ),
]

BOTH = [
    Case(name="security defaults alone", rule_id=DEFAULTS, org=good(), result="pass", counts=(1, 0, 0)),
    Case(
        name="a policy alone",
        rule_id=DEFAULTS,
        org=good(has_defaults=False, policies=[policy()]),
        result="pass",
        counts=(1, 0, 0),
    ),
    Case(
        name="both",
        rule_id=DEFAULTS,
        org=good(policies=[policy(), policy("p2", state="disabled")]),
        result="fail",
        counts=(1, 1, 0),
        findings=["Security defaults and 1 Conditional Access policies are on at once."],
    ),
    Case(
        name="the policies are unread",
        rule_id=DEFAULTS,
        org=refused(POLICIES),
        result="not_assessed",
        reason=denied("conditional_access_policies", POLICIES),
    ),
]

AGREED = "agreed-customer"
LARGE = "large-partner"
FEWER = "Microsoft may still count accounts that were disabled or deleted since it last looked."
SCORED = (admins(), contact(), alerts())
TOTALS = [
    Case(name="equal", rule_id=TOTAL, org=scored(*SCORED, roles=HOLDER), result="pass", counts=(2, 0, 0)),
    Case(
        name="two more are close",
        rule_id=TOTAL,
        org=scored(admins(totalUsersCount=3, mfaEnabledUsersCount=3), roles=HOLDER),
        result="pass",
        counts=(2, 0, 0),
    ),
    Case(
        name="four more are not",
        rule_id=TOTAL,
        org=scored(admins(totalUsersCount=5, mfaEnabledUsersCount=5), roles=HOLDER),
        tenant=LARGE,
        result="fail",
        counts=(2, 1, 0),
        findings=[
            f"securityScore/requirements/totalUsersCount of {LARGE}: Microsoft counts 5, we count 1. {FEWER}",
        ],
    ),
    Case(
        name="a customer's users",
        rule_id=TOTAL,
        org=scored(*SCORED, roles=HOLDER, insights=[insight(tenant_id(AGREED), totalUsersCount=9)]),
        tenant="partner-of-the-agreed",
        beside={AGREED: customer(partner="partner-of-the-agreed")},
        result="fail",
        counts=(3, 1, 0),
        findings=[
            f"securityScore/customerInsights/mfa/totalUsersCount of {AGREED}: Microsoft counts 9, we count 1. {FEWER}",
        ],
    ),
    Case(
        name="a customer that no scan reads",
        rule_id=TOTAL,
        org=scored(*SCORED, roles=HOLDER, insights=[insight("c9c9c9c9-0000-4000-8000-000000000009")]),
        result="not_assessed",
        counts=(3, 0, 1),
        reason="1 of 3 totals: what ours is counted from could not all be read or understood",
    ),
    Case(
        name="unread",
        rule_id=TOTAL,
        org=refused(INSIGHTS, of=scored()),
        result="not_assessed",
        reason=denied("partner_customer_insights", INSIGHTS),
    ),
    Case(name="a customer", rule_id=TOTAL, org=customer(), result="not_applicable", reason=PARTNERS_ONLY),
]

ONE = "d90cb160-123d-0608-3fd6-c53551dcc20c"


def odd(about: str, *problems: str) -> str:
    return f"Microsoft's answer about {about} contradicts itself: {', '.join(problems)}."


def contradicted(name: str, answer: Json, *problems: str) -> Case:
    """Return the case of one requirement that cannot be true."""
    return Case(
        name=name,
        rule_id=ANSWER,
        org=scored(answer),
        result="fail",
        counts=(1, 1, 0),
        findings=[odd(answer["requirementType"], *problems)],
    )


OF_CUSTOMERS = "mfaEnforcedForAdminsOfCustomers"
ANSWERS = [
    Case(name="nothing is odd", rule_id=ANSWER, org=scored(insights=[insight(ONE)]), result="pass", counts=(4, 0, 0)),
    contradicted(
        "not compliant with everything",
        admins(complianceStatus="nonCompliant", totalAdminsCount=2, mfaEnabledAdminsCount=2, totalUsersCount=10),
        "it is not compliant and has all points (20 of 20)",
        "it is not compliant and all administrators use MFA (2 of 2)",
    ),
    contradicted(
        "compliant with some administrators",
        admins(totalAdminsCount=2, totalUsersCount=2),
        "it is compliant with 1 of 2 administrators",
    ),
    contradicted(
        "compliant with a quarter of the customers",
        requirement(OF_CUSTOMERS, compliantTenantCount=20, totalTenantCount=79),
        "it is compliant with 20 of 79 customers",
    ),
    contradicted(
        "not compliant with all customers",
        requirement(OF_CUSTOMERS, complianceStatus="noncomplaint", score=0, compliantTenantCount=4, totalTenantCount=4),
        "it is not compliant with all customers (4 of 4)",
    ),
    contradicted("compliant without a point", contact(score=0), "it is compliant and has no points (0 of 20)"),
    contradicted(
        "more than there are",
        admins(totalAdminsCount=1, mfaEnabledAdminsCount=3, totalUsersCount=3, mfaEnabledUsersCount=4),
        "more administrators are counted than there are (1)",
        "more users are counted than there are (3)",
    ),
    Case(
        name="a policy that covers hardly anybody",
        rule_id=ANSWER,
        org=scored(
            contact(),
            insights=[
                insight(
                    ONE,
                    compliantAdminsCount=53,
                    compliantNonAdminsCount=11,
                    totalUsersCount=6852,
                    securityDefaultsStatus="disabled",
                    mfaConditionalAccessPolicyStatus="enabled",
                    legacyPerUserMfaStatus="enabled",
                )
            ],
        ),
        result="fail",
        counts=(2, 1, 0),
        findings=[odd(ONE, "a Conditional Access policy for MFA is on with 64 of 6852 users compliant")],
    ),
    Case(
        name="unread",
        rule_id=ANSWER,
        org=refused(REQUIREMENTS, of=scored()),
        result="not_assessed",
        reason=denied("partner_security_requirements", REQUIREMENTS),
    ),
    Case(name="a customer", rule_id=ANSWER, org=customer(), result="not_applicable", reason=PARTNERS_ONLY),
]


def summary(total: int | None, single: int, multi: int) -> dict[str, list[Json]]:
    row = {
        "id": "s1",
        "createdDateTime": "2026-11-21T00:00:00Z",
        "totalSignIns": total,
        "singleFactorSignIns": single,
        "multiFactorSignIns": multi,
    }
    return {SUMMARY: [row]}


SUMMARIES = [
    Case(name="it adds up", rule_id=SUM, org=good(files=summary(1000, 100, 900)), result="pass", counts=(1, 0, 0)),
    Case(
        name="it does not",
        rule_id=SUM,
        org=customer(files=summary(1000, 100, 9900)),
        result="fail",
        counts=(1, 1, 0),
        findings=[
            "Microsoft's sum of 2026-11-21 does not add up: 1000 sign-ins, 100 with one factor and 9900 with MFA."
        ],
    ),
    Case(
        name="a number is missing",
        rule_id=SUM,
        org=good(files=summary(None, 100, 900)),
        result="not_assessed",
        counts=(1, 0, 1),
        reason="1 of 1 sums: a number is missing",
    ),
    Case(name="there is none", rule_id=SUM, org=good(), result="not_applicable", reason=NOTHING),
    Case(
        name="no licence",
        rule_id=SUM,
        org=good(failures={SUMMARY: LICENCE}),
        result="not_assessed",
        reason="needs Microsoft Entra ID P1 (mfa_sign_in_summary)",
    ),
]

FRESHNESS = [
    Case(name="of yesterday", rule_id=FRESH, org=scored(), result="pass", counts=(1, 0, 0)),
    Case(
        name="of three days ago",
        rule_id=FRESH,
        org=scored(refreshed_at="2026-11-20T01:00:00Z"),
        result="fail",
        counts=(1, 1, 0),
        findings=["Microsoft last refreshed the partner security score at 2026-11-20 01:00 UTC."],
    ),
    Case(
        name="of no time",
        rule_id=FRESH,
        org=scored(refreshed_at=None),
        result="not_assessed",
        counts=(1, 0, 1),
        reason="Microsoft does not say when it last refreshed the score",
    ),
    Case(
        name="unread",
        rule_id=FRESH,
        org=refused(SCORE),
        result="not_assessed",
        reason=denied("partner_security_score", SCORE),
    ),
    Case(name="a customer", rule_id=FRESH, org=customer(), result="not_applicable", reason=PARTNERS_ONLY),
]

CASES = [
    *VERDICTS,
    *INDETERMINATES,
    *WORDS,
    *WINDOWS,
    *REPORTS,
    *BOTH,
    *TOTALS,
    *ANSWERS,
    *SUMMARIES,
    *FRESHNESS,
]
