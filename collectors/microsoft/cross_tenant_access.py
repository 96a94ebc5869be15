"""Whether MFA done in another tenant is accepted here."""

from collectors.declare import FLAG, TEXT, Collector, Column, GraphList, GraphObject, Table

CROSS_TENANT_ACCESS = Collector(
    name="cross_tenant_access",
    doc="Whether MFA that guests did at home is accepted, by default and for single tenants.",
    datasets=(
        GraphObject(
            path="/policies/crossTenantAccessPolicy/default",
            permissions=("Policy.Read.All",),
            selects=False,
            source="https://learn.microsoft.com/graph/api/crosstenantaccesspolicyconfigurationdefault-get",
            table=Table(
                "cross_tenant_access_default",
                doc="One row per tenant.",
                key=(),
                is_tracked=True,
                columns=(
                    Column("is_service_default", FLAG, "isServiceDefault", "Whether it is as Microsoft set it."),
                    Column(
                        "is_mfa_accepted", FLAG, "inboundTrust/isMfaAccepted", "Whether MFA done at home counts here."
                    ),
                ),
            ),
        ),
        GraphList(
            path="/policies/crossTenantAccessPolicy/partners",
            permissions=("Policy.Read.All",),
            selects=False,
            source="https://learn.microsoft.com/graph/api/crosstenantaccesspolicy-list-partners",
            table=Table(
                "cross_tenant_access_partners",
                doc="One row per other tenant with settings of its own.",
                key=("other_tenant_id",),
                is_tracked=True,
                columns=(
                    Column("other_tenant_id", TEXT, "tenantId", "The other tenant.", required=True),
                    Column("is_service_provider", FLAG, "isServiceProvider", "Whether it is a partner of this tenant."),
                    Column(
                        "is_mfa_accepted",
                        FLAG,
                        "inboundTrust/isMfaAccepted",
                        "Whether MFA done there counts here; null is as by default.",
                    ),
                ),
            ),
        ),
    ),
)
