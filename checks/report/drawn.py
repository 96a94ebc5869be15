"""Pages of many tenants, drawn by processes of their own, so that every processor has work."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import msgspec

from checks.report import pages
from checks.report.data import Detail

# A process takes a second to start, so it draws this many; fewer are drawn here.
AT_ONCE = 100
_UNWRITTEN = 74  # the exit code of a process that could not write, as sysexits.h has it
_encoder, _decoder = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder(list[Detail])


@contextmanager
def drawing(details: Iterable[Detail], folder: Path, at_once: int = AT_ONCE) -> Iterator[None]:
    """Let the page of each tenant be drawn to ``folder`` while the block runs; at its end all are there.

    The details are asked for before the block begins, a portion after the other, and none is kept here longer than it
    takes to hand it on. Raises ``OSError`` where a page could not be written.
    """
    source = iter(details)
    portion = [*islice(source, at_once)]
    if len(portion) < at_once:
        draw(portion, folder)
        yield
        return
    with tempfile.TemporaryDirectory(dir=folder) as spool, ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        work: list[Future[None]] = []
        while portion:
            handed = Path(spool, str(len(work)))
            handed.write_bytes(_encoder.encode(portion))
            work.append(pool.submit(_elsewhere, handed, folder))
            portion = [*islice(source, at_once)]
        try:
            yield
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        for each in work:
            each.result()


def draw(details: Iterable[Detail], folder: Path) -> None:
    """Draw the page of each tenant to ``folder``."""
    for detail in details:
        (folder / f"{detail.card.tenant_id}.html").write_text(pages.tenant_page(detail), "utf-8", newline="")


def _elsewhere(handed: Path, folder: Path) -> None:
    code = "import sys; from checks.report.drawn import main; main(*sys.argv[1:])"
    ran = subprocess.run(  # noqa: S603  (our own program)
        [sys.executable, "-c", code, str(handed), str(folder)], stderr=subprocess.PIPE, text=True, check=False
    )
    handed.unlink()
    if ran.returncode == _UNWRITTEN:
        raise OSError(0, ran.stderr.strip())
    if ran.returncode:
        msg = f"drawing pages ended with exit code {ran.returncode}: {ran.stderr.strip()[-2000:]}"
        raise RuntimeError(msg)


def main(handed: str, folder: str) -> None:
    """Draw what was handed on; the process that does it is over then."""
    try:
        draw(_decoder.decode(Path(handed).read_bytes()), Path(folder))
    except OSError as error:
        sys.stderr.write(error.strerror or str(error))
        sys.exit(_UNWRITTEN)
