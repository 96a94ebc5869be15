"""Our side, a process for each step: ``plan`` (and make the warehouse), ``collect`` a share of the tenants, ``load``.

python -m benchmarks.ours plan CONFIG SCAN AS_OF [COLLECTOR ...]
python -m benchmarks.ours collect CONFIG SCAN FIRST STEP
python -m benchmarks.ours collect-unlimited CONFIG SCAN FIRST STEP
python -m benchmarks.ours load CONFIG SCAN
python -m benchmarks.ours landed CONFIG SCAN TENANTS
python -m benchmarks.ours change CONFIG SCAN NEXT SHARE
python -m benchmarks.ours judge|check|publish|ask CONFIG
"""

import asyncio
import operator
import os
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

# What a task finds imported, or imports once however long it works, is not what collecting costs.
import airflow.sdk.execution_time.supervisor  # noqa: F401
import anyio._backends._asyncio  # noqa: F401
import msal  # noqa: F401
import msgspec

# Tasks fork with Great Expectations loaded, and so with pandas, which DuckDB looks for with the first parameter.
import pandas as pd  # noqa: F401
import structlog

from benchmarks.measured import measured
from checks import scan
from checks.scorecards import record as record_scorecards
from collectors.catalogue import catalogue
from collectors.collect import collect_tenant
from collectors.config import load as load_config
from collectors.journal import RowWriter
from collectors.landing import Landing, read_rows
from collectors.limiter import Limiter
from collectors.limiter.sqlite import SqliteStore
from warehouse import query
from warehouse.engine import reader, writer
from warehouse.load import load as load_landing  # noqa: F401
from warehouse.migrate import prepare
from warehouse.publish import publish as publish_copy


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


def collect_unlimited(config, scan_id, first, step):
    """Collect a share of the tenants with limits whose clock runs ten thousand times as fast."""
    plan = Landing(config.landing, scan_id).plan()
    store = SqliteStore(Path(config.folder, f"fast-{first}.sqlite"), clock=lambda: time.monotonic() * 10_000)

    async def each():
        async with Limiter(store) as limiter:
            for tenant in plan.tenants[int(first) :: int(step)]:
                yield await collect_tenant(config, plan, tenant, catalogue(), limiter)

    async def every():
        return [one async for outcomes in each() for one in outcomes]

    outcomes = asyncio.run(every())
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


LISTS = ("users", "authentication_methods", "sign_ins")


def landed(config, scan_id, tenants):
    """Return the (tenant, path) of the files of the three long lists, of so many tenants."""
    landing = Landing(config.landing, scan_id)
    files = {name: [] for name in LISTS}
    for tenant in landing.plan().tenants[: int(tenants)]:
        for one in landing.outcomes(tenant.tenant_id):
            if one.dataset in files:
                files[one.dataset].append((tenant.tenant_id, str(landing.path(one))))
    return {"files": files}


def change(config, scan_id, next_id, share):
    """Land another night: of each tenant a share of the users and registrations has changed, all else is as it was."""
    before, after = Landing(config.landing, scan_id), Landing(config.landing, next_id)
    plan = before.plan()
    after.write_plan(msgspec.structs.replace(plan, scan_id=next_id, scanned_at=plan.scanned_at + timedelta(days=1)))
    fields = {"users": ("displayName", str.upper), "authentication_methods": ("isPasswordlessCapable", operator.not_)}
    step = round(1 / float(share))
    for tenant in plan.tenants:
        outcomes = []
        for one in before.outcomes(tenant.tenant_id):
            new = {"scan_id": next_id, "collected_at": one.collected_at + timedelta(days=1)}
            if one.dataset in fields:
                new |= _changed(after.tenant(tenant.tenant_id), one, before.path(one), *fields[one.dataset], step)
            elif one.file:
                os.link(before.path(one), after.tenant(tenant.tenant_id) / one.file)
            outcomes.append(msgspec.structs.replace(one, **new))
        after.write_outcomes(tenant.tenant_id, outcomes)
    return {}


def _changed(folder, outcome, path, field, turn, step):
    rows = [*read_rows(path)]
    for row in rows[::step]:
        row[field] = turn(row[field])
    with RowWriter(folder, outcome.dataset) as writer:
        for at in range(0, len(rows), 999):
            writer.write(rows[at : at + 999])
        file, digest = writer.keep()
    (folder / f"{outcome.dataset}.journal").unlink()
    return {"file": file, "sha256": digest, "bytes": writer.bytes}


def judge(config):
    return scan.judge_scan(config)


def check(config):
    return scan.check_scan(config)


def publish(config):
    record_scorecards(config)
    publish_copy(config)
    return {}


def ask(config):
    """Ask every question of the cookbook twice, the whole answer to a Parquet file; the slower time of each."""
    seconds = {}
    output = Path(config.folder, "answer.parquet")
    for path in sorted(Path("docs/cookbook").glob("*.sql")):
        for _ in range(2):
            started = time.monotonic()
            with reader(config.published, output) as con:
                query.write(con, path.read_text("utf-8"), "parquet", output)
            seconds[path.stem] = max(seconds.get(path.stem, 0), time.monotonic() - started)
    return {"seconds": seconds}


def _counts(outcomes):
    states = [outcome["state"] for outcome in outcomes]
    return {state: states.count(state) for state in sorted(set(states))}


if __name__ == "__main__":
    role, path, *arguments = sys.argv[1:]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    settings = load_config(Path(path))
    catalogue()
    roles = {
        "plan": plan,
        "collect": collect,
        "collect-unlimited": collect_unlimited,
        "load": load,
        "landed": landed,
        "change": change,
        "judge": judge,
        "check": check,
        "publish": publish,
        "ask": ask,
    }
    measured(lambda: roles[role](settings, *arguments))
