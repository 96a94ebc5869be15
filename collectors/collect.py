"""Collecting tenants: each chosen dataset of each has an outcome, whatever happens to the others."""

from __future__ import annotations

import asyncio
import gc
import ssl
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from functools import cache

import httpx
import structlog

from collectors.catalogue import Catalogue
from collectors.config import Config, Tenant
from collectors.declare import Dataset, Service
from collectors.errors import ScanError
from collectors.graph import CONNECTIONS, Gate, GraphClient
from collectors.journal import attempt
from collectors.landing import Landing, Outcome, Plan
from collectors.limiter import Limiter
from collectors.reading import Reading
from collectors.spared import Clients
from collectors.tokens import AppTokens, Services, token_source

log = structlog.get_logger(__name__)

TENANTS_AT_ONCE = 8


def collect(config: Config, plan: Plan, tenants: Iterable[Tenant], catalogue: Catalogue) -> list[Outcome]:
    """Collect ``tenants`` and return an outcome for each dataset chosen for each of them.

    No tenant stops another, and no dataset another: what went wrong is in the outcome. Landing files and manifests
    are complete when this returns. Where a process was killed at the same work, this goes on from its last page.
    """
    with _frozen():
        return asyncio.run(_collect_all(config, plan, list(tenants), catalogue))


@contextmanager
def _frozen() -> Iterator[None]:
    """Let the garbage collector pass over what is there already: with Airflow, a third of a million objects."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


async def _collect_all(config: Config, plan: Plan, tenants: list[Tenant], catalogue: Catalogue) -> list[Outcome]:
    places = asyncio.Semaphore(TENANTS_AT_ONCE)

    async with Limiter.open(config.limits) as limiter:

        async def one(tenant: Tenant) -> list[Outcome]:
            async with places:
                return await collect_tenant(config, plan, tenant, catalogue, limiter)

        # All finish before any error of ours is raised: a full disk stops the task, not the tenants beside it.
        results = await asyncio.gather(*map(one, tenants), return_exceptions=True)
    if errors := [result for result in results if isinstance(result, BaseException)]:
        msg = f"{len(errors)} of {len(tenants)} tenants could not be collected"
        raise BaseExceptionGroup(msg, errors)
    return [outcome for outcomes in results if isinstance(outcomes, list) for outcome in outcomes]


async def collect_tenant(
    config: Config, plan: Plan, tenant: Tenant, catalogue: Catalogue, limiter: Limiter
) -> list[Outcome]:
    """Collect one tenant and return an outcome for each chosen dataset."""
    datasets, _ = catalogue.chosen(list(plan.collectors), tenant.kind)
    landing = Landing(config.landing, plan.scan_id)
    async with attempt(landing.tenant(tenant.tenant_id)):
        try:
            async with clients_of(config, tenant, limiter) as clients:
                outcomes = await Reading(clients, landing, plan, tenant).read(datasets)
        except ScanError as error:
            # Nothing could be asked at all: every dataset has the same outcome.
            outcomes = [_refused(plan, tenant, dataset, error) for dataset in datasets]
        # It waits for the disk; the pages of other tenants go on meanwhile.
        await asyncio.to_thread(landing.write_outcomes, tenant.tenant_id, outcomes)
    for outcome in outcomes:
        log.info(
            "collected",
            tenant=tenant.tenant_id,
            dataset=outcome.dataset,
            state=outcome.state,
            rows=outcome.rows,
            pages=outcome.pages,
            **({"code": outcome.code, "reason": outcome.message} if outcome.message else {}),
        )
    return outcomes


@cache
def tls() -> ssl.SSLContext:
    """Return the process's one TLS context: making one takes 22 ms."""
    return ssl.create_default_context()


@asynccontextmanager
async def clients_of(config: Config, tenant: Tenant, limiter: Limiter) -> AsyncIterator[Clients]:
    """Open a tenant with its partner's credential: a client for each service that its cloud has.

    Raises :class:`ScanError` without a token for Graph.
    """
    partner = config.partner_of(tenant.partner_id)
    tokens = token_source(config, partner, tenant.tenant_id, tls())
    await tokens.token()
    limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
    timeout = httpx.Timeout(60, connect=15, pool=None)
    async with httpx.AsyncClient(verify=tls(), limits=limits, timeout=timeout, follow_redirects=False) as http:
        yield clients(http, Services.of(config, partner), tokens, limiter, tenant)


def clients(
    http: httpx.AsyncClient, services: Services, tokens: AppTokens, limiter: Limiter, tenant: Tenant
) -> Clients:
    """Return a client for each service of a tenant's cloud."""
    gate = Gate(limiter, tokens.place.app_id, tenant.tenant_id)
    # The gate keeps Graph's limits. Partner Center publishes none, and must not use up Graph's.
    connections = asyncio.Semaphore(CONNECTIONS)
    gates: dict[Service, Gate | None] = {"graph": gate, "partner_center": None}
    return {
        service: GraphClient(http, base, tokens.of(service), gates[service], connections)
        for service, base in services.bases.items()
    }


def _refused(plan: Plan, tenant: Tenant, dataset: Dataset, error: ScanError) -> Outcome:
    return Outcome(
        scan_id=plan.scan_id,
        tenant_id=tenant.tenant_id,
        dataset=dataset.name,
        state=error.state,
        code=error.code,
        message=str(error),
        collected_at=datetime.now(UTC),
    )
