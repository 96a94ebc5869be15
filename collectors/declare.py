"""The words a collector is declared in: columns, tables, datasets.

One declaration says where each column comes from, what it is and what it means. ``$select``, the shape of the
landing file, the table's DDL and the reference page are all derived from it, so nothing is listed twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import msgspec

Kind = Literal["partner", "customer"]
EVERY_KIND: frozenset[Kind] = frozenset({"partner", "customer"})

_NAME = re.compile(r"[a-z][a-z0-9_]*")
# Columns that every table carries besides its own.
RESERVED = frozenset({"tenant_id", "collected_at"})


@dataclass(frozen=True)
class ColumnType:
    """A type in its two spellings: what JSON must hold, and what DuckDB stores."""

    json: Any
    duckdb: str


TEXT = ColumnType(str, "VARCHAR")
FLAG = ColumnType(bool, "BOOLEAN")
WHOLE = ColumnType(int, "BIGINT")
NUMBER = ColumnType(float, "DOUBLE")
TIME = ColumnType(datetime, "TIMESTAMP")  # always UTC
TEXTS = ColumnType(list[str], "VARCHAR[]")
JSON = ColumnType(msgspec.Raw, "JSON")


@dataclass(frozen=True)
class Column:
    """A column of a table.

    ``source`` is an OData path into the item (``status/errorCode``), or ``{name}`` for the value the request was
    made for (see :class:`Each`). A ``required`` column is never null; an item without it makes its page unreadable.
    """

    name: str
    type: ColumnType
    source: str
    doc: str
    required: bool = False

    @property
    def steps(self) -> tuple[str, ...]:
        """The property names from the item down to the value."""
        return tuple(self.source.split("/"))

    @property
    def is_parameter(self) -> bool:
        """Whether the value comes from the request and not from the answer."""
        return self.source.startswith("{")


@dataclass(frozen=True)
class Table:
    """A table of the warehouse: its columns beside ``tenant_id`` and ``collected_at``, and its key in a tenant."""

    name: str
    doc: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        for name in (self.name, *names):
            if not _NAME.fullmatch(name):
                msg = f"{name!r} cannot name a table or column. Use lower-case letters, digits and underscores."
                raise ValueError(msg)
        if twice := {name for name in names if names.count(name) > 1} | (RESERVED & set(names)):
            msg = f"table {self.name}: {sorted(twice)} stands twice (tenant_id and collected_at are every table's)."
            raise ValueError(msg)
        for name in self.key:
            column = next((c for c in self.columns if c.name == name), None)
            if column is None or not (column.required or column.is_parameter):
                msg = f"table {self.name}: key column {name!r} must be one of its columns and required."
                raise ValueError(msg)


@dataclass(frozen=True)
class Each:
    """Ask once for each value that another dataset of the same tenant names.

    ``values`` gets one item of ``dataset`` as Graph sent it and yields the values of ``parameter`` it names.
    It is pure and must accept any item.
    """

    dataset: str
    parameter: str
    values: Callable[[Mapping[str, Any]], Iterable[str]]


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """Something to read from Microsoft Graph into one table, once a scan and tenant.

    ``path`` and the values of ``query`` may name ``{parameter}`` of ``each``, and ``{window_start}`` and
    ``{window_end}`` (RFC 3339, UTC) of the scan. ``permissions`` are the least privileged application permissions.
    ``batched`` sends the requests of ``each`` twenty at a time in one ``$batch``.
    """

    table: Table
    path: str
    permissions: tuple[str, ...]
    version: Literal["v1.0", "beta"] = "v1.0"
    query: Mapping[str, str] = field(default_factory=dict)
    page_size: int | None = None
    selects: bool = True
    headers: Mapping[str, str] = field(default_factory=dict)
    kinds: frozenset[Kind] = EVERY_KIND
    each: tuple[Each, ...] = ()
    batched: bool = False
    window_days: int | None = None
    is_premium: bool = False
    source: str = ""

    def __post_init__(self) -> None:
        if not self.permissions:
            msg = f"dataset {self.table.name} declares no permission. Name the least privileged one it needs."
            raise ValueError(msg)
        if len({each.parameter for each in self.each}) > 1:
            msg = f"dataset {self.table.name}: all of `each` must fill the same parameter."
            raise ValueError(msg)

    @property
    def name(self) -> str:
        """The dataset's name, which is its table's."""
        return self.table.name

    @property
    def parameter(self) -> str | None:
        """The name of the value the dataset is asked once for, or ``None`` if it is asked once."""
        return self.each[0].parameter if self.each else None

    def options(self, values: Mapping[str, str]) -> dict[str, str]:
        """Return the OData query options of the first request, filled with ``values``."""
        options = {name: text.format_map(values) for name, text in self.query.items()}
        if self.selects:
            wanted = (c.steps[0] for c in self.table.columns if not c.is_parameter)
            options["$select"] = ",".join(dict.fromkeys(name for name in wanted if not name.startswith("@")))
        if self.page_size:
            options["$top"] = str(self.page_size)
        return options


@dataclass(frozen=True, kw_only=True)
class GraphList(Dataset):
    """A collection: every item of every page is a row."""


@dataclass(frozen=True, kw_only=True)
class GraphObject(Dataset):
    """A single object: one row a tenant. It is missing (404) only if something is wrong."""


@dataclass(frozen=True, kw_only=True)
class Collector:
    """A named group of datasets that make sense together; what the ``collectors`` parameter of a scan chooses from."""

    name: str
    doc: str
    datasets: tuple[Dataset, ...]

    def __post_init__(self) -> None:
        if not self.datasets:
            msg = f"collector {self.name} has no dataset. Give it one or leave it out."
            raise ValueError(msg)
