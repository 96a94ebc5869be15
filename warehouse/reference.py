"""The page that describes every table, view and column, made from the declarations and from the database's comments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from collectors.catalogue import Catalogue
from collectors.declare import EVERY_PROGRAM, Collector, Column, Dataset
from warehouse.datasets import fields
from warehouse.engine import Connection, scratch
from warehouse.migrate import prepare
from warehouse.views import View, views

_START = """\
# Tables and views

What the published file holds. Times are UTC. `rollcall sql "select * from scorecards"` asks it, and so does any DuckDB
client; inside, each table, view and column carries the words below as its comment. This page is generated.

* [Results and history](#results-and-history): what the scans found, and how each read went.
* [Datasets](#datasets): what was read from Microsoft Graph, as of the last complete collection of each tenant.
* [Views](#views): the newest results, and facts over the datasets."""

_HISTORY = """
    select table_name, comment
    from duckdb_tables()
    where database_name = current_database() and not temporary and table_name not in (select dataset from datasets)
    order by table_name
"""

# By (schema, table): its columns' name, type, whether it is never null, and meaning.
Columns = Mapping[tuple[str, str], list[tuple[str, str, bool, str]]]


def reference(catalogue: Catalogue) -> str:
    """Return the page in Markdown, with the datasets of every collector in ``catalogue``."""
    with scratch() as con:
        prepare(con, catalogue)
        columns = _columns(con)
        history = con.execute(_HISTORY).fetchall()
    parts = [_START, "## Results and history"]
    for name, doc in history:
        parts += [f"### {name}", doc, _table(columns["main", name])]
    parts.append("## Datasets")
    for collector in catalogue.collectors:
        parts += _collector(collector)
    parts.append("## Views")
    for view in sorted(views(), key=lambda view: (view.schema != "main", view.schema, view.name)):
        parts += _view(view, columns)
    return "\n\n".join(parts)


def _columns(con: Connection) -> Columns:
    found: dict[tuple[str, str], list[tuple[str, str, bool, str]]] = {}
    for schema, table, name, type_, is_required, doc in con.execute(
        """
        select schema_name, table_name, column_name, data_type, not is_nullable, coalesce(comment, '')
        from duckdb_columns()
        where not internal and database_name = current_database()
        order by schema_name, table_name, column_index
        """
    ).fetchall():
        found.setdefault((schema, table), []).append((name, type_, is_required, doc))
    return found


def _collector(collector: Collector) -> Iterator[str]:
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


def _view(view: View, columns: Columns) -> Iterator[str]:
    yield f"### {view.name if view.schema == 'main' else f'{view.schema}.{view.name}'}"
    yield view.doc
    yield _table(columns[view.schema, view.name])


def _table(columns: Iterable[tuple[str, str, bool, str]]) -> str:
    return _grid(
        ("Column", "Type", "Meaning"),
        ((name, _type(type_, is_required), doc) for name, type_, is_required, doc in columns),
    )


def _type(name: str, is_required: bool) -> str:
    return f"{name.lower()}, never null" if is_required else name.lower()


def _grid(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a Markdown table whose first column is code."""
    lines = [head, ("---",) * len(head)]
    lines += [(f"`{first}`", *rest) for first, *rest in rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)
