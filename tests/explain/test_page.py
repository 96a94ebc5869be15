"""The page of a tenant says the same as the terminal, of as many accounts as a page can bear."""

from __future__ import annotations

import html
import re

import pytest

from checks.explain.explanation import Explanation
from checks.report import cards, data, pages
from checks.report.data import SHOWN_EXPLANATIONS
from collectors.config import Config
from warehouse.engine import reader


@pytest.fixture(scope="module")
def detail(fleet: Config) -> data.Detail:
    with reader(fleet.published) as con:
        every = cards.fleet(con)
        kestrel = [card for card in every if card.name == "Kestrel Distribution Ltd"]
        [found] = data.details(con, fleet, kestrel, every)
    return found


def test_a_page_explains_the_first_and_says_how_many_there_are(detail: data.Detail) -> None:
    page = pages.tenant_page(detail)
    assert page.count("<details") == len(detail.explanations) == SHOWN_EXPLANATIONS
    unwell = [line.accounts for line in detail.verdicts if line.verdict not in {"compliant", "not_applicable"}]
    assert detail.unwell_total == sum(unwell) > SHOWN_EXPLANATIONS
    assert f"The first {SHOWN_EXPLANATIONS} of {detail.unwell_total} accounts" in page


def test_the_urgent_come_first_and_nobody_who_is_well(detail: data.Detail) -> None:
    severities = [each.decision.severity for each in detail.explanations]
    assert severities == sorted(severities, key=lambda severity: severity != "high")
    assert not {each.verdict for each in detail.explanations} & {"compliant", "not_applicable"}


def test_the_words_are_those_of_the_terminal(detail: data.Detail, explained: dict[str, Explanation]) -> None:
    shown = html.unescape(re.sub(r"<[^>]*>", "", pages.tenant_page(detail)))
    one = explained["breakglass-no-mfa"]
    assert one in detail.explanations
    for answer in one.answers:
        for text in (answer.question, answer.short, " ".join(answer.sentences), *answer.points):
            assert text in shown
    assert all(step.what in shown for step in one.steps)
