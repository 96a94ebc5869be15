"""Microsoft's own account of MFA: the partner security score, what it asks for, and the counts behind it."""

from typing import Any

from collectors.declare import NUMBER, TEXT, TIME, WHOLE, Collector, Column, GraphList, GraphObject, Table
from collectors.microsoft.gdap import PARTNERS

_PATH = "/security/partner/securityScore"
_PAGE = "https://learn.microsoft.com/graph/api/partner-security-partnersecurityscore"
_ALIKE: dict[str, Any] = {
    "version": "beta",
    "permissions": ("PartnerSecurity.Read.All",),
    "selects": False,
    "limit": "none",
    "kinds": PARTNERS,
}

_POLICIES = (
    ("security_defaults_status", "securityDefaultsStatus", "Whether security defaults are on: enabled or disabled."),
    (
        "conditional_access_status",
        "mfaConditionalAccessPolicyStatus",
        "Whether a Conditional Access policy demands MFA: enabled or disabled.",
    ),
    ("per_user_mfa_status", "legacyPerUserMfaStatus", "Whether per-user MFA is in use: enabled or disabled."),
)

SCORE = GraphObject(
    path=_PATH,
    source=f"{_PAGE}-get?view=graph-rest-beta",
    table=Table(
        "partner_security_score",
        doc="One row per partner tenant.",
        key=(),
        columns=(
            Column("score_id", TEXT, "id", "Id of the score."),
            Column("current_score", NUMBER, "currentScore", "The score now."),
            Column("max_score", NUMBER, "maxScore", "The score it could be."),
            Column("refreshed_at", TIME, "lastRefreshDateTime", "When Microsoft last looked."),
            Column("updated_at", TIME, "updatedDateTime", "When it last changed."),
        ),
    ),
    **_ALIKE,
)

REQUIREMENTS = GraphList(
    path=f"{_PATH}/requirements",
    source=f"{_PAGE}-list-requirements?view=graph-rest-beta",
    table=Table(
        "partner_security_requirements",
        doc="One row per requirement of the partner security score. A count is null where it does not apply.",
        key=("requirement_id",),
        columns=(
            Column("requirement_id", TEXT, "id", "Id of the requirement.", required=True),
            Column("requirement_kind", TEXT, "@odata.type", "Which of the columns below it has."),
            Column("requirement_type", TEXT, "requirementType", "mfaEnforcedForAdmins, securityContactProvided, ..."),
            Column(
                "compliance_status",
                TEXT,
                "complianceStatus",
                "compliant, or what Microsoft spells noncomplaint as well as nonCompliant.",
            ),
            Column("state", TEXT, "state", "active, or preview: not counted yet."),
            Column("score", WHOLE, "score", "Points it gives."),
            Column("max_score", WHOLE, "maxScore", "Points it could give."),
            Column("total_admins", WHOLE, "totalAdminsCount", "Administrators of the partner tenant."),
            Column("mfa_enabled_admins", WHOLE, "mfaEnabledAdminsCount", "Administrators who use MFA."),
            Column(
                "admins_not_using_mfa",
                WHOLE,
                "adminsRequiredNotUsingMfaCount",
                "Administrators who must use MFA and have not completed registration.",
            ),
            Column("total_users", WHOLE, "totalUsersCount", "Users of the partner tenant."),
            Column("mfa_enabled_users", WHOLE, "mfaEnabledUsersCount", "Users who use MFA."),
            Column(
                "users_not_using_mfa",
                WHOLE,
                "usersRequiredNotUsingMfaCount",
                "Users who must use MFA and have not completed registration.",
            ),
            *(Column(name, TEXT, source, doc) for name, source, doc in _POLICIES),
            Column("compliant_tenants", WHOLE, "compliantTenantCount", "Customers whose administrators must do MFA."),
            Column("total_tenants", WHOLE, "totalTenantCount", "Customers."),
            Column(
                "average_response_hours",
                NUMBER,
                "averageResponseTimeInHours",
                "Hours from a security alert to the answer to it, on average of thirty days.",
            ),
            Column("updated_at", TIME, "updatedDateTime", "When it last changed."),
        ),
    ),
    **_ALIKE,
)

HISTORY = GraphList(
    path=f"{_PATH}/history",
    source=f"{_PAGE}-list-history?view=graph-rest-beta",
    table=Table(
        "partner_security_history",
        doc="One row per change of the partner security score.",
        key=("history_id",),
        columns=(
            Column("history_id", TEXT, "id", "Id of the entry.", required=True),
            Column("scored_at", TIME, "createdDateTime", "When the score became this."),
            Column("score", NUMBER, "score", "The score."),
            Column("compliant_requirements", WHOLE, "compliantRequirementsCount", "Requirements met."),
            Column("total_requirements", WHOLE, "totalRequirementsCount", "Requirements there were."),
        ),
    ),
    **_ALIKE,
)

CUSTOMER_INSIGHTS = GraphList(
    path=f"{_PATH}/customerInsights",  # refuses $top and $skip: the server decides how long a page is
    source=f"{_PAGE}-list-customerinsights?view=graph-rest-beta",
    table=Table(
        "partner_customer_insights",
        doc="One row per customer, as Microsoft counts its MFA. It does not tell how many administrators there are.",
        key=("customer_tenant_id",),
        columns=(
            Column("customer_tenant_id", TEXT, "tenantId", "Tenant id of the customer.", required=True),
            Column("compliant_admins", WHOLE, "mfa/compliantAdminsCount", "Administrators with MFA."),
            Column("compliant_non_admins", WHOLE, "mfa/compliantNonAdminsCount", "Other users with MFA."),
            Column("total_users", WHOLE, "mfa/totalUsersCount", "Users."),
            *(Column(name, TEXT, f"mfa/{source}", doc) for name, source, doc in _POLICIES),
        ),
    ),
    **_ALIKE,
)

SECURITY_SCORE = Collector(
    name="security_score",
    doc="The partner security score, its requirements and history, and its counts of each customer. Partners only.",
    datasets=(SCORE, REQUIREMENTS, HISTORY, CUSTOMER_INSIGHTS),
)
