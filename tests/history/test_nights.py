"""The state as of any past scan is what was published then, row by row; and only what changed is kept."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.cloud import CUSTOMER, PARTNER, Cloud, cloud
from tests.history.nights import HISTORIES, LEAVER, VIEWS, Night, Rows, asked, content, live
from warehouse.engine import Connection, scratch
from warehouse.migrate import MIGRATIONS, migrate

# What the published view says beside the columns of the history, as of $at.
AS_OF = {
    "account_verdicts": ("account_verdict_history", ""),
    "rule_results": ("rule_result_history", ""),
    "scorecards": ("scorecard_history", ", $at as assessed_at"),
    "findings": ("finding_history", "replace (coalesce(last_seen_at, $at) as last_seen_at)"),
}


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with (
        pytest.MonkeyPatch.context() as patch,
        cloud(tmp_path_factory.mktemp("nights"), patch, CUSTOMER, LEAVER) as one,
    ):
        yield one


@pytest.fixture(scope="module")
def nights(one: Cloud) -> list[Night]:
    return live(one)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("number", range(7))
def test_the_state_as_of_a_scan_is_what_it_published(one: Cloud, nights: list[Night], number: int, view: str) -> None:
    table, more = AS_OF[view]
    names, rows = nights[number].views[view]
    columns, found = asked(
        one,
        f"select * exclude (valid_until) {more} from {table} "
        "where valid_from <= $at and (valid_until is null or valid_until > $at)",
        at=nights[number].at,
    )
    order = [columns.index(name) for name in names]
    assert {*names} == {*columns}
    assert sorted(repr(tuple(row[at] for at in order)) for row in found) == sorted(map(repr, rows))
    assert rows


def test_the_nights_were_worth_keeping(nights: list[Night]) -> None:
    """Each published something else than the one before, but for the one in which nothing happened."""

    def said(night: Night, view: str) -> Rows:
        names, rows = night.views[view]
        kept = [at for at, name in enumerate(names) if name not in {"valid_from", "assessed_at", "last_seen_at"}]
        return [tuple(row[at] for at in kept) for row in rows]

    changes = {view: [said(night, view) != said(before, view) for before, night in pairwise(nights)] for view in VIEWS}
    assert changes == {
        "account_verdicts": [True, True, True, True, False, True],
        "rule_results": [True, True, True, True, False, True],
        "scorecards": [True, True, True, True, False, True],
        "findings": [True, True, True, True, False, True],
    }


def test_a_night_in_which_nothing_happened_leaves_no_row(one: Cloud, nights: list[Night]) -> None:
    quiet = nights[5].at
    for table in HISTORIES[:-1]:
        assert asked(one, f"select * from {table} where $at in (valid_from, valid_until)", at=quiet)[1] == [], table
    assert len(asked(one, "select * from recordings where scanned_at = $at", at=quiet)[1]) == len(HISTORIES) - 1


def test_an_account_has_a_row_for_each_change(one: Cloud, nights: list[Night]) -> None:
    query = """
        select split_part(account_id, '-', 1), contract_scope, date_diff('day', $first, valid_from),
            date_diff('day', $first, valid_until)
        from account_verdict_history where tenant_id = $tenant order by account_id, valid_from
    """
    _, rows = asked(one, query, first=nights[0].at, tenant=PARTNER)
    told: dict[str, list[tuple[Any, ...]]] = {}
    for name, *rest in rows:
        told.setdefault(name, []).append(tuple(rest))
    scope = "in_scope"
    # In the third and fourth night nobody's registration was known.
    assert told["ann"] == [(scope, 0, 2), (scope, 2, 4), (scope, 4, None)]
    assert told["bob"] == [(scope, 0, 1), (scope, 1, 2), (scope, 2, 4), (scope, 4, None)]
    assert told["carl"][:2] == [(scope, 0, 1), ("out_disabled", 1, 2)]
    assert told["dora"] == [(scope, 0, 2), (scope, 2, 3)]
    assert told["zoe"] == [(scope, 1, 2), (scope, 2, 4), (scope, 4, None)]


def test_a_finding_that_comes_back_has_a_second_row_and_its_first_day(one: Cloud, nights: list[Night]) -> None:
    query = """
        select split_part(account_id, '-', 1), date_diff('day', $first, first_seen_at),
            date_diff('day', $first, last_seen_at), date_diff('day', $first, valid_from),
            date_diff('day', $first, valid_until)
        from finding_history where rule_id = 'MFA.REG.1v1' and tenant_id = $tenant and account_id is not null
        order by all
    """
    _, rows = asked(one, query, first=nights[0].at, tenant=PARTNER)
    assert sorted(rows, key=repr) == sorted(
        [
            ("emil", 0, None, 0, 1),
            ("emil", 0, None, 4, None),
            ("olga", 0, None, 0, 2),
            ("olga", 0, 1, 2, 4),  # last seen in the second night: in the two after it nobody could tell
            ("olga", 0, None, 4, None),
            ("zoe", 1, None, 1, 2),
            ("zoe", 1, 1, 2, 4),
            ("zoe", 1, None, 4, None),
        ],
        key=repr,
    )


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Connection]:
    """Open a warehouse as it was before results had a validity."""
    folder = tmp_path / "migrations"
    folder.mkdir()
    for path in sorted(MIGRATIONS.glob("*.sql"))[:3]:
        shutil.copy(path, folder)
    with scratch() as con:
        migrate(con, folder)
        yield con


def put(con: Connection, table: str, names: tuple[str, ...], rows: Rows, **same: Any) -> None:
    columns = [name for (name, *_) in con.execute(f"describe {table}").fetchall()]
    for row in rows:
        given = {name: value for name, value in zip(names, row, strict=True) if name in columns} | same
        con.execute(
            f"insert into {table} ({', '.join(given)}) values ({', '.join('?' * len(given))})", [*given.values()]
        )


def test_rows_per_scan_are_migrated_to_the_very_same_history(one: Cloud, nights: list[Night], old: Connection) -> None:
    for night in nights:
        same: dict[str, Any] = {"scan_id": night.scan_id, "scanned_at": night.at}
        old.execute("insert into scans values ($scan_id, $scanned_at, [])", same)
        for view in VIEWS[:3]:
            put(old, AS_OF[view][0], *night.views[view], **same)
    migrate(old)
    there_were = ("account_verdict_history", "rule_result_history", "finding_history", "scorecard_history")
    for table in ("account_verdict_history", "rule_result_history", "scorecard_history", "recordings"):
        names, rows = content(one, table)
        assert rows
        if table == "recordings":
            rows = [row for row in rows if row[0] in there_were]
        assert sorted(map(repr, old.execute(f"select {', '.join(names)} from {table}").fetchall())) == sorted(
            map(repr, rows)
        ), table


def test_findings_are_migrated_with_what_was_kept_of_them(nights: list[Night], old: Connection) -> None:
    """An open one, one that could not be looked for since, a resolved one, and one resolved after such a time."""
    days = [night.at for night in nights]
    for at, night in enumerate(nights[:6]):
        old.execute("insert into scans values (?, ?, [])", [night.scan_id, days[at]])
        result = ("R", "t", "pass", 1, 0, 0, "")
        values = [night.scan_id, days[at], *result]
        old.execute("insert into rule_result_history values (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
    for name, first, last, resolved in [("a", 0, 5, None), ("b", 0, 2, None), ("c", 1, 2, 3), ("d", 1, 2, 5)]:
        until = None if resolved is None else days[resolved]
        old.execute(
            "insert into finding_history values (?, 'R', 't', 'account', 'x', null, null, 'why', 'what', ?, ?, ?)",
            [name, days[first], days[last], until],
        )
    migrate(old)
    found = old.execute(
        "select finding_id, first_seen_at, last_seen_at, valid_from, valid_until from finding_history order by 1, 4"
    ).fetchall()
    assert [(name, *(None if at is None else days.index(at) for at in times)) for name, *times in found] == [
        ("a", 0, None, 0, None),
        ("b", 0, None, 0, 3),
        ("b", 0, 2, 3, None),
        ("c", 1, None, 1, 3),
        ("d", 1, None, 1, 3),
        ("d", 1, 2, 3, 5),
    ]
