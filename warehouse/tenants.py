"""What the published file knows of tenants, for planning the next scan and for ending this one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

from collectors.catalogue import Catalogue
from collectors.config import Config, Tenant
from warehouse.catalog import tables
from warehouse.datasets import fields
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


def read_until(config: Config, catalogue: Catalogue) -> dict[str, dict[str, datetime]]:
    """Return, by tenant and dataset with a window, until when it was read without a gap: where to go on from.

    A dataset whose declaration has columns that the published table lacks is read anew.
    """
    if not config.published.exists():
        return {}
    found: dict[str, dict[str, datetime]] = {}
    with reader(config.published) as con:
        columns = {table.name: {column.name for column in table.columns} for table in tables(con)}
        if "read_until" not in columns.get("slices", ()):
            return {}  # published before there was such a thing
        for dataset in catalogue.datasets:
            if dataset.window and columns.get(dataset.name, set()) >= {f.name for f in fields(dataset.table)}:
                rows = con.execute(
                    "select tenant_id, read_until from slices where dataset = ? and read_until is not null",
                    [dataset.name],
                ).fetchall()
                for tenant_id, until in rows:
                    found.setdefault(tenant_id, {})[dataset.name] = until.replace(tzinfo=UTC)
    return found


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
