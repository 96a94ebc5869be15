"""Read the shapes that Graph promises: objects, lists of strings, flags. What is none of these is an error, no guess.

Exports of policies carry annotations (``state@odata.type``, ``#microsoft.graph.restore``): they say nothing and are
dropped. Null, ``""``, ``[]`` and an object of only such values say nothing either.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from checks.errors import CheckError


class ShapeError(CheckError):
    """An enabled policy is not shaped as Graph documents it, so what it does is unknown; the message says where."""


def is_annotation(key: str) -> bool:
    """Whether a key of a JSON object describes another key instead of holding a value."""
    return "@" in key or key.startswith("#")


def is_said(value: object) -> bool:
    """Whether a value says anything."""
    if value is None or isinstance(value, (str, list, tuple)):
        return bool(value)
    if isinstance(value, Mapping):
        return any(is_said(inner) for key, inner in value.items() if not is_annotation(str(key)))
    return True


def members(value: object, where: str) -> dict[str, Any]:
    """Return the members of an object that say something. Null is an empty object. Raises ``ShapeError``."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ShapeError(f"{where}: found {_kind(value)}, expected an object or null. Read the policies again.")
    return {str(key): inner for key, inner in value.items() if not is_annotation(str(key)) and is_said(inner)}


def texts(value: object, where: str) -> frozenset[str]:
    """Return the strings of a list. Null is an empty list. Raises ``ShapeError``."""
    if value is None:
        return frozenset()
    if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
        raise ShapeError(f"{where}: found {_kind(value)}, expected a list of strings or null. Read the policies again.")
    return frozenset(filter(None, value))


def ids(value: object, where: str) -> frozenset[str]:
    """Return the ids of a list in lower case: Entra compares them without case. Raises ``ShapeError``."""
    return frozenset(item.lower() for item in texts(value, where))


def flags(value: object, where: str) -> frozenset[str]:
    """Return the members of a flags enumeration, ``"a,b"`` or a list; ``none`` is no member. Raises ``ShapeError``."""
    found = texts(value.split(",") if isinstance(value, str) else value, where)
    return frozenset(name.strip() for name in found) - {"none", ""}


def text(value: object, where: str) -> str:
    """Return a string; null is an empty one. Raises ``ShapeError``."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ShapeError(f"{where}: found {_kind(value)}, expected a string or null. Read the policies again.")
    return value


def _kind(value: object) -> str:
    if isinstance(value, (list, tuple)):
        odd = sorted({_kind(item) for item in value if not isinstance(item, str)})
        return f"a list with {' and '.join(odd)}" if odd else "a list"
    kinds = {dict: "an object", str: "a string", bool: "a boolean", int: "a number", float: "a number"}
    return kinds.get(type(value), "null" if value is None else type(value).__name__)


class Unknown:
    """What a policy says that we do not know: pairs of where it stands and what stands there."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []

    def each(self, where: str, values: Iterable[str]) -> None:
        """Note each of these values."""
        self.found += [(where, value) for value in sorted(values)]

    def keys(self, where: str, rest: Mapping[str, object]) -> None:
        """Note each key that is left of an object after all known ones were taken."""
        self.found += [(f"{where}.{key}", "a key that is not known") for key in sorted(rest)]
