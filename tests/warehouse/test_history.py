"""What tracked datasets were: one row per change, and the state as of any scan is what that scan brought."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.catalogue import Catalogue
from collectors.config import Tenant
from collectors.declare import JSON, TEXT, TEXTS, TIME, WHOLE, Collector, Column, GraphList, GraphObject, Table, Window
from tests.warehouse.scans import ACME, BORG, MICROSOFT, NIGHT, Scan, tenant, user
from warehouse import slices
from warehouse.datasets import prepare_tables
from warehouse.engine import Connection, WarehouseError, scratch, transaction
from warehouse.history import create_history_views
from warehouse.load import load
from warehouse.migrate import migrate, prepare

COLUMNS = (
    Column("thing_id", TEXT, "id", "Id.", required=True),
    Column("part", TEXT, "part", "Which part of it.", required=True),
    Column("name", TEXT, "name", "Its name."),
    Column("tags", TEXTS, "tags", "Words."),
    Column("more", JSON, "more", "As Graph gives it."),
    Column("seen_at", TIME, "seenAt", "When the report was made.", volatile=True),
)


def declared(*columns: Column, is_tracked: bool = True) -> Catalogue:
    table = Table("things", "One row per part of a thing.", ("thing_id", "part"), columns or COLUMNS, is_tracked)
    things = GraphList(path="/things", permissions=("Thing.Read.All",), table=table)
    setting = GraphObject(
        path="/setting",
        permissions=("Setting.Read.All",),
        table=Table("setting", "One row per tenant.", (), (Column("level", TEXT, "level", "Its level."),), True),
    )
    return Catalogue((Collector(name="things", doc="Things.", datasets=(things, setting)),))


CATALOGUE = declared()
THINGS, SETTING = CATALOGUE.datasets


def bring_up(con: Connection, catalogue: Catalogue) -> None:
    with transaction(con):
        prepare_tables(con, catalogue)
        create_history_views(con)


@pytest.fixture(scope="module")
def every() -> Iterator[Connection]:
    """Open a warehouse that all examples share, each with a tenant of its own."""
    with scratch() as con:
        migrate(con)
        bring_up(con, CATALOGUE)
        yield con


@pytest.fixture
def con() -> Iterator[Connection]:
    with scratch() as con:
        migrate(con)
        bring_up(con, CATALOGUE)
        yield con


def thing(thing_id: str, part: str = "a", **change: Any) -> dict[str, Any]:
    return {"id": thing_id, "part": part, "name": None, "tags": None, "more": None} | change


def night(
    con: Connection, folder: Path, number: int, things: Sequence[Mapping[str, Any]], *tenants: str, **change: Any
) -> None:
    """Land and load the things that a night found in the tenants (ACME), in the order in which it found them."""
    who = tenants or (ACME,)
    scan = Scan(folder, *map(tenant, who), night=number)
    for one in who:
        scan.land(one, THINGS, [dict(each) for each in things], **change)
    load(con, scan.landing, scan.plan, CATALOGUE)


def at(number: int) -> datetime:
    return (NIGHT + timedelta(days=number)).replace(tzinfo=None)


def rows(con: Connection, query: str, *values: object) -> list[Any]:
    return con.execute(query, list(values)).fetchall()


def versions(con: Connection) -> list[Any]:
    """Return id and name of every version, with the nights from and until which it was so."""
    first = NIGHT.replace(tzinfo=None)
    found = rows(
        con, "select thing_id, name, valid_from, valid_until from things_history order by thing_id, valid_from"
    )
    return [(i, name, (since - first).days, until and (until - first).days) for i, name, since, until in found]


# One row per change


def test_a_row_that_stays_as_it_is_has_one_version(con: Connection, tmp_path: Path) -> None:
    for number in range(3):
        night(con, tmp_path, number, [thing("x"), thing("y", name=str(number))])
    assert versions(con) == [("x", None, 0, None), ("y", "0", 0, 1), ("y", "1", 1, 2), ("y", "2", 2, None)]
    assert rows(con, "select distinct collected_at from things") == [(at(2) + timedelta(minutes=1),)]
    assert rows(con, "select thing_id, name from things order by all") == [("x", None), ("y", "2")]
    assert rows(con, "select count(*) from things_past") == [(2,)]


def test_what_goes_and_comes_back_are_two_versions(con: Connection, tmp_path: Path) -> None:
    night(con, tmp_path, 0, [thing("x")])
    night(con, tmp_path, 1, [])
    night(con, tmp_path, 2, [])
    night(con, tmp_path, 3, [thing("x")])
    assert versions(con) == [("x", None, 0, 1), ("x", None, 3, None)]


CHANGES = {
    "a text": ({"name": "a"}, {"name": "b"}),
    "a text into nothing": ({"name": "a"}, {"name": None}),
    "nothing into a text": ({"name": None}, {"name": ""}),
    "upper case": ({"name": "a"}, {"name": "A"}),
    "a list": ({"tags": ["a", "b"]}, {"tags": ["b", "a"]}),
    "nothing in a list": ({"tags": None}, {"tags": []}),
    "JSON": ({"more": {"a": [1]}}, {"more": {"a": [2]}}),
}


@pytest.mark.parametrize(("before", "after"), CHANGES.values(), ids=list(CHANGES))
def test_any_column_that_is_not_volatile_makes_a_version(
    con: Connection, tmp_path: Path, before: dict[str, Any], after: dict[str, Any]
) -> None:
    for number, change in enumerate((before, after, after)):
        night(con, tmp_path, number, [thing("x", **change)], pages=number)
    assert [(since, until) for *_, since, until in versions(con)] == [(0, 1), (1, None)]


def test_a_volatile_column_is_kept_current_and_makes_no_version(con: Connection, tmp_path: Path) -> None:
    for number in range(3):
        seen = None if number == 1 else f"2026-03-0{number + 1}T00:00:00Z"
        night(con, tmp_path, number, [thing("x", seenAt=seen), thing("y", name=str(number == 2), seenAt=seen)])
    assert versions(con) == [("x", None, 0, None), ("y", "False", 0, 2), ("y", "True", 2, None)]
    assert rows(con, "select distinct seen_at from things") == [(datetime(2026, 3, 3),)]
    assert rows(con, "select seen_at from things_past") == [(None,)]  # as it was when that version ended


def test_the_order_of_a_list_is_no_change(con: Connection, tmp_path: Path) -> None:
    things = [thing("x"), thing("y"), thing("z", "b"), thing("z", "a")]
    night(con, tmp_path, 0, things)
    night(con, tmp_path, 1, [*reversed(things), things[0]])  # and one of them twice
    assert rows(con, "select count(*), max(valid_from) from things_history") == [(4, at(0))]


def test_a_dataset_without_a_key_has_a_version_per_change(con: Connection, tmp_path: Path) -> None:
    for number, level in enumerate(("low", "low", "high")):
        scan = Scan(tmp_path, tenant(ACME), tenant(BORG), night=number)
        scan.land(ACME, SETTING, [{"level": level}])
        scan.land(BORG, SETTING, [{"level": "low"}])
        load(con, scan.landing, scan.plan, CATALOGUE)
    assert rows(con, "select tenant_id, level, valid_from, valid_until from setting_history order by all") == [
        (ACME, "high", at(2), None),
        (ACME, "low", at(0), at(2)),
        (BORG, "low", at(0), None),
    ]


@pytest.mark.parametrize("state", ["partial", "not_licensed", "not_permitted", "failed", "skipped"])
def test_what_did_not_arrive_whole_changes_nothing(con: Connection, tmp_path: Path, state: str) -> None:
    night(con, tmp_path, 0, [thing("x"), thing("y")])
    night(con, tmp_path, 1, [thing("x", name="new")], state=state, code="c", message="m")
    assert versions(con) == [("x", None, 0, None), ("y", None, 0, None)]


def test_tenants_are_told_apart(con: Connection, tmp_path: Path) -> None:
    night(con, tmp_path, 0, [thing("x")], ACME, BORG)
    night(con, tmp_path, 1, [thing("x", name="new")], ACME)
    night(con, tmp_path, 2, [], BORG)
    assert rows(con, "select tenant_id, name, valid_from, valid_until from things_history order by all") == [
        (ACME, "new", at(1), None),
        (ACME, None, at(0), at(1)),
        (BORG, None, at(0), at(2)),
    ]


def test_tenants_that_are_new_and_tenants_that_are_known_come_together(
    con: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "BATCH", 3)
    others = [str(uuid.uuid4()) for _ in range(5)]
    night(con, tmp_path, 0, [thing("x"), thing("y")], *others)
    night(con, tmp_path, 1, [thing("x", name="new"), thing("y")], ACME, *others)
    found = rows(
        con, "select thing_id, valid_from, valid_until, count(*) from things_history group by all order by all"
    )
    assert found == [
        ("x", at(0), at(1), 5),
        ("x", at(1), None, 6),
        ("y", at(0), None, 5),
        ("y", at(1), None, 1),
    ]


def test_two_percent_that_changed_are_two_percent_more_rows(con: Connection, tmp_path: Path) -> None:
    before = [thing(f"{n:04}", more={"n": n}) for n in range(2000)]
    after = [dict(one, name="new") if n % 50 == 0 else one for n, one in enumerate(before)]
    night(con, tmp_path, 0, before)
    night(con, tmp_path, 1, after)
    assert rows(con, "select count(*) from things_past") == [(40,)]
    assert rows(con, "select count(*), count(*) filter (valid_from = ?) from things", at(1)) == [(2000, 40)]


# Again, and older


def test_loading_twice_is_loading_once(con: Connection, tmp_path: Path) -> None:
    night(con, tmp_path, 0, [thing("x"), thing("gone"), thing("changed", name="a", seenAt="2026-01-01T00:00:00Z")])
    for _ in range(2):
        night(con, tmp_path, 1, [thing("x"), thing("changed", name="b", seenAt="2026-01-02T00:00:00Z"), thing("new")])
        con.execute("update slices set sha256 = ''")  # as if the file were another
        assert versions(con) == [
            ("changed", "a", 0, 1),
            ("changed", "b", 1, None),
            ("gone", None, 0, 1),
            ("new", None, 1, None),
            ("x", None, 0, None),
        ]


def test_a_scan_that_was_collected_again_counts_as_it_was_the_last_time(con: Connection, tmp_path: Path) -> None:
    night(con, tmp_path, 0, [thing("x"), thing("y")])
    night(con, tmp_path, 1, [thing("x", name="wrong"), thing("z")])
    night(con, tmp_path, 1, [thing("x"), thing("y", name="right")], collected_at=NIGHT + timedelta(days=1.5))
    assert versions(con) == [("x", None, 0, None), ("y", None, 0, 1), ("y", "right", 1, None)]
    night(con, tmp_path, 1, [thing("x"), thing("y")], collected_at=NIGHT + timedelta(days=1.6))
    assert versions(con) == [("x", None, 0, None), ("y", None, 0, None)]
    assert rows(con, "select distinct collected_at from things") == [(at(1) + timedelta(days=0.6),)]


def test_an_empty_first_scan_that_is_collected_again_begins_anew(con: Connection, tmp_path: Path) -> None:
    night(con, tmp_path, 0, [thing("x")])
    night(con, tmp_path, 0, [thing("y")], collected_at=NIGHT + timedelta(days=0.5))
    assert versions(con) == [("y", None, 0, None)]


def test_an_older_scan_changes_nothing_even_if_collected_later(con: Connection, tmp_path: Path) -> None:
    night(con, tmp_path, 0, [thing("x")])
    night(con, tmp_path, 2, [thing("x", name="new")])
    for number in (0, 1):
        night(con, tmp_path, number, [thing("y")], collected_at=NIGHT + timedelta(days=3))
        assert versions(con) == [("x", None, 0, 2), ("x", "new", 2, None)]


# Laws

items = st.dictionaries(
    st.tuples(st.sampled_from("xyz"), st.sampled_from("ab")),
    st.tuples(st.sampled_from([None, "", "n", "m"]), st.sampled_from([None, 1, 2])),
    max_size=5,
)
nights = st.lists(st.none() | items, min_size=1, max_size=6)
Item = dict[tuple[str, str], tuple[Any, Any]]


@settings(max_examples=40, deadline=None)
@given(nights=nights, again=st.data())
def test_the_state_as_of_each_scan_is_what_it_brought(
    every: Connection, nights: list[Item | None], again: st.DataObject
) -> None:
    """Whatever the scans found, failed or were loaded again; and there are as many versions as there were changes."""
    one: Tenant = tenant(str(uuid.uuid4()))
    mine = one.tenant_id
    with tempfile.TemporaryDirectory() as folder:
        state: Item = {}
        changes = 0
        done: list[tuple[Scan, Item]] = []
        for number, found in enumerate(nights):
            scan = Scan(Path(folder), one, night=number)
            if found is None:
                scan.land(mine, THINGS, [thing("half")], state="partial", code="c", message="m")
            else:
                # What a first attempt read is not what counts.
                first = again.draw(st.none() | items)
                for which, attempt in enumerate((first, found)):
                    if attempt is not None:
                        page = [thing(i, p, name=n, more=m, seenAt=f"2026-03-0{number + 1}T00:00:00Z")
                                for (i, p), (n, m) in attempt.items()]  # fmt: skip
                        collected = scan.collected_at + timedelta(minutes=which)
                        scan.land(mine, THINGS, page, collected_at=collected)
                        load(every, scan.landing, scan.plan, CATALOGUE)
                changes += sum(state.get(key) != value for key, value in found.items())
                state = found
                done.append((scan, found))
            for repeated, _ in again.draw(st.lists(st.sampled_from(done), max_size=2)) if done else []:
                load(every, repeated.landing, repeated.plan, CATALOGUE)
    for scan, found in done:
        when = scan.plan.scanned_at.replace(tzinfo=None)
        as_of = rows(
            every,
            "select thing_id, part, name, more::integer from things_history where tenant_id = ? "
            "and valid_from <= ? and (valid_until is null or valid_until > ?) order by all",
            mine, when, when,
        )  # fmt: skip
        assert {(i, part): value for i, part, *value in as_of} == {key: [*value] for key, value in found.items()}
        assert len(as_of) == len(found)
    spans = rows(
        every,
        """
        select
            valid_from < coalesce(valid_until, 'infinity'),
            valid_from >= coalesce(lag(valid_until, 1, '-infinity') over this_key, 'infinity')
        from things_history where tenant_id = ?
        window this_key as (partition by thing_id, part order by valid_from)
        """,
        mine,
    )
    assert spans == [(True, True)] * changes
    held = rows(every, "select count(*) from things where tenant_id = ?", mine)
    assert held == [(len(state),)]
    assert rows(every, "select rows from slices where tenant_id = ? and dataset = 'things'", mine) == (
        held if done else []
    )


# The tables in step with their declarations


def test_the_past_has_the_columns_of_the_table_and_the_view_those_of_both(con: Connection) -> None:
    def columns(name: str) -> list[str]:
        return [column for (column,) in rows(con, f"select column_name from (describe {name})")]

    own = ["tenant_id", "thing_id", "part", "name", "tags", "more", "seen_at"]
    assert columns("things") == [*own, "collected_at", "valid_from"]
    assert columns("things_past") == columns("things_history") == [*own, "valid_from", "valid_until"]
    unsaid = rows(
        con, "select table_name, column_name from duckdb_columns() where table_name like 'things%' and comment is null"
    )
    assert unsaid == []
    assert rows(con, "select comment from duckdb_views() where view_name = 'things_history'") == [
        ("One row per version of a row of things: those that are over, and those that still are.",)
    ]


def test_a_new_column_is_added_to_the_past(con: Connection, tmp_path: Path) -> None:
    for number in range(2):
        night(con, tmp_path, number, [thing("x", name=str(number))])
    changed = declared(*COLUMNS, Column("size", WHOLE, "size", "How big."))
    for _ in range(2):
        bring_up(con, changed)
        assert rows(con, "select name, size, valid_from, valid_until from things_history order by all") == [
            ("0", None, at(0), at(1)),
            ("1", None, at(1), None),
        ]


def test_another_type_or_no_column_keeps_the_history(con: Connection, tmp_path: Path) -> None:
    for number in range(3):
        night(con, tmp_path, number, [thing("x", name=("7", "word", "9")[number], tags=["a"])])
    id_, part, _, _, more, seen = COLUMNS
    bring_up(con, declared(id_, part, Column("name", WHOLE, "name", "A number now."), more, seen))
    assert rows(con, "select name, valid_from, valid_until from things_history order by valid_from") == [
        (7, at(0), at(1)),
        (None, at(1), at(2)),
        (9, at(2), None),
    ]
    assert rows(con, "select * from duckdb_columns() where table_name like 'things%' and column_name = 'tags'") == []


def test_a_column_that_is_never_null_from_now_on_is_not_known_of_the_past(con: Connection, tmp_path: Path) -> None:
    for number in range(2):
        night(con, tmp_path, number, [thing("x", name=str(number))])
    bring_up(con, declared(*COLUMNS, Column("kind", TEXT, "kind", "Its kind.", required=True)))
    assert rows(con, "select name, kind, valid_from, valid_until from things_history") == [("0", None, at(0), at(1))]


def test_a_dataset_that_is_tracked_from_now_on_begins_with_its_last_scan(con: Connection, tmp_path: Path) -> None:
    con.execute("drop view things_history")
    con.execute("drop table things_past")
    con.execute("drop table things")
    plain = declared(*(each for each in COLUMNS if not each.volatile), is_tracked=False)
    bring_up(con, plain)
    for number in range(2):
        scan = Scan(tmp_path, tenant(ACME), night=number)
        scan.land(ACME, plain.dataset("things"), [thing("x", name=str(number))])
        load(con, scan.landing, scan.plan, plain)
    bring_up(con, CATALOGUE)
    assert rows(con, "select sha256 <> '', rows from slices") == [(True, 1)]
    night(con, tmp_path, 3, [thing("x", name="3")])
    assert versions(con) == [("x", "1", 1, 3), ("x", "3", 3, None)]


def test_a_dataset_that_is_no_longer_installed_keeps_its_history(con: Connection, tmp_path: Path) -> None:
    night(con, tmp_path, 0, [thing("x")])
    with transaction(con):
        prepare_tables(con, Catalogue(()))
        create_history_views(con)
    assert versions(con) == [("x", None, 0, None)]


@pytest.mark.parametrize("name", ["scorecard", "things_past", "finding"])
def test_a_history_needs_names_that_are_free(con: Connection, name: str) -> None:
    table = Table(name, "One row per thing.", ("id",), (Column("id", TEXT, "id", "Id.", required=True),), True)
    dataset = GraphList(path="/x", permissions=("X",), table=table)
    with pytest.raises(WarehouseError, match="Rename it"):
        bring_up(con, Catalogue((*CATALOGUE.collectors, Collector(name="x", doc="X.", datasets=(dataset,)))))


def test_what_a_declaration_must_not_say() -> None:
    id_ = COLUMNS[0]
    with pytest.raises(ValueError, match=r"\['valid_from'\] are the warehouse's own"):
        Table("t", "d", ("thing_id",), (id_, Column("valid_from", TIME, "v", "V.")), True)
    with pytest.raises(ValueError, match=r"\['seen_at'\] can be volatile only in a tracked table"):
        Table("t", "d", ("thing_id",), (id_, COLUMNS[-1]))
    with pytest.raises(ValueError, match="outside its key"):
        Table("t", "d", ("k",), (Column("k", TEXT, "k", "K.", required=True, volatile=True),), True)
    events = Table("t", "d", ("thing_id",), (id_, Column("at", TIME, "a", "A.")), True)
    with pytest.raises(ValueError, match="events of a window do not change"):
        GraphList(path="/t", permissions=("T",), table=events, window=Window(column="at", days=1))


# The built-in ones


def test_users_of_any_past_night_can_be_asked_for(tmp_path: Path) -> None:
    with scratch() as con:
        prepare(con, MICROSOFT)
        for number in range(3):
            scan = Scan(tmp_path, tenant(ACME), night=number)
            scan.land(ACME, MICROSOFT.dataset("users"), [user(1), user(2, accountEnabled=number < 1)])
            load(con, scan.landing, scan.plan, MICROSOFT)
        prepare(con, MICROSOFT)
        found = rows(con, "select user_id, is_enabled, valid_from, valid_until from users_history order by all")
    assert found == [
        ("user-0001", True, at(0), None),
        ("user-0002", False, at(1), None),
        ("user-0002", True, at(0), at(1)),
    ]
