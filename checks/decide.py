"""The result of one rule in one tenant: a pure function of what was counted, what was read and what was accepted."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from checks.rule import Rule
from collectors.config import Waiver
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
    """What is known of a rule in a tenant. ``error`` is what judging it raised; ``unread`` are datasets it needs."""

    kind: Kind
    counts: Counts = field(default_factory=Counts)
    unread: tuple[Unread, ...] = ()
    error: str | None = None
    waiver: Waiver | None = None


@dataclass(frozen=True)
class Decision:
    """The result, why (where it is no pass or fail), and the counts it rests on: zero where nothing could be judged.

    It ``is_settled`` where everything was read and known: then what is not found to break the rule does not break it.
    """

    result: Result
    reason: str = ""
    counts: Counts = field(default_factory=Counts)
    is_settled: bool = False


def decide(rule: Rule, inputs: Inputs) -> Decision:  # noqa: PLR0911  (one line a result)
    """Return the decision. The order of the questions is the meaning: see each line."""
    if inputs.waiver:
        waiver = inputs.waiver
        true = decide(rule, replace(inputs, waiver=None))  # what is waived stays visible beside it
        reason = f"accepted until {waiver.until} by {waiver.approver}: {waiver.reason}"
        return replace(true, result=Result.WAIVED, reason=reason)
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


def waiver_of(waivers: Collection[Waiver], rule_id: str, tenant_id: str, as_of: datetime) -> Waiver | None:
    """Return the waiver that counts for a rule in a tenant on the day of ``as_of``: of several the last to end."""
    current = [
        waiver
        for waiver in waivers
        if waiver.rule == rule_id and waiver.tenant == tenant_id and waiver.from_ <= as_of.date() <= waiver.until
    ]
    return max(current, key=lambda waiver: (waiver.until, waiver.approver, waiver.reason), default=None)
