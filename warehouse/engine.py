"""The only module that opens DuckDB: one writer, any number of readers of the published copy, and how files are copied.

What differs between a plain file and DuckLake is here; what a database says of its tables is read in ``catalog``. All
other SQL keeps to what both know: no keys, enums, sequences or RETURNING.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from collectors.errors import ConfigError, ScanError
from collectors.files import NO_ROOM, Unwritten, replacing, swapped, unwritten
from collectors.private import private_folder

Connection = duckdb.DuckDBPyConnection
Error = duckdb.Error

# An extension that is not built in is never fetched, and a Python variable never becomes a table.
_CLOSED: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "python_enable_replacements": False,
    # A file that DuckDB 1.4 can read. Those for earlier ones know no zstd, and try text in two ways where one does.
    "storage_compatibility_version": "v1.4.0",
}
_WRITABLE = f"recovery_mode 'no_wal_writes', storage_version '{_CLOSED['storage_compatibility_version']}'"
ROWS_A_THREAD = 200_000  # DuckDB compresses 122,880 rows at a time, each time on one thread
LOAD_MEMORY = 2560 * 1024 * 1024
READER_MEMORY = "2GB"  # many readers share a machine; the writer may have what DuckDB takes by itself


class WarehouseError(ConfigError):
    """The file is missing, no warehouse, or of another version: somebody must change something."""


class WarehouseBusy(ScanError):  # noqa: N818  (a state, not an accident)
    """Somebody else has the file open. It passes."""


@contextmanager
def writer(path: Path) -> Iterator[Connection]:
    """Open a copy of the file (a new one, if it is missing) to write. At the end it takes the file's place, whole.

    Where the block raises, or the process is killed, the file is as it was. DuckDB by itself does not promise that: it
    rewrites blocks that are in use, and one that is killed while it does leaves a file that nobody can open. Times are
    UTC. Raises :class:`WarehouseBusy` while somebody else writes, :class:`WarehouseError`, and
    :class:`~collectors.files.Unwritten` where the disk takes no more.
    """
    path = path.absolute()
    with _replaced(path) as temporary:
        if path.exists():
            _settle(path)
            shutil.copyfile(path, temporary)
        else:
            temporary.unlink()  # DuckDB takes an empty file for none of its own
        with _written(temporary, path) as con:
            temporary.chmod(0o600)
            yield con


@contextmanager
def _replaced(path: Path) -> Iterator[Path]:
    """Let nobody else write, and yield a path to write to: at the end it takes the place of ``path``."""
    try:
        with _sole(path), swapped(path) as temporary:
            yield temporary
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        raise unwritten(path, error.strerror) from error
    except Error as error:
        if not lacks_room(error):
            raise
        raise _explained(path, error) from error


def compact(path: Path) -> None:
    """Write the writer's file anew without its holes. What it holds stays the same, and is compared before the swap.

    Raises what :func:`writer` raises.
    """
    path = path.absolute()
    with _replaced(path) as temporary:
        if path.exists():
            _settle(path)
        temporary.unlink()
        _rewrite(path, temporary)
        temporary.chmod(0o600)


# DuckDB writes what changed beside what was there, and only then frees that: a night in which little changed can let a
# file grow by a fifth. One of which LOOSE is of no use is written anew when it is published: some 20 s a GB.
LOOSE = 0.03
SMALL = 16 * 1024 * 1024  # not worth it
A_THREAD = 256 * 1024 * 1024


def _tighten(path: Path) -> None:
    """Write the writer's file anew where it is worth it, nobody else writes and there is room for both."""
    if path.stat().st_size < SMALL:
        return
    held = occupied(path)
    if held.free + held.dead > held.blocks * LOOSE:
        with suppress(WarehouseBusy, Unwritten):
            compact(path)


def _rewrite(source: Path, target: Path) -> None:
    with _attached(source) as con:
        # Each thread fills blocks of its own: of a small file the half-filled ones would be a tenth.
        _let_work(con, source.stat().st_size // A_THREAD + 1)
        con.execute(f"attach {literal(str(target))} as fresh")
        con.execute("copy from database warehouse to fresh")
        con.execute("checkpoint fresh")
        con.execute("detach fresh")
        con.execute(f"attach {literal(str(target))} as fresh (read_only)")  # as whoever opens it next will see it
        if _contents(con, "warehouse") != _contents(con, "fresh"):
            msg = f"{source}: its copy holds something else. Nothing was changed."
            raise WarehouseError(msg)


def _contents(con: Connection, database: str) -> list[object]:
    """Return what a database holds: tables and views, their columns and comments, and a sum of each table's rows."""
    con.execute(f"use {database}")
    found: list[object] = [*described(con)]
    for schema, name in con.execute(_TABLES).fetchall():
        table = f"{identifier(schema)}.{identifier(name)}"
        found += con.execute(f"select count(*), sum(hash(t)), bit_xor(hash(t)) from {table} as t").fetchall()  # noqa: S608
    return found


_TABLES = """
    select schema_name, table_name from duckdb_tables()
    where database_name = current_database() and not internal
    order by all
"""
_CATALOG = """
    select schema_name, table_name, '' as column_name, 'table' as type, comment, null as is_nullable, null as other
    from duckdb_tables() where database_name = current_database() and not internal
    union all
    select schema_name, view_name, '', 'view', comment, null, null
    from duckdb_views() where database_name = current_database() and not internal
    union all
    select schema_name, table_name, column_name, data_type, comment, is_nullable, column_default
    from duckdb_columns() where database_name = current_database() and not internal
    order by all
"""


def described(con: Connection) -> list[tuple[Any, ...]]:
    """Return what the connection's database says of its tables, views and columns; of views not their SQL.

    Each is (schema, relation, column or '', kind or type, comment, whether it may be null, default). DuckDB tells the
    SQL of a view in other words each time it reads it from a file.
    """
    return con.execute(_CATALOG).fetchall()


class Held(NamedTuple):
    """What a table holds: its rows, those that are gone but still take room, and the bytes of both."""

    schema: str
    name: str
    rows: int
    dead: int
    bytes: int


class Occupied(NamedTuple):
    """What takes how much of a file: its tables, and the bytes of all of its blocks and of those nothing is in."""

    tables: list[Held]
    blocks: int
    free: int

    @property
    def dead(self) -> int:
        """About how many bytes rows take that are gone."""
        return sum(each.bytes * each.dead // (each.rows + each.dead) for each in self.tables if each.dead)


def occupied(path: Path) -> Occupied:
    """Look where the bytes of a file are. Raises :class:`WarehouseError`."""
    with _attached(path) as con:
        con.execute("use warehouse")
        [[size, total, free]] = con.execute(
            "select block_size, total_blocks, free_blocks from pragma_database_size() where database_name = 'warehouse'"
        ).fetchall()
        con.execute(
            "create temp table segments "
            "(number integer, path varchar, rows bigint, block bigint, start bigint, more bigint)"
        )
        counted = []
        for number, (schema, name) in enumerate(con.execute(_TABLES).fetchall()):
            table = f"{identifier(schema)}.{identifier(name)}"
            con.execute(
                "insert into segments select ?, column_path, count, block_id, block_offset, len(additional_block_ids) "  # noqa: S608
                f"from pragma_storage_info({literal(table)})",
                [number],
            )
            counted.append((schema, name, *con.execute(f"select count(*) from {table}").fetchall()[0]))  # noqa: S608
        # Small columns share a block: each goes from where it begins to where the next one does.
        stored = con.execute(
            """
            with parts as (
                select
                    number,
                    if(path = '[0]', rows, 0) as rows,
                    block >= 0 as is_kept,
                    lead(start, 1, $size) over (partition by block order by start) - start + more * $size as bytes
                from segments
            )

            select number, sum(rows), coalesce(sum(bytes) filter (is_kept), 0) from parts group by number
            """,
            {"size": size},
        ).fetchall()
    held = {number: (int(rows), int(taken)) for number, rows, taken in stored}
    tables = []
    for number, (schema, name, rows) in enumerate(counted):
        stored_rows, taken = held.get(number, (rows, 0))
        tables.append(Held(schema, name, rows, max(stored_rows - rows, 0), taken))
    return Occupied(tables, total * size, free * size)


@contextmanager
def _written(file: Path, path: Path) -> Iterator[Connection]:
    """Open a database that nobody else will see before it is whole, to write; messages call it ``path``."""
    # Without a log: it would be written beside the file, and thrown away with it if anything went wrong.
    with _mounted(file, path, _WRITABLE) as con:
        con.execute("use warehouse")
        yield con
        con.execute("checkpoint warehouse")  # else closing writes it out, and does not say if it cannot


@contextmanager
def _sole(path: Path) -> Iterator[None]:
    """Let nobody else write: hold the file that is about to be replaced or, where there is none yet, its folder."""
    private_folder(path.parent)
    while True:
        held = path if path.exists() else path.parent
        descriptor = os.open(held, os.O_RDONLY)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise _busy(path, os.fstat(descriptor).st_ino) from None
            # It may have been replaced between the look and the lock.
            if held == (path if path.exists() else path.parent) and os.path.samestat(os.fstat(descriptor), held.stat()):
                yield
                return
        finally:
            os.close(descriptor)


def _busy(path: Path, inode: int) -> WarehouseBusy:
    try:
        locks = Path("/proc/locks").read_text("utf-8")
    except OSError:
        locks = ""
    found = re.search(rf"FLOCK +ADVISORY +WRITE (\d+) \S+:{inode} ", locks)
    who = f"process {found[1]}" if found else "another process"
    return WarehouseBusy(
        f"{path} is being written by {who}. Wait for it to end, or end it, then try again. "
        "To look at data, open the published copy instead: `rollcall sql`."
    )


def _log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.wal")


def _settle(path: Path) -> None:
    """Write into the file what another program that was killed had committed to the log beside it."""
    if _log_of(path).exists():
        try:
            duckdb.connect(path, config=_CLOSED).close()
        except Error as error:
            raise _explained(path, error) from None


@contextmanager
def reader(path: Path, *outputs: Path) -> Iterator[Connection]:
    """Open the file to read, as it is now; its SQL reaches nothing else: no files, no network, no settings.

    ``outputs`` are the files it may write none the less. Use the connection itself: its cursors do not know the tables.
    Raises :class:`WarehouseError`.
    """
    with _attached(path) as con:
        con.execute("use warehouse")
        con.execute(f"set allowed_paths = [{', '.join(literal(str(output)) for output in outputs)}]")
        _lock(con)
        yield con


@contextmanager
def _attached(path: Path) -> Iterator[Connection]:
    """Open a database in memory to which the file is attached, as ``warehouse``, to read."""
    path = path.absolute()
    if not path.exists():
        msg = f"{path}: there is no warehouse yet. Run `rollcall scan` first."
        raise WarehouseError(msg)
    with _mounted(path, path, "read_only") as con:
        con.execute(f"set memory_limit = {literal(READER_MEMORY)}")
        yield con


@contextmanager
def _mounted(file: Path, path: Path, option: str) -> Iterator[Connection]:
    """Open a database in memory to which a file is attached, as ``warehouse``; messages call it ``path``."""
    # DuckDB keeps one instance per path in a process. Opened directly, a file swapped in by rename would stay unseen
    # for as long as any thread still reads the old one; attached to an instance of our own it does not.
    con = duckdb.connect(":memory:", config={**_CLOSED, "temp_directory": f"{file}.tmp"})
    try:
        try:
            con.execute(f"attach {literal(str(file))} as warehouse ({option})")
        except Error as error:
            raise _explained(path, error) from None
        con.execute("set global TimeZone = 'UTC'")
        yield con
    finally:
        con.close()


@contextmanager
def beside(con: Connection, name: str, file: Path | None = None, *, is_read_only: bool = False) -> Iterator[None]:
    """Attach another database to a writer's connection as the catalog ``name``: a file, or without one in memory.

    A file that is missing is made. What lives in memory is gone afterwards.
    """
    catalog = identifier(name)
    option = "(read_only)" if is_read_only else f"({_WRITABLE})" if file else ""
    con.execute(f"attach {literal(str(file or ':memory:'))} as {catalog} {option}")
    try:
        yield
        if file and not is_read_only:
            con.execute(f"checkpoint {catalog}")
    finally:
        con.execute(f"detach {catalog}")


@contextmanager
def using(con: Connection, name: str) -> Iterator[None]:
    """Let names without a catalog be those of ``name``, which is attached, and afterwards the warehouse's again."""
    con.execute(f"use {identifier(name)}")
    try:
        yield
    finally:
        con.execute("use warehouse")


def _lock(con: Connection) -> None:
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


def share_work(con: Connection, rows: int) -> None:
    """Let no more threads write so many new rows than they keep busy, and hold no more of them than LOAD_MEMORY.

    Of few rows a second thread only costs time. DuckDB would keep what it wrote as long as there is memory.
    """
    _let_work(con, rows // ROWS_A_THREAD)
    con.execute(f"set memory_limit = '{min(LOAD_MEMORY, _memory() * 8 // 10)}B'")


def _let_work(con: Connection, threads: int) -> None:
    """Let so many threads work, but at least one, and no more than there are processors for us."""
    con.execute(f"set threads = {min(max(threads, 1), len(os.sched_getaffinity(0)))}")


def _memory() -> int:
    """Return how many bytes of memory the machine has."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


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

    A reader keeps what it opened. Whoever writes goes on: the copy is of the state before. Raises
    :class:`WarehouseError` and :class:`~collectors.files.Unwritten`.
    """
    source = source.absolute()
    if not source.exists():
        msg = f"{source}: there is no warehouse to publish. Run `rollcall scan` first."
        raise WarehouseError(msg)
    if _log_of(source).exists():
        with writer(source):
            pass
    _tighten(source)
    with replacing(target) as temporary:
        shutil.copyfile(source, temporary)  # nobody writes to it: it is only ever replaced
        with reader(temporary) as con:  # never swap in what cannot be read
            con.execute("select count(*) from schema_migrations")


@contextmanager
def extracted(source: Path, target: Path) -> Iterator[Connection]:
    """Open a new file to write, with the tables and views of ``source`` and no row, which takes ``target``'s place.

    The rows are in the tables of the database ``warehouse``. Nothing else of them gets into the file, in no unused byte
    of it either. Raises :class:`WarehouseError` and :class:`~collectors.files.Unwritten`.
    """
    with replacing(target) as temporary:
        # Named after it, so that it goes when that goes, whatever happens.
        draft = temporary.with_name(f"{temporary.name}.draft")
        draft.mkdir(mode=0o700)
        with _attached(source) as con:
            try:
                con.execute(f"attach {literal(str(draft / 'draft.duckdb'))} as extract")
                con.execute(f"set allowed_directories = [{literal(f'{draft}/')}]")
                _lock(con)
                con.execute("copy from database warehouse to extract (schema)")
                con.execute("use extract")
                lost = _taken_out(con)
                yield con
                con.execute(f"export database extract to {literal(str(draft / 'tables'))} (format parquet)")
                (draft / "lost.json").write_text(json.dumps(lost), "utf-8")
            except Error as error:
                raise (_explained(target, error) if lacks_room(error) else error) from None
        temporary.unlink()
        _restore(draft, temporary, target)
        temporary.chmod(0o600)


class _Lost(NamedTuple):
    """What DuckDB does not export, or in an order in which it cannot be made."""

    views: list[str]
    comments: list[str]


def _taken_out(con: Connection) -> _Lost:
    """Drop the views of the database; return the statements that make them and those that describe everything."""
    comments = []
    for schema, relation, column, kind, comment, *_ in described(con):
        if comment is not None:
            name = ".".join(identifier(each) for each in (schema, relation, column) if each)
            comments.append(f"comment on {'column' if column else kind} {name} is {literal(comment)}")
    views = con.execute(_VIEWS).fetchall()
    for schema, name, _ in views:
        con.execute(f"drop view {identifier(schema)}.{identifier(name)}")
    return _Lost([sql for *_, sql in views], comments)


_VIEWS = """
    select schema_name, view_name, sql from duckdb_views()
    where database_name = current_database() and not internal
"""


def _restore(draft: Path, file: Path, target: Path) -> None:
    """Make a database of what was exported, in a process that has never seen anything else.

    DuckDB fills its blocks up with whatever the process held in that memory before; Parquet says what it says.
    """
    code = "import sys; from warehouse.engine import restore; restore(*sys.argv[1:])"
    ran = subprocess.run(  # noqa: S603  (our own program)
        [sys.executable, "-c", code, str(draft), str(file)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "DUCKDB_JE_MALLOC_CONF": "zero:true"},  # what it does not use is zeros, then
    )
    if ran.returncode:
        raise _explained(target, Error(ran.stderr.strip() or f"exit code {ran.returncode}"))


def restore(draft: str, file: str) -> None:
    """Write a new database of the tables and views that :func:`extracted` laid down in the folder ``draft``."""
    try:
        with duckdb.connect(file, config=_CLOSED) as con:
            con.execute(f"import database {literal(f'{draft}/tables')}")
            lost = _Lost(*json.loads(Path(draft, "lost.json").read_text("utf-8")))
            _create(con, lost.views)
            for comment in lost.comments:
                con.execute(comment)
    except Error as error:
        sys.exit(str(error))


def _create(con: Connection, views: list[str]) -> None:
    """Make views, those first that others read."""
    while views:
        refused = []
        for sql in views:
            try:
                con.execute(sql)
            except duckdb.CatalogException:
                refused.append(sql)
        if len(refused) == len(views):
            con.execute(refused[0])
        views = refused


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


def file_of(con: Connection) -> Path | None:
    """Return the file of the connection's database; ``None`` if it lives in memory."""
    found = con.execute("select path from duckdb_databases() where database_name = current_database()").fetchone()
    return Path(found[0]) if found and found[0] else None


def lacks_room(error: Error) -> bool:
    """Whether the disk is at fault, not what was asked: it is full, or read-only."""
    return (
        re.search(r"No space left|File too large|quota exceeded|Read-only file system|Permission denied", str(error))
        is not None
    )


def lacks_memory(error: Error) -> bool:
    """Whether the database had too little memory. Where it wrote, it says so in another error's words."""
    return isinstance(error, duckdb.OutOfMemoryException) or "Out of Memory" in str(error)


def identifier(name: str) -> str:
    """Return a name as SQL spells it, whatever it holds."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text as SQL spells it, for the places that take no parameter."""
    return "'" + text.replace("'", "''") + "'"


def _explained(path: Path, error: Error) -> ScanError:
    """Turn DuckDB's words for a file it cannot open or write into what to do."""
    text = str(error)
    if lacks_room(error):
        return unwritten(path, text.splitlines()[0])
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
