"""What the rules found, kept with its validity. To record a scan again replaces what was recorded of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import NamedTuple

import msgspec

from warehouse import bulk, validity
from warehouse.engine import Connection, transaction
from warehouse.validity import FINDING_ACCOUNTS, FINDINGS, RULE_RESULTS, SCORECARDS


class RuleResult(msgspec.Struct, frozen=True, kw_only=True):
    """The result of one rule in one tenant. ``reason`` is empty for a pass or fail.

    ``accepted`` of the failing things are waived. ``true_result`` is what it would be without waivers,
    the same if not given.
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
    with transaction(con):
        return validity.record_rows(con, RULE_RESULTS, RuleResult, scan_id, rows)


def record_scorecards(con: Connection, scan_id: str, rows: Iterable[Scorecard]) -> int:
    """Bring the scorecards up to a scan; return how many there are now. See :func:`warehouse.validity.record`."""
    with transaction(con):
        return validity.record_rows(con, SCORECARDS, Scorecard, scan_id, rows)


class RuleRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule says of itself, as a row of ``rules``."""

    place: int
    rule_id: str
    pack: str
    pack_title: str
    title: str
    description: str
    severity: str
    weight: int
    owed_by: tuple[str, ...]
    recommended_to: tuple[str, ...]
    evidence: str
    requirement: str
    needs: tuple[str, ...]
    source: str
    source_url: str
    source_clause: str
    source_read_on: date
    remediation: str


def record_rules(con: Connection, rows: Iterable[RuleRow]) -> None:
    """Let ``rules`` hold these and no others."""
    with transaction(con):
        con.execute("delete from rules")
        bulk.insert(con, "rules", RuleRow, rows)


class Found(NamedTuple):
    """What breaks a rule, as SQL. ``findings`` has a finding's columns but for its id and times.

    ``accounts`` has the accounts of findings about a cause: rule_id, tenant_id, cause_type and cause_id, which are what
    the finding calls resource_type and resource_id, and account_id.
    """

    findings: str
    accounts: str | None = None


class _Pair(msgspec.Struct):
    rule_id: str
    tenant_id: str


# The same in every scan: it depends on what breaks which rule where, and on nothing else.
_ID = "substr(sha256(concat_ws('|', rule_id, tenant_id, {type}, {id})), 1, 16)"


def record_findings(
    con: Connection, scan_id: str, found: Iterable[Found], assessed: Collection[tuple[str, str]]
) -> tuple[int, int]:
    """Bring the findings up to a scan that assessed the pairs (rule_id, tenant_id); return (open now, resolved by it).

    A finding is open from the scan that first found it to the first scan that assessed its pair and did not find it.
    What comes back later is open again since it was first seen, and the history tells the time between. A pair that was
    not assessed keeps its findings as they are. See :func:`warehouse.validity.record` about scans recorded again.
    """
    with transaction(con):
        at = validity.begin(con, FINDINGS, scan_id)  # what is kept is what the scan before left open
        validity.begin(con, FINDING_ACCOUNTS, scan_id)
        validity.stage(con, FINDINGS, "_found")
        validity.stage(con, FINDING_ACCOUNTS, "_concerned")
        for each in found:
            con.execute(_FINDINGS.format(found=each.findings))
            if each.accounts:
                con.execute(_ACCOUNTS.format(found=each.accounts))
        con.execute(_ONCE)
        con.execute("create or replace temp table _assessed as select rule_id, tenant_id from finding_history limit 0")
        bulk.insert(con, "_assessed", _Pair, (_Pair(*pair) for pair in assessed))
        con.execute(_SINCE, {"at": at})
        con.execute(_KEPT)
        con.execute(_KEPT_ACCOUNTS)
        validity.record(con, FINDINGS, scan_id, "from _found")
        validity.record(con, FINDING_ACCOUNTS, scan_id, "from _concerned")
        counts = con.execute(_COUNTS, {"at": at}).fetchone()
        for table in ("_found", "_concerned", "_assessed"):
            con.execute(f"drop table {table}")
    assert counts is not None
    return counts


_FINDINGS = f"""
    insert into _found by name
    select
        {_ID.format(type="resource_type", id="resource_id")} as finding_id, rule_id, tenant_id, resource_type,
        resource_id, resource_name, account_id, reason, remediation, accounts
    from ({{found}})
"""  # noqa: S608  (SQL of ours)
# Evidence promises one row per thing; where it does not keep that, the history must all the same.
_ONCE = "delete from _found where rowid not in (select max(rowid) from _found group by finding_id)"
_ACCOUNTS = f"""
    insert into _concerned by name
    select {_ID.format(type="cause_type", id="cause_id")} as finding_id, tenant_id, account_id
    from ({{found}})
"""  # noqa: S608
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
_KEPT_ACCOUNTS = """
    insert into _concerned by name
    select finding_id, tenant_id, account_id
    from finding_account_history
    where valid_until is null
        and finding_id in (select finding_id from _found where last_seen_at is not null)
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
