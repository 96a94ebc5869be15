"""Boxes of sign-ins, and what a union of them leaves uncovered.

A space has dimensions, a dimension has atoms, and an atom is one bit; a dimension's bits lie side by side in its field.
A box allows a set of atoms in each dimension: it is one integer, and a point is in it if all its bits are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

Box = int
# Beyond this many boxes at once the list of all maximal ones is given up for the first few.
_MOST_AT_ONCE = 128
# How many boxes the search for a few may look at before the answer is "too complex".
_MOST_STEPS = 20_000
_A_FEW = 24


class TooComplexError(Exception):
    """Whether the boxes leave anything uncovered was not found within the limits; both answers are possible."""


class Uncovered(NamedTuple):
    """Maximal boxes that meet none of the given ones, most general first; all of them if ``is_complete``."""

    boxes: tuple[Box, ...]
    is_complete: bool


def meets(one: Box, other: Box, fields: Sequence[int]) -> bool:
    """Whether two boxes have a point in common."""
    common = one & other
    return all(common & field for field in fields)


def uncovered(
    full: Box, fields: Sequence[int], covering: Sequence[Box], most_at_once: int = _MOST_AT_ONCE
) -> Uncovered:
    """Return the maximal boxes of the space that no box of ``covering`` meets. Raises ``TooComplexError``.

    None at all means that the boxes cover the space. The boxes returned overlap: each is as large as can be.
    """
    walls = _walls(full, fields, covering)
    found = _all_maximal(full, walls, most_at_once)
    is_complete = found is not None
    if found is None:
        found = sorted({_grown(box, full, fields, covering) for box in _first_few(full, walls)})
    return Uncovered(tuple(sorted(found, key=lambda box: _generality(box, full, fields))), is_complete)


def _generality(box: Box, full: Box, fields: Sequence[int]) -> tuple[int, float, Box]:
    narrowed = [field for field in fields if (box ^ full) & field]
    share = 1.0
    for field in narrowed:
        share *= (box & field).bit_count() / field.bit_count()
    return len(narrowed), -share, box


_Wall = tuple[tuple[int, int], ...]


def _walls(full: Box, fields: Sequence[int], covering: Sequence[Box]) -> list[_Wall]:
    """Return, of each box that no other contains, what lies outside it: per narrowed dimension, field and atoms left.

    The largest come first: they leave least to look at.
    """
    boxes = sorted({box for box in covering if all(box & field for field in fields)}, key=lambda box: -box.bit_count())
    kept: list[Box] = []
    for box in boxes:
        if not any(box & other == box for other in kept):
            kept.append(box)
    walls = [tuple((field, full & field & ~box) for field in fields if field & ~box) for box in kept]
    return sorted(walls, key=len)


def _all_maximal(full: Box, walls: Sequence[_Wall], most_at_once: int) -> list[Box] | None:
    """Return every maximal uncovered box, or ``None`` if there are too many on the way.

    A box misses another one only if it lies on one side of it in a single dimension. So the uncovered boxes are the
    choices of such a side for each covering box, and those that no other contains are the maximal ones.
    """
    front = [full]
    for wall in walls:
        untouched, cut = [], set()
        for box in front:
            pieces = [box & ~field | box & outside for field, outside in wall if box & outside]
            if box in pieces:
                untouched.append(box)
            else:
                cut.update(pieces)
        front = _absorbed(untouched, cut)
        if len(front) > most_at_once:
            return None
    return front


def _absorbed(untouched: list[Box], cut: set[Box]) -> list[Box]:
    """Return the boxes that no other contains; ``untouched`` do not contain one another."""
    kept = list(untouched)
    for box in sorted(cut, key=lambda box: (-box.bit_count(), box)):
        if not any(box & other == box for other in kept):
            kept.append(box)
    return kept


def _first_few(full: Box, walls: Sequence[_Wall]) -> Iterator[Box]:
    """Yield the first few disjoint uncovered boxes, depth first."""
    stack = [(full, 0)]
    steps = found = 0
    while stack and found < _A_FEW:
        box, at = stack.pop()
        steps += 1
        if steps > _MOST_STEPS:
            if found:
                return
            raise TooComplexError
        if at == len(walls):
            found += 1
            yield box
            continue
        inside = box
        for field, outside in walls[at]:
            if inside & outside:
                stack.append((inside & ~field | inside & outside, at + 1))
                inside &= ~outside
            if not inside & field:
                break


def _grown(box: Box, full: Box, fields: Sequence[int], covering: Sequence[Box]) -> Box:
    """Return the box made as large as can be, dimension by dimension, while it still meets none."""
    for field in fields:
        allowed = full & field
        if box & field != allowed:
            for other in covering:
                if all(box & other & each for each in fields if each != field):
                    allowed &= ~other
            box |= allowed
    return box
