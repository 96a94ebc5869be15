"""Score and coverage scan after scan, of tenants and of all tenants of a partner together."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

import msgspec

from checks.report.rows import grouped, rows
from checks.score import weigh
from warehouse.engine import Connection

SHOWN_SCANS = 60


class Point(NamedTuple):
    """What a scan came to. ``score`` is None where nothing could be assessed; both are 0 to 100."""

    scanned_at: datetime
    score: float | None
    coverage: float


class _Of(msgspec.Struct):
    scanned_at: datetime
    score: float | None
    coverage: float


class _Weighed(msgspec.Struct):
    partner_id: str
    scanned_at: datetime
    true_result: str
    weight: int


_SCANS = """
    select scanned_at from recordings where history = 'scorecard_history' order by scanned_at desc limit $most
"""
_OF_TENANTS = f"""
    select history.tenant_id, scans.scanned_at, history.score, history.coverage
    from ({_SCANS}) as scans
    inner join scorecard_history as history
        on history.valid_from <= scans.scanned_at
            and (history.valid_until is null or history.valid_until > scans.scanned_at)
    where history.tenant_id in (select unnest($ids::varchar[]))
    order by history.tenant_id, scans.scanned_at
"""  # noqa: S608  (SQL of ours)
_OF_PARTNERS = f"""
    select
        tenants.partner_id, scans.scanned_at, history.true_result, sum(coalesce(rules.weight, 1))::bigint as weight
    from ({_SCANS}) as scans
    inner join rule_result_history as history
        on history.valid_from <= scans.scanned_at
            and (history.valid_until is null or history.valid_until > scans.scanned_at)
    inner join tenants on history.tenant_id = tenants.tenant_id
    left join rules on history.rule_id = rules.rule_id
    group by all
"""  # noqa: S608  (the same)


def of_tenants(con: Connection, ids: Collection[str], most: int = SHOWN_SCANS) -> dict[str, tuple[Point, ...]]:
    """Return the last ``most`` scans of each tenant, the newest last, by tenant id."""
    found = grouped(con, _OF_TENANTS, {"ids": list(ids), "most": most}, _Of)
    return {tenant_id: tuple(Point(*msgspec.structs.astuple(each)) for each in of) for tenant_id, of in found.items()}


class Together(NamedTuple):
    """The last scans of all tenants of each partner, by its tenant id, and of the whole fleet."""

    partners: dict[str, tuple[Point, ...]]
    fleet: tuple[Point, ...]


def together(con: Connection, most: int = SHOWN_SCANS) -> Together:
    """Return what the rules of many tenants came to together, by the weights that rules have now."""
    found: dict[str | None, dict[datetime, list[tuple[str, int]]]] = {None: {}}
    for each in rows(con, _OF_PARTNERS, {"most": most}, _Weighed):
        for whose in (each.partner_id, None):  # None is the whole fleet
            found.setdefault(whose, {}).setdefault(each.scanned_at, []).append((each.true_result, each.weight))
    points = {whose: _points(of) for whose, of in found.items()}
    fleet = points.pop(None)
    return Together({partner: of for partner, of in points.items() if partner is not None}, fleet)


def _points(of: dict[datetime, list[tuple[str, int]]]) -> tuple[Point, ...]:
    weighed = [(at, weigh(results)) for at, results in sorted(of.items())]
    return tuple(Point(at, weights.score, weights.coverage) for at, weights in weighed)
