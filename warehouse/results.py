"""What the rules found, kept with its validity. To record a scan again replaces what was recorded of it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable

import msgspec

from warehouse import bulk, validity
from warehouse.engine import Connection, identifier, transaction
from warehouse.validity import FINDINGS, RULE_RESULTS, SCORECARDS, History


class RuleResult(msgspec.Struct, frozen=True, kw_only=True):
    """The result of one rule in one tenant. ``reason`` is empty for a pass or fail.

    ``accepted`` of the failing things are waived. ``true_result`` is what it is without waivers; if not given, the same.
    """

    rule_id: str
    tenant_id: str
    result: str
    in_scope: int
    failing: int
    unknown: int = 0
    reason: str = ""
    accepted: int = 0
    true_result: str = ""

    def __post_init__(self) -> None:
        if not self.true_result:
            msgspec.structs.force_setattr(self, "true_result", self.result)


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that breaks one rule."""

    rule_id: str
    tenant_id: str
    resource_type: str
    resource_id: str
    resource_name: str | None = None
    account_id: str | None = None
    reason: str
    remediation: str

    @property
    def finding_id(self) -> str:
        """The same in every scan: it depends on what breaks which rule where, and on nothing else."""
        parts = (self.rule_id, self.tenant_id, self.resource_type, self.resource_id)
        return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


class Scorecard(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of one tenant. ``score`` is None where nothing could be assessed; both percentages are 0 to 100."""

    tenant_id: str
    score: float | None
    coverage: float
    in_scope: int
    compliant: int
    at_risk: int
    non_compliant: int
    indeterminate: int


def record_rule_results(con: Connection, scan_id: str, rows: Iterable[RuleResult]) -> int:
    """Bring the rule results up to a scan; return how many there are now. See :func:`warehouse.validity.record`."""
    return _record(con, RULE_RESULTS, RuleResult, scan_id, rows)


def record_scorecards(con: Connection, scan_id: str, rows: Iterable[Scorecard]) -> int:
    """Bring the scorecards up to a scan; return how many there are now. See :func:`warehouse.validity.record`."""
    return _record(con, SCORECARDS, Scorecard, scan_id, rows)


def _record(
    con: Connection, history: History, kind: type[msgspec.Struct], scan_id: str, rows: Iterable[msgspec.Struct]
) -> int:
    with transaction(con):
        _stage(con, history)
        count = bulk.insert(con, "_found", kind, rows)
        validity.record(con, history, scan_id, "from _found")
        con.execute("drop table _found")
    return count


def _stage(con: Connection, history: History) -> None:
    """Make an empty table for what a scan found."""
    con.execute(
        "create or replace temp table _found as "  # noqa: S608  (names of ours)
        f"select * exclude ({', '.join(validity.SPAN)}) from {identifier(history.table)} limit 0"
    )


class _Found(msgspec.Struct):
    finding_id: str
    rule_id: str
    tenant_id: str
    resource_type: str
    resource_id: str
    resource_name: str | None
    account_id: str | None
    reason: str
    remediation: str


class _Pair(msgspec.Struct):
    rule_id: str
    tenant_id: str


def record_findings(
    con: Connection, scan_id: str, found: Iterable[Finding], assessed: Collection[tuple[str, str]]
) -> tuple[int, int]:
    """Bring the findings up to a scan that assessed the pairs (rule_id, tenant_id); return (open now, resolved by it).

    A finding is open from the scan that first found it to the first scan that assessed its pair and did not find it.
    What comes back later is open again since it was first seen, and the history tells the time between. A pair that was
    not assessed keeps its findings as they are. See :func:`warehouse.validity.record` about scans recorded again.
    """
    with transaction(con):
        at = validity.begin(con, FINDINGS, scan_id)  # what is kept is what the scan before left open
        _stage(con, FINDINGS)
        con.execute("create or replace temp table _assessed as select rule_id, tenant_id from finding_history limit 0")
        bulk.insert(con, "_found", _Found, {row.finding_id: row for row in map(_row, found)}.values())
        bulk.insert(con, "_assessed", _Pair, (_Pair(*pair) for pair in assessed))
        con.execute(_SINCE, {"at": at})
        con.execute(_KEPT)
        validity.record(con, FINDINGS, scan_id, "from _found")
        counts = con.execute(_COUNTS, {"at": at}).fetchone()
        con.execute("drop table _found")
        con.execute("drop table _assessed")
    assert counts is not None
    return counts


def _row(finding: Finding) -> _Found:
    return _Found(finding.finding_id, *msgspec.structs.astuple(finding))


_SINCE = """
    update _found set first_seen_at = coalesce(
        (select min(first_seen_at) from finding_history where finding_history.finding_id = _found.finding_id), $at
    )
"""
_KEPT = """
    insert into _found by name
    select
        * exclude (last_seen_at, valid_from, valid_until),
        coalesce(
            last_seen_at, (select max(scanned_at) from recordings where history = 'finding_history')
        ) as last_seen_at
    from finding_history
    where valid_until is null
        and (rule_id, tenant_id) not in (select (rule_id, tenant_id) from _assessed)
        and finding_id not in (select finding_id from _found)
"""
_COUNTS = """
    select
        count(*) filter (valid_until is null),
        count(*) filter (
            valid_until = $at
            and finding_id not in (select finding_id from finding_history where valid_until is null)
        )
    from finding_history
"""
