"""``rollcall explain`` in a terminal, and as data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

import msgspec
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from checks.explain.dossier import dossiers
from checks.explain.explain import explain
from checks.explain.explanation import Answer, Explanation
from checks.explain.find import find
from checks.explain.words import moment
from checks.report.words import VERDICTS, word
from collectors.config import Config
from warehouse.engine import reader

WIDEST = 110
INDENT = "   "
STYLES = {"good": "bold green", "warn": "bold yellow", "bad": "bold red", "open": "bold blue", "quiet": "bold"}


def explained(config: Config, wanted: str, tenant: str | None = None) -> Explanation:
    """Return the explanation of an account named by object id, user principal name or display name.

    Raises :class:`~checks.explain.find.NoSuchAccount` where there is none of that name, or more than one.
    """
    with reader(config.published) as con:
        account = find(con, wanted, tenant)
        return explain(dossiers(con, config, [account])[account])


def as_json(data: object) -> str:
    """Return data for programs: in ASCII, so that no name in it can do anything to a terminal."""
    return json.dumps(msgspec.to_builtins(data), indent=2, ensure_ascii=True)


def print_explanation(explanation: Explanation, console: Console | None = None) -> None:
    """Print an explanation to ``console``, by default the terminal; lines are never longer than reads well."""
    console = console or Console()
    width = min(console.width, WIDEST)
    for line in _lines(explanation):
        console.print(wrapped(line, width), soft_wrap=True, highlight=False)


class Line(NamedTuple):
    """A line before it is broken: ``mark`` stands before it, and it goes on below its own beginning."""

    text: str = ""
    mark: str = ""
    style: str = ""


def wrapped(line: Line, width: int) -> Text:
    """Return a line broken at blanks alone: an address or a command that is too long stays whole, to be copied."""
    rows, room = [""], width - cell_len(line.mark)
    for piece in line.text.split():
        if rows[-1] and cell_len(rows[-1]) + 1 + cell_len(piece) > room:
            rows.append("")
        rows[-1] += f" {piece}" if rows[-1] else piece
    # Text, never markup: a name in square brackets is no style.
    below = f"\n{' ' * cell_len(line.mark)}"
    return Text(f"{line.mark}{below.join(rows)}".rstrip(), style=line.style)


def _lines(explanation: Explanation) -> Iterator[Line]:
    shown = word(VERDICTS, explanation.verdict)
    posture = "" if explanation.decision.customer_posture is None else " (by what is recommended)"
    name = f"{explanation.display_name} " if explanation.display_name else ""
    yield Line(f"{name}<{explanation.user_principal_name}>", style="bold")
    yield Line(f"in {explanation.tenant_name} ({explanation.tenant_kind}), as of {moment(explanation.scanned_at)}")
    yield Line()
    yield Line(f"{shown.text.upper()}{posture}: {explanation.headline}", f"{shown.sign} ", STYLES[shown.tone])
    for number, answer in enumerate(explanation.answers, 1):
        yield Line()
        yield from _answered(number, answer)
    yield Line()
    yield Line("What to do", f"{len(explanation.answers) + 1}. ", "bold")
    if not explanation.steps:
        yield Line("Nothing.", INDENT)
    for step in explanation.steps:
        yield Line(step.what, f"{INDENT}- ")
        yield from (Line(text, f"{INDENT}  {label}: ") for label, text in step.details if text)
    codes = ", ".join(explanation.decision.reasons)
    yield Line()
    yield Line(f"[{explanation.account_id}{'; ' if codes else ''}{codes}]", INDENT, "dim")


def _answered(number: int, answer: Answer) -> Iterator[Line]:
    yield Line(f"{answer.question} {answer.short}.", f"{number}. ", "bold")
    if answer.sentences:
        yield Line(" ".join(answer.sentences), INDENT)
    for point in answer.points:
        yield Line(point, f"{INDENT}- ")
    for each in answer.citations:
        yield Line(each.words, f"{INDENT}§ ", "dim")
        yield Line(each.url, f"{INDENT}  ", "dim")
