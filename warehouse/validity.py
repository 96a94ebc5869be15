"""Histories: what scan after scan found, one row per change. A row holds from ``valid_from`` until ``valid_until``.

Both are times of scans: of the first that found it so, and of the first that found it otherwise or no longer, null
while it is so. The state as of a scan is ``valid_from <= scanned_at and (valid_until is null or valid_until >
scanned_at)``; ``recordings`` says of which scans there is one. Results must not hold what changes every night without
meaning (days left, counts in a sliding window, ids of requests): each would be a row a night.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from collectors.errors import ConfigError
from warehouse import bulk
from warehouse.engine import Connection, identifier, literal

SPAN = ("valid_from", "valid_until")
HELD = "valid_from <= $at and (valid_until is null or valid_until > $at)"  # what was so as of $at, a scan's time


class History(NamedTuple):
    """A table with the columns of :data:`SPAN`, and the columns of which no two rows of one moment have the same."""

    table: str
    key: tuple[str, ...]


VERDICTS = History("account_verdict_history", ("tenant_id", "account_id"))
RULE_RESULTS = History("rule_result_history", ("rule_id", "tenant_id"))
FINDINGS = History("finding_history", ("finding_id",))
FINDING_ACCOUNTS = History("finding_account_history", ("finding_id", "account_id"))
SCORECARDS = History("scorecard_history", ("tenant_id",))
WAIVERS = History("waiver_history", ("waiver_id", "rule_id", "tenant_id"))
WAIVED_ACCOUNTS = History("waived_account_history", ("rule_id", "tenant_id", "account_id"))
EXCEPTIONS = History("technical_exception_history", ("exception_id",))
HISTORIES = (VERDICTS, RULE_RESULTS, FINDINGS, FINDING_ACCOUNTS, SCORECARDS, WAIVERS, WAIVED_ACCOUNTS, EXCEPTIONS)


def scanned_at(con: Connection, scan_id: str) -> datetime:
    """Return a scan's own time (UTC, without a zone). Raises :class:`ConfigError` for a scan that was not loaded."""
    found = con.execute("select scanned_at from scans where scan_id = ?", [scan_id]).fetchone()
    if found is None:
        msg = f"the warehouse holds no scan {scan_id!r}. Load it before recording what was found in it."
        raise ConfigError(msg)
    at: datetime = found[0]
    return at


def as_of(history: History) -> str:
    """Return SQL for the rows as of ``$at``, a scan's time, without the columns of :data:`SPAN`.

    None, where nothing was recorded of that scan.
    """
    return f"""
        select * exclude ({", ".join(SPAN)})
        from {identifier(history.table)}
        where {HELD}
            and $at in (select scanned_at from recordings where history = {literal(history.table)})
    """  # noqa: S608  (names of ours)


def recorded_before(con: Connection, history: History, at: datetime) -> tuple[str, datetime] | None:
    """Return the scan that was recorded last before a time, and its own time; ``None`` if none was."""
    found = con.execute(
        "select scan_id, scanned_at from recordings where history = ? and scanned_at < ? "
        "order by scanned_at desc limit 1",
        [history.table, at],
    ).fetchone()
    return None if found is None else (found[0], found[1])


def begin(con: Connection, history: History, scan_id: str) -> datetime:
    """Take back what was recorded of the scan, if it was, and return its time. Call it in a transaction.

    The open rows are then those of the scan before. Raises :class:`ConfigError` where a later scan is recorded already:
    what lies between two scans cannot be told from the rows alone, so the past is never written again.
    """
    at = scanned_at(con, scan_id)
    [[newest]] = con.execute("select max(scanned_at) from recordings where history = ?", [history.table]).fetchall()
    if newest is not None and newest > at:
        msg = (
            f"{scan_id} of {at:%Y-%m-%d %H:%M} cannot be recorded: {history.table} goes until {newest:%Y-%m-%d %H:%M}, "
            "and what was found is history. Record the newest scan."
        )
        raise ConfigError(msg)
    if newest == at:
        table = identifier(history.table)
        con.execute(f"delete from {table} where valid_from = ?", [at])  # noqa: S608
        con.execute(f"update {table} set valid_until = null where valid_until = ?", [at])  # noqa: S608
        con.execute("delete from recordings where history = ? and scanned_at = ?", [history.table, at])
    return at


def record(
    con: Connection, history: History, scan_id: str, found: str, parameters: Mapping[str, Any] | None = None
) -> None:
    """Bring a history up to what a scan found; once more gives what the last time alone would have given.

    ``found`` is SQL for one row per key with all columns but those of :data:`SPAN`; it is asked three times and must
    answer alike. Open rows that are not among them end, rows that are not open begin, and the rest stays untouched.
    Call it in a transaction. Raises :class:`ConfigError`, as :func:`begin` does.
    """
    at = begin(con, history, scan_id)
    table, key, given = identifier(history.table), ", ".join(history.key), dict(parameters or {})
    news = f"from ({found}) as found"
    [[is_begun]] = con.execute(f"select count(*) > 0 from {table} where valid_until is null").fetchall()  # noqa: S608
    if is_begun:  # else every row is new, and the first night costs nothing more
        _end(con, history, at, news, given)
        # By their keys first: joined whole, those that stay would all be held in memory.
        con.execute(
            f"create or replace temp table _begun as select {key} from (select {key} {news}) as found "  # noqa: S608
            f"anti join (select {key} from {table} where valid_until is null) as old using ({key})",
            given,
        )
        news += f" semi join _begun using ({key})"
    con.execute(f"insert into {table} by name select found.*, $at as valid_from {news}", {**given, "at": at})
    con.execute("drop table if exists _begun")
    con.execute("insert into recordings values (?, ?, ?)", [history.table, scan_id, at])


def record_rows(
    con: Connection, history: History, kind: type[msgspec.Struct], scan_id: str, rows: Iterable[msgspec.Struct]
) -> int:
    """Bring a history up to rows of ``kind`` and return how many they are. See :func:`record`."""
    stage(con, history, "_rows")
    count = bulk.insert(con, "_rows", kind, rows)
    record(con, history, scan_id, "from _rows")
    con.execute("drop table _rows")
    return count


def stage(con: Connection, history: History, name: str) -> None:
    """Make an empty temporary table for what a scan found, with the columns of the history but those of SPAN."""
    con.execute(
        f"create or replace temp table {name} as "  # noqa: S608  (names of ours)
        f"select * exclude ({', '.join(SPAN)}) from {identifier(history.table)} limit 0"
    )


def _end(con: Connection, history: History, at: datetime, news: str, given: dict[str, Any]) -> None:
    """End the open rows that are no longer, or no longer so."""
    table, key = identifier(history.table), ", ".join(history.key)
    columns = [name for name, *_ in con.execute(f"describe {table}").fetchall() if name not in SPAN]
    is_same = " and ".join(
        f"old.{name} {'=' if name in history.key else 'is not distinct from'} found.{name}" for name in columns
    )
    con.execute(
        f"create or replace temp table _ended as select {key} from {table} as old "  # noqa: S608
        f"anti join (select found.* {news}) as found on {is_same} where old.valid_until is null",
        given,
    )
    con.execute(
        f"update {table} set valid_until = $at from _ended where {table}.valid_until is null and "  # noqa: S608
        + " and ".join(f"{table}.{name} = _ended.{name}" for name in history.key),
        {"at": at},
    )
    con.execute("drop table _ended")
