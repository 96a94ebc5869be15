"""The query options of a Graph request: ``$select``, ``$filter``, ``$top`` and so on."""

from typing import Final
from urllib.parse import unquote_plus

import msgspec

from sandbox.paths import Match

_LISTS: Final = frozenset({"$select", "$filter", "$top", "$skiptoken", "$count", "$orderby", "$expand"})
_OBJECTS: Final = frozenset({"$select", "$expand"})
_MOST_WITH_ACTIVITY: Final = 120


class BadQueryError(Exception):
    """Graph answers this request with 400: its error code and message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Query(msgspec.Struct, frozen=True):
    """Decoded options. ``size`` is the page size to use; 0 means everything in one page."""

    select: tuple[str, ...] = ()
    filter: str = ""
    order: tuple[tuple[str, bool], ...] = ()
    expand: tuple[str, ...] = ()
    count: bool = False
    size: int = 0
    skiptoken: str = ""


def options(raw: str) -> dict[str, str]:
    """Return the ``$`` options by lower-case name; others are not Graph's and are left out."""
    found: dict[str, str] = {}
    for part in raw.split("&"):
        name, _, value = part.partition("=")
        name = unquote_plus(name)
        if not name.startswith("$"):
            continue
        if name.lower() in found:
            raise BadQueryError("BadRequest", f"Query option '{name}' was specified more than once.")
        found[name.lower()] = unquote_plus(value)
    return found


def parse(raw: str, matched: Match) -> Query:
    """Return the options if the path takes them. Raises ``BadQueryError``."""
    found = options(raw)
    route = matched.route
    taken = (_LISTS if route.many else _OBJECTS) - set(route.refuses)
    for name in found:
        if name not in taken:
            raise BadQueryError("BadRequest", f"The query parameter '{name}' is not supported on this resource.")
    select = _names(found.get("$select", ""))
    return Query(
        select=() if "*" in select else select,
        filter=found.get("$filter", "").strip(),
        order=_order(found.get("$orderby", "")),
        expand=_expand(found.get("$expand", ""), matched),
        count=_count(found.get("$count")),
        size=_size(found.get("$top"), matched, select),
        skiptoken=found.get("$skiptoken", ""),
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for part in text.split(",") if (name := part.strip()))


def _order(text: str) -> tuple[tuple[str, bool], ...]:
    found = []
    for part in _names(text):
        name, *way = part.split()
        if len(way) > 1 or (way and way[0].lower() not in {"asc", "desc"}):
            raise BadQueryError("BadRequest", f"Syntax error in the $orderby expression '{part}'.")
        found.append((name, bool(way) and way[0].lower() == "desc"))
    return tuple(found)


def _expand(text: str, matched: Match) -> tuple[str, ...]:
    names = _names(text)
    for name in names:
        if name not in matched.route.expands:
            raise BadQueryError(
                "BadRequest",
                f"Parsing OData Select and Expand failed: Could not find a property named '{name}' on type "
                f"'microsoft.graph.{matched.route.type}'.",
            )
    return names


def _count(text: str | None) -> bool:
    if text is not None and text.lower() not in {"true", "false"}:
        raise BadQueryError("BadRequest", f"Invalid value '{text}' for $count query option found.")
    return text is not None and text.lower() == "true"


def _size(text: str | None, matched: Match, select: tuple[str, ...]) -> int:
    route = matched.route
    if text is None:
        return route.default
    if not (text.isascii() and text.isdecimal()):
        message = (
            f"Invalid value '{text}' for $top query option found. "
            "The $top query option requires a non-negative integer value."
        )
        raise BadQueryError("BadRequest", message)
    size = int(text) if len(text) < 10 else 10**9
    if not 1 <= size <= route.most:
        message = f"Invalid page size specified: '{text}'. Must be between 1 and {route.most} inclusive."
        raise BadQueryError("Request_UnsupportedQuery", message)
    if size > _MOST_WITH_ACTIVITY and is_activity(matched, select):
        message = f"Cannot query data for more than {_MOST_WITH_ACTIVITY} users at a time."
        raise BadQueryError("BadRequest", message)
    return size


def is_activity(matched: Match, select: tuple[str, ...]) -> bool:
    """Say whether users are asked for ``signInActivity``, which has limits of its own."""
    return matched.route.type == "user" and "signInActivity" in select
