"""The state of each waiver once the rules are decided, in words for whoever has to act. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from checks.decide import Counts, Result
from checks.waivers.matching import Match, Matches


class State(StrEnum):
    """What became of a waiver."""

    ACTIVE = "active"
    PENDING = "pending"
    EXPIRED = "expired"
    UNUSED = "unused"
    BROKEN = "broken"


class Truth(NamedTuple):
    """The result of a rule in a tenant without waivers, and its counts."""

    result: Result
    counts: Counts


class Standing(NamedTuple):
    """How a waiver stands for one rule in one tenant; it ``covers`` so many things that break the rule."""

    match: Match
    state: State
    problem: str
    covers: int

    @property
    def sentence(self) -> str:
        """What is wrong, for a list of problems. It names the line of the file."""
        line = f"line {self.match.waiver.line}: " if self.match.waiver.line else ""
        return f"{line}the waiver of {self.match.rule_id} for {self.match.tenant_id} {self.problem}"


# Nothing fails there for sure: what was not read or could not be judged may.
_KNOWN = frozenset({Result.PASS, Result.FAIL, Result.NOT_APPLICABLE})


def standings(matches: Matches, truths: Mapping[tuple[str, str], Truth]) -> list[Standing]:
    """Return how every waiver stands, in the order of the file; ``truths`` are by rule and tenant."""
    return [_standing(each, matches, truths.get((each.rule_id, each.tenant_id))) for each in matches.every]


def _standing(match: Match, matches: Matches, truth: Truth | None) -> Standing:
    waiver, today = match.waiver, matches.as_of.date()
    covers = _covers(match, truth)
    if match.problems:
        return Standing(match, State.BROKEN, " It also ".join(match.problems), covers)
    if today < waiver.from_:
        return Standing(match, State.PENDING, "", 0)
    if today > waiver.until:
        problem = f"ended on {waiver.until}: what it accepted counts again. Renew it with a new approval, or remove it."
        return Standing(match, State.EXPIRED, problem, 0)
    if truth is not None and truth.result in _KNOWN and not covers:
        return Standing(match, State.UNUSED, "is not used: nothing that it covers breaks the rule. Remove it.", 0)
    return Standing(match, State.ACTIVE, "", covers)


def _covers(match: Match, truth: Truth | None) -> int:
    if truth is None or truth.result is not Result.FAIL or not match.is_in_force:
        return 0
    if match.waiver.is_for_all:
        return 0 if match.problems else truth.counts.failing
    return sum(match.failing.values())
