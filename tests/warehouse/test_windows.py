"""Events of a window: what is read since the last time is added by key, and never leaves a gap."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from collectors.catalogue import Catalogue
from collectors.declare import Window
from collectors.landing import Outcome
from collectors.microsoft.sign_ins import SIGN_INS as COLLECTOR
from tests.warehouse.scans import ACME, BORG, NIGHT, Scan, tenant
from warehouse.datasets import prepare_tables
from warehouse.engine import Connection, scratch, transaction
from warehouse.load import load
from warehouse.migrate import migrate

SIGN_INS = COLLECTOR.datasets[0]
ONLY = Catalogue((COLLECTOR,))
WINDOW = Window(column="signed_in_at", days=30, overlap_hours=6)


@pytest.fixture
def con() -> Any:
    with scratch() as con:
        migrate(con)
        with transaction(con):
            prepare_tables(con, ONLY)
        yield con


def event(name: str, days_ago: float, **change: Any) -> dict[str, Any]:
    """Return a sign-in that was so many days before the first night."""
    at = NIGHT - timedelta(days=days_ago)
    return {"id": name, "createdDateTime": at.strftime("%Y-%m-%dT%H:%M:%SZ")} | change


def night(
    con: Connection, folder: Path, number: int, *events: dict[str, Any], since: int | None = None, **change: Any
) -> Outcome:
    """Land and load a night's sign-ins of ACME, read since night ``since`` (``None``: the whole window)."""
    scan = Scan(folder, tenant(ACME), night=number)
    end = scan.plan.scanned_at
    start = WINDOW.start(end, None if since is None else NIGHT + timedelta(days=since))
    fields: dict[str, Any] = {"window_start": start, "window_end": end}
    scan.land(ACME, SIGN_INS, events, **fields | change)
    [outcome] = load(con, scan.landing, scan.plan, ONLY)
    return outcome


def held(con: Connection) -> list[str]:
    rows = con.execute("select sign_in_id from sign_ins where tenant_id = ? order by all", [ACME]).fetchall()
    return [name for (name,) in rows]


def until(con: Connection) -> int | None:
    """Return until which night the slice goes."""
    [(at,)] = con.execute("select read_until from slices").fetchall()
    return None if at is None else (at - NIGHT.replace(tzinfo=None)).days


def test_a_later_reading_is_added_by_key(con: Connection, tmp_path: Path) -> None:
    night(con, tmp_path, 0, event("a", 20), event("b", 0.1, appId="before"))
    outcome = night(con, tmp_path, 1, event("b", 0.1, appId="after"), event("late", 0.2), event("c", -0.5), since=0)
    assert outcome.state == "complete"
    assert held(con) == ["a", "b", "c", "late"]
    assert con.execute("select app_id from sign_ins where sign_in_id = 'b'").fetchall() == [("after",)]
    assert con.execute("select rows from slices").fetchall() == [(4,)]
    assert until(con) == 1


def test_what_the_window_left_behind_goes(con: Connection, tmp_path: Path) -> None:
    night(con, tmp_path, 0, event("old", 29.5), event("new", 1))
    night(con, tmp_path, 1, since=0)
    assert (held(con), until(con)) == (["new"], 1)
    # A night like the one before it brings the same file: it moves the window all the same.
    night(con, tmp_path, 30, since=1, window_start=NIGHT + timedelta(days=0.9))
    assert (held(con), until(con)) == ([], 30)


def test_loading_twice_is_loading_once(con: Connection, tmp_path: Path) -> None:
    night(con, tmp_path, 0, event("a", 20), event("b", 0.1))
    for _ in range(2):
        night(con, tmp_path, 1, event("b", 0.1), event("c", -0.5), since=0)
    assert held(con) == ["a", "b", "c"]


@pytest.mark.parametrize(("first", "words"), [(None, "the table has none before"), (0, "only to 2026-03-01 02:00")])
def test_a_gap_is_a_failure_and_keeps_what_was_there(
    con: Connection, tmp_path: Path, first: int | None, words: str
) -> None:
    if first is not None:
        night(con, tmp_path, first, event("a", 20))
    outcome = night(con, tmp_path, 5, event("b", -4), since=4)
    assert (outcome.state, outcome.code) == ("failed", "BadFile")
    assert words in outcome.message
    assert "The next scan reads all of it" in outcome.message
    assert held(con) == ([] if first is None else ["a"])


def test_an_older_scan_repeated_takes_nothing_away(con: Connection, tmp_path: Path) -> None:
    night(con, tmp_path, 0, event("a", 20))
    night(con, tmp_path, 1, event("b", -0.5), since=0)
    again = NIGHT + timedelta(days=2)
    night(con, tmp_path, 0, event("a", 20), event("late", 3), collected_at=again)
    assert (held(con), until(con)) == (["a", "b", "late"], 1)


def test_the_whole_window_read_again_replaces(con: Connection, tmp_path: Path) -> None:
    night(con, tmp_path, 0, event("gone", 20), event("a", 10))
    night(con, tmp_path, 1, event("a", 10), event("b", -0.5))
    assert (held(con), until(con)) == (["a", "b"], 1)


def test_tenants_are_told_apart(con: Connection, tmp_path: Path) -> None:
    scan = Scan(tmp_path, tenant(ACME), tenant(BORG))
    window: dict[str, Any] = {"window_start": WINDOW.start(NIGHT, None), "window_end": NIGHT}
    for one in (ACME, BORG):
        scan.land(one, SIGN_INS, [event("same", 1)], **window)
    load(con, scan.landing, scan.plan, ONLY)
    night(con, tmp_path, 1, event("same", 1), event("new", -0.5), since=0)
    counts = con.execute("select tenant_id, count(*) from sign_ins group by all order by all").fetchall()
    assert counts == sorted([(ACME, 2), (BORG, 1)])


def test_a_new_column_has_the_whole_window_read_again(con: Connection, tmp_path: Path) -> None:
    night(con, tmp_path, 0, event("a", 20))
    con.execute("alter table sign_ins drop column app_id")
    with transaction(con):
        prepare_tables(con, ONLY)
    assert until(con) is None
    assert night(con, tmp_path, 1, event("b", -0.5), since=0).state == "failed"
    assert night(con, tmp_path, 2, event("b", -0.5)).state == "complete"


@pytest.mark.parametrize(
    ("last", "days"),
    [(None, 30), (1, 1.25), (29, 29.25), (40, 30), (0, 0.25), (-3, 0)],
)
def test_where_a_reading_begins(last: float | None, days: float) -> None:
    """Six hours before the end of the last one, never before the window, never after its end."""
    assert SIGN_INS.window == WINDOW
    before = None if last is None else NIGHT - timedelta(days=last)
    assert NIGHT - WINDOW.start(NIGHT, before) == timedelta(days=days)


def test_a_window_needs_a_time_column() -> None:
    with pytest.raises(ValueError, match="is no TIME column"):
        replace(SIGN_INS, window=Window(column="app_id", days=1))
