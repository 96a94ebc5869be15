"""Scans made by hand: real landing files, as collect writes them, of tenants and items that a test names."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from collectors import microsoft
from collectors.catalogue import Catalogue
from collectors.config import Tenant
from collectors.declare import (
    FLAG,
    JSON,
    NUMBER,
    TEXT,
    TEXTS,
    TIME,
    WHOLE,
    Collector,
    Column,
    Dataset,
    Each,
    GraphList,
    GraphObject,
    Table,
)
from collectors.journal import RowWriter
from collectors.landing import MANIFEST, Landing, Outcome, Plan
from collectors.shape import parameter_field, row_type

MICROSOFT = Catalogue(tuple(microsoft.rollcall_collectors()))
ACME = "aaaaaaaa-0000-0000-0000-000000000001"
BORG = "bbbbbbbb-0000-0000-0000-000000000002"
NIGHT = datetime(2026, 3, 1, 2, tzinfo=UTC)

OWNERS = GraphList(
    path="/owners",
    permissions=("Owner.Read.All",),
    table=Table("owners", "One row per owner.", ("owner_id",), (Column("owner_id", TEXT, "id", "Id.", required=True),)),
)

# A column of every type, nested ones, names that SQL knows, and names that only JSON knows.
THINGS = GraphList(
    path="/owners/{owner_id}/things",
    permissions=("Thing.Read.All",),
    each=(Each("owners", "owner_id", lambda owner: [owner["id"]]),),
    table=Table(
        "things",
        doc="One row per owner's thing.",
        key=("owner_id", "thing_id"),
        columns=(
            Column("owner_id", TEXT, "{owner_id}", "The owner."),
            Column("thing_id", TEXT, "id", "Id.", required=True),
            Column("select", TEXT, "order by", "A name that SQL knows."),
            Column("thing_type", TEXT, "@odata.type", "Kind of thing."),
            Column("is_on", FLAG, "isOn", "Whether it is on."),
            Column("count", WHOLE, "status/count", "How many."),
            Column("share", NUMBER, "status/it's (deep)/share", "How much."),
            Column("seen_at", TIME, "status/it's (deep)/seenDateTime", "When."),
            Column("file", TEXTS, "tags", "Words."),
            Column("rows", JSON, "anything", "As Graph gives it."),
        ),
    ),
)

SETTING = GraphObject(
    path="/setting",
    permissions=("Setting.Read.All",),
    table=Table(
        "setting",
        "One row per tenant.",
        ("setting_id",),
        (
            Column("setting_id", TEXT, "id", "Id.", required=True),
            Column("level", TEXT, "inner/level", "Its level.", required=True),
        ),
    ),
)

SMALL = Catalogue(
    (
        Collector(name="things", doc="Things and who owns them.", datasets=(OWNERS, THINGS)),
        Collector(name="setting", doc="The setting.", datasets=(SETTING,)),
    )
)


def tenant(tenant_id: str, **change: Any) -> Tenant:
    name = "Acme" if tenant_id == ACME else tenant_id[:8]
    fields = {"name": name, "kind": "customer", "partner_id": "ffffffff-0000-0000-0000-00000000000f"} | change
    return Tenant(tenant_id=tenant_id, **fields)


class Scan:
    """One scan's landing folder. Nights count from :data:`NIGHT`; what is landed was collected a minute into it."""

    def __init__(self, root: Path, *tenants: Tenant, night: int = 0, collectors: Sequence[str] = ()) -> None:
        at = NIGHT + timedelta(days=night)
        scan_id = f"scheduled__{at.isoformat()}"
        self.landing = Landing(root / "landing", scan_id)
        self.plan = Plan(scan_id=scan_id, scanned_at=at, tenants=tenants, collectors=tuple(collectors))
        self.collected_at = at + timedelta(minutes=1)

    def land(
        self,
        tenant_id: str,
        dataset: Dataset,
        *pages: Sequence[dict[str, Any]],
        asked_for: str | None = None,
        **change: Any,
    ) -> Outcome:
        """Write pages of items as collect does; ``change`` changes the outcome, last of all."""
        kind = row_type(dataset.table)
        with RowWriter(self.landing.tenant(tenant_id), dataset.name) as writer:
            for page in pages:
                rows = msgspec.json.decode(json.dumps(page), type=list[kind])  # type: ignore[valid-type]
                if asked_for is not None:
                    for row in rows:
                        setattr(row, str(parameter_field(dataset.table, str(dataset.parameter))), asked_for)
                writer.write(rows)
            file, sha256 = writer.keep()
        written = {"rows": writer.rows, "pages": writer.pages, "bytes": writer.bytes, "sha256": sha256, "file": file}
        return self.note(tenant_id, dataset.name, **written | change)

    def note(self, tenant_id: str, dataset: str, **fields: Any) -> Outcome:
        """Write an outcome into the tenant's manifest, in the place of an earlier one."""
        defaults = {"scan_id": self.plan.scan_id, "tenant_id": tenant_id, "dataset": dataset, "state": "complete"}
        outcome = Outcome(**{**defaults, "collected_at": self.collected_at, **fields})
        others = [one for one in self.landing.outcomes(tenant_id) if one.dataset != dataset]
        (self.landing.tenant(tenant_id) / MANIFEST).write_bytes(msgspec.json.encode([*others, outcome]))
        return outcome


def user(number: int, **change: Any) -> dict[str, Any]:
    """Return a user as Graph sends it."""
    fields = {
        "id": f"user-{number:04}",
        "userPrincipalName": f"u{number}@acme.example",
        "displayName": f"User {number}",
    }
    return {**fields, "accountEnabled": True, "userType": "Member", "createdDateTime": "2024-05-06T07:08:09Z", **change}
