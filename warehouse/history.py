"""What tracked datasets were: versions that are over, and the views that show them beside what is so now.

The table of a tracked dataset holds what is so, each row with ``valid_from``: the time of the scan that first found it
as it is. A scan that finds a row otherwise, or no longer, moves what was so to the table of the past, with its own time
as ``valid_until``. So a row is written once when it comes and once when it goes, however many scans see it unchanged,
and what was so at a time are the rows of the view with ``valid_from <= time`` and ``valid_until`` after it or null.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from collectors.declare import Table
from warehouse.catalog import Relation, tables
from warehouse.datasets import FROM_DOC, UNTIL_DOC, history_of, landed_fields, past_fields, past_of
from warehouse.engine import Connection, identifier, literal


def reopen(con: Connection, table: Table, at: datetime) -> None:
    """Take back what the scan ``at`` wrote of the tenants in ``_again``: a second load begins where the first did."""
    now, past = identifier(table.name), identifier(past_of(table.name))
    columns = _names(field.name for field in past_fields(table) if field.name != "valid_until")
    mine = "tenant_id in (select tenant_id from _again)"
    con.execute(f"delete from {now} where valid_from = ? and {mine}", [at])  # noqa: S608  (names are quoted)
    con.execute(
        f"insert into {now} ({columns}, collected_at) "  # noqa: S608
        f"select {columns}, valid_until as collected_at from {past} where valid_until = ? and {mine}",
        [at],
    )
    con.execute(f"delete from {past} where valid_until = ? and {mine}", [at])  # noqa: S608


def advance(con: Connection, table: Table, staged: str, at: datetime) -> None:
    """Make the rows of the tenants in ``_batch`` those of the table ``staged``, as of a scan ``at``.

    Rows that are the same stay where they are, with their ``valid_from``. A key stands in ``staged`` at most once.
    """
    now, past = identifier(table.name), identifier(past_of(table.name))
    key = ("tenant_id", *table.key)
    keys = _names(key)
    compared = [column.name for column in table.columns if not column.volatile and column.name not in key]
    is_same = " and ".join((_on(now, staged, key), *(_equal(now, staged, name) for name in compared)))
    was = ", ".join(f"{now}.{identifier(f.name)}" for f in past_fields(table) if f.name != "valid_until")
    con.execute(
        f"create or replace temp table _over as select {was} from {now} "  # noqa: S608
        f"anti join {staged} on {is_same} where {now}.tenant_id in (select tenant_id from _batch)"
    )
    con.execute(f"insert into {past} by name select *, ?::timestamp as valid_until from _over", [at])  # noqa: S608
    con.execute(f"delete from {now} where ({keys}) in (select ({keys}) from _over)")  # noqa: S608
    con.execute(
        f"insert into {now} by name select {staged}.*, ?::timestamp as valid_from from {staged} "  # noqa: S608
        f"anti join (select {keys} from {now} where tenant_id in (select tenant_id from _batch)) as kept "
        f"on {_on('kept', staged, key)}",
        [at],
    )
    con.execute("drop table _over")
    for name in (column.name for column in table.columns if column.volatile):
        con.execute(
            f"update {now} set {identifier(name)} = {staged}.{identifier(name)} from {staged} "  # noqa: S608
            f"where {_on(now, staged, key)} and not {_equal(now, staged, name)}"
        )


def staging(table: Table) -> str:
    """Return the columns of what :func:`advance` takes, as ``create table`` wants them."""
    return ", ".join(field.ddl for field in landed_fields(table))


def _on(one: str, other: str, key: Sequence[str]) -> str:
    return " and ".join(f"{one}.{identifier(name)} = {other}.{identifier(name)}" for name in key)


def _equal(one: str, other: str, column: str) -> str:
    return f"{one}.{identifier(column)} is not distinct from {other}.{identifier(column)}"


def _names(columns: Iterator[str] | Sequence[str]) -> str:
    return ", ".join(map(identifier, columns))


def create_history_views(con: Connection) -> Collection[tuple[str, str]]:
    """Make the view of every dataset that has a past; return their schemas and names.

    They are told by the tables, not by what is installed: the history of a plugin that is gone can still be asked.
    """
    stored = {table.name: table for table in tables(con) if table.schema == "main"}
    made = set()
    for (name,) in con.execute("select dataset from datasets order by dataset").fetchall():
        now, past = stored.get(name), stored.get(past_of(name))
        if now and past and now.has("valid_from"):
            _create(con, now, past)
            made.add(("main", history_of(name)))
    return made


def _create(con: Connection, now: Relation, past: Relation) -> None:
    view = identifier(history_of(now.name))
    docs = {column.name: column.doc for column in now.columns if past.has(column.name)} | {
        "valid_from": FROM_DOC,
        "valid_until": f"{UNTIL_DOC} Null while it still is.",
    }
    columns = _names([name for name in docs if name != "valid_until"])
    con.execute(
        f"create or replace view {view} as\n"
        f"select {columns}, valid_until from {past.qualified}\n"
        f"union all\n"
        f"select {columns}, null::timestamp as valid_until from {now.qualified}"
    )
    doc = f"One row per version of a row of {now.name}: those that are over, and those that still are."
    con.execute(
        "; ".join(
            [
                f"comment on view {view} is {literal(doc)}",
                *(f"comment on column {view}.{identifier(n)} is {literal(d)}" for n, d in docs.items() if d),
            ]
        )
    )
