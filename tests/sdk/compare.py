"""What a client of Microsoft's made of an answer, held against the answer.

The client knows a property if its class has a deserializer for it. Such a property must have arrived, with the value
that was sent. What the client does not know is in ``additional_data``, and only told. An enum's member that the client
does not know becomes ``None``: told, too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from enum import Enum
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID


class Known(NamedTuple):
    """A property as the client's class has it."""

    attribute: str
    is_enum: bool


class Told:
    """What was met besides: values compared, properties and members the client does not know."""

    def __init__(self) -> None:
        self.compared: Counter[str] = Counter()
        self.unknown_properties: Counter[str] = Counter()
        self.unknown_members: Counter[str] = Counter()


_KNOWN: dict[type, dict[str, Known]] = {}


def known(parsed: Any) -> dict[str, Known]:
    """Return the properties that an object's class knows, by their names in JSON."""
    kind = type(parsed)
    if kind not in _KNOWN:
        _KNOWN[kind] = {name: _known(setter) for name, setter in parsed.get_field_deserializers().items()}
    return _KNOWN[kind]


def _known(setter: Any) -> Known:
    # Generated code: ``lambda n: setattr(self, 'created_date_time', n.get_datetime_value())``.
    code = setter.__code__
    attribute = next(one for one in code.co_consts if isinstance(one, str))
    return Known(attribute, any("enum" in name for name in code.co_names))


def differences(sent: Any, parsed: Any, place: str, told: Told, *, is_enum: bool = False) -> Iterator[str]:
    """Yield where ``parsed`` is not what was sent."""
    if isinstance(sent, dict):
        yield from _object(sent, parsed, place, told)
    elif isinstance(sent, list):
        if is_enum:
            kept = [one.value for one in parsed or [] if one is not None]
            told.unknown_members.update(f"{place}: {one}" for one in sent if one not in kept)
            sent, parsed = [one for one in sent if one in kept], kept
        if len(sent) != len(parsed or []):
            yield f"{place}: {len(sent)} sent, {len(parsed or [])} parsed"
            return
        for one, two in zip(sent, parsed or [], strict=True):
            yield from differences(one, two, f"{place}[]", told)
    else:
        told.compared[type(parsed).__name__] += 1
        if is_enum and parsed is None and sent is not None:
            told.unknown_members[f"{place}: {sent}"] += 1
        elif not _is_same(sent, parsed):
            yield f"{place}: {sent!r} sent, {parsed!r} parsed"


def _object(sent: dict[str, Any], parsed: Any, place: str, told: Told) -> Iterator[str]:
    if parsed is None or not hasattr(parsed, "get_field_deserializers"):
        yield f"{place}: an object sent, {parsed!r} parsed"
        return
    fields = known(parsed)
    for name, value in sent.items():
        if "@odata." in name and name != "@odata.type":
            continue
        if name not in fields:
            told.unknown_properties[f"{type(parsed).__name__}.{name}"] += 1
            if name not in parsed.additional_data:
                yield f"{place}.{name}: sent, not parsed"
            continue
        found = fields[name]
        yield from differences(value, getattr(parsed, found.attribute), f"{place}.{name}", told, is_enum=found.is_enum)
    for name in parsed.additional_data:
        if name in fields:
            yield f"{place}.{name}: the client knows it, and yet it is in additional_data"


def _is_same(sent: Any, parsed: Any) -> bool:
    if isinstance(parsed, Enum):
        return bool(parsed.value == sent)
    if isinstance(parsed, list):  # flags
        return bool(",".join(one.value for one in parsed) == sent)
    if isinstance(parsed, datetime):
        return isinstance(sent, str) and _moment(sent) == parsed
    if isinstance(parsed, timedelta):
        return isinstance(sent, str) and _span(sent) == parsed
    if isinstance(parsed, UUID | date):
        return bool(str(parsed) == sent)
    if isinstance(parsed, bytes):
        return bool(parsed.decode() == sent)
    return (type(sent) is type(parsed) and bool(sent == parsed)) or (isinstance(parsed, float) and sent == parsed)


@lru_cache
def _moment(text: str) -> datetime:
    # Seven digits of a second are one more than Python keeps.
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text))


def _span(text: str) -> timedelta | None:
    found = re.fullmatch(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", text)
    if found is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
