"""How long things are kept: events of a window, and what is over of tracked datasets and of results.

What a scan drops hangs on its own time and the configuration alone, so that loading it again drops the same.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog

from collectors.catalogue import Catalogue
from collectors.config import Config
from collectors.declare import Dataset
from collectors.errors import ConfigError
from warehouse.datasets import past_of
from warehouse.engine import Connection, identifier
from warehouse.validity import HISTORIES

log = structlog.get_logger(__name__)

HISTORY = "history"
HISTORY_DAYS = 730
# What a scan changed, and by what it was judged.
CHANGES = ("verdict_changes", "changes", "judgements")


@dataclass(frozen=True)
class Retention:
    """Days. ``events`` has those of datasets that are kept longer than the window they are read in."""

    history: int = HISTORY_DAYS
    events: Mapping[str, int] = field(default_factory=dict)

    def days(self, dataset: Dataset) -> int:
        """Return how long events of a dataset with a window are kept. Raises ``ValueError`` for one without."""
        if dataset.window is None:
            raise ValueError(dataset.name)
        return max(self.events.get(dataset.name, 0), dataset.window.days)


def retention(config: Config, catalogue: Catalogue) -> Retention:
    """Read ``[retention]``. Raises :class:`ConfigError` for what has no window, and for less than the window."""
    windows = {dataset.name: dataset.window.days for dataset in catalogue.datasets if dataset.window}
    events = {name: days for name, days in config.retention.items() if name != HISTORY}
    for name, days in events.items():
        if name not in windows:
            near = difflib.get_close_matches(name, [HISTORY, *windows], 1)
            known = f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join([HISTORY, *windows])}."
            msg = f"[retention]: nothing that is kept for days is called {name!r}. {known}"
            raise ConfigError(msg)
        if days < windows[name]:
            msg = (
                f"[retention]: {name} = {days} is shorter than the {windows[name]} days that each scan reads. "
                f"Give {windows[name]} or more, or drop the line."
            )
            raise ConfigError(msg)
    return Retention(config.retention.get(HISTORY, HISTORY_DAYS), events)


def drop_expired(con: Connection, catalogue: Catalogue, kept: Retention, scanned_at: datetime) -> None:
    """Drop what is over for longer than it is kept as of a scan, of every tenant, whether or not the scan read it."""
    now = scanned_at.astimezone(UTC).replace(tzinfo=None)
    oldest = now - timedelta(days=kept.history)
    for history in HISTORIES:
        _drop(con, history.table, "valid_until", oldest)
        # Of scans before, the state can no longer be told. The newest one is what the next continues.
        con.execute(
            "delete from recordings where history = $name and scanned_at < $oldest "
            "and scanned_at < (select max(scanned_at) from recordings where history = $name)",
            {"name": history.table, "oldest": oldest},
        )
    for table in CHANGES:
        _drop(con, table, "scanned_at", oldest)
    for dataset in catalogue.datasets:
        if dataset.table.is_tracked:
            _drop(con, past_of(dataset.name), "valid_until", oldest)
        if dataset.window:
            before = now - timedelta(days=kept.days(dataset))
            if _drop(con, dataset.name, dataset.window.column, before):
                con.execute(
                    f"""
                    update slices set rows = (
                        select count(*) from {identifier(dataset.name)} as events
                        where slices.tenant_id = events.tenant_id
                    )
                    where dataset = ?
                    """,  # noqa: S608  (names are quoted)
                    [dataset.name],
                )


def _drop(con: Connection, table: str, column: str, before: datetime) -> int:
    [[rows]] = con.execute(f"delete from {identifier(table)} where {identifier(column)} < ?", [before]).fetchall()  # noqa: S608
    if rows:
        log.info("dropped expired", table=table, rows=rows, before=before.isoformat())
    return int(rows)
