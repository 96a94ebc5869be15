"""The scorecards in a terminal: one line a tenant and a total."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from checks.report.cards import Card, fleet
from checks.report.text import percent, plain
from collectors.config import Config
from warehouse.engine import reader

# Broken by hand: with these widths eleven columns fit into eighty characters.
_COUNTS = {
    "in_scope": "In\nscope",
    "compliant": "Com-\npliant",
    "at_risk": "At\nrisk",
    "non_compliant": "Not\ncom-\npliant",
    "indeterminate": "Inde-\ntermi-\nnate",
}
_KIND, _ROOM_FOR_KIND = 8, 90
_RULES, _ROOM_FOR_RULES = 24, 120


def print_scorecards(config: Config, console: Console | None = None) -> None:
    """Print the published scorecards to ``console``, by default the terminal.

    A customer stands indented below its partner. Where there is room, its kind and the ids of failing rules are told,
    too.
    """
    with reader(config.published) as con:
        cards = fleet(con)
    console = console or Console()
    console.print(table(cards, console.width))


def table(cards: Sequence[Card], width: int) -> Table:
    """Return the table for a terminal of that many characters: score beside coverage, accounts by verdict, rules."""
    made = Table(box=box.SIMPLE, pad_edge=False, padding=0, show_footer=True)
    numbers = {"Score": "", "Cover-\nage %": ""}
    numbers |= {heading: str(sum(getattr(card, name) for card in cards)) for name, heading in _COUNTS.items()}
    numbers |= {"Rules\nfail": "", "Not as-\nsessed": ""}
    widths = [max(map(len, [*heading.split("\n"), total])) for heading, total in numbers.items()]
    # Between two columns is a blank, and one at each edge.
    rest = 2 + sum(widths) + len(widths)
    rest += (_KIND + 1) * (width >= _ROOM_FOR_KIND) + (_RULES + 1) * (width >= _ROOM_FOR_RULES)
    count = f"{len(cards)} {'tenant' if len(cards) == 1 else 'tenants'}"
    made.add_column("Tenant", count, no_wrap=True, overflow="ellipsis", min_width=12, max_width=max(12, width - rest))
    if width >= _ROOM_FOR_KIND:
        made.add_column("Kind", no_wrap=True, min_width=_KIND)
    for (heading, total), least in zip(numbers.items(), widths, strict=True):
        made.add_column(heading, total, justify="right", no_wrap=True, min_width=least)
    if width >= _ROOM_FOR_RULES:
        made.add_column("Failing rules", overflow="fold", min_width=_RULES)
    for card in cards:
        made.add_row(*_cells(card, width), style="bold" if card.kind == "partner" else "")
    return made


def _cells(card: Card, width: int) -> list[Text | str]:
    # Text, not markup: a name in square brackets is no style.
    indent = "" if card.kind == "partner" else "  "
    failing = card.ended("fail")
    return [
        Text(indent + plain(card.name), overflow="ellipsis"),
        *([card.kind] if width >= _ROOM_FOR_KIND else []),
        percent(card.score),
        percent(card.coverage),
        *(str(getattr(card, name)) for name in _COUNTS),
        str(len(failing)),
        str(len(card.ended("not_assessed", "error"))),
        *([Text(" ".join(plain(line.rule_id) for line in failing))] if width >= _ROOM_FOR_RULES else []),
    ]
