"""What of a tenant has arrived so far, so that the successor of a killed process goes on from the last page.

While a tenant is collected, each dataset has two files: ``<dataset>.part`` grows by one zstd frame a page, and
``<dataset>.journal`` by one line a page, written after it. The line says how long the other file is by then, and where
the next page is. Whatever stands behind the last whole line is cut off when somebody goes on. Both files are gone
when all of the tenant was read: they are only found where a process was killed before.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, Self

import msgspec
import zstandard

from collectors.graph import Trail
from collectors.landing import SUFFIX, Outcome

# Page tokens do not live for ever, and nobody documents how long. An older attempt is begun anew.
LONGEST_PAUSE = timedelta(hours=6)
PATIENCE_SECONDS = 60


class TenantBusy(Exception):  # noqa: N818  (a state of the machine)
    """Another process collects this tenant for the same scan."""


class _Head(msgspec.Struct, frozen=True, kw_only=True, tag="head"):
    """What was asked: who asks otherwise cannot go on from it."""

    asked: str
    started_at: datetime


class _Step(msgspec.Struct, frozen=True, kw_only=True, tag="page", omit_defaults=True):
    """A page that was kept, and the counts up to it. ``finished`` are the values of which nothing more is to come."""

    size: int
    rows: int
    pages: int
    sha256: str
    finished: tuple[str | None, ...] = ()
    value: str | None = None
    link: str | None = None
    edges: str = ""


class _End(msgspec.Struct, frozen=True, kw_only=True, tag="end"):
    outcome: Outcome


_LINE: msgspec.json.Decoder[Any] = msgspec.json.Decoder(_Head | _Step | _End)


@asynccontextmanager
async def attempt(folder: Path) -> AsyncIterator[None]:
    """Hold a tenant's folder for this process, and drop the journals if the tenant was read to the end.

    Raises :class:`TenantBusy` if another process still holds it after a minute.
    """
    with (folder / ".collecting").open("w") as lock:
        await _hold(lock.fileno(), folder)
        yield
        _drop(folder)


def _drop(folder: Path) -> None:
    for path in (*folder.glob("*.journal"), *folder.glob("*.part")):
        path.unlink(missing_ok=True)


async def _hold(lock: int, folder: Path) -> None:
    for _ in range(PATIENCE_SECONDS):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            await asyncio.sleep(1)
        else:
            return
    msg = (
        f"another process has been collecting tenant {folder.name} for this scan for over {PATIENCE_SECONDS} s. "
        "Wait until it is done, or end it, and clear this task."
    )
    raise TenantBusy(msg)


class _Mark(NamedTuple):
    """A place in both files, with what was counted and hashed up to it."""

    journal: int
    size: int
    rows: int
    pages: int
    digest: Any


class RowWriter:
    """Writes one dataset's rows page by page. Nothing is visible under its final name until :meth:`keep`.

    ``asked`` is what tells one reading from another. Where an earlier attempt at the same was killed, this one goes on
    from there: ``finished`` has the values that were read to their end, ``trail`` how far the one in the middle was,
    and ``outcome`` what came of the dataset if it was done. ``suffix`` tells two readings of one dataset apart.
    """

    def __init__(self, folder: Path, dataset: str, asked: str = "", suffix: str = "") -> None:
        self._folder = folder
        self._dataset = dataset
        self._part = folder / f"{dataset}{suffix}.part"
        self._path = folder / f"{dataset}{suffix}.journal"
        self._encoder = msgspec.json.Encoder()
        # The cheapest level: what it saves is read once. Without a checksum in each frame: the manifest has the file's.
        self._compressor = zstandard.ZstdCompressor(level=1)
        self._forget()
        # Unbuffered: what a killed process wrote is there, in the order it was written.
        if lines := self._left(asked):
            self._file = self._part.open("a+b", buffering=0)
            self._journal = self._path.open("a+b", buffering=0)
            if self._take_up(lines):
                return
            self._file.close()
            self._journal.close()
            self._forget()
        self._file = self._part.open("wb", buffering=0)
        self._journal = self._path.open("wb", buffering=0)
        self._note(_Head(asked=asked, started_at=datetime.now(UTC)))

    def _forget(self) -> None:
        self._hash = hashlib.sha256()
        self.rows = self.pages = self.bytes = 0
        self.outcome: Outcome | None = None
        self.finished: set[str | None] = set()
        self.trail: Trail | None = None
        self._value: str | None = None
        self._start: _Mark | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._journal.close()

    def begin(self, value: str | None) -> Trail | None:
        """Begin the pages of a value; return how far an earlier attempt had followed them."""
        if self.trail is not None and self._value == value:
            return self.trail
        self._value, self.trail, self._start = value, None, self._mark(self._journal.tell())
        return None

    def restart(self) -> None:
        """Forget every page of the value that was begun last."""
        assert self._start is not None
        place, self.bytes, self.rows, self.pages, digest = self._start
        # The journal first: it must never promise what the other file has lost.
        for file, size in ((self._journal, place), (self._file, self.bytes)):
            file.truncate(size)
            file.seek(size)
        self._hash = digest.copy()
        self.trail = None

    def write(
        self, rows: Sequence[msgspec.Struct], trail: Trail | None = None, finished: Iterable[str | None] = ()
    ) -> None:
        """Append a page. ``trail`` says where the value that was begun goes on, ``finished`` which values end here."""
        done = (self._value,) if trail is not None and trail.link is None else tuple(finished)
        frame = self._compressor.compress(self._encoder.encode_lines(rows))
        self._file.write(frame)
        self._hash.update(frame)
        self.rows += len(rows)
        self.pages += 1
        self.bytes += len(frame)
        self.finished.update(done)
        self._note(
            _Step(
                size=self.bytes,
                rows=self.rows,
                pages=self.pages,
                sha256=self._hash.hexdigest(),
                finished=done,
                value=self._value if trail else None,
                link=trail.link if trail else None,
                edges=trail.edges if trail else "",
            )
        )

    def keep(self) -> tuple[str, str]:
        """Rename the file; return its (name, sha256). Call it last."""
        digest = self._hash.hexdigest()
        name = f"{self._dataset}.{digest[:16]}{SUFFIX}"
        self._part.rename(self._folder / name)
        return name, digest

    def end(self, outcome: Outcome) -> None:
        """Note what came of the dataset: if it is complete, a later attempt does not read it again."""
        self._note(_End(outcome=outcome))

    def _note(self, line: msgspec.Struct) -> None:
        self._journal.write(self._encoder.encode(line) + b"\n")

    def _mark(self, journal: int) -> _Mark:
        return _Mark(journal, self.bytes, self.rows, self.pages, self._hash.copy())

    def _left(self, asked: str) -> list[bytes]:
        """Return the whole lines of a journal that this attempt can go on from; none if there is no such."""
        try:
            content = self._path.read_bytes()
            head, *lines = content[: content.rfind(b"\n") + 1].splitlines(keepends=True)
            begun = _LINE.decode(head)
        except (FileNotFoundError, ValueError):  # msgspec's errors are ValueErrors
            return []
        if not isinstance(begun, _Head) or begun.asked != asked or _is_old(begun.started_at):
            return []
        return [head, *lines]

    def _take_up(self, lines: list[bytes]) -> bool:
        """Go on behind the last line. False if the files do not hold what the lines promise."""
        try:
            steps = [_LINE.decode(line) for line in lines[1:]]
        except ValueError:
            return False
        if steps and isinstance(steps[-1], _End):
            return self._take_outcome(steps[-1].outcome)
        place = len(lines[0])
        self._file.seek(0)
        for line, step in zip(lines[1:], steps, strict=True):
            if step.link is not None and (self.trail is None or step.value != self._value):
                self._value, self.trail, self._start = step.value, Trail(), self._mark(place)
            self._hash.update(self._file.read(step.size - self.bytes))
            if self._hash.hexdigest() != step.sha256:
                return False
            self.rows, self.pages, self.bytes = step.rows, step.pages, step.size
            self.finished.update(step.finished)
            if step.link is None:
                self.trail = None
            elif self.trail:
                self.trail.go_on(step.link, step.edges)
            place += len(line)
        for file, size in ((self._journal, place), (self._file, self.bytes)):
            file.truncate(size)
            file.seek(size)
        return True

    def _take_outcome(self, outcome: Outcome) -> bool:
        if outcome.state != "complete":
            return False  # whatever kept it from being complete may be over
        if outcome.file is not None:
            try:
                content = (self._folder / outcome.file).read_bytes()
            except FileNotFoundError:
                return False
            if hashlib.sha256(content).hexdigest() != outcome.sha256:
                return False
        self.outcome = outcome
        return True


def _is_old(started_at: datetime) -> bool:
    return not timedelta(0) <= datetime.now(UTC) - started_at <= LONGEST_PAUSE
