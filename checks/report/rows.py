"""Rows of a query as structs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

import msgspec

from warehouse.engine import Connection

_T = TypeVar("_T")
_PORTION = 10_000


def rows(con: Connection, sql: str, about: dict[str, Any], kind: type[_T]) -> list[_T]:
    """Return the rows of a query; each has a column for every field of ``kind``, and may have more."""
    return [*each(con, sql, about, kind)]


def each(con: Connection, sql: str, about: dict[str, Any], kind: type[_T]) -> Iterator[_T]:
    """Yield the rows of a query as they are asked for. Ask nothing else of the connection meanwhile."""
    return (made for _, made in _each(con, sql, about, kind))


def grouped(con: Connection, sql: str, about: dict[str, Any], kind: type[_T]) -> dict[str, list[_T]]:
    """Return the rows of a query by their column ``tenant_id``."""
    groups: dict[str, list[_T]] = {}
    for row, made in _each(con, sql, about, kind):
        groups.setdefault(row["tenant_id"], []).append(made)
    return groups


def _each(con: Connection, sql: str, about: dict[str, Any], kind: type[_T]) -> Iterator[tuple[dict[str, Any], _T]]:
    cursor = con.execute(sql, about)
    names = [column[0] for column in cursor.description or ()]
    while portion := cursor.fetchmany(_PORTION):
        for values in portion:
            row = dict(zip(names, values, strict=True))
            yield row, msgspec.convert(row, kind, strict=False)
