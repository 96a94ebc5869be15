"""What the sandbox serves: a store of tenants, and the data folder, whose files are read again when they change.

A file is known by its stamp (modification time, size, inode). Whatever was made from files is kept together with
their stamps and thrown away once one of them differs: editing, adding or removing a file takes effect with the
next request, and an unchanged file costs one ``stat``.
"""

import os
import time
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any, Final, Generic, Self, TypeVar

import msgspec

from sandbox.paths import TENANT_ID

Stamp = tuple[int, int, int]
Sources = tuple[tuple[str, Stamp | None], ...]
V = TypeVar("V")

# The kernel's file times move in steps of some milliseconds: a file changed twice within one step keeps its stamp.
# So what was made from a file younger than this is not kept.
_SETTLED_NS: Final = 50_000_000


class DataError(Exception):
    """A file of the data folder cannot be served as it is; the message names it."""


def stamp(path: str) -> Stamp | None:
    """Return what tells this version of the file from another, or ``None`` where there is no file."""
    try:
        found = os.stat(path)  # noqa: PTH116  # called for every file of every request
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def is_settled(seen: Stamp | None) -> bool:
    """Say whether a file with this stamp is old enough that any change would give it another."""
    return seen is None or time.time_ns() - seen[0] >= _SETTLED_NS


class Cache(Generic[V]):
    """Values with the files they were made from; the longest unused go first when ``limit`` bytes are passed."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._bytes = 0
        self._kept: OrderedDict[Hashable, tuple[V, Sources, int]] = OrderedDict()

    def get(self, key: Hashable) -> tuple[V, Sources] | None:
        """Return the value and its sources if no source has changed."""
        entry = self._kept.get(key)
        if entry is None:
            return None
        value, sources, _ = entry
        for path, seen in sources:
            if stamp(path) != seen:
                self._drop(key)
                return None
        self._kept.move_to_end(key)
        return value, sources

    def put(self, key: Hashable, value: V, sources: Sources, size: int) -> None:
        """Keep ``value`` as long as its sources stay as they are. ``size`` is in bytes."""
        if size > self._limit or not all(is_settled(seen) for _, seen in sources):
            return
        self._drop(key)
        self._kept[key] = (value, sources, size)
        self._bytes += size
        while self._bytes > self._limit:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: Hashable) -> None:
        entry = self._kept.pop(key, None)
        if entry is not None:
            self._bytes -= entry[2]


def first_sign(value: msgspec.Raw) -> bytes:
    """Return the first byte of a JSON value, which tells lists and objects from the rest."""
    return bytes(memoryview(value)[:1])


class Generated(Sequence[msgspec.Raw], ABC):
    """Items that are made when they are read, in the order the service answers them: a list too long to keep."""

    @abstractmethod
    def matching(self, filter_: str) -> Self | None:
        """Return the items that an OData filter lets through; ``None`` if that takes making and testing each."""

    @abstractmethod
    def selecting(self, names: frozenset[str]) -> Self:
        """Return the items with these properties only, and with annotations."""


class Stored:
    """One JSON file: its top-level members, and its items when ``value`` is a list."""

    __slots__ = ("_places", "items", "members", "size")
    items: Sequence[msgspec.Raw] | None

    def __init__(self, text: bytes, name: str) -> None:
        try:
            self.members = msgspec.json.decode(msgspec.json.format(text, indent=-1), type=dict[str, msgspec.Raw])
            value = self.members.get("value")
            many = value is not None and first_sign(value) == b"["
            self.items = msgspec.json.decode(value or b"", type=list[msgspec.Raw]) if many else None
        except msgspec.DecodeError as problem:
            raise DataError(f"{name}: not a JSON object as the service would answer it ({problem}).") from None
        self.size = len(text)
        self._places: dict[str, int] | None = None

    def find(self, key: str) -> msgspec.Raw | None:
        """Return the item with this ``id`` or ``userPrincipalName``, in any case, or ``None``."""
        items = self.items or []
        if self._places is None:
            places: dict[str, int] = {}
            for place, item in enumerate(items):
                names = msgspec.json.decode(item, type=_Names)
                for name in (names.userPrincipalName, names.id):
                    if isinstance(name, str):
                        places[name.lower()] = place
            self._places = places
        found = self._places.get(key.lower())
        return None if found is None else items[found]


class _Names(msgspec.Struct):
    id: Any = None
    userPrincipalName: Any = None  # noqa: N815  # Microsoft's spelling


class Store(ABC):
    """Answers by their path, ``<tenant id>/v1.0/users.json``. Paths must come from ``sandbox.paths``."""

    @abstractmethod
    def full(self, path: str) -> str:
        """Return where a path lies on disk; a place where nothing ever is, if it lies on none."""

    @abstractmethod
    def has_tenant(self, tenant: str) -> bool:
        """Say whether there is such a tenant, now."""

    @abstractmethod
    def load(self, path: str) -> tuple[Stored | None, Sources]:
        """Return an answer (``None``: there is none) and what it was made from. Raises ``DataError``."""

    @abstractmethod
    def read(self, path: str) -> tuple[bytes | None, Stamp | None]:
        """Return a file's bytes and a stamp that is not newer than they are. Raises ``DataError``."""

    @abstractmethod
    def error(self, path: str) -> Any:
        """Return the content of ``<path>.error.json``, or ``None``. Raises ``DataError``."""

    @abstractmethod
    def __str__(self) -> str:
        """Say what is served: ``3 tenants of DIR``."""

    def count_users(self, tenant: str) -> int:
        """Return how many users the tenant has. Raises ``DataError``."""
        for version in ("v1.0", "beta"):
            stored, _ = self.load(f"{tenant}/{version}/users.json")
            if stored is not None and stored.items is not None:
                return len(stored.items)
        return 0


class Folder(Store):
    """The data folder. Paths are relative to it; ``sandbox.paths`` lets none escape.

    Raises ``NotADirectoryError`` if there is no such folder.
    """

    def __init__(self, data: Path) -> None:
        if not data.is_dir():
            raise NotADirectoryError(f"{data}: no such folder. Expected apps.json and one folder per tenant id in it.")
        self._data = data
        self._root = str(data.resolve())
        self._files: Cache[Stored] = Cache(256 << 20)

    def __str__(self) -> str:
        count = sum(1 for entry in self._data.iterdir() if TENANT_ID.fullmatch(entry.name) and entry.is_dir())
        return f"{count} tenants of {self._data}"

    def full(self, path: str) -> str:
        """Return where a path lies on disk."""
        return f"{self._root}/{path}"

    def has_tenant(self, tenant: str) -> bool:
        """Say whether the tenant has a folder, now."""
        return os.path.isdir(f"{self._root}/{tenant}")  # noqa: PTH112  # called for every request

    def load(self, path: str) -> tuple[Stored | None, Sources]:
        """Return the file (``None``: there is none) and its stamp as a source. Raises ``DataError``."""
        full = self.full(path)
        kept = self._files.get(full)
        if kept:
            return kept
        text, seen = self.read(path)
        sources = ((full, seen),)
        if text is None:
            return None, sources
        stored = Stored(text, path)
        self._files.put(full, stored, sources, len(text))
        return stored, sources

    def read(self, path: str) -> tuple[bytes | None, Stamp | None]:
        """Return the file's bytes and a stamp that is not newer than they are."""
        full = self.full(path)
        seen = stamp(full)
        if seen is None:
            return None, None
        try:
            return Path(full).read_bytes(), seen
        except FileNotFoundError:
            return None, None
        except OSError as problem:
            raise DataError(f"{path}: cannot be read ({problem.strerror}).") from None

    def error(self, path: str) -> Any:
        """Return the content of ``<path>.error.json``, or ``None``. Raises ``DataError``."""
        name = f"{path}.error.json"
        if stamp(self.full(name)) is None:
            return None
        text, _ = self.read(name)
        if text is None:
            return None
        try:
            return msgspec.json.decode(text)
        except msgspec.DecodeError as problem:
            raise DataError(f"{name}: not JSON ({problem}).") from None
