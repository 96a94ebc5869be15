"""``rollcall report``: one document about a tenant, a partner with its customers, or all tenants."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from checks.explain.find import find_tenant
from checks.report import data, ocsf, pages, pdf, trend
from checks.report.cards import Card, fleet, tenant
from checks.report.document import document
from checks.report.tables import Name, Scope, csv_lines
from checks.report.trend import Point
from checks.report.workbook import write_workbook
from collectors.config import Config
from collectors.errors import ConfigError
from collectors.files import replacing
from warehouse.engine import Connection, reader

Form = Literal["html", "pdf", "csv", "xlsx", "json", "ocsf"]


class _About(NamedTuple):
    """What a document is about: the tenants, the first of them the one that is asked for, and their last scans."""

    kind: Literal["tenant", "partner", "fleet"]
    cards: tuple[Card, ...]
    ids: tuple[str, ...] | None
    points: tuple[Point, ...]


def write_report(
    config: Config,
    form: Form,
    output: Path,
    *,
    wanted: str | None = None,
    partner: str | None = None,
    table: Name = "findings",
) -> int:
    """Write a document about a tenant, a partner with its customers, or else all; return how many tenants that are.

    Tenants are named by id or name. CSV has one ``table``. The file is swapped in whole. Raises
    :class:`~checks.explain.find.NoSuchTenant`, :class:`~checks.report.pdf.NoPdf` and
    :class:`~collectors.files.Unwritten`.
    """
    if form == "pdf":
        pdf.require_pdf()
    with reader(config.published) as con:
        about = _about(con, wanted, partner)
        scope = Scope(con, about.cards, about.ids)
        with replacing(output) as path:
            if form == "html":
                path.write_text(_page(con, config, about), "utf-8")
            elif form == "pdf":
                pdf.write_pdf(_page(con, config, about), path)
            elif form == "xlsx":
                write_workbook(path, scope)
            else:
                with path.open("wb") as file:
                    file.writelines(_lines(form, scope, about, table))
    return len(about.cards)


def _about(con: Connection, wanted: str | None, partner: str | None) -> _About:
    if wanted is not None:
        tenant_id = find_tenant(con, wanted)
        points = trend.of_tenants(con, [tenant_id]).get(tenant_id, ())
        return _About("tenant", tuple(tenant(con, tenant_id)[:1]), (tenant_id,), points)
    together = trend.together(con)
    if partner is None:
        return _About("fleet", tuple(fleet(con)), None, together.fleet)
    tenant_id = find_tenant(con, partner)
    cards = tuple(fleet(con, tenant_id))
    if cards[0].kind != "partner":
        msg = f"{partner!r} is a customer. Give --tenant for it, or the partner that scans it, {cards[0].partner_id}."
        raise ConfigError(msg)
    ids = tuple(card.tenant_id for card in cards)
    return _About("partner", cards, ids, together.partners.get(tenant_id, ()))


def _page(con: Connection, config: Config, about: _About) -> str:
    if about.kind == "tenant":
        [detail] = data.details(con, config, about.cards, about.cards)
        return pages.tenant_page(detail, pages.ALONE)
    if about.kind == "partner":
        return pages.partner_page(about.cards, pages.ALONE, points=about.points)
    return pages.index_page(about.cards, pages.ALONE, points=about.points)


def _lines(form: Form, scope: Scope, about: _About, table: Name) -> Iterator[bytes]:
    if form == "json":
        return document(scope, about.kind, about.points)
    if form == "ocsf":
        return ocsf.lines(scope)
    return (line.encode() for line in csv_lines(table, scope))
