"""What a tenant wrote leaves without its teeth, in every form; and how numbers and codes read."""

from __future__ import annotations

import csv
import io
import unicodedata
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.decide import Result
from checks.explain.reasons import explain
from checks.mechanisms import Verdict
from checks.report import words
from checks.report.tables import _lines
from checks.report.text import clean, defused, moment, percent, plain
from collectors.config import PROGRAMS
from collectors.errors import State

FORMULAS = "=+-@\uff1d\uff0b\uff0d\uff20"  # the last four are full-width
hostile = st.text(alphabet=st.sampled_from([*FORMULAS, *"\t\r\n \x00\x1b\u200b\u202e\u2066\ufeff;,'\"a1|"]), max_size=8)


@given(text=st.text() | hostile)
def test_cleaned_text_is_one_line_without_control_characters(text: str) -> None:
    found = clean(text)
    assert len(found) == len(text)
    assert len(found.splitlines()) <= 1
    assert not [c for c in found if unicodedata.category(c) in {"Cc", "Cs"}]


@given(text=st.text() | hostile)
def test_plain_text_turns_no_direction(text: str) -> None:
    turning = {"RLO", "LRO", "RLE", "LRE", "PDF", "RLI", "LRI", "FSI", "PDI"}
    assert not [c for c in plain(text) if unicodedata.bidirectional(c) in turning]


@given(text=st.text() | hostile)
def test_no_cell_begins_like_a_formula(text: str) -> None:
    visible = [c for c in defused(text) if not c.isspace() and unicodedata.category(c) != "Cf"]
    assert not visible or visible[0] not in FORMULAS
    assert defused(text)[:1] not in {"\t", "\r", "\n"}


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\tx",
        " =1",
        "\u200b=1",
        "\ufeff=1",
        *(f"{c}1" for c in FORMULAS),
    ],
)
def test_what_looks_like_a_formula_gets_an_apostrophe(text: str) -> None:
    assert defused(text) == f"'{clean(text)}"


@pytest.mark.parametrize("text", ["Contoso", "a=b", "3-2", "", "ann@x.example", "日本"])
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert defused(text) == text


@given(rows=st.lists(st.lists(st.text() | hostile, min_size=2, max_size=2)))
def test_a_record_is_one_line_however_hostile(rows: list[list[str]]) -> None:
    lines = "".join(_lines(("a", "b"), rows))
    found = list(csv.reader(io.StringIO(lines, newline="")))
    assert found == [["a", "b"], *([defused(cell) for cell in row] for row in rows)]
    assert lines.count("\r\n") == len(rows) + 1


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "none"), (0.0, "0"), (100.0, "100"), (99.99, "99.9"), (66.666, "66.6"), (50.0, "50"), (0.04, "0")],
)
def test_only_a_whole_hundred_reads_hundred(value: float | None, text: str) -> None:
    assert percent(value) == text


def test_no_time_is_said_so() -> None:
    assert moment(None) == "never"


def test_every_word_of_the_product_has_words_for_people() -> None:
    assert set(words.RESULTS) == {result.value for result in Result}
    assert set(words.VERDICTS) == set(get_args(Verdict))
    assert set(words.STATES) == set(get_args(State))
    assert set(words.PROGRAMS) == set(PROGRAMS)


def test_no_two_words_look_the_same_without_colour() -> None:
    for known in (words.RESULTS, words.VERDICTS, words.STATES):
        assert len({word.text for word in known.values()}) == len(known)


def test_a_code_that_nobody_knows_is_shown_as_it_stands() -> None:
    assert words.word(words.RESULTS, "brand_new").text == "brand new"
    assert explain("BRAND_NEW") == "BRAND_NEW"
