"""Two nights of a whole scan: what has not changed costs one page of sign-ins a tenant."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

import msgspec
import pytest

from checks.scan import collect_batch, load_scan, plan_scan
from collectors.catalogue import catalogue
from collectors.config import Config
from collectors.discover import Discovery
from collectors.errors import ConfigError
from collectors.landing import Landing
from sandbox.calls import Answer, Call, Handler
from tests.cloud import CUSTOMER, NOW, PARTNER, Cloud, cloud
from warehouse.engine import reader
from warehouse.publish import publish


class Asked:
    """The sign-in requests a tenant got."""

    def __init__(self) -> None:
        self.filters: list[tuple[str, str]] = []

    async def __call__(self, call: Call, handler: Handler) -> Answer:
        if call.path.casefold().endswith("auditlogs/signins"):
            self.filters.append((call.tenant, parse_qs(call.query).get("$filter", ["(next page)"])[0]))
        return await handler(call)

    @property
    def times(self) -> Counter[str]:
        return Counter(tenant for tenant, _ in self.filters)


def scan(one: Cloud, at: datetime, **params: Any) -> None:
    config: Config = one.config
    tenants = (one.tenant(), one.tenant(CUSTOMER))
    found = msgspec.to_builtins([Discovery(partner_id=PARTNER, tenants=tenants)])
    batches = plan_scan(config, scan_id=at.isoformat(), scanned_at=at, discovered=found, params=params, tasks=1)
    for batch in batches:
        collect_batch(config, at.isoformat(), batch)
    load_scan(config, at.isoformat())
    publish(config)


def sign_ins(count: int, at: datetime) -> dict[str, Any]:
    items = [
        {
            "id": f"{at:%d}-{n}",
            "createdDateTime": (at - timedelta(minutes=n + 1)).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "signInEventTypes": ["interactiveUser"],
        }
        for n in range(count)
    ]
    return {"value": items}


def rows(one: Cloud) -> dict[str, int]:
    with reader(one.config.published) as con:
        return dict(con.execute("select tenant_id, count(*) from sign_ins group by all").fetchall())


def test_the_second_night_asks_one_page_of_sign_ins_of_each_tenant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Asked()
    with cloud(tmp_path, monkeypatch, CUSTOMER, hooks=[asked]) as one:
        # The last six hours before the scan have none: nothing is read twice.
        many = sign_ins(2500, NOW - timedelta(hours=7))
        for tenant in (PARTNER, CUSTOMER):
            one.put(tenant, "beta/auditLogs/signIns", many)
        scan(one, NOW, collectors=["sign_ins"])
        assert asked.times == {PARTNER: 3, CUSTOMER: 3}
        asked.filters.clear()

        scan(one, NOW + timedelta(days=1), collectors=["sign_ins"])
        assert asked.times == {PARTNER: 1, CUSTOMER: 1}
        assert {unquote(text) for _, text in asked.filters} == {
            "createdDateTime ge 2026-11-22T20:00:00Z and createdDateTime lt 2026-11-24T02:00:00Z"
        }
        assert rows(one) == {PARTNER: 2500, CUSTOMER: 2500}
        asked.filters.clear()

        # One that could not be read goes on from where it was complete, the other from last night.
        failing = one.fail(CUSTOMER, "beta/auditLogs/signIns", 403, "Authorization_RequestDenied", "no")
        scan(one, NOW + timedelta(days=2), collectors=["sign_ins"])
        failing.unlink()
        more = [*many["value"], *sign_ins(10, NOW + timedelta(days=1, hours=20))["value"]]
        one.put(CUSTOMER, "beta/auditLogs/signIns", {"value": more})
        asked.filters.clear()
        scan(one, NOW + timedelta(days=3), collectors=["sign_ins"])
        starts = {tenant: text.split()[2] for tenant, text in asked.filters}
        assert starts == {PARTNER: "2026-11-24T20:00:00Z", CUSTOMER: "2026-11-23T20:00:00Z"}
        assert rows(one) == {PARTNER: 2500, CUSTOMER: 2510}


def test_what_is_to_opt_in_is_read_only_where_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with cloud(tmp_path, monkeypatch, CUSTOMER) as one:
        toml = tmp_path / "rollcall.toml"
        toml.write_text(toml.read_text("utf-8") + "[collect]\nopt_in = ['sign_in_activiti']\n", "utf-8")
        with pytest.raises(ConfigError, match="nothing is called sign_in_activiti"):
            scan(one, NOW)
        plain = catalogue().opted_in(())
        assert not {c.name for c in catalogue().collectors if c.is_opt_in} & set(plain)
        assert Landing(one.config.landing, "none").scan_id == "none"
