"""Following a scan while it runs: a line for each thing that ends."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx

from embedded.rest import Airflow
from embedded.stack import StackError

SILENT_SECONDS = 120
ENDED = ("success", "failed", "upstream_failed", "skipped", "removed")


def follow(airflow: Airflow, run_id: str, say: Callable[[str], None]) -> str:
    """Say what ends until the run does; return its state (success or failed).

    Raises :class:`StackError` if Airflow stops answering, or stops working, before that.
    """
    told: set[tuple[str, int, int]] = set()
    healthy_at = time.monotonic()
    while True:
        try:
            state = airflow.state(run_id)
            instances = airflow.task_instances(run_id)
        except (httpx.TransportError, httpx.HTTPStatusError) as error:
            # SQLite makes the API server wait for the scheduler now and then.
            if time.monotonic() - healthy_at > SILENT_SECONDS:
                msg = f"Airflow has not answered for {SILENT_SECONDS} s: {error}"
                raise StackError(msg) from None
            time.sleep(1)
            continue
        if airflow.is_healthy():
            healthy_at = time.monotonic()
        elif time.monotonic() - healthy_at > SILENT_SECONDS:
            msg = f"Airflow's scheduler or DAG processor has not been healthy for {SILENT_SECONDS} s."
            raise StackError(msg)
        for instance in sorted(instances, key=lambda i: (i["end_date"] or "", i["map_index"])):
            key = instance["task_id"], instance["map_index"], instance["try_number"]
            if instance["state"] in ENDED and key not in told:
                told.add(key)
                say(_line(instance, airflow))
        if state in ("success", "failed"):
            return state
        time.sleep(1)


def has_finished(airflow: Airflow, run_id: str) -> bool:
    """Whether a run did all its work. ``strict`` may still say that some tenants could not be read."""
    return all(i["state"] == "success" for i in airflow.task_instances(run_id) if i["task_id"] != "strict")


def problems(airflow: Airflow, run_id: str) -> list[str]:
    """Return why each failed task of a run failed."""
    failed = (i for i in airflow.task_instances(run_id) if i["state"] == "failed")
    return [f"{_name(instance)} failed: {airflow.error(instance)}" for instance in failed]


def _name(instance: dict[str, Any]) -> str:
    label = instance.get("rendered_map_index") or ""
    return f"{instance['task_id']} {label}".rstrip()


def _line(instance: dict[str, Any], airflow: Airflow) -> str:
    seconds = f"{instance['duration'] or 0:5.1f} s"
    said = instance["state"]
    if said == "success":
        said = _summary(instance["task_id"], airflow.result(instance))
    return f"{seconds}  {instance['task_id']:<9} {instance.get('rendered_map_index') or '':<28} {said}".rstrip()


def _summary(task_id: str, result: Any) -> str:
    if task_id == "discover":
        return result["error"] or f"{len(result['tenants']) - 1} customers"
    if task_id == "plan":
        return f"{sum(map(len, result))} tenants in {len(result)} tasks"
    if task_id == "collect":
        states = Counter(outcome["state"] for outcome in result)
        rows = sum(outcome["rows"] for outcome in result)
        rest = [f"{count} {state}" for state, count in sorted(states.items()) if state != "complete"]
        return ", ".join([f"{states['complete']} datasets complete", *rest, f"{rows:,} rows"])
    if isinstance(result, dict):
        return ", ".join(f"{value} {key}" for key, value in result.items() if isinstance(value, int))
    return ""
