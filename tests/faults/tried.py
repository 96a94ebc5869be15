"""Collects every case's tenant from the sandbox, all in one scan, and tells what came of it."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import collectors.graph
from collectors.catalogue import catalogue
from collectors.collect import collect
from collectors.config import Config, Endpoints, Partner, Tenant
from collectors.landing import Landing, Outcome, Plan, read_rows
from sandbox.faults import Faults
from sandbox.server import running
from tests.faults.cases import CASES, METHODS, PEOPLE, POLICIES, SIGN_INS, USERS, Case

PARTNER = "11111111-0000-4000-8000-000000000001"
APP = "33333333-0000-4000-8000-000000000003"
CONNECTION = "rollcall_faults"
VARIABLE = f"AIRFLOW_CONN_{CONNECTION.upper()}"
WAITING_SECONDS = 4.0  # instead of five minutes
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
IN_BATCHES = 45

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Tried:
    """What came of a case: the outcome of its dataset, the rows that landed, those that were there, the faults met."""

    case: Case
    outcome: Outcome
    landed: Rows
    there: Rows
    met: int


def tenant_of(case: Case) -> Tenant:
    tenant_id = str(uuid.uuid5(uuid.NAMESPACE_OID, case.name))
    return Tenant(tenant_id=tenant_id, name=case.name, kind="customer", partner_id=PARTNER)


def items(case: Case) -> Mapping[str, Rows]:
    """Return what the case's tenant holds, by path."""
    count = IN_BATCHES if case.dataset == "per_user_mfa" else PEOPLE
    return {
        USERS: [{"id": f"u{n}", "userPrincipalName": f"u{n}@x.example", "accountEnabled": True} for n in range(count)],
        SIGN_INS: [
            {"id": f"s{n}", "createdDateTime": "2026-11-20T02:00:00Z", "signInEventTypes": ["interactiveUser"]}
            for n in range(10)
        ],
        POLICIES: [{"id": f"p{n}", "state": "enabled", "conditions": {}} for n in range(3)],
    }


def try_all(cases: Sequence[Case] = CASES) -> list[Tried]:
    """Collect all cases in one scan."""
    assert len({case.name for case in cases}) == len(cases)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for case in cases:
            _write(folder / "cloud" / tenant_of(case).tenant_id, case)
        faults = Faults([rule for case in cases for rule in case.rules(tenant_of(case).tenant_id)])
        with _credential(folder / "cloud"), running(folder / "cloud", faults=faults) as url:
            partner = Partner(tenant_id=PARTNER, name="Kit", program="direct-bill", credential=CONNECTION)
            ends = Endpoints(login=url, graph=url, partner_center=url)
            config = Config(partner=(partner,), endpoints=ends, folder=str(folder))
            return list(_collected(config, cases, faults))


def _collected(config: Config, cases: Sequence[Case], faults: Faults) -> Iterator[Tried]:
    outcomes: dict[tuple[str, str], Outcome] = {}
    landing = Landing(config.landing, "faults")
    for chosen in sorted({case.dataset for case in cases}):
        some = tuple(tenant_of(case) for case in cases if case.dataset == chosen)
        name = next(c.name for c in catalogue().collectors if chosen in {d.name for d in c.datasets})
        plan = Plan(scan_id="faults", scanned_at=NOW, tenants=some, collectors=(name,))
        outcomes |= {(o.tenant_id, o.dataset): o for o in collect(config, plan, some, catalogue())}
    for case in cases:
        tenant_id = tenant_of(case).tenant_id
        outcome = outcomes[tenant_id, case.dataset]
        landed = list(read_rows(landing.path(outcome))) if outcome.file else []
        met = sum(applied.tenant == tenant_id for applied in faults.applied)
        path = USERS if case.dataset == "per_user_mfa" else case.path if case.path in items(case) else USERS
        yield Tried(case, outcome, landed, list(items(case)[path]), met)


def _write(folder: Path, case: Case) -> None:
    for path, body in {path: {"value": rows} for path, rows in items(case).items()}.items():
        _put(folder / f"{path}.json", body)
    if case.dataset == "per_user_mfa":
        for user in items(case)[USERS]:
            _put(folder / f"{METHODS.replace('*', user['id'])}.json", {"perUserMfaState": "enforced"})


def _put(file: Path, body: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(body), "utf-8")


@contextmanager
def _credential(cloud: Path) -> Iterator[None]:
    """Let the sandbox know an application, and this process its secret; let nothing wait for minutes."""
    secret, patience = "faults", collectors.graph.WAITING_SECONDS
    app = {"app_id": APP, "secrets_sha256": [hashlib.sha256(secret.encode()).hexdigest()], "tenants": ["*"]}
    _put(cloud / "apps.json", {"apps": [app | {"certificates": [], "refresh_tokens": []}]})
    os.environ[VARIABLE] = json.dumps({"conn_type": "entra", "login": APP, "password": secret})
    collectors.graph.WAITING_SECONDS = WAITING_SECONDS
    try:
        yield
    finally:
        collectors.graph.WAITING_SECONDS = patience
        del os.environ[VARIABLE]
