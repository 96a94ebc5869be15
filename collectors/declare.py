"""The words a collector is declared in: columns, tables, datasets.

One declaration says where each column comes from, what it is and what it means. ``$select``, the shape of the
landing file, the table's DDL and the reference page are all derived from it, so nothing is listed twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal, get_args

import msgspec

Kind = Literal["partner", "customer"]
EVERY_KIND: frozenset[Kind] = frozenset({"partner", "customer"})
Program = Literal["direct-bill", "distributor", "indirect-reseller", "cpv", "advisor"]
EVERY_PROGRAM: frozenset[Program] = frozenset(get_args(Program))
Service = Literal["graph", "partner_center"]
# Names of the classes of collectors.limiter.limits.
LimitName = Literal["directory", "reports", "signInActivity", "conditionalAccess", "none"]

_NAME = re.compile(r"[a-z][a-z0-9_]*")
# Columns that every table carries besides its own.
RESERVED = frozenset({"tenant_id", "collected_at"})
# Those of a table that is tracked, and of the table of its past.
VALIDITY = frozenset({"valid_from", "valid_until"})


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
    One that is ``volatile`` changes without meaning anything: in a tracked table it is kept current and never makes a
    new version.
    """

    name: str
    type: ColumnType
    source: str
    doc: str
    required: bool = False
    volatile: bool = False

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
    """A table of the warehouse: its columns beside ``tenant_id`` and ``collected_at``, and its key in a tenant.

    Of one that ``is_tracked`` the warehouse keeps every version of a row, and from when to when it was so.
    """

    name: str
    doc: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    is_tracked: bool = False

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
        if self.is_tracked and (taken := VALIDITY & set(names)):
            msg = f"table {self.name}: {sorted(taken)} are the warehouse's own in a tracked table. Rename them."
            raise ValueError(msg)
        volatile = {column.name for column in self.columns if column.volatile}
        if volatile and (not self.is_tracked or volatile & set(self.key)):
            msg = f"table {self.name}: {sorted(volatile)} can be volatile only in a tracked table, and outside its key."
            raise ValueError(msg)


@dataclass(frozen=True)
class Each:
    """Ask once for each value that another dataset of the same tenant names.

    ``values`` gets one row of ``dataset`` as it was landed (the properties its columns take, in Graph's own nesting and
    under Graph's names) and yields the values of ``parameter`` it names. It is pure and must accept any row.

    ``through`` keeps to the rows that were themselves asked for because one of these datasets named them: the members
    of groups that hold a role, not of all groups. ``opt_in`` is followed only where the operator asked for that name.
    """

    dataset: str
    parameter: str
    values: Callable[[Mapping[str, Any]], Iterable[str]]
    through: tuple[str, ...] = ()
    opt_in: str | None = None


@dataclass(frozen=True, kw_only=True)
class Window:
    """A dataset of events: those of the last ``days`` before the scan.

    ``column`` is when an event was. With ``overlap_hours`` a scan asks only for events since the last complete reading
    and that much before it (they arrive late), and adds them to what is there by key.
    """

    column: str
    days: int
    overlap_hours: int | None = None

    def __post_init__(self) -> None:
        if self.days <= 0 or (self.overlap_hours is not None and self.overlap_hours < 0):
            msg = f"a window of {self.days} days with an overlap of {self.overlap_hours} hours holds nothing."
            raise ValueError(msg)

    def start(self, end: datetime, read_until: datetime | None) -> datetime:
        """Return from when to read for a scan at ``end``, given until when the last complete reading went."""
        first = end - timedelta(days=self.days)
        if read_until is None or self.overlap_hours is None:
            return first
        return min(max(first, read_until - timedelta(hours=self.overlap_hours)), end)


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """Something to read from Microsoft into one table, once a scan and tenant.

    ``path`` and the values of ``query`` may name ``{parameter}`` of ``each``, and ``{window_start}`` and
    ``{window_end}`` (RFC 3339, UTC) of ``window``. ``permissions`` are the least privileged application permissions.
    ``batched`` sends the requests of ``each`` twenty at a time in one ``$batch``.

    ``limit`` is the class of Microsoft's limits that the requests fall under, where their path does not tell.
    ``fallback`` fills the same table where this dataset cannot be read or, of ``sample`` rows, has another answer than
    the fallback gives for them.
    ``stands_in_for`` names the dataset instead of which this one is read, where the tenant lacks that one's licence.
    ``needs_user`` is what an application cannot read by itself. ``programs`` are those whose partners have it.
    """

    service: ClassVar[Service] = "graph"
    size_option: ClassVar[str] = "$top"

    table: Table
    path: str
    permissions: tuple[str, ...]
    version: Literal["v1.0", "beta", "v1"] = "v1.0"
    query: Mapping[str, str] = field(default_factory=dict)
    page_size: int | None = None
    selects: bool = True
    headers: Mapping[str, str] = field(default_factory=dict)
    kinds: frozenset[Kind] = EVERY_KIND
    each: tuple[Each, ...] = ()
    batched: bool = False
    window: Window | None = None
    is_premium: bool = False
    limit: LimitName = "directory"
    fallback: Dataset | None = None
    sample: int = 0
    stands_in_for: str | None = None
    needs_user: bool = False
    programs: frozenset[Program] = EVERY_PROGRAM
    source: str = ""

    def __post_init__(self) -> None:
        if not self.permissions:
            msg = f"dataset {self.table.name} declares no permission. Name the least privileged one it needs."
            raise ValueError(msg)
        if self.limit not in get_args(LimitName):
            msg = f"dataset {self.table.name}: no limit is called {self.limit!r}. There are: {get_args(LimitName)}."
            raise ValueError(msg)
        if len({each.parameter for each in self.each}) > 1:
            msg = f"dataset {self.table.name}: all of `each` must fill the same parameter."
            raise ValueError(msg)
        if self.window and self.window.column not in {c.name for c in self.table.columns if c.type is TIME}:
            msg = f"dataset {self.table.name}: its window's column {self.window.column!r} is no TIME column of it."
            raise ValueError(msg)
        if self.window and self.table.is_tracked:
            msg = f"dataset {self.table.name}: events of a window do not change. Track it, or give it a window."
            raise ValueError(msg)
        if self.fallback and _stored(self.fallback.table) != _stored(self.table):
            msg = f"dataset {self.table.name}: its fallback must fill the same columns of the same table, in order."
            raise ValueError(msg)
        if self.fallback and any(len(column.steps) > 1 for column in self.table.columns):
            msg = f"dataset {self.table.name}: a dataset with a fallback takes no property of a property."
            raise ValueError(msg)
        if self.sample and not (self.fallback and self.fallback.batched and len(self.table.key) == 1):
            msg = (
                f"dataset {self.table.name}: a sample needs a batched fallback, and a key of one column to ask it for."
            )
            raise ValueError(msg)

    @property
    def name(self) -> str:
        """The dataset's name, which is its table's."""
        return self.table.name

    @property
    def asks_for(self) -> frozenset[str]:
        """The datasets that must be read before this one."""
        needed = {each.dataset for each in self.each} | {name for each in self.each for name in each.through}
        if self.stands_in_for:
            needed.add(self.stands_in_for)
        return frozenset(needed) | (self.fallback.asks_for if self.fallback else frozenset())

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
            options[self.size_option] = str(self.page_size)
        return options


@dataclass(frozen=True, kw_only=True)
class GraphList(Dataset):
    """A collection: every item of every page is a row."""


@dataclass(frozen=True, kw_only=True)
class GraphObject(Dataset):
    """A single object: one row a tenant. It is missing (404) only if something is wrong."""


@dataclass(frozen=True, kw_only=True)
class PartnerCenterList(Dataset):
    """A list of Partner Center's own API, which only partners have: every item of every page is a row."""

    service: ClassVar[Service] = "partner_center"
    size_option: ClassVar[str] = "size"

    version: Literal["v1.0", "beta", "v1"] = "v1"
    permissions: tuple[str, ...] = ("user_impersonation",)
    selects: bool = False
    kinds: frozenset[Kind] = frozenset({"partner"})
    limit: LimitName = "none"


def _stored(table: Table) -> tuple[Any, ...]:
    return table.name, table.key, tuple((c.name, c.type, len(c.steps)) for c in table.columns)


@dataclass(frozen=True, kw_only=True)
class Collector:
    """A named group of datasets that make sense together; what the ``collectors`` parameter of a scan chooses from.

    One that ``is_opt_in`` is read only where the configuration or the run names it: it costs more than it tells most.
    """

    name: str
    doc: str
    datasets: tuple[Dataset, ...]
    is_opt_in: bool = False

    def __post_init__(self) -> None:
        if not self.datasets:
            msg = f"collector {self.name} has no dataset. Give it one or leave it out."
            raise ValueError(msg)
