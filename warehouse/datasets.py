"""The tables of datasets, made from their declarations and kept in step with them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Field:
    """A column as the table has it: the declared ones and the two that every table carries."""

    name: str
    type: str
    is_required: bool
    doc: str

    @property
    def ddl(self) -> str:
        """Its line in ``create table``."""
        return f"{identifier(self.name)} {self.type}{' not null' if self.is_required else ''}"


class _Row(msgspec.Struct):
    """A row of ``datasets``."""

    dataset: str
    collector: str
    kinds: list[str]
    is_installed: bool


def fields(table: Table) -> tuple[Field, ...]:
    """Return the columns of a dataset's table in order."""
    own = (
        Field(column.name, column.type.duckdb, column.required or column.is_parameter, column.doc)
        for column in table.columns
    )
    return (
        Field("tenant_id", "VARCHAR", is_required=True, doc=TENANT_DOC),
        *own,
        Field("collected_at", "TIMESTAMP", is_required=True, doc=COLLECTED_DOC),
    )


def prepare_tables(con: Connection, catalogue: Catalogue) -> None:
    """Make the table of every dataset, or bring it up to its declaration. Call it in a transaction.

    A new column that may be null is added. Any other change makes the table anew with the rows that still fit, and has
    every tenant's slice loaded again. A dataset that is no longer declared keeps its table. Raises
    :class:`WarehouseError` for a dataset whose name is taken.
    """
    ours = [_Row(*row) for row in con.execute("from datasets").fetchall()]
    stored = {table.name: table for table in tables(con) if table.schema == "main"}
    taken = (stored.keys() - {row.dataset for row in ours}) | {view.name for view in views() if view.schema == "main"}
    for dataset in catalogue.datasets:
        if dataset.name in taken:
            msg = f"the dataset {dataset.name} cannot have a table: the warehouse uses that name itself. Rename it."
            raise WarehouseError(msg)
        _bring_up(con, dataset.table, stored.get(dataset.name))
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


def _create(con: Connection, table: Table) -> None:
    con.execute(f"create table {identifier(table.name)} ({', '.join(field.ddl for field in fields(table))})")


def _bring_up(con: Connection, table: Table, stored: Relation | None) -> None:
    before = {column.name: column for column in stored.columns} if stored else {}
    wanted = fields(table)
    new = [field for field in wanted if field.name not in before]
    if stored is None:
        _create(con, table)
    elif (
        before.keys() - {field.name for field in wanted}
        or any(field.is_required for field in new)
        or not all(_is_stored(con, field, before[field.name]) for field in wanted if field not in new)
    ):
        _rebuild(con, table, before)
        stored = None
    else:
        for field in new:
            con.execute(f"alter table {identifier(table.name)} add column {field.ddl}")
            log.info("added column", dataset=table.name, column=field.name)
        if new:  # events that were read before lack them: the next scan reads the whole window
            con.execute("update slices set read_until = null where dataset = ?", [table.name])
    _comment(con, table, stored)


def _is_stored(con: Connection, field: Field, column: Column) -> bool:
    if column.is_required != field.is_required:
        return False
    # A declaration may say INT where DuckDB says INTEGER.
    return column.type == field.type or con.execute(f"select typeof(null::{field.type})").fetchone() == (column.type,)


def _rebuild(con: Connection, table: Table, before: Collection[str]) -> None:
    """Make the table anew. A tenant one of whose rows no longer fits loses its slice: half a list is not a list."""
    name, wanted = identifier(table.name), fields(table)
    kept = [field for field in wanted if field.name in before]
    # By way of text: not every type can become every other at once, but text can.
    cast = {f.name: f"try_cast({identifier(f.name)}::varchar as {f.type})" for f in kept}
    casts = ", ".join(f"{value} as {identifier(name)}" for name, value in cast.items())
    holes = [f"{cast[f.name]} is null" if f in kept else "true" for f in wanted if f.is_required]
    con.execute(
        f"create or replace temp table _lost as select distinct tenant_id from {name} "  # noqa: S608  (names are quoted)
        f"where {' or '.join(holes)}"
    )
    con.execute(
        f"create or replace temp table _kept as select {casts} from {name} "  # noqa: S608
        "where tenant_id not in (select tenant_id from _lost)"
    )
    con.execute(f"drop table {name}")
    _create(con, table)
    rows = con.execute(f"insert into {name} by name from _kept").fetchone()
    lost = con.execute("select count(*) from _lost").fetchone()
    con.execute("delete from slices where dataset = ? and tenant_id in (select tenant_id from _lost)", [table.name])
    con.execute("update slices set sha256 = '', read_until = null where dataset = ?", [table.name])
    con.execute("drop table _kept")
    con.execute("drop table _lost")
    assert rows is not None
    assert lost is not None
    log.warning("rebuilt table", dataset=table.name, rows_kept=rows[0], tenants_lost=lost[0])


def _comment(con: Connection, table: Table, stored: Relation | None) -> None:
    """Write the declaration's words where SQL clients show them."""
    name = identifier(table.name)
    before = {column.name: column.doc for column in stored.columns} if stored else {}
    if stored is None or stored.doc != table.doc:
        con.execute(f"comment on table {name} is {literal(table.doc)}")
    for field in fields(table):
        if before.get(field.name) != field.doc:
            con.execute(f"comment on column {name}.{identifier(field.name)} is {literal(field.doc)}")
