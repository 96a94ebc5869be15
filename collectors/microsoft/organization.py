"""The tenant itself."""

from collectors.declare import FLAG, JSON, TEXT, TIME, Collector, Column, GraphList, Table

ORGANIZATION = Collector(
    name="organization",
    doc="The tenant: its name, its domains, and whether Microsoft knows it as a partner.",
    datasets=(
        GraphList(
            path="/organization",
            permissions=("Organization.Read.All",),
            source="https://learn.microsoft.com/graph/api/organization-list",
            table=Table(
                "organization",
                doc="One row per tenant.",
                key=("organization_id",),
                is_tracked=True,
                columns=(
                    Column(
                        "organization_id",
                        TEXT,
                        "id",
                        "The tenant id, as the tenant itself gives it.",
                        required=True,
                    ),
                    Column("display_name", TEXT, "displayName", "The tenant's name."),
                    Column("tenant_type", TEXT, "tenantType", "AAD, AAD B2C or CIAM."),
                    Column(
                        "partner_tenant_type",
                        TEXT,
                        "partnerTenantType",
                        "Kind of Microsoft partner; null for a tenant that is none. It does not tell the programme.",
                    ),
                    Column("country_code", TEXT, "countryLetterCode", "Two-letter country code."),
                    Column("is_synced", FLAG, "onPremisesSyncEnabled", "Whether Entra Connect syncs the tenant."),
                    Column("verified_domains", JSON, "verifiedDomains", "The domains, as Graph gives them."),
                    Column("created_at", TIME, "createdDateTime", "When the tenant was made."),
                ),
            ),
        ),
    ),
)
