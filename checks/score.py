"""The score of a tenant and its coverage, from the results of its rules. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

ASSESSED = frozenset({"pass", "fail", "waived"})
INAPPLICABLE = frozenset({"not_applicable"})


class Score(NamedTuple):
    """Both 0 to 100. ``score`` is None where nothing could be assessed; it means nothing without its ``coverage``."""

    score: float | None
    coverage: float


def score(results: Mapping[str, str], weights: Mapping[str, int]) -> Score:
    """Return the score of a tenant whose rules (id to result) came out so; a rule without a weight counts 1.

    The score is the weight of what passed among what passed or failed. Coverage is the weight of that among all that
    applies: what is not applicable does not apply; what was not assessed or ended in error does. Where nothing applies
    nothing was assessed, and coverage is 0. Give the true results, those without waivers: what somebody accepted fails
    all the same, and ``waived`` alone, of which no more is known, is no pass.
    """

    def weigh(wanted: frozenset[str]) -> int:
        return sum(weights.get(rule_id, 1) for rule_id, result in results.items() if result in wanted)

    assessed = weigh(ASSESSED)
    applicable = weigh(frozenset(results.values()) - INAPPLICABLE)
    return Score(
        100 * weigh(frozenset({"pass"})) / assessed if assessed else None,
        100 * assessed / applicable if applicable else 0.0,
    )
