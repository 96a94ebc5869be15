"""What a tenant cannot have, so that nobody asks for it: told by the tenant, its cloud and its credential alone."""

from __future__ import annotations

from collections.abc import Mapping

from collectors.config import Tenant
from collectors.declare import Dataset, Service
from collectors.graph import GraphClient

Clients = Mapping[Service, GraphClient]
"""What reads each service that a tenant's cloud has."""


def spared(dataset: Dataset, tenant: Tenant, clients: Clients) -> tuple[str, str] | None:
    """Return the (code, reason) not to read a dataset in a tenant, if there is one."""
    if dataset.service not in clients:
        return "NotInCloud", "this cloud has no Partner Center API"
    if tenant.program is not None and tenant.program not in dataset.programs:
        return "NotInProgram", f"Microsoft does not offer it to a partner of the program {tenant.program}"
    if dataset.needs_user and not clients[dataset.service].is_delegated:
        words = "only a user can read it, and this partner's credential is the application's alone"
        return "NeedsUser", f"{words}. Give the connection a refresh token (docs/credentials.md) to have it"
    return None
