"""A partner's own file: everything the published file knows of its tenants, and nothing of anybody else's.

It is told by the columns a table has, not by its name, so that a table that comes later is treated like the others.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import structlog

from collectors.config import Config
from collectors.errors import ConfigError
from warehouse.catalog import Relation, tables
from warehouse.engine import Connection, extracted, identifier, reader

log = structlog.get_logger(__name__)

# They speak of the warehouse, not of any tenant.
SHARED = ("datasets", "preparation", "rules", "schema_migrations")
# Their rows belong to every tenant of the scan: those that other rows of the partner name, and all that judged it.
SCANS = ("recordings", "scans")
# Their rows may name every partner: nobody's export has any.
WITHHELD = ("judgements",)


class Partner(NamedTuple):
    """A partner and how many tenants it scans, its own included."""

    tenant_id: str
    name: str
    tenants: int


def export(config: Config, partner: str, output: Path) -> Partner:
    """Write the published file's tables and views with the rows of one partner (id or name) to ``output``.

    What stood there is replaced at once. A table that says neither whose its rows are nor that they are nobody's stays
    empty. Raises :class:`ConfigError` for a partner that is not there.
    """
    if output.absolute() in {config.published, config.warehouse}:
        msg = f"{output} is the warehouse itself. Name another file."
        raise ConfigError(msg)
    found = _partner(config, partner)
    with extracted(config.published, output) as con:
        con.execute(
            "create temp table kept as select tenant_id from warehouse.main.tenants where partner_id = ?",
            [found.tenant_id],
        )
        every = tables(con)
        owned = [table for table in every if table.has("tenant_id")]
        for table in owned:
            _copy(con, table, "where tenant_id in (select tenant_id from kept)")
        con.execute("create temp table kept_scans (scan_id varchar)")
        for table in owned:
            if table.has("scan_id"):
                con.execute(f"insert into kept_scans select distinct scan_id from {table.qualified}")  # noqa: S608
            if table.has("valid_from"):  # a scan that changed nothing is named by no row, and the state as of it holds
                con.execute(
                    "insert into kept_scans select scan_id from warehouse.main.recordings "  # noqa: S608
                    f"where scanned_at >= (select min(valid_from) from {table.qualified})"
                )
        for table in every:
            if table.name in SCANS:
                _copy(con, table, "where scan_id in (select scan_id from kept_scans)")
            elif table.name in SHARED:
                _copy(con, table, "")
    log.info("exported", partner=found.tenant_id, tenants=found.tenants, tables=len(owned))
    return found


def _copy(con: Connection, table: Relation, which: str) -> None:
    columns = ", ".join(identifier(column.name) for column in table.columns)
    con.execute(
        f"insert into {table.qualified} ({columns}) select {columns} from warehouse.{table.qualified} {which}"  # noqa: S608
    )


def _partner(config: Config, wanted: str) -> Partner:
    with reader(config.published) as con:
        partners = con.execute(
            """
            select partners.tenant_id, partners.name, count(*)
            from tenants as partners
            inner join tenants on partners.tenant_id = tenants.partner_id
            where partners.kind = 'partner'
            group by partners.tenant_id, partners.name
            order by lower(partners.name), partners.tenant_id
            """
        ).fetchall()
    found = [Partner(*row) for row in partners if wanted.lower() in {row[0].lower(), row[1].lower()}]
    if len(found) == 1:
        return found[0]
    if found:
        msg = f"{len(found)} partners are called {wanted!r}. Give an id: {', '.join(each.tenant_id for each in found)}."
    else:
        msg = f"no partner has the id or name {wanted!r}. There are: {', '.join(row[0] for row in partners) or 'none'}."
    raise ConfigError(msg)
