"""What each authentication strength accepts."""

from collectors.declare import TEXT, TEXTS, TIME, Collector, Column, GraphList, Table

AUTHENTICATION_STRENGTHS = Collector(
    name="authentication_strengths",
    doc="Authentication strengths, built in and custom, and the combinations of methods that satisfy them.",
    datasets=(
        GraphList(
            path="/policies/authenticationStrengthPolicies",
            permissions=("Policy.Read.AuthenticationMethod",),
            selects=False,
            source="https://learn.microsoft.com/graph/api/authenticationstrengthroot-list-policies",
            table=Table(
                "authentication_strengths",
                doc="One row per authentication strength.",
                key=("strength_id",),
                is_tracked=True,
                columns=(
                    Column("strength_id", TEXT, "id", "Id that policies name it by.", required=True),
                    Column("display_name", TEXT, "displayName", "Name of the strength."),
                    Column("policy_type", TEXT, "policyType", "builtIn or custom."),
                    Column("requirements_satisfied", TEXT, "requirementsSatisfied", "mfa or none."),
                    Column(
                        "allowed_combinations", TEXTS, "allowedCombinations", "What satisfies it, methods by comma."
                    ),
                    Column("modified_at", TIME, "modifiedDateTime", "When it was last changed."),
                ),
            ),
        ),
    ),
)
