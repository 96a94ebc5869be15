"""Boxes: what is left uncovered is exact, as general as can be, and found within limits however hostile the boxes."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.cover.boxes import TooComplexError, uncovered

SIZES = (2, 3, 2, 4)


def fields_of(sizes: Sequence[int]) -> tuple[int, ...]:
    shifts = itertools.accumulate(sizes, initial=0)
    return tuple(((1 << size) - 1) << shift for size, shift in zip(sizes, shifts, strict=False))


FIELDS = fields_of(SIZES)
FULL = sum(FIELDS)


def points(box: int, fields: Sequence[int]) -> set[int]:
    """Return every point of a box: one bit of each field."""
    bits = [[1 << n for n in range(field.bit_length()) if field & box & 1 << n] for field in fields]
    return {sum(choice) for choice in itertools.product(*bits)}


some_boxes = st.lists(st.integers(0, FULL), max_size=7)


def check(covering: list[int], found: tuple[int, ...]) -> None:
    everything = points(FULL, FIELDS)
    shut = {point for box in covering for point in points(box, FIELDS)}
    for box in found:
        assert points(box, FIELDS)
        assert not points(box, FIELDS) & shut
        for bit in (1 << n for n in range(FULL.bit_length())):
            assert box & bit or points(box | bit, FIELDS) & shut, "it could be larger"
    assert bool(found) == bool(everything - shut)


@given(some_boxes)
def test_the_maximal_boxes_are_all_there_and_hold_just_what_is_uncovered(covering: list[int]) -> None:
    found = uncovered(FULL, FIELDS, covering)
    check(covering, found.boxes)
    assert found.is_complete
    shut = {point for box in covering for point in points(box, FIELDS)}
    assert {p for box in found.boxes for p in points(box, FIELDS)} == points(FULL, FIELDS) - shut
    assert len(set(found.boxes)) == len(found.boxes)
    # Every maximal box, not only enough of them: grow each open point in every order of the dimensions.
    for order in itertools.permutations(range(len(FIELDS))):
        for point in sorted(points(FULL, FIELDS) - shut)[::9]:
            grown = point
            for field in (FIELDS[at] for at in order):
                for bit in (1 << n for n in range(FULL.bit_length()) if field & 1 << n):
                    if not points(grown & ~field | bit, FIELDS) & shut:
                        grown |= bit
            assert grown in found.boxes


@given(some_boxes)
def test_past_the_limit_a_few_are_found_and_they_are_as_good(covering: list[int]) -> None:
    check(covering, uncovered(FULL, FIELDS, covering, most_at_once=0).boxes)


@given(some_boxes)
def test_the_most_general_box_comes_first(covering: list[int]) -> None:
    found = uncovered(FULL, FIELDS, covering).boxes
    narrowed = [sum(1 for field in FIELDS if (box ^ FULL) & field) for box in found]
    assert narrowed == sorted(narrowed)


def test_pairs_of_independent_exclusions_do_not_blow_up() -> None:
    """Thirty policies, each leaving out a device and a place of its own: 2**30 maximal boxes."""
    fields = fields_of([2] * 60)
    full = sum(fields)
    covering = [
        full & ~(fields[at] & fields[at] << 1) & ~(fields[at + 1] & fields[at + 1] << 1) for at in range(0, 60, 2)
    ]
    started = time.perf_counter()
    found = uncovered(full, fields, covering)
    assert time.perf_counter() - started < 10  # about half a second where nothing else runs
    assert not found.is_complete
    for box in found.boxes:
        assert all(any(not box & other & field for field in fields) for other in covering)


def test_what_cannot_be_found_out_within_the_limits_is_said() -> None:
    """Thirteen pigeons in twelve holes: there is no open sign-in, and no short way to see it."""
    pigeons, holes = 13, 12
    fields = fields_of([holes] * pigeons)
    full = sum(fields)

    def sharing(one: int, other: int, hole: int) -> int:
        box = full & ~fields[one] & ~fields[other]
        return box | (1 << one * holes + hole) | (1 << other * holes + hole)

    covering = [sharing(a, b, hole) for a, b in itertools.combinations(range(pigeons), 2) for hole in range(holes)]
    started = time.perf_counter()
    with pytest.raises(TooComplexError):
        uncovered(full, fields, covering)
    assert time.perf_counter() - started < 20
