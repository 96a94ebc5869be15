"""What the newest scan and the one before found, read from the published file."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from checks.newest import newest_scan
from checks.worse import Accepted, Level, Outcome, Relationship, State, Verdict
from warehouse.engine import Connection
from warehouse.validity import EXCEPTIONS, HELD, RULE_RESULTS, SCORECARDS, VERDICTS, WAIVERS, as_of, recorded_before


class Tenant(NamedTuple):
    """Whose a tenant is, and its name, which a tenant chose."""

    name: str
    partner_id: str


class Scans(NamedTuple):
    """The newest scan beside the recorded one before it; ``before`` is None for the first of all."""

    scan_id: str
    scanned_at: datetime
    before: State | None
    now: State
    tenants: dict[str, Tenant]


# Of accounts that are the same in both there is no row: a fleet has millions. Who begins with a scan is in a row.
_VERDICTS = """
    with
    old as (from account_verdict_history where valid_from <= $before and valid_until = $now),
    new as (from account_verdict_history where valid_from = $now)
    select
        new.tenant_id, new.account_id,
        coalesce(old.customer_posture, old.contract_verdict), coalesce(new.customer_posture, new.contract_verdict),
        coalesce(new.severity, 'medium'), changes.cause_name, changes.what
    from new
    left join old on new.tenant_id = old.tenant_id and new.account_id = old.account_id
    left join verdict_changes as changes
        on new.tenant_id = changes.tenant_id and new.account_id = changes.account_id and changes.scanned_at = $now
    where coalesce(old.customer_posture, old.contract_verdict) is distinct from
        coalesce(new.customer_posture, new.contract_verdict)
"""
_UNREAD = """
    select tenant_id, dataset, state, message from source_status
    where scan_id = ? and state not in ('complete', 'not_licensed', 'skipped')
"""
_RELATIONSHIPS = f"""
    select tenant_id, relationship_id, coalesce(display_name, relationship_id), customer_name, end_at, status,
        auto_extend_duration
    from gdap_relationships_history
    where {HELD} and status not in ('created', 'approvalPending')
"""  # noqa: S608  (SQL of ours)
_OVER = frozenset({"expired", "terminated", "terminating", "terminationRequested"})
_ENDS = frozenset({None, "", "PT0S", "P0D"})


def scans(con: Connection) -> Scans:
    """Return the newest two scans. Raises :class:`~checks.errors.CheckError` where there is none."""
    newest = newest_scan(con)
    found = recorded_before(con, VERDICTS, newest.scanned_at)
    tenants = {
        tenant_id: Tenant(name, partner_id)
        for tenant_id, name, partner_id in con.execute("select tenant_id, name, partner_id from tenants").fetchall()
    }
    old: dict[tuple[str, str], Verdict] = {}
    new: dict[tuple[str, str], Verdict] = {}
    before = None
    if found:
        about = {"before": found[1], "now": newest.scanned_at}
        for tenant_id, account_id, was, is_, severity, cause, what in con.execute(_VERDICTS, about).fetchall():
            words = ": ".join(filter(None, [cause, what]))
            new[tenant_id, account_id] = Verdict(is_, severity, words)
            if was is not None:
                old[tenant_id, account_id] = Verdict(was)
        before = _state(con, found[0], found[1], old)
    return Scans(
        newest.scan_id, newest.scanned_at, before, _state(con, newest.scan_id, newest.scanned_at, new), tenants
    )


def _state(con: Connection, scan_id: str, at: datetime, verdicts: dict[tuple[str, str], Verdict]) -> State:
    about = {"at": at}
    told = con.execute("select rule_id, severity, title from rules").fetchall()
    about_rules: dict[str, tuple[Level, str]] = {rule_id: (severity, title) for rule_id, severity, title in told}
    results: dict[tuple[str, str], Outcome] = {}
    for row in _rows(con, as_of(RULE_RESULTS), about):
        level, title = about_rules.get(row["rule_id"], ("medium", ""))
        failing = row["failing"] - (row["accepted"] or 0)
        results[row["rule_id"], row["tenant_id"]] = Outcome(row["result"], failing, level, title)
    unread: dict[str, dict[str, str]] = {}
    for tenant_id, dataset, state, message in con.execute(_UNREAD, [scan_id]).fetchall():
        unread.setdefault(tenant_id, {})[dataset] = f"{state}: {message}" if message else state
    return State(
        scanned_at=at,
        verdicts=verdicts,
        results=results,
        scores={row["tenant_id"]: row["score"] for row in _rows(con, as_of(SCORECARDS), about)},
        unread=unread,
        relationships={
            (tenant_id, relationship_id): Relationship(
                f"{name} ({customer})" if customer else name,
                end_at if extends in _ENDS else None,
                status in _OVER,
            )
            for tenant_id, relationship_id, name, customer, end_at, status, extends in con.execute(
                _RELATIONSHIPS, about
            ).fetchall()
        },
        accepted=_accepted(con, about),
    )


def _accepted(con: Connection, about: dict[str, Any]) -> dict[tuple[str, str], Accepted]:
    found = {}
    for row in _rows(con, as_of(WAIVERS), about):
        what = f"waiver of {row['rule_id']}, accepted by {row['approver']},"
        key = (f"{row['waiver_id']} {row['rule_id']}", row["tenant_id"])
        found[key] = Accepted(what, row["state"], row["ends_on"])
    for row in _rows(con, as_of(EXCEPTIONS), about):
        what = f"technical exception with the ticket {row['ticket']}"
        found[row["exception_id"], row["tenant_id"]] = Accepted(what, row["state"], row["ends_on"])
    return found


def _rows(con: Connection, query: str, about: dict[str, Any]) -> list[dict[str, Any]]:
    cursor = con.execute(query, about)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
