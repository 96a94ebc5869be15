"""The page that describes every table, view and column, made from the declarations and from the database's comments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from collectors.catalogue import Catalogue
from collectors.declare import EVERY_PROGRAM, Collector, Column, Dataset
from warehouse.catalog import Relation, relations
from warehouse.datasets import fields, history_of, past_of
from warehouse.engine import scratch
from warehouse.migrate import prepare

_START = """\
# Tables and views

What the published file holds. Times are UTC. `rollcall sql "select * from scorecards"` asks it, and so does any DuckDB
client; inside, each table, view and column carries the words below as its comment. This page is generated.

* [Results and history](#results-and-history): what the scans found, and how each read went.
* [Datasets](#datasets): what was read from Microsoft Graph, as of the last complete collection of each tenant. Of one
  that is tracked, `..._past` keeps the versions that are over, and the view `..._history` shows all: what was so at a
  time are its rows with `valid_from <= time and (valid_until is null or valid_until > time)`.
* [Views](#views): the newest results, and facts over the datasets."""


def reference(catalogue: Catalogue) -> str:
    """Return the page in Markdown, with the datasets of every collector in ``catalogue``."""
    with scratch() as con:
        prepare(con, catalogue)
        every = relations(con)
    stored = {each.called: each for each in every}
    tracked = [dataset.name for dataset in catalogue.datasets if dataset.table.is_tracked]
    elsewhere = {dataset.name for dataset in catalogue.datasets}
    elsewhere |= {called for name in tracked for called in (past_of(name), history_of(name))}
    parts = [_START, "## Results and history"]
    for table in every:
        if not table.is_view and table.called not in elsewhere:
            parts += _relation(table)
    parts.append("## Datasets")
    for collector in catalogue.collectors:
        parts += _collector(collector, stored)
    parts.append("## Views")
    for view in sorted(every, key=lambda view: view.schema != "main"):
        if view.is_view and view.called not in elsewhere:
            parts += _relation(view)
    return "\n\n".join(parts)


def _collector(collector: Collector, stored: Mapping[str, Relation]) -> Iterator[str]:
    yield f"### Collector {collector.name}"
    yield collector.doc
    for dataset in collector.datasets:
        yield f"#### {dataset.name}"
        yield dataset.table.doc
        yield "\n".join(f"* {line}" for line in _origin(dataset))
        sources = {column.name: _source(column, dataset) for column in dataset.table.columns}
        yield _grid(
            ("Column", "Type", "Graph", "Meaning"),
            ((f.name, _type(f.type, f.is_required), sources.get(f.name, ""), f.doc) for f in fields(dataset.table)),
        )
        if dataset.table.is_tracked:
            for name in (past_of(dataset.name), history_of(dataset.name)):
                yield from _relation(stored[name], "####")


def _origin(dataset: Dataset) -> Iterator[str]:
    asked = f"`GET /{dataset.version}{dataset.path}`"
    yield f"Source: [{asked}]({dataset.source})" if dataset.source else f"Source: {asked}"
    yield f"Permission: {', '.join(f'`{name}`' for name in dataset.permissions)}"
    yield f"Licence: {'Microsoft Entra ID P1' if dataset.is_premium else 'none'}"
    yield f"Tenants: {' and '.join(sorted(dataset.kinds, reverse=True))}"
    yield f"Key: {', '.join(f'`{name}`' for name in ('tenant_id', *dataset.table.key))}"
    yield f"Limits: {dataset.limit}"
    if window := dataset.window:
        more = (
            "" if window.overlap_hours is None else f"; since the last reading, and {window.overlap_hours} hours before"
        )
        yield f"Window: the {window.days} days before the scan{more}"
    if dataset.table.is_tracked:
        volatile = [f"`{column.name}`" for column in dataset.table.columns if column.volatile]
        more = f"; a change of {', '.join(volatile)} makes none" if volatile else ""
        yield f"Tracked: every version is kept{more}"
    if dataset.fallback:
        yield f"Where that cannot be read: `GET /{dataset.fallback.version}{dataset.fallback.path}`"
    if dataset.stands_in_for:
        yield f"Only where the tenant has no licence for `{dataset.stands_in_for}`"
    if dataset.needs_user:
        yield "Only with a user's refresh token; an application alone is refused"
    if dataset.programs != EVERY_PROGRAM:
        yield f"Programs: {', '.join(sorted(dataset.programs))}"
    for each in dataset.each:
        more = f", if `{each.opt_in}` is opted in to" if each.opt_in else ""
        yield f"Asked once for each `{each.parameter}` that `{each.dataset}` names{more}"


def _source(column: Column, dataset: Dataset) -> str:
    return f"the {dataset.parameter} asked for" if column.is_parameter else f"`{column.source}`"


def _relation(relation: Relation, heading: str = "###") -> Iterator[str]:
    yield f"{heading} {relation.called}"
    yield relation.doc
    columns = ((column.name, _type(column.type, column.is_required), column.doc) for column in relation.columns)
    yield _grid(("Column", "Type", "Meaning"), columns)


def _type(name: str, is_required: bool) -> str:
    return f"{name.lower()}, never null" if is_required else name.lower()


def _grid(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a Markdown table whose first column is code."""
    lines = [head, ("---",) * len(head)]
    lines += [(f"`{first}`", *rest) for first, *rest in rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)
