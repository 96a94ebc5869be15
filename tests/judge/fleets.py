"""Scan tenants for real: the sandbox serves them, all collectors read, the warehouse loads and judges."""

from __future__ import annotations

from collections.abc import Sequence

from checks.judge import judge
from checks.scan import load_scan
from collectors.catalogue import catalogue
from collectors.collect import collect
from collectors.config import Config, Tenant
from collectors.landing import Landing, Outcome, Plan
from tests.cloud import NOW


def scan(config: Config, tenants: Sequence[Tenant]) -> list[Outcome]:
    """Collect, load and judge these tenants, as the DAG's tasks do."""
    plan = Plan(scan_id="scan-1", scanned_at=NOW, tenants=tuple(tenants))
    Landing(config.landing, plan.scan_id).write_plan(plan)
    outcomes = collect(config, plan, plan.tenants, catalogue())
    load_scan(config, plan.scan_id)
    judge(config)
    return outcomes
