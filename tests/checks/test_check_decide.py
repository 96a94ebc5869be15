"""The decision, line by line: each question comes before those below it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.decide import Counts, Decision, Inputs, Result, Unread, decide, is_in_force, last_to_end
from checks.rules import rule
from collectors.declare import Kind
from tests.checks.world import waiver

PARTNER_ONLY = rule("GDAP.GA.1v1")
PROVABLE = rule("MFA.POL.1v1")
GOOD = Inputs(kind="partner", counts=Counts(in_scope=3))
FAILED = Unread(dataset="gdap_relationships", state="failed", message="503 for an hour.")

# From the top of the order to its end; each case also has everything that stands below it.
LADDER: list[tuple[dict[str, Any], Result, str]] = [
    ({"waiver": waiver("GDAP.GA.1v1", "t1")}, Result.WAIVED, "accepted until 2026-12-31 by Ann: being replaced"),
    ({"kind": "customer"}, Result.NOT_APPLICABLE, "concerns partner tenants only"),
    ({"unread": (FAILED,)}, Result.NOT_ASSESSED, "gdap_relationships: failed: 503 for an hour"),
    ({"error": "Binder Error"}, Result.ERROR, "Binder Error"),
    ({"counts": Counts(3, 1, 1)}, Result.FAIL, ""),
    ({"counts": Counts(3, 0, 1)}, Result.NOT_ASSESSED, PARTNER_ONLY.unknown.format(count=1, in_scope=3)),
    ({}, Result.PASS, ""),
]


@pytest.mark.parametrize("step", range(len(LADDER)), ids=lambda step: LADDER[step][1].value)
def test_each_question_comes_before_those_below_it(step: int) -> None:
    inputs = GOOD
    for change, _, _ in reversed(LADDER[step:]):
        inputs = replace(inputs, **change)
    decision = decide(PARTNER_ONLY, inputs)
    if step == 0:
        assert decision.without is LADDER[1][1]
        inputs = replace(GOOD, counts=Counts(3, 1, 1), waiver=inputs.waiver)  # what is accepted is what fails
        decision = decide(PARTNER_ONLY, inputs)
    assert (decision.result, decision.reason) == LADDER[step][1:]


def test_nothing_to_judge_is_no_pass() -> None:
    decision = decide(PARTNER_ONLY, Inputs(kind="partner"))
    assert decision == Decision(Result.NOT_APPLICABLE, "there is nothing to judge", is_settled=True)


def test_an_empty_failed_read_is_not_an_empty_tenant() -> None:
    assert decide(PARTNER_ONLY, Inputs(kind="partner", unread=(FAILED,))).result is Result.NOT_ASSESSED


def test_what_older_rows_say_counts_for_nothing_while_a_dataset_is_unread() -> None:
    """Neither as a fail nor as things in scope."""
    decision = decide(PARTNER_ONLY, replace(GOOD, counts=Counts(3, 2, 1), unread=(FAILED,)))
    assert decision.counts == Counts()
    assert not decision.is_settled


@pytest.mark.parametrize(
    ("unread", "words"),
    [
        (Unread(dataset="sign_ins", state="not_licensed", message="no"), "needs Microsoft Entra ID P1 (sign_ins)"),
        (Unread(dataset="users", state="not_permitted"), "users: not_permitted"),
        (Unread(dataset="users", state="skipped"), "users: skipped: no scan has read it yet"),
        (
            Unread(
                dataset="users",
                state="partial",
                message="page 3 of 9 is missing.",
                last_complete_at=datetime.fromisoformat("2026-11-22 02:00:00"),
            ),
            "users: partial: page 3 of 9 is missing; last good data of 2026-11-22 02:00 UTC kept",
        ),
        # What is another in every attempt is left out: it would make another result of the same every night.
        (
            Unread(
                dataset="users",
                state="failed",
                message="Look up the sign-in with the correlation id 0f-1a in tenant t. <Connection object at 0x7f01>",
            ),
            "users: failed: Look up the sign-in in tenant t. <Connection>",
        ),
    ],
)
def test_the_reason_names_dataset_state_and_what_is_kept(unread: Unread, words: str) -> None:
    assert unread.words == words


def test_every_unread_dataset_is_named() -> None:
    licence = Unread(dataset="sign_ins", state="not_licensed")
    decision = decide(PARTNER_ONLY, replace(GOOD, unread=(licence, FAILED)))
    assert decision.reason == f"{licence.words}; {FAILED.words}"


@pytest.mark.parametrize(
    ("counts", "error", "result"),
    [
        (Counts(1, 0, 0), None, Result.PASS),
        (Counts(1, 1, 0), None, Result.NOT_ASSESSED),
        (Counts(1, 0, 1), None, Result.NOT_ASSESSED),
        (Counts(0, 0, 0), None, Result.NOT_ASSESSED),
        (Counts(1, 0, 0), "raised", Result.NOT_ASSESSED),
    ],
)
def test_one_source_can_prove_a_pass_and_never_a_fail(counts: Counts, error: str | None, result: Result) -> None:
    unread = (Unread(dataset="conditional_access_policies", state="not_licensed"),)
    decision = decide(PROVABLE, Inputs(kind="partner", counts=counts, unread=unread, error=error))
    assert decision.result is result
    assert decision.counts == (counts if result is Result.PASS else Counts())


@pytest.mark.parametrize("counts", [Counts(3, 2, 0), Counts(3, 0, 2), Counts(3, 0, 0), Counts()])
def test_what_is_waived_stays_visible(counts: Counts) -> None:
    accepted = waiver("GDAP.GA.1v1", "t1")
    true = decide(PARTNER_ONLY, replace(GOOD, counts=counts))
    waived = decide(PARTNER_ONLY, replace(GOOD, counts=counts, waiver=accepted))
    assert waived.result is Result.WAIVED
    assert waived.true_result is true.result
    assert waived.accepted == counts.failing
    assert (waived.counts, waived.is_settled) == (true.counts, true.is_settled)


@pytest.mark.parametrize(
    ("accepted", "result"), [(0, Result.FAIL), (1, Result.FAIL), (2, Result.WAIVED), (3, Result.WAIVED)]
)
def test_a_rule_is_waived_only_if_all_that_fails_is(accepted: int, result: Result) -> None:
    by = (waiver("GDAP.GA.1v1", "t1", until=date(2026, 12, 9)), waiver("GDAP.GA.1v1", "t1", until=date(2026, 12, 1)))
    decision = decide(PARTNER_ONLY, replace(GOOD, counts=Counts(3, 2, 1), accepted=accepted, by=by))
    assert (decision.result, decision.true_result) == (result, Result.FAIL)
    assert (decision.accepted, decision.counts) == (min(accepted, 2), Counts(3, 2, 1))
    assert decision.reason == (
        "accepted until 2026-12-01 by Ann: being replaced; accepted until 2026-12-09 by Ann: being replaced"
        if result is Result.WAIVED
        else ""
    )


@pytest.mark.parametrize("change", [{"counts": Counts(3)}, {"counts": Counts(3, 0, 1)}, {"unread": (FAILED,)}])
def test_accepted_accounts_make_a_waiver_of_nothing_else(change: dict[str, Any]) -> None:
    by = (waiver("GDAP.GA.1v1", "t1"),)
    true = decide(PARTNER_ONLY, replace(GOOD, **change))
    assert decide(PARTNER_ONLY, replace(GOOD, accepted=2, by=by, **change)) == true


COUNTS = st.builds(
    lambda failing, unknown, fine: Counts(failing + unknown + fine, failing, unknown),
    st.integers(0, 3),
    st.integers(0, 3),
    st.integers(0, 3),
)
KINDS: st.SearchStrategy[Kind] = st.sampled_from(["partner", "customer"])
INPUTS = st.builds(
    Inputs,
    kind=KINDS,
    counts=COUNTS,
    unread=st.sampled_from([(), (FAILED,)]),
    error=st.sampled_from([None, "raised"]),
    waiver=st.sampled_from([None, waiver("GDAP.GA.1v1", "t1")]),
    accepted=st.integers(0, 3),
    by=st.just((waiver("GDAP.GA.1v1", "t1"),)),
)


@given(inputs=INPUTS, name=st.sampled_from(["GDAP.GA.1v1", "MFA.POL.1v1", "MFA.REG.1v1"]))
def test_a_pass_or_a_fail_rests_on_what_was_read(inputs: Inputs, name: str) -> None:
    decision = decide(rule(name), inputs)
    if decision.result is Result.FAIL:
        assert decision.counts.failing
        assert not inputs.unread
    if decision.result is Result.PASS:
        assert decision.counts == Counts(in_scope=inputs.counts.in_scope)
        assert decision.counts.in_scope
        assert rule(name).is_provable_alone or not inputs.unread
    if decision.result not in {Result.PASS, Result.FAIL}:
        assert decision.reason


@given(inputs=INPUTS, name=st.sampled_from(["GDAP.GA.1v1", "MFA.POL.1v1", "MFA.REG.1v1"]))
def test_no_waiver_changes_what_is_true(inputs: Inputs, name: str) -> None:
    decision, true = decide(rule(name), inputs), decide(rule(name), replace(inputs, waiver=None, accepted=0))
    assert (decision.true_result, decision.counts, decision.is_settled) == (true.result, true.counts, true.is_settled)
    assert decision.result in {true.result, Result.WAIVED}


@given(inputs=INPUTS, name=st.sampled_from(["GDAP.GA.1v1", "MFA.POL.1v1", "MFA.REG.1v1"]))
def test_reading_less_never_makes_a_pass(inputs: Inputs, name: str) -> None:
    less = decide(rule(name), replace(inputs, unread=(FAILED,)))
    if less.result is Result.PASS:
        assert decide(rule(name), replace(inputs, unread=())).result is Result.PASS


AT = datetime.fromisoformat("2026-11-23 23:59:00")


@pytest.mark.parametrize(
    ("from_", "until", "counts"),
    [
        (date(2026, 11, 23), date(2026, 11, 23), True),
        (date(2026, 11, 24), date(2026, 12, 1), False),
        (date(2026, 11, 1), date(2026, 11, 22), False),
        (date(2026, 11, 1), date(2026, 12, 1), True),
    ],
)
def test_a_waiver_counts_from_its_first_day_to_its_last(from_: date, until: date, counts: bool) -> None:
    assert is_in_force(waiver("MFA.REG.1v1", "t1", from_=from_, until=until), AT) is counts


def test_of_several_waivers_the_last_to_end_counts_in_any_order() -> None:
    short, long = (waiver("MFA.REG.1v1", "t1", until=date(2026, 12, day)) for day in (1, 9))
    assert last_to_end([short, long]) == last_to_end([long, short]) == long
    assert last_to_end([]) is None
