"""The score of a tenant and its coverage, from the results of its rules. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

ASSESSED = frozenset({"pass", "fail", "waived"})
INAPPLICABLE = frozenset({"not_applicable"})


class Weights(NamedTuple):
    """The weights of rules by what became of them: what score and coverage are made of, both 0 to 100."""

    passed: int = 0
    failed: int = 0
    unassessed: int = 0

    @property
    def score(self) -> float | None:
        """The weight of what passed among what passed or failed; None where nothing could be assessed.

        It means nothing without the coverage.
        """
        assessed = self.passed + self.failed
        return 100 * self.passed / assessed if assessed else None

    @property
    def coverage(self) -> float:
        """The weight of what passed or failed among all that applies; 0 where nothing does."""
        applicable = sum(self)
        return 100 * (self.passed + self.failed) / applicable if applicable else 0.0


def weigh(found: Iterable[tuple[str, int]]) -> Weights:
    """Return the weights of rules from the result and weight of each.

    What is not applicable weighs nothing; what was not assessed or ended in error does. Give the true results, those
    without waivers: what somebody accepted fails all the same, and ``waived`` alone, of which no more is known, is no
    pass.
    """
    passed = failed = unassessed = 0
    for result, weight in found:
        if result == "pass":
            passed += weight
        elif result in ASSESSED:
            failed += weight
        elif result not in INAPPLICABLE:
            unassessed += weight
    return Weights(passed, failed, unassessed)


class Score(NamedTuple):
    """Both 0 to 100. ``score`` is None where nothing could be assessed; it means nothing without its ``coverage``."""

    score: float | None
    coverage: float


def score(results: Mapping[str, str], weights: Mapping[str, int]) -> Score:
    """Return the score of a tenant whose rules (id to result) came out so; a rule without a weight counts 1."""
    found = weigh((result, weights.get(rule_id, 1)) for rule_id, result in results.items())
    return Score(found.score, found.coverage)
