"""The only module that opens DuckDB: one writer, any number of readers of the published copy, and how it is swapped in.

SQL keeps to what a plain file and DuckLake both know: no keys, enums, sequences or RETURNING.
"""

from __future__ import annotations

import glob
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb

from collectors.errors import ConfigError, ScanError
from collectors.files import replacing
from collectors.private import private_folder

Connection = duckdb.DuckDBPyConnection
Error = duckdb.Error

# An extension that is not built in is never fetched, and a Python variable never becomes a table.
_CLOSED: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "python_enable_replacements": False,
}
READER_MEMORY = "2GB"  # many readers share a machine; the writer may have what DuckDB takes by itself


class WarehouseError(ConfigError):
    """The file is missing, no warehouse, or of another version: somebody must change something."""


class WarehouseBusy(ScanError):  # noqa: N818  (a state, not an accident)
    """Somebody else has the file open. It passes."""


@contextmanager
def writer(path: Path) -> Iterator[Connection]:
    """Open the file to write, made if missing; closed (and so written out whole) at the end.

    Times are UTC. Raises :class:`WarehouseBusy` while any other process has it open, and :class:`WarehouseError`.
    """
    path = path.absolute()
    private_folder(path.parent)
    try:
        con = duckdb.connect(path, config=_CLOSED)
    except Error as error:
        raise _explained(path, error) from None
    try:
        path.chmod(0o600)
        for left in path.parent.glob(f"{glob.escape(scratch_name(path))}*"):
            shutil.rmtree(left)  # what a killed writer left: there is no other one now
        con.execute("set global TimeZone = 'UTC'")
        yield con
    finally:
        con.close()


@contextmanager
def reader(path: Path) -> Iterator[Connection]:
    """Open the file to read, as it is now; its SQL reaches nothing else: no files, no network, no settings.

    Use the connection itself: its cursors do not know the tables. Raises :class:`WarehouseBusy` while somebody
    writes to the file (nobody does to a published one), and :class:`WarehouseError`.
    """
    path = path.absolute()
    if not path.exists():
        msg = f"{path}: there is no warehouse yet. Run `rollcall scan` first."
        raise WarehouseError(msg)
    # DuckDB keeps one instance per path in a process. Opened directly, a file swapped in by rename would stay unseen
    # for as long as any thread still reads the old one; attached to an instance of our own it does not.
    con = duckdb.connect(":memory:", config={**_CLOSED, "memory_limit": READER_MEMORY})
    try:
        _attach(con, path)
        yield con
    finally:
        con.close()


def _attach(con: Connection, path: Path) -> None:
    try:
        con.execute(f"attach {literal(str(path))} as warehouse (read_only)")
    except Error as error:
        raise _explained(path, error) from None
    con.execute("use warehouse")
    con.execute(f"set temp_directory = {literal(f'{path}.tmp')}")
    con.execute("set global TimeZone = 'UTC'")
    con.execute("set enable_external_access = false")
    con.execute("set lock_configuration = true")


@contextmanager
def scratch() -> Iterator[Connection]:
    """Open a database that lives in memory, and no longer than this."""
    con = duckdb.connect(":memory:", config=_CLOSED)
    try:
        con.execute("set global TimeZone = 'UTC'")
        yield con
    finally:
        con.close()


@contextmanager
def transaction(con: Connection) -> Iterator[None]:
    """Commit what happens inside, or none of it."""
    con.begin()
    try:
        yield
        con.commit()
    except BaseException:
        # A commit that failed has rolled back already.
        with suppress(duckdb.TransactionException):
            con.rollback()
        raise


def publish(source: Path, target: Path) -> None:
    """Put a copy of the writer's file in the place of ``target``. Readers see the old file or the new one, whole.

    A reader keeps what it opened. Raises :class:`WarehouseBusy` while somebody writes to ``source``.
    """
    source = source.absolute()
    if not source.exists():
        msg = f"{source}: there is no warehouse to publish. Run `rollcall scan` first."
        raise WarehouseError(msg)
    log = source.with_name(f"{source.name}.wal")
    if log.exists():  # a writer was killed: what it had committed is still to be written into the file
        with writer(source):
            pass
    with replacing(target) as temporary:
        # Whoever reads keeps writers out, so that the file holds still.
        with reader(source):
            if log.exists():
                msg = f"{source} was written to just now. Publish again when that has ended."
                raise WarehouseBusy(msg)
            shutil.copyfile(source, temporary)
        with reader(temporary) as con:  # never swap in what cannot be read
            con.execute("select count(*) from schema_migrations")


def sqlalchemy_source(path: Path) -> tuple[str, dict[str, Any]]:
    """Return the URL and keyword arguments with which SQLAlchemy (Great Expectations) reads the file.

    Dispose of its engine before this process opens the file in another way: DuckDB refuses two settings at once.
    """
    if found := re.search(r"[?#$%]", str(path)):
        msg = f"{path}: {found[0]!r} in a path means something in a URL. Move the warehouse."
        raise WarehouseError(msg)
    return f"duckdb+duckdb_sqlalchemy:///{path.absolute()}", {
        # Without both, SQLAlchemy's rollback on return destroys results that are still to be fetched.
        "isolation_level": "AUTOCOMMIT",
        "skip_autocommit_rollback": True,
        "connect_args": {"read_only": True, "config": {**_CLOSED, "enable_external_access": False}},
    }


def scratch_name(path: Path) -> str:
    """Return what the names of folders begin with that the file's writer keeps beside it for a moment."""
    return f".{path.name}.rows-"


def identifier(name: str) -> str:
    """Return a name as SQL spells it, whatever it holds."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text as SQL spells it, for the places that take no parameter."""
    return "'" + text.replace("'", "''") + "'"


def _explained(path: Path, error: Error) -> ScanError:
    """Turn DuckDB's words for a file it cannot open into what to do."""
    text = str(error)
    if "Could not set lock on file" in text:
        holder = re.search(r"held in (.*?) \(PID (\d+)\)", text)
        who = f"process {holder[2]} ({Path(holder[1]).name})" if holder else "another process"
        msg = (
            f"{path} is in use by {who}. Wait for it to end, or end it, then try again. "
            "To look at data, open the published copy instead: `rollcall sql`."
        )
        return WarehouseBusy(msg)
    if "different configuration" in text or "already attached" in text:
        msg = f"{path} is open in this process with other settings. Close that connection first."
        return WarehouseBusy(msg)
    if "not a valid DuckDB database file" in text:
        msg = f"{path} is not a DuckDB file. Move it away, or name another file under [storage]."
        return WarehouseError(msg)
    if "database file with version number" in text:
        msg = f"{path} was written by another version of DuckDB than {duckdb.__version__}. Upgrade, or restore a copy."
        return WarehouseError(msg)
    msg = f"{path} cannot be opened: {text.splitlines()[0]}"
    return WarehouseError(msg)
