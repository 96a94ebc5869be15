"""Our side, a process for each step: ``plan`` (and make the warehouse), ``collect`` a share of the tenants, ``load``.

python -m benchmarks.ours plan CONFIG SCAN AS_OF [COLLECTOR ...]
python -m benchmarks.ours collect CONFIG SCAN FIRST STEP
python -m benchmarks.ours collect-unlimited CONFIG SCAN
python -m benchmarks.ours load CONFIG SCAN
"""

import asyncio
import sys
import time
from datetime import datetime
from pathlib import Path

# What a task finds imported, or imports once however long it works, is not what collecting costs.
import airflow.sdk  # noqa: F401
import msal  # noqa: F401
import msgspec

# Tasks fork with Great Expectations loaded, and so with pandas, which DuckDB looks for with the first parameter.
import pandas as pd  # noqa: F401
import structlog

from benchmarks.measured import measured
from checks import scan
from collectors.catalogue import catalogue
from collectors.collect import collect_tenant
from collectors.config import load as load_config
from collectors.landing import Landing
from collectors.limiter import Limiter
from collectors.limiter.sqlite import SqliteStore
from warehouse.engine import writer
from warehouse.load import load as load_landing  # noqa: F401
from warehouse.migrate import prepare


def plan(config, scan_id, as_of, *collectors):
    with writer(config.warehouse) as con:
        prepare(con, catalogue())  # as every scan but the first finds it
    discovered = [scan.discover_customers(config, partner.tenant_id) for partner in config.partner]
    batches = scan.plan_scan(
        config,
        scan_id=scan_id,
        scanned_at=datetime.fromisoformat(as_of),
        discovered=discovered,
        params={"collectors": [*collectors]},
        tasks=1,
    )
    return {"tenants": [tenant["tenant_id"] for batch in batches for tenant in batch]}


def collect(config, scan_id, first, step):
    tenants = Landing(config.landing, scan_id).plan().tenants[int(first) :: int(step)]
    outcomes = scan.collect_batch(config, scan_id, msgspec.to_builtins(tenants))
    return {"states": _counts(outcomes), "rows": sum(outcome["rows"] for outcome in outcomes)}


def collect_unlimited(config, scan_id):
    """Collect the first tenant with limits whose clock runs ten thousand times as fast."""
    plan = Landing(config.landing, scan_id).plan()
    store = SqliteStore(Path(config.folder, "fast.sqlite"), clock=lambda: time.monotonic() * 10_000)

    async def first():
        async with Limiter(store) as limiter:
            return await collect_tenant(config, plan, plan.tenants[0], catalogue(), limiter)

    outcomes = asyncio.run(first())
    return {"states": sorted({one.state for one in outcomes}), "rows": sum(one.rows for one in outcomes)}


def load(config, scan_id):
    return {"states": scan.load_scan(config, scan_id), **_landed(config, scan_id)}


def _landed(config, scan_id):
    """Return what lies in the landing folder: rows, and the requests without which they would not be there."""
    landing = Landing(config.landing, scan_id)
    outcomes = [one for tenant in landing.plan().tenants for one in landing.outcomes(tenant.tenant_id)]
    return {
        "rows": sum(one.rows for one in outcomes),
        "bytes": sum(one.bytes for one in outcomes),
        # A page is a request, and so is a refusal that is an outcome.
        "needed": sum(one.pages + (one.state not in {"complete", "skipped"}) for one in outcomes),
        "datasets": sorted({one.dataset for one in outcomes}),
    }


def _counts(outcomes):
    states = [outcome["state"] for outcome in outcomes]
    return {state: states.count(state) for state in sorted(set(states))}


if __name__ == "__main__":
    role, path, *arguments = sys.argv[1:]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    settings = load_config(Path(path))
    catalogue()
    roles = {"plan": plan, "collect": collect, "collect-unlimited": collect_unlimited, "load": load}
    measured(lambda: roles[role](settings, *arguments))
