"""Collecting one tenant: every chosen dataset, all together, each with an outcome, whatever happens to the others."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import msgspec
import structlog

from collectors.catalogue import Catalogue
from collectors.config import Config, Tenant
from collectors.declare import Dataset, GraphObject
from collectors.errors import ListExpired, NotFound, ScanError, State, Unreadable
from collectors.graph import Gate, GraphClient, check_link, decode
from collectors.landing import Landing, Outcome, Plan, RowWriter
from collectors.limiter import Limiter
from collectors.shape import page_decoder, parameter_field, row_decoder
from collectors.tokens import Services, token_source

log = structlog.get_logger(__name__)

CONNECTIONS = 2  # a larger pool costs more CPU than it gains: httpcore searches it for every request
TENANTS_AT_ONCE = 8
RESTARTS = 3
BATCH = 20

Values = Callable[[Mapping[str, Any]], Iterable[str]]


def collect(config: Config, plan: Plan, tenants: Iterable[Tenant], catalogue: Catalogue) -> list[Outcome]:
    """Collect ``tenants`` and return an outcome for each dataset chosen for each of them.

    No tenant stops another, and no dataset another: what went wrong is in the outcome. Landing files and manifests
    are complete when this returns.
    """
    return asyncio.run(_collect_all(config, plan, list(tenants), catalogue))


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
    try:
        async with client_of(config, tenant, limiter) as client:
            outcomes = await _Tenant(client, landing, plan, tenant).read(datasets)
    except ScanError as error:
        # Nothing could be asked at all: every dataset has the same outcome.
        outcomes = [_refused(plan, tenant, dataset, error) for dataset in datasets]
    for outcome in outcomes:
        landing.write_outcome(outcome)
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
async def client_of(config: Config, tenant: Tenant, limiter: Limiter) -> AsyncIterator[GraphClient]:
    """Open a Graph client for a tenant with its partner's credential. Raises :class:`ScanError`."""
    partner = config.partner_of(tenant.partner_id)
    tokens = token_source(config, partner, tenant.tenant_id, tls())
    await tokens.token()
    limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
    # Requests wait for a connection as long as it takes: the datasets share two.
    timeout = httpx.Timeout(60, connect=15, pool=None)
    async with httpx.AsyncClient(verify=tls(), limits=limits, timeout=timeout, follow_redirects=False) as http:
        graph = Services.of(config, partner).graph
        yield GraphClient(http, graph, tokens, Gate(limiter, tokens.place.app_id, tenant.tenant_id))


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


class _Tenant:
    """One tenant's reading. Datasets run together; one that asks for each item of another waits for it."""

    def __init__(self, client: GraphClient, landing: Landing, plan: Plan, tenant: Tenant) -> None:
        self._client = client
        self._folder = landing.tenant(tenant.tenant_id)
        self._plan = plan
        self._tenant = tenant
        # What a dataset names for another that asks for each of it: (dataset, other) -> values, in their order.
        self._taps: dict[tuple[str, str], dict[str, None]] = {}
        self._draws: dict[str, list[tuple[Values, dict[str, None]]]] = {}
        self._running: dict[str, asyncio.Task[Outcome]] = {}

    async def read(self, datasets: list[Dataset]) -> list[Outcome]:
        """Read all datasets (each after those it asks for) and return their outcomes in the same order."""
        names = {dataset.name for dataset in datasets}
        for dataset in datasets:
            for each in dataset.each:
                if each.dataset in names:  # a customer has no GDAP assignments to ask for
                    named = self._taps.setdefault((each.dataset, dataset.name), {})
                    self._draws.setdefault(each.dataset, []).append((each.values, named))
        async with asyncio.TaskGroup() as group:
            for dataset in datasets:
                self._running[dataset.name] = group.create_task(self._outcome(dataset))
        return [self._running[dataset.name].result() for dataset in datasets]

    async def _outcome(self, dataset: Dataset) -> Outcome:
        """Read one dataset. Raises nothing of a tenant's making: it is in the outcome."""
        problems: list[ScanError] = []
        with RowWriter(self._folder, dataset.name) as writer:
            values, unknown = await self._values(dataset)
            problems += unknown
            gone: list[str] = []
            async for value, error in self._each(dataset, values, writer):
                if isinstance(error, NotFound) and value is not None:
                    # The tenant names a thing it has deleted: a fact, seen as a row that is not there.
                    gone.append(value)
                else:
                    problems.append(error)
            # A page that could be read is kept even if the next could not: load decides, not we.
            file, sha256 = writer.keep() if writer.pages or not problems else (None, "")
        state, code, message = _judged(problems, kept=writer.pages > 0)
        if gone:
            message = f"{message} Not found: {', '.join(gone)}.".lstrip()
        return Outcome(
            scan_id=self._plan.scan_id,
            tenant_id=self._tenant.tenant_id,
            dataset=dataset.name,
            state=state,
            code=code,
            message=message,
            rows=writer.rows if file else 0,
            pages=writer.pages if file else 0,
            bytes=writer.bytes if file else 0,
            sha256=sha256,
            file=file,
            collected_at=datetime.now(UTC),
        )

    async def _values(self, dataset: Dataset) -> tuple[list[str | None], list[ScanError]]:
        """Return what to ask for (``[None]``: just once), and why that may not be everything."""
        if not dataset.each:
            return [None], []
        found: dict[str, None] = {}
        unknown: list[ScanError] = []
        for each in dataset.each:
            if (named := self._taps.get((each.dataset, dataset.name))) is None:
                continue
            parent = await self._running[each.dataset]
            found |= named
            if parent.state == "not_licensed":
                continue  # no licence, no such objects: nothing to ask for
            if parent.state != "complete":
                msg = f"{each.dataset} is {parent.state}, so not all of {dataset.name} is known: {parent.message}"
                unknown.append(Unreadable(msg, parent.code))
        return [*found], unknown

    async def _each(
        self, dataset: Dataset, values: list[str | None], writer: RowWriter
    ) -> AsyncIterator[tuple[str | None, ScanError]]:
        """Read what each value names and yield (value, error) for those that cannot be."""
        if dataset.batched:
            for at in range(0, len(values), BATCH):
                async for problem in self._read_batch(dataset, values[at : at + BATCH], writer):
                    yield problem
            return
        for value in values:
            try:
                await self._read(dataset, value, writer)
            except ScanError as error:
                yield value, error

    async def _read_batch(
        self, dataset: Dataset, values: list[str | None], writer: RowWriter
    ) -> AsyncIterator[tuple[str | None, ScanError]]:
        """Read up to twenty values in one request, and the further pages of each by themselves."""
        urls = [request_url(self._client.base, dataset, self._plan.scanned_at, value) for value in values]
        root = f"{self._client.base}/{dataset.version}"
        try:
            bodies = await self._client.batch(dataset.version, [url.removeprefix(root) for url in urls])
        except ScanError as error:
            for value in values:
                yield value, error
            return
        for value, url, body in zip(values, urls, bodies, strict=True):
            if isinstance(body, ScanError):
                yield value, body
                continue
            try:
                await self._keep_member(dataset, value, url, body, writer)
            except ScanError as error:
                yield value, error

    async def _keep_member(self, dataset: Dataset, value: str | None, url: str, body: bytes, writer: RowWriter) -> None:
        if isinstance(dataset, GraphObject):
            self._keep(dataset, value, *_object(dataset, decode(_ANYTHING, body, url), body, url), writer)
            return
        page = decode(page_decoder(dataset.table), body, url)
        self._keep(dataset, value, page.value, body, writer)
        if page.next_link:
            check_link(page.next_link, url)
            async for more, rest in self._client.pages(page.next_link, dataset.headers, page_decoder(dataset.table)):
                self._keep(dataset, value, more.value, rest, writer)

    async def _read(self, dataset: Dataset, value: str | None, writer: RowWriter) -> None:
        """Read one collection or object to its end, again from its start if its page chain expires."""
        url = request_url(self._client.base, dataset, self._plan.scanned_at, value)
        if isinstance(dataset, GraphObject):
            raw, body = await self._client.read(url, dataset.headers, _ANYTHING)
            self._keep(dataset, value, *_object(dataset, raw, body, url), writer)
            return
        start = writer.mark()
        for restart in range(RESTARTS + 1):
            writer.rewind(start)
            try:
                async for page, body in self._client.pages(url, dataset.headers, page_decoder(dataset.table)):
                    self._keep(dataset, value, page.value, body, writer)
            except ListExpired:
                if restart == RESTARTS:
                    raise
            else:
                return

    def _keep(
        self, dataset: Dataset, value: str | None, rows: list[msgspec.Struct], body: bytes, writer: RowWriter
    ) -> None:
        """Write an answer's rows, and draw from its items what other datasets ask for each of."""
        if value is not None and (name := parameter_field(dataset.table, str(dataset.parameter))):
            for row in rows:
                setattr(row, name, value)
        writer.write(rows)
        for values, named in self._draws.get(dataset.name, ()):
            _draw(values, named, body, dataset)


def request_url(base: str, dataset: Dataset, window_end: datetime, value: str | None, **options: str) -> str:
    """Return the URL of a dataset's first request, for ``value`` if it asks for each of something.

    ``options`` replace those of the dataset (``top="1"``), where it has them.
    """
    end = window_end.astimezone(UTC)
    values = {"window_end": _instant(end)}
    if dataset.window_days:
        values["window_start"] = _instant(end - timedelta(days=dataset.window_days))
    if value is not None:
        # A value comes from the tenant: quoted, it can name nothing but one segment.
        values[str(dataset.parameter)] = quote(value, safe="")
    asked = dataset.options(values)
    asked |= {f"${name}": text for name, text in options.items() if f"${name}" in asked}
    query = urlencode(asked, quote_via=quote, safe="$,()'")
    return f"{base}/{dataset.version}{dataset.path.format_map(values)}" + (f"?{query}" if query else "")


def _judged(problems: list[ScanError], *, kept: bool) -> tuple[State, str, str]:
    """Return the (state, code, message) of a dataset that met ``problems``."""
    if not problems:
        return "complete", "", ""
    first = problems[0]
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return "partial" if kept else first.state, first.code, f"{first}{more}"


def _object(dataset: Dataset, raw: Any, body: bytes, url: str) -> tuple[list[msgspec.Struct], bytes]:
    """Return a single object as ([row], body): bare as Graph sends it, or from ``value`` as its documentation shows."""
    if isinstance(raw, dict) and isinstance(raw.get("value"), dict):
        body = msgspec.json.encode(raw["value"])
    return [decode(row_decoder(dataset.table), body, url)], body


def _draw(values: Values, named: dict[str, None], body: bytes, dataset: Dataset) -> None:
    """Let a declaration name, from an answer's items as Graph sent them, what its dataset asks for."""
    answer = _ANYTHING.decode(body)
    for item in [answer] if isinstance(dataset, GraphObject) else answer["value"]:
        try:
            named |= dict.fromkeys(values(_as_mapping(item)))
        except Exception as error:  # noqa: BLE001  (a plugin's code over a tenant's data: anything can come)
            msg = f"{dataset.name}: an item is not as declared: {type(error).__name__} {error}."
            raise Unreadable(msg, "UnexpectedAnswer") from None


def _as_mapping(item: Any) -> Mapping[str, Any]:
    if not isinstance(item, dict):
        msg = f"expected an object, found {type(item).__name__}"
        raise TypeError(msg)
    return item


def _instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


_ANYTHING: msgspec.json.Decoder[Any] = msgspec.json.Decoder()
