"""One real Airflow over one real cloud for all tests of this folder."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from embedded.follow import follow
from embedded.rest import Airflow
from embedded.settings import Embedded
from embedded.stack import airflow
from tests.cloud import APP, CONNECTION, CUSTOMER, PARTNER, SECRET, Cloud, cloud

OTHER = "44444444-0000-4000-8000-000000000004"


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def person(tenant: int, n: int, *, registered: bool = True) -> tuple[dict[str, Any], dict[str, Any]]:
    user = {
        "id": f"{tenant:08d}-0000-4000-9000-{n:012d}",
        "userPrincipalName": f"person{n}@tenant{tenant}.example",
        "displayName": f"Person <b>{n}</b>",
        "accountEnabled": True,
        "userType": "Member",
        "createdDateTime": "2020-01-01T00:00:00Z",
    }
    registration = {
        "id": user["id"],
        "userPrincipalName": user["userPrincipalName"],
        "isMfaRegistered": registered,
        "isMfaCapable": registered,
        "methodsRegistered": ["microsoftAuthenticatorPush"] if registered else [],
    }
    return user, registration


def fill(one: Cloud, tenant_id: str, people: int, *, unregistered: int = 0) -> None:
    made = [person(int(tenant_id[:1]), n, registered=n >= unregistered) for n in range(people)]
    one.put(tenant_id, "v1.0/organization", {"value": [{"id": tenant_id, "displayName": f"Tenant {tenant_id[:1]}"}]})
    one.put(tenant_id, "v1.0/users", {"value": [user for user, _ in made]})
    report = {"value": [registration for _, registration in made]}
    one.put(tenant_id, "v1.0/reports/authenticationMethods/userRegistrationDetails", report)


@dataclass
class Running:
    """A running Airflow, the cloud it scans, and where it keeps its things."""

    cloud: Cloud
    airflow: Airflow
    embedded: Embedded
    log: Path

    def scan(self, **conf: Any) -> tuple[str, str]:
        """Run a scan and return its (run id, state)."""
        run_id = self.airflow.trigger(conf)
        return run_id, follow(self.airflow, run_id, print)

    def states(self, run_id: str) -> dict[str, str]:
        """Return the state of each task instance by ``task_id[map name]``."""
        return {
            f"{i['task_id']}[{i['rendered_map_index']}]" if i["map_index"] >= 0 else i["task_id"]: i["state"]
            for i in self.airflow.task_instances(run_id)
        }

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the published file."""
        with duckdb.connect(self.cloud.config.published, read_only=True) as con:
            return con.execute(query, values).fetchall()


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("stack")
    with pytest.MonkeyPatch.context() as monkeypatch, cloud(folder, monkeypatch, CUSTOMER, OTHER) as one:
        fill(one, PARTNER, 30, unregistered=2)
        fill(one, CUSTOMER, 12)
        fill(one, OTHER, 8)
        customers = [{"id": t, "tenantId": t, "displayName": f"Customer {t[:1]}"} for t in (CUSTOMER, OTHER)]
        one.put(PARTNER, "v1.0/tenantRelationships/delegatedAdminCustomers", {"value": customers})
        connections = folder / "connections.json"
        connections.write_text(json.dumps({CONNECTION: {"conn_type": "entra", "login": APP, "password": SECRET}}))
        monkeypatch.delenv(f"AIRFLOW_CONN_{CONNECTION.upper()}")
        port, *log_ports = free_ports(3)
        embedded = Embedded(
            folder / "airflow", folder / "rollcall.toml", connections, port, (log_ports[0], log_ports[1])
        )
        # The session's own settings point at another Airflow.
        for name in list(embedded.environment()):
            if name.startswith("AIRFLOW"):
                monkeypatch.delenv(name, raising=False)
        log = folder / "airflow.log"
        with airflow(embedded, log) as client:
            yield Running(one, client, embedded, log)


@pytest.fixture(scope="session")
def first(running: Running) -> str:
    """Run a scan in which everything can be read; return its run id."""
    run_id, state = running.scan()
    assert state == "success", running.states(run_id)
    return run_id
