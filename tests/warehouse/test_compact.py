"""A file without its holes, and what takes how much of one."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from collectors.config import Config, Partner, Storage
from tests.warehouse.scans import ACME, MICROSOFT, Scan, tenant, user
from warehouse import engine
from warehouse.catalog import relations
from warehouse.engine import WarehouseBusy, WarehouseError, compact, occupied, reader, writer
from warehouse.load import load
from warehouse.migrate import prepare
from warehouse.publish import publish
from warehouse.size import as_json, as_text, sizes

PEOPLE = 3000


@pytest.fixture(scope="module")
def loose(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a warehouse of two nights, from which a table as large as the rest has been taken out."""
    path = tmp_path_factory.mktemp("loose") / "in" / "w.duckdb"
    with writer(path) as con:
        prepare(con, MICROSOFT)
        con.execute("create table ballast as select uuid()::varchar as noise from range(100_000)")
    for night in range(2):
        scan = Scan(path.parent, tenant(ACME, kind="partner", partner_id=ACME, program="direct-bill"), night=night)
        people = [user(n, displayName=f"{night if n % 50 == 0 else 0} {n}") for n in range(PEOPLE)]
        scan.land(ACME, MICROSOFT.dataset("users"), people)
        with writer(path) as con:
            load(con, scan.landing, scan.plan, MICROSOFT)
    with writer(path) as con:
        con.execute("drop table ballast")
    return path


@pytest.fixture
def path(loose: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "in" / "w.duckdb"
    copy.parent.mkdir()
    copy.write_bytes(loose.read_bytes())
    return copy


def contents(path: Path) -> list[object]:
    """Return all that a reader can see of a file."""
    with reader(path) as con:
        found: list[object] = [*relations(con)]
        for each in relations(con):
            if not each.is_view:
                found += con.execute(f"from {each.qualified} order by all").fetchall()
        found += con.execute("from users_history order by all").fetchall()
        return found + con.execute("from source_state order by all").fetchall()


def config_of(path: Path) -> Config:
    partner = Partner(tenant_id=ACME, name="Acme", program="direct-bill", credential="acme")
    storage = Storage(warehouse="in/w.duckdb", published="out/w.duckdb")
    return Config(partner=(partner,), storage=storage, folder=str(path.parent.parent))


def test_a_compact_file_is_smaller_and_holds_the_same(path: Path) -> None:
    before, size = contents(path), path.stat().st_size
    assert occupied(path).free > 0
    compact(path)
    assert contents(path) == before
    assert path.stat().st_size < size
    assert occupied(path).free == 0
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["w.duckdb"]
    with writer(path) as con:  # and can be written to, and made ready, as before
        prepare(con, MICROSOFT)
        con.execute("insert into users by name select 't' as tenant_id, 'u' as user_id, 'n' as user_principal_name, "
                    "now()::timestamp as collected_at")  # fmt: skip
        assert con.execute("select valid_from is not null from users where user_id = 'u'").fetchall() == [(True,)]


def test_nobody_can_write_while_it_is_made_compact(path: Path) -> None:
    with writer(path), pytest.raises(WarehouseBusy, match="is being written by process"):
        compact(path)


def test_without_a_file_there_is_nothing_to_do(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="there is no warehouse yet"):
        compact(tmp_path / "in" / "w.duckdb")
    assert not (tmp_path / "in" / "w.duckdb").exists()


def test_a_copy_that_is_not_the_same_never_takes_the_place(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = path.read_bytes()
    monkeypatch.setattr(engine, "_contents", lambda con, database: database)
    with pytest.raises(WarehouseError, match="holds something else"):
        compact(path)
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == ["w.duckdb"]


@pytest.mark.parametrize(
    "change",
    [
        "delete from fresh.main.users where user_id = 'user-0007'",
        "update fresh.main.users set display_name = 'other' where user_id = 'user-0007'",
        "comment on column fresh.main.users.mail is 'other'",
        "drop view fresh.main.source_state",
    ],
)
def test_any_difference_is_seen(path: Path, tmp_path: Path, change: str) -> None:
    other = tmp_path / "other.duckdb"
    with engine.scratch() as con:
        con.execute(f"attach '{path}' as warehouse (read_only)")
        con.execute(f"attach '{other}' as fresh")
        con.execute("copy from database warehouse to fresh")
        assert engine._contents(con, "warehouse") == engine._contents(con, "fresh")
        con.execute(change)
        assert engine._contents(con, "warehouse") != engine._contents(con, "fresh")


def killed_after(seconds: float, work: Callable[[], None]) -> bool:
    """Do something in a process that is killed after a while; return whether it came to its end before."""
    pid = os.fork()
    if pid == 0:
        work()
        os._exit(0)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if os.waitpid(pid, os.WNOHANG)[0]:
            return True
        time.sleep(0.005)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return False


def test_whenever_it_is_killed_the_file_holds_the_same(path: Path) -> None:
    before = contents(path)
    seconds, done = 0.05, False
    while not done:
        done = killed_after(seconds, lambda: compact(path))
        assert contents(path) == before
        seconds *= 1.6
    assert occupied(path).free == 0
    assert [each.name for each in path.parent.iterdir()] == ["w.duckdb"]


def test_a_loose_file_is_tightened_when_it_is_published(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents(path)
    publish(config_of(path))
    assert occupied(path).free > 0, "not worth it for a file so small"
    monkeypatch.setattr(engine, "SMALL", 0)
    with writer(path):  # somebody else writes: it can wait
        publish(config_of(path))
    assert occupied(path).free > 0
    publish(config_of(path))
    for each in (path, config_of(path).published):
        held = occupied(each)
        assert held.free + held.dead <= held.blocks * engine.LOOSE
        assert contents(each) == before


def test_sizes_say_what_takes_how_much(path: Path) -> None:
    config = config_of(path)
    publish(config)
    found = sizes(config)
    users = next(each for each in found.tables if each.table == "users")
    assert users.rows == PEOPLE
    assert users.bytes > PEOPLE * 8
    assert next(each for each in found.tables if each.table == "users_past").rows == PEOPLE // 50
    assert [each.bytes for each in found.tables] == sorted((each.bytes for each in found.tables), reverse=True)
    assert found.file_bytes == config.published.stat().st_size
    assert found.free_bytes > 0
    assert sum(each.bytes for each in found.tables) + found.free_bytes + found.other_bytes == found.file_bytes
    assert found.other_bytes >= 0
    shares = sum(each.share for each in found.tables) + (found.free_bytes + found.other_bytes) / found.file_bytes
    assert shares == pytest.approx(1)


def test_sizes_are_told_to_people_and_programs(path: Path) -> None:
    config = config_of(path)
    publish(config)
    lines = as_text(sizes(config)).splitlines()
    assert lines[0].split() == ["table", "rows", "gone", "bytes", "share"]
    assert any(line.split()[:2] == ["users", "3,000"] for line in lines)
    assert any(line.startswith("(free)") for line in lines)
    assert '"table":"users"' in as_json(sizes(config))
