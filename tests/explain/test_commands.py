"""The two commands as a person uses them, in a process of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from collectors.config import Config

ROOT = Path(__file__).parents[2]


def rollcall(fleet: Config, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        str(ROOT / "rollcall.py"),
        *arguments,
        "--config",
        str(Path(fleet.folder, "rollcall.toml")),
    ]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, cwd=ROOT)


def test_explain_prints_the_text_and_the_data(fleet: Config) -> None:
    golden = Path(__file__).with_name("golden") / "trusted-location.txt"
    shown = rollcall(fleet, "explain", "case-trusted-location@kestrel.example")
    assert (shown.stdout, shown.returncode) == (golden.read_text("utf-8"), 0), shown.stderr
    data = rollcall(fleet, "explain", "case-trusted-location@kestrel.example", "--json")
    assert json.loads(data.stdout)["verdict"] == "at_risk"


def test_who_is_not_there_ends_with_one_clear_line(fleet: Config) -> None:
    ended = rollcall(fleet, "explain", "case-trusted")
    assert ended.returncode != 0
    assert ended.stdout == ""
    assert len(ended.stderr.strip().splitlines()) == 1
    assert "case-trusted-location@kestrel.example" in ended.stderr


def test_simulate_prints_who_moves(fleet: Config) -> None:
    shown = rollcall(
        fleet, "simulate", "--tenant", "Kestrel Distribution Ltd", "--drop-exclusion", "CA-Exclude-Warehouse"
    )
    assert shown.returncode == 0, shown.stderr
    assert "case-never-touches-partner-center@kestrel.example" in " ".join(shown.stdout.split())
    assert "not compliant -> at risk" in " ".join(shown.stdout.split())
