"""What a database holds, in its own words: tables, views and columns, with their comments."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from warehouse.engine import Connection, described, identifier


class Column(NamedTuple):
    """A column; ``doc`` is its comment, empty if it has none."""

    name: str
    type: str
    is_required: bool
    doc: str


class Relation(NamedTuple):
    """A table or a view; ``doc`` is its comment, empty if it has none."""

    schema: str
    name: str
    is_view: bool
    doc: str
    columns: tuple[Column, ...]

    @property
    def qualified(self) -> str:
        """Its name as SQL spells it."""
        return f"{identifier(self.schema)}.{identifier(self.name)}"

    @property
    def called(self) -> str:
        """Its name as people write it: without the schema where that is the ordinary one."""
        return self.name if self.schema == "main" else f"{self.schema}.{self.name}"

    def has(self, column: str) -> bool:
        """Whether one of its columns is called so."""
        return any(each.name == column for each in self.columns)


_RELATIONS = """
    with relations as (
        select schema_name, table_name, false as is_view, comment
        from duckdb_tables()
        where database_name = current_database() and not internal
        union all
        select schema_name, view_name as table_name, true as is_view, comment
        from duckdb_views()
        where database_name = current_database() and not internal
    )

    select
        relations.schema_name,
        relations.table_name,
        relations.is_view,
        coalesce(relations.comment, '') as doc,
        columns.column_name,
        columns.data_type,
        not columns.is_nullable as is_required,
        coalesce(columns.comment, '') as column_doc
    from relations
    left join duckdb_columns() as columns
        on
            columns.database_name = current_database()
            and relations.schema_name = columns.schema_name
            and relations.table_name = columns.table_name
    order by relations.schema_name, relations.table_name, columns.column_index
"""


def relations(con: Connection) -> list[Relation]:
    """Return every table and view of the connection's database, by schema and name. Temporary ones are not in it."""
    found: dict[tuple[str, str], Relation] = {}
    for schema, name, is_view, doc, *column in con.execute(_RELATIONS).fetchall():
        before = found.get((schema, name), Relation(schema, name, is_view, doc, ()))
        more = () if column[0] is None else (Column(*column),)
        found[schema, name] = before._replace(columns=before.columns + more)
    return list(found.values())


def tables(con: Connection) -> list[Relation]:
    """Return every table of the connection's database."""
    return [each for each in relations(con) if not each.is_view]


def has_table(con: Connection, name: str) -> bool:
    """Whether there is a table of that name in the ordinary schema. Cheaper than to ask for all there is."""
    query = "select 1 from duckdb_tables() where database_name = current_database() and schema_name = 'main'"
    return con.execute(f"{query} and table_name = ?", [name]).fetchone() is not None


def shape(con: Connection) -> str:
    """Return a hash of the tables, views, columns and comments of the connection's database."""
    return hashlib.sha256(repr(described(con)).encode()).hexdigest()
