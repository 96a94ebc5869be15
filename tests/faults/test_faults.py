"""Every fault of the plan ends in the right state, with every readable page kept and nothing made up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.faults.cases import CASES, Case
from tests.faults.page import page
from tests.faults.tried import Tried, try_all

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"


@pytest.fixture(scope="module")
def tried() -> dict[str, Tried]:
    return {one.case.name: one for one in try_all()}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_fault_ends_in_its_state_and_keeps_what_was_readable(tried: dict[str, Tried], case: Case) -> None:
    one = tried[case.name]
    assert one.met, "the fault was never met"
    assert (one.outcome.state, one.outcome.code) == (case.state, case.code), one.outcome.message
    assert case.state == "complete" or one.outcome.message
    key = "id"
    there = {item[key]: item for item in one.there}
    keys = [row[key] for row in one.landed]
    assert len(keys) == len(set(keys)), "an item landed twice"
    assert set(keys) <= set(there), "an item landed that was not there"
    wanted = len(there) if case.rows is None else case.rows
    missing = {"403 for one of a batch": 1, "404 for one of a batch": 1}.get(case.name, 0)
    assert len(keys) == wanted - missing == one.outcome.rows


def test_a_value_nobody_knows_yet_is_kept_as_it_came(tried: dict[str, Tried]) -> None:
    assert {row["state"] for row in tried["a value nobody knows yet"].landed} == {"enabled", "valueOfTomorrow"}


def test_no_message_holds_a_token(tried: dict[str, Tried]) -> None:
    assert not [one for one in tried.values() if "eyJ" in one.outcome.message or "skiptoken" in one.outcome.message]


def test_every_row_that_landed_is_as_it_was_sent(tried: dict[str, Tried]) -> None:
    for one in tried.values():
        if one.case.dataset != "users" or one.case.name == "a value nobody knows yet":
            continue
        there = {item["id"]: item for item in one.there}
        for row in one.landed:
            sent = there[row["id"]]
            assert json.loads(json.dumps({name: row[name] for name in sent})) == sent


def test_the_committed_page_is_what_happens(tried: dict[str, Tried]) -> None:
    assert PAGE.read_text("utf-8") == page([*tried.values()]), "run `make reference`"
