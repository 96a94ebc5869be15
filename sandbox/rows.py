"""From the items of a file to the items of an answer: narrowed, filtered, sorted, expanded, selected.

Values that are not looked at are never decoded, so that a number leaves as it was written.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Final

import msgspec

from sandbox.odata_filter import FilterError, Where, compile_filter, instant
from sandbox.paths import Match
from sandbox.query import BadQueryError, Query
from sandbox.store import Generated, Stored

Find = Callable[[str], msgspec.Raw | None]
_OBJECT: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


def build(stored: Stored, query: Query, matched: Match, find_principal: Find) -> Sequence[msgspec.Raw]:
    """Return the rows that answer the query. Raises ``BadQueryError`` for what Graph would refuse."""
    items: Sequence[msgspec.Raw] = stored.items or []
    _check_names(query, matched, stored)
    if isinstance(items, Generated) and not (matched.cast or query.order or query.expand):
        narrowed = items.matching(query.filter) if query.filter else items
        if narrowed is not None:
            return narrowed.selecting(selected(query, matched)) if query.select else narrowed
    if matched.cast:
        wanted = f"#microsoft.graph.{matched.cast}"
        items = [item for item in items if _facts(item, ("@odata.type",))["@odata.type"] == wanted]
    where = _where(query.filter)
    if matched.route.type == "signIn":
        items = _sign_ins(items, is_chosen=where is not None and "signInEventTypes" in where.properties)
    if where is not None:
        names = tuple(sorted(where.properties))
        items = [item for item in items if where.test(_facts(item, names))]
    for name, is_descending in reversed(query.order):
        items = _sorted(items, name, is_descending=is_descending)
    if "principal" in matched.route.expands:
        items = [_with_principal(item, find_principal if "principal" in query.expand else None) for item in items]
    if query.select:
        wanted_names = selected(query, matched)
        items = [_select(item, wanted_names) for item in items]
    return items


def select_one(item: msgspec.Raw, query: Query, matched: Match) -> msgspec.Raw:
    """Return one object with the properties asked for. Raises ``BadQueryError`` for an unknown one."""
    if not query.select:
        return item
    _refuse_unknown(
        query.select, matched, lambda: set(_OBJECT.decode(item)), "Parsing OData Select and Expand failed: "
    )
    return _select(item, selected(query, matched))


def selected(query: Query, matched: Match) -> frozenset[str]:
    """Return the names to keep. Users come without ``id``, unless their activity is asked for."""
    extra = {"id"} if matched.route.type == "user" and "signInActivity" in query.select else set()
    return frozenset({*query.select, *query.expand, *extra})


def _where(text: str) -> Where | None:
    if not text:
        return None
    try:
        return compile_filter(text)
    except FilterError as problem:
        raise BadQueryError("BadRequest", f"Invalid filter clause: {problem}") from None


def _check_names(query: Query, matched: Match, stored: Stored) -> None:
    def present() -> set[str]:
        return {name for item in stored.items or [] for name in _OBJECT.decode(item)}

    if query.select:
        _refuse_unknown(query.select, matched, present, "Parsing OData Select and Expand failed: ")
    used = {name.partition("/")[0] for name, _ in query.order}
    where = _where(query.filter)
    if where is not None:
        used |= where.properties
    _refuse_unknown(tuple(sorted(used)), matched, present, "Invalid filter clause: ")


def _refuse_unknown(names: Sequence[str], matched: Match, present: Callable[[], set[str]], lead: str) -> None:
    known = matched.known_properties
    doubtful = [name for name in names if name not in known]
    if not doubtful:
        return
    found = present()
    if not known and not found:  # nothing to judge by
        return
    for name in doubtful:
        if name not in found:
            kind = matched.cast or matched.route.type
            message = f"{lead}Could not find a property named '{name}' on type 'microsoft.graph.{kind}'."
            raise BadQueryError("BadRequest", message)


@lru_cache(maxsize=256)
def _reader(names: tuple[str, ...]) -> tuple[msgspec.json.Decoder[Any], tuple[str, ...]]:
    fields = tuple(f"f{place}" for place in range(len(names)))
    row = msgspec.defstruct(
        "Row", [(field, Any, None) for field in fields], rename=dict(zip(fields, names, strict=True))
    )
    return msgspec.json.Decoder(row), fields


def _facts(item: msgspec.Raw, names: tuple[str, ...]) -> dict[str, Any]:
    """Decode only the named properties; one that is missing is null."""
    reader, fields = _reader(names)
    row = reader.decode(item)
    return {name: getattr(row, field) for name, field in zip(names, fields, strict=True)}


def _sign_ins(items: Sequence[msgspec.Raw], *, is_chosen: bool) -> Sequence[msgspec.Raw]:
    """Newest first, and interactive ones only unless the filter chose among the event types."""
    names = ("createdDateTime", "signInEventTypes")
    rows = [(_facts(item, names), item) for item in items]
    if not is_chosen:
        rows = [row for row in rows if row[0]["signInEventTypes"] is None or _is_interactive(row[0])]
    rows.sort(key=lambda row: instant(row[0]["createdDateTime"]) or 0, reverse=True)
    return [item for _, item in rows]


def _is_interactive(facts: dict[str, Any]) -> bool:
    return "interactiveUser" in facts["signInEventTypes"]


def _sorted(items: Sequence[msgspec.Raw], name: str, *, is_descending: bool) -> Sequence[msgspec.Raw]:
    top, *below = name.split("/")

    def key(item: msgspec.Raw) -> tuple[int, Any]:
        value = _facts(item, (top,))[top]
        for step in below:
            value = value.get(step) if isinstance(value, dict) else None
        if isinstance(value, str):
            ticks = instant(value)
            return (2, value.casefold()) if ticks is None else (3, ticks)
        return (1, value) if isinstance(value, int | float) else (0, 0)  # null comes first

    return sorted(items, key=key, reverse=is_descending)


def _select(item: msgspec.Raw, names: frozenset[str]) -> msgspec.Raw:
    kept = {name: value for name, value in _OBJECT.decode(item).items() if name in names or name.startswith("@odata.")}
    return msgspec.Raw(msgspec.json.encode(kept))


def _with_principal(item: msgspec.Raw, find: Find | None) -> msgspec.Raw:
    """Leave the principal out, or put it in where the file does not say it already."""
    row = _OBJECT.decode(item)
    if find is None:
        if row.pop("principal", None) is None:
            return item
    elif "principal" in row:
        return item
    else:
        found = find(str(_facts(item, ("principalId",))["principalId"]))
        if found is None:
            return item
        row["principal"] = found
    return msgspec.Raw(msgspec.json.encode(row))
