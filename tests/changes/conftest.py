"""All cases as tenants of one partner programme, scanned twice with their change between the scans."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from checks.changes.record import record
from checks.judge import judge
from checks.scan import load_scan
from collectors.catalogue import catalogue
from collectors.collect import collect
from collectors.config import Config, Tenant, load
from collectors.landing import Landing, Plan
from tests.changes.cases import CASES
from tests.cloud import NOW
from tests.judge.fleets import scanned
from tests.judge.orgs import Org, tenant_id
from warehouse.engine import reader

Row = dict[str, Any]


class Nights:
    """A warehouse that is scanned night after night. ``number`` is that of the newest scan, from 1 on."""

    def __init__(self, folder: Path, config: Config) -> None:
        self.folder = folder
        self.config = config
        self.number = 1
        record(config)

    def scan(self, orgs: Mapping[str, Org], *, is_recorded: bool = True) -> None:
        """Let a day go by, scan the tenants as they are now, judge them, and record what changed."""
        self.config = load(self.folder / "rollcall.toml")
        self.number += 1
        for name, org in orgs.items():
            folder = self.folder / "cloud" / tenant_id(name)
            shutil.rmtree(folder, ignore_errors=True)
            org.write(folder)
        tenants = tuple(_tenant(name, org) for name, org in orgs.items())
        plan = Plan(scan_id=f"scan-{self.number}", scanned_at=NOW + timedelta(days=self.number - 1), tenants=tenants)
        Landing(self.config.landing, plan.scan_id).write_plan(plan)
        collect(self.config, plan, plan.tenants, catalogue())
        load_scan(self.config, plan.scan_id)
        judge(self.config)
        if is_recorded:
            record(self.config)

    def rows(self, table: str, name: str | None = None) -> list[Row]:
        """Return the rows of the newest scan, of one tenant or of all."""
        return rows(
            self.config,
            f"select * from {table} where scan_id = 'scan-{self.number}' "
            + (f"and tenant_id = '{tenant_id(name)}'" if name else "")
            + " order by all",
        )


def rows(config: Config, query: str) -> list[Row]:
    with reader(config.warehouse) as con:
        answer = con.execute(query)
        names = [column[0] for column in answer.description or ()]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


@contextmanager
def nights(folder: Path, orgs: Mapping[str, Org], *, settings: str = "") -> Iterator[Nights]:
    """Scan tenants once, and yield what goes on."""
    with scanned(folder, orgs, settings=settings) as config:
        yield Nights(folder, config)


def _tenant(name: str, org: Org) -> Tenant:
    is_partner = org.kind == "partner"
    return Tenant(
        tenant_id=tenant_id(name),
        name=name,
        kind="partner" if is_partner else "customer",
        partner_id=tenant_id(name if is_partner else org.partner),
        program="direct-bill" if is_partner else None,
    )


@pytest.fixture(scope="session")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nights]:
    """Every case, scanned before and after its change; one tenant comes with the second scan."""
    with nights(tmp_path_factory.mktemp("changes"), {name: case.before for name, case in CASES.items()}) as found:
        found.scan({name: case.after for name, case in CASES.items()})
        yield found
