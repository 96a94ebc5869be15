"""Collect a tenant, killed again and again: ``python -m tests.collectors.killed KILLS SEED``.

Forks a child that collects and kills it with SIGKILL at a random moment, until it was killed so often. Whenever the
tenant was read to its end, what landed and what is loaded is compared with an undisturbed run; then it begins anew.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from collectors.catalogue import catalogue
from collectors.collect import collect
from collectors.config import Config, load
from collectors.discover import tenant_of
from collectors.landing import Landing, Outcome, Plan
from warehouse.engine import scratch
from warehouse.load import load as load_landing
from warehouse.migrate import prepare

# Lists, objects asked for one by one and in batches, and few of Conditional Access: it allows one request a second.
COLLECTORS = ("users", "per_user_mfa", "sign_ins", "groups")
SCANNED_AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def plan_of(config: Config, scan_id: str) -> Plan:
    tenant = tenant_of(config.partner[0])
    plan = Plan(scan_id=scan_id, scanned_at=SCANNED_AT, tenants=(tenant,), collectors=COLLECTORS)
    Landing(config.landing, scan_id).write_plan(plan)
    return plan


def outcomes_of(config: Config, plan: Plan) -> list[Outcome]:
    return Landing(config.landing, plan.scan_id).outcomes(plan.tenants[0].tenant_id)


def hashed(config: Config, plan: Plan) -> str:
    """Return a hash of what landed and of the rows that are loaded from it."""
    digest = hashlib.sha256()
    for outcome in outcomes_of(config, plan):
        digest.update(f"{outcome.dataset} {outcome.state} {outcome.rows} {outcome.pages} {outcome.sha256}\n".encode())
    with scratch() as con:
        prepare(con, catalogue())
        load_landing(con, Landing(config.landing, plan.scan_id), plan, catalogue())
        for dataset in catalogue().datasets:
            rows = con.execute(f'select * exclude (collected_at) from "{dataset.name}" order by all').fetchall()
            digest.update(f"{dataset.name} {rows}\n".encode())
    return digest.hexdigest()


def child(config: Config, plan: Plan) -> int:
    """Collect in a process of its own and return its id."""
    pid = os.fork()
    if pid == 0:
        collect(config, plan, plan.tenants, catalogue())
        os._exit(0)
    return pid


def ended(pid: int, seconds: float) -> bool:
    """Whether the child ended by itself within so many seconds; else it is killed. Raises if it failed."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            assert status == 0, f"collect ended with {status}"
            return True
        time.sleep(0.002)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return False


def main(kills: int, seed: int) -> Mapping[str, object]:
    config, chance = load(), random.Random(seed)
    clean = plan_of(config, "clean")
    began = time.monotonic()
    assert ended(child(config, clean), 300)
    longest = time.monotonic() - began
    wanted = hashed(config, clean)
    plan = plan_of(config, "killed")
    folder = Path(Landing(config.landing, plan.scan_id).folder)
    killed = finished = 0
    while killed < kills or not finished:
        # The last one may take its time.
        if not ended(child(config, plan), chance.uniform(0, longest * 0.7) if killed < kills else 300):
            killed += 1
            continue
        found = hashed(config, plan)
        assert found == wanted, f"after {killed} kills: {found} is not {wanted}"
        assert not [*folder.rglob("*.journal")]
        finished += 1
        shutil.rmtree(folder)
        plan_of(config, "killed")
    return {"killed": killed, "finished": finished, "seconds": round(longest, 2), "hash": wanted}


if __name__ == "__main__":
    print(main(int(sys.argv[1]), int(sys.argv[2])))
