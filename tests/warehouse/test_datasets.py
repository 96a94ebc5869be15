from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from collectors.catalogue import Catalogue
from collectors.declare import FLAG, JSON, TEXT, TEXTS, TIME, WHOLE, Collector, Column, ColumnType, GraphList, Table
from tests.warehouse.scans import ACME, BORG, MICROSOFT, SMALL, THINGS, Scan, tenant
from warehouse.datasets import COLLECTED_DOC, prepare_tables
from warehouse.engine import Connection, compact, reader, transaction, writer
from warehouse.load import load
from warehouse.migrate import migrate, prepare

ID = Column("thing_id", TEXT, "id", "Id.", required=True)
NAME = Column("name", TEXT, "name", "Its name.")
SIZE = Column("size", TEXT, "size", "How big.")


def declared(*columns: Column, doc: str = "One row per thing.") -> Catalogue:
    table = Table("things", doc, ("thing_id",), (ID, *columns))
    dataset = GraphList(path="/things", permissions=("Thing.Read.All",), table=table)
    return Catalogue((Collector(name="things", doc="Things.", datasets=(dataset,)),))


def bring_up(con: Connection, catalogue: Catalogue) -> None:
    with transaction(con):
        prepare_tables(con, catalogue)


def loaded(con: Connection, catalogue: Catalogue, scan: Scan) -> dict[str, str]:
    return {o.tenant_id: o.state for o in load(con, scan.landing, scan.plan, catalogue)}


@pytest.fixture
def scan(small: Connection, tmp_path: Path) -> Scan:
    """Load two tenants' things, which have a name and a size."""
    small.execute("drop table things")
    small.execute("delete from datasets where dataset = 'things'")
    catalogue = declared(NAME, SIZE)
    bring_up(small, catalogue)
    scan = Scan(tmp_path, tenant(ACME), tenant(BORG))
    scan.land(ACME, catalogue.dataset("things"), [{"id": "1", "name": "a", "size": "10"}])
    scan.land(BORG, catalogue.dataset("things"), [{"id": "1", "name": None, "size": "big"}, {"id": "2", "size": "7"}])
    assert loaded(small, catalogue, scan) == {ACME: "complete", BORG: "complete"}
    return scan


def rows(con: Connection, query: str) -> list[Any]:
    return con.execute(query).fetchall()


def described(con: Connection) -> list[Any]:
    return rows(con, 'select column_name, column_type, "null" from (describe things)')


def test_a_table_is_as_declared(small: Connection) -> None:
    assert described(small) == [
        ("tenant_id", "VARCHAR", "NO"),
        ("owner_id", "VARCHAR", "NO"),
        ("thing_id", "VARCHAR", "NO"),
        ("select", "VARCHAR", "YES"),
        ("thing_type", "VARCHAR", "YES"),
        ("is_on", "BOOLEAN", "YES"),
        ("count", "BIGINT", "YES"),
        ("share", "DOUBLE", "YES"),
        ("seen_at", "TIMESTAMP", "YES"),
        ("file", "VARCHAR[]", "YES"),
        ("rows", "JSON", "YES"),
        ("collected_at", "TIMESTAMP", "NO"),
    ]
    assert rows(small, "select comment from duckdb_tables() where table_name = 'things'") == [(THINGS.table.doc,)]
    comments = dict(rows(small, "select column_name, comment from duckdb_columns() where table_name = 'things'"))
    assert comments == {column.name: column.doc for column in THINGS.table.columns} | {
        "tenant_id": "The tenant.",
        "collected_at": COLLECTED_DOC,
    }


def test_what_is_as_declared_is_not_touched(small: Connection, scan: Scan) -> None:
    before = rows(small, "from slices order by all")
    bring_up(small, declared(NAME, SIZE))
    assert rows(small, "from slices order by all") == before
    assert rows(small, "select count(*) from things") == [(3,)]


def test_a_new_column_is_added_and_unknown_until_it_is_collected(small: Connection, scan: Scan) -> None:
    before = rows(small, "from slices order by all")
    bring_up(small, declared(Column("is_new", FLAG, "isNew", "Whether it is new."), NAME, SIZE))
    assert rows(small, "select thing_id, name, size, is_new from things order by all") == [
        ("1", "a", "10", None),
        ("1", None, "big", None),
        ("2", None, "7", None),
    ]
    assert rows(small, "from slices order by all") == before


def test_other_words_are_only_other_comments(small: Connection, scan: Scan) -> None:
    before = rows(small, "from slices order by all")
    bring_up(small, declared(NAME, Column("size", TEXT, "size", "How large."), doc="One row per large thing."))
    assert rows(small, "from slices order by all") == before
    assert rows(small, "select comment from duckdb_tables() where table_name = 'things'") == [
        ("One row per large thing.",)
    ]
    query = "select comment from duckdb_columns() where table_name = 'things' and column_name = 'size'"
    assert rows(small, query) == [("How large.",)]


def test_another_type_keeps_what_can_be_kept_and_loads_it_again(small: Connection, scan: Scan) -> None:
    changed = declared(NAME, Column("size", WHOLE, "size", "How big."))
    bring_up(small, changed)
    assert rows(small, "select tenant_id, thing_id, size from things order by all") == [
        (ACME, "1", 10),
        (BORG, "1", None),
        (BORG, "2", 7),
    ]
    assert rows(small, "select rows, sha256 from slices where dataset = 'things' order by all") == [(1, ""), (2, "")]
    # The same files again: their rows are read anew, and some no longer fit.
    scan.land(ACME, changed.dataset("things"), [{"id": "1", "name": "a", "size": 11}])
    assert loaded(small, changed, scan) == {ACME: "complete", BORG: "failed"}
    assert rows(small, "select tenant_id, thing_id, size from things order by all") == [
        (ACME, "1", 11),
        (BORG, "1", None),
        (BORG, "2", 7),
    ]


@pytest.mark.parametrize("type_", [TEXTS, FLAG, TIME, WHOLE])
def test_any_type_may_become_any_other(small: Connection, scan: Scan, type_: ColumnType) -> None:
    for column in (Column("size", type_, "size", "How big."), SIZE, Column("size", TEXTS, "size", "How big.")):
        bring_up(small, declared(NAME, column))
        assert ("size", column.type.duckdb, "YES") in described(small)
        assert rows(small, "select count(*) from things") == [(3,)]


def test_a_column_that_is_gone_takes_nothing_else_along(small: Connection, scan: Scan) -> None:
    bring_up(small, declared(NAME))
    assert [name for name, *_ in described(small)] == ["tenant_id", "thing_id", "name", "collected_at"]
    assert rows(small, "select tenant_id, thing_id, name from things order by all") == [
        (ACME, "1", "a"),
        (BORG, "1", None),
        (BORG, "2", None),
    ]
    assert rows(small, "select distinct sha256 from slices where dataset = 'things'") == [("",)]


def test_a_tenant_with_a_row_that_no_longer_fits_loses_its_slice(small: Connection, scan: Scan) -> None:
    """A list without that row would look complete."""
    bring_up(small, declared(Column("name", TEXT, "name", "Its name.", required=True), SIZE))
    assert rows(small, "select tenant_id, thing_id from things") == [(ACME, "1")]
    assert rows(small, "select tenant_id from slices where dataset = 'things'") == [(ACME,)]


def test_a_new_column_that_is_never_null_makes_every_slice_wait_for_its_next_scan(
    small: Connection, scan: Scan
) -> None:
    scan.land(ACME, declared(NAME, SIZE).dataset("things"))  # complete, and empty: nothing in it that does not fit
    loaded(small, declared(NAME, SIZE), scan)
    bring_up(small, declared(NAME, SIZE, Column("kind", TEXT, "kind", "Its kind.", required=True)))
    assert rows(small, "select * from things") == []
    assert rows(small, "select tenant_id, rows from slices where dataset = 'things'") == [(ACME, 0)]


def test_a_type_may_be_spelled_as_sql_does(small: Connection, scan: Scan) -> None:
    whole = declared(NAME, Column("size", ColumnType(int, "int8"), "size", "How big."))
    bring_up(small, whole)
    small.execute("update slices set sha256 = 'loaded'")
    bring_up(small, whole)
    assert rows(small, "select distinct sha256 from slices") == [("loaded",)]


def test_a_lost_slice_is_not_usable(con: Connection, tmp_path: Path) -> None:
    scan = Scan(tmp_path, tenant(ACME), collectors=["users"])
    scan.land(ACME, MICROSOFT.dataset("users"), [{"id": "1", "userPrincipalName": "u@acme.example"}])
    load(con, scan.landing, scan.plan, MICROSOFT)
    state = "select state, is_usable, is_stale, rows from source_state where dataset = 'users'"
    assert rows(con, state) == [("complete", True, False, 1)]
    con.execute("alter table users drop column user_principal_name")
    prepare(con, MICROSOFT)
    assert rows(con, state) == [("complete", False, False, None)]


def test_the_small_catalogue_is_whole() -> None:
    assert [dataset.name for dataset in SMALL.datasets] == ["owners", "things", "setting"]


def test_json_takes_little_room_and_is_what_it_was(tmp_path: Path) -> None:
    path = tmp_path / "rollcall.duckdb"
    steps = '\'[{"at":"\' || range || \'","step":"\' || hash(range) || \'","how":"Password in the cloud"}]\''
    catalogue = declared(Column("label", TEXT, "label", "Label."), Column("steps", JSON, "steps", "Steps."))
    with writer(path) as con:
        migrate(con)
        bring_up(con, catalogue)
        con.execute(
            f"insert into things by name select 't' as tenant_id, 'x' || range as thing_id, {steps} as label, "
            f"{steps} as steps, now()::timestamp as collected_at from range(20_000)"
        )
    compact(path)
    with reader(path) as con:
        assert con.execute("select count(*) from things where label = steps").fetchone() == (20_000,)
        found = con.execute(
            "select column_name, list(distinct compression) from pragma_storage_info('things') "
            "where column_name in ('label', 'steps') and segment_type <> 'VALIDITY' group by all order by all"
        ).fetchall()
    assert found == [("label", ["DICT_FSST"]), ("steps", ["ZSTD"])]
