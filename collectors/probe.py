"""One cheap request for each dataset of a tenant, to learn whether it can be read and else what to give to whom."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec

from collectors.advice import Place, fill, of_graph
from collectors.collect import clients, tls
from collectors.config import Config, Tenant
from collectors.declare import Dataset
from collectors.errors import NotFound, NotLicensed, NotPermitted, ScanError, Throttled, Unreachable, Unreadable
from collectors.graph import GraphClient
from collectors.limiter import Limiter
from collectors.spared import Clients, spared
from collectors.tokens import Services, token_source
from collectors.urls import request_url

PATIENCE_SECONDS = 60
# Nobody's id. That it is not there is said only to those who may ask.
NOBODY = "00000000-0000-0000-0000-000000000000"
# What to go by if neither Graph's code nor its words are known.
_STATUS = {NotPermitted: 403, NotFound: 404, Throttled: 429, Unreachable: 503}


@dataclass(frozen=True)
class Probed:
    """Whether a dataset can be read: with an ``error`` it cannot, and ``advice`` says what to do."""

    dataset: Dataset
    error: ScanError | None = None
    advice: str = ""
    word: str = ""


async def probe(config: Config, tenant: Tenant, datasets: Iterable[Dataset], limiter: Limiter) -> list[Probed]:
    """Ask for one item of each dataset that a scan would read, each after those it asks for.

    Raises :class:`ScanError` without a token.
    """
    partner = config.partner_of(tenant.partner_id)
    tokens = token_source(config, partner, tenant.tenant_id, tls())
    await tokens.token()
    seen: dict[str, bytes] = {}
    probed: list[Probed] = []
    timeout = httpx.Timeout(30, connect=15)
    async with httpx.AsyncClient(verify=tls(), timeout=timeout, follow_redirects=False) as http:
        services = clients(http, Services.of(config, partner), tokens, limiter, tenant)
        for dataset in datasets:
            if spared(dataset, tenant, services) or not _is_needed(dataset, probed):
                continue
            probed.append(await _probe(services, dataset, seen, tokens.place))
    return probed


async def _probe(services: Clients, dataset: Dataset, seen: dict[str, bytes], place: Place) -> Probed:
    """Ask for one item of a dataset, or of its fallback if that is refused."""
    try:
        seen[dataset.name] = await _ask(services[dataset.service], dataset, seen)
    except ScanError as error:
        if dataset.fallback:
            return await _probe(services, dataset.fallback, seen, place)
        return _explained(dataset, error, place)
    return Probed(dataset)


def _is_needed(dataset: Dataset, probed: Iterable[Probed]) -> bool:
    """Whether a dataset would be read: one that stands in for another only where that is not licensed."""
    if dataset.stands_in_for is None:
        return True
    return any(one.dataset.name == dataset.stands_in_for and isinstance(one.error, NotLicensed) for one in probed)


async def _ask(client: GraphClient, dataset: Dataset, seen: Mapping[str, bytes]) -> bytes:
    value = _value(dataset, seen)
    url = request_url(
        client.base, dataset, datetime.now(UTC), (value or NOBODY) if dataset.parameter else None, page_size=1
    )
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await client.get(url, dataset.headers, dataset.limit)
    except TimeoutError:
        msg = f"GET /{dataset.version}{dataset.path}: no answer within {PATIENCE_SECONDS} s"
        raise Unreachable(msg, "TimeoutError") from None
    except Unreadable as error:
        # We may ask: what the tenant named is gone, or there is nothing by the id we made up.
        if dataset.each and (isinstance(error, NotFound) or value is None):
            return b""
        raise


def _value(dataset: Dataset, seen: Mapping[str, bytes]) -> str | None:
    """Return a value to ask a dataset for, if the answers so far name one."""
    for each in dataset.each:
        for item in _items(seen.get(each.dataset, b"")):
            try:
                return next(iter(each.values(item)))
            except StopIteration:
                continue
            except Exception:  # noqa: BLE001, S112  (a plugin's code over a tenant's data; a scan tells of it)
                continue
    return None


def _items(body: bytes) -> list[dict[str, Any]]:
    try:
        answer = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return []
    found = answer.get("value") if isinstance(answer, dict) else None
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _explained(dataset: Dataset, error: ScanError, place: Place) -> Probed:
    if error.word.partition(".")[0] in {"auth", "consent", "token", "cred", "gdap"}:  # the token was lost on the way
        return Probed(dataset, error, "", error.word)
    advice = of_graph(_STATUS.get(type(error), 0), error.code, str(error))
    return Probed(dataset, error, fill(advice, place, permissions=dataset.permissions), advice.word)
