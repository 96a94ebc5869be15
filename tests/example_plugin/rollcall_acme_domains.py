"""A third party's collector: the tenant's domains. It is a package of its own and knows only ``collectors``."""

from collectors.declare import FLAG, TEXT, Collector, Column, GraphList, Table
from collectors.hookspecs import hookimpl

DOMAINS = GraphList(
    path="/domains",
    permissions=("Domain.Read.All",),
    source="https://learn.microsoft.com/graph/api/domain-list",
    table=Table(
        "acme_domains",
        doc="One row per domain of the tenant.",
        key=("domain_name",),
        columns=(
            Column("domain_name", TEXT, "id", "The domain's name.", required=True),
            Column("authentication_type", TEXT, "authenticationType", "Managed or Federated."),
            Column("is_default", FLAG, "isDefault", "Whether new users get it."),
            Column("is_verified", FLAG, "isVerified", "Whether the tenant has proved that it owns it."),
        ),
    ),
)


@hookimpl
def rollcall_collectors() -> list[Collector]:
    """Return the collector of this package."""
    return [Collector(name="acme_domains", doc="Domains and how their users sign in.", datasets=(DOMAINS,))]
