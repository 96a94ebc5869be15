from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from collectors.catalogue import Catalogue
from collectors.declare import JSON, TEXT, Collector, Column, GraphList, Table
from tests.warehouse.scans import MICROSOFT
from warehouse.engine import Connection, Error, WarehouseError, reader, scratch, writer
from warehouse.migrate import MIGRATIONS, migrate, migrations, prepare
from warehouse.migrate import prepared as prepared_file
from warehouse.views import create_views, views


@pytest.fixture
def empty() -> Iterator[Connection]:
    with scratch() as con:
        yield con


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of two migrations."""
    (tmp_path / "0001_first.sql").write_text("create table first (a integer);\ninsert into first values (1);\n")
    (tmp_path / "0002_second.sql").write_text("alter table first add column b integer;\n")
    return tmp_path


def applied(con: Connection) -> list[tuple[int, str]]:
    return con.execute("select number, name from schema_migrations order by all").fetchall()


# Migrations


def test_what_is_missing_is_applied_once_and_in_order(empty: Connection, folder: Path) -> None:
    assert migrate(empty, folder) == ["first", "second"]
    assert migrate(empty, folder) == []
    (folder / "0003_third.sql").write_text("update first set b = 2")
    assert migrate(empty, folder) == ["third"]
    assert empty.execute("from first").fetchall() == [(1, 2)]
    assert applied(empty) == [(1, "first"), (2, "second"), (3, "third")]


def test_a_migration_that_fails_changes_nothing_and_may_be_tried_again(empty: Connection, folder: Path) -> None:
    broken = folder / "0003_third.sql"
    broken.write_text("update first set b = 2; insert into nowhere values (1)")
    with pytest.raises(Error, match="nowhere"):
        migrate(empty, folder)
    assert empty.execute("from first").fetchall() == [(1, None)]
    assert applied(empty) == [(1, "first"), (2, "second")]
    broken.write_text("update first set b = 3")
    assert migrate(empty, folder) == ["third"]


def test_a_migration_that_changed_after_it_was_applied_is_refused(empty: Connection, folder: Path) -> None:
    migrate(empty, folder)
    (folder / "0002_second.sql").write_text("alter table first add column c integer;\n")
    (folder / "0003_third.sql").write_text("drop table first")
    with pytest.raises(WarehouseError, match=r"migration 2 \(second\) was applied .* Restore its file"):
        migrate(empty, folder)
    assert empty.execute("from first").fetchall() == [(1, None)]


def test_a_warehouse_of_a_newer_program_is_refused(empty: Connection, folder: Path) -> None:
    (folder / "0003_third.sql").write_text("drop table first")
    migrate(empty, folder)
    (folder / "0003_third.sql").unlink()
    with pytest.raises(WarehouseError, match=r"newer program: it has migration 3 \(third\), .* knows 1 to 2. Upgrade"):
        migrate(empty, folder)


@pytest.fixture
def next_(tmp_path: Path) -> Path:
    """Return our migrations and one more, which takes a while and changes what is there."""
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, folder)
    number = len(migrations()) + 1
    (folder / f"{number:04}_next.sql").write_text(
        "delete from scans; create table big as select i from range(3000000) as t (i); drop table big;"
    )
    return folder


def scans(path: Path) -> list[str]:
    with reader(path) as con:
        return [name for (name,) in con.execute("select scan_id from scans").fetchall()]


@pytest.fixture
def old(prepared: Path, tmp_path: Path) -> Path:
    path = tmp_path / "in" / "w.duckdb"
    path.parent.mkdir()
    shutil.copy(prepared, path)
    with writer(path) as con:
        con.execute("insert into scans values ('kept', now()::timestamp, [])")
    return path


def test_a_file_is_migrated_as_a_copy_that_takes_its_place(old: Path, next_: Path) -> None:
    with prepared_file(old, MICROSOFT, next_) as con:
        assert applied(con)[-1][1] == "next"
        assert scans(old) == ["kept"]
    assert scans(old) == []
    assert [path.name for path in old.parent.iterdir()] == [old.name]
    with pytest.raises(WarehouseError, match="newer program"), prepared_file(old, MICROSOFT):
        pass


def test_a_migration_that_fails_leaves_the_file_untouched(old: Path, next_: Path) -> None:
    before = old.read_bytes()
    more = len(migrations(next_)) + 1
    (next_ / f"{more:04}_broken.sql").write_text("insert into nowhere values (1)")
    with pytest.raises(Error, match="nowhere"), prepared_file(old, MICROSOFT, next_):
        pass
    assert old.read_bytes() == before
    assert [path.name for path in old.parent.iterdir()] == [old.name]


MIGRATE = """
import sys
from pathlib import Path
from tests.warehouse.scans import MICROSOFT
from warehouse.migrate import prepared
print("begun", flush=True)
with prepared(Path(sys.argv[1]), MICROSOFT, Path(sys.argv[2])):
    pass
"""


def test_a_migration_that_is_killed_leaves_the_file_of_before_or_after(old: Path, next_: Path) -> None:
    pristine, chance = old.read_bytes(), random.Random(5)
    for _ in range(6):
        old.write_bytes(pristine)
        command = [sys.executable, "-c", MIGRATE, str(old), str(next_)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout
            process.stdout.readline()
            time.sleep(chance.uniform(0, 0.8))
            process.kill()
        assert scans(old) in (["kept"], [])
        assert scans(old) == [] or old.read_bytes() == pristine
    with prepared_file(old, MICROSOFT, next_):
        pass
    assert [path.name for path in old.parent.iterdir()] == [old.name]


def test_other_line_ends_are_no_other_migration(empty: Connection, folder: Path) -> None:
    """Git may write them otherwise on another machine."""
    migrate(empty, folder)
    first = folder / "0001_first.sql"
    first.write_bytes(first.read_bytes().replace(b"\n", b"\r\n"))
    assert migrate(empty, folder) == []


@pytest.mark.parametrize("name", ["0004_gap.sql", "0002_twice.sql", "3_short.sql", "0003-dash.sql", "notes.sql"])
def test_migrations_are_numbered_without_gap_or_doubt(folder: Path, name: str) -> None:
    (folder / name).write_text("select 1")
    with pytest.raises(ValueError, match=r"expected a name that begins with 000\d_"):
        migrations(folder)


# Preparing all of it


def test_preparing_again_changes_nothing(prepared: Path, tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    path.write_bytes(prepared.read_bytes())

    def catalog() -> list[object]:
        with reader(path) as con:
            return [
                con.execute(f"select {columns} from duckdb_{kind}() where not internal order by all").fetchall()
                for kind, columns in {
                    "tables": "schema_name, table_name, sql, comment",
                    "views": "schema_name, view_name, sql, comment",
                    "columns": "schema_name, table_name, column_name, data_type, is_nullable, comment",
                }.items()
            ] + [con.execute("from datasets order by all").fetchall()]

    before = catalog()
    with writer(path) as con:
        prepare(con, MICROSOFT)
    assert catalog() == before


def test_every_table_and_every_column_says_what_it_is(con: Connection) -> None:
    missing = con.execute(
        """
        select schema_name || '.' || table_name as name from duckdb_tables() where not internal and comment is null
        union all
        select schema_name || '.' || view_name from duckdb_views() where not internal and comment is null
        union all
        select schema_name || '.' || table_name || '.' || column_name from duckdb_columns()
        where not internal and coalesce(comment, '') = ''
        order by name
        """
    ).fetchall()
    assert missing == []


def plugin(name: str, *columns: Column) -> Catalogue:
    key = Column("id", TEXT, "id", "Id.", required=True)
    table = Table(name, "One row per thing.", ("id",), (key, *columns))
    dataset = GraphList(path="/x", permissions=("X.Read.All",), table=table)
    return Catalogue((*MICROSOFT.collectors, Collector(name="plugin", doc="A plugin's.", datasets=(dataset,))))


def test_a_table_may_take_the_name_that_a_view_once_had(empty: Connection) -> None:
    empty.execute("create view users as select 1 as one")
    prepare(empty, MICROSOFT)
    assert empty.execute("select count(user_id) from users").fetchone() == (0,)


@pytest.mark.parametrize("name", ["scans", "tenants", "slices", "schema_migrations", "findings", "source_state"])
def test_a_plugin_cannot_take_a_name_of_ours(con: Connection, name: str) -> None:
    """Else its declaration would rebuild the table of our history."""
    con.execute("insert into scans values ('kept', now()::timestamp, [])")
    with pytest.raises(WarehouseError, match=f"the dataset {name} cannot have a table"):
        prepare(con, plugin(name))
    assert con.execute("select scan_id from scans").fetchall() == [("kept",)]


def test_a_plugin_may_go_and_come_back(con: Connection) -> None:
    installed = plugin("select", Column("order", JSON, "group by", "A name that SQL knows."))
    installed_now = "select dataset, collector from datasets where is_installed and collector = 'plugin'"
    prepare(con, installed)
    con.execute("insert into \"select\" values ('t', '1', '{}', now()::timestamp)")
    assert con.execute(installed_now).fetchall() == [("select", "plugin")]
    prepare(con, MICROSOFT)
    assert con.execute(installed_now).fetchall() == []
    prepare(con, installed)
    assert con.execute('select id, "order" from "select"').fetchall() == [("1", "{}")]


# Views


def write(folder: Path, **files: str) -> Path:
    for name, sql in files.items():
        (folder / f"{name}.sql").write_text(sql)
    return folder


FIRST = """-- One row per n.
-- And what else there is to say.
select
    numbers.n,
    n * 2 as twice,  -- Twice of it.
    numbers.n + 1 as more
from numbers
"""


@pytest.fixture
def numbers(empty: Connection) -> Connection:
    empty.execute("create table numbers as select 1 as n; comment on column numbers.n is 'A number.'")
    return empty


def test_a_file_is_a_view_and_its_comments_are_the_views(numbers: Connection, tmp_path: Path) -> None:
    numbers.execute("create table letters as select 1 as n; comment on column letters.n is 'A letter.'")
    second = """-- One row.
select
    first.n,
    letters.n as letter,
    n as doubtful
from first join letters using (n);
"""
    create_views(numbers, write(tmp_path, **{"10_first": FIRST, "20_facts__second": second}))
    assert numbers.execute("from first").fetchall() == [(1, 2, 2)]
    assert numbers.execute("from facts.second").fetchall() == [(1, 1, 1)]
    comments = numbers.execute("select view_name, comment from duckdb_views() where not internal order by 1").fetchall()
    assert comments == [("first", "One row per n. And what else there is to say."), ("second", "One row.")]
    columns = numbers.execute(
        "select table_name, column_name, comment from duckdb_columns() where not internal order by all"
    ).fetchall()
    assert columns == [
        ("first", "more", None),
        ("first", "n", "A number."),
        ("first", "twice", "Twice of it."),
        ("letters", "n", "A letter."),
        ("numbers", "n", "A number."),
        ("second", "doubtful", None),
        ("second", "letter", "A letter."),
        ("second", "n", "A number."),
    ]


def test_a_view_whose_file_is_gone_is_dropped(numbers: Connection, tmp_path: Path) -> None:
    create_views(numbers, write(tmp_path, **{"10_first": FIRST, "11_facts__first": FIRST}))
    (tmp_path / "10_first.sql").unlink()
    create_views(numbers, tmp_path)
    found = numbers.execute("select schema_name, view_name from duckdb_views() where not internal").fetchall()
    assert found == [("facts", "first")]


def test_a_view_follows_a_table_that_changed(numbers: Connection, tmp_path: Path) -> None:
    create_views(numbers, write(tmp_path, **{"10_all": "-- One row per n.\nselect * from numbers"}))
    numbers.execute("alter table numbers add column more integer")
    create_views(numbers, tmp_path)
    assert numbers.execute('from "all"').fetchall() == [(1, None)]


def test_a_view_of_what_nobody_collects_says_which_plugin_is_missed(numbers: Connection, tmp_path: Path) -> None:
    folder = write(tmp_path, **{"10_x": "-- One row.\nselect * from mailboxes"})
    with pytest.raises(WarehouseError, match="the view x reads mailboxes, which no installed collector declares"):
        create_views(numbers, folder)


BAD_FILES = {
    "10_x.sql": ("select 1 as n", "One row per"),
    "x.sql": ("-- One row.\nselect 1 as n", "expected a name"),
    "10_X.sql": ("-- One row.\nselect 1 as n", "expected a name"),
}


@pytest.mark.parametrize(("name", "sql", "message"), [(name, *rest) for name, rest in BAD_FILES.items()])
def test_a_file_that_is_no_view_is_refused(tmp_path: Path, name: str, sql: str, message: str) -> None:
    (tmp_path / name).write_text(sql)
    with pytest.raises(ValueError, match=message):
        views(tmp_path)


@pytest.mark.parametrize(
    ("sql", "message"),
    [("select 1; drop table numbers", "more than one"), ("select zz from numbers", "does not fit its tables.*zz")],
)
def test_a_view_that_does_not_stand_says_why(numbers: Connection, tmp_path: Path, sql: str, message: str) -> None:
    with pytest.raises(WarehouseError, match=message):
        create_views(numbers, write(tmp_path, **{"10_x": f"-- One row.\n{sql}"}))
    assert numbers.execute("select count(*) from numbers").fetchall() == [(1,)]


def test_every_view_of_ours_begins_with_its_grain() -> None:
    assert [view.name for view in views() if not view.doc.startswith("One row")] == []
