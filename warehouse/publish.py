"""What readers get: a copy of the warehouse that nobody writes to, and its tenants' names for the trigger form."""

from __future__ import annotations

import msgspec

from collectors.config import Config
from collectors.files import replace
from warehouse import engine
from warehouse.engine import reader

TENANTS = "tenants.json"


class _Named(msgspec.Struct):
    tenant_id: str
    name: str
    kind: str


def publish(config: Config) -> None:
    """Swap in a copy of the warehouse as it is now, and beside it ``tenants.json`` (tenant_id, name, kind of each).

    The copy is whole: staging tables are temporary, and so never in the file. Raises
    :class:`~warehouse.engine.WarehouseBusy` while somebody writes, and :class:`~warehouse.engine.WarehouseError`.
    """
    engine.publish(config.warehouse, config.published)
    with reader(config.published) as con:
        rows = con.execute("select tenant_id, name, kind from tenants order by name, tenant_id").fetchall()
    replace(config.published.with_name(TENANTS), msgspec.json.encode([_Named(*row) for row in rows]))
