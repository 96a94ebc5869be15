"""Slices: what the table of a dataset holds of one tenant. Those of all tenants are brought up to date at once.

A slice is replaced whole; of a tracked dataset only where it changed, so that the rest keeps its history. Only of a
dataset with a window may an arrival be an increment, which is added by key: the rows it brings stand for those with the
same key. What is no longer kept of the window is dropped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import msgspec
import structlog

from collectors.declare import Dataset, Table
from warehouse import arrivals, bulk, history
from warehouse.datasets import landed_fields
from warehouse.engine import Connection, Error, identifier, lacks_room

log = structlog.get_logger(__name__)


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """A complete dataset of a tenant. ``file`` is empty where there is nothing to read.

    ``is_new`` is False where the table holds these very rows, so that only their time is written. ``is_increment``
    leaves the other rows of the slice. With a window, events before ``read_from`` were not asked for, none before
    ``first_kept`` stays, and the slice then goes without a gap until ``read_until``.
    """

    tenant_id: str
    file: str
    scan_id: str
    rows: int
    sha256: str
    collected_at: datetime
    is_new: bool
    is_increment: bool = False
    read_from: datetime | None = None
    first_kept: datetime | None = None
    read_until: datetime | None = None


class Unfit(Exception):  # noqa: N818  (a finding about files)
    """Not every file fits the table. :func:`misfits` tells which."""


def replace(con: Connection, dataset: Dataset, arrived: Sequence[Arrival], scanned_at: datetime) -> None:
    """Make the tenants' slices what arrived in the scan ``scanned_at``. Objects that paging gave twice are kept once.

    Call it in a transaction, to roll back on :class:`Unfit`.
    """
    _stage(con, arrived)
    table = dataset.table
    name = identifier(table.name)
    if table.is_tracked:
        with _fitting():
            _track(con, table, arrived, scanned_at.astimezone(UTC).replace(tzinfo=None))
    else:
        _replace(con, dataset, arrived)
    # Of events, it is when they were read.
    is_read = f"not is_new and not is_increment and {_is_asked(dataset)}" if dataset.window else "true"
    con.execute(
        f"update {name} set collected_at = _arrived.collected_at from _arrived "  # noqa: S608
        f"where {name}.tenant_id = _arrived.tenant_id and {name}.collected_at <> _arrived.collected_at and {is_read}"
    )
    _record(con, table)


def _is_asked(dataset: Dataset) -> str:
    """Return SQL for whether an event lies in what was read; those before may be kept longer."""
    column = f"{identifier(dataset.name)}.{identifier(dataset.window.column)}" if dataset.window else "null"
    return f"(read_from is null or {column} >= read_from)"


def _replace(con: Connection, dataset: Dataset, arrived: Sequence[Arrival]) -> None:
    table = dataset.table
    name = identifier(table.name)
    con.execute(
        f"delete from {name} using _arrived where {name}.tenant_id = _arrived.tenant_id "  # noqa: S608
        f"and is_new and not is_increment and {_is_asked(dataset)}"
    )
    _insert(con, name, arrivals.select(table), _files(arrived))
    new = _new(name)
    _count(con, new, arrived)
    # Rows of before can only be doubled by an increment.
    keys = _keys(table)
    before = f"{name} where ({keys}) in (select ({keys}) from {new})"  # noqa: S608
    _drop_doubles(con, table, name, before if any(arrival.is_increment for arrival in arrived) else new)
    if dataset.window:
        con.execute(
            f"delete from {name} using _arrived where {name}.tenant_id = _arrived.tenant_id "  # noqa: S608
            f"and {name}.{identifier(dataset.window.column)} < _arrived.first_kept"
        )


# Rows that are held beside what they are compared with: a bound on memory.
BATCH = 500_000


def _track(con: Connection, table: Table, arrived: Sequence[Arrival], at: datetime) -> None:
    """Write what changed. A tenant that has no rows yet has nothing to compare, and gets its rows as they are."""
    name = identifier(table.name)
    con.execute("create or replace temp table _again as select tenant_id from _arrived where is_new")
    history.reopen(con, table, at)
    con.execute("drop table _again")
    known = {tenant_id for (tenant_id,) in con.execute(f"select distinct tenant_id from {name}").fetchall()}  # noqa: S608
    new = [arrival for arrival in arrived if arrival.is_new]
    fresh = [arrival for arrival in new if arrival.tenant_id not in known]
    if fresh:
        read = f"select *, $at::timestamp as valid_from from ({arrivals.select(table)})"  # noqa: S608
        _insert(con, name, read, _files(fresh), at=at)
        _batch(con, fresh)
        mine = f"(from {name} where tenant_id in (select tenant_id from _batch))"  # noqa: S608
        _count(con, mine, fresh)
        _drop_doubles(con, table, name, mine)
    for batch in _batches([arrival for arrival in new if arrival.tenant_id in known]):
        con.execute(f"create or replace temp table _staged ({history.staging(table)})")
        _insert(con, "_staged", arrivals.select(table), _files(batch))
        _batch(con, batch)
        _count(con, "_staged", batch)
        _drop_doubles(con, table, "_staged", "_staged")
        history.advance(con, table, "_staged", at)
        con.execute("drop table _staged")


def _batches(arrived: Sequence[Arrival]) -> Iterator[list[Arrival]]:
    batch: list[Arrival] = []
    for arrival in arrived:
        if batch and sum(each.rows for each in batch) + arrival.rows > BATCH:
            yield batch
            batch = []
        batch.append(arrival)
    if batch:
        yield batch


def _batch(con: Connection, batch: Sequence[Arrival]) -> None:
    """Name the tenants of a batch in the table ``_batch``."""
    con.execute("create or replace temp table _batch (tenant_id varchar)")
    con.execute("insert into _batch select unnest(?)", [[arrival.tenant_id for arrival in batch]])


def _insert(con: Connection, name: str, read: str, files: Sequence[str], **values: object) -> None:
    if files:
        with _fitting():
            con.execute(f"insert into {name} by name {read}", {"files": files, **values})


@contextmanager
def _fitting() -> Iterator[None]:
    """Take what DuckDB refuses, where the disk is not at fault, for a finding about files."""
    try:
        yield
    except Error as error:
        if lacks_room(error):
            raise
        raise Unfit(str(error)) from None


def _count(con: Connection, new: str, arrived: Sequence[Arrival]) -> None:
    """Hold the rows that were just put in (SQL) against what was promised."""
    counts = dict(con.execute(f"select tenant_id, count(*) from {new} group by all").fetchall())  # noqa: S608
    if any(counts.get(arrival.tenant_id, 0) != arrival.rows for arrival in arrived if arrival.is_new):
        raise Unfit("a file has other rows than its manifest says")


def misfits(con: Connection, table: Table, arrived: Sequence[Arrival]) -> dict[str, str]:
    """Try every new arrival by itself; return the tenants whose files do not fit the table, with what is wrong."""
    _stage(con, arrived)
    columns = ", ".join(field.ddl for field in landed_fields(table))
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
        "sha256 varchar, collected_at timestamp, is_new boolean, is_increment boolean, read_from timestamp, "
        "first_kept timestamp, read_until timestamp)"
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


def _keys(table: Table) -> str:
    return ", ".join(map(identifier, ("tenant_id", *table.key)))


def _drop_doubles(con: Connection, table: Table, name: str, candidates: str) -> None:
    """Keep one of several rows with the same key: of an object that moved between pages, or that was read before.

    ``candidates`` are the rows of the table ``name`` (SQL) among which there may be some.
    """
    key = _keys(table)
    # As many hashes as rows: no key is there twice. Far cheaper than to group texts, and almost always all there is.
    if con.execute(f"select count(*) = count(distinct hash({key})) from {candidates}").fetchone() == (True,):  # noqa: S608
        return
    # Of the newest reading any will do, but always the same one.
    order = ", ".join(identifier(column.name) for column in table.columns)
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
