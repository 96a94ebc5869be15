"""Charts as SVG inside a page: no script, nothing loaded, and every number of theirs stands beside them as text too.

What is drawn is told by attributes, not by style sheets: a program that prints pages need not apply a page's style to
what is inside a picture. No text of a tenant ever gets in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from markupsafe import Markup, escape

from checks.report.cards import RuleLine, Section
from checks.report.text import percent
from checks.report.trend import Point
from checks.report.words import RESULTS, VERDICTS, Word
from checks.score import Weights

WIDTH = 400  # in the picture's own units: drawn so wide, its letters are as large as those of a phone's page
_INK, _SOFT, _LINE = "#1b1f24", "#4d5763", "#cfd6de"
COLOURS: Mapping[str, str] = {
    "good": "#2e8b57", "warn": "#e0a526", "bad": "#c8353f", "open": "#6d8fd0", "quiet": "#c3cad2",
    "accepted": "#9683c2",
}  # fmt: skip
_BAR = 26


class Part(NamedTuple):
    """A piece of a bar: how it is called, and how much of it there is."""

    word: Word
    amount: int

    @property
    def colour(self) -> str:
        """Its colour."""
        return COLOURS[self.word.tone]


def verdicts(counts: Mapping[str, int]) -> list[Part]:
    """Return accounts by verdict as parts, the best first; verdicts that nobody has are left out."""
    order = ("compliant", "at_risk", "non_compliant", "indeterminate", "not_applicable")
    return [Part(VERDICTS[verdict], counts[verdict]) for verdict in order if counts.get(verdict)]


def results(lines: Iterable[RuleLine]) -> list[Part]:
    """Return how many rules came to each result as parts; results that none came to are left out."""
    return counted(Counter(line.result for line in lines))


def counted(counts: Mapping[str, int]) -> list[Part]:
    """Return these counts by result as parts, in the order of the words."""
    return [Part(RESULTS[result], counts[result]) for result in RESULTS if counts.get(result)]


def score(weights: Weights) -> Markup:
    """Draw the weight of all rules that apply: what passed, what failed, what could not be assessed.

    The score is the passed part of the first two; coverage is how far these two reach.
    """
    pieces = [
        Part(RESULTS["pass"], weights.passed),
        Part(RESULTS["fail"], weights.failed),
        Part(RESULTS["not_assessed"], weights.unassessed),
    ]
    total = sum(weights)
    told = weights.score
    label = (
        f"Score {percent(told) if told is not None else 'none'}, coverage {percent(weights.coverage)} %. By weight: "
        + ", ".join(f"{each.amount} {each.word.text}" for each in pieces)
    )
    if not total:
        return _picture(62, label, [*_bar(0, 8, [], 0), _text(0, 54, "Nothing applies, or nothing was judged.", _SOFT)])
    reach = WIDTH * (weights.passed + weights.failed) / total
    until = WIDTH * weights.passed / total
    words = f"coverage {percent(weights.coverage)} %"
    drawn = [
        *_bar(0, 26, [piece for piece in pieces if piece.amount], total),
        # Above: how far what could be assessed reaches. Below: how much of that passed.
        _measure(0, reach, 19),
        _beside(reach, 13, words),
    ]
    if told is not None:
        drawn += [_measure(0, until, 59), _beside(until, 76, f"score {percent(told)} of 100")]
    return _picture(82, label, drawn)


def bar(what: str, parts: Sequence[Part]) -> Markup:
    """Draw the parts of a whole as one bar; ``what`` they are is said to those who cannot see it."""
    total = sum(part.amount for part in parts)
    told = ", ".join(f"{part.amount} {part.word.text}" for part in parts) or "none"
    return _picture(_BAR + 4, f"{what}: {told}", _bar(0, 2, parts, total))


def packs(sections: Sequence[Section]) -> Markup:
    """Draw a bar for each pack of rules: its title above, its rules by result."""
    most = max(len(section.lines) for section in sections)
    drawn: list[Markup] = []
    told = []
    for number, section in enumerate(sections):
        top, parts = number * 44, results(section.lines)
        drawn += [_text(0, top + 14, section.title), *_bar(0, top + 19, parts, most, height=19)]
        told.append(f"{section.title}: {', '.join(f'{part.amount} {part.word.text}' for part in parts)}")
    return _picture(44 * len(sections), "; ".join(told), drawn)


def trend(points: Sequence[Point]) -> Markup:
    """Draw score (a line with dots) and coverage (a dashed line) scan after scan, the newest on the right."""
    left, right, top, bottom = 30, WIDTH - 6, 8, 128
    first, last = points[0], points[-1]
    step = (right - left) / max(len(points) - 1, 1)

    def x(at: int) -> float:
        return left + at * step

    def y(value: float) -> float:
        return bottom - (bottom - top) * value / 100

    drawn = []
    for value in (0, 50, 100):
        drawn.append(_line([(left, y(value)), (right, y(value))], _LINE, 1))
        drawn.append(_text(left - 5, y(value) + 4, str(value), _SOFT, anchor="end", size=12.5))
    drawn.append(_line([(x(at), y(each.coverage)) for at, each in enumerate(points)], COLOURS["open"], 2, dashed=True))
    run: list[tuple[float, float]] = []
    for at, each in enumerate([*points, None]):
        if each is not None and each.score is not None:
            run.append((x(at), y(each.score)))
            continue
        # A scan without a score is a gap, never a nought.
        drawn += [_line(run, COLOURS["good"], 2.5)] if len(run) > 1 else []
        run = []
    drawn += [
        Markup('<circle cx="{}" cy="{}" r="{}" fill="{}"/>').format(
            _n(x(at)), _n(y(each.score)), 3 if len(points) <= 31 else 1.5, COLOURS["good"]
        )
        for at, each in enumerate(points)
        if each.score is not None
    ]
    drawn += [
        _text(left, bottom + 17, f"{first.scanned_at:%Y-%m-%d}", _SOFT, size=12.5),
        _text(right, bottom + 17, f"{last.scanned_at:%Y-%m-%d}", _SOFT, anchor="end", size=12.5),
    ]
    told = "; ".join(
        f"{each.scanned_at:%Y-%m-%d %H:%M} score {percent(each.score)}, coverage {percent(each.coverage)} %"
        for each in (first, last)
    )
    return _picture(bottom + 22, f"{len(points)} scans: {told}", drawn)


def _picture(height: float, label: str, drawn: Iterable[Markup]) -> Markup:
    return Markup(
        '<svg class="chart" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" role="img" aria-label="{}" '
        'font-family="system-ui, Segoe UI, Roboto, Noto Sans, sans-serif">{}</svg>'
    ).format(WIDTH, _n(height), label, Markup().join(drawn))


def _bar(left: float, top: float, parts: Sequence[Part], total: int, height: float = _BAR) -> list[Markup]:
    """Draw a bar in which ``total`` is as wide as the picture; a part has its number in it where that fits."""
    drawn = [] if total else [_box(left, top, WIDTH - left, height, "#f1f3f5")]
    at = left
    for part in parts:
        wide = (WIDTH - left) * part.amount / total
        drawn.append(_box(at, top, wide, height, part.colour))
        number = f"{part.word.sign} {part.amount}"
        if wide > 10 * len(number):
            ink = _INK if part.word.tone in {"quiet", "warn"} else "#ffffff"
            drawn.append(_text(at + wide / 2, top + height / 2 + 5, number, ink, anchor="middle"))
        at += wide
    return drawn


def _box(left: float, top: float, wide: float, high: float, colour: str) -> Markup:
    # Between two parts is a line of paper, so that they are told apart without colour.
    return Markup('<rect x="{}" y="{}" width="{}" height="{}" fill="{}" stroke="#ffffff" stroke-width="1"/>').format(
        _n(left), _n(top), _n(wide), _n(high), colour
    )


def _measure(left: float, right: float, y: float) -> Markup:
    return Markup('<path d="M{} {} v6 m0 -3 H{} m0 -3 v6" fill="none" stroke="{}" stroke-width="1"/>').format(
        _n(left + 0.5), _n(y - 3), _n(max(right - 0.5, left + 0.5)), _SOFT
    )


def _beside(at: float, y: float, text: str) -> Markup:
    """Write a text that ends below or above a place, or begins at the left edge where there is no room."""
    room = 8 * len(text)
    return _text(max(at, room), y, text, _INK, anchor="end")


def _line(points: Sequence[tuple[float, float]], colour: str, width: float, *, dashed: bool = False) -> Markup:
    path = " ".join(f"{_n(x)},{_n(y)}" for x, y in points)
    return Markup('<polyline points="{}" fill="none" stroke="{}" stroke-width="{}"{}/>').format(
        path, colour, width, Markup(' stroke-dasharray="5 3"') if dashed else ""
    )


def _text(x: float, y: float, text: str, colour: str = _INK, *, anchor: str = "start", size: float = 14) -> Markup:
    return Markup('<text x="{}" y="{}" font-size="{}" fill="{}" text-anchor="{}">{}</text>').format(
        _n(x), _n(y), size, colour, anchor, escape(text)
    )


def _n(value: float) -> str:
    return f"{round(value, 1):g}"
