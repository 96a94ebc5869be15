"""What takes how much of the published file: its tables, what nothing is in, and the rest."""

from __future__ import annotations

import msgspec

from collectors.config import Config
from warehouse.engine import occupied


class TableSize(msgspec.Struct, frozen=True):
    """A table; ``gone`` are rows that are not there any more but still take room, ``share`` is of the whole file."""

    table: str
    rows: int
    gone: int
    bytes: int
    share: float


class Sizes(msgspec.Struct, frozen=True):
    """A file, the largest table first. ``other_bytes`` are what describes the tables, and blocks that are half full."""

    file: str
    file_bytes: int
    free_bytes: int
    other_bytes: int
    tables: list[TableSize]


def sizes(config: Config) -> Sizes:
    """Measure the published file. Raises :class:`~warehouse.engine.WarehouseError` where there is none."""
    held = occupied(config.published)
    whole = config.published.stat().st_size
    tables = [
        TableSize(
            table=each.name if each.schema == "main" else f"{each.schema}.{each.name}",
            rows=each.rows,
            gone=each.dead,
            bytes=each.bytes,
            share=each.bytes / whole,
        )
        for each in sorted(held.tables, key=lambda each: (-each.bytes, each.schema, each.name))
    ]
    rest = whole - held.free - sum(each.bytes for each in tables)
    return Sizes(str(config.published), whole, held.free, rest, tables)


def as_json(found: Sizes) -> str:
    """Return the same as data."""
    return msgspec.json.encode(found).decode()


def as_text(found: Sizes) -> str:
    """Return a table for people, the largest first; tables that take nothing are counted only."""
    shown = [(each.table, f"{each.rows:,}", f"{each.gone:,}", each.bytes) for each in found.tables if each.bytes]
    shown += [
        ("(free)", "", "", found.free_bytes),
        ("(other)", "", "", found.other_bytes),
        (found.file, "", "", found.file_bytes),
    ]
    lines = [("table", "rows", "gone", "bytes", "share")]
    lines += [(*line, f"{taken:,}", f"{taken / found.file_bytes:.1%}") for *line, taken in shown]  # type: ignore[misc]
    widths = [max(len(line[at]) for line in lines) for at in range(5)]
    text = [
        "  ".join([name.ljust(widths[0]), *(f.rjust(w) for f, w in zip(figures, widths[1:], strict=True))])
        for name, *figures in lines
    ]
    if empty := sum(not each.bytes for each in found.tables):
        text.append(f"{empty} tables take nothing.")
    return "\n".join(text)
