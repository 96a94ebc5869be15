"""The licences the tenant has: whether it has Microsoft Entra ID P1 or P2."""

from collectors.declare import JSON, TEXT, WHOLE, Collector, Column, GraphList, Table

LICENCES = Collector(
    name="licences",
    doc="Subscribed products, with their service plans: P1 and P2 are told by these.",
    datasets=(
        GraphList(
            path="/subscribedSkus",
            permissions=("LicenseAssignment.Read.All",),
            selects=False,
            source="https://learn.microsoft.com/graph/api/subscribedsku-list",
            table=Table(
                "subscribed_skus",
                doc="One row per product the tenant subscribes to.",
                key=("subscribed_sku_id",),
                is_tracked=True,
                columns=(
                    Column("subscribed_sku_id", TEXT, "id", "Id of the subscription.", required=True),
                    Column("sku_id", TEXT, "skuId", "Id of the product."),
                    Column("sku_part_number", TEXT, "skuPartNumber", "Name of the product."),
                    Column("capability_status", TEXT, "capabilityStatus", "Enabled, Warning, Suspended, ..."),
                    Column("enabled_units", WHOLE, "prepaidUnits/enabled", "Licences bought."),
                    Column("consumed_units", WHOLE, "consumedUnits", "Licences assigned.", volatile=True),
                    Column("service_plans", JSON, "servicePlans", "What the product contains, as Graph gives it."),
                ),
            ),
        ),
    ),
)
