"""Sign-ins of the last thirty days: interactive ones, and, to opt in to, those that clients make by themselves."""

from collectors.declare import FLAG, JSON, TEXT, TEXTS, TIME, WHOLE, Collector, Column, GraphList, Table, Window

COLUMNS = (
    Column("sign_in_id", TEXT, "id", "Id of the sign-in.", required=True),
    Column("signed_in_at", TIME, "createdDateTime", "When it began.", required=True),
    Column("user_id", TEXT, "userId", "Object id of the user; empty if the user is unknown here."),
    Column(
        "user_principal_name",
        TEXT,
        "userPrincipalName",
        "Lower case; a guest's is the one from home.",
    ),
    Column("user_type", TEXT, "userType", "member or guest."),
    Column("app_id", TEXT, "appId", "Client application."),
    Column("app_display_name", TEXT, "appDisplayName", "Name of the client application."),
    Column("resource_id", TEXT, "resourceId", "Application signed in to."),
    Column(
        "resource_display_name",
        TEXT,
        "resourceDisplayName",
        "Name of the application signed in to.",
    ),
    Column("home_tenant_id", TEXT, "homeTenantId", "Tenant the user belongs to."),
    Column("resource_tenant_id", TEXT, "resourceTenantId", "Tenant signed in to."),
    Column(
        "cross_tenant_access_type",
        TEXT,
        "crossTenantAccessType",
        "none, b2bCollaboration, serviceProvider, ...",
    ),
    Column(
        "client_app_used",
        TEXT,
        "clientAppUsed",
        "Browser, a modern client, or a legacy protocol.",
    ),
    Column(
        "authentication_protocol",
        TEXT,
        "authenticationProtocol",
        "oAuth2, ropc, deviceCode, saml20, ...",
    ),
    Column("incoming_token_type", TEXT, "incomingTokenType", "Token the sign-in brought along."),
    Column("is_interactive", FLAG, "isInteractive", "Whether the user answered a prompt."),
    Column(
        "sign_in_event_types",
        TEXTS,
        "signInEventTypes",
        "interactiveUser, nonInteractiveUser, ...",
    ),
    Column(
        "authentication_requirement",
        TEXT,
        "authenticationRequirement",
        "Stage reached: single- or multiFactorAuthentication; claims from earlier do not show.",
    ),
    Column(
        "authentication_requirement_policies",
        JSON,
        "authenticationRequirementPolicies",
        "What asked for MFA, as Graph gives it.",
    ),
    Column(
        "authentication_details",
        JSON,
        "authenticationDetails",
        "The steps of the sign-in, as Graph gives them.",
    ),
    Column(
        "conditional_access_status",
        TEXT,
        "conditionalAccessStatus",
        "success, failure or notApplied.",
    ),
    Column(
        "applied_conditional_access_policies",
        JSON,
        "appliedConditionalAccessPolicies",
        "Each policy and what it did, as Graph gives it.",
    ),
    Column(
        "error_code",
        WHOLE,
        "status/errorCode",
        "0 is success; an interrupt such as 50074 is an attempt.",
    ),
    Column(
        "failure_reason",
        TEXT,
        "status/failureReason",
        "Microsoft's words for the error code.",
    ),
    Column("ip_address", TEXT, "ipAddress", "Address the sign-in came from."),
    Column(
        "country_code",
        TEXT,
        "location/countryOrRegion",
        "Two-letter country code of that address.",
    ),
    Column("correlation_id", TEXT, "correlationId", "What Microsoft's support asks for."),
)

IN_WINDOW = "createdDateTime ge {window_start} and createdDateTime lt {window_end}"


def _sign_ins(table: str, doc: str, only: str = "") -> GraphList:
    """Return a dataset of sign-ins; ``only`` is a further condition. Without one Graph gives the interactive ones."""
    return GraphList(
        path="/auditLogs/signIns",
        version="beta",
        permissions=("AuditLog.Read.All",),
        page_size=1000,
        query={"$filter": f"{IN_WINDOW} and {only}" if only else IN_WINDOW},
        headers={"Prefer": "include-unknown-enum-members"},
        # Most arrive within minutes, some after hours.
        window=Window(column="signed_in_at", days=30, overlap_hours=6),
        limit="reports",
        is_premium=True,
        source="https://learn.microsoft.com/graph/api/signin-list?view=graph-rest-beta",
        table=Table(table, doc=doc, key=("sign_in_id",), columns=COLUMNS),
    )


SIGN_INS = Collector(
    name="sign_ins",
    doc="Interactive sign-ins of the last thirty days, from beta: v1.0 lacks every MFA field.",
    datasets=(_sign_ins("sign_ins", "One row per interactive sign-in attempt in the window, failures included."),),
)

NON_INTERACTIVE_SIGN_INS = Collector(
    name="non_interactive_sign_ins",
    doc="Sign-ins that a client made for its user, with a token it had. Many times as many as the interactive ones.",
    is_opt_in=True,
    datasets=(
        _sign_ins(
            "non_interactive_sign_ins",
            "One row per sign-in attempt in the window at which nobody was asked anything.",
            "signInEventTypes/any(t: t eq 'nonInteractiveUser')",
        ),
    ),
)
