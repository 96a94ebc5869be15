"""What got worse between two scans: a pure function of what each of them found.

Better, unclear and unchanged things are not here. What nobody can tell is no fall: a tenant that could not be read is
told as that, and not as the verdicts that went with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

Kind = Literal["verdicts", "rule", "score", "unread", "gdap", "waiver"]
Level = Literal["high", "medium", "low"]

LEVELS: tuple[Level, ...] = ("high", "medium", "low")
_KINDS: tuple[Kind, ...] = ("verdicts", "rule", "unread", "gdap", "waiver", "score")
_RANKS = {"compliant": 0, "not_applicable": 0, "at_risk": 1, "non_compliant": 2}  # of indeterminate nobody can tell
_GDAP_DAYS = (30, 7, 1)  # a message when one of these days comes, not every night until then
_WAIVER_DAYS = (14,)
_GREAT_DROP = 10.0  # points


class Verdict(NamedTuple):
    """Of an account. ``cause`` says in words what moved it, empty where nobody knows."""

    verdict: str
    severity: Level = "medium"
    cause: str = ""


class Outcome(NamedTuple):
    """Of a rule in a tenant; ``severity`` and ``title`` are the rule's. What is waived does not fail here."""

    result: str
    failing: int = 0
    severity: Level = "medium"
    title: str = ""


class Relationship(NamedTuple):
    """A GDAP relationship. ``end_at`` is None where it goes on by itself, or where nobody knows."""

    name: str
    end_at: datetime | None = None
    is_over: bool = False


class Accepted(NamedTuple):
    """A waiver or technical exception: what it is for, in words, its state and its last day."""

    what: str
    state: str
    ends_on: date


@dataclass(frozen=True, kw_only=True)
class State:
    """What a scan found. ``verdicts`` need to hold only accounts that the two scans found otherwise.

    ``unread`` are the datasets of each tenant that were asked for and did not arrive, with what was said.
    """

    scanned_at: datetime
    verdicts: Mapping[tuple[str, str], Verdict] = field(default_factory=dict)
    results: Mapping[tuple[str, str], Outcome] = field(default_factory=dict)
    scores: Mapping[str, float | None] = field(default_factory=dict)
    unread: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    relationships: Mapping[tuple[str, str], Relationship] = field(default_factory=dict)
    accepted: Mapping[tuple[str, str], Accepted] = field(default_factory=dict)


class Item(NamedTuple):
    """Something that got worse in a tenant: plain text, which may hold what a tenant wrote. Escape it everywhere."""

    kind: Kind
    severity: Level
    tenant_id: str
    text: str


def worse(before: State, now: State) -> list[Item]:
    """Return what got worse, the most severe first, in an order that depends on nothing else."""
    found = [
        *_verdicts(before, now),
        *_rules(before, now),
        *_scores(before, now),
        *_unread(before, now),
        *_relationships(before, now),
        *_accepted(before, now),
    ]
    return sorted(found, key=lambda item: (LEVELS.index(item.severity), _KINDS.index(item.kind), item[2:]))


def _verdicts(before: State, now: State) -> Iterator[Item]:
    """Yield one item for all accounts of a tenant that fell the same way for the same cause."""
    fallen: dict[tuple[str, str, str, str], list[Level]] = defaultdict(list)
    for (tenant_id, account_id), verdict in now.verdicts.items():
        old = before.verdicts.get((tenant_id, account_id))
        was = old.verdict if old else "not_applicable"
        if was in _RANKS and verdict.verdict in _RANKS and _RANKS[verdict.verdict] > _RANKS[was]:
            fallen[tenant_id, old.verdict if old else "new", verdict.verdict, verdict.cause].append(verdict.severity)
    for (tenant_id, was, is_, cause), severities in fallen.items():
        severity = min(severities, key=LEVELS.index)
        high = severities.count("high")
        text = f"{_count(len(severities), 'account')} {_words(was)} -> {_words(is_)}"
        text += f", {high} of high severity" if high else ""
        yield Item("verdicts", severity, tenant_id, f"{text}{f': {cause}' if cause else ''}")


def _rules(before: State, now: State) -> Iterator[Item]:
    for (rule_id, tenant_id), outcome in now.results.items():
        old = before.results.get((rule_id, tenant_id))
        if outcome.result == "fail" and old is not None and old.result != "fail":
            text = f"{rule_id} fails ({outcome.failing}), was {_words(old.result)}: {outcome.title}"
            yield Item("rule", outcome.severity, tenant_id, text)


def _scores(before: State, now: State) -> Iterator[Item]:
    for tenant_id, score in now.scores.items():
        old = before.scores.get(tenant_id)
        if score is not None and old is not None and round(old - score, 1) > 0:
            severity: Level = "medium" if old - score >= _GREAT_DROP else "low"
            yield Item("score", severity, tenant_id, f"score {old:.1f} % -> {score:.1f} %")


def _unread(before: State, now: State) -> Iterator[Item]:
    for tenant_id, datasets in now.unread.items():
        new = sorted(datasets.keys() - before.unread.get(tenant_id, {}).keys())
        if new:
            text = f"could not be read: {', '.join(new)}: {datasets[new[0]]}"
            yield Item("unread", "high" if "users" in new else "medium", tenant_id, text)


def _relationships(before: State, now: State) -> Iterator[Item]:
    for key, relationship in now.relationships.items():
        old = before.relationships.get(key)
        if relationship.is_over:
            if old is not None and not old.is_over:
                yield Item("gdap", "high", key[0], f"GDAP relationship {relationship.name} is over")
            continue
        end = relationship.end_at
        days = None if end is None else _crossed(end, before.scanned_at, now.scanned_at, _GDAP_DAYS)
        if end is not None and days is not None:
            text = f"GDAP relationship {relationship.name} ends on {end:%Y-%m-%d %H:%M} UTC"
            yield Item("gdap", "high" if days <= 7 else "medium", key[0], text)


def _accepted(before: State, now: State) -> Iterator[Item]:
    for key, accepted in now.accepted.items():
        old = before.accepted.get(key)
        tenant_id = key[1]
        if accepted.state in {"expired", "broken"} and (old is None or old.state != accepted.state):
            how = f"ended on {accepted.ends_on}" if accepted.state == "expired" else "is broken: see `rollcall waivers`"
            yield Item("waiver", "medium", tenant_id, f"{accepted.what} {how}")
        elif accepted.state in {"active", "unused"}:
            end = datetime.combine(accepted.ends_on + timedelta(days=1), datetime.min.time())
            if _crossed(end, before.scanned_at, now.scanned_at, _WAIVER_DAYS) is not None:
                yield Item("waiver", "low", tenant_id, f"{accepted.what} ends on {accepted.ends_on}")


def _crossed(end: datetime, before: datetime, now: datetime, days: tuple[int, ...]) -> int | None:
    """Return the least of ``days`` before ``end`` that began between two scans; None if none did."""
    begun = [each for each in days if before < end - timedelta(days=each) <= now]
    return min(begun, default=None)


def _count(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _words(code: str) -> str:
    return code.replace("_", " ")
