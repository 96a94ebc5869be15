"""The demo fleet, scanned on two nights and published.

Before the second night nearly all of both partners' people have registered, and one's licences can be read no longer.
A customer's people have all registered: its score rises.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from checks.check import check
from checks.scan import judge_scan, load_scan, publish_scan
from collectors.catalogue import catalogue
from collectors.collect import collect
from collectors.config import Config, load
from collectors.discover import discover, plan_tenants
from collectors.landing import Landing, Plan
from sandbox.demo import write_fleet
from sandbox.server import running
from tests.cloud import NOW
from warehouse.tenants import known_tenants

TEMPLATE = Path(__file__).parents[2] / "sandbox" / "demo" / "rollcall.toml"
MENDED = "株式会社さくら商事"  # the customer
WAIVER = """
[[waiver]]
rule = "MFA.REG.1v1"
tenant = "6f1d0c52-8a3e-4b7c-9d21-0a5b7e3c1f01"
owner = "Ola Nord"
reason = "Hardware keys come in January."
approver = "Ann Berg"
from = 2026-11-01
until = 2027-01-31
"""


def scan(config: Config, night: int) -> None:
    tenants = plan_tenants([discover(config, partner) for partner in config.partner], [], [])
    plan = Plan(scan_id=f"scan-{night}", scanned_at=NOW + timedelta(days=night), tenants=tuple(tenants))
    Landing(config.landing, plan.scan_id).write_plan(plan)
    collect(config, plan, plan.tenants, catalogue())
    load_scan(config, plan.scan_id)
    judge_scan(config)
    check(config)
    publish_scan(config)


def register(tenant: Path, *, left_out: int) -> None:
    """Let everybody of a tenant have registered a passkey, but so many of those who had nothing."""
    report = tenant / "v1.0" / "reports" / "authenticationMethods" / "userRegistrationDetails.json"
    body = json.loads(report.read_text("utf-8"))
    for row in sorted(body["value"], key=lambda row: bool(row["isMfaRegistered"]))[left_out:]:
        row |= {"isMfaRegistered": True, "isMfaCapable": True, "methodsRegistered": ["fido2SecurityKey"]}
    report.write_text(json.dumps(body), "utf-8")


def refuse(file: Path) -> None:
    error = {"error": {"code": "Authorization_RequestDenied", "message": "Insufficient privileges"}}
    file.write_text(json.dumps({"status": 403, "headers": {}, "body": error}), "utf-8")


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Config]:
    folder = tmp_path_factory.mktemp("demo")
    fleet = write_fleet(folder / "demo", as_of=NOW)
    connections = json.loads((fleet.root / "credentials" / "connections.json").read_text("utf-8"))
    with pytest.MonkeyPatch.context() as patch, running(fleet.root) as url:
        for name, connection in connections.items():
            patch.setenv(f"AIRFLOW_CONN_{name.upper()}", json.dumps(connection))
        text = TEMPLATE.read_text("utf-8").replace("http://127.0.0.1:8081", url).replace("../../var", "var")
        (folder / "rollcall.toml").write_text(f"{text}\n{WAIVER}", "utf-8")
        config = load(folder / "rollcall.toml")
        scan(config, 0)
        for partner in config.partner:
            register(fleet.root / partner.tenant_id, left_out=1)
        [mended] = [tenant for tenant in known_tenants(config) if tenant.name == MENDED]
        register(fleet.root / mended.tenant_id, left_out=0)
        refuse(fleet.root / config.partner[0].tenant_id / "v1.0" / "subscribedSkus.error.json")
        scan(config, 1)
        yield config
