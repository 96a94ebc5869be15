"""What the rules found, kept per scan. To record a scan again replaces what was recorded of it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from datetime import datetime

import msgspec

from collectors.errors import ConfigError
from warehouse import bulk
from warehouse.engine import Connection, identifier, transaction


class RuleResult(msgspec.Struct, frozen=True, kw_only=True):
    """The result of one rule in one tenant. ``reason`` is empty for a pass or fail."""

    rule_id: str
    tenant_id: str
    result: str
    in_scope: int
    failing: int
    unknown: int = 0
    reason: str = ""


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
    assessed_at: datetime


def record_rule_results(con: Connection, scan_id: str, rows: Iterable[RuleResult]) -> int:
    """Replace the rule results of a scan; return how many there are now."""
    return _replace(con, "rule_result_history", RuleResult, scan_id, rows)


def record_scorecards(con: Connection, scan_id: str, rows: Iterable[Scorecard]) -> int:
    """Replace the scorecards of a scan; return how many there are now."""
    return _replace(con, "scorecard_history", Scorecard, scan_id, rows)


def scanned_at(con: Connection, scan_id: str) -> datetime:
    """Return a scan's own time (UTC, without a zone). Raises :class:`ConfigError` for a scan that was not loaded."""
    found = con.execute("select scanned_at from scans where scan_id = ?", [scan_id]).fetchone()
    if found is None:
        msg = f"the warehouse holds no scan {scan_id!r}. Load it before recording what was found in it."
        raise ConfigError(msg)
    at: datetime = found[0]
    return at


def _replace(
    con: Connection, table: str, kind: type[msgspec.Struct], scan_id: str, rows: Iterable[msgspec.Struct]
) -> int:
    at = scanned_at(con, scan_id)
    with transaction(con):
        con.execute(f"delete from {identifier(table)} where scan_id = ?", [scan_id])  # noqa: S608
        return bulk.insert(con, table, kind, rows, scan_id=scan_id, scanned_at=at)


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
    What comes back later is open again since it was first seen. A pair that was not assessed keeps its findings as
    they are. A scan older than what is known of a finding adds only that it was seen earlier.
    """
    at = scanned_at(con, scan_id)
    with transaction(con):
        for statement in _STAGE:
            con.execute(statement)
        bulk.insert(con, "_found", _Found, {row.finding_id: row for row in map(_row, found)}.values())
        bulk.insert(con, "_assessed", _Pair, (_Pair(*pair) for pair in assessed))
        for statement in _LIFE:
            con.execute(statement, {"at": at} if "$at" in statement else None)
        counts = con.execute(
            "select count(*) filter (resolved_at is null), count(*) filter (resolved_at = ?) from finding_history", [at]
        ).fetchone()
        con.execute("drop table _found")
        con.execute("drop table _assessed")
    assert counts is not None
    return counts


def _row(finding: Finding) -> _Found:
    return _Found(finding.finding_id, *msgspec.structs.astuple(finding))


_STAGE = (
    """
    create or replace temp table _found as
    select finding_id, rule_id, tenant_id, resource_type, resource_id, resource_name, account_id, reason, remediation
    from finding_history limit 0
    """,
    "create or replace temp table _assessed as select rule_id, tenant_id from finding_history limit 0",
)

_LIFE = (
    # What only an earlier run of this same scan had found, and this one does not, was never there.
    """
    delete from finding_history
    where first_seen_at = $at and last_seen_at = $at
        and (rule_id, tenant_id) in (select (rule_id, tenant_id) from _assessed)
        and finding_id not in (select finding_id from _found)
    """,
    """
    update finding_history set resolved_at = $at
    where resolved_at is null and last_seen_at <= $at
        and (rule_id, tenant_id) in (select (rule_id, tenant_id) from _assessed)
        and finding_id not in (select finding_id from _found)
    """,
    # Seen in this scan, and nothing later is known: open, in this scan's words.
    """
    update finding_history set
        resource_name = _found.resource_name, account_id = _found.account_id, reason = _found.reason,
        remediation = _found.remediation, last_seen_at = $at, resolved_at = null
    from _found
    where finding_history.finding_id = _found.finding_id
        and finding_history.last_seen_at <= $at
        and coalesce(finding_history.resolved_at <= $at, true)
    """,
    """
    update finding_history set first_seen_at = $at
    from _found
    where finding_history.finding_id = _found.finding_id and finding_history.first_seen_at > $at
    """,
    """
    insert into finding_history by name
    select *, $at as first_seen_at, $at as last_seen_at, null::timestamp as resolved_at
    from _found
    where finding_id not in (select finding_id from finding_history)
    """,
)
