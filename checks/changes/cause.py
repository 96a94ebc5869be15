"""Which of the things that changed did it? Pure: it asks what would be, had some of them not changed."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Literal, NamedTuple

from checks.changes.things import Thing

How = Literal["alone", "each", "together", "unknown"]


class Cause(NamedTuple):
    """The things that did it, in order, and how they did.

    ``alone``: put back by itself, it gives back what was. ``each``: so does any one of these, it took them all.
    ``together``: only all of these give it back, and no fewer of them do. ``unknown``: nothing does.
    """

    how: How
    things: tuple[Thing, ...] = ()


def find(things: Collection[Thing], gives_back: Callable[[frozenset[Thing]], bool]) -> Cause:
    """Return what did it: ``gives_back`` says whether these things, put back, give what was found before.

    It is asked once for each thing and, where none does it alone, at most twice for each more.
    """
    ordered = sorted(things)
    single = tuple(thing for thing in ordered if gives_back(frozenset({thing})))
    if single:
        return Cause("alone" if len(single) == 1 else "each", single)
    if len(ordered) < 2 or not gives_back(frozenset(ordered)):
        return Cause("unknown")
    needed = frozenset(ordered)
    for thing in ordered:
        if gives_back(fewer := needed - {thing}):
            needed = fewer
    return Cause("together", tuple(sorted(needed)))
