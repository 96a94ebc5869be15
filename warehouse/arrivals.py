"""The SQL that reads landing files: what a declaration says about an item, as DuckDB's JSON reader wants it."""

from __future__ import annotations

from collectors.declare import Column, Table
from collectors.shape import Tree, tree
from warehouse.engine import identifier, literal

# A line longer than this is no row. DuckDB takes twice as much memory a thread.
LONGEST_ROW = 32 * 1024 * 1024
FILE = "(file)"  # no property of Graph is called this


def select(table: Table) -> str:
    """Return a query over the files ``$files`` that gives the table's columns.

    Each row's tenant and time are those of its file in the temporary table ``_arrived``.
    """
    columns = [f"{_value(column)} as {identifier(column.name)}" for column in table.columns]
    return (
        f"select _arrived.tenant_id, {', '.join(columns)}, _arrived.collected_at "  # noqa: S608  (names are quoted)
        f"from read_json($files, {_options(table)}) as item "
        f"inner join _arrived on item.{identifier(FILE)} = _arrived.file"
    )


def _options(table: Table) -> str:
    columns = ", ".join(f"{literal(name)}: {literal(_shape(node))}" for name, node in tree(table).items())
    return (
        f"format = 'newline_delimited', compression = 'zstd', hive_partitioning = false, filename = {literal(FILE)}, "
        f"maximum_object_size = {LONGEST_ROW}, columns = {{{columns}}}"
    )


def _shape(node: Column | Tree) -> str:
    if isinstance(node, Column):
        # Read with its zone: as a plain timestamp DuckDB would drop the offset instead of applying it.
        return "TIMESTAMPTZ" if node.type.duckdb == "TIMESTAMP" else node.type.duckdb
    return f"STRUCT({', '.join(f'{identifier(name)} {_shape(inner)}' for name, inner in node.items())})"


def _value(column: Column) -> str:
    path = ".".join(map(identifier, column.steps))
    return f"item.{path}::{column.type.duckdb}"
