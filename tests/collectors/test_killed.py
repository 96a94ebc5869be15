"""``kill -9`` at random moments of a tenant's collection, again and again; ``make check-kills`` does it fifty times."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sandbox.calls import Answer, Call, Handler
from sandbox.server import running
from tests.cloud import APP, PARTNER, SECRET

GROUPS = [f"00000000-0000-4000-8000-00000000000{n}" for n in range(4)]
TENANT: dict[str, Any] = {
    "v1.0/users": [
        {"id": f"u{n}", "userPrincipalName": f"u{n}@x.example", "accountEnabled": True} for n in range(1100)
    ],
    "v1.0/identity/conditionalAccess/policies": [
        {"id": "p", "state": "enabled", "conditions": {"users": {"includeGroups": GROUPS}}}
    ],
    "beta/auditLogs/signIns": [
        {"id": f"s{n}", "createdDateTime": "2026-11-20T02:00:00Z", "signInEventTypes": ["interactiveUser"]}
        for n in range(3200)
    ],
    **{
        f"v1.0/groups/{group}/transitiveMembers": [
            {"@odata.type": "#microsoft.graph.user", "id": f"u{n}"} for n in range(1200)
        ]
        for group in GROUPS
    },
}
OBJECTS: dict[str, Any] = {
    "v1.0/policies/identitySecurityDefaultsEnforcementPolicy": {"id": "sd", "isEnabled": False},
    "v1.0/policies/crossTenantAccessPolicy/default": {"inboundTrust": {"isMfaAccepted": False}},
    **{f"v1.0/groups/{group}": {"id": group, "displayName": group} for group in GROUPS},
    **{f"beta/users/u{n}/authentication/requirements": {"perUserMfaState": "enforced"} for n in range(1100)},
}


async def _slowly(call: Call, handler: Handler) -> Answer:
    await asyncio.sleep(0.002)
    return await handler(call)


KILLS = os.environ.get("ROLLCALL_KILLS", "3")


def test_kills_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / "cloud"
    for path, body in ({path: {"value": items} for path, items in TENANT.items()} | OBJECTS).items():
        file = data / PARTNER / f"{path}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(body), "utf-8")
    app = {"app_id": APP, "secrets_sha256": [hashlib.sha256(SECRET.encode()).hexdigest()], "tenants": ["*"]}
    (data / "apps.json").write_text(json.dumps({"apps": [app | {"certificates": [], "refresh_tokens": []}]}), "utf-8")
    monkeypatch.setenv(
        "AIRFLOW_CONN_ROLLCALL_TEST", json.dumps({"conn_type": "entra", "login": APP, "password": SECRET})
    )
    monkeypatch.setenv("ROLLCALL_CONFIG", str(tmp_path / "rollcall.toml"))
    with running(data, hooks=[_slowly]) as url:
        (tmp_path / "rollcall.toml").write_text(
            f"""
            [endpoints]
            login = "{url}"
            graph = "{url}"
            partner_center = "{url}"
            [[partner]]
            tenant_id = "{PARTNER}"
            name = "Nordlicht"
            program = "direct-bill"
            credential = "rollcall_test"
            """,
            "utf-8",
        )
        command = [sys.executable, "-m", "tests.collectors.killed", KILLS, "7"]
        ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=500)
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-4000:]
    print(ran.stdout.splitlines()[-1])
    assert f"'killed': {KILLS}" in ran.stdout
