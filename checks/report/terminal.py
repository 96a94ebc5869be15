"""The scorecards in a terminal: one line a tenant and a total."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from checks.report import data
from checks.report.data import Card
from checks.report.text import percent, plain
from collectors.config import Config
from warehouse.engine import reader

_COUNTS = ("in_scope", "compliant", "at_risk", "non_compliant", "indeterminate")
_LONGEST_NAME = 40


def print_scorecards(config: Config, console: Console | None = None) -> None:
    """Print the published scorecards to ``console``, by default the terminal."""
    with reader(config.published) as con:
        cards = data.fleet(con)
    (console or Console()).print(table(cards))


def table(cards: Sequence[Card]) -> Table:
    """Return the table: score beside coverage, accounts by verdict, failing rules and how many are not assessed."""
    made = Table(title="Scorecards", title_justify="left", caption_justify="left", show_footer=True, pad_edge=False)
    totals = {name: str(sum(getattr(card, name) for card in cards)) for name in _COUNTS}
    made.add_column("Tenant", f"{len(cards)} tenants", overflow="fold", min_width=12)
    made.add_column("Kind", overflow="fold")
    for heading in ("Score", "Coverage %"):
        made.add_column(heading, justify="right")
    for name in _COUNTS:
        made.add_column(name.replace("_", " ").capitalize(), totals[name], justify="right")
    made.add_column("Failing rules", overflow="fold")
    made.add_column("Not assessed", justify="right")
    for card in cards:
        indent = "" if card.kind == "partner" else "  "
        # Text, not markup: a name in square brackets is no style.
        made.add_row(
            Text(indent + plain(card.name)[:_LONGEST_NAME]),
            card.kind,
            percent(card.score),
            percent(card.coverage),
            *(str(getattr(card, name)) for name in _COUNTS),
            Text(" ".join(plain(line.rule_id) for line in card.ended("fail"))),
            str(len(card.ended("not_assessed", "error"))),
            style="bold" if card.kind == "partner" else "",
        )
    return made
