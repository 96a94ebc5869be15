"""A query over the published warehouse: shown as a table on the terminal, or written as CSV, JSON or Parquet."""

from __future__ import annotations

import os
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from checks.report.text import plain
from collectors.config import Config
from collectors.files import replacing
from warehouse import query
from warehouse.engine import reader


def print_query(config: Config, sql: str) -> None:
    """Run one query and print its rows, all of them, as they come. Raises :class:`~warehouse.query.QueryError`."""
    console, count = Console(), 0
    with reader(config.published) as con:
        names, batches = query.rows(con, sql)
        for batch in batches:
            console.print(_table(names, batch))
            count += len(batch)
    if not count:
        console.print(_table(names, []))
    console.print(f"{count} rows", highlight=False)


def write_query(config: Config, sql: str, form: query.Format, output: Path | None) -> None:
    """Write a query's rows to a file, which is swapped in whole, or else to standard output.

    Text is written as it is: a spreadsheet may take it for a formula. Raises :class:`~warehouse.query.QueryError`.
    """
    with replacing(output) if output else _piped(sys.stdout.buffer) as path, reader(config.published, path) as con:
        query.write(con, sql, form, path)


def _table(names: list[str], rows: list[tuple[object, ...]]) -> Table:
    # Text that comes from a tenant may hold what a terminal or rich would obey.
    table = Table(box=box.SIMPLE_HEAD)
    for name in names:
        table.add_column(Text(plain(name)))
    for row in rows:
        table.add_row(*(Text("" if value is None else plain(str(value))) for value in row))
    return table


@contextmanager
def _piped(out: BinaryIO) -> Iterator[Path]:
    """Yield a path; what is written to it comes out of ``out``. To open standard output by a path would truncate it."""
    read, write = os.pipe()
    deaf: list[BrokenPipeError] = []

    def drain() -> None:
        try:
            with os.fdopen(read, "rb") as pipe:
                shutil.copyfileobj(pipe, out)
                out.flush()
        except BrokenPipeError as error:  # nobody listens any more, and the closed pipe tells DuckDB
            deaf.append(error)

    thread = threading.Thread(target=drain)
    thread.start()
    try:
        yield Path(f"/dev/fd/{write}")
    finally:
        os.close(write)
        thread.join()
        if deaf:
            raise deaf[0]
