"""Scorecards as JSON, faithful to the letter: text stands as the tenant wrote it. See ``docs/scorecard.md``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from checks.report.cards import Card, weigh_rules
from checks.report.tables import TABLES, Name, Scope
from checks.report.trend import Point

FORMAT = 1  # raised when a key goes or means something else; keys may come
_encode = msgspec.json.encode


def scorecards_json(cards: Sequence[Card]) -> bytes:
    """Return ``scorecards.json``: a list of scorecards, each with its rules."""
    return msgspec.json.format(_encode(cards), indent=2)


def document(scope: Scope, kind: str, points: Sequence[Point]) -> Iterator[bytes]:
    """Yield the parts of one document about all there is in the scope, a line for each row, however many there are.

    ``kind`` is tenant, partner or fleet; ``points`` are its score and coverage in the last scans.
    """
    weights = weigh_rules(line for card in scope.cards for line in card.rules)
    head = {
        "format": FORMAT,
        "about": kind,
        "assessed_at": max((card.assessed_at for card in scope.cards if card.assessed_at), default=None),
        "score": weights.score,
        "coverage": weights.coverage,
        "trend": [point._asdict() for point in points],
    }
    for key, value in head.items():
        yield b"{\n" if key == "format" else b",\n"
        yield _encode(key) + b": " + _encode(value)
    yield b",\n" + _encode("scorecards") + b": "
    yield from _listed(_encode(card) for card in scope.cards)
    tables: tuple[Name, ...] = ("findings", "accounts", "sources")
    for name in tables:
        columns = [*TABLES[name].columns]
        yield b",\n" + _encode(name) + b": "
        yield from _listed(_encode(dict(zip(columns, row, strict=True))) for row in TABLES[name].rows(scope))
    yield b"\n}\n"


def _listed(rows: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the parts of a list, a row a line."""
    before = b"[\n"
    for row in rows:
        yield before + row
        before = b",\n"
    yield b"[]" if before == b"[\n" else b"\n]"
