"""What a set of protections leaves uncovered, worked out once for each set."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from checks.cover.boxes import Box, TooComplexError, Uncovered, uncovered
from checks.cover.gaps import Protection, asks_ordinarily, excluded_apps, gap_codes
from checks.cover.space import Space

State = Literal["covered", "partial", "none", "unknown"]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What Conditional Access does to an account, were everything known.

    ``gaps`` are the codes of a partial cover. ``asks_ordinarily``: some policy asks for MFA at a sign-in of every day:
    from a browser or an app, to an app that no policy names, at no risk, with no role activated. A partial cover that
    never does so protects corners only. ``excluded_apps`` are the apps that are left out by name.
    """

    state: State
    gaps: tuple[str, ...] = ()
    asks_ordinarily: bool = False
    excluded_apps: tuple[str, ...] = ()

    @property
    def gist(self) -> tuple[object, ...]:
        """What a verdict can hinge on: two answers with the same gist are the same answer."""
        return (self.state,) if self.state == "covered" else (self.state, self.gaps, self.asks_ordinarily)


class Evaluator:
    """Answers for a space; the same protections are evaluated once."""

    def __init__(self, space: Space) -> None:
        self._space = space
        self._known: dict[tuple[tuple[int, bool, tuple[Box, ...]], ...], tuple[Answer, Uncovered]] = {}

    def evaluate(self, protections: Sequence[Protection]) -> tuple[Answer, Uncovered]:
        """Return the answer and what is left uncovered. ``unknown`` if that is too complex to find out."""
        key = tuple((id(each.policy), each.asks, each.boxes) for each in protections)
        if key not in self._known:
            self._known[key] = self._evaluate(protections)
        return self._known[key]

    def covers_alone(self, protections: Iterable[Protection]) -> bool:
        """Whether one of them covers the space by itself."""
        return any(
            self._space.full in each.boxes
            or (len(each.boxes) > 1 and self.evaluate([each])[0].state == "covered")  # one box is the space or is not
            for each in protections
        )

    def _evaluate(self, protections: Sequence[Protection]) -> tuple[Answer, Uncovered]:
        space = self._space
        boxes = [box for each in protections for box in each.boxes]
        if space.full in boxes:
            boxes = [space.full]
        try:
            left = uncovered(space.full, space.fields, boxes)
        except TooComplexError:
            return Answer(state="unknown", asks_ordinarily=asks_ordinarily(space, protections)), Uncovered((), False)
        if not left.boxes:
            return Answer(state="covered", asks_ordinarily=asks_ordinarily(space, protections)), left
        answer = Answer(
            state="partial" if boxes else "none",
            gaps=gap_codes(space, left.boxes, protections),
            asks_ordinarily=asks_ordinarily(space, protections),
            excluded_apps=excluded_apps(space, left.boxes),
        )
        return answer, left
