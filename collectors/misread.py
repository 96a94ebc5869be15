"""What is wrong with a file of settings, and on which line: msgspec's words turned into ours."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

Keys = Sequence[str | int]
Where = Callable[[int, str], str]  # (number of the table in its array, key) -> "rollcall.toml, line 7"
_HIDDEN = "("  # fields renamed so that no key of the file can reach them


def explain(
    error: str,
    raw: dict[str, Any],
    text: str,
    *,
    sections: Mapping[str | int | None, type[msgspec.Struct]],
    choices: Mapping[str, Sequence[str]],
    advice: Mapping[str, str],
) -> str:
    """Turn msgspec's words into a line number, what is wrong and, for a key nobody knows, the nearest that is.

    ``sections`` are the tables that the file may have (None: the file itself), ``choices`` the words that a key takes,
    ``advice`` what to write where a key is missing.
    """
    what, _, where = error.partition(" - at `$")
    steps = re.findall(r"\.(\w+)|\[(\d+)\]", where.rstrip("`"))
    keys: list[str | int] = [name or int(number) for name, number in steps]
    if keys == ["retention"]:  # which of its keys it is msgspec does not say
        what = f"retention: {what}: a number of days, of one of its keys"
    if unknown := re.fullmatch(r"Object contains unknown field `(.*)`", what):
        keys.append(unknown[1])
        known = _keys_of(sections[keys[0] if len(keys) > 1 else None])
        near = difflib.get_close_matches(unknown[1], known, 1)
        hint = f"Did you mean {near[0]!r}?" if near else f"Known keys: {', '.join(known)}."
        what = f"the key {unknown[1]!r} is not known. {hint}"
    elif keys:
        what = _about(what, keys, raw, choices, advice)
    else:
        what = f"{what}."
    return f", line {line(text, keys)}: {what}"


def _about(
    what: str, keys: Keys, raw: dict[str, Any], choices: Mapping[str, Sequence[str]], advice: Mapping[str, str]
) -> str:
    found: Any = raw
    for key in keys:
        found = found[int(key)] if isinstance(found, list) else found.get(key)
    shown = "" if isinstance(found, dict | list) else f" found {found!r}."
    names = [key for key in keys if isinstance(key, str)]
    possible = list(choices.get(names[-1], ())) if names else []
    if what.startswith("Invalid enum value") and possible:
        near = difflib.get_close_matches(str(found), possible, 1, 0.5)
        what = f"Expected one of {', '.join(possible)}{f' (the nearest is {near[0]!r})' if near else ''}"
    missing = re.fullmatch(r"Object missing required field `(.*)`", what)
    hint = f" {advice[missing[1]]}" if missing and missing[1] in advice else ""
    return f"{'.'.join(map(str, keys))}:{shown} {what}.{hint}"


def _keys_of(section: type[msgspec.Struct]) -> list[str]:
    return [name for name in section.__struct_encode_fields__ if not name.startswith(_HIDDEN)]


def line(text: str, keys: Keys) -> int:
    """Return the number of the line where ``keys`` (table, index in its array, key) stands, or of its table."""
    names = [key for key in keys if isinstance(key, str)]
    number = next((key for key in keys if isinstance(key, int)), 0)
    section, name = (names[0], names[-1]) if len(names) > 1 else ("", names[0] if names else "")
    current, seen, best = "", -1, 1
    for at, written in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[\[?\s*([\w.-]+)", written):
            current = header[1]
            seen += current == (section or name)
            if current in {name, section} and seen == number:
                best = at
        elif (
            re.match(rf"\s*[\"']?{re.escape(name)}[\"']?\s*[=.]", written)
            and current == section
            and (not section or seen == number)
        ):
            return at
    return best
