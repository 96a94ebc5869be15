"""A question of somebody's to the published file: rows in batches, or a file that DuckDB itself writes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from collectors.errors import ConfigError
from warehouse.engine import Connection, Error, literal

Format = Literal["csv", "json", "parquet"]
BATCH = 1000
# Written in place: whoever calls us swaps the file in.
_OPTIONS: dict[Format, str] = {
    "csv": "format csv, header true, use_tmp_file false",
    "json": "format json, array true, use_tmp_file false",
    "parquet": "format parquet, compression zstd, use_tmp_file false",
}
_VIEW = '"the answer"'


class QueryError(ConfigError):
    """The query is wrong, or is no question. The message says where."""


def rows(con: Connection, sql: str) -> tuple[list[str], Iterator[list[tuple[Any, ...]]]]:
    """Return the names of the answer's columns and its rows in batches, read as they are asked for."""
    _require_question(con, sql, "SELECT", "EXPLAIN")
    try:
        answer = con.execute(sql)
    except Error as error:
        raise _explained(sql, error) from None
    return [column[0] for column in answer.description or ()], _batches(con, sql)


def write(con: Connection, sql: str, form: Format, output: Path) -> None:
    """Write the answer to a file that the connection may write: exactly what the query says, nothing defused."""
    _require_question(con, sql, "SELECT")
    try:
        # What is asked is a statement's end and never stands in brackets of ours, so that it cannot close them.
        con.execute(f"create or replace temp view {_VIEW} as\n{sql}")
        con.execute(f"copy (from {_VIEW}) to {literal(str(output))} ({_OPTIONS[form]})")
    except Error as error:
        raise _explained(sql, error, lines_before=1) from None


def _batches(con: Connection, sql: str) -> Iterator[list[tuple[Any, ...]]]:
    try:
        while batch := con.fetchmany(BATCH):
            yield batch
    except Error as error:
        raise _explained(sql, error) from None


def _require_question(con: Connection, sql: str, *kinds: str) -> None:
    try:
        statements = con.extract_statements(sql)
    except Error as error:
        raise _explained(sql, error) from None
    if len(statements) != 1:
        msg = f"expected one query, found {len(statements) or 'none'}."
        raise QueryError(msg)
    if statements[0].type.name not in kinds:
        msg = (
            f"{statements[0].type.name} is refused: the published warehouse can only be read. "
            f"Ask with {' or '.join(kinds)}."
        )
        raise QueryError(msg)


def _explained(sql: str, error: Error, lines_before: int = 0) -> QueryError:
    """Turn DuckDB's words into: where, what, and the line with a mark below it."""
    words, _, place = str(error).partition("\n\nLINE ")
    words = " ".join(words.split())
    shown = re.match(r"(\d+): (.*)\n( *)\^", place)
    if shown is None:
        return QueryError(words)
    number, excerpt, indent = int(shown[1]) - lines_before, shown[2], shown[3]
    line = sql.splitlines()[number - 1]
    # DuckDB shows a part of a long line, with dots where it was cut.
    before = len(indent) - len(f"LINE {shown[1]}: ")
    cut = excerpt.startswith("...")
    column = before - 3 * cut + (line.find(excerpt.strip(".")) if cut else 0)
    return QueryError(f"line {number}, column {column + 1}: {words}\n{line}\n{' ' * column}^")
