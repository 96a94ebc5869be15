"""Each hard case of the demo fleet explained: what is said agrees with the row of the verdict."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from checks.explain.explanation import Explanation
from collectors.config import Config
from tests.explain.conftest import CASES
from tests.explain.told import answer, text, words
from warehouse.engine import reader

GOLDEN = Path(__file__).with_name("golden")
SHORT = {"full": "Yes", "partial": "Only at some sign-ins", "none": "No", "unknown": "It cannot be told"}


@pytest.fixture(params=CASES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def one(explained: dict[str, Explanation], name: str) -> Explanation:
    return explained[name]


def test_what_is_explained_is_what_was_judged(fleet: Config, cases: dict[str, dict[str, Any]], explained: Any) -> None:
    with reader(fleet.published) as con:
        rows = {
            (tenant, account): (verdict, reasons, counterexample)
            for tenant, account, verdict, reasons, counterexample in con.execute(
                "select tenant_id, account_id, coalesce(customer_posture, contract_verdict), reasons, counterexample "
                "from account_verdicts"
            ).fetchall()
        }
    for case in CASES:
        found = explained[case]
        told = found.verdict, list(found.decision.reasons), found.decision.counterexample
        assert told == rows[cases[case]["tenant_id"], cases[case]["account_id"]]


def test_a_counterexample_stands_where_there_is_one_and_nowhere_else(one: Explanation) -> None:
    said = words(one)
    assert ("gets through" in said and "needs no MFA" in said) == (one.decision.counterexample is not None)
    if one.decision.counterexample:
        assert " ".join(one.decision.counterexample.split()) in said
        assert one.verdict != "compliant"


def test_owed_agrees_with_the_scope_and_cites_contract(one: Explanation) -> None:
    owed = answer(one, "owed")
    assert owed.short.startswith("Yes") == (one.decision.contract_scope == "in_scope")
    assert owed.citations
    assert {each.nature for each in owed.citations} == {"contract"}
    assert all(each.url.startswith("https://learn.microsoft.com/") for each in owed.citations)


def test_demanded_and_registered_agree_with_the_row(one: Explanation) -> None:
    if one.decision.contract_scope in {"out_disabled", "out_sync_account"}:
        assert {each.topic for each in one.answers} <= {"owed", "proved", "class", "unread"}
        return
    assert answer(one, "demanded").short == SHORT[one.decision.required]
    short = answer(one, "registered").short
    assert short.startswith("Yes") == (one.decision.registered in {"capable", "weak_only", "registered_not_allowed"})
    assert (short == "No") == (one.decision.registered == "none")


def test_the_sign_ins_shown_are_the_proof(one: Explanation) -> None:
    proved = answer(one, "proved")
    if one.decision.proof == "single_factor_seen":
        assert "one factor was enough" in " ".join(proved.sentences)
    if one.decision.proof in {"mfa_proven", "claim_only"}:
        assert "one factor" not in " ".join((*proved.sentences, *proved.points))
    assert bool(proved.points) == (one.decision.proof not in {"no_signin", "not_observable", "unknown"})


def test_enforcement_is_told_apart_from_contract(one: Explanation) -> None:
    if not any(each.topic == "enforced" for each in one.answers):
        return
    enforced = answer(one, "enforced")
    certain = [each for each in one.decision.exposure if "(possible)" not in each]
    assert len([each for each in enforced.points if each.startswith("Certain")]) == len(certain)
    assert {each.nature for each in enforced.citations} <= {"technical enforcement"}
    assert ("MFA is owed all the same" in " ".join(enforced.sentences)) == (one.decision.contract_scope == "in_scope")


def test_what_is_unknown_is_named(one: Explanation) -> None:
    unread = answer(one, "unread")
    hinges = [code for code in one.decision.reasons if code.startswith(("SOURCE_UNAVAILABLE", "REPORT_LATENCY"))]
    assert len(unread.points) == len(hinges)
    assert (unread.short == "Something the verdict hinges on") == bool(hinges)


def test_there_is_something_to_do_unless_all_is_well(one: Explanation) -> None:
    if one.verdict in {"non_compliant", "at_risk", "indeterminate"}:
        assert one.steps
    else:
        odd = {"DISABLED_HAS_ADMIN_ROLE", "GUEST_SHADOWS_GDAP"} & set(one.decision.reasons)
        assert bool(one.steps) == bool(odd)


def test_a_class_excuses_nobody(one: Explanation) -> None:
    told = [each.short for each in one.answers if each.topic == "class"]
    assert bool(told) == (one.decision.account_class is not None)
    if told and one.verdict == "non_compliant":
        assert told[0].endswith(": no excuse")


@pytest.mark.parametrize("width", [80, 120])
def test_nothing_is_wider_than_the_terminal_but_what_is_to_be_copied(one: Explanation, width: int) -> None:
    for line in text(one, width).splitlines():
        assert len(line) <= width or len(line.split()) <= 2, line
        assert line == line.rstrip()


@pytest.mark.parametrize(
    "case",
    [
        "never-touches-partner-center",  # the question that this product was born from
        "service-account-no-mfa",
        "trusted-location",
        "technician-gdap",
        "free-tenant-per-user-unknown",
    ],
)
def test_five_texts_read_by_a_person(explained: dict[str, Explanation], case: str) -> None:
    """Read as a stranger would: what is it, why, who says so, what now. Change a file only after reading it."""
    assert text(explained[case]) == (GOLDEN / f"{case}.txt").read_text("utf-8")


def test_the_readme_shows_what_is_really_printed() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    blocks = re.findall(r"\$ rollcall explain case-(\S+)@\S+\n(.*?)\n```", readme, re.DOTALL)
    assert len(blocks) == 3
    for case, shown in blocks:
        printed = (GOLDEN / f"{case}.txt").read_text("utf-8").splitlines()
        assert [line for line in shown.splitlines() if line and line not in printed] == []
