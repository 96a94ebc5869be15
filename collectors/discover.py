"""Which tenants a partner answers for."""

from __future__ import annotations

import asyncio

import msgspec
import structlog

from collectors.collect import clients_of
from collectors.config import Config, Partner, Tenant
from collectors.errors import ScanError
from collectors.landing import GUID
from collectors.limiter import Limiter
from collectors.microsoft.gdap import CUSTOMERS
from collectors.shape import page_decoder

log = structlog.get_logger(__name__)


class Discovery(msgspec.Struct, frozen=True, kw_only=True):
    """The tenants of one partner, itself first. ``error`` says why the customers may be missing."""

    partner_id: str
    tenants: tuple[Tenant, ...]
    error: str | None = None


def tenant_of(partner: Partner) -> Tenant:
    """Return the partner's own tenant."""
    return Tenant(
        tenant_id=partner.tenant_id,
        name=partner.name,
        kind="partner",
        partner_id=partner.tenant_id,
        program=partner.program,
        onboarded=partner.onboarded,
    )


def discover(config: Config, partner: Partner) -> Discovery:
    """Ask the partner's tenant for its GDAP customers, or take those the configuration lists.

    Never raises for what the tenant or the network does: the partner's own tenant is always returned, and whoever
    plans the scan keeps the customers it knew before.
    """
    me = tenant_of(partner)
    error = None
    try:
        names = asyncio.run(_customers(config, me))
    except ScanError as problem:
        names, error = {}, str(problem)
    if partner.customers != "discover":
        # Listed customers are scanned whether or not they can be looked up; a name is all that may be missing.
        names = {tenant_id: names.get(tenant_id, tenant_id) for tenant_id in partner.customers}
    customers = [
        Tenant(tenant_id=tenant_id, name=name, kind="customer", partner_id=partner.tenant_id)
        for tenant_id, name in sorted(names.items())
        if tenant_id != partner.tenant_id
    ]
    log.info("discovered", partner=partner.tenant_id, customers=len(customers), error=error)
    return Discovery(partner_id=partner.tenant_id, tenants=(me, *customers), error=error)


async def _customers(config: Config, partner: Tenant) -> dict[str, str]:
    """Return the name of each GDAP customer by tenant id. Raises :class:`ScanError` rather than return some."""
    found: dict[str, str] = {}
    async with Limiter.open(config.limits) as limiter, clients_of(config, partner, limiter) as clients:
        client = clients["graph"]
        url = f"{client.base}/{CUSTOMERS.version}{CUSTOMERS.path}?$top={CUSTOMERS.page_size}"
        async for page, _ in client.pages(url, CUSTOMERS.headers, page_decoder(CUSTOMERS.table), limit=CUSTOMERS.limit):
            for row in page.value:
                tenant_id, name = msgspec.structs.astuple(row)
                if GUID.fullmatch(tenant_id.lower()):
                    found[tenant_id.lower()] = name or tenant_id
                else:
                    log.warning("ignored", partner=partner.tenant_id, customer=tenant_id, reason="not a tenant id")
    return found


def plan_tenants(
    discoveries: list[Discovery],
    known: list[Tenant],
    wanted: list[str],
) -> list[Tenant]:
    """Put the tenants of a scan together, each once.

    ``known`` are the tenants of earlier scans: where a partner's customers could not be listed, those it had are
    kept. ``wanted`` narrows the scan to tenants by id or by name, in any letter case; empty means all. A tenant
    that two partners share is scanned for the first of them. Raises ``LookupError`` for a wanted tenant nobody has.
    """
    found: dict[str, Tenant] = {}
    unlisted = {discovery.partner_id for discovery in discoveries if discovery.error}
    for tenant in (
        *(tenant for discovery in discoveries for tenant in discovery.tenants),
        *(tenant for tenant in known if tenant.partner_id in unlisted and tenant.kind == "customer"),
    ):
        # A partner that is also another's customer is scanned as the partner it is: it owes more.
        if tenant.tenant_id not in found or tenant.kind == "partner":
            found[tenant.tenant_id] = tenant
    if not wanted:
        return [*found.values()]
    asked = {text.strip().casefold() for text in wanted}
    chosen = [t for t in found.values() if {t.tenant_id, t.name.casefold()} & asked]
    if missing := asked - {key for t in chosen for key in (t.tenant_id, t.name.casefold())}:
        msg = f"no tenant has the id or name {', '.join(sorted(missing))}. Known are: {_some(found)}."
        raise LookupError(msg)
    return chosen


def _some(found: dict[str, Tenant]) -> str:
    names = [f"{tenant.name} ({tenant.tenant_id})" for tenant in found.values()]
    return "; ".join(names[:10]) + (f"; and {len(names) - 10} more" if len(names) > 10 else "")
