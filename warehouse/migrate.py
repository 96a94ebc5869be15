"""Bring a warehouse up to this program: numbered migrations, then the tables of datasets, then the views.

Migrations only go forward and never change once applied. They are for what cannot be rebuilt.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog

from collectors.catalogue import Catalogue
from warehouse import preparation
from warehouse.catalog import has_table
from warehouse.datasets import prepare_tables
from warehouse.engine import Connection, WarehouseError, transaction, writer
from warehouse.history import create_history_views
from warehouse.views import create_views, drop_stale_views

log = structlog.get_logger(__name__)

MIGRATIONS = Path(__file__).parent / "migrations"

_TABLE = """
create table if not exists schema_migrations (
    number integer not null,
    name varchar not null,
    sha256 varchar not null,
    applied_at timestamp not null
);
comment on table schema_migrations is 'One row per migration that was applied to this file.';
comment on column schema_migrations.number is 'Its number; they are applied in order.';
comment on column schema_migrations.name is 'Its name.';
comment on column schema_migrations.sha256 is 'Hash of its text: what was applied never changes.';
comment on column schema_migrations.applied_at is 'When it was applied.';
"""


@dataclass(frozen=True)
class Migration:
    """One file of ``migrations``."""

    number: int
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        """The hash of its text, with line ends as they are in the repository."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def prepare(con: Connection, catalogue: Catalogue, folder: Path = MIGRATIONS) -> None:
    """Make the warehouse ready for what is installed. Idempotent, and cheap where nothing changed.

    Raises :class:`WarehouseError` for a file that a newer program made, and for declarations that clash with it.
    """
    migrate(con, folder)
    with transaction(con):
        if preparation.is_ready(con, catalogue):
            return
        drop_stale_views(con)
        prepare_tables(con, catalogue)
        create_views(con, made=create_history_views(con))
        preparation.note(con, catalogue)


@contextmanager
def prepared(path: Path, catalogue: Catalogue, folder: Path = MIGRATIONS) -> Iterator[Connection]:
    """Open the file to write, made ready for what is installed.

    What is missing is tried on the writer's copy: a migration that fails, and a process that is killed, leave the file
    as it was.
    """
    with writer(path) as con:
        prepare(con, catalogue, folder)
        yield con


def migrate(con: Connection, folder: Path = MIGRATIONS) -> list[str]:
    """Apply what is missing, each migration in a transaction of its own; return the names of those applied."""
    known = migrations(folder)
    applied = _applied(con)
    if applied is None:
        with transaction(con):
            con.execute(_TABLE)
    missing = _missing(known, applied or [])
    for migration in missing:
        with transaction(con):
            con.execute(migration.sql)
            con.execute(
                "insert into schema_migrations values (?, ?, ?, ?)",
                [migration.number, migration.name, migration.sha256, datetime.now(UTC).replace(tzinfo=None)],
            )
        if applied:  # a new warehouse is no event
            log.info("migrated", number=migration.number, migration=migration.name)
    return [migration.name for migration in missing]


def migrations(folder: Path = MIGRATIONS) -> list[Migration]:
    """Read the migrations in order. Raises ``ValueError`` unless they are numbered 1, 2, 3, ... without a gap."""
    found: list[Migration] = []
    for path in sorted(folder.glob("*.sql")):
        named = re.fullmatch(r"(\d{4})_([a-z0-9_]+)", path.stem)
        if not named or int(named[1]) != len(found) + 1:
            msg = f"{path}: expected a name that begins with {len(found) + 1:04}_. Number migrations without a gap."
            raise ValueError(msg)
        found.append(Migration(int(named[1]), named[2], path.read_text("utf-8")))
    return found


def _applied(con: Connection) -> list[tuple[int, str, str]] | None:
    """Return number, name and hash of what was applied, in order; ``None`` where there is not even a table of it."""
    if not has_table(con, "schema_migrations"):
        return None
    return con.execute("select number, name, sha256 from schema_migrations order by number").fetchall()


def _missing(known: list[Migration], applied: list[tuple[int, str, str]]) -> list[Migration]:
    """Return what is still to be applied. Raises :class:`WarehouseError` where the file and this program disagree."""
    newest = len(known)
    if newer := [f"{number} ({name})" for number, name, _ in applied if number > newest]:
        msg = (
            f"the warehouse was made by a newer program: it has migration {', '.join(newer)}, and this one knows "
            f"1 to {newest}. Upgrade mfa-rollcall, or restore the warehouse that belongs to this version."
        )
        raise WarehouseError(msg)
    for number, name, sha256 in applied:
        if known[number - 1].sha256 != sha256:
            msg = (
                f"migration {number} ({name}) was applied to the warehouse as {sha256[:12]} but is now "
                f"{known[number - 1].sha256[:12]}. Restore its file: a change goes into a new migration."
            )
            raise WarehouseError(msg)
    done = {number for number, _, _ in applied}
    return [migration for migration in known if migration.number not in done]
