"""``kill -9`` at random moments of load, judge and publish; ``make check-crashes`` does it a hundred times."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

KILLS = os.environ.get("ROLLCALL_KILLS", "3")


@pytest.mark.timeout(1800)
def test_readers_find_the_state_before_or_after(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.warehouse.killed", str(tmp_path), KILLS, "11"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=1700)
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-4000:]
    print(ran.stdout.splitlines()[-1])
    assert f"'killed': {KILLS}" in ran.stdout
