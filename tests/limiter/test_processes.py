"""Four real processes, nothing but the store between them."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.limiter.referee import refusals

ROOT = Path(__file__).parent.parent.parent
TIMES = 100  # 1,220 reports a second over all tenants, 50 a second in each
REPORTS = 122, 122 * TIMES / 10
REPORTS_OF_A_TENANT = 5, 5 * TIMES / 10


@contextmanager
def processes(url: str, tenants: Sequence[Sequence[str]], pages: int) -> Iterator[list[subprocess.Popen[str]]]:
    """Start a process for each group of tenants and let all go at once."""
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.limiter.reader", url, str(TIMES), ",".join(group), str(pages)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for group in tenants
    ]
    try:
        for process in started:
            assert process.stdout
            assert process.stdin
            assert process.stdout.readline() == "ready\n"
        for process in started:
            assert process.stdin
            process.stdin.write("go\n")
            process.stdin.flush()
        yield started
    finally:
        for process in started:
            process.kill()
            process.communicate()


def results(started: Sequence[subprocess.Popen[str]]) -> list[Any]:
    answers = [process.communicate(timeout=60)[0] for process in started]
    assert [process.returncode for process in started] == [0] * len(started)
    return [json.loads(answer) for answer in answers]


def allowed(limit: tuple[float, float], off_by: float) -> tuple[float, float]:
    """What a server that knows each time only so well can tell for sure."""
    capacity, per_second = limit
    return capacity + off_by * per_second, per_second


def groups(count: int, each: int) -> list[list[str]]:
    return [[f"t{process}-{n}" for n in range(each)] for process in range(count)]


def test_four_processes_get_no_more_than_one_and_no_less(any_store: str) -> None:
    tenants, pages = groups(4, 15), 20
    with processes(any_store, tenants, pages) as started:
        found = results(started)
    due = [(key, at) for result in found for key, at in result["due"]]
    requests = 4 * 15 * pages
    assert len(due) == requests
    off_by = max(result["off_by"] for result in found)
    assert refusals([at for _, at in due], *allowed(REPORTS, off_by)) == 0
    for tenant in {key for key, _ in due}:
        assert refusals([at for key, at in due if key == tenant], *allowed(REPORTS_OF_A_TENANT, off_by)) == 0
    took = max(at for _, at in due) - min(at for _, at in due)
    for result in found:
        promised, sent = sorted(at for _, at in result["due"]), sorted(result["sent"])
        assert all(went >= at - result["off_by"] - 0.001 for at, went in zip(promised, sent, strict=True))
    capacity, per_second = REPORTS
    # How little is lost is measured in virtual time: here the machine may be busy with other things.
    assert requests - capacity <= (took + off_by) * per_second + 1


def test_a_process_that_is_killed_takes_only_its_places_with_it(tmp_path: Path) -> None:
    path = tmp_path / "limiter.sqlite"
    tenants, pages = groups(4, 15), 40
    with processes(f"sqlite:///{path}", tenants, pages) as started:
        time.sleep(0.5)  # all 60 tenants are in the queue
        assert [process.poll() for process in started] == [None] * 4
        started[0].kill()
        began = time.monotonic()
        found = results(started[1:])
        took = time.monotonic() - began
    due = [at for result in found for _, at in result["due"]]
    assert len(due) == 3 * 15 * pages
    assert refusals(due, *REPORTS) == 0
    assert took < 20
    connection = sqlite3.connect(path)
    assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
    connection.close()


def test_processes_share_what_one_tenant_may_do(tmp_path: Path) -> None:
    with processes(f"sqlite:///{tmp_path / 'limiter.sqlite'}", [["t"]] * 4, 15) as started:
        found = results(started)
    due = sorted(at for result in found for _, at in result["due"])
    assert len(due) == 60
    assert refusals(due, *REPORTS_OF_A_TENANT) == 0
