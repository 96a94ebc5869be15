"""What Partner Center itself says: who came without MFA, and who the customers are."""

from typing import Any

from collectors.declare import EVERY_PROGRAM, FLAG, TEXT, TIME, WHOLE, Collector, Column, PartnerCenterList, Table

_PAGES = "https://learn.microsoft.com/partner-center/developer"
# "API access to Partner Center for indirect resellers isn't supported."
_PROGRAMS = EVERY_PROGRAM - {"indirect-reseller"}
_REPORT: dict[str, Any] = {"needs_user": True, "programs": _PROGRAMS}

CUSTOMERS = PartnerCenterList(
    path="/customers",
    page_size=500,
    programs=_PROGRAMS,
    source=f"{_PAGES}/get-a-list-of-customers",
    table=Table(
        "partner_center_customers",
        doc="One row per customer in Partner Center, whether or not the partner may enter its tenant.",
        key=("customer_tenant_id",),
        columns=(
            Column("customer_tenant_id", TEXT, "id", "Tenant id of the customer.", required=True),
            Column("company_name", TEXT, "companyProfile/companyName", "Name of the customer."),
            Column("domain", TEXT, "companyProfile/domain", "Its domain."),
            Column("relationship", TEXT, "relationshipToPartner", "reseller, ..."),
        ),
    ),
)

PRINCIPALS = PartnerCenterList(
    path="/nonMfaCompliantPartnerPrincipals",
    source=f"{_PAGES}/get-portal-requests-without-mfa",
    table=Table(
        "non_mfa_compliant_principals",
        doc="One row per user who came to Partner Center without MFA in the last seven days.",
        key=("user_id",),
        columns=(
            Column("user_id", TEXT, "objectId", "Object id of the user.", required=True),
            Column("user_principal_name", TEXT, "upn", "Name the user signs in with."),
            Column("user_tenant_id", TEXT, "tenantId", "The partner tenant."),
            # The documentation's table has the one name, its sample the other.
            Column(
                "last_login_without_mfa_at", TIME, "lastNonMfaCompliantLoginDateTime", "Last time without MFA, or null."
            ),
            Column(
                "last_request_without_mfa_at",
                TIME,
                "lastNonMfaCompliantRequestDateTime",
                "The same, under the other name that Microsoft has for it.",
            ),
        ),
    ),
    **_REPORT,
)

ADOPTION = PartnerCenterList(
    path="/applicationmfaadoptionstatus",
    source=f"{_PAGES}/get-api-request-summary",
    table=Table(
        "application_mfa_adoption",
        doc="One row per day and application that called Partner Center for a user. Calls without a user do not count.",
        key=("login_date", "application_id"),
        columns=(
            Column("login_date", TEXT, "loginDate", "The day, such as 2026-11-22.", required=True),
            Column("application_id", TEXT, "applicationId", "The application.", required=True),
            Column("application_name", TEXT, "applicationName", "Its name; may be empty."),
            Column("mfa_compliant_requests", WHOLE, "mfaCompliantRequestCount", "Requests whose token proved MFA."),
            Column("total_requests", WHOLE, "totalRequestCount", "Requests."),
        ),
    ),
    **_REPORT,
)

REQUESTS = PartnerCenterList(
    path="/partnerRequests",
    source=f"{_PAGES}/get-api-request-details",
    table=Table(
        "partner_requests",
        doc="One row per call of Partner Center for a user in the last seven days: the newest 10,000.",
        key=("request_id",),
        columns=(
            Column("request_id", TEXT, "requestId", "Id of the request.", required=True),
            Column("correlation_id", TEXT, "correlationId", "What Microsoft's support asks for; may be empty."),
            Column("operation_name", TEXT, "operationName", "Method and path."),
            Column("requested_at", TIME, "requestDateTime", "When it came."),
            Column("ip_address", TEXT, "ipAddress", "Address it came from."),
            Column("user_id", TEXT, "objectId", "Object id of the user."),
            Column("user_tenant_id", TEXT, "tenantId", "The partner tenant."),
            Column("user_principal_name", TEXT, "upn", "Name the user signs in with."),
            Column("application_id", TEXT, "applicationId", "Application that called."),
            Column("is_mfa_compliant", FLAG, "mfaCompliant", "Whether the token proved MFA."),
        ),
    ),
    **_REPORT,
)

PARTNER_CENTER = Collector(
    name="partner_center",
    doc="Partner Center's customers and its own reports on MFA. Partner tenants only.",
    datasets=(CUSTOMERS, PRINCIPALS, ADOPTION, REQUESTS),
)
