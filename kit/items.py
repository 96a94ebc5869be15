"""Made-up items of a dataset, as Graph would send them, and the rows that must come of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from collectors.declare import FLAG, JSON, NUMBER, TEXT, TEXTS, TIME, WHOLE, Column, ColumnType, Table

Item = dict[str, Any]
Row = dict[str, Any]

# What JSON, SQL and CSV are known to stumble over.
_HARD = " \"quoted\" 'it' \\ {x} é 漢\n,;"
_WRONG: dict[ColumnType, Any] = {
    TEXT: 7,
    FLAG: "true",
    WHOLE: 1.5,
    NUMBER: "1.5",
    TIME: "yesterday",
    TEXTS: "one",
}
TYPES = (*_WRONG, JSON)


def item(table: Table, number: int, at: datetime, wanted: Callable[[Column], bool] = lambda _: True) -> Item:
    """Return the ``number``-th item: every wanted column has a value, which no other item has if its type allows.

    ``at`` is a moment after all its times.
    """
    made: Item = {}
    for column in table.columns:
        if not column.is_parameter and wanted(column):
            put(made, column, _sent(value(column, number, at)))
    return made


def put(made: Item, column: Column, sent: Any) -> None:
    """Set a column's property in an item."""
    for step in column.steps[:-1]:
        made = made.setdefault(step, {})
    made[column.steps[-1]] = sent


def row(table: Table, made: Item, parameter: str | None) -> Row:
    """Return the row that must come of an item, asked for the value ``parameter``."""
    return {c.name: parameter if c.is_parameter else _held(c, found(made, c)) for c in table.columns}


def found(made: Mapping[str, Any], column: Column) -> Any:
    """Return what an item holds of a column: ``None`` where it is null or missing."""
    held: Any = made
    for step in column.steps:
        held = held.get(step) if isinstance(held, dict) else None
    return held


def wrong(column: Column) -> Any:
    """Return a value of a type that the column does not declare."""
    return _WRONG[column.type]


def value(column: Column, number: int, at: datetime) -> Any:
    """Return the column's value in the ``number``-th item, as Python has it."""
    made: dict[ColumnType, Any] = {
        TEXT: f"{column.source} {number}{_HARD if number % 2 else ''}",
        FLAG: number % 2 == 0,
        WHOLE: (-1) ** number * (2**53 + number),  # more than a double holds
        NUMBER: number + 0.1,
        TIME: at.replace(microsecond=123456) - timedelta(minutes=number + 1),
        TEXTS: [f"{column.source} {number}", _HARD, ""][: number % 4],
        JSON: {"number": number, "list": [2**53 + number, None, _HARD], "deep": {"empty": {}}},
    }
    return made[column.type]


def _sent(made: Any) -> Any:
    # Graph's times have seven digits after the point.
    return made.strftime("%Y-%m-%dT%H:%M:%S.%f0Z") if isinstance(made, datetime) else made


def _held(column: Column, sent: Any) -> Any:
    if column.type == TIME and sent is not None:
        return datetime.fromisoformat(sent.rstrip("Z")[:26])  # Python holds six digits
    return sent


def shown(column: Column, stored: Any) -> Any:
    """Return a value as the database gives it, in the form of :func:`row`."""
    if column.type == JSON and isinstance(stored, str):
        return json.loads(stored)
    if isinstance(stored, datetime) and stored.tzinfo:
        return stored.astimezone(UTC).replace(tzinfo=None)
    return stored
