"""The tables of datasets, made from their declarations and kept in step with them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
import structlog

from collectors.catalogue import Catalogue
from collectors.declare import Table
from warehouse import bulk
from warehouse.engine import Connection, WarehouseError, identifier, literal
from warehouse.views import views

log = structlog.get_logger(__name__)

TENANT_DOC = "Tenant the row belongs to."
COLLECTED_DOC = "When all of the dataset was last collected in the tenant."


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
    found = con.execute(
        "select table_name, comment from duckdb_tables() where database_name = current_database() and not temporary"
    ).fetchall()
    tables: dict[str, str | None] = dict(found)
    taken = (tables.keys() - {row.dataset for row in ours}) | {view.name for view in views() if view.schema == "main"}
    for dataset in catalogue.datasets:
        if dataset.name in taken:
            msg = f"the dataset {dataset.name} cannot have a table: the warehouse uses that name itself. Rename it."
            raise WarehouseError(msg)
        if dataset.name in tables:
            _alter(con, dataset.table)
        else:
            _create(con, dataset.table)
        _comment(con, dataset.table, tables.get(dataset.name))
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


def _columns(con: Connection, name: str) -> dict[str, tuple[str, bool, str | None]]:
    """Return the columns a table has now: name to (type, whether it is never null, comment)."""
    rows = con.execute(
        "select column_name, data_type, not is_nullable, comment from duckdb_columns() "
        "where database_name = current_database() and schema_name = 'main' and table_name = ? order by column_index",
        [name],
    ).fetchall()
    return {column: (type_, is_required, comment) for column, type_, is_required, comment in rows}


def _alter(con: Connection, table: Table) -> None:
    """Add the columns that are new, or make the table anew where that is not all that changed."""
    before, wanted = _columns(con, table.name), fields(table)
    is_kept = all(
        field.name not in before or before[field.name][:2] == (_as_stored(con, field), field.is_required)
        for field in wanted
    )
    new = [field for field in wanted if field.name not in before]
    if not is_kept or before.keys() - {field.name for field in wanted} or any(field.is_required for field in new):
        _rebuild(con, table, before)
        return
    for field in new:
        con.execute(f"alter table {identifier(table.name)} add column {field.ddl}")
        log.info("added column", dataset=table.name, column=field.name)


def _as_stored(con: Connection, field: Field) -> str:
    """Return a type as DuckDB names it: a declaration may say INT."""
    found = con.execute(f"select typeof(null::{field.type})").fetchone()
    assert found is not None
    name: str = found[0]
    return name


def _rebuild(con: Connection, table: Table, before: Iterable[str]) -> None:
    """Make the table anew. A tenant one of whose rows no longer fits loses its slice: half a list is not a list."""
    name, wanted = identifier(table.name), fields(table)
    kept = [field for field in wanted if field.name in set(before)]
    casts = ", ".join(f"try_cast({identifier(f.name)} as {f.type}) as {identifier(f.name)}" for f in kept)
    holes = [f"try_cast({identifier(f.name)} as {f.type}) is null" for f in kept if f.is_required]
    if any(field.is_required and field not in kept for field in wanted):
        holes.append("true")
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
    con.execute("update slices set sha256 = '' where dataset = ?", [table.name])
    con.execute("drop table _kept")
    con.execute("drop table _lost")
    assert rows is not None
    assert lost is not None
    log.warning("rebuilt table", dataset=table.name, rows_kept=rows[0], tenants_lost=lost[0])


def _comment(con: Connection, table: Table, before: str | None) -> None:
    """Write the declaration's words where SQL clients show them."""
    name, columns = identifier(table.name), _columns(con, table.name)
    if before != table.doc:
        con.execute(f"comment on table {name} is {literal(table.doc)}")
    for field in fields(table):
        if columns[field.name][2] != field.doc:
            con.execute(f"comment on column {name}.{identifier(field.name)} is {literal(field.doc)}")
