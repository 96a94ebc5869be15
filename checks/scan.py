"""The steps of a scan, as the DAG's tasks run them: each can be run again and gives the same answer."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

import msgspec
import structlog

from collectors.catalogue import catalogue
from collectors.collect import collect
from collectors.config import Config, Tenant
from collectors.discover import Discovery, discover, plan_tenants
from collectors.errors import ConfigError
from collectors.landing import Landing, Plan

log = structlog.get_logger(__name__)

# A tenant without the licence has simply no such data; what was not asked for is not missing.
FINE = ("complete", "not_licensed", "skipped")


class Incomplete(Exception):  # noqa: N818  (it is the scan's result, not an accident)
    """At least one dataset of one tenant did not arrive whole."""


def discover_customers(config: Config, partner_id: str) -> dict[str, Any]:
    """Ask a partner's tenant which customers it has and return the :class:`Discovery`."""
    found: dict[str, Any] = _plain(discover(config, config.partner_of(partner_id)))
    return found


def plan_scan(
    config: Config,
    *,
    scan_id: str,
    scanned_at: datetime,
    discovered: list[dict[str, Any]],
    params: dict[str, Any],
    tasks: int,
) -> list[list[dict[str, Any]]]:
    """Write the scan's plan and return its tenants in at most ``tasks`` batches. Raises :class:`ConfigError`."""
    from checks.rules import packs_of
    from warehouse.retention import retention
    from warehouse.tenants import known_tenants, read_until

    retention(config, catalogue())  # a mistake there, or in a pack of rules, is said before anything is read
    packs_of(config)
    discoveries = msgspec.convert(discovered, list[Discovery])
    missing = {p.tenant_id for p in config.partner} - {d.partner_id for d in discoveries}
    ordinary = catalogue().opted_in(config.collect.opt_in)
    chosen = tuple(params.get("collectors") or ordinary)
    catalogue().chosen(list(chosen), "partner")  # refuses a name nobody has
    try:
        tenants = plan_tenants(discoveries, known_tenants(config), list(params.get("tenants") or ()))
    except LookupError as error:
        raise ConfigError(str(error)) from None
    problems = [f"{d.partner_id}: {d.error}" for d in discoveries if d.error]
    problems += [f"{partner_id}: its customers were not looked up" for partner_id in sorted(missing)]
    landing = Landing(config.landing, scan_id)
    landing.write_plan(
        Plan(
            scan_id=scan_id,
            scanned_at=scanned_at,
            tenants=tuple(tenants),
            collectors=chosen,
            opt_in=config.collect.opt_in,
            read_until=read_until(config, catalogue()),
            problems=tuple(problems),
        )
    )
    log.info("planned", scan=scan_id, tenants=len(tenants), problems=problems)
    size = max(1, math.ceil(len(tenants) / tasks))
    return [_plain(tenants[at : at + size]) for at in range(0, len(tenants), size)]


def collect_batch(config: Config, scan_id: str, batch: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Collect a batch of tenants and return the small part of each outcome that is worth an XCom."""
    plan = Landing(config.landing, scan_id).plan()
    outcomes = collect(config, plan, msgspec.convert(batch, list[Tenant]), catalogue())
    return [{"tenant_id": o.tenant_id, "dataset": o.dataset, "state": o.state, "rows": o.rows} for o in outcomes]


def load_scan(config: Config, scan_id: str) -> dict[str, int]:
    """Load what arrived whole and return how many datasets have which state."""
    from warehouse.load import load
    from warehouse.migrate import prepared
    from warehouse.retention import retention

    landing = Landing(config.landing, scan_id)
    plan = landing.plan()
    kept = retention(config, catalogue())
    with prepared(config.warehouse, catalogue()) as con:
        states: dict[str, int] = {}
        for status in load(con, landing, plan, catalogue(), kept):
            states[status.state] = states.get(status.state, 0) + 1
    return states


def judge_scan(config: Config) -> dict[str, Any]:
    """Give every account its verdict and return a summary."""
    from checks.judge import judge

    summary: dict[str, Any] = _plain(judge(config))
    return summary


def check_scan(config: Config) -> dict[str, Any]:
    """Hold the evidence against the rules and return a summary."""
    from checks.check import check

    summary: dict[str, Any] = _plain(check(config))
    return summary


def publish_scan(config: Config) -> str:
    """Record what changed and the scorecards, publish the readers' copy, write the reports; return where they begin."""
    from checks.changes.record import record as record_changes
    from checks.report import write_reports
    from checks.scorecards import record
    from warehouse.publish import publish

    record_changes(config)
    record(config)
    publish(config)
    return str(write_reports(config))


def notify_scan(config: Config, scan_id: str) -> dict[str, str]:
    """Tell every channel what got worse and return what became of each."""
    from checks.notify.send import notify

    return notify(config, scan_id)


def require_complete(config: Config, scan_id: str) -> None:
    """Raise :class:`Incomplete` that names each dataset of each tenant that did not arrive whole."""
    from warehouse.tenants import unfinished

    problems = list(Landing(config.landing, scan_id).plan().problems)
    problems += unfinished(config, scan_id, FINE)
    if problems:
        msg = f"{len(problems)} not read completely:\n" + "\n".join(f"  {problem}" for problem in problems)
        raise Incomplete(msg)


def _plain(value: object) -> Any:
    """Return ``value`` as JSON has it: a tuple in an XCom reads as text in Airflow's API."""
    return msgspec.json.decode(msgspec.json.encode(value))
