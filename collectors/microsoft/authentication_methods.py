"""Microsoft's reports about authentication methods: what people have registered, and how many sign-ins did MFA."""

from collectors.declare import FLAG, TEXT, TEXTS, TIME, WHOLE, Collector, Column, GraphList, Table

AUTHENTICATION_METHODS = Collector(
    name="authentication_methods",
    doc=(
        "The registration report, and how many sign-ins Microsoft counts with and without MFA. The first omits "
        "disabled users and lags by hours: no row means unknown, never none. The second decides nothing: it is "
        "reconciled."
    ),
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
        GraphList(
            path="/reports/authenticationMethods/userMfaSignInSummary",
            version="beta",
            permissions=("AuditLog.Read.All",),
            selects=False,  # it documents no option at all
            limit="reports",
            is_premium=True,
            source=(
                "https://learn.microsoft.com/graph/api/authenticationmethodsroot-list-usermfasigninsummary"
                "?view=graph-rest-beta"
            ),
            table=Table(
                "mfa_sign_in_summary",
                doc="One row per day of sign-ins, as Microsoft sums them up.",
                key=("summary_id",),
                columns=(
                    Column("summary_id", TEXT, "id", "Id of the summary.", required=True),
                    Column("summed_at", TIME, "createdDateTime", "The time it was summed up for."),
                    Column("total_sign_ins", WHOLE, "totalSignIns", "Sign-ins."),
                    Column("single_factor_sign_ins", WHOLE, "singleFactorSignIns", "Those without MFA."),
                    Column("multi_factor_sign_ins", WHOLE, "multiFactorSignIns", "Those with MFA."),
                ),
            ),
        ),
    ),
)
