"""What got worse: one clause after the other, and the laws of comparing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.worse import Accepted, Item, Outcome, Relationship, State, Verdict, worse

T = "tenant"
ONE = datetime.fromisoformat("2026-11-22 02:00:00")
TWO = ONE + timedelta(days=1)


def of(change: tuple[str, Any, Any]) -> tuple[State, State]:
    name, before, now = change
    return State(scanned_at=ONE, **{name: before}), State(scanned_at=TWO, **{name: now})


def fell(was: str | None, is_: str, severity: Any = "medium", cause: str = "") -> tuple[str, Any, Any]:
    return "verdicts", {} if was is None else {(T, "a"): Verdict(was)}, {(T, "a"): Verdict(is_, severity, cause)}


def ended(was: str | None, is_: str, **about: Any) -> tuple[str, Any, Any]:
    return "results", {} if was is None else {("R", T): Outcome(was)}, {("R", T): Outcome(is_, 3, "high", "Title")}


def ends(at: datetime | None, *, was_over: bool = False, is_over: bool = False) -> tuple[str, Any, Any]:
    key = (T, "r")
    return "relationships", {key: Relationship("G", at, was_over)}, {key: Relationship("G", at, is_over)}


def accepted(was: str | None, is_: str, day: date) -> tuple[str, Any, Any]:
    key = ("w R", T)
    return (
        "accepted",
        {} if was is None else {key: Accepted("waiver of R", was, day)},
        {key: Accepted("waiver of R", is_, day)},
    )


DAY = TWO.date()
POLICY = "policy X: state enabled -> disabled"
CASES: list[tuple[tuple[str, Any, Any], list[tuple[str, str, str]]]] = [
    (fell("compliant", "at_risk"), [("verdicts", "medium", "1 account compliant -> at risk")]),
    (
        fell("at_risk", "non_compliant", "high", POLICY),
        [("verdicts", "high", f"1 account at risk -> non compliant, 1 of high severity: {POLICY}")],
    ),
    (fell(None, "non_compliant"), [("verdicts", "medium", "1 account new -> non compliant")]),
    (fell("not_applicable", "at_risk"), [("verdicts", "medium", "1 account not applicable -> at risk")]),
    (fell("non_compliant", "at_risk"), []),
    (fell("compliant", "indeterminate"), []),
    (fell("indeterminate", "non_compliant"), []),
    (fell("compliant", "not_applicable"), []),
    (fell(None, "compliant"), []),
    (ended("pass", "fail"), [("rule", "high", "R fails (3), was pass: Title")]),
    (ended("waived", "fail"), [("rule", "high", "R fails (3), was waived: Title")]),
    (ended("not_assessed", "fail"), [("rule", "high", "R fails (3), was not assessed: Title")]),
    (ended("pass", "waived"), []),
    (ended("fail", "fail"), []),
    (ended(None, "fail"), []),  # a new rule or tenant: there is nothing to compare it with
    (("scores", {T: 80.0}, {T: 70.0}), [("score", "medium", "score 80.0 % -> 70.0 %")]),
    (("scores", {T: 80.0}, {T: 79.9}), [("score", "low", "score 80.0 % -> 79.9 %")]),
    (("scores", {T: 80.0}, {T: 79.99}), []),
    (("scores", {T: 80.0}, {T: None}), []),
    (("scores", {T: None}, {T: 1.0}), []),
    (
        ("unread", {T: {"sign_ins": "failed: 503"}}, {T: {"sign_ins": "failed: 503", "users": "not_permitted: no"}}),
        [("unread", "high", "could not be read: users: not_permitted: no")],
    ),
    (("unread", {}, {T: {"sign_ins": "failed"}}), [("unread", "medium", "could not be read: sign_ins: failed")]),
    (("unread", {T: {"users": "failed"}}, {}), []),
    (ends(TWO + timedelta(days=30)), [("gdap", "medium", "GDAP relationship G ends on 2026-12-23 02:00 UTC")]),
    (ends(TWO + timedelta(days=6, hours=9)), [("gdap", "high", "GDAP relationship G ends on 2026-11-29 11:00 UTC")]),
    (ends(TWO + timedelta(days=20)), []),
    (ends(TWO + timedelta(days=31)), []),
    (ends(None), []),
    (ends(TWO, is_over=True), [("gdap", "high", "GDAP relationship G is over")]),
    (ends(TWO, was_over=True, is_over=True), []),
    (accepted("active", "expired", DAY - timedelta(days=1)), [("waiver", "medium", "waiver of R ended on 2026-11-22")]),
    (accepted("expired", "expired", DAY - timedelta(days=1)), []),
    (accepted("active", "broken", DAY), [("waiver", "medium", "waiver of R is broken: see `rollcall waivers`")]),
    (accepted("active", "active", DAY + timedelta(days=13)), [("waiver", "low", "waiver of R ends on 2026-12-06")]),
    (accepted("active", "active", DAY + timedelta(days=14)), []),
    (accepted("active", "active", DAY + timedelta(days=12)), []),
    (accepted("pending", "pending", DAY + timedelta(days=13)), []),
]


@pytest.mark.parametrize(("change", "expected"), CASES)
def test_each_clause(change: tuple[str, Any, Any], expected: list[tuple[str, str, str]]) -> None:
    assert worse(*of(change)) == [Item(kind, severity, T, text) for kind, severity, text in expected]  # type: ignore[arg-type]


def test_accounts_that_fell_for_one_cause_are_one_item() -> None:
    before = State(scanned_at=ONE, verdicts={(T, str(n)): Verdict("compliant") for n in range(400)})
    now = State(
        scanned_at=TWO,
        verdicts={(T, str(n)): Verdict("at_risk", "high" if n == 7 else "medium", "policy X") for n in range(400)},
    )
    assert [item.text for item in worse(before, now)] == [
        "400 accounts compliant -> at risk, 1 of high severity: policy X"
    ]


TENANTS = st.sampled_from(["t1", "t2"])
NAMES = st.sampled_from(["a", "b"])
LEVEL = st.sampled_from(["high", "medium", "low"])
WORDS = st.sampled_from(["compliant", "at_risk", "non_compliant", "indeterminate", "not_applicable"])
STATES = st.builds(
    State,
    scanned_at=st.just(ONE),
    verdicts=st.dictionaries(st.tuples(TENANTS, NAMES), st.builds(Verdict, WORDS, LEVEL, NAMES)),
    results=st.dictionaries(
        st.tuples(NAMES, TENANTS),
        st.builds(Outcome, st.sampled_from(["pass", "fail", "waived", "error"]), st.integers(0, 3), LEVEL),
    ),
    scores=st.dictionaries(TENANTS, st.none() | st.floats(0, 100)),
    unread=st.dictionaries(TENANTS, st.dictionaries(NAMES, st.just("failed"), min_size=1)),
    relationships=st.dictionaries(st.tuples(TENANTS, NAMES), st.builds(Relationship, NAMES, st.none(), st.booleans())),
    accepted=st.dictionaries(
        st.tuples(NAMES, TENANTS),
        st.builds(Accepted, NAMES, st.sampled_from(["active", "expired", "broken"]), st.just(DAY + timedelta(days=90))),
    ),
)


@given(state=STATES)
def test_nothing_is_worse_than_itself(state: State) -> None:
    """But for new accounts that begin badly: they are in a state only where something changed."""
    assert worse(state, replace(state, scanned_at=TWO)) == []


@given(before=STATES, now=STATES)
def test_whatever_is_told_does_not_depend_on_the_order_it_was_read_in(before: State, now: State) -> None:
    def turned(state: State) -> State:
        names = ("verdicts", "results", "scores", "unread", "relationships", "accepted")
        parts: dict[str, Any] = {name: dict(reversed(getattr(state, name).items())) for name in names}
        return replace(state, **parts)

    assert worse(before, now) == worse(turned(before), turned(now))


@given(before=STATES, now=STATES)
def test_no_verdict_and_no_score_is_worse_both_ways(before: State, now: State) -> None:
    there = {(item.kind, item.tenant_id) for item in worse(before, now) if item.kind == "score"}
    back = {(item.kind, item.tenant_id) for item in worse(now, before) if item.kind == "score"}
    assert not there & back
