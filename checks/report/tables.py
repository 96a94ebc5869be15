"""Scorecards and findings as CSV and JSON. CSV is for spreadsheets, so its text is defused; JSON is faithful."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec

from checks.report.data import EVERY_FINDING, Card, Finding, severities
from checks.report.text import defused
from warehouse.engine import Connection

_ROWS = 10_000

SCORECARD_COLUMNS = (
    "tenant_id", "name", "kind", "program", "partner_id", "last_scan_at", "assessed_at", "score", "coverage",
    "in_scope", "compliant", "at_risk", "non_compliant", "indeterminate",
    "rules_passed", "rules_failed", "rules_not_assessed",
)  # fmt: skip
FINDING_COLUMNS = Finding.__struct_fields__


class _Line:
    """A file that hands back what is written to it, for :mod:`csv`."""

    def write(self, text: str) -> str:
        return text


def scorecards_csv(cards: Iterable[Card]) -> Iterator[str]:
    """Yield the lines of ``scorecards.csv``: a tenant each, with the ids of the rules that failed or are open."""

    def rows() -> Iterator[Sequence[object]]:
        for card in cards:
            ended = (card.ended("pass"), card.ended("fail"), card.ended("not_assessed", "error"))
            lists = [" ".join(line.rule_id for line in lines) for lines in ended]
            yield [*(getattr(card, name) for name in SCORECARD_COLUMNS[: -len(lists)]), *lists]

    return _lines(SCORECARD_COLUMNS, rows())


def scorecards_json(cards: Sequence[Card]) -> bytes:
    """Return ``scorecards.json``: a list of scorecards, each with its rules. Text stands as the tenant wrote it."""
    return msgspec.json.format(msgspec.json.encode(cards), indent=2)


def findings_csv(con: Connection) -> Iterator[str]:
    """Yield the lines of ``findings.csv``: every open finding, in portions, however many there are."""

    def rows() -> Iterator[Sequence[object]]:
        cursor = con.execute(f"select {', '.join(FINDING_COLUMNS)} from ({EVERY_FINDING})", severities())  # noqa: S608
        while portion := cursor.fetchmany(_ROWS):
            yield from portion

    return _lines(FINDING_COLUMNS, rows())


def _lines(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    writer: Any = csv.writer(_Line(), quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
    yield writer.writerow(columns)
    for row in rows:
        yield writer.writerow([_cell(value) for value in row])


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    return defused(value) if isinstance(value, str) else value
