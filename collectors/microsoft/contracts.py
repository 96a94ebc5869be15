"""The customers that the partner has a reselling contract with, whether or not it may enter them."""

from collectors.declare import TEXT, Collector, Column, GraphList, Table
from collectors.microsoft.gdap import PARTNERS

CONTRACTS = Collector(
    name="contracts",
    doc="The partner's contracts with its customers. Partner tenants only.",
    datasets=(
        GraphList(
            path="/contracts",
            permissions=("Directory.Read.All",),
            page_size=999,
            kinds=PARTNERS,
            source="https://learn.microsoft.com/graph/api/contract-list",
            table=Table(
                "contracts",
                doc="One row per contract with a customer.",
                key=("contract_id",),
                columns=(
                    Column("contract_id", TEXT, "id", "Id of the contract.", required=True),
                    Column("customer_tenant_id", TEXT, "customerId", "Tenant id of the customer.", required=True),
                    Column(
                        "display_name", TEXT, "displayName", "Name of the customer when it was made; never renewed."
                    ),
                    Column(
                        "default_domain_name",
                        TEXT,
                        "defaultDomainName",
                        "Default domain of the customer when it was made; never renewed.",
                    ),
                    Column(
                        "contract_type", TEXT, "contractType", "SyndicationPartner, BreadthPartner or ResellerPartner."
                    ),
                ),
            ),
        ),
    ),
)
