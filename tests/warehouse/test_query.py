"""``rollcall sql`` as a person uses it: every format, every way to ask, and what is refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from checks.query import print_query, write_query
from collectors.config import load
from collectors.errors import ConfigError
from tests.cloud import PARTNER
from warehouse.engine import writer
from warehouse.query import QueryError

CONFIG = f"""
[[partner]]
tenant_id = "{PARTNER}"
name = "Nordlicht"
program = "direct-bill"
credential = "none"
"""
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "ROLLCALL"))} | {"COLUMNS": "100"}
HOSTILE = '=1+1\x1b[31m"\n,[bold]'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sql")
    (folder / "rollcall.toml").write_text(CONFIG, "utf-8")
    with writer(folder / "var" / "published" / "rollcall.duckdb") as con:
        con.execute("create table schema_migrations as select 1 as number")
        con.execute("create table things (n bigint, name varchar, tags varchar[], seen_at timestamp, more json)")
        con.execute("insert into things values (1, ?, ['a', 'b,c'], '2026-01-02 03:04:05', '{\"x\": [1]}')", [HOSTILE])
        con.execute("insert into things values (2, '', [], null, null), (3, null, null, null, null)")
    return folder


def sql(folder: Path, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).with_name("rollcall")), "sql", *arguments],
        cwd=folder,
        env=ENVIRONMENT,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_table_obeys_nobody(folder: Path) -> None:
    ran = sql(folder, "select name, n from things order by n")
    assert ran.returncode == 0, ran.stderr
    assert '=1+1 [31m" ,[bold]' in ran.stdout
    assert "\x1b" not in ran.stdout
    assert ran.stdout.rstrip().endswith("3 rows")


def test_csv_is_exact(folder: Path) -> None:
    ran = sql(folder, "select name, tags, seen_at from things order by n; -- all", "--format", "csv")
    quoted = HOSTILE.replace('"', '""')
    assert ran.stdout == f'name,tags,seen_at\n"{quoted}","[a, \'b,c\']",2026-01-02 03:04:05\n"",[],\n,,\n'


def test_json_from_standard_input_and_from_a_file(folder: Path, tmp_path: Path) -> None:
    query = "select n, name, tags, more from things order by n"
    (tmp_path / "query.sql").write_text(f"-- All.\n{query}\n", "utf-8")
    for ran in (
        sql(folder, "--format", "json", stdin=query),
        sql(folder, "-", "--format", "json", stdin=query),
        sql(folder, "--file", str(tmp_path / "query.sql"), "--format", "json"),
    ):
        first, *_ = rows = json.loads(ran.stdout)
        assert first == {"n": 1, "name": HOSTILE, "tags": ["a", "b,c"], "more": {"x": [1]}}
        assert len(rows) == 3


@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_a_file_is_swapped_in_whole(folder: Path, tmp_path: Path, form: str) -> None:
    output = tmp_path / f"it's.{form}"
    output.write_text("old")
    failed = sql(folder, "select error('no') from things", "--format", form, "--output", str(output))
    assert failed.returncode == 1
    assert (output.read_text(), len(list(tmp_path.iterdir()))) == ("old", 1)
    ran = sql(folder, "select n, name from things order by n desc", "--format", form, "--output", str(output))
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    with duckdb.connect(":memory:") as con:
        found = con.execute(f"from read_{form}(?)" if form != "json" else "from read_json(?)", [str(output)]).fetchall()
    assert [row[0] for row in found] == [3, 2, 1]
    assert found[2][1] == HOSTILE
    assert len(list(tmp_path.iterdir())) == 1


MISTAKES = {
    "select n,\n  frm x from y where": "syntax error",
    "select n\nfrm things where": "syntax error",
    "select nn from things": 'line 1, column 8: Binder Error: Referenced column "nn" not found',
    "select n,\n  nn from things": 'line 2, column 3: Binder Error: Referenced column "nn" not found',
    "delete from things": "DELETE is refused: the published warehouse can only be read",
    "create table x as select 1": "CREATE is refused",
    "copy things to 'x.csv'": "COPY is refused",
    "set memory_limit = '1GB'": "SET is refused",
    "attach 'x' as y": "ATTACH is refused",
    "select 1; select 2": "expected one query, found 2",
    "  -- nothing\n": "expected one query, found none",
    "select * from read_text('/etc/hostname')": "file system operations are disabled",
    "select 1) to '/tmp/x' (format csv": "syntax error",
    "select getenv('HOME')": "getenv",
}


@pytest.mark.parametrize("form", ["table", "csv"])
@pytest.mark.parametrize("query", MISTAKES)
def test_a_mistake_is_told_with_its_place(folder: Path, query: str, form: str) -> None:
    config = load(folder / "rollcall.toml")
    with pytest.raises(ConfigError) as caught:
        print_query(config, query) if form == "table" else write_query(config, query, "csv", folder / "never.csv")
    assert MISTAKES[query] in str(caught.value)
    assert not (folder / "never.csv").exists()


def test_a_mistake_in_a_long_line_is_found(folder: Path) -> None:
    query = f"select {'n, ' * 60}nope from things"
    with pytest.raises(QueryError, match=f"line 1, column {query.index('nope') + 1}: "):
        print_query(load(folder / "rollcall.toml"), query)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["select 1", "--format", "xml"], "'xml' is not one of"),
        (["select 1", "--format", "parquet"], "Give --output FILE"),
        (["select 1", "--output", "x"], "A table is for the terminal"),
        (["select 1", "--file", "rollcall.toml"], "either a query or --file"),
        (["select 1", "--format", "csv", "--output", "/proc/x/y.csv"], "could not be written"),
        (["select nope"], "line 1, column 8"),
    ],
)
def test_what_makes_no_sense_is_said(folder: Path, arguments: list[str], words: str) -> None:
    ran = sql(folder, *arguments)
    assert ran.returncode != 0
    assert words in ran.stderr
    assert "Traceback" not in ran.stderr


def test_rows_come_as_they_are_read(folder: Path) -> None:
    """Ten million rows do not have to fit into memory, nor does anybody have to wait for the last."""
    command = [str(Path(sys.executable).with_name("rollcall")), "sql", "--format", "csv"]
    query = "select i, repeat('x', 100) as x from range(1000000000) as t (i)"
    with subprocess.Popen(
        [*command, query], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT
    ) as process:
        try:
            assert process.stdout
            assert process.stderr
            assert process.stdout.readline() == b"i,x\n"
            assert process.stdout.readline().startswith(b"0,x")
            process.stdout.close()  # as `head` does
            assert process.wait(60) != 0
            assert process.stderr.read() == b""
        finally:
            process.kill()
