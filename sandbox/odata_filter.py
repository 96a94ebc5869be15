"""The part of OData's ``$filter`` that this project sends, and no more.

Comparisons (``eq ne gt ge lt le``) of a property with a literal, ``startsWith``, ``any``, ``and``, ``or``, ``not``
and parentheses. Anything else is refused, as Graph refuses what a property does not support.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

Test = Callable[[Any], bool]
_Get = Callable[[Any], Any]
_DEEPEST: Final = 40  # a recursive parser must not be led past Python's own limit


class FilterError(Exception):
    """The expression is not one that is understood here; the message quotes it."""


class Where(NamedTuple):
    """A compiled filter: the test of one object, and the top-level properties it looks at."""

    test: Test
    properties: frozenset[str]


class Instant(NamedTuple):
    """A point in time, in steps of 100 nanoseconds (Graph's precision) since 1970."""

    ticks: int


_TIME: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,12}))?)?(Z|[+-]\d\d:\d\d)?)?", re.IGNORECASE
)


def instant(text: Any) -> int | None:
    """Return the ticks of an ISO date-time (UTC where no offset is given), or ``None`` if it is none."""
    found = _TIME.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    try:
        seconds = int(datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp())
    except ValueError:
        return None
    offset = (found[8] or "Z").upper()
    if offset != "Z":
        away = int(offset[1:3]) * 3600 + int(offset[4:6]) * 60
        seconds += away if offset[0] == "-" else -away
    return seconds * 10_000_000 + int((found[7] or "").ljust(7, "0")[:7])


_TOKEN: Final = re.compile(
    r"""\s*(?:
    (?P<string>'(?:[^']|'')*')
  | (?P<guid>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![\w-])
  | (?P<time>\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d)?)?)(?![\w-])
  | (?P<number>-?\d+(?:\.\d+)?)(?![\w.-])
  | (?P<name>[A-Za-z_][\w.]*(?:/[A-Za-z_][\w.]*)*)
  | (?P<sign>[(),:])
  )""",
    re.VERBOSE | re.IGNORECASE,
)
_WORDS: Final = {"true": True, "false": False, "null": None}


def _tokens(text: str) -> list[tuple[str, str]]:
    found, place = [], 0
    end = len(text.rstrip())
    while place < end:
        token = _TOKEN.match(text, place)
        if token is None:
            raise FilterError(f"Syntax error at position {place} in '{text}'.")
        found.append((str(token.lastgroup), token[str(token.lastgroup)]))
        place = token.end()
    return [*found, ("end", "")]


@lru_cache(maxsize=1024)
def compile_filter(text: str) -> Where:
    """Return the filter ready to run. Raises ``FilterError``."""
    parser = _Parser(text)
    test = parser.either(None, 0)
    if parser.kind != "end":
        raise parser.unexpected()
    return Where(test, frozenset(parser.properties))


class _Parser:
    """Recursive descent; ``variable`` is the name bound by an enclosing ``any``."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.properties: set[str] = set()
        self._tokens = _tokens(text)
        self._place = 0

    @property
    def kind(self) -> str:
        return self._tokens[self._place][0]

    @property
    def word(self) -> str:
        return self._tokens[self._place][1]

    def unexpected(self) -> FilterError:
        found = f"'{self.word}'" if self.word else "the end"
        return FilterError(f"Syntax error: unexpected {found} in '{self.text}'.")

    def either(self, variable: str | None, depth: int) -> Test:
        left = self.both(variable, depth)
        while self._took("name", "or"):
            left = _or(left, self.both(variable, depth))
        return left

    def both(self, variable: str | None, depth: int) -> Test:
        left = self.single(variable, depth)
        while self._took("name", "and"):
            left = _and(left, self.single(variable, depth))
        return left

    def single(self, variable: str | None, depth: int) -> Test:
        if depth > _DEEPEST:
            raise FilterError(f"The node count limit is exceeded in '{self.text}'.")
        if self._took("name", "not"):
            return _not(self.single(variable, depth + 1))
        if self._took("sign", "("):
            inner = self.either(variable, depth + 1)
            self._need("sign", ")")
            return inner
        name = self._need("name")
        if name.lower() == "startswith" and self._took("sign", "("):
            return self._starts_with(variable)
        if name.lower().endswith("/any") and self._took("sign", "("):
            return self._any(name[:-4], variable, depth)
        return self._comparison(name, variable)

    def _starts_with(self, variable: str | None) -> Test:
        get = self._path(self._need("name"), variable)
        self._need("sign", ",")
        prefix = self._need("string")[1:-1].replace("''", "'").casefold()
        self._need("sign", ")")
        return lambda item: isinstance(found := get(item), str) and found.casefold().startswith(prefix)

    def _any(self, path: str, variable: str | None, depth: int) -> Test:
        get = self._path(path, variable)
        if self._took("sign", ")"):
            return lambda item: bool(get(item))
        name = self._need("name")
        self._need("sign", ":")
        test = self.either(name, depth + 1)
        self._need("sign", ")")

        def has_one(item: Any) -> bool:
            found = get(item)
            return isinstance(found, list) and any(test(one) for one in found)

        return has_one

    def _comparison(self, name: str, variable: str | None) -> Test:
        get = self._path(name, variable)
        operator = self._need("name").lower()
        if operator not in _COMPARE:
            raise FilterError(f"The operator '{operator}' is not supported in '{self.text}'.")
        literal = self._literal()
        if isinstance(literal, str) and name.endswith("DateTime"):
            raise FilterError(
                "A binary operator with incompatible types was detected. Found operand types 'Edm.DateTimeOffset' "
                f"and 'Edm.String' for operator kind '{operator}': a date-time is written without quotes."
            )
        return _compare(get, operator, literal)

    def _literal(self) -> Any:
        kind, word = self._tokens[self._place]
        self._place += 1
        if kind == "string":
            return word[1:-1].replace("''", "'")
        if kind == "guid":
            return word
        if kind == "number":
            return float(word) if "." in word else int(word)
        if kind == "name" and word.lower() in _WORDS:
            return _WORDS[word.lower()]
        ticks = instant(word) if kind == "time" else None
        if ticks is not None:
            return Instant(ticks)
        self._place -= 1
        raise self.unexpected()

    def _path(self, name: str, variable: str | None) -> _Get:
        steps = name.split("/")
        if variable is None:
            self.properties.add(steps[0])
        elif steps.pop(0) != variable:
            raise FilterError(f"'{name}' is not bound in '{self.text}': expected '{variable}' or a path below it.")

        def get(item: Any) -> Any:
            for step in steps:
                item = item.get(step) if isinstance(item, Mapping) else None
            return item

        return get

    def _took(self, kind: str, word: str) -> bool:
        if self.kind == kind and self.word.lower() == word:
            self._place += 1
            return True
        return False

    def _need(self, kind: str, word: str = "") -> str:
        found = self.word
        if self.kind != kind or (word and found.lower() != word):
            raise self.unexpected()
        self._place += 1
        return found


def _or(left: Test, right: Test) -> Test:
    return lambda item: left(item) or right(item)


def _and(left: Test, right: Test) -> Test:
    return lambda item: left(item) and right(item)


def _not(inner: Test) -> Test:
    return lambda item: not inner(item)


_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "eq": lambda found, wanted: bool(found == wanted),
    "ne": lambda found, wanted: bool(found != wanted),
    "gt": lambda found, wanted: found is not None and found > wanted,
    "ge": lambda found, wanted: found is not None and found >= wanted,
    "lt": lambda found, wanted: found is not None and found < wanted,
    "le": lambda found, wanted: found is not None and found <= wanted,
}


def _compare(get: _Get, operator: str, literal: Any) -> Test:
    """Compare values of the literal's type; a value of any other type (or null) equals none and orders nowhere."""
    compare = _COMPARE[operator]
    if literal is None:
        if operator not in {"eq", "ne"}:
            return lambda _: False
        return lambda item: compare(get(item), None)
    alike, wanted = _alike(literal)
    return lambda item: compare(alike(get(item)), wanted)


def _alike(literal: Any) -> tuple[Callable[[Any], Any], Any]:
    if isinstance(literal, Instant):
        return instant, literal.ticks
    if isinstance(literal, bool):
        return (lambda value: value if isinstance(value, bool) else None), literal
    if isinstance(literal, str):  # the directory compares without regard to case
        return (lambda value: value.casefold() if isinstance(value, str) else None), literal.casefold()
    return (lambda value: value if isinstance(value, int | float) and not isinstance(value, bool) else None), literal
