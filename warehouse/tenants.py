"""What the published file knows of tenants, for planning the next scan and for ending this one."""

from __future__ import annotations

from collections.abc import Collection

from collectors.config import Config, Tenant
from warehouse.engine import reader


def known_tenants(config: Config) -> list[Tenant]:
    """Return the tenants of earlier scans; none before the first one."""
    if not config.published.exists():
        return []
    with reader(config.published) as con:
        rows = con.execute("select tenant_id, name, kind, partner_id, program from tenants order by all").fetchall()
    return [
        Tenant(tenant_id=tenant_id, name=name, kind=kind, partner_id=partner_id, program=program)
        for tenant_id, name, kind, partner_id, program in rows
    ]


def unfinished(config: Config, scan_id: str, fine: Collection[str]) -> list[str]:
    """Return a sentence for each dataset of a published scan whose state is not one of ``fine``."""
    with reader(config.published) as con:
        rows = con.execute(
            """
            select t.name, s.dataset, s.state, s.message
            from source_status as s
            join tenants as t using (tenant_id)
            where s.scan_id = $scan_id and not list_contains($fine, s.state)
            order by all
            """,
            {"scan_id": scan_id, "fine": list(fine)},
        ).fetchall()
    return [f"{name}, {dataset}: {state}: {message}" for name, dataset, state, message in rows]
