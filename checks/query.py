"""A query over the published warehouse, shown as a table on the terminal."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from checks.report.text import plain
from collectors.config import Config
from collectors.errors import ConfigError
from warehouse import engine


def print_query(config: Config, query: str) -> None:
    """Run one query and print its rows, all of them. Raises :class:`ConfigError` with DuckDB's words if it is wrong."""
    with engine.reader(config.published) as con:
        try:
            answer = con.execute(query)
            names = [column[0] for column in answer.description or ()]
            rows = answer.fetchall()
        except engine.Error as error:
            raise ConfigError(str(error)) from None
    # Text that comes from a tenant may hold what a terminal or rich would obey.
    table = Table(box=box.SIMPLE_HEAD)
    for name in names:
        table.add_column(Text(plain(name)))
    for row in rows:
        table.add_row(*(Text("" if value is None else plain(str(value))) for value in row))
    console = Console()
    console.print(table)
    console.print(f"{len(rows)} rows", highlight=False)
