"""Many tenants together: all of a partner, or the whole fleet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from checks.report.cards import Card, RuleLine, by_pack, weigh_rules
from checks.score import Weights

_VERDICTS = ("compliant", "at_risk", "non_compliant", "indeterminate")


class Across(NamedTuple):
    """What became of a rule in many tenants: how many of them by result, and things that break it in all of them."""

    rule: RuleLine
    results: dict[str, int]
    failing: int
    accepted: int


class PackAcross(NamedTuple):
    """The rules of a pack in many tenants."""

    title: str
    rules: tuple[Across, ...]
    results: dict[str, int]


class Group(NamedTuple):
    """Tenants and what they come to together. Accounts of partners and of customers are never added up.

    ``owed`` are accounts of partners by verdict, ``recommended`` those of customers by posture. The score is made as
    that of one tenant is, of all rules of all of them.
    """

    cards: tuple[Card, ...]
    weights: Weights
    owed: dict[str, int]
    recommended: dict[str, int]
    packs: tuple[PackAcross, ...]

    def count(self, kind: str) -> int:
        """Return how many tenants are of a kind."""
        return sum(card.kind == kind for card in self.cards)

    @property
    def unscored(self) -> int:
        """How many tenants have no score, because nothing of them could be assessed."""
        return sum(card.score is None for card in self.cards)


def grouped(cards: Sequence[Card]) -> Group:
    """Return what these tenants come to together."""
    lines = [line for card in cards for line in card.rules]
    return Group(
        tuple(cards),
        weigh_rules(lines),
        _accounts(card for card in cards if card.kind == "partner"),
        _accounts(card for card in cards if card.kind == "customer"),
        tuple(PackAcross(section.title, _across(section.lines), _counted(section.lines)) for section in by_pack(lines)),
    )


def _accounts(cards: Iterable[Card]) -> dict[str, int]:
    found = dict.fromkeys(_VERDICTS, 0)
    for card in cards:
        for verdict in _VERDICTS:
            found[verdict] += getattr(card, verdict)
    return found


def _across(lines: Iterable[RuleLine]) -> tuple[Across, ...]:
    found: dict[str, list[RuleLine]] = {}
    for line in lines:
        found.setdefault(line.rule_id, []).append(line)
    return tuple(
        Across(of[0], _counted(of), sum(line.failing for line in of), sum(line.accepted for line in of))
        for of in found.values()
    )


def _counted(lines: Iterable[RuleLine]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for line in lines:
        counts[line.result] = counts.get(line.result, 0) + 1
    return counts
