"""A known secret and every token are looked for wherever something is written down."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from collectors.landing import read_rows
from tests.cloud import PARTNER, SECRET, Cloud, cloud

NEEDLES = (SECRET, "eyJ")  # every JSON web token begins so

# Breaks off in the middle of reading, in a frame that holds everything, and shows the locals of all frames.
CRASH = """
import asyncio, traceback
from collectors.catalogue import catalogue
from collectors.collect import clients_of, collect
from collectors.config import load
from collectors.credentials import resolve
from collectors.discover import tenant_of
from collectors.landing import Landing, Plan
from collectors.limiter import Limiter
from collectors.reading import Reading
from datetime import UTC, datetime
from rich.console import Console
import rich.traceback

config = load()
tenant = tenant_of(config.partner[0])
plan = Plan(scan_id="crash", scanned_at=datetime(2026, 11, 23, 2, tzinfo=UTC), tenants=(tenant,))
Landing(config.landing, "crash").write_plan(plan)

async def read():
    credential = resolve(config.partner[0].credential)
    async with Limiter.open(config.limits) as limiter, clients_of(config, tenant, limiter) as clients:
        client = clients["graph"]
        tokens, http = client._tokens, client._http
        await client.get(f"{client.base}/v1.0/organization")
        reading = Reading(clients, Landing(config.landing, "crash"), plan, tenant)
        raise RuntimeError(f"in the middle of {client} {tokens} {credential} {vars(reading)}")

try:
    asyncio.run(read())
except RuntimeError:
    traceback.print_exc()
    shown = rich.traceback.Traceback(show_locals=True, locals_max_string=None, locals_max_length=None)
    Console(width=4000).print(shown)
collect(config, plan, plan.tenants, catalogue())
"""


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with cloud(tmp_path, monkeypatch) as one:
        one.put(PARTNER, "v1.0/users", {"value": [{"id": "u", "userPrincipalName": "u@x.example"}]})
        yield one


def test_no_secret_is_in_a_traceback_a_log_a_file_or_a_process_listing(planted: Cloud) -> None:
    seen: list[bytes] = []
    over = threading.Event()

    def list_processes() -> None:
        while not over.is_set():
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    seen.append(path.read_bytes())
                except OSError:  # it has ended
                    continue
            time.sleep(0.05)

    watcher = threading.Thread(target=list_processes)
    watcher.start()
    try:
        ran = subprocess.run([sys.executable, "-c", CRASH], capture_output=True, text=True, check=False, timeout=120)
    finally:
        over.set()
        watcher.join()
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert "in the middle of" in ran.stdout
    assert "GraphClient" in ran.stdout
    assert any(b"in the middle of" in line for line in seen), "the process was not listed"
    texts = {"output": (ran.stdout + ran.stderr).encode(), "processes": b"\0".join(seen)}
    for path in planted.folder.rglob("*"):
        if path.is_file() and path.suffix != ".toml" and planted.data not in path.parents:
            content = path.read_bytes()
            texts[path.name] = b"".join(map(msgspec.json.encode, read_rows(path))) if path.suffix == ".zst" else content
    assert {"plan.json", "limits.sqlite"} <= texts.keys(), sorted(texts)
    assert any(name.endswith(".zst") for name in texts)
    found = [(name, needle) for name, text in texts.items() for needle in NEEDLES if needle.encode() in text]
    assert found == []
