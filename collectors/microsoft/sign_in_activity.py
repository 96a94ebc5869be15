"""When each user last signed in, for what lies further back than the log of sign-ins."""

from collectors.declare import TEXT, TIME, Collector, Column, GraphList, Table

SIGN_IN_ACTIVITY = Collector(
    name="sign_in_activity",
    doc="When each user last signed in. Ten requests a minute for all tenants together: 1,200 users a minute.",
    is_opt_in=True,
    datasets=(
        GraphList(
            path="/users",
            permissions=("User.Read.All", "AuditLog.Read.All"),
            page_size=120,  # the most that Graph gives where signInActivity is asked for
            limit="signInActivity",
            is_premium=True,
            source="https://learn.microsoft.com/graph/api/resources/signinactivity",
            table=Table(
                "sign_in_activity",
                doc="One row per user object; its times are null for one that has not signed in since April 2020.",
                key=("user_id",),
                columns=(
                    Column("user_id", TEXT, "id", "Object id.", required=True),
                    Column(
                        "last_interactive_at",
                        TIME,
                        "signInActivity/lastSignInDateTime",
                        "Last interactive attempt, whether it succeeded or not.",
                    ),
                    Column(
                        "last_non_interactive_at",
                        TIME,
                        "signInActivity/lastNonInteractiveSignInDateTime",
                        "Last attempt that a client made for the user.",
                    ),
                    Column(
                        "last_successful_at",
                        TIME,
                        "signInActivity/lastSuccessfulSignInDateTime",
                        "Last success, interactive or not.",
                    ),
                ),
            ),
        ),
    ),
)
