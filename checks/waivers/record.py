"""Write down how waivers and technical exceptions stand in a scan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from checks.decide import Decision, Result
from checks.waivers.matching import Matches
from checks.waivers.state import Standing, Truth, standings
from warehouse.engine import Connection
from warehouse.waivers import Waived, WaivedAccount, record_waivers


def record(
    con: Connection, scan_id: str, matches: Matches, decisions: Mapping[tuple[str, str], Decision]
) -> tuple[str, ...]:
    """Record every waiver and whom it accepts; return a sentence for each that somebody should look at."""
    truths = {pair: Truth(each.true_result, each.counts) for pair, each in decisions.items()}
    found = standings(matches, truths)
    record_waivers(con, scan_id, map(_row, found), _accounts(matches, decisions))
    return tuple(each.sentence for each in found if each.problem)


def _row(standing: Standing) -> Waived:
    match, waiver = standing.match, standing.match.waiver
    return Waived(
        waiver_id=waiver.waiver_id,
        rule_id=match.rule_id,
        tenant_id=match.tenant_id,
        owner=waiver.owner,
        reason=waiver.reason,
        approver=waiver.approver,
        begins_on=waiver.from_,
        ends_on=waiver.until,
        accounts=waiver.accounts,
        group_id=waiver.group,
        state=standing.state.value,
        problem=standing.problem,
        covers=standing.covers,
    )


def _accounts(matches: Matches, decisions: Mapping[tuple[str, str], Decision]) -> Iterator[WaivedAccount]:
    pairs = dict.fromkeys((each.rule_id, each.tenant_id) for each in matches.every if each.failing)
    for rule_id, tenant_id in pairs:
        decision = decisions.get((rule_id, tenant_id))
        if decision is None or decision.true_result is not Result.FAIL:
            continue
        for account_id, (waiver, _) in sorted(matches.by_account(rule_id, tenant_id).items()):
            yield WaivedAccount(
                rule_id=rule_id,
                tenant_id=tenant_id,
                account_id=account_id,
                waiver_id=waiver.waiver_id,
                accepted_until=waiver.until,
                approver=waiver.approver,
            )
