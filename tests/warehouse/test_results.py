from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.errors import ConfigError
from tests.warehouse.found import Finding, found
from tests.warehouse.scans import ACME, BORG, MICROSOFT, Scan, tenant
from warehouse.engine import Connection
from warehouse.load import load
from warehouse.results import RuleResult, record_findings, record_rule_results

MFA, GDAP = "MFA.REG.1v1", "GDAP.ROLE.1v1"
EVERYTHING = [(rule, tenant_id) for rule in (MFA, GDAP) for tenant_id in (ACME, BORG)]
START = datetime(2026, 3, 1, 2)


def finding(resource_id: str, rule_id: str = MFA, tenant_id: str = ACME, reason: str = "no method") -> Finding:
    return Finding(
        rule_id=rule_id,
        tenant_id=tenant_id,
        resource_type="account",
        resource_id=resource_id,
        resource_name=f"{resource_id}@acme.example",
        account_id=resource_id,
        reason=reason,
        remediation="Register one.",
    )


@pytest.fixture
def scans(con: Connection, tmp_path: Path) -> list[str]:
    """Load three nights and return the ids of their scans."""
    scans = [Scan(tmp_path, tenant(ACME), tenant(BORG), night=night) for night in range(3)]
    for scan in scans:
        load(con, scan.landing, scan.plan, MICROSOFT)
    return [scan.plan.scan_id for scan in scans]


def life(con: Connection) -> dict[str, tuple[int, int, int | None]]:
    """Return of each finding, by its resource, the nights it was first seen, last seen, and resolved."""

    def night(at: datetime | None) -> int | None:
        return None if at is None else (at - START).days

    rows = con.execute(
        """
        select
            resource_id,
            first_seen_at,
            coalesce(last_seen_at, (
                select max(scanned_at) from recordings
                where history = 'finding_history' and coalesce(scanned_at < valid_until, true)
            )),
            valid_until
        from finding_history
        qualify row_number() over (partition by finding_id order by valid_from desc) = 1
        """
    ).fetchall()
    return {resource_id: (night(first), night(last), night(until)) for resource_id, first, last, until in rows}  # type: ignore[misc]


def spans(con: Connection) -> list[tuple[str, str, int, int | None]]:
    """Return the resource, reason and nights (from, until) of every row."""
    query = f"""
        select resource_id, reason, date_diff('day', timestamp '{START}', valid_from),
            date_diff('day', timestamp '{START}', valid_until)
        from finding_history order by all
    """
    return con.execute(query).fetchall()


def open_now(con: Connection) -> list[str]:
    return [name for (name,) in con.execute("select resource_id from findings order by all").fetchall()]


def test_a_finding_is_open_until_a_scan_looks_and_no_longer_finds_it(con: Connection, scans: list[str]) -> None:
    assert record_findings(con, scans[0], found([finding("a"), finding("b")]), EVERYTHING) == (2, 0)
    assert record_findings(con, scans[1], found([finding("a")]), EVERYTHING) == (1, 1)
    assert record_findings(con, scans[2], found([finding("a")]), EVERYTHING) == (1, 0)
    assert life(con) == {"a": (0, 2, None), "b": (0, 0, 1)}
    assert open_now(con) == ["a"]


def test_what_was_not_assessed_keeps_its_findings_as_they_are(con: Connection, scans: list[str]) -> None:
    every = [finding("a"), finding("b", tenant_id=BORG), finding("c", rule_id=GDAP)]
    record_findings(con, scans[0], found(every), EVERYTHING)
    record_findings(con, scans[1], found([]), [(MFA, BORG)])
    assert life(con) == {"a": (0, 0, None), "b": (0, 0, 1), "c": (0, 0, None)}


def test_what_comes_back_is_open_again_since_it_was_first_seen(con: Connection, scans: list[str]) -> None:
    record_findings(con, scans[0], found([finding("a")]), EVERYTHING)
    record_findings(con, scans[1], found([]), EVERYTHING)
    record_findings(con, scans[2], found([finding("a")]), EVERYTHING)
    assert life(con) == {"a": (0, 2, None)}
    assert spans(con) == [("a", "no method", 0, 1), ("a", "no method", 2, None)]


def test_the_words_of_a_finding_are_the_newest_scans_and_the_others_are_kept(con: Connection, scans: list[str]) -> None:
    for at, words in enumerate(("old", "old", "new")):
        record_findings(con, scans[at], found([finding("a", reason=words)]), EVERYTHING)
    assert con.execute("select reason from findings").fetchall() == [("new",)]
    assert life(con) == {"a": (0, 2, None)}
    assert spans(con) == [("a", "new", 2, None), ("a", "old", 0, 2)]


def test_a_finding_that_nobody_could_look_for_says_when_it_was_last_seen(con: Connection, scans: list[str]) -> None:
    record_findings(con, scans[0], found([finding("a")]), EVERYTHING)
    for at in (1, 2):
        record_findings(con, scans[at], found([]), [])
    query = "select first_seen_at, last_seen_at, valid_from from findings"
    assert con.execute(query).fetchall() == [(START, START, START + timedelta(days=1))]


@pytest.mark.parametrize("recorded", [0, 1], ids=["again", "for the first time"])
def test_an_older_scan_is_refused_and_rewrites_no_history(con: Connection, scans: list[str], recorded: int) -> None:
    """What a scan that changed nothing found is in no row of its own: the past cannot be told apart any more."""
    for at in (0, 2):
        record_findings(con, scans[at], found([finding("a"), finding(str(at))]), EVERYTHING)
        record_rule_results(con, scans[at], [result(ACME, "fail")])
    tables = ("finding_history", "rule_result_history", "recordings")
    before = [con.execute(f"from {table} order by all").fetchall() for table in tables]
    with pytest.raises(ConfigError, match=r"finding_history goes until 2026-03-03 02:00.*Record the newest scan"):
        record_findings(con, scans[recorded], found([finding("a")]), EVERYTHING)
    with pytest.raises(ConfigError, match=r"rule_result_history goes until"):
        record_rule_results(con, scans[recorded], [])
    assert [con.execute(f"from {table} order by all").fetchall() for table in tables] == before


def test_a_scan_that_is_judged_otherwise_takes_back_what_only_it_had_found(con: Connection, scans: list[str]) -> None:
    record_findings(con, scans[0], found([finding("a")]), EVERYTHING)
    record_findings(con, scans[1], found([finding("a"), finding("wrong")]), EVERYTHING)
    record_findings(con, scans[1], found([]), EVERYTHING)
    assert life(con) == {"a": (0, 0, 1)}
    record_findings(con, scans[1], found([finding("a")]), EVERYTHING)
    assert life(con) == {"a": (0, 1, None)}


def test_a_finding_given_twice_is_one(con: Connection, scans: list[str]) -> None:
    record_findings(con, scans[0], found([finding("a", reason="x"), finding("a", reason="y")]), EVERYTHING)
    assert con.execute("select reason from finding_history").fetchall() == [("y",)]


def test_the_id_of_a_finding_hangs_on_what_breaks_which_rule_where(con: Connection, scans: list[str]) -> None:
    every = [finding("a"), finding("b"), finding("a", rule_id=GDAP), finding("a", tenant_id=BORG)]
    record_findings(con, scans[0], found(every), EVERYTHING)
    ids = "select finding_id from findings order by resource_id, rule_id desc, tenant_id"
    first = con.execute(ids).fetchall()
    assert len(set(first)) == 4
    assert ("8e4dfb723d677cfd",) in first
    other_words = [replace(each, reason="other words") for each in every]
    record_findings(con, scans[1], found(other_words), EVERYTHING)
    assert con.execute(ids).fetchall() == first


def concerned(con: Connection) -> list[tuple[str, str]]:
    query = "select a.account_id, resource_id from finding_accounts as a join findings using (finding_id) order by all"
    return con.execute(query).fetchall()


def test_a_finding_about_a_cause_names_the_accounts_and_when_they_were_concerned(
    con: Connection, scans: list[str]
) -> None:
    gap = replace(finding("gap"), resource_type="policy", account_id=None)
    record_findings(con, scans[0], found([replace(gap, concerned=("ann", "bob")), finding("cid")]), EVERYTHING)
    assert concerned(con) == [("ann", "gap"), ("bob", "gap"), ("cid", "cid")]
    assert con.execute("select accounts from findings order by all").fetchall() == [(1,), (2,)]
    record_findings(con, scans[1], found([replace(gap, concerned=("bob",))]), EVERYTHING)
    assert concerned(con) == [("bob", "gap")]
    record_findings(con, scans[2], [], [])  # nobody could look: it is as it was
    assert concerned(con) == [("bob", "gap")]
    ended = "select account_id, valid_until from finding_account_history order by all"
    assert con.execute(ended).fetchall() == [("ann", START + timedelta(days=1)), ("bob", None)]


names = st.sets(st.sampled_from("abc"))
answers = st.tuples(names, st.booleans())  # what is found, and whether the rule was assessed at all


def told(nights: Iterable[tuple[set[str], bool]]) -> dict[str, tuple[int, int, int | None]]:
    """Return the life of each finding as the docstring of record_findings tells it, a night at a time."""
    lives: dict[str, tuple[int, int, int | None]] = {}
    for night, (names_found, is_assessed) in enumerate(nights):
        for name in names_found if is_assessed else ():
            lives[name] = (lives.get(name, (night,))[0], night, None)
        for name, (first, last, resolved) in lives.items():
            if is_assessed and name not in names_found and resolved is None:
                lives[name] = (first, last, night)
    return lives


@settings(max_examples=25)
@given(nights=st.lists(answers, min_size=1, max_size=4), again=st.integers(1, 3))
def test_findings_live_as_told_however_often_a_scan_is_judged(
    shared: Connection, nights: list[tuple[set[str], bool]], again: int
) -> None:
    shared.execute("delete from finding_history")
    shared.execute("delete from recordings")
    for night, (given_names, is_assessed) in enumerate(nights):
        scan_id = str(uuid.uuid4())
        shared.execute("insert into scans values (?, ?, [])", [scan_id, START + timedelta(days=night)])
        for _ in range(again):
            given_ = [finding(name) for name in given_names] if is_assessed else []
            record_findings(shared, scan_id, found(given_), [(MFA, ACME)] if is_assessed else [])
    assert life(shared) == told(nights)


def result(tenant_id: str, outcome: str) -> RuleResult:
    return RuleResult(rule_id=MFA, tenant_id=tenant_id, result=outcome, in_scope=2, failing=1)


def test_rule_results_of_a_scan_are_replaced_whole(con: Connection, scans: list[str]) -> None:
    record_rule_results(con, scans[0], [result(ACME, "error")])
    record_rule_results(con, scans[2], [result(ACME, "fail"), result(BORG, "pass")])
    for _ in range(2):
        assert record_rule_results(con, scans[2], [result(ACME, "pass")]) == 1
    second = START + timedelta(days=2)
    assert con.execute("from rule_results").fetchall() == [(MFA, ACME, "pass", 2, 1, 0, "", second, 0, "pass")]
    history = con.execute("select result, valid_from, valid_until from rule_result_history order by all").fetchall()
    assert history == [("error", START, second), ("pass", second, None)]


def test_results_of_a_scan_nobody_loaded_are_refused(con: Connection) -> None:
    with pytest.raises(ConfigError, match="holds no scan 'made up'"):
        record_findings(con, "made up", found([]), [])


def test_a_row_that_cannot_be_recorded_leaves_what_was_there(con: Connection, scans: list[str]) -> None:
    def rows() -> Iterable[RuleResult]:
        yield result(BORG, "pass")
        raise ZeroDivisionError

    record_rule_results(con, scans[2], [result(ACME, "fail")])
    with pytest.raises(ZeroDivisionError):
        record_rule_results(con, scans[2], rows())
    assert con.execute("select tenant_id from rule_results").fetchall() == [(ACME,)]
