"""The long lists of a fleet: users, what they registered, their sign-ins. A row is made when it is read."""

from __future__ import annotations

import re
from abc import abstractmethod
from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Self, overload

import msgspec

from sandbox.fleet.mark import Slots
from sandbox.odata_filter import instant
from sandbox.store import Generated

WINDOW: Final = timedelta(days=29)  # inside the thirty days that a scan asks for, even if it begins a day late
_BOUND: Final = re.compile(r"createdDateTime (ge|gt|le|lt) (\S+)")
_MEMBERS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


class Moulds:
    """The rows of one mould tenant, with what is left of them when some properties are selected."""

    def __init__(self, rows: Sequence[bytes]) -> None:
        self.rows = rows
        self._selected: dict[frozenset[str], Moulds] = {}

    def selecting(self, names: frozenset[str]) -> Moulds:
        """Return the rows with these properties and annotations. Chosen once, however many rows are made of them."""
        found = self._selected.get(names)
        if found is None:
            found = self._selected[names] = Moulds([_selected(row, names) for row in self.rows])
        return found


def _selected(row: bytes, names: frozenset[str]) -> bytes:
    kept = {name: value for name, value in _MEMBERS.decode(row).items() if name in names or name.startswith("@odata.")}
    return msgspec.json.encode(kept)


class _Rows(Generated):
    """Rows ``span`` of a list that is made of ``moulds``."""

    def __init__(self, moulds: Moulds, slots: Slots, span: range) -> None:
        self._moulds = moulds
        self._slots = slots
        self._span = span

    def __len__(self) -> int:
        return len(self._span)

    @overload
    def __getitem__(self, place: int) -> msgspec.Raw: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[msgspec.Raw]: ...
    def __getitem__(self, place: int | slice) -> msgspec.Raw | Sequence[msgspec.Raw]:
        rows = self._moulds.rows
        if isinstance(place, int):
            mould, slots = self._fill(self._span[place])
            return msgspec.Raw(rows[mould] % slots)
        return [msgspec.Raw(rows[mould] % slots) for mould, slots in map(self._fill, self._span[place])]

    def matching(self, filter_: str) -> Self | None:
        """See :class:`Generated`: what a list is filtered by is not known beforehand."""
        del filter_
        return None

    def selecting(self, names: frozenset[str]) -> Self:
        """See :class:`Generated`."""
        return self._with(moulds=self._moulds.selecting(names))

    def _with(self, **changed: Any) -> Self:
        other = object.__new__(type(self))
        other.__dict__ |= self.__dict__ | {f"_{name}": value for name, value in changed.items()}
        return other

    @abstractmethod
    def _fill(self, index: int) -> tuple[int, Slots]:
        """Return the place of a row's mould, and what fills it."""


class AccountRows(_Rows):
    """One row for an account, copy after copy."""

    def _fill(self, index: int) -> tuple[int, Slots]:
        copy, mould = divmod(index, len(self._moulds.rows))
        return mould, self._slots | copy_slots(copy)


class SignInRows(_Rows):
    """A log, newest first, spread evenly over the days before ``as_of``; its users are those of ``copies`` in turn."""

    def __init__(self, moulds: Moulds, slots: Slots, count: int, copies: int, as_of: datetime) -> None:
        super().__init__(moulds, slots, range(count))
        self._copies = copies
        self._as_of = as_of.replace(tzinfo=None)
        self._step = WINDOW / max(count, 1)

    def matching(self, filter_: str) -> Self | None:
        """See :class:`Generated`: a log is asked for by time."""
        first, end = 0, len(self._span)
        for part in filter_.split(" and "):
            bound = _BOUND.fullmatch(part.strip())
            ticks = instant(bound[2]) if bound else None
            if bound is None or ticks is None:
                return None
            # Ages ascend: the place of the first row that is older than the bound, or at least as old.
            at_least = bisect_left(self._span, -ticks, key=self._age)
            older = bisect_left(self._span, 1 - ticks, key=self._age)
            match bound[1]:
                case "ge":
                    end = min(end, older)
                case "gt":
                    end = min(end, at_least)
                case "lt":
                    first = max(first, older)
                case "le":
                    first = max(first, at_least)
        return self._with(span=self._span[first : max(first, end)])

    def _age(self, index: int) -> int:
        return -(instant(self._when(index)) or 0)

    def _when(self, index: int) -> str:
        return (self._as_of - (index + 1) * self._step).isoformat(timespec="seconds") + "Z"

    def _fill(self, index: int) -> tuple[int, Slots]:
        round_, mould = divmod(index, len(self._moulds.rows))
        own = {b"round": b"%08x" % round_, b"when": self._when(index).encode()}
        return mould, self._slots | copy_slots(round_ % self._copies) | own


def copy_slots(copy: int) -> Slots:
    """Return what tells a copy of a mould from the first one."""
    return {b"copy": b"%08x" % copy, b"again": b".%d" % copy if copy else b""}
