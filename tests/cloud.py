"""A small cloud for a test: tenant folders served by the real sandbox, and a configuration that points at it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from collectors.catalogue import Catalogue, catalogue
from collectors.collect import collect
from collectors.config import Config, Partner, Tenant, load
from collectors.discover import tenant_of
from collectors.landing import Landing, Outcome, Plan
from sandbox.server import running

PARTNER = "11111111-0000-4000-8000-000000000001"
CUSTOMER = "22222222-0000-4000-8000-000000000002"
APP = "33333333-0000-4000-8000-000000000003"
SECRET = "correct horse battery staple"
CONNECTION = "rollcall_test"
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@dataclass
class Cloud:
    """Tenant folders under ``data``, served at ``url``; ``config`` scans them."""

    data: Path
    url: str
    folder: Path

    def put(self, tenant_id: str, path: str, body: Any) -> None:
        """Let a path (``v1.0/users``) of a tenant answer with ``body``."""
        file = self.data / tenant_id / f"{path}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(body), "utf-8")

    def fail(self, tenant_id: str, path: str, status: int, code: str, message: str = "", **headers: str) -> Path:
        """Let a path fail until the returned file is removed."""
        file = self.data / tenant_id / f"{path}.error.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        body = {"error": {"code": code, "message": message}}
        file.write_text(json.dumps({"status": status, "headers": headers, "body": body}), "utf-8")
        return file

    @property
    def config(self) -> Config:
        return load(self.folder / "rollcall.toml")

    @property
    def partner(self) -> Partner:
        return self.config.partner[0]

    def tenant(self, tenant_id: str = PARTNER) -> Tenant:
        me = tenant_of(self.partner)
        if tenant_id == PARTNER:
            return me
        return Tenant(tenant_id=tenant_id, name=f"Customer {tenant_id[:4]}", kind="customer", partner_id=PARTNER)

    def plan(self, *tenants: Tenant, scan_id: str = "scan-1", collectors: tuple[str, ...] = ()) -> Plan:
        plan = Plan(scan_id=scan_id, scanned_at=NOW, tenants=tenants or (self.tenant(),), collectors=collectors)
        Landing(self.config.landing, scan_id).write_plan(plan)
        return plan

    def collect(
        self,
        *tenants: Tenant,
        scan_id: str = "scan-1",
        collectors: tuple[str, ...] = (),
        of: Catalogue | None = None,
    ) -> dict[tuple[str, str], Outcome]:
        plan = self.plan(*tenants, scan_id=scan_id, collectors=collectors)
        outcomes = collect(self.config, plan, plan.tenants, of or catalogue())
        return {(o.tenant_id, o.dataset): o for o in outcomes}


@contextmanager
def cloud(folder: Path, monkeypatch: pytest.MonkeyPatch, *tenants: str, **options: Any) -> Iterator[Cloud]:
    """Serve the tenants (the partner's folder is always there) and hold the credential in the environment."""
    data = folder / "cloud"
    for tenant_id in (PARTNER, *tenants):
        (data / tenant_id).mkdir(parents=True)
    app = {
        "app_id": APP,
        "secrets_sha256": [hashlib.sha256(SECRET.encode()).hexdigest()],
        "certificates": [],
        "refresh_tokens": [],
        "tenants": ["*"],
    }
    (data / "apps.json").write_text(json.dumps({"apps": [app]}), "utf-8")
    connection = {"conn_type": "entra", "login": APP, "password": SECRET}
    monkeypatch.setenv(f"AIRFLOW_CONN_{CONNECTION.upper()}", json.dumps(connection))
    with running(data, **options) as url:
        (folder / "rollcall.toml").write_text(
            f"""
            [endpoints]
            login = "{url}"
            graph = "{url}"
            partner_center = "{url}"
            [[partner]]
            tenant_id = "{PARTNER}"
            name = "Nordlicht"
            program = "direct-bill"
            credential = "{CONNECTION}"
            """,
            "utf-8",
        )
        monkeypatch.setenv("ROLLCALL_CONFIG", str(folder / "rollcall.toml"))
        one = Cloud(data, url, folder)
        for tenant_id in (PARTNER, *tenants):
            # What every tenant has, whether or not anybody ever set it.
            one.put(
                tenant_id, "v1.0/policies/identitySecurityDefaultsEnforcementPolicy", {"id": "sd", "isEnabled": True}
            )
            trust = {"isServiceDefault": True, "inboundTrust": {"isMfaAccepted": False}}
            one.put(tenant_id, "v1.0/policies/crossTenantAccessPolicy/default", trust)
            one.put(tenant_id, "v1.0/policies/authenticationMethodsPolicy", {"id": "authenticationMethodsPolicy"})
        one.put(PARTNER, "beta/security/partner/securityScore", {"id": "score", "currentScore": 50.0})
        yield one
