"""Scan tenants for real: the sandbox serves them, all collectors read, the warehouse loads and judges."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from checks.judge import judge
from checks.scan import load_scan
from collectors.catalogue import catalogue
from collectors.collect import collect
from collectors.config import Config, Tenant, load
from collectors.discover import discover, plan_tenants
from collectors.landing import Landing, Outcome, Plan
from sandbox.demo import write_fleet
from sandbox.server import running
from tests.cloud import APP, CONNECTION, NOW, SECRET
from tests.judge.orgs import Org, tenant_id
from warehouse.engine import writer

_DEMO = Path(__file__).parents[2] / "sandbox" / "demo" / "rollcall.toml"
_PARTNER = """
[[partner]]
tenant_id = "{id}"
name = "{name}"
program = "{program}"
credential = "{credential}"
"""


def scan(config: Config, tenants: Sequence[Tenant]) -> list[Outcome]:
    """Collect, load and judge these tenants, as the DAG's tasks do."""
    plan = Plan(scan_id="scan-1", scanned_at=NOW, tenants=tuple(tenants))
    Landing(config.landing, plan.scan_id).write_plan(plan)
    outcomes = collect(config, plan, plan.tenants, catalogue())
    load_scan(config, plan.scan_id)
    judge(config)
    return outcomes


@contextmanager
def scanned(folder: Path, orgs: Mapping[str, Org], *, settings: str = "") -> Iterator[Config]:
    """Write the tenants by their names, serve them, scan them all at once, and yield the configuration.

    ``settings`` is more of ``rollcall.toml``. A partner with a ``service_user`` has a connection of its own.
    """
    for name, org in orgs.items():
        org.write(folder / "cloud" / tenant_id(name))
    users = {name: org.service_user for name, org in orgs.items() if org.service_user}
    app = {
        "app_id": APP,
        "secrets_sha256": [hashlib.sha256(SECRET.encode()).hexdigest()],
        "certificates": [],
        "refresh_tokens": [
            {
                "sha256": hashlib.sha256(_refresh_token(name).encode()).hexdigest(),
                "tenant_id": tenant_id(name),
                "user_id": user,
            }
            for name, user in users.items()
        ],
        "tenants": ["*"],
    }
    (folder / "cloud" / "apps.json").write_text(json.dumps({"apps": [app]}), "utf-8")
    with pytest.MonkeyPatch.context() as patch, running(folder / "cloud") as url:
        connection: dict[str, Any] = {"conn_type": "entra", "login": APP, "password": SECRET}
        patch.setenv(f"AIRFLOW_CONN_{CONNECTION.upper()}", json.dumps(connection))
        text = f'[endpoints]\nlogin = "{url}"\ngraph = "{url}"\npartner_center = "{url}"\n{settings}'
        for at, (name, org) in enumerate(orgs.items()):
            if org.kind != "partner":
                continue
            credential = f"{CONNECTION}_{at}" if name in users else CONNECTION
            if name in users:
                connected = connection | {"extra": {"refresh_token": _refresh_token(name)}}
                patch.setenv(f"AIRFLOW_CONN_{credential.upper()}", json.dumps(connected))
            text += _PARTNER.format(id=tenant_id(name), name=name, program=org.program, credential=credential)
            text += f"onboarded = {org.onboarded}\n" if org.onboarded else ""
        (folder / "rollcall.toml").write_text(text, "utf-8")
        config = load(folder / "rollcall.toml")
        scan(config, [_tenant(name, org) for name, org in orgs.items()])
        yield config


def _refresh_token(name: str) -> str:
    return f"0.of-the-service-user-of-{name}"


@contextmanager
def demo(folder: Path) -> Iterator[Config]:
    """Write the demo fleet, serve it, scan it all, and yield the configuration; ``cases.json`` is in ``demo/``."""
    fleet = write_fleet(folder / "demo", as_of=NOW)
    connections = json.loads((fleet.root / "credentials" / "connections.json").read_text("utf-8"))
    with pytest.MonkeyPatch.context() as patch, running(fleet.root) as url:
        for name, connection in connections.items():
            patch.setenv(f"AIRFLOW_CONN_{name.upper()}", json.dumps(connection))
        text = _DEMO.read_text("utf-8").replace("http://127.0.0.1:8081", url).replace("../../var", "var")
        (folder / "rollcall.toml").write_text(text, "utf-8")
        found = load(folder / "rollcall.toml")
        scan(found, plan_tenants([discover(found, partner) for partner in found.partner], [], []))
        yield found


def _tenant(name: str, org: Org) -> Tenant:
    is_partner = org.kind == "partner"
    return Tenant(
        tenant_id=tenant_id(name),
        name=name,
        kind="partner" if is_partner else "customer",
        partner_id=tenant_id(name if is_partner else org.partner),
        program=org.program if is_partner else None,
        onboarded=org.onboarded,
    )


def judged(config: Config) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the row of ``account_verdicts`` of each account by tenant id and account id."""
    with writer(config.warehouse) as con:
        answer = con.execute("select * from account_verdicts")
        names = [column[0] for column in answer.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
    return {(row["tenant_id"], row["account_id"]): row for row in rows}
