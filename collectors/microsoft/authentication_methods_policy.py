"""Which authentication methods the tenant lets which of its users register and use."""

from collectors.declare import JSON, TEXT, TIME, Collector, Column, GraphObject, Table

AUTHENTICATION_METHODS_POLICY = Collector(
    name="authentication_methods_policy",
    doc="The authentication methods policy: which methods are on, and for whom.",
    datasets=(
        GraphObject(
            path="/policies/authenticationMethodsPolicy",
            permissions=("Policy.Read.AuthenticationMethod",),
            selects=False,
            source="https://learn.microsoft.com/graph/api/authenticationmethodspolicy-get",
            table=Table(
                "authentication_methods_policy",
                doc="One row per tenant.",
                key=(),
                is_tracked=True,
                columns=(
                    Column("policy_id", TEXT, "id", "Id of the policy, the same in every tenant."),
                    Column(
                        "policy_migration_state",
                        TEXT,
                        "policyMigrationState",
                        "Until migrationComplete, older settings of MFA and password reset count, too.",
                    ),
                    Column(
                        "registration_enforcement",
                        JSON,
                        "registrationEnforcement",
                        "Whom Microsoft nudges to register, as Graph gives it.",
                    ),
                    Column(
                        "authentication_method_configurations",
                        JSON,
                        "authenticationMethodConfigurations",
                        "Each method, its state and its targets, as Graph gives them.",
                    ),
                    Column("modified_at", TIME, "lastModifiedDateTime", "When it was last changed."),
                ),
            ),
        ),
    ),
)
