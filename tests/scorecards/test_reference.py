"""``docs/scorecard.md`` against the code: every file, column and word of it is there, and nothing else."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from checks.report import files, reference, words, write_reports
from checks.report.tables import TABLES
from collectors.config import Config

TEXT = reference.PAGE.read_text("utf-8")


def test_the_page_is_the_one_the_code_makes() -> None:
    assert reference.page() == TEXT, "docs/scorecard.md is stale: run python -m checks.report.reference"


def test_every_file_that_is_written_is_described(fleet: Config) -> None:
    folder = write_reports(fleet).parent
    patterns = [name.replace("(tenant id)", "[0-9a-f-]{36}") for name in files.FILES]
    for path in folder.iterdir():
        assert [each for each in patterns if re.fullmatch(each, path.name)], f"{path.name} is not described"
    for name, pattern in zip(files.FILES, patterns, strict=True):
        assert [path for path in folder.iterdir() if re.fullmatch(pattern, path.name)], f"{name} is not written"


def test_every_word_has_a_meaning() -> None:
    known = {"result": words.RESULTS, "verdict": words.VERDICTS, "state": words.STATES, "waiver": words.WAIVER_STATES}
    assert {kind: {*of} for kind, of in reference._MEANINGS.items()} == {kind: {*of} for kind, of in known.items()}


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_every_column_says_what_it_means(table: object) -> None:
    assert all(meaning.endswith((".", "...")) for meaning in table.columns.values())  # type: ignore[attr-defined]


def test_every_command_on_the_page_can_be_given() -> None:
    from rollcall import Report, Table, report

    known = {option for parameter in report.params for option in parameter.opts}
    lines = re.findall(r"^rollcall report .*$", TEXT, re.MULTILINE)
    used = {word for line in lines for word in re.findall(r"--[a-z]+", line)}
    assert used <= known
    forms = re.findall(r"^\| `(\w+)` \|", TEXT.partition("| format |")[2].partition("In CSV")[0], re.MULTILINE)
    assert (tuple(forms), tuple(TABLES)) == (get_args(Report), get_args(Table))
