"""A file in the place of another: whoever reads finds the one or the other, whole, whenever a process is killed."""

from __future__ import annotations

import errno
import fcntl
import glob
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from collectors.errors import ConfigError
from collectors.private import private_folder

# What the disk is at fault for, not what was asked.
NO_ROOM = {errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM}


class Unwritten(ConfigError):  # noqa: N818  (what became of the file)
    """A file could not be written: its disk is full, or its folder read-only. What was there before still is."""


def replace(target: Path, content: bytes) -> None:
    """Put ``content`` in the place of ``target`` as :func:`replacing` does."""
    with replacing(target) as temporary:
        temporary.write_bytes(content)


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Yield a path to write to. What stands there at the end takes the place of ``target`` at once, durably.

    Only the owner may read it. Where that does not come about ``target`` is as it was; what a killed process left goes
    with the next call. Not to be nested for files of one folder. Raises :class:`Unwritten`.
    """
    try:
        with alone(target.absolute().parent), swapped(target) as temporary:
            yield temporary
    except OSError as error:
        raise unwritten(target, error.strerror) from error


def unwritten(target: Path, reason: str | None) -> Unwritten:
    """Return what to say where something kept ``target`` from being written."""
    return Unwritten(
        f"{target} could not be written: {reason}. What was there before is unchanged. "
        "Free space on its disk, or make its folder writable for the user who scans; then run it again."
    )


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold a folder for this process, so that a temporary file that is there now is nobody's."""
    folder = os.open(private_folder(path), os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)  # and with it the lock


@contextmanager
def swapped(target: Path) -> Iterator[Path]:
    """Do what :func:`replacing` promises for whoever has seen to it that nobody else replaces ``target`` now."""
    target = target.absolute()
    _clear(target.parent, f".{glob.escape(target.name)}.*.part*")
    temporary = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        temporary.touch(0o600)
        yield temporary
        _sync(temporary)
        temporary.replace(target)
        _sync(target.parent)
    finally:
        _clear(target.parent, f"{glob.escape(temporary.name)}*")


def _clear(folder: Path, pattern: str) -> None:
    for left in folder.glob(pattern):
        shutil.rmtree(left) if left.is_dir() else left.unlink()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
