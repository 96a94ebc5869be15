"""Tables, workbooks and JSON: the same rows in each, faithful in JSON, harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from checks.report.cards import fleet as every
from checks.report.document import document
from checks.report.report import write_report
from checks.report.tables import TABLES, Name, Scope, csv_lines
from checks.report.text import defused
from checks.report.workbook import write_workbook
from collectors.config import Config
from tests.scorecards.fleet import CUSTOMER, EVIL, FORMULA, HOSTILE, LONG, MISSED, PARTNER, UNREAD
from warehouse.engine import reader

Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def rows(fleet: Config) -> dict[Name, Rows]:
    """All tables as CSV has them."""
    found: dict[Name, Rows] = {}
    with reader(fleet.published) as con:
        scope = Scope(con, every(con))
        for name in TABLES:
            found[name] = list(csv.DictReader(io.StringIO("".join(csv_lines(name, scope)), newline="")))
    return found


@pytest.fixture(scope="module")
def book(fleet: Config, tmp_path_factory: pytest.TempPathFactory) -> openpyxl.Workbook:
    path = tmp_path_factory.mktemp("book") / "all.xlsx"
    write_report(fleet, "xlsx", path)
    return openpyxl.load_workbook(path)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_has_the_columns_it_says(rows: dict[Name, Rows], name: Name) -> None:
    assert rows[name]
    assert [*rows[name][0]] == [*TABLES[name].columns]


def test_every_tenant_account_and_dataset_is_there(rows: dict[Name, Rows], fleet: Config) -> None:
    with reader(fleet.published) as con:
        for name, table in (("accounts", "account_verdicts"), ("sources", "source_state"), ("findings", "findings")):
            [[count]] = con.execute(f"select count(*) from {table}").fetchall()
            assert len(rows[name]) == count  # type: ignore[index]
    assert {row["tenant_id"] for row in rows["scorecards"]} == {PARTNER, CUSTOMER, UNREAD, HOSTILE, MISSED}


def test_what_is_waived_keeps_its_true_result(rows: dict[Name, Rows]) -> None:
    [waived] = [row for row in rows["rules"] if row["result"] == "waived" and row["tenant_id"] == PARTNER]
    assert (waived["true_result"], waived["failing"], waived["accepted"]) == ("fail", "1", "1")
    assert waived["reason"].startswith("accepted until 2027-01-01")


def test_a_sheet_holds_what_the_csv_holds(book: openpyxl.Workbook, rows: dict[Name, Rows]) -> None:
    assert book.sheetnames == ["About", *(table.title for table in TABLES.values())]
    for name, table in TABLES.items():
        head, *cells = book[table.title].iter_rows(values_only=True)
        assert [*head] == [*table.columns]
        assert len(cells) == len(rows[name])
        for row, of in zip(cells, rows[name], strict=True):
            for column, value in zip(head, row, strict=True):
                if isinstance(value, str):
                    assert value == of[str(column)]


def test_no_cell_of_a_workbook_is_a_formula_or_a_link(book: openpyxl.Workbook) -> None:
    names = set()
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                assert cell.hyperlink is None
                names.add(cell.value)
    assert {f"'{FORMULA}", defused(EVIL), f"{LONG} 000"} <= names
    assert FORMULA not in names


def test_numbers_and_times_of_a_workbook_are_no_text(book: openpyxl.Workbook) -> None:
    head, first, *_ = book["Scorecards"].iter_rows(values_only=True)
    of = dict(zip(head, first, strict=True))
    assert isinstance(of["score"], int | float)
    assert f"{of['assessed_at']:%Y-%m-%d %H:%M}" == "2026-11-23 02:00"


def test_a_sheet_that_is_full_says_what_is_missing(fleet: Config, tmp_path: Path) -> None:
    with reader(fleet.published) as con:
        write_workbook(tmp_path / "small.xlsx", Scope(con, every(con)), most_rows=11)
    book = openpyxl.load_workbook(tmp_path / "small.xlsx")
    assert book["Findings"].max_row == 11
    about = [cell for row in book["About"].iter_rows(values_only=True) for cell in row if cell]
    assert "246 more rows did not fit into the sheet. CSV and JSON have all." in about
    assert not [cell for cell in about if str(cell).startswith("0 more rows")]


def test_writing_a_workbook_twice_writes_the_same(fleet: Config, tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        write_report(fleet, "xlsx", tmp_path / name, wanted=PARTNER)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_json_is_faithful_to_the_letter(fleet: Config, rows: dict[Name, Rows]) -> None:
    with reader(fleet.published) as con:
        whole = json.loads(b"".join(document(Scope(con, every(con)), "fleet", ())))
    names = {card["tenant_id"]: card["name"] for card in whole["scorecards"]}
    assert (names[HOSTILE], names[MISSED]) == (EVIL, FORMULA)
    for name in ("findings", "accounts", "sources"):
        assert [*whole[name][0]] == [*TABLES[name].columns]
        assert len(whole[name]) == len(rows[name])
    [evil] = [row for row in whole["findings"] if row["tenant_id"] == HOSTILE]
    assert evil["resource_name"] == f"{EVIL} 000"
    assert any(defused(EVIL) in row.values() for row in rows["accounts"])


def test_a_document_about_one_tenant_has_nothing_of_another(fleet: Config, tmp_path: Path) -> None:
    write_report(fleet, "json", tmp_path / "one.json", wanted=CUSTOMER)
    text = (tmp_path / "one.json").read_text("utf-8")
    whole = json.loads(text)
    assert (whole["about"], whole["format"]) == ("tenant", 1)
    for name in ("scorecards", "findings", "accounts", "sources"):
        assert {row["tenant_id"] for row in whole[name]} == {CUSTOMER}
    assert HOSTILE not in text
    assert "Nordlicht" not in text


def test_a_tenant_of_which_nothing_is_known_has_empty_lists(fleet: Config, tmp_path: Path) -> None:
    write_report(fleet, "json", tmp_path / "one.json", wanted=MISSED)
    whole = json.loads((tmp_path / "one.json").read_bytes())
    assert (whole["score"], whole["coverage"], whole["findings"], whole["accounts"]) == (None, 0, [], [])
