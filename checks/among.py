"""A condition of SQL: a column has one of some values."""

from __future__ import annotations

from collections.abc import Collection


def among(column: str, name: str, values: Collection[str]) -> tuple[str, dict[str, object]]:
    """Return the condition that ``column`` is one of ``values``, and its parameter under ``name``.

    DuckDB takes one value, and no list, through views down to the tables: of one tenant only its own rows are read.
    """
    ids = sorted(set(values))
    if len(ids) == 1:
        return f"{column} = ${name}", {name: ids[0]}
    return f"{column} in (select unnest(${name}::varchar[]))", {name: ids}
