"""The few calls of Airflow's REST API that we make."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx

from embedded.settings import WRITER_POOL, Embedded

DAG = "mfa_scan"


class Airflow:
    """A signed-in client of one Airflow API server."""

    def __init__(self, embedded: Embedded) -> None:
        self._embedded = embedded
        self._http = httpx.Client(base_url=embedded.url, timeout=30)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def is_healthy(self) -> bool:
        """Whether the server answers and the scheduler and the DAG processor are alive."""
        try:
            health = self._http.get("/api/v2/monitor/health", timeout=5)
        except httpx.HTTPError:
            return False
        parts = ("metadatabase", "scheduler", "dag_processor")
        return health.is_success and all(health.json()[part]["status"] == "healthy" for part in parts)

    def sign_in(self) -> None:
        """Sign in as ``admin``."""
        body = {"username": "admin", "password": self._embedded.password()}
        answer = self._http.post("/auth/token", json=body).raise_for_status()
        self._http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def has_dag(self) -> bool:
        """Whether the DAG processor has read our DAG."""
        return self._http.get(f"/api/v2/dags/{DAG}").is_success

    def import_errors(self) -> list[str]:
        """Return what keeps a DAG file from being read."""
        return [error["stack_trace"] for error in self._get("/api/v2/importErrors")["import_errors"]]

    def make_pool(self) -> None:
        """Make the pool of one slot for the warehouse's one writer, unless there is one."""
        if self._http.get(f"/api/v2/pools/{WRITER_POOL}").status_code == httpx.codes.NOT_FOUND:
            body = {"name": WRITER_POOL, "slots": 1, "description": "DuckDB has one writer."}
            self._http.post("/api/v2/pools", json=body).raise_for_status()

    def end_abandoned(self) -> list[str]:
        """Fail the runs that an earlier Airflow left unfinished when it was stopped; return their ids."""
        runs = self._get(f"/api/v2/dags/{DAG}/dagRuns", state=["running", "queued"])["dag_runs"]
        for run in runs:
            self._http.patch(self._run(run["dag_run_id"]), json={"state": "failed"}).raise_for_status()
        return [run["dag_run_id"] for run in runs]

    def trigger(self, conf: dict[str, Any] | None = None) -> str:
        """Start a scan now and return its run id."""
        body = {"logical_date": None, "conf": conf or {}}
        answer = self._http.post(f"/api/v2/dags/{DAG}/dagRuns", json=body).raise_for_status()
        return str(answer.json()["dag_run_id"])

    def state(self, run_id: str) -> str:
        """Return the state of a run: queued, running, success or failed."""
        return str(self._get(self._run(run_id))["state"])

    def task_instances(self, run_id: str) -> list[dict[str, Any]]:
        """Return the task instances of a run, all of them."""
        found: list[dict[str, Any]] = []
        while True:
            page = self._get(f"{self._run(run_id)}/taskInstances", limit=100, offset=len(found))
            found += page["task_instances"]
            if not page["task_instances"] or len(found) >= page["total_entries"]:
                return found

    def result(self, instance: dict[str, Any]) -> Any:
        """Return what a task instance returned, or None."""
        answer = self._ask_task(instance, "xcomEntries/return_value", deserialize=True)
        return answer.json()["value"] if answer.is_success else None

    def error(self, instance: dict[str, Any]) -> str:
        """Return the last error in a task instance's log, without its traceback."""
        answer = self._ask_task(instance, f"logs/{instance['try_number']}", full_content=True)
        entries = answer.json()["content"] if answer.is_success else []
        errors = [entry["error_detail"][0] for entry in entries if entry.get("error_detail")]
        return f"{errors[-1]['exc_type']}: {errors[-1]['exc_value']}" if errors else "see its log"

    def clear(self, run_id: str, task_id: str, map_index: int) -> list[dict[str, Any]]:
        """Run one mapped task and all after it again; return the cleared task instances."""
        body = {
            "dry_run": False,
            "dag_run_id": run_id,
            "task_ids": [[task_id, map_index]],
            "include_downstream": True,
            "only_failed": False,
            "reset_dag_runs": True,
        }
        answer = self._http.post(f"/api/v2/dags/{DAG}/clearTaskInstances", json=body).raise_for_status()
        cleared: list[dict[str, Any]] = answer.json()["task_instances"]
        return cleared

    def _ask_task(self, instance: dict[str, Any], what: str, **params: Any) -> httpx.Response:
        path = f"{self._run(instance['dag_run_id'])}/taskInstances/{instance['task_id']}/{what}"
        return self._http.get(path, params={"map_index": instance["map_index"], **params})

    def _run(self, run_id: str) -> str:
        return f"/api/v2/dags/{DAG}/dagRuns/{quote(run_id, safe='')}"

    def _get(self, path: str, **params: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self._http.get(path, params=params).raise_for_status().json()
        return answer
