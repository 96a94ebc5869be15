"""Microsoft's report of the authentication methods that people have registered."""

from collectors.declare import FLAG, TEXT, TEXTS, TIME, Collector, Column, GraphList, Table

AUTHENTICATION_METHODS = Collector(
    name="authentication_methods",
    doc="The registration report. It omits disabled users and lags by hours: no row means unknown, never none.",
    datasets=(
        GraphList(
            path="/reports/authenticationMethods/userRegistrationDetails",
            permissions=("AuditLog.Read.All",),
            page_size=999,
            selects=False,  # the report documents $filter and $orderby only
            limit="reports",
            is_premium=True,
            source="https://learn.microsoft.com/graph/api/authenticationmethodsroot-list-userregistrationdetails",
            table=Table(
                "authentication_methods",
                doc="One row per user in the registration report.",
                key=("user_id",),
                is_tracked=True,
                columns=(
                    Column("user_id", TEXT, "id", "Object id of the user.", required=True),
                    Column("user_principal_name", TEXT, "userPrincipalName", "Name the user signs in with."),
                    Column("user_type", TEXT, "userType", "member or guest."),
                    Column("is_admin", FLAG, "isAdmin", "Whether Microsoft counts the user as an administrator."),
                    Column(
                        "is_mfa_registered",
                        FLAG,
                        "isMfaRegistered",
                        "Whether a method good for MFA is registered.",
                    ),
                    Column(
                        "is_mfa_capable",
                        FLAG,
                        "isMfaCapable",
                        "Registered, and the tenant's policy allows the method.",
                    ),
                    Column(
                        "is_passwordless_capable",
                        FLAG,
                        "isPasswordlessCapable",
                        "Whether the user can sign in without a password.",
                    ),
                    Column(
                        "methods_registered",
                        TEXTS,
                        "methodsRegistered",
                        "Names of the registered methods; an open set.",
                    ),
                    Column(
                        "preferred_method",
                        TEXT,
                        "userPreferredMethodForSecondaryAuthentication",
                        "Method the user prefers; empty for some who have none.",
                    ),
                    Column(
                        "report_updated_at",
                        TIME,
                        "lastUpdatedDateTime",
                        "When the report row was made, not the registration.",
                        volatile=True,
                    ),
                ),
            ),
        ),
    ),
)
