"""The tables of datasets, made from their declarations and kept in step with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec
import structlog

from collectors.catalogue import Catalogue
from collectors.declare import Table
from warehouse import bulk
from warehouse.catalog import Column, Relation, tables
from warehouse.engine import Connection, WarehouseError, identifier, literal
from warehouse.views import views

log = structlog.get_logger(__name__)

TENANT_DOC = "The tenant."
COLLECTED_DOC = "When all of the dataset was last collected in the tenant; of events, when the row was read."
FROM_DOC = "Time of the first scan that found the row as it is here."
UNTIL_DOC = "Time of the first scan that found it otherwise, or no longer: it was so until just before."


@dataclass(frozen=True)
class Field:
    """A column as the table has it: the declared ones and those that the warehouse adds."""

    name: str
    type: str
    is_required: bool
    doc: str
    default: str = ""

    @property
    def ddl(self) -> str:
        """Its line in ``create table``."""
        # Long texts that differ: half as large and half the work as DuckDB's own choice, which is made for short ones.
        compression = " using compression zstd" if self.type == "JSON" else ""
        default = f" default {self.default}" if self.default else ""
        return f"{identifier(self.name)} {self.type}{' not null' if self.is_required else ''}{compression}{default}"


class _Row(msgspec.Struct):
    """A row of ``datasets``."""

    dataset: str
    collector: str
    kinds: list[str]
    is_installed: bool


def past_of(table: str) -> str:
    """Return the name of the table that keeps what a tracked one no longer says."""
    return f"{table}_past"


def history_of(table: str) -> str:
    """Return the name of the view over a tracked table and its past."""
    return f"{table}_history"


def fields(table: Table) -> tuple[Field, ...]:
    """Return the columns of a dataset's table in order."""
    # Who puts rows in by hand need not know since when they are so.
    since = Field("valid_from", "TIMESTAMP", is_required=True, doc=FROM_DOC, default="'1970-01-01'")
    return (*landed_fields(table), since) if table.is_tracked else landed_fields(table)


def landed_fields(table: Table) -> tuple[Field, ...]:
    """Return the columns that a landing file fills."""
    return (*_fields(table), Field("collected_at", "TIMESTAMP", is_required=True, doc=COLLECTED_DOC))


def past_fields(table: Table) -> tuple[Field, ...]:
    """Return the columns of the table that keeps what a tracked one no longer says.

    Only those of its key are never null: one that is declared later is not known of what was before.
    """
    key = {"tenant_id", *table.key}
    return (
        *(replace(field, is_required=field.name in key) for field in _fields(table)),
        Field("valid_from", "TIMESTAMP", is_required=True, doc=FROM_DOC),
        Field("valid_until", "TIMESTAMP", is_required=True, doc=UNTIL_DOC),
    )


def _fields(table: Table) -> tuple[Field, ...]:
    own = (
        Field(column.name, column.type.duckdb, column.required or column.is_parameter, column.doc)
        for column in table.columns
    )
    return (Field("tenant_id", "VARCHAR", is_required=True, doc=TENANT_DOC), *own)


def prepare_tables(con: Connection, catalogue: Catalogue) -> None:
    """Make the table of every dataset, or bring it up to its declaration. Call it in a transaction.

    A new column that may be null is added. Any other change makes the table anew with the rows that still fit, and has
    every tenant's slice loaded again. The table of a tracked one's past is changed along with it. A dataset that is no
    longer declared, or tracked, keeps its tables. Raises :class:`WarehouseError` for a dataset whose name is taken.
    """
    ours = [_Row(*row) for row in con.execute("from datasets").fetchall()]
    stored = {table.name: table for table in tables(con) if table.schema == "main"}
    theirs = {name for row in ours for name in (row.dataset, past_of(row.dataset))}
    taken = (stored.keys() - theirs) | {view.name for view in views() if view.schema == "main"}
    named = {dataset.name for dataset in catalogue.datasets}
    for dataset in catalogue.datasets:
        table = dataset.table
        more = {past_of(table.name), history_of(table.name)} if table.is_tracked else set()
        if clash := sorted({table.name, *more} & taken | more & named):
            msg = (
                f"the dataset {table.name} cannot have a table: the warehouse uses the name {clash[0]} itself. "
                "Rename it."
            )
            raise WarehouseError(msg)
        _bring_up(con, table, stored.get(table.name))
        if table.is_tracked:
            _bring_up_past(con, table, stored.get(past_of(table.name)))
    _record(con, catalogue, ours)


def _record(con: Connection, catalogue: Catalogue, before: list[_Row]) -> None:
    """Keep the table ``datasets`` to what is installed, without forgetting what was."""
    rows = {row.dataset: msgspec.structs.replace(row, is_installed=False) for row in before}
    for collector in catalogue.collectors:
        for dataset in collector.datasets:
            rows[dataset.name] = _Row(dataset.name, collector.name, sorted(dataset.kinds), is_installed=True)
    if sorted(rows.items()) != sorted((row.dataset, row) for row in before):
        con.execute("delete from datasets")
        bulk.insert(con, "datasets", _Row, rows.values())


def _create(con: Connection, name: str, wanted: Iterable[Field]) -> None:
    con.execute(f"create table {identifier(name)} ({', '.join(field.ddl for field in wanted)})")


def _bring_up(con: Connection, table: Table, stored: Relation | None) -> None:
    wanted = fields(table)
    if stored is None:
        _create(con, table.name, wanted)
    else:
        if table.is_tracked and not stored.has("valid_from"):
            stored = _begin(con, table, stored)
        new = _missing(wanted, stored)
        if _differs(con, wanted, stored):
            _rebuild(con, table, stored)
            stored = None
        else:
            _add(con, table.name, new)
            if new:  # events that were read before lack them: the next scan reads the whole window
                con.execute("update slices set read_until = null where dataset = ?", [table.name])
    _comment(con, table.name, table.doc, wanted, stored)


def _bring_up_past(con: Connection, table: Table, stored: Relation | None) -> None:
    name, wanted = past_of(table.name), past_fields(table)
    if stored is None:
        _create(con, name, wanted)
    elif _differs(con, wanted, stored):
        cast = _casts(wanted, stored)
        gone = [f"{cast[field.name]} is null" for field in wanted if field.is_required and field.name in cast]
        _remake(con, name, wanted, cast, f"not ({' or '.join(gone)})")
        log.warning("rebuilt past", dataset=table.name)
        stored = None
    else:
        _add(con, name, _missing(wanted, stored))
    _comment(con, name, f"One row per version of a row of {table.name} that is over.", wanted, stored)


def _begin(con: Connection, table: Table, stored: Relation) -> Relation:
    """Give a table that was not tracked its ``valid_from``: what is in it was so in the scan that last brought it."""
    name = identifier(table.name)
    con.execute(
        f"""
        create or replace temp table _kept as
        select {name}.*, coalesce(scans.scanned_at, {name}.collected_at) as valid_from
        from {name}
        left join slices on {name}.tenant_id = slices.tenant_id and slices.dataset = ?
        left join scans on slices.scan_id = scans.scan_id
        """,  # noqa: S608  (names are quoted)
        [table.name],
    )
    [since] = [field for field in fields(table) if field.name == "valid_from"]
    before = [Field(column.name, column.type, column.is_required, column.doc) for column in stored.columns]
    con.execute(f"drop table {name}")
    _create(con, table.name, (*before, since))
    con.execute(f"insert into {name} by name from _kept")
    con.execute("drop table _kept")
    log.info("began history", dataset=table.name)
    columns = (*stored.columns, Column("valid_from", since.type, is_required=True, doc=""))
    # The table is new, and its comments are gone.
    return stored._replace(doc="", columns=tuple(column._replace(doc="") for column in columns))


def _missing(wanted: Iterable[Field], stored: Relation) -> list[Field]:
    return [field for field in wanted if not stored.has(field.name)]


def _differs(con: Connection, wanted: Sequence[Field], stored: Relation) -> bool:
    """Whether more than columns that may be null must be added."""
    before = {column.name: column for column in stored.columns}
    return (
        bool(before.keys() - {field.name for field in wanted})
        or any(field.is_required for field in _missing(wanted, stored))
        or not all(_is_stored(con, field, before[field.name]) for field in wanted if field.name in before)
    )


def _add(con: Connection, name: str, new: Iterable[Field]) -> None:
    for field in new:
        con.execute(f"alter table {identifier(name)} add column {field.ddl}")
        log.info("added column", dataset=name, column=field.name)


def _is_stored(con: Connection, field: Field, column: Column) -> bool:
    if column.is_required != field.is_required:
        return False
    # A declaration may say INT where DuckDB says INTEGER.
    return column.type == field.type or con.execute(f"select typeof(null::{field.type})").fetchone() == (column.type,)


def _casts(wanted: Iterable[Field], stored: Relation) -> dict[str, str]:
    """Return what each stored column is of the wanted type, as SQL; null where a value does not fit."""
    # By way of text: not every type can become every other at once, but text can.
    return {f.name: f"try_cast({identifier(f.name)}::varchar as {f.type})" for f in wanted if stored.has(f.name)}


def _remake(con: Connection, name: str, wanted: Iterable[Field], cast: Mapping[str, str], which: str) -> int:
    """Make a table anew with its rows ``which`` (SQL) and return how many there are."""
    casts = ", ".join(f"{value} as {identifier(column)}" for column, value in cast.items())
    con.execute(
        f"create or replace temp table _kept as select {casts} from {identifier(name)} where {which}"  # noqa: S608
    )
    con.execute(f"drop table {identifier(name)}")
    _create(con, name, wanted)
    rows = con.execute(f"insert into {identifier(name)} by name from _kept").fetchone()
    con.execute("drop table _kept")
    assert rows is not None
    return int(rows[0])


def _rebuild(con: Connection, table: Table, stored: Relation) -> None:
    """Make the table anew. A tenant one of whose rows no longer fits loses its slice: half a list is not a list."""
    name, wanted = identifier(table.name), fields(table)
    cast = _casts(wanted, stored)
    holes = [f"{cast[f.name]} is null" if f.name in cast else "true" for f in wanted if f.is_required]
    con.execute(
        f"create or replace temp table _lost as select distinct tenant_id from {name} "  # noqa: S608  (names are quoted)
        f"where {' or '.join(holes)}"
    )
    rows = _remake(con, table.name, wanted, cast, "tenant_id not in (select tenant_id from _lost)")
    lost = con.execute("select count(*) from _lost").fetchone()
    con.execute("delete from slices where dataset = ? and tenant_id in (select tenant_id from _lost)", [table.name])
    con.execute("update slices set sha256 = '', read_until = null where dataset = ?", [table.name])
    con.execute("drop table _lost")
    assert lost is not None
    log.warning("rebuilt table", dataset=table.name, rows_kept=rows, tenants_lost=lost[0])


def _comment(con: Connection, name: str, doc: str, wanted: Iterable[Field], stored: Relation | None) -> None:
    """Write the declaration's words where SQL clients show them."""
    before = {column.name: column.doc for column in stored.columns} if stored else {}
    if stored is None or stored.doc != doc:
        con.execute(f"comment on table {identifier(name)} is {literal(doc)}")
    for field in wanted:
        if before.get(field.name) != field.doc:
            con.execute(f"comment on column {identifier(name)}.{identifier(field.name)} is {literal(field.doc)}")
