from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Self

import msgspec
import pytest
from sqlalchemy import create_engine, text

from warehouse import bulk
from warehouse.engine import (
    Connection,
    Error,
    WarehouseBusy,
    WarehouseError,
    identifier,
    literal,
    publish,
    reader,
    scratch,
    sqlalchemy_source,
    transaction,
    writer,
)

# Holds a file open until its standard input ends.
HOLD = """
import sys
from pathlib import Path
from warehouse.engine import reader, writer
with {how}(Path({path!r})):
    print("open", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "made" / "rollcall.duckdb"
    with writer(path) as con:
        con.execute("create table schema_migrations as select 1 as number")
        con.execute("create table numbers as select unnest([1, 2, 3]) as n")
        con.execute("create schema evidence")
        con.execute("create view evidence.totals as select sum(n) as total from numbers")
    return path


class Holder:
    """Another process that has the file open."""

    def __init__(self, how: str, path: Path) -> None:
        code = HOLD.format(how=how, path=str(path))
        self._process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.pid = self._process.pid
        assert self._process.stdout
        assert self._process.stdout.readline() == b"open\n"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=30)


# Who may open what


def test_only_the_owner_can_look_at_the_file(file: Path) -> None:
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_closed_writer_leaves_one_file(file: Path) -> None:
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_a_writer_is_told_who_writes(file: Path) -> None:
    with Holder("writer", file) as holder:
        with pytest.raises(WarehouseBusy) as caught, writer(file):
            pass
        assert f"{file} is being written by process {holder.pid}. " in str(caught.value)
        assert "Wait for it to end" in str(caught.value)
    with writer(file) as con:  # it passed
        assert con.execute("select count(*) from numbers").fetchall() == [(3,)]


def test_a_writer_and_the_readers_of_its_file_do_not_keep_each_other_out(file: Path) -> None:
    with Holder("writer", file), reader(file) as one:
        assert one.execute("select total from evidence.totals").fetchall() == [(6,)]
    with Holder("reader", file), reader(file) as one:
        with writer(file) as con:
            con.execute("insert into numbers values (4)")
            with reader(file) as other:
                assert other.execute("select total from evidence.totals").fetchall() == [(6,)]
        assert one.execute("select total from evidence.totals").fetchall() == [(6,)]
    with reader(file) as one:
        assert one.execute("select total from evidence.totals").fetchall() == [(10,)]


def test_a_writer_that_raises_leaves_the_file_as_it_was(file: Path) -> None:
    before = file.read_bytes()
    with pytest.raises(Error, match="on purpose"), writer(file) as con:
        con.execute("insert into numbers values (4); select error('on purpose')").fetchall()
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_readers_do_not_keep_each_other_out(file: Path) -> None:
    with Holder("reader", file), reader(file) as one, reader(file) as other:
        assert one.execute("select total from evidence.totals").fetchall() == [(6,)]
        assert other.execute("select total from evidence.totals").fetchall() == [(6,)]


def test_a_file_that_this_process_has_open_is_busy(file: Path) -> None:
    with writer(file), pytest.raises(WarehouseBusy, match=f"process {os.getpid()}. "), writer(file):
        pass


def test_a_missing_warehouse_says_what_to_run(tmp_path: Path) -> None:
    for opened in (reader, lambda path: publish(path, tmp_path / "target")):
        with pytest.raises(WarehouseError, match=r"Run `rollcall scan` first"):
            opened(tmp_path / "none.duckdb").__enter__()  # type: ignore[union-attr]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("opened", [reader, writer])
def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path, opened: object) -> None:
    path = tmp_path / "notes.duckdb"
    path.write_text("my notes " * 1000)
    with pytest.raises(WarehouseError, match="is not a DuckDB file"), opened(path):  # type: ignore[operator]
        pass
    assert path.read_text().startswith("my notes")


# What a reader can do


FORBIDDEN = [
    "select * from read_text('/etc/hostname')",
    "select * from read_csv('/etc/hostname')",
    "select * from glob('/etc/*')",
    "select * from '{other}'",
    "attach '{other}' as other",
    "attach '{other}' as other (read_only)",
    "copy numbers to '{folder}/out.csv'",
    "export database '{folder}/out'",
    "install httpfs",
    "load httpfs",
    "set enable_external_access = true",
    "set allowed_directories = ['/']",
    "reset enable_external_access",
    "set lock_configuration = false",
    "set TimeZone = 'Asia/Tokyo'",
    "set temp_directory = '/'",
    "select * from secret",
    "delete from numbers",
    "create table warehouse.main.mine (n integer)",
    "drop view evidence.totals",
]


@pytest.mark.parametrize("query", FORBIDDEN)
def test_a_reader_reaches_nothing_but_the_file(file: Path, tmp_path: Path, query: str) -> None:
    secret = [("a Python variable is no table",)]
    other = tmp_path / "other.duckdb"
    with writer(other) as con:
        con.execute("create table t as select 1")
    with reader(file) as con:
        with pytest.raises(Error):
            con.execute(query.format(other=other, folder=tmp_path)).fetchall()
        assert con.execute("select count(*) from numbers").fetchall() == [(3,)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["made", "other.duckdb"], secret


def test_a_reader_sees_a_new_file_while_another_still_reads_the_old(file: Path, tmp_path: Path) -> None:
    """DuckDB keeps one instance per path: a page that is always being read must not stay the same for ever."""
    target = tmp_path / "published.duckdb"
    publish(file, target)
    with reader(target) as old:
        with writer(file) as con:
            con.execute("insert into numbers values (4)")
        publish(file, target)
        with reader(target) as new:
            assert new.execute("select total from evidence.totals").fetchall() == [(10,)]
        assert old.execute("select total from evidence.totals").fetchall() == [(6,)]


def test_readers_may_open_in_many_threads(file: Path) -> None:
    found: list[object] = []

    def read() -> None:
        for _ in range(5):
            with reader(file) as con:
                found.append(con.execute("select current_setting('TimeZone'), total from evidence.totals").fetchone())

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [("UTC", 6)] * 20


# Transactions, names, times


def insert(con: Connection, number: int, then: str) -> None:
    with transaction(con):
        con.execute("insert into numbers values (?)", [number])
        con.execute(then).fetchall()


def test_a_transaction_is_all_or_nothing(file: Path) -> None:
    with writer(file) as con:
        with pytest.raises(Error, match="on purpose"):
            insert(con, 4, then="select error('on purpose')")
        with pytest.raises(Error, match="nothing"):
            insert(con, 5, then="select * from nothing")
        insert(con, 6, then="select 1")
    with reader(file) as con:
        assert con.execute("select n from numbers order by n").fetchall() == [(1,), (2,), (3,), (6,)]


@pytest.mark.parametrize("name", ['a"b', "select", "a.b", "ünïcode", "'; drop table numbers; --", " "])
def test_any_name_can_be_spelled(name: str) -> None:
    with scratch() as con:
        con.execute(f"create table t as select {literal(name)} as {identifier(name)}")
        cursor = con.execute("from t")
        assert cursor.description
        assert (cursor.description[0][0], cursor.fetchall()) == (name, [(name,)])


class Seen(msgspec.Struct):
    n: int
    seen_at: datetime | None
    words: list[str]


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo"])
def test_times_are_utc_whatever_the_machines_zone(tmp_path: Path, zone: str) -> None:
    code = """
import sys
from pathlib import Path
from warehouse.engine import reader, writer
path = Path(sys.argv[1])
with writer(path) as con:
    con.execute("create table t as select '2026-01-01T00:00:00+02:00'::timestamptz::timestamp as seen_at")
with reader(path) as con:
    print(con.execute("select seen_at, current_setting('TimeZone') from t").fetchone())
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "w.duckdb")],
        env=os.environ | {"TZ": zone},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "(datetime.datetime(2025, 12, 31, 22, 0), 'UTC')\n"


def test_rows_in_bulk_keep_what_they_hold(tmp_path: Path) -> None:
    zone = timezone(timedelta(hours=5, minutes=30))
    given = [
        Seen(1, datetime(2026, 1, 1, 5, 30, tzinfo=zone), ["a\x00b", 'q"\n\\', "Ünï"]),
        Seen(2, None, []),
        *(Seen(n, datetime(2026, 1, 1, tzinfo=UTC), ["x"]) for n in range(3, 2503)),
    ]
    with writer(tmp_path / "w.duckdb") as con:
        con.execute("create table seen (n bigint not null, seen_at timestamp, words varchar[] not null, scan varchar)")
        assert bulk.insert(con, "seen", Seen, given, scan="it's") == len(given)
        assert bulk.insert(con, "seen", Seen, []) == 0
        found = con.execute("from seen order by n").fetchall()
    assert found[:2] == [(1, datetime(2026, 1, 1), ["a\x00b", 'q"\n\\', "Ünï"], "it's"), (2, None, [], "it's")]
    assert len(found) == len(given)
    assert [path.name for path in tmp_path.iterdir()] == ["w.duckdb"]


def test_rows_that_a_killed_writer_left_are_removed_by_the_next(file: Path) -> None:
    code = """
import os, sys, msgspec
from pathlib import Path
from warehouse import bulk
from warehouse.engine import writer

class Number(msgspec.Struct):
    n: int

def rows():
    yield Number(4)
    os.kill(os.getpid(), 9)

with writer(Path(sys.argv[1])) as con:
    bulk.insert(con, "numbers", Number, rows())
"""
    subprocess.run([sys.executable, "-c", code, str(file)], check=False)
    other = file.with_name(".other.duckdb.1.part.rows-1")
    other.mkdir()
    assert len(list(file.parent.glob(".rollcall.duckdb.*.part.rows-*"))) == 1
    with writer(file) as con:
        assert con.execute("select count(*) from numbers").fetchall() == [(3,)]
    assert sorted(file.parent.iterdir()) == [other, file]


def test_a_field_that_is_no_column_is_refused(tmp_path: Path) -> None:
    with scratch() as con:
        con.execute("create table seen (n bigint, words varchar[])")
        with pytest.raises(KeyError, match="seen_at"):
            bulk.insert(con, "seen", Seen, [Seen(1, None, [])])


# The way Great Expectations reads


def test_sqlalchemy_reads_the_file_and_nothing_else(file: Path) -> None:
    url, options = sqlalchemy_source(file)
    engine = create_engine(url, **options)
    try:
        with engine.connect() as con:
            assert con.execute(text("select total from evidence.totals")).fetchall() == [(6,)]
            for query in ("delete from numbers", "select * from read_text('/etc/hostname')"):
                with pytest.raises(Exception, match=r"read-only|disabled by configuration"):
                    con.execute(text(query)).fetchall()
    finally:
        engine.dispose()
    with writer(file) as con_again:
        assert isinstance(con_again, Connection)


def test_a_path_that_a_url_cannot_hold_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match=r"'\?' in a path"):
        sqlalchemy_source(tmp_path / "what?.duckdb")


def test_nothing_here_imports_airflow() -> None:
    code = (
        "import importlib, pkgutil, sys, warehouse\n"
        "for module in pkgutil.iter_modules(warehouse.__path__): importlib.import_module(f'warehouse.{module.name}')\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'airflow', 'great_expectations', 'pandas'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


# What only some modules may say: DuckDB itself, and the words that are others on DuckLake.
ENGINE = {"engine.py", "catalog.py"}
WORDS = re.compile(
    r"\bduckdb_\w+\(|\binformation_schema\b|\bcopy from database\b"
    r"|^\s*(attach '|detach \w+$|use \w+$|checkpoint\b|install \w+$|load '|set global )"
)


def sayings(path: Path) -> list[str]:
    """Return each import of DuckDB, and each text that is no docstring and says what only the engine should."""
    tree = ast.parse(path.read_text("utf-8"))
    docs = {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in docs
    ]
    modules = [
        name
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    ]
    return [text.strip() for text in texts if WORDS.search(text)] + [name for name in modules if name == "duckdb"]


def test_only_the_engine_knows_the_engine() -> None:
    """So that DuckLake, or a newer DuckDB, is one module's business."""
    folder = Path(__file__).parents[2]
    product = ("checks", "collectors", "dags", "kit", "plugins", "warehouse")
    files = [path for name in product for path in (folder / name).rglob("*.py")] + [folder / "rollcall.py"]
    files = [path for path in files if path.parent.name != "warehouse" or path.name not in ENGINE]
    found = {str(path.relative_to(folder)): said for path in files if (said := sayings(path))}
    assert found == {}
    assert sayings(folder / "warehouse" / "engine.py")
    assert sayings(folder / "warehouse" / "catalog.py")


def test_views_and_migrations_keep_to_what_ducklake_knows() -> None:
    folder = Path(__file__).parents[2] / "warehouse"
    sql = {path: re.sub(r"--.*", "", path.read_text("utf-8")) for path in folder.rglob("*.sql")}
    forbidden = re.compile(r"\b(primary key|unique|check \(|references|create (type|sequence|index)|returning)\b")
    assert [path.name for path, text in sql.items() if forbidden.search(text) or WORDS.search(text)] == []


def test_a_file_of_an_earlier_duckdb_is_brought_up_when_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "rollcall.duckdb"
    with scratch() as con:
        con.execute(f"attach {literal(str(path))} as old (storage_version 'v1.0.0')")
        con.execute("create table old.numbers as select unnest([1, 2, 3]) as n")
        con.execute("detach old")
    with reader(path) as con:
        assert stored_as(con) == "v1.0.0+"
        assert con.execute("select sum(n) from numbers").fetchone() == (6,)
    with writer(path) as con:
        con.execute("insert into numbers values (4)")
    with reader(path) as con:
        assert stored_as(con) == "v1.4.0+"
        assert con.execute("select sum(n) from numbers").fetchone() == (10,)


def stored_as(con: Connection) -> str:
    [(tags,)] = con.execute("select tags from duckdb_databases() where database_name = 'warehouse'").fetchall()
    return str(tags["storage_version"])
