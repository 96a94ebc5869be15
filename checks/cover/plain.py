"""Hostile text made fit for a sentence. It is never markup: whoever shows it escapes it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_MOST_LISTED = 5


def plain(text: str, most: int = 80) -> str:
    """Return hostile text on one line: without control and direction characters, cut at ``most`` characters."""
    shown = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


def quoted(text: str) -> str:
    """Return hostile text between quotes."""
    return f'"{plain(text)}"'


def either(words: Iterable[str]) -> str:
    """Return a list for people: "a, b or c", cut short if it is long."""
    found: Sequence[str] = list(dict.fromkeys(words))
    if len(found) > _MOST_LISTED:
        found = [*found[: _MOST_LISTED - 1], f"{len(found) - _MOST_LISTED + 1} more"]
    return " or ".join([", ".join(found[:-1]), found[-1]] if len(found) > 1 else found)
