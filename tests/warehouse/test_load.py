from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import uuid
from datetime import UTC, datetime, timedelta, timezone
from itertools import permutations
from pathlib import Path
from typing import Any

import msgspec
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.landing import MANIFEST, Outcome, read_rows
from collectors.microsoft.conditional_access import POLICIES
from collectors.microsoft.security_defaults import SECURITY_DEFAULTS
from collectors.microsoft.users import USERS as USERS_COLLECTOR
from collectors.shape import row_type
from tests.warehouse.scans import ACME, BORG, MICROSOFT, NIGHT, OWNERS, SETTING, SMALL, THINGS, Scan, tenant, user
from warehouse.engine import Connection, WarehouseError
from warehouse.load import load

USERS = USERS_COLLECTOR.datasets[0]


def loaded(con: Connection, scan: Scan) -> dict[tuple[str, str], Outcome]:
    outcomes = load(con, scan.landing, scan.plan, MICROSOFT)
    return {(outcome.tenant_id, outcome.dataset): outcome for outcome in outcomes}


def small_loaded(con: Connection, scan: Scan) -> dict[tuple[str, str], Outcome]:
    outcomes = load(con, scan.landing, scan.plan, SMALL)
    return {(outcome.tenant_id, outcome.dataset): outcome for outcome in outcomes}


def rows(con: Connection, query: str) -> list[Any]:
    return con.execute(query).fetchall()


def everything(con: Connection) -> dict[str, list[Any]]:
    """Return every row of every table, in order."""
    tables = [name for (name,) in rows(con, "select table_name from duckdb_tables() where not temporary")]
    return {table: rows(con, f'select * from "{table}" order by all') for table in sorted(tables)}


def ids(con: Connection, tenant_id: str) -> list[str]:
    found = con.execute("select user_id from users where tenant_id = ? order by all", [tenant_id]).fetchall()
    return [user_id for (user_id,) in found]


# What a row becomes


def test_a_complete_dataset_becomes_rows_of_its_tenant(con: Connection, tmp_path: Path) -> None:
    scan = Scan(tmp_path, tenant(ACME), tenant(BORG))
    scan.land(ACME, USERS, [user(1), user(2)], [user(3)])
    scan.land(BORG, USERS, [user(1, displayName="Somebody else")])
    loaded(con, scan)
    assert rows(con, "select tenant_id, user_id, display_name from users order by all") == [
        (ACME, "user-0001", "User 1"),
        (ACME, "user-0002", "User 2"),
        (ACME, "user-0003", "User 3"),
        (BORG, "user-0001", "Somebody else"),
    ]
    assert rows(con, "select distinct collected_at from users") == [(datetime(2026, 3, 1, 2, 1),)]


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
whole = st.integers(-(2**63), 2**63 - 1)
anything = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=8,
)
zones = st.integers(-14, 14).map(lambda hours: timezone(timedelta(hours=hours)))
times = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=zones)
shares = st.floats(allow_nan=False, allow_infinity=False)
deep = st.fixed_dictionaries({"share": st.none() | shares, "seenDateTime": st.none() | times})
things = st.fixed_dictionaries(
    {
        "id": text,
        "order by": st.none() | text,
        "@odata.type": st.none() | text,
        "isOn": st.none() | st.booleans(),
        "status": st.none() | st.fixed_dictionaries({"count": st.none() | whole, "it's (deep)": st.none() | deep}),
        "tags": st.none() | st.lists(text, max_size=3),
        "anything": anything,
    }
)


def as_graph(item: Any) -> Any:
    return json.loads(json.dumps(item, default=lambda at: at.isoformat()))


def as_row(item: dict[str, Any]) -> dict[str, Any]:
    """Return what the table must hold of an item."""
    status = item["status"] or {"count": None, "it's (deep)": None}
    deep = status["it's (deep)"] or {"share": None, "seenDateTime": None}
    seen_at = deep["seenDateTime"]
    return {
        "thing_id": item["id"],
        "select": item["order by"],
        "thing_type": item["@odata.type"],
        "is_on": item["isOn"],
        "count": status["count"],
        "share": deep["share"],
        "seen_at": seen_at and seen_at.astimezone(UTC).replace(tzinfo=None),
        "file": item["tags"],
        "rows": item["anything"],
    }


@settings(max_examples=30)
@given(items=st.lists(things, max_size=6, unique_by=lambda item: str(item["id"])), owner=text, size=st.integers(1, 4))
def test_each_row_survives_landing_duckdb_and_back(
    shared: Connection, items: list[dict[str, Any]], owner: str, size: int
) -> None:
    """Whatever a tenant writes into its objects, however the list is split into pages."""
    tenant_id = str(uuid.uuid4())
    with tempfile.TemporaryDirectory() as folder:
        scan = Scan(Path(folder), tenant(tenant_id))
        pages = [as_graph(items[at : at + size]) for at in range(0, len(items), size)]
        scan.land(tenant_id, THINGS, *pages, asked_for=owner)
        assert small_loaded(shared, scan)[tenant_id, "things"].state == "complete"
    cursor = shared.execute("select * exclude (tenant_id) from things where tenant_id = ?", [tenant_id])
    names = [column[0] for column in cursor.description or ()]
    found = {row["thing_id"]: row for row in (dict(zip(names, row, strict=True)) for row in cursor.fetchall())}
    for row in found.values():
        # A JSON null is no value: SQL's own null.
        row["rows"] = None if row["rows"] is None else json.loads(row["rows"])
    always = {"owner_id": owner, "collected_at": scan.collected_at.replace(tzinfo=None)}
    assert found == {item["id"]: as_row(item) | always for item in items}


def test_json_null_is_sql_null_and_json_text_stays_json(con: Connection, tmp_path: Path) -> None:
    scan = Scan(tmp_path, tenant(ACME))
    policy = {"id": "p", "state": "enabled", "conditions": {"users": None}}
    scan.land(ACME, POLICIES, [{**policy, "grantControls": None}, {**policy, "id": "q", "grantControls": "null"}])
    loaded(con, scan)
    assert rows(
        con, "select policy_id, conditions, grant_controls, session_controls from conditional_access_policies"
    ) == [
        ("p", '{"users":null}', None, None),
        ("q", '{"users":null}', '"null"', None),
    ]


def test_the_value_a_request_was_made_for_is_a_column(con: Connection, tmp_path: Path) -> None:
    scan = Scan(tmp_path, tenant(ACME))
    member = {"@odata.type": "#microsoft.graph.user", "id": "m"}
    scan.land(ACME, MICROSOFT.dataset("group_members"), [member], asked_for="g'; drop table x")
    loaded(con, scan)
    assert rows(con, "select group_id, member_id, member_type from group_members") == [
        ("g'; drop table x", "m", "#microsoft.graph.user")
    ]


def test_folders_may_have_names_that_mean_something_to_duckdb(con: Connection, tmp_path: Path) -> None:
    for name in ("plain", "w[e]ird *?", "*", "id=1", "displayName=2"):
        scan = Scan(tmp_path / name, tenant(ACME))
        scan.land(ACME, USERS, [user(1, displayName=name)])
        loaded(con, scan)
        assert rows(con, "select user_id, display_name from users") == [("user-0001", name)]


def test_a_list_of_nothing_is_complete_and_empty(con: Connection, tmp_path: Path) -> None:
    first, second, third = (Scan(tmp_path, tenant(ACME), night=night) for night in range(3))
    first.land(ACME, USERS, [user(1)])
    loaded(con, first)
    second.land(ACME, USERS)  # no page at all
    assert loaded(con, second)[ACME, "users"].state == "complete"
    assert ids(con, ACME) == []
    third.land(ACME, USERS, [], [])
    assert loaded(con, third)[ACME, "users"].state == "complete"
    assert rows(con, "select rows, collected_at from slices") == [(0, datetime(2026, 3, 3, 2, 1))]


# Again, later, and never older


def test_loading_twice_is_loading_once(con: Connection, tmp_path: Path) -> None:
    scan = Scan(tmp_path, tenant(ACME), tenant(BORG), collectors=["users", "security_defaults"])
    scan.land(ACME, USERS, [user(1), user(2)])
    scan.note(BORG, "users", state="not_permitted", code="Authorization_RequestDenied", message="no consent")
    first = loaded(con, scan)
    before = everything(con)
    assert loaded(con, scan) == first
    assert everything(con) == before


lists = st.none() | st.lists(st.sampled_from("abcdef"), max_size=5)
nights = st.lists(lists, min_size=1, max_size=4)


@settings(max_examples=20)
@given(nights=nights, again=st.data())
def test_any_order_of_loading_scans_ends_with_the_newest_complete_list(
    shared: Connection, nights: list[list[str] | None], again: st.DataObject
) -> None:
    """A slice is its tenant's newest complete list; loading scans again, in any order, changes nothing about it."""
    tenant_id = str(uuid.uuid4())
    expected: tuple[list[str], datetime] | None = None
    with tempfile.TemporaryDirectory() as folder:
        scans = [Scan(Path(folder), tenant(tenant_id), night=night) for night in range(len(nights))]
        for scan, names in zip(scans, nights, strict=True):
            if names is None:
                scan.land(tenant_id, OWNERS, [{"id": "half"}], state="partial", code="Unreachable", message="page 2")
            else:
                scan.land(tenant_id, OWNERS, [{"id": name} for name in names])
                expected = (sorted(set(names)), scan.collected_at.replace(tzinfo=None))
        for scan in again.draw(st.permutations(scans + scans)):
            small_loaded(shared, scan)
    mine = [tenant_id]
    found = shared.execute(
        "select owner_id, collected_at from owners where tenant_id = ? order by all", mine
    ).fetchall()
    slices = shared.execute("select rows, collected_at from slices where tenant_id = ?", mine).fetchall()
    statuses = shared.execute("select count(*) from source_status where tenant_id = ?", mine).fetchall()
    assert found == ([(name, expected[1]) for name in expected[0]] if expected else [])
    assert slices == ([(len(expected[0]), expected[1])] if expected else [])
    assert statuses == [(len(scans) * len(SMALL.datasets),)]


@pytest.mark.parametrize("state", ["partial", "not_licensed", "not_permitted", "failed", "skipped"])
def test_what_did_not_arrive_whole_leaves_the_last_good_slice(con: Connection, tmp_path: Path, state: str) -> None:
    first, second = Scan(tmp_path, tenant(ACME)), Scan(tmp_path, tenant(ACME), night=1)
    first.land(ACME, USERS, [user(1), user(2)])
    loaded(con, first)
    second.land(ACME, USERS, [user(1)], state=state, code="some_code", message="why")
    assert loaded(con, second)[ACME, "users"].state == state
    assert ids(con, ACME) == ["user-0001", "user-0002"]
    assert rows(con, "select scan_id, collected_at from slices") == [(first.plan.scan_id, datetime(2026, 3, 1, 2, 1))]
    assert con.execute(
        "select state, code, message from source_status where dataset = 'users' and scan_id = ?", [second.plan.scan_id]
    ).fetchall() == [(state, "some_code", "why")]


def test_the_same_rows_a_night_later_have_the_new_time(con: Connection, tmp_path: Path) -> None:
    for night in range(2):
        scan = Scan(tmp_path, tenant(ACME), night=night)
        scan.land(ACME, USERS, [user(1), user(2)])
        loaded(con, scan)
    assert rows(con, "select distinct collected_at from users") == [(datetime(2026, 3, 2, 2, 1),)]
    assert rows(con, "select scan_id, rows, collected_at from slices") == [
        (scan.plan.scan_id, 2, datetime(2026, 3, 2, 2, 1))
    ]


def test_what_was_collected_before_the_slice_that_is_there_stays_out(con: Connection, tmp_path: Path) -> None:
    old, new = Scan(tmp_path, tenant(ACME)), Scan(tmp_path, tenant(ACME), night=1)
    for scan, number in ((new, 2), (old, 1)):
        scan.land(ACME, USERS, [user(number)])
        assert loaded(con, scan)[ACME, "users"].state == "complete"
    assert ids(con, ACME) == ["user-0002"]
    assert rows(con, "select scan_id, collected_at from slices") == [(new.plan.scan_id, datetime(2026, 3, 2, 2, 1))]


def test_a_tenant_that_is_not_planned_stays_as_it_is(con: Connection, tmp_path: Path) -> None:
    both, one = Scan(tmp_path, tenant(ACME), tenant(BORG)), Scan(tmp_path, tenant(ACME), night=1)
    for tenant_id in (ACME, BORG):
        both.land(tenant_id, USERS, [user(1)])
    loaded(con, both)
    one.land(ACME, USERS, [user(2)])
    loaded(con, one)
    assert (ids(con, ACME), ids(con, BORG)) == (["user-0002"], ["user-0001"])
    assert rows(con, "select tenant_id, last_scan_at from tenants order by all") == [
        (ACME, datetime(2026, 3, 2, 2)),
        (BORG, datetime(2026, 3, 1, 2)),
    ]


def test_a_tenant_is_called_what_the_newest_scan_calls_it(con: Connection, tmp_path: Path) -> None:
    old, new = Scan(tmp_path, tenant(ACME, name="Old")), Scan(tmp_path, tenant(ACME, name="New"), night=1)
    for scan in (old, new, old):
        loaded(con, scan)
    assert rows(con, "select name, last_scan_id from tenants") == [("New", new.plan.scan_id)]


# What has a name although it is missing


def test_every_dataset_a_tenant_should_have_gets_a_state(con: Connection, tmp_path: Path) -> None:
    scan = Scan(tmp_path, tenant(ACME, kind="partner"), tenant(BORG), collectors=["users"])
    scan.land(ACME, USERS, [user(1)])
    found = loaded(con, scan)
    assert found[ACME, "users"].state == "complete"
    assert (found[BORG, "users"].state, found[BORG, "users"].code) == ("failed", "NoOutcome")
    assert found[BORG, "users"].message == "collect did not finish for this tenant"
    assert {outcome.state for (_, dataset), outcome in found.items() if dataset != "users"} == {"skipped"}
    assert (ACME, "gdap_relationships") in found
    assert (BORG, "gdap_relationships") not in found  # a customer has none


def test_a_damaged_manifest_fails_its_tenant_alone(con: Connection, tmp_path: Path) -> None:
    scan = Scan(tmp_path, tenant(ACME), tenant(BORG))
    for tenant_id in (ACME, BORG):
        scan.land(tenant_id, USERS, [user(1)])
    (scan.landing.tenant(ACME) / MANIFEST).write_text('[{"scan_id": "sch')
    found = loaded(con, scan)
    assert (found[ACME, "users"].state, found[ACME, "users"].code) == ("failed", "BadManifest")
    assert (ids(con, ACME), ids(con, BORG)) == ([], ["user-0001"])


def test_a_manifest_of_another_tenant_brings_nothing_in(con: Connection, tmp_path: Path) -> None:
    """Else a copied folder would show one customer's accounts as another's."""
    scan = Scan(tmp_path, tenant(ACME), tenant(BORG))
    scan.land(ACME, USERS, [user(1)])
    shutil.copytree(scan.landing.tenant(ACME), scan.landing.tenant(BORG), dirs_exist_ok=True)
    assert loaded(con, scan)[BORG, "users"].code == "BadManifest"
    assert ids(con, BORG) == []


# Files that are not what they should be


def damage(file: Path, how: str) -> None:
    content = file.read_bytes()
    if how == "gone":
        file.unlink()
    elif how == "cut":
        file.write_bytes(content[:-5])
    else:
        file.write_bytes(content + zstandard.compress(msgspec.json.encode(user(66)) + b"\n"))


@pytest.mark.parametrize("how", ["gone", "cut", "grown"])
def test_a_file_that_its_manifest_does_not_describe_is_not_loaded(con: Connection, tmp_path: Path, how: str) -> None:
    first, second = (Scan(tmp_path, tenant(ACME), tenant(BORG), night=night) for night in range(2))
    first.land(ACME, USERS, [user(1)])
    loaded(con, first)
    outcome = second.land(ACME, USERS, [user(1), user(2)])
    second.land(BORG, USERS, [user(3)])
    damage(second.landing.path(outcome), how)
    found = loaded(con, second)[ACME, "users"]
    assert (found.state, found.code) == ("failed", "BadFile")
    assert str(outcome.file) in found.message
    assert (ids(con, ACME), ids(con, BORG)) == (["user-0001"], ["user-0003"])
    state = "select state, code from source_status where tenant_id = ? and dataset = 'users' and scan_id = ?"
    assert con.execute(state, [ACME, second.plan.scan_id]).fetchall() == [("failed", "BadFile")]


def test_a_manifest_that_names_a_file_elsewhere_is_refused(con: Connection, tmp_path: Path) -> None:
    scan = Scan(tmp_path, tenant(ACME))
    outcome = scan.land(ACME, USERS, [user(1)])
    scan.note(ACME, "users", rows=1, sha256=outcome.sha256, file=f"../{ACME}/{outcome.file}")
    assert loaded(con, scan)[ACME, "users"].code == "BadFile"


BAD_ROWS = {
    "null where none may be": ({"id": "s", "inner": {"level": None}}, "NOT NULL constraint failed: setting.level"),
    "no object around it": ({"id": "s"}, "NOT NULL constraint failed: setting.level"),
}


@pytest.mark.parametrize(("item", "message"), BAD_ROWS.values(), ids=list(BAD_ROWS))
def test_rows_that_do_not_fit_fail_their_tenant_alone(
    small: Connection, tmp_path: Path, item: dict[str, Any], message: str
) -> None:
    first, second = (Scan(tmp_path, tenant(ACME), tenant(BORG), night=night) for night in range(2))
    good = {"id": "s", "inner": {"level": "high"}}
    first.land(ACME, SETTING, [good])
    small_loaded(small, first)
    second.land(ACME, SETTING, [good, {**item, "id": "t"}])
    second.land(ACME, OWNERS, [{"id": "kept"}])
    second.land(BORG, SETTING, [good])
    found = small_loaded(small, second)
    assert (found[ACME, "setting"].state, found[ACME, "setting"].code) == ("failed", "BadRows")
    assert message in found[ACME, "setting"].message
    assert {found[ACME, "owners"].state, found[BORG, "setting"].state} == {"complete"}
    assert rows(small, "select tenant_id, setting_id, collected_at from setting order by all") == [
        (ACME, "s", datetime(2026, 3, 1, 2, 1)),
        (BORG, "s", datetime(2026, 3, 2, 2, 1)),
    ]
    assert rows(small, "select owner_id from owners") == [("kept",)]
    assert rows(small, "select state from source_status where code = 'BadRows'") == [("failed",)]


@pytest.mark.parametrize("promised", [0, 1, 3])
def test_fewer_or_more_rows_than_promised_fail_their_tenant_alone(
    con: Connection, tmp_path: Path, promised: int
) -> None:
    scan = Scan(tmp_path, tenant(ACME), tenant(BORG))
    scan.land(ACME, USERS, [user(1), user(2)], rows=promised)
    scan.land(BORG, USERS, [user(1), user(2)])
    found = loaded(con, scan)
    assert (found[ACME, "users"].code, found[BORG, "users"].state) == ("BadRows", "complete")
    assert found[ACME, "users"].message == f"the file has 2 rows, its manifest says {promised}"
    assert (ids(con, ACME), ids(con, BORG)) == ([], ["user-0001", "user-0002"])


def test_a_number_that_is_too_big_fails_its_tenant_alone(small: Connection, tmp_path: Path) -> None:
    scan = Scan(tmp_path, tenant(ACME), tenant(BORG))
    scan.land(ACME, THINGS, [{"id": "t", "status": {"count": 2**63}}], asked_for="o")
    scan.land(BORG, THINGS, [{"id": "t", "status": {"count": 2**63 - 1}}], asked_for="o")
    found = small_loaded(small, scan)
    assert found[ACME, "things"].code == "BadRows"
    assert str(2**63) in found[ACME, "things"].message
    assert rows(small, 'select tenant_id, "count" from things') == [(BORG, 2**63 - 1)]


def test_bad_files_of_many_datasets_are_all_named(small: Connection, tmp_path: Path) -> None:
    scan = Scan(tmp_path, tenant(ACME), tenant(BORG))
    scan.land(ACME, THINGS, [{"id": "t", "status": {"count": 2**63}}], asked_for="o")
    scan.land(ACME, SETTING, [{"id": "s"}])
    scan.land(BORG, OWNERS, [{"id": "o"}], rows=2)
    scan.land(BORG, SETTING, [{"id": "s", "inner": {"level": "low"}}])
    found = small_loaded(small, scan)
    bad = {key: outcome.message for key, outcome in found.items() if outcome.code == "BadRows"}
    assert sorted(bad) == [(ACME, "setting"), (ACME, "things"), (BORG, "owners")]
    assert bad[BORG, "owners"] == "the file has 1 rows, its manifest says 2"
    assert rows(small, "select tenant_id, level from setting") == [(BORG, "low")]


def test_json_that_duckdb_cannot_hold_fails_its_tenant_alone(con: Connection, tmp_path: Path) -> None:
    """Half a surrogate pair in an object that we keep as it is: valid to some, unreadable here."""
    scan = Scan(tmp_path, tenant(ACME), tenant(BORG))
    for tenant_id, name in ((ACME, "\\ud800"), (BORG, "ok")):
        outcome = scan.land(tenant_id, POLICIES, [{"id": "p", "state": "enabled", "conditions": {"name": "@@"}}])
        file = scan.landing.path(outcome)
        file.write_bytes(zstandard.compress(zstandard.decompress(file.read_bytes()).replace(b"@@", name.encode())))

        scan.note(
            tenant_id, POLICIES.name, rows=1, file=file.name, sha256=hashlib.sha256(file.read_bytes()).hexdigest()
        )
    found = loaded(con, scan)
    assert (found[ACME, POLICIES.name].code, found[BORG, POLICIES.name].state) == ("BadRows", "complete")
    assert "Malformed JSON" in found[ACME, POLICIES.name].message


def test_a_table_that_does_not_fit_its_declaration_is_no_verdict_on_files(con: Connection, tmp_path: Path) -> None:
    scan = Scan(tmp_path, tenant(ACME))
    scan.land(ACME, SECURITY_DEFAULTS.datasets[0], [{"id": "s", "isEnabled": True}])
    con.execute("alter table security_defaults drop column is_enabled")
    with pytest.raises(WarehouseError, match="though each of its files can"):
        load(con, scan.landing, scan.plan, MICROSOFT)
    assert rows(con, "select * from scans") == []


# Doubles


def test_an_object_that_paging_gave_twice_is_there_once(con: Connection, tmp_path: Path) -> None:
    scan = Scan(tmp_path, tenant(ACME), tenant(BORG))
    scan.land(ACME, USERS, [user(1), user(2)], [user(2), user(3, displayName="a")], [user(3, displayName="b")])
    scan.land(BORG, USERS, [user(2)])
    loaded(con, scan)
    assert ids(con, ACME) == ["user-0001", "user-0002", "user-0003"]
    assert ids(con, BORG) == ["user-0002"]
    assert rows(con, "select rows from slices order by tenant_id") == [(3,), (1,)]
    assert rows(con, "select rows from source_status where dataset = 'users' order by tenant_id") == [(5,), (1,)]


@pytest.mark.parametrize("order", list(permutations("abc")))
def test_which_of_two_doubles_is_kept_does_not_hang_on_their_order(
    con: Connection, tmp_path: Path, order: tuple[str, ...]
) -> None:
    scan = Scan(tmp_path, tenant(ACME))
    scan.land(ACME, USERS, *[[user(1, displayName=name)] for name in order])
    loaded(con, scan)
    assert rows(con, "select display_name from users") == [("a",)]


# Size


def test_a_file_of_many_pages_loses_none(con: Connection, tmp_path: Path) -> None:
    """Each page is a zstd frame; the frames' ends fall anywhere in the reader's buffers."""
    scan = Scan(tmp_path, tenant(ACME))
    pages = [[user(page * 100 + at, jobTitle="x" * (page * 37 % 400)) for at in range(page % 7)] for page in range(400)]
    outcome = scan.land(ACME, USERS, *pages)
    loaded(con, scan)
    landed = {row.f0 for row in read_rows(scan.landing.path(outcome), row_type(USERS.table))}
    assert len(landed) == outcome.rows
    assert set(ids(con, ACME)) == landed


def test_a_row_of_many_megabytes_arrives(con: Connection, tmp_path: Path) -> None:
    scan = Scan(tmp_path, tenant(ACME))
    scan.land(ACME, POLICIES, [{"id": "p", "state": "enabled", "conditions": {"ids": ["x" * 1000] * 20_000}}])
    assert loaded(con, scan)[ACME, POLICIES.name].state == "complete"
    assert rows(con, "select json_array_length(conditions, '$.ids') from conditional_access_policies") == [(20_000,)]


def test_the_scan_is_noted_with_what_was_chosen(con: Connection, tmp_path: Path) -> None:
    scan = Scan(tmp_path, tenant(ACME, program="direct-bill"), collectors=["users"])
    loaded(con, scan)
    assert rows(con, "from scans") == [(scan.plan.scan_id, NIGHT.replace(tzinfo=None), ["users"])]
    assert rows(con, "select kind, name, program, last_scan_id from tenants") == [
        ("customer", "Acme", "direct-bill", scan.plan.scan_id)
    ]
