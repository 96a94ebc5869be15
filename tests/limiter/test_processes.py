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
SLACK = 0.02


@contextmanager
def processes(url: str, tenants: Sequence[Sequence[str]], pages: int) -> Iterator[list[subprocess.Popen[str]]]:
    """Start a process for each group of tenants and let all go at once."""
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.limiter.worker", url, str(TIMES), str(SLACK), ",".join(group), str(pages)],
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


def groups(count: int, each: int) -> list[list[str]]:
    return [[f"t{process}-{n}" for n in range(each)] for process in range(count)]


def test_four_processes_get_no_more_than_one_and_no_less(any_store: str) -> None:
    tenants, pages = groups(4, 15), 20
    with processes(any_store, tenants, pages) as started:
        found = results(started)
    due = [(key, at) for result in found for key, at in result["due"]]
    requests = 4 * 15 * pages
    assert len(due) == requests
    # We see the store's clock through two of ours, a moment apart: what the slack is for.
    assert refusals([at for _, at in due], 122, 122 * TIMES / 10) == 0
    for tenant in {key for key, _ in due}:
        assert refusals([at for key, at in due if key == tenant], 5, 5 * TIMES / 10) == 0
    took = max(at for _, at in due) - min(at for _, at in due)
    floor = (requests - 122) / (122 * TIMES / 10)
    assert took >= floor


def test_nobody_goes_before_its_time(any_store: str) -> None:
    with processes(any_store, groups(2, 10), 10) as started:
        found = results(started)
    for result in found:
        due, sent = sorted(at for _, at in result["due"]), sorted(result["sent"])
        assert all(went >= at - 0.001 for at, went in zip(due, sent, strict=True))


def test_a_process_that_is_killed_takes_only_its_places_with_it(tmp_path: Path) -> None:
    path = tmp_path / "limiter.sqlite"
    tenants, pages = groups(4, 15), 60
    with processes(f"sqlite:///{path}", tenants, pages) as started:
        time.sleep(0.7)
        assert [process.poll() for process in started] == [None] * 4
        started[0].kill()
        began = time.monotonic()
        found = results(started[1:])
        took = time.monotonic() - began
    due = [at for result in found for _, at in result["due"]]
    assert len(due) == 3 * 15 * pages
    assert refusals(due, 122, 122 * TIMES / 10) == 0
    assert took < 20
    connection = sqlite3.connect(path)
    assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
    connection.close()


def test_processes_share_what_one_tenant_may_do(tmp_path: Path) -> None:
    with processes(f"sqlite:///{tmp_path / 'limiter.sqlite'}", [["t"]] * 4, 15) as started:
        found = results(started)
    due = sorted(at for result in found for _, at in result["due"])
    assert len(due) == 60
    assert refusals(due, 5, 5 * TIMES / 10) == 0
    # None of the four starved: each had its last page in the second half of the time.
    assert all(max(at for _, at in result["due"]) > (due[0] + due[-1]) / 2 for result in found)
