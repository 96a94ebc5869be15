"""Slices: what the table of a dataset holds of one tenant. Those of all tenants are brought up to date at once.

A slice is replaced whole. Only of a dataset with a window may an arrival be an increment, which is added by key: the
rows it brings stand for those with the same key. What the window has left behind is dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
import structlog

from collectors.declare import Dataset, Table
from warehouse import arrivals, bulk
from warehouse.datasets import fields
from warehouse.engine import Connection, Error, identifier, lacks_room

log = structlog.get_logger(__name__)


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """A complete dataset of a tenant. ``file`` is empty where there is nothing to read.

    ``is_new`` is False where the table holds these very rows, so that only their time is written. ``is_increment``
    leaves the other rows of the slice. With a window, no event before ``first_kept`` stays, and the slice then goes
    without a gap until ``read_until``.
    """

    tenant_id: str
    file: str
    scan_id: str
    rows: int
    sha256: str
    collected_at: datetime
    is_new: bool
    is_increment: bool = False
    first_kept: datetime | None = None
    read_until: datetime | None = None


class Unfit(Exception):  # noqa: N818  (a finding about files)
    """Not every file fits the table. :func:`misfits` tells which."""


def replace(con: Connection, dataset: Dataset, arrived: Sequence[Arrival]) -> None:
    """Put the arrivals in the place of their tenants' slices. Call it in a transaction, to roll back on :class:`Unfit`.

    Objects that paging gave twice are kept once.
    """
    _stage(con, arrived)
    table = dataset.table
    name = identifier(table.name)
    con.execute(
        f"update {name} set collected_at = _arrived.collected_at from _arrived "  # noqa: S608
        f"where {name}.tenant_id = _arrived.tenant_id and not _arrived.is_new and not _arrived.is_increment "
        f"and {name}.collected_at <> _arrived.collected_at"
    )
    con.execute(
        f"delete from {name} "  # noqa: S608
        "where tenant_id in (select tenant_id from _arrived where is_new and not is_increment)"
    )
    if files := _files(arrived):
        try:
            con.execute(f"insert into {name} by name {arrivals.select(table)}", {"files": files})
        except Error as error:
            if lacks_room(error):
                raise
            raise Unfit(str(error)) from None
    counts = dict(con.execute(f"select tenant_id, count(*) from {_new(name)} group by all").fetchall())  # noqa: S608
    if any(counts.get(arrival.tenant_id, 0) != arrival.rows for arrival in arrived if arrival.is_new):
        raise Unfit("a file has other rows than its manifest says")
    _drop_doubles(con, dataset)
    if dataset.window:
        con.execute(
            f"delete from {name} using _arrived where {name}.tenant_id = _arrived.tenant_id "  # noqa: S608
            f"and {name}.{identifier(dataset.window.column)} < _arrived.first_kept"
        )
    _record(con, table)


def misfits(con: Connection, table: Table, arrived: Sequence[Arrival]) -> dict[str, str]:
    """Try every new arrival by itself; return the tenants whose files do not fit the table, with what is wrong."""
    _stage(con, arrived)
    columns = ", ".join(field.ddl for field in fields(table))
    con.execute(f"create or replace temp table _fitting ({columns})")
    reasons = {}
    for arrival in arrived:
        if not (arrival.is_new and arrival.file):
            continue
        try:
            rows = con.execute(
                f"insert into _fitting by name {arrivals.select(table)}",
                {"files": [arrival.file]},
            ).fetchone()
        except Error as error:
            if lacks_room(error):
                raise
            reasons[arrival.tenant_id] = str(error).splitlines()[0].replace("_fitting.", f"{table.name}.")
        else:
            if rows != (arrival.rows,):
                reasons[arrival.tenant_id] = f"the file has {rows and rows[0]} rows, its manifest says {arrival.rows}"
        con.execute("delete from _fitting")
    con.execute("drop table _fitting")
    return reasons


def _stage(con: Connection, arrived: Sequence[Arrival]) -> None:
    con.execute(
        "create or replace temp table _arrived (tenant_id varchar, file varchar, scan_id varchar, rows bigint, "
        "sha256 varchar, collected_at timestamp, is_new boolean, is_increment boolean, first_kept timestamp, "
        "read_until timestamp)"
    )
    bulk.insert(con, "_arrived", Arrival, arrived)


def _files(arrived: Sequence[Arrival]) -> list[str]:
    return [arrival.file for arrival in arrived if arrival.is_new and arrival.file]


def _new(name: str) -> str:
    """Return the rows that have just been put in, as SQL."""
    return (
        f"(select {name}.* from {name} join _arrived "  # noqa: S608  (names are quoted)
        f"on {name}.tenant_id = _arrived.tenant_id and {name}.collected_at = _arrived.collected_at where is_new)"
    )


def _drop_doubles(con: Connection, dataset: Dataset) -> None:
    """Keep one of several rows with the same key: of an object that moved between pages, or that was read before."""
    table = dataset.table
    name = identifier(table.name)
    key = ", ".join(map(identifier, ("tenant_id", *table.key)))
    # Of the newest reading any will do, but always the same one.
    order = ", ".join(identifier(column.name) for column in table.columns)
    # Rows of before can only be doubled by an increment.
    before = f"{name} where ({key}) in (select ({key}) from {_new(name)})"  # noqa: S608
    candidates = before if dataset.window else _new(name)
    doubles = f"select {key} from {candidates} group by all having count(*) > 1"  # noqa: S608
    found = con.execute(f"select count(*) from ({doubles})").fetchone()  # noqa: S608
    if found in {None, (0,)}:
        return
    con.execute(
        f"create or replace temp table _kept as select * from {name} "  # noqa: S608
        f"where ({key}) in (select ({key}) from ({doubles})) "
        f"qualify row_number() over (partition by {key} order by collected_at desc, {order}) = 1"
    )
    con.execute(f"delete from {name} where ({key}) in (select ({key}) from _kept)")  # noqa: S608
    con.execute(f"insert into {name} by name from _kept")
    con.execute("drop table _kept")
    log.info("dropped doubles", dataset=table.name, keys=found and found[0])


def _record(con: Connection, table: Table) -> None:
    """Bring the table ``slices`` up to what was just put in."""
    dataset = {"dataset": table.name}
    con.execute(
        "delete from slices where dataset = $dataset and tenant_id in (select tenant_id from _arrived)", dataset
    )
    con.execute(
        f"""
        insert into slices by name
        with counts as (
            select tenant_id, count(*) as rows
            from {identifier(table.name)}
            where tenant_id in (select tenant_id from _arrived)
            group by all
        )
        select
            tenant_id, $dataset as dataset, scan_id, coalesce(counts.rows, 0) as rows, sha256, collected_at, read_until
        from _arrived left join counts using (tenant_id)
        """,  # noqa: S608
        dataset,
    )
