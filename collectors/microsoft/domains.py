"""The tenant's domains, and for federated ones whether their identity provider does MFA."""

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.declare import FLAG, TEXT, Collector, Column, Each, GraphList, Table


def _federated(domain: Mapping[str, Any]) -> Iterator[str]:
    if domain.get("authenticationType") == "Federated":
        yield domain["id"]


DOMAINS = Collector(
    name="domains",
    doc="Domains and how their users sign in; for federated ones, who does MFA.",
    datasets=(
        GraphList(
            path="/domains",
            permissions=("Domain.Read.All",),
            source="https://learn.microsoft.com/graph/api/domain-list",
            table=Table(
                "domains",
                doc="One row per domain.",
                key=("domain_name",),
                is_tracked=True,
                columns=(
                    Column("domain_name", TEXT, "id", "Name of the domain.", required=True),
                    Column("authentication_type", TEXT, "authenticationType", "Managed or Federated."),
                    Column("is_default", FLAG, "isDefault", "Whether new users get it."),
                    Column("is_initial", FLAG, "isInitial", "Whether it came with the tenant."),
                    Column("is_verified", FLAG, "isVerified", "Whether the tenant proved that it owns it."),
                ),
            ),
        ),
        GraphList(
            path="/domains/{domain_name}/federationConfiguration",
            permissions=("Domain-InternalFederation.Read.All",),
            selects=False,
            each=(Each("domains", "domain_name", _federated),),
            source="https://learn.microsoft.com/graph/api/domain-list-federationconfiguration",
            table=Table(
                "federation_configurations",
                doc="One row per federated domain.",
                key=("domain_name", "configuration_id"),
                is_tracked=True,
                columns=(
                    Column("domain_name", TEXT, "{domain_name}", "The domain."),
                    Column("configuration_id", TEXT, "id", "Id of the configuration.", required=True),
                    Column("display_name", TEXT, "displayName", "Name of the identity provider."),
                    Column("issuer_uri", TEXT, "issuerUri", "How the identity provider names itself."),
                    Column("protocol", TEXT, "preferredAuthenticationProtocol", "wsFed or saml."),
                    Column(
                        "federated_idp_mfa_behavior",
                        TEXT,
                        "federatedIdpMfaBehavior",
                        "acceptIfMfaDoneByFederatedIdp, enforceMfaByFederatedIdp or rejectMfaByFederatedIdp.",
                    ),
                ),
            ),
        ),
    ),
)
