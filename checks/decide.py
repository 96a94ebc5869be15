"""The result of one rule in one tenant: a pure function of what was counted, what was read and what was accepted."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from checks.rule import Rule
from collectors.accepted import Waiver
from collectors.declare import Kind


class Result(StrEnum):
    """What a rule came to in a tenant."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    NOT_ASSESSED = "not_assessed"
    NOT_APPLICABLE = "not_applicable"
    WAIVED = "waived"
    ERROR = "error"


@dataclass(frozen=True)
class Counts:
    """Things judged in a tenant: all, those that break the rule, those that do not tell."""

    in_scope: int = 0
    failing: int = 0
    unknown: int = 0


# Another in every attempt: a result that told it would be a new one every night. `source_status` has the whole message.
_PASSING = re.compile(r" with the correlation id [\w-]+| object at 0x[0-9a-fA-F]+")
_MORE = {"skipped": ": no scan has read it yet", "complete": ": but the warehouse does not hold it"}


@dataclass(frozen=True, kw_only=True)
class Unread:
    """A dataset whose newest attempt in the tenant did not bring all of it; ``last_complete_at`` is what is kept."""

    dataset: str
    state: str
    message: str = ""
    last_complete_at: datetime | None = None

    @property
    def words(self) -> str:
        """Why the dataset is not there, for people."""
        if self.state == "not_licensed":
            return f"needs Microsoft Entra ID P1 ({self.dataset})"
        words = f"{self.dataset}: {self.state}"
        words += _MORE.get(self.state, "")
        if self.message:
            words += f": {_PASSING.sub('', self.message).rstrip('. ')}"
        if self.last_complete_at:
            words += f"; last good data of {self.last_complete_at:%Y-%m-%d %H:%M} UTC kept"
        return words


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What is known of a rule in a tenant. ``error`` is what judging it raised; ``unread`` are datasets it needs.

    ``waiver`` accepts whatever breaks the rule; else ``accepted`` of the failing things are accepted ``by`` some.
    """

    kind: Kind
    counts: Counts = field(default_factory=Counts)
    unread: tuple[Unread, ...] = ()
    error: str | None = None
    waiver: Waiver | None = None
    accepted: int = 0
    by: tuple[Waiver, ...] = ()


@dataclass(frozen=True)
class Decision:
    """The result, why (where it is no pass or fail), and the counts it rests on: zero where nothing could be judged.

    It ``is_settled`` where everything was read and known: then what is not found to break the rule does not break it.
    ``accepted`` of the failing things are waived, and ``without`` is the result that there would be without waivers,
    None where it is the same.
    """

    result: Result
    reason: str = ""
    counts: Counts = field(default_factory=Counts)
    is_settled: bool = False
    accepted: int = 0
    without: Result | None = None

    @property
    def true_result(self) -> Result:
        """What is true whoever accepts it: scores count this."""
        return self.without or self.result


def decide(rule: Rule, inputs: Inputs) -> Decision:
    """Return the decision: what is true, and what is accepted of it. A waiver never makes a pass of anything."""
    true = _true(rule, inputs)
    failing = true.counts.failing
    if inputs.waiver:
        reason = accepted_words(inputs.waiver)
        if true.result is not Result.FAIL:
            reason += f" (without the waiver: {true.result}{f': {true.reason}' if true.reason else ''})"
        return replace(true, result=Result.WAIVED, reason=reason, accepted=failing, without=true.result)
    accepted = min(inputs.accepted, failing)
    if true.result is Result.FAIL and accepted == failing:
        reason = "; ".join(map(accepted_words, sorted(inputs.by, key=_end)))
        return replace(true, result=Result.WAIVED, reason=reason, accepted=accepted, without=true.result)
    return replace(true, accepted=accepted)


def _true(rule: Rule, inputs: Inputs) -> Decision:  # noqa: PLR0911  (one line a result)
    """Return what is true without any waiver. The order of the questions is the meaning: see each line."""
    if inputs.kind not in rule.kinds:
        reason = f"concerns {' and '.join(sorted(rule.kinds))} tenants only"
        return Decision(Result.NOT_APPLICABLE, reason, is_settled=True)
    counts = inputs.counts
    holds = counts.in_scope > 0 and not counts.failing and not counts.unknown and not inputs.error
    is_proven = rule.is_provable_alone and holds
    if inputs.unread and not is_proven:  # before "nothing to judge": an empty failed read is not an empty tenant
        return Decision(Result.NOT_ASSESSED, "; ".join(each.words for each in inputs.unread))
    if inputs.error:  # Great Expectations also says success=False when it could not run
        return Decision(Result.ERROR, inputs.error)
    if not counts.in_scope:
        return Decision(Result.NOT_APPLICABLE, "there is nothing to judge", is_settled=True)
    if counts.failing:
        return Decision(Result.FAIL, "", counts, is_settled=True)
    if counts.unknown:  # what we do not know is no pass
        reason = rule.unknown.format(count=counts.unknown, in_scope=counts.in_scope)
        return Decision(Result.NOT_ASSESSED, reason, counts)
    return Decision(Result.PASS, "", counts, is_settled=True)


def accepted_words(waiver: Waiver) -> str:
    """Return what is shown beside what is still true."""
    return f"accepted until {waiver.until} by {waiver.approver}: {waiver.reason}"


def is_in_force(waiver: Waiver, as_of: datetime) -> bool:
    """Return whether the day of ``as_of`` (UTC) is one of the waiver's, the first and the last included."""
    return waiver.from_ <= as_of.date() <= waiver.until


def last_to_end(waivers: Collection[Waiver]) -> Waiver | None:
    """Return which of several waivers of the same thing counts, in whatever order they stand in the file."""
    return max(waivers, key=_end, default=None)


def _end(waiver: Waiver) -> tuple[object, ...]:
    return (waiver.until, waiver.approver, waiver.reason, waiver.waiver_id)
