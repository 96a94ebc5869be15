"""Scorecards as a workbook for spreadsheet programs: a sheet for each table, and one that says what is in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from checks.report.tables import TABLES, Scope, Table
from checks.report.text import defused

MOST_ROWS = 1_048_576  # of a sheet, and characters of a cell, in every program that reads the format
MOST_CHARACTERS = 32_767
_WIDE = {
    "reason": 60, "remediation": 60, "message": 60, "title": 50, "tenant_name": 28, "name": 28, "resource_name": 32,
    "user_principal_name": 36, "display_name": 26, "reasons": 40, "counterexample": 50, "protected_by": 40,
    "exposure": 30, "rules_passed": 30, "rules_failed": 30, "rules_not_assessed": 30,
}  # fmt: skip
_WIDTH = 18
_NO_TIME = datetime(2000, 1, 1)  # noqa: DTZ001  (UTC without a zone, as the warehouse has it)
_ABOUT = (
    "Score = weight of the rules that pass ÷ weight of those that pass or fail. Read it beside coverage.",
    "Coverage = weight of the rules that pass or fail ÷ weight of all that apply. What is unread is neither.",
    "Times are UTC. Text that looks like a formula has an apostrophe in front, so that no program takes it for one.",
)


def write_workbook(path: Path, scope: Scope, most_rows: int = MOST_ROWS) -> None:
    """Write every table of the scope to ``path``; a sheet holds ``most_rows`` at most, and says so where it is cut.

    Every text is defused and written as text, never as a formula, a link or a number.
    """
    options = {
        "constant_memory": True,  # rows go to disk as they come, however many there are
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "remove_timezone": True,
    }
    with xlsxwriter.Workbook(path, options) as book:
        # Not the time of writing: the same scan gives the same file.
        at = max((card.assessed_at for card in scope.cards if card.assessed_at), default=_NO_TIME)
        book.set_properties({"title": "MFA scorecards", "author": "mfa-rollcall", "created": at})
        styles = _Styles(
            head=book.add_format(
                {"bold": True, "bg_color": "#f4f6f8", "bottom": 2, "text_wrap": True, "valign": "top"}
            ),
            time=book.add_format({"num_format": "yyyy-mm-dd hh:mm", "align": "left"}),
            day=book.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
            number=book.add_format({"num_format": "0.0"}),
            bold=book.add_format({"bold": True}),
        )
        about = book.add_worksheet("About")
        cut = {
            table.title: _fill(book.add_worksheet(table.title), table, scope, styles, most_rows)
            for table in TABLES.values()
        }
        _describe(about, cut, styles)


class _Styles(NamedTuple):
    head: Format
    time: Format
    day: Format
    number: Format
    bold: Format


def _fill(sheet: Worksheet, table: Table, scope: Scope, styles: _Styles, most_rows: int) -> int:
    """Write a table and return how many rows did not fit."""
    for at, name in enumerate(table.columns):
        sheet.set_column(at, at, _WIDE.get(name, _WIDTH))
    sheet.freeze_panes(1, 2)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.write_row(0, 0, [*table.columns], styles.head)
    number = left = 0
    for row in table.rows(scope):
        if number + 1 >= most_rows:
            left += 1
            continue
        number += 1
        _write(sheet, number, row, styles)
    sheet.autofilter(0, 0, number, len(table.columns) - 1)
    return left


def _write(sheet: Worksheet, number: int, row: Sequence[object], styles: _Styles) -> None:
    for at, value in enumerate(row):
        if value is None or value in ("", []):
            continue
        if isinstance(value, datetime):
            sheet.write_datetime(number, at, value, styles.time)
        elif isinstance(value, date):
            sheet.write_datetime(number, at, value, styles.day)
        elif isinstance(value, bool):
            sheet.write_boolean(number, at, value)
        elif isinstance(value, float):
            sheet.write_number(number, at, value, styles.number)
        elif isinstance(value, int):
            sheet.write_number(number, at, value)
        else:
            text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            sheet.write_string(number, at, _fitted(defused(text)))


def _fitted(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else f"{text[: MOST_CHARACTERS - 1]}…"


def _describe(sheet: Worksheet, cut: dict[str, int], styles: _Styles) -> None:
    """Write what each sheet and column means; with memory held constant, row by row from above."""
    sheet.set_column(0, 1, 24)
    sheet.set_column(2, 2, 110)
    lines: list[tuple[tuple[str, ...], bool]] = [(("MFA scorecards",), True), *(((line,), False) for line in _ABOUT)]
    for table in TABLES.values():
        lines += [((), False), ((table.title, "", table.doc), True)]
        if cut[table.title]:
            lines.append(
                (("", "", f"{cut[table.title]} more rows did not fit into the sheet. CSV and JSON have all."), True)
            )
        lines += [(("", column, doc), False) for column, doc in table.columns.items()]
    for number, (cells, is_bold) in enumerate(lines):
        for at, text in enumerate(cells):
            if text:
                sheet.write_string(number, at, text, styles.bold if is_bold else None)
