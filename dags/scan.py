"""The nightly scan: what runs after what. The work itself is in the packages each task imports.

A tenant that cannot be read does not fail its task: it is an outcome, shown as *not assessed* on its scorecard, and
turns only the last task, ``strict``, red. Clear that tenant's ``collect`` with downstream to scan it again alone.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import (
    ExceptionRetryPolicy,
    Param,
    RetryAction,
    RetryRule,
    TriggerRule,
    dag,
    get_current_context,
    task,
)
from airflow.timetables.trigger import CronTriggerTimetable

from collectors.catalogue import catalogue
from collectors.config import load as load_config
from collectors.errors import ConfigError

if TYPE_CHECKING:
    from airflow.sdk import XComArg

ONE_TASK_A_TENANT = 200  # up to this many; beyond, tenants share tasks, for a task costs Airflow 0.2 s
# What an operator must mend first is not mended by trying again.
MEND_FIRST = ExceptionRetryPolicy(rules=[RetryRule(exception=ConfigError, action=RetryAction.FAIL)])
WRITER = "warehouse"  # a pool of one slot: DuckDB has one writer


def _form() -> dict[str, Param]:
    """Return the parameters of the trigger form. Their choices come from a small file, never from the database."""
    try:
        path = load_config().published.with_name("tenants.json")
        tenants = {t["tenant_id"]: t["name"] for t in json.loads(path.read_text("utf-8"))}
    except (ConfigError, OSError, ValueError, KeyError, TypeError):
        tenants = {}  # before the first scan, or while the file is wrong: the tasks say what is
    return {
        "tenants": Param(
            [],
            type=["array", "null"],
            title="Tenants",
            description_md="Ids or names of the tenants to scan. Empty means **all**.",
            examples=[*tenants],
            values_display=tenants,
        ),
        "collectors": Param(
            [],
            type=["array", "null"],
            title="Collectors",
            description_md="Empty means **all**. What is left out keeps its last good data.",
            examples=[collector.name for collector in catalogue().collectors],
        ),
    }


@task
def notify() -> dict[str, str]:
    """Tell each channel of the configuration what got worse in this scan, once."""
    from checks.scan import notify_scan

    return notify_scan(load_config(), get_current_context()["dag_run"].run_id)


@dag(
    dag_id="mfa_scan",
    dag_display_name="MFA scan",
    description="Scan every partner and customer tenant, judge every account, publish the scorecards.",
    schedule=CronTriggerTimetable("0 2 * * *", timezone="UTC"),
    catchup=False,
    max_active_runs=1,
    max_active_tasks=64,  # the executor's parallelism is the brake
    params=_form(),
    # A worker that dies, or a machine too busy to start one, is tried again. What a tenant does is never retried
    # here: the collectors wait and ask again themselves.
    default_args={"retries": 2, "retry_delay": timedelta(seconds=10), "retry_policy": MEND_FIRST},
    tags=["mfa-rollcall"],
    doc_md=__doc__,
)
def mfa_scan() -> None:
    """Declare the scan."""

    @task
    def partners() -> list[dict[str, str]]:
        """List the partners of the configuration."""
        return [{"tenant_id": p.tenant_id, "name": p.name} for p in load_config().partner]

    @task(map_index_template="{{ partner_name }}")
    def discover(partner: dict[str, str]) -> dict[str, Any]:
        """Ask a partner's tenant which customers it has."""
        get_current_context()["partner_name"] = partner["name"]  # type: ignore[typeddict-unknown-key]
        from checks.scan import discover_customers

        return discover_customers(load_config(), partner["tenant_id"])

    @task(trigger_rule=TriggerRule.ALL_DONE_MIN_ONE_SUCCESS)
    def plan(discovered: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
        """Decide what this scan reads, and write it down; return the tenants in batches."""
        from checks.scan import plan_scan

        context = get_current_context()
        return plan_scan(
            load_config(),
            scan_id=context["dag_run"].run_id,
            scanned_at=context["dag_run"].run_after,
            discovered=discovered[:],  # read at once; one by one, the end of the list is logged as an error
            params=dict(context["params"]),
            tasks=ONE_TASK_A_TENANT,
        )

    @task(map_index_template="{{ tenant_name }}")
    def collect(batch: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Read every chosen dataset of the batch's tenants; return what became of each."""
        more = f" and {len(batch) - 1} more" if len(batch) > 1 else ""
        context = get_current_context()
        context["tenant_name"] = f"{batch[0]['name']}{more}"  # type: ignore[typeddict-unknown-key]
        from checks.scan import collect_batch

        return collect_batch(load_config(), context["dag_run"].run_id, batch)

    @task(pool=WRITER, trigger_rule=TriggerRule.ALL_DONE)
    def load() -> dict[str, int]:
        """Put what arrived whole into the warehouse."""
        from checks.scan import load_scan

        return load_scan(load_config(), get_current_context()["dag_run"].run_id)

    @task(pool=WRITER)
    def judge() -> dict[str, Any]:
        """Give every account its verdict."""
        from checks.scan import judge_scan

        return judge_scan(load_config())

    @task(pool=WRITER)
    def check() -> dict[str, Any]:
        """Hold the evidence against the rules, in Great Expectations."""
        from checks.scan import check_scan

        return check_scan(load_config())

    @task(pool=WRITER)
    def publish() -> str:
        """Publish the scorecards and the readers' copy of the warehouse."""
        from checks.scan import publish_scan

        return publish_scan(load_config())

    @task(retries=0)
    def strict() -> None:
        """Fail if any tenant was not read completely, so that the run says so."""
        from checks.scan import require_complete

        require_complete(load_config(), get_current_context()["dag_run"].run_id)

    discovered = discover.expand(partner=partners())
    collected: XComArg = collect.expand(batch=plan(discovered))  # type: ignore[arg-type]
    published = publish()
    collected >> load() >> judge() >> check() >> published
    [collected, published] >> strict()
    # A teardown: whom it cannot tell turns the task red, and neither the run nor anything that was found.
    published >> notify().as_teardown()


mfa_scan()
