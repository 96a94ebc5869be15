"""How many sign-ins did MFA, as Microsoft sums them up."""

from collectors.declare import TEXT, TIME, WHOLE, Collector, Column, GraphList, Table

MFA_SIGN_IN_SUMMARY = Collector(
    name="mfa_sign_in_summary",
    doc=(
        "How many sign-ins Microsoft counts with and without MFA. It decides nothing: it is reconciled. Its request "
        "counts among those to reports, of which an application has 12 a second for all of its tenants."
    ),
    datasets=(
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
