"""Load, judge and publish, killed again and again: ``python -m tests.warehouse.killed FOLDER KILLS SEED``.

The folder holds a warehouse that was published after a first night, and what a second night landed. A child runs the
second night's steps and is killed with SIGKILL at a random moment. Whenever, the published file and the reports are
those of before or those of after. When the steps came to their end it begins anew from the first night.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from checks.scan import judge_scan, load_scan, publish_scan
from collectors.config import Config, Partner, Storage
from tests.collectors.killed import ended
from tests.warehouse.scans import ACME, BORG, MICROSOFT, Scan, tenant, user
from warehouse.catalog import tables
from warehouse.engine import reader

PEOPLE = 400


def config_of(folder: Path) -> Config:
    partner = Partner(tenant_id=ACME, name="Acme", program="direct-bill", credential="acme")
    storage = Storage(landing="landing", warehouse="in/w.duckdb", published="out/w.duckdb")
    return Config(partner=(partner,), storage=storage, folder=str(folder))


def land(folder: Path, night: int) -> str:
    """Land what a night brought of two tenants, the second night other people; return the scan's id."""
    partner = tenant(ACME, kind="partner", partner_id=ACME, program="direct-bill")
    scan = Scan(folder, partner, tenant(BORG, name="Borg", partner_id=ACME), night=night)
    for number, one in enumerate((ACME, BORG)):
        people = [user(n, displayName=f"{night} {n}") for n in range(night * 50, PEOPLE + number)]
        scan.land(one, MICROSOFT.dataset("users"), people[:200], people[200:])
        scan.land(one, MICROSOFT.dataset("security_defaults"), [{"id": "defaults", "isEnabled": night == 1}])
    scan.landing.write_plan(scan.plan)
    return scan.plan.scan_id


def steps(config: Config, scan_id: str) -> None:
    load_scan(config, scan_id)
    judge_scan(config)
    publish_scan(config)


def published(config: Config) -> str:
    """Return a hash of every row of every table of the published file, which its views only look at."""
    digest = hashlib.sha256()
    with reader(config.published) as con:
        for each in tables(con):
            rows = con.execute(f"select * from {each.qualified} order by all").fetchall()
            digest.update(f"{each.called} {rows}\n".encode())
    return digest.hexdigest()


def reported(config: Config) -> str:
    """Return a hash of every report."""
    folder = config.published.with_name("scorecards")
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}
    return hashlib.sha256(json.dumps(files).encode()).hexdigest()


def begin(folder: Path) -> tuple[Config, str]:
    """Put the first night's state (again) where the config says; return the config and the second night's scan."""
    config = config_of(folder / "now")
    shutil.rmtree(folder / "now", ignore_errors=True)
    shutil.copytree(folder / "first", folder / "now", symlinks=True)
    return config, (folder / "second").read_text("utf-8")


def make(folder: Path) -> None:
    """Make what :func:`begin` needs."""
    first = config_of(folder / "first")
    steps(first, land(folder / "first", 0))
    (folder / "second").write_text(land(folder / "first", 1), "utf-8")


def child(config: Config, scan_id: str) -> int:
    pid = os.fork()
    if pid == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        steps(config, scan_id)
        os._exit(0)
    return pid


def main(folder: Path, kills: int, seed: int) -> Mapping[str, object]:
    make(folder)
    chance = random.Random(seed)
    config, scan_id = begin(folder)
    before = (published(config), reported(config))
    began = time.monotonic()
    assert ended(child(config, scan_id), 300)
    longest = time.monotonic() - began
    after = (published(config), reported(config))
    assert before[0] != after[0]
    assert before[1] != after[1]
    config, scan_id = begin(folder)
    seen: Counter[str] = Counter()
    killed = finished = 0
    while killed < kills or not finished:
        # The last one may take its time.
        done = ended(child(config, scan_id), chance.uniform(0, longest * 1.5) if killed < kills else 300)
        found = (published(config), reported(config))
        place = f"after {killed} kills: {found} is neither {before} nor {after}"
        assert found in {before, after, (after[0], before[1])}, place  # the file is swapped in, then the reports
        seen["after" if found == after else "before" if found == before else "file only"] += 1
        if not done:
            killed += 1
            continue
        assert found == after
        finished += 1
        assert [path.name for path in config.warehouse.parent.iterdir()] == ["w.duckdb"]
        left = [path.name for path in config.published.parent.iterdir() if path.suffix in {".part", ".link"}]
        assert not left, left
        config, scan_id = begin(folder)
    return {"killed": killed, "finished": finished, **seen, "seconds": round(longest, 2)}


if __name__ == "__main__":
    print(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
