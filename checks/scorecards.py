"""The scorecard of every tenant: its score and coverage from the rules, its numbers from the verdicts."""

from __future__ import annotations

import msgspec

from checks.newest import Scan, newest_scan
from checks.score import score
from collectors.config import Config
from warehouse.engine import Connection, writer
from warehouse.results import Scorecard, record_scorecards
from warehouse.validity import RULE_RESULTS, VERDICTS, as_of

# A customer's accounts are counted by their posture: what they would be, did they owe MFA.
_COUNTS = f"""
    select
        tenants.tenant_id,
        count(*) filter (verdict <> 'not_applicable') as in_scope,
        count(*) filter (verdict = 'compliant') as compliant,
        count(*) filter (verdict = 'at_risk') as at_risk,
        count(*) filter (verdict = 'non_compliant') as non_compliant,
        count(*) filter (verdict = 'indeterminate') as indeterminate
    from tenants
    left join (
        select tenant_id, coalesce(customer_posture, contract_verdict) as verdict
        from ({as_of(VERDICTS)})
    ) as judged using (tenant_id)
    group by tenants.tenant_id
    order by tenants.tenant_id
"""  # noqa: S608  (SQL of ours)
# What is true whoever accepts it: a waiver moves neither the score nor the coverage.
_RESULTS = f"select tenant_id, rule_id, true_result from ({as_of(RULE_RESULTS)})"  # noqa: S608  (the same)


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """How many scorecards were made of a scan, and how many of them have a score."""

    scan_id: str
    scorecards: int
    scored: int


def record(config: Config) -> Summary:
    """Make the scorecard of every tenant in the warehouse as of the newest scan; a second time gives the same.

    A tenant of which nothing was judged has one, too, without a score. Raises
    :class:`~checks.errors.CheckError` where no scan was loaded.
    """
    with writer(config.warehouse) as con:
        scan = newest_scan(con)
        made = scorecards(con, scan)
        record_scorecards(con, scan.scan_id, made)
    return Summary(scan_id=scan.scan_id, scorecards=len(made), scored=sum(card.score is not None for card in made))


def scorecards(con: Connection, scan: Scan) -> list[Scorecard]:
    """Return the scorecards of a scan by tenant id."""
    about = {"at": scan.scanned_at}
    weights = dict(con.execute("select rule_id, weight from rules").fetchall())
    results: dict[str, dict[str, str]] = {}
    for tenant_id, rule_id, result in con.execute(_RESULTS, about).fetchall():
        results.setdefault(tenant_id, {})[rule_id] = result
    made = []
    for tenant_id, *counts in con.execute(_COUNTS, about).fetchall():
        points = score(results.get(tenant_id, {}), weights)
        in_scope, compliant, at_risk, non_compliant, indeterminate = counts
        made.append(
            Scorecard(
                tenant_id=tenant_id,
                score=points.score,
                coverage=points.coverage,
                in_scope=in_scope,
                compliant=compliant,
                at_risk=at_risk,
                non_compliant=non_compliant,
                indeterminate=indeterminate,
            )
        )
    return made
