"""How long things are kept: as the configuration says, as of the scan's own time, of every tenant."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from checks.scan import load_scan, plan_scan
from collectors.catalogue import Catalogue
from collectors.config import Config, load
from collectors.errors import ConfigError
from tests.warehouse import test_history, test_windows
from tests.warehouse.scans import ACME, BORG, MICROSOFT, NIGHT, Scan, tenant
from tests.warehouse.test_history import night, thing, versions
from tests.warehouse.test_windows import SIGN_INS, WINDOW, event, held
from warehouse import load as loading
from warehouse.engine import Connection, scratch, writer
from warehouse.migrate import migrate
from warehouse.retention import Retention, retention


def made(catalogue: Catalogue) -> Iterator[Connection]:
    with scratch() as con:
        migrate(con)
        test_history.bring_up(con, catalogue)
        yield con


@pytest.fixture
def events() -> Iterator[Connection]:
    yield from made(test_windows.ONLY)


@pytest.fixture
def tracked() -> Iterator[Connection]:
    yield from made(test_history.CATALOGUE)


def read(
    con: Connection, folder: Path, number: int, *found: dict[str, Any], kept: Retention | None = None, **change: Any
) -> None:
    """Land and load a night's reading of the whole window."""
    scan = Scan(folder, tenant(ACME), night=number)
    end = scan.plan.scanned_at
    scan.land(ACME, SIGN_INS, found, **{"window_start": WINDOW.start(end, None), "window_end": end} | change)
    loading.load(con, scan.landing, scan.plan, test_windows.ONLY, kept)


def test_events_may_be_kept_longer_than_the_window(events: Connection, tmp_path: Path) -> None:
    kept = Retention(events={"sign_ins": 90})
    read(events, tmp_path, 0, event("old", 29), event("new", 1), kept=kept)
    read(events, tmp_path, 20, event("new", 1), kept=kept)  # the whole window again: "old" lies before it
    assert held(events) == ["new", "old"]
    assert events.execute("select rows from slices").fetchall() == [(2,)]
    # When an event was read does not change with a reading that did not ask for it.
    at = "select sign_in_id, epoch(collected_at - ?) / 86400 from sign_ins order by all"
    minute = (NIGHT + timedelta(minutes=1)).replace(tzinfo=None)
    assert events.execute(at, [minute]).fetchall() == [("new", 20), ("old", 0)]
    read(events, tmp_path, 62, kept=kept)
    assert held(events) == ["new"]
    read(events, tmp_path, 63)  # and by default no longer than the window
    assert held(events) == []


def test_an_event_that_is_gone_from_the_window_goes(events: Connection, tmp_path: Path) -> None:
    kept = Retention(events={"sign_ins": 90})
    read(events, tmp_path, 0, event("gone", 5), event("new", 1), kept=kept)
    read(events, tmp_path, 1, event("new", 1), kept=kept)
    assert held(events) == ["new"]


def test_events_of_a_tenant_that_is_no_longer_read_end_too(events: Connection, tmp_path: Path) -> None:
    read(events, tmp_path, 0, event("old", 20), event("new", 1))
    scan = Scan(tmp_path, tenant(BORG), night=20)
    loading.load(events, scan.landing, scan.plan, test_windows.ONLY)
    assert held(events) == ["new"]
    assert events.execute("select rows from slices").fetchall() == [(1,)]


def test_versions_end_as_of_the_scan(tracked: Connection, tmp_path: Path) -> None:
    for number, name in ((0, "a"), (10, "b"), (100, "c")):
        night(tracked, tmp_path, number, [thing("x", name=name), thing("y")])
    for number, left in ((109, 2), (110, 2), (111, 1), (111, 1), (201, 0)):
        scan = Scan(tmp_path, tenant(BORG), night=number)
        loading.load(tracked, scan.landing, scan.plan, test_history.CATALOGUE, Retention(history=100))
        assert tracked.execute("select count(*) from things_past").fetchall() == [(left,)]
    assert versions(tracked) == [("x", "c", 100, None), ("y", None, 0, None)]
    again = Scan(tmp_path, tenant(ACME), night=5)  # an older scan drops nothing more
    loading.load(tracked, again.landing, again.plan, test_history.CATALOGUE, Retention(history=1))
    assert len(versions(tracked)) == 2


PARTNER = '[[partner]]\ntenant_id = "aaaaaaaa-0000-4000-8000-000000000001"\nname = "A"\nprogram = "advisor"\n'


def config(folder: Path, lines: str) -> Config:
    path = folder / "rollcall.toml"
    path.write_text(f'{PARTNER}credential = "c"\n{lines}')
    return load(path)


def test_the_configuration_says_how_long(tmp_path: Path) -> None:
    assert retention(config(tmp_path, ""), MICROSOFT) == Retention(history=730, events={})
    found = retention(config(tmp_path, "[retention]\nhistory = 90\nsign_ins = 60\n"), MICROSOFT)
    assert found == Retention(history=90, events={"sign_ins": 60})
    assert found.days(SIGN_INS) == 60
    assert found.days(MICROSOFT.dataset("non_interactive_sign_ins")) == 30
    with pytest.raises(ValueError, match="users"):
        found.days(MICROSOFT.dataset("users"))


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("sign_ins = 29", r"sign_ins = 29 is shorter than the 30 days that each scan reads\. Give 30 or more"),
        ("users = 90", r"nothing that is kept for days is called 'users'"),
        ("sign_in = 90", r"called 'sign_in'\. Did you mean 'sign_ins'\?"),
        ("zzz = 90", r"There are: history, sign_ins, non_interactive_sign_ins"),
        ("history = 0", r"rollcall\.toml, line 6: .*>= 1"),
        ('history = "long"', r"rollcall\.toml, line 6: .*Expected `int`"),
    ],
)
def test_what_it_must_not_say(tmp_path: Path, lines: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        retention(config(tmp_path, f"[retention]\n{lines}\n"), MICROSOFT)


def test_a_plugin_with_a_window_has_a_key_too(tmp_path: Path) -> None:
    none = Catalogue(())
    with pytest.raises(ConfigError, match="There are: history"):
        retention(config(tmp_path, "[retention]\nsign_ins = 60\n"), none)


def test_a_scan_keeps_what_the_file_says_and_judges_no_more_than_the_window(tmp_path: Path) -> None:
    settings = config(tmp_path, "[retention]\nsign_ins = 90\n")
    for number, found in ((0, [event("old", 1)]), (40, [event("new", -39)])):
        scan = Scan(settings.landing.parent, tenant(ACME), night=number)
        end = scan.plan.scanned_at
        window: dict[str, Any] = {"window_start": WINDOW.start(end, None), "window_end": end}
        scan.land(ACME, MICROSOFT.dataset("sign_ins"), found, **window)
        scan.landing.write_plan(scan.plan)
        load_scan(settings, scan.plan.scan_id)
    with writer(settings.warehouse) as con:
        assert held(con) == ["new", "old"]
        assert con.execute("select sign_in_id from recent_sign_ins").fetchall() == [("new",)]
    mistaken = config(tmp_path, "[retention]\nsign_ins = 9\n")
    with pytest.raises(ConfigError, match="sign_ins = 9 is shorter"):
        plan_scan(mistaken, scan_id="s", scanned_at=NIGHT, discovered=[], params={}, tasks=1)
