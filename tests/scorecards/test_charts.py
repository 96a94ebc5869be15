"""Charts: whole as XML, within their picture, and with every number in words."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.report import charts
from checks.report.charts import WIDTH, Part
from checks.report.trend import Point
from checks.report.words import RESULTS, VERDICTS
from checks.score import Weights

SVG = "{http://www.w3.org/2000/svg}"
amounts = st.integers(0, 10**7)
percents = st.none() | st.floats(0, 100)


def drawn(markup: str) -> ET.Element:
    """Parse a picture and see that everything is in it and nothing is loaded."""
    picture = ET.fromstring(markup)
    height = float(picture.attrib["viewBox"].split()[3])
    for each in picture.iter():
        assert each.tag.removeprefix(SVG) in {"svg", "rect", "text", "path", "polyline", "circle"}
        assert not {name for name in each.attrib if "href" in name or name.startswith("on")}
        for x, y in places(each):
            assert -0.5 <= x <= WIDTH + 0.5
            assert -0.5 <= y <= height + 0.5
    return picture


def places(each: ET.Element) -> list[tuple[float, float]]:
    if each.tag == f"{SVG}rect":
        x, y, wide, high = (float(each.attrib[name]) for name in ("x", "y", "width", "height"))
        return [(x, y), (x + wide, y + high)]
    if each.tag == f"{SVG}polyline":
        return [tuple(map(float, pair.split(","))) for pair in each.attrib["points"].split()]  # type: ignore[misc]
    if each.tag in {f"{SVG}text", f"{SVG}circle"}:
        return [(float(each.get("x", each.get("cx", 0))), float(each.get("y", each.get("cy", 0))))]
    return []


@given(passed=amounts, failed=amounts, unassessed=amounts)
def test_score_and_coverage_are_drawn_to_scale(passed: int, failed: int, unassessed: int) -> None:
    weights = Weights(passed, failed, unassessed)
    picture = drawn(charts.score(weights))
    total = sum(weights)
    widths = {box.attrib["fill"]: float(box.attrib["width"]) for box in picture.iter(f"{SVG}rect")}
    for tone, amount in (("good", passed), ("bad", failed), ("open", unassessed)):
        if amount:
            assert widths[charts.COLOURS[tone]] == pytest.approx(WIDTH * amount / total, abs=0.06)
    assert f"{passed} pass, {failed} fail, {unassessed} not assessed" in picture.attrib["aria-label"]


@given(counts=st.fixed_dictionaries(dict.fromkeys(VERDICTS, amounts)))
def test_a_bar_has_a_part_for_each_verdict_that_somebody_has(counts: dict[str, int]) -> None:
    picture = drawn(charts.bar("Accounts", charts.verdicts(counts)))
    assert len([*picture.iter(f"{SVG}rect")]) == max(1, sum(bool(each) for each in counts.values()))
    for verdict, count in counts.items():
        assert not count or f"{count} {VERDICTS[verdict].text}" in picture.attrib["aria-label"]


@given(points=st.lists(st.tuples(percents, st.floats(0, 100)), min_size=2, max_size=60))
def test_a_scan_without_a_score_is_a_gap(points: list[tuple[float | None, float]]) -> None:
    start = datetime(2026, 1, 1)
    made = [Point(start + timedelta(days=at), *each) for at, each in enumerate(points)]
    picture = drawn(charts.trend(made))
    scored = [score for score, _ in points if score is not None]
    assert len([*picture.iter(f"{SVG}circle")]) == len(scored)
    runs = "".join("x" if score is None else "o" for score, _ in points)
    lines = [each for each in picture.iter(f"{SVG}polyline") if each.get("stroke") == charts.COLOURS["good"]]
    assert len(lines) == len(re.findall("oo+", runs))


def test_a_number_that_does_not_fit_is_left_out_of_the_bar_not_of_the_words() -> None:
    picture = drawn(charts.bar("Rules", [Part(RESULTS["pass"], 9999), Part(RESULTS["fail"], 1)]))
    assert [text.text for text in picture.iter(f"{SVG}text")] == ["✓ 9999"]
    assert "1 fail" in picture.attrib["aria-label"]
