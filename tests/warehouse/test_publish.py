from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from collectors.config import Config, Partner, Storage
from collectors.files import replacing
from tests.warehouse.scans import ACME, BORG, MICROSOFT, Scan, tenant
from warehouse.engine import WarehouseError, publish, reader, transaction, writer
from warehouse.load import load
from warehouse.publish import publish as publish_all

# Reads again and again until told to stop; prints how often it read which version, and raises at the first torn one.
READ = """
import sys
import time
from collections import Counter
from pathlib import Path
from warehouse.engine import reader
seen = Counter()
print("reading", flush=True)
while not Path(sys.argv[2]).exists():
    with reader(Path(sys.argv[1])) as con:
        (versions, rows, total), = con.execute(
            "select list(distinct version), count(*), sum(length(filler)) from numbers"
        ).fetchall()
    assert len(versions) == 1 and rows == 20_000 and total == 20_000 * 64, (versions, rows, total)
    seen[versions[0]] += 1
    time.sleep(0.02)
assert list(seen) == sorted(seen), seen  # never an older one after a newer
print(sum(seen.values()), len(seen))
"""

PUBLISH = """
import sys
from pathlib import Path
from warehouse.engine import publish
print("publishing", flush=True)
publish(Path(sys.argv[1]), Path(sys.argv[2]))
"""


def fill(path: Path, version: int, rows: int = 20_000) -> None:
    with writer(path) as con:
        con.execute("create table if not exists schema_migrations as select 1 as number")
        # Text that does not compress: the file is as big as it looks.
        con.execute(
            "create or replace table numbers as select ? as version, sha256(i::varchar) as filler from range(?) t(i)",
            [version, rows],
        )


def version(path: Path) -> object:
    with reader(path) as con:
        return con.execute("select distinct version from numbers").fetchall()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_readers_in_other_processes_see_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    source, target, stop = tmp_path / "source.duckdb", tmp_path / "out" / "rollcall.duckdb", tmp_path / "stop"
    fill(source, 0)
    publish(source, target)
    command = [sys.executable, "-c", READ, str(target), str(stop)]
    readers = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    try:
        for process in readers:
            assert process.stdout
            assert process.stdout.readline() == "reading\n"
        for number in range(1, 31):
            fill(source, number)
            publish(source, target)
    finally:
        stop.touch()
        ended = [process.communicate(timeout=120) for process in readers]
    for process, (out, errors) in zip(readers, ended, strict=True):
        assert process.returncode == 0, errors
        reads, versions = map(int, out.split())
        assert reads >= versions >= 2  # it saw the file change
    assert version(target) == [(30,)]
    assert names(target.parent) == [target.name]


# Keeps one session open and asks it again and again, as an analyst does; each answer is that of the file it opened.
SESSION = """
import sys
import time
from pathlib import Path
import duckdb
con = duckdb.connect(sys.argv[1], read_only=True)
ask = lambda: con.execute("select list(distinct version), count(*) from numbers").fetchall()
first, asked = ask(), 0
print("reading", flush=True)
while not Path(sys.argv[2]).exists():
    assert ask() == first
    asked += 1
    time.sleep(0.02)
con.close()
con = duckdb.connect(sys.argv[1], read_only=True)
print(asked, first[0][0], ask()[0][0])
"""


def test_an_open_session_and_four_readers_go_on_while_the_writer_writes(tmp_path: Path) -> None:
    source, target, stop = tmp_path / "source.duckdb", tmp_path / "out" / "rollcall.duckdb", tmp_path / "stop"
    fill(source, 0)
    publish(source, target)
    codes = [SESSION, READ, READ, READ, READ]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(target), str(stop)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for code in codes
    ]
    try:
        for process in processes:
            assert process.stdout
            assert process.stdout.readline() == "reading\n"
        for number in range(1, 11):
            with writer(source) as con, transaction(con):
                con.execute("create or replace table numbers as select ? as version, filler from numbers", [number])
            publish(source, target)
    finally:
        stop.touch()
        ended = [process.communicate(timeout=120) for process in processes]
    assert [(process.returncode, errors) for process, (_, errors) in zip(processes, ended, strict=True)] == [
        (0, "")
    ] * 5
    asked, first, last = ended[0][0].replace("[", "").replace("]", "").split()
    assert int(asked) > 5
    assert (first, last) == ("0", "10")
    assert names(target.parent) == [target.name]


def test_a_publish_that_is_killed_leaves_the_old_file(tmp_path: Path) -> None:
    source, target = tmp_path / "source.duckdb", tmp_path / "out" / "rollcall.duckdb"
    fill(source, 1)
    publish(source, target)
    fill(source, 2, rows=1_500_000)
    whole = source.stat().st_size
    assert whole > 50_000_000
    command = [sys.executable, "-c", PUBLISH, str(source), str(target)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        assert process.stdout
        process.stdout.readline()
        while not (parts := list(target.parent.glob(".rollcall.duckdb.*.part"))) or not parts[0].stat().st_size:
            assert process.poll() is None, "it ended before it could be killed"
            time.sleep(0.0002)
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert version(target) == [(1,)]
    assert len(names(target.parent)) == 2  # what the killed one left
    publish(source, target)
    assert version(target) == [(2,)]
    assert names(target.parent) == [target.name]


def test_a_published_file_is_whole_durable_and_private(tmp_path: Path) -> None:
    source, target = tmp_path / "source.duckdb", tmp_path / "out" / "rollcall.duckdb"
    fill(source, 1)
    publish(source, target)
    assert target.read_bytes() == source.read_bytes()
    assert (target.stat().st_mode & 0o777, target.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert names(target.parent) == [target.name]


def test_what_another_program_had_committed_is_published(tmp_path: Path) -> None:
    source, target = tmp_path / "source.duckdb", tmp_path / "rollcall.duckdb"
    fill(source, 1)
    code = (
        "import os, sys, duckdb\n"
        "con = duckdb.connect(sys.argv[1])\n"
        "con.execute('update numbers set version = 2')\n"
        "os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(source)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert names(tmp_path) == ["source.duckdb", "source.duckdb.wal"]
    publish(source, target)
    assert version(target) == [(2,)]
    assert names(tmp_path) == ["rollcall.duckdb", "source.duckdb"]


def test_what_somebody_still_writes_is_not_published(tmp_path: Path) -> None:
    source, target = tmp_path / "source.duckdb", tmp_path / "rollcall.duckdb"
    fill(source, 1)
    with writer(source) as con:
        con.execute("update numbers set version = 2")
        publish(source, target)
        assert version(target) == [(1,)]
    publish(source, target)
    assert version(target) == [(2,)]
    assert names(tmp_path) == ["rollcall.duckdb", "source.duckdb"]


def test_what_is_no_warehouse_is_not_swapped_in(tmp_path: Path) -> None:
    source, target, other = (tmp_path / name for name in ("source.duckdb", "rollcall.duckdb", "other.duckdb"))
    fill(source, 1)
    publish(source, target)
    other.write_bytes(source.read_bytes()[:100_000])
    with pytest.raises(WarehouseError):
        publish(other, target)
    assert version(target) == [(1,)]
    assert names(tmp_path) == ["other.duckdb", "rollcall.duckdb", "source.duckdb"]


def break_off(path: Path) -> None:
    path.write_text("half")
    raise ZeroDivisionError


def test_a_replacement_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "a[b]*.json"
    target.write_text("old")
    with pytest.raises(ZeroDivisionError), replacing(target) as temporary:
        break_off(temporary)
    assert (target.read_text(), names(tmp_path)) == ("old", [target.name])
    (tmp_path / f".{target.name}.{os.getpid() + 1}.part").write_text("left by a killed process")
    (tmp_path / ".other.json.1.part").write_text("somebody else's")
    with replacing(target) as temporary:
        temporary.write_text("new")
    assert (target.read_text(), names(tmp_path)) == ("new", [".other.json.1.part", target.name])


def test_publishing_writes_the_tenants_beside_the_file(prepared: Path, tmp_path: Path) -> None:
    partner = Partner(tenant_id=ACME, name="Acme", program="direct-bill", credential="acme")
    storage = Storage(landing="landing", warehouse="in/w.duckdb", published="out/w.duckdb")
    config = Config(partner=(partner,), storage=storage, folder=str(tmp_path))
    with pytest.raises(WarehouseError, match="no warehouse to publish"):
        publish_all(config)
    config.warehouse.parent.mkdir()
    config.warehouse.write_bytes(prepared.read_bytes())
    scan = Scan(tmp_path, tenant(BORG, name="Borg <b>"), tenant(ACME, kind="partner"))
    with writer(config.warehouse) as con:
        load(con, scan.landing, scan.plan, MICROSOFT)
    publish_all(config)
    assert json.loads((tmp_path / "out" / "tenants.json").read_text("utf-8")) == [
        {"tenant_id": ACME, "name": "Acme", "kind": "partner"},
        {"tenant_id": BORG, "name": "Borg <b>", "kind": "customer"},
    ]
    assert names(tmp_path / "out") == ["tenants.json", "w.duckdb"]
