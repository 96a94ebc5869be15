"""Reading one tenant: its datasets run together, and one that asks for each item of another waits for it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice
from typing import Any, NamedTuple

import msgspec

from collectors.config import Tenant
from collectors.declare import Dataset, Each, GraphObject
from collectors.errors import ListExpired, NotFound, ScanError, State, Unreadable
from collectors.graph import GraphClient, decode
from collectors.journal import RowWriter
from collectors.landing import Landing, Outcome, Plan, read_rows
from collectors.pages import decoder_of
from collectors.shape import field_of, parameter_field, row_decoder, row_type
from collectors.spared import Clients, spared
from collectors.urls import request_url

RESTARTS = 3
BATCH = 20


class Unlike(ScanError):  # noqa: N818  (a finding about an answer)
    """A dataset answered otherwise than its fallback does."""


class Reading:
    """One tenant's reading in one scan."""

    def __init__(self, clients: Clients, landing: Landing, plan: Plan, tenant: Tenant) -> None:
        self._clients = clients
        self._landing = landing
        self._folder = landing.tenant(tenant.tenant_id)
        self._plan = plan
        self._tenant = tenant
        self._datasets: dict[str, Dataset] = {}
        self._running: dict[str, asyncio.Task[Outcome]] = {}

    async def read(self, datasets: Sequence[Dataset]) -> list[Outcome]:
        """Read all datasets (each after those it asks for) and return their outcomes in the same order."""
        self._datasets = {dataset.name: dataset for dataset in datasets}
        async with asyncio.TaskGroup() as group:
            for dataset in datasets:
                self._running[dataset.name] = group.create_task(self._outcome(dataset))
        return [self._running[dataset.name].result() for dataset in datasets]

    async def _outcome(self, dataset: Dataset) -> Outcome:
        """Read one dataset. Raises nothing of a tenant's making: it is in the outcome."""
        if why := await self._spared(dataset):
            return self._made(dataset, "skipped", why)
        outcome = await self._attempt(dataset)
        if dataset.fallback is None:
            return outcome
        problem = await self._unlike(dataset, outcome) if outcome.state == "complete" else None
        if outcome.state == "complete" and problem is None:
            return outcome
        instead = await self._attempt(dataset.fallback, ".instead")
        reason = str(problem) if problem else outcome.message
        words = f"(GET /{dataset.fallback.version}{dataset.fallback.path} was asked instead, because {reason})"
        return msgspec.structs.replace(instead, message=f"{instead.message} {words}".lstrip())

    async def _spared(self, dataset: Dataset) -> tuple[str, str] | None:
        """Return the (code, reason) not to read a dataset in this tenant, if there is one."""
        if why := spared(dataset, self._tenant, self._clients):
            return why
        if (other := dataset.stands_in_for) is not None:
            told = await self._running[other] if other in self._running else None
            if told is not None and told.state != "not_licensed":
                return "NotNeeded", f"it stands in for {other}, which is {told.state}"
        return None

    async def _attempt(self, dataset: Dataset, suffix: str = "") -> Outcome:
        problems: list[ScanError] = []
        with RowWriter(self._folder, dataset.name, self._asked(dataset), suffix) as writer:
            if writer.outcome is not None:
                return writer.outcome
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
            counted = {"rows": writer.rows, "pages": writer.pages, "bytes": writer.bytes} if file else {}
            outcome = self._made(dataset, state, (code, message), file=file, sha256=sha256, **counted)
            writer.end(outcome)
        return outcome

    def _made(self, dataset: Dataset, state: State, why: tuple[str, str], **counted: Any) -> Outcome:
        end = self._plan.scanned_at if dataset.window else None
        return Outcome(
            scan_id=self._plan.scan_id,
            tenant_id=self._tenant.tenant_id,
            dataset=dataset.name,
            state=state,
            code=why[0],
            message=why[1],
            window_start=dataset.window.start(end, self._read_until(dataset)) if dataset.window and end else None,
            window_end=end,
            collected_at=datetime.now(UTC),
            **counted,
        )

    def _read_until(self, dataset: Dataset) -> datetime | None:
        return self._plan.read_until.get(self._tenant.tenant_id, {}).get(dataset.name)

    def _url(self, dataset: Dataset, value: str | None) -> str:
        return request_url(self._client(dataset).base, dataset, self._plan.scanned_at, value, self._read_until(dataset))

    def _client(self, dataset: Dataset) -> GraphClient:
        return self._clients[dataset.service]

    def _asked(self, dataset: Dataset) -> str:
        return self._url(dataset, f"{{{dataset.parameter}}}" if dataset.parameter else None)

    async def _values(self, dataset: Dataset) -> tuple[Iterable[str | None], list[ScanError]]:
        """Return what to ask for (``[None]``: just once), and why that may not be everything."""
        if not dataset.each:
            return [None], []
        found: dict[str | None, None] = {}
        unknown: list[ScanError] = []
        for each in dataset.each:
            if each.dataset not in self._running or (each.opt_in and each.opt_in not in self._plan.opt_in):
                continue  # a customer has no GDAP assignments to ask for
            parent = await self._running[each.dataset]
            try:
                found |= dict.fromkeys(self._named(each, parent))
            except Unreadable as error:
                unknown.append(error)
            if parent.state not in {"complete", "not_licensed", "skipped"}:
                msg = f"{each.dataset} is {parent.state}, so not all of {dataset.name} is known: {parent.message}"
                unknown.append(Unreadable(msg, parent.code))
        return found, unknown

    def _named(self, each: Each, parent: Outcome) -> Iterator[str]:
        """Yield the values that the landed rows of a dataset name for another that asks for each of them."""
        if parent.file is None:
            return
        among = self._through(each)
        parameter = f"{{{self._datasets[each.dataset].parameter}}}"
        for row in read_rows(self._landing.path(parent)):
            if among is not None and row.get(parameter) not in among:
                continue
            try:
                yield from each.values(row)
            except Exception as error:  # noqa: BLE001  (a plugin's code over a tenant's data: anything can come)
                msg = f"{each.dataset}: a row is not as declared: {type(error).__name__} {error}."
                raise Unreadable(msg, "UnexpectedAnswer") from None

    def _through(self, each: Each) -> set[str] | None:
        """Return the values that ``each.dataset`` was asked for because one of ``each.through`` named them."""
        if not each.through:
            return None
        inner = [step for step in self._datasets[each.dataset].each if step.dataset in each.through]
        done = [(step, self._running[step.dataset].result()) for step in inner if step.dataset in self._running]
        return {value for step, parent in done for value in self._named(step, parent)}

    async def _each(
        self, dataset: Dataset, values: Iterable[str | None], writer: RowWriter
    ) -> AsyncIterator[tuple[str | None, ScanError]]:
        """Read what each value names and yield (value, error) for those that cannot be."""
        left = [value for value in values if value not in writer.finished]
        if dataset.batched:
            for some in _batches(left):
                async for problem in self._read_batch(dataset, some, writer):
                    yield problem
            return
        for value in left:
            try:
                await self._read(dataset, value, writer)
            except ScanError as error:
                yield value, error

    async def _read_batch(
        self, dataset: Dataset, values: Sequence[str | None], writer: RowWriter
    ) -> AsyncIterator[tuple[str | None, ScanError]]:
        """Read up to twenty values in one request; a list that has further pages is then read by itself."""
        rows: list[msgspec.Struct] = []
        finished: list[str | None] = []
        longer: list[str | None] = []
        for value, answer in zip(values, await self._answers(dataset, values), strict=True):
            if isinstance(answer, _Whole):
                rows += answer.rows
                finished.append(value)
            elif answer is None:
                longer.append(value)
            else:
                yield value, answer
        if finished:
            writer.write(rows, finished=finished)
        for value in longer:
            try:
                await self._read(dataset, value, writer)
            except ScanError as error:
                yield value, error

    async def _answers(self, dataset: Dataset, values: Sequence[str | None]) -> list[_Whole | ScanError | None]:
        """Ask for up to twenty values at once. ``None`` is a list of which more than one page is to come."""
        urls = [self._url(dataset, value) for value in values]
        client = self._client(dataset)
        root = f"{client.base}/{dataset.version}"
        try:
            bodies = await client.batch(dataset.version, [url.removeprefix(root) for url in urls], dataset.limit)
        except ScanError as error:
            return [error] * len(values)
        answers: list[_Whole | ScanError | None] = []
        for value, url, body in zip(values, urls, bodies, strict=True):
            try:
                answers.append(body if isinstance(body, ScanError) else self._whole(dataset, value, url, body))
            except ScanError as error:
                answers.append(error)
        return answers

    async def _read(self, dataset: Dataset, value: str | None, writer: RowWriter) -> None:
        """Read one collection or object to its end, again from its start if its page chain expires."""
        url, client = self._url(dataset, value), self._client(dataset)
        if isinstance(dataset, GraphObject):
            raw = await client.read(url, dataset.headers, _RAW, dataset.limit)
            whole = self._whole(dataset, value, url, bytes(raw))
            assert whole is not None
            writer.write(whole.rows, finished=[value])
            return
        trail = writer.begin(value)
        decoder = decoder_of(dataset)
        for restart in range(RESTARTS + 1):
            try:
                async for page, after in client.pages(url, dataset.headers, decoder, trail, dataset.limit):
                    writer.write(self._rows(dataset, value, page.value), trail=after)
            except ListExpired:
                if restart == RESTARTS:
                    raise
                writer.restart()
                trail = None
            else:
                return

    async def _unlike(self, dataset: Dataset, outcome: Outcome) -> ScanError | None:
        """Return what is wrong if some rows are not what the fallback answers for them."""
        if not (dataset.fallback and dataset.sample and outcome.file):
            return None
        # The same rows at every attempt, others at every scan.
        chance = random.Random(f"{self._plan.scan_id}/{self._tenant.tenant_id}")  # noqa: S311
        rows = _some(read_rows(self._landing.path(outcome), row_type(dataset.table)), dataset.sample, chance)
        key = field_of(dataset.table, dataset.table.key[0])
        ours = {getattr(row, key): row for row in rows}
        for values in _batches(ours):
            for value, answer in zip(values, await self._answers(dataset.fallback, values), strict=True):
                if isinstance(answer, NotFound):
                    continue  # deleted since
                if not isinstance(answer, _Whole):
                    return None  # the fallback cannot be asked, so it cannot say otherwise
                if answer.rows != [ours[value]]:
                    msg = f"GET /{dataset.version}{dataset.path} gives another answer than it does, for {value}."
                    return Unlike(msg)
        return None

    def _whole(self, dataset: Dataset, value: str | None, url: str, body: bytes) -> _Whole | None:
        """Return the rows of an answer, or ``None`` if it is a list with more pages."""
        if isinstance(dataset, GraphObject):
            return _Whole(self._rows(dataset, value, [_object(dataset, body, url)]))
        page = decode(decoder_of(dataset), body, url)
        return None if page.next_link else _Whole(self._rows(dataset, value, page.value))

    def _rows(self, dataset: Dataset, value: str | None, rows: list[msgspec.Struct]) -> list[msgspec.Struct]:
        """Return rows as they land: with the value they were asked for, and as the dataset of that name has them."""
        if value is not None and (name := parameter_field(dataset.table, str(dataset.parameter))):
            for row in rows:
                setattr(row, name, value)
        table = self._datasets[dataset.name].table
        if table is dataset.table:
            return rows
        landed = row_type(table)  # a fallback's columns have other sources
        return [landed(**msgspec.structs.asdict(row)) for row in rows]


class _Whole(NamedTuple):
    """All rows of a value."""

    rows: list[msgspec.Struct]


def _object(dataset: Dataset, body: bytes, url: str) -> msgspec.Struct:
    """Return a single object: bare as Graph sends it, or from ``value`` as its documentation shows."""
    with suppress(msgspec.DecodeError):
        wrapped = _WRAPPED.decode(body)
        if (inner := bytes(wrapped.value)).startswith(b"{"):
            body = inner
    row: msgspec.Struct = decode(row_decoder(dataset.table), body, url)
    return row


def _batches(values: Iterable[str | None]) -> Iterator[list[str | None]]:
    rest = iter(values)
    while some := list(islice(rest, BATCH)):
        yield some


def _judged(problems: list[ScanError], *, kept: bool) -> tuple[State, str, str]:
    """Return the (state, code, message) of a dataset that met ``problems``."""
    if not problems:
        return "complete", "", ""
    first = problems[0]
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return "partial" if kept else first.state, first.code, f"{first}{more}"


def _some(rows: Iterable[msgspec.Struct], count: int, chance: random.Random) -> list[msgspec.Struct]:
    """Return ``count`` of the rows, each as likely as any other, without holding all of them."""
    kept: list[msgspec.Struct] = []
    for number, row in enumerate(rows):
        if number < count:
            kept.append(row)
        elif (place := chance.randrange(number + 1)) < count:
            kept[place] = row
    return kept


class _Wrapped(msgspec.Struct):
    value: msgspec.Raw = msgspec.Raw(b"")


_WRAPPED = msgspec.json.Decoder(_Wrapped)
_RAW: msgspec.json.Decoder[Any] = msgspec.json.Decoder(msgspec.Raw)
