"""Text from a tenant is hostile: what is done to it before it leaves. And how numbers and times read."""

from __future__ import annotations

import math
import unicodedata
from datetime import datetime

# Marks that turn the direction of what follows, beyond the text they stand in.
_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# A spreadsheet takes these for the beginning of a formula; the last four are their full-width forms.
_FORMULA = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")


def clean(text: str) -> str:
    """Return ``text`` on one line, without control characters. Marks of direction stay: who shows it isolates it."""
    if text.isprintable():  # nearly all is, and reports hold millions of texts
        return text
    return "".join(" " if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} else c for c in text)


def plain(text: str) -> str:
    """Return ``text`` fit for a terminal or a title: cleaned, and without marks that turn its direction."""
    if text.isprintable():  # marks of direction are not
        return text
    return "".join(c for c in clean(text) if c not in _DIRECTIONS)


def defused(text: str) -> str:
    """Return ``text`` for a cell of a CSV file: on one line, and never the beginning of a formula.

    What looks like one, also behind blanks or invisible characters, gets an apostrophe in front.
    """
    if text[:1].isalnum() and text.isprintable():
        return text
    line = clean(text)
    visible = (c for c in line if not c.isspace() and unicodedata.category(c) != "Cf")
    is_formula = next(visible, "") in _FORMULA
    return f"'{line}" if is_formula or text[:1] in {"\t", "\r", "\n"} else line


def percent(value: float | None) -> str:
    """Return a number from 0 to 100 with at most one decimal, rounded down: only a whole 100 reads 100."""
    if value is None:
        return "none"
    return f"{math.floor(round(value, 6) * 10) / 10:g}"


def moment(at: datetime | None) -> str:
    """Return a time (UTC) to the minute."""
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else "never"
