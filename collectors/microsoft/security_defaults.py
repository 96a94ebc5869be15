"""Whether the tenant has security defaults on."""

from collectors.declare import FLAG, TEXT, Collector, Column, GraphObject, Table

SECURITY_DEFAULTS = Collector(
    name="security_defaults",
    doc="Whether security defaults are on.",
    datasets=(
        GraphObject(
            path="/policies/identitySecurityDefaultsEnforcementPolicy",
            permissions=("Policy.Read.All",),
            selects=False,
            source="https://learn.microsoft.com/graph/api/identitysecuritydefaultsenforcementpolicy-get",
            table=Table(
                "security_defaults",
                doc="One row per tenant.",
                key=("policy_id",),
                is_tracked=True,
                columns=(
                    Column(
                        "policy_id",
                        TEXT,
                        "id",
                        "Id of the policy object, the same in every tenant.",
                        required=True,
                    ),
                    Column("is_enabled", FLAG, "isEnabled", "Whether security defaults are on.", required=True),
                ),
            ),
        ),
    ),
)
