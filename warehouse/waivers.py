"""What was accepted, kept with its validity. To record a scan again replaces what was recorded of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import msgspec

from warehouse import bulk, validity
from warehouse.engine import Connection, identifier, transaction
from warehouse.validity import EXCEPTIONS, WAIVED_ACCOUNTS, WAIVERS, History


class Waived(msgspec.Struct, frozen=True, kw_only=True):
    """A waiver as it is for one rule in one tenant."""

    waiver_id: str
    rule_id: str
    tenant_id: str
    owner: str
    reason: str
    approver: str
    begins_on: date
    ends_on: date
    accounts: tuple[str, ...]
    group_id: str | None
    state: str
    problem: str
    covers: int


class WaivedAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account that breaks a rule and is accepted to."""

    rule_id: str
    tenant_id: str
    account_id: str
    waiver_id: str
    accepted_until: date
    approver: str


class Exceptional(msgspec.Struct, frozen=True, kw_only=True):
    """A technical exception as it is."""

    exception_id: str
    tenant_id: str
    scenario: str
    reason: str
    vendor: str
    ticket: str
    integration: str
    begins_on: date
    ends_on: date
    accounts: tuple[str, ...]
    account_ids: tuple[str, ...]
    state: str
    problem: str


def record_waivers(con: Connection, scan_id: str, rows: Iterable[Waived], accounts: Iterable[WaivedAccount]) -> None:
    """Bring the waivers and the accounts they accept up to a scan. See :func:`warehouse.validity.record`."""
    with transaction(con):
        _record(con, WAIVERS, Waived, scan_id, rows)
        _record(con, WAIVED_ACCOUNTS, WaivedAccount, scan_id, accounts)


def record_exceptions(con: Connection, scan_id: str, rows: Iterable[Exceptional]) -> None:
    """Bring the technical exceptions up to a scan. See :func:`warehouse.validity.record`."""
    with transaction(con):
        _record(con, EXCEPTIONS, Exceptional, scan_id, rows)


def first_seen(con: Connection, history: History, column: str, as_of: datetime) -> dict[str, tuple[datetime, bool]]:
    """Return by id the first scan up to ``as_of`` of which it is known, and whether one found it expired.

    Older rows may be dropped by retention: what has expired once was known before it did.
    """
    rows = con.execute(
        f"select {identifier(column)}, min(valid_from), bool_or(state = 'expired') "  # noqa: S608  (names of ours)
        f"from {identifier(history.table)} where valid_from <= ? group by all",
        [as_of],
    ).fetchall()
    return {key: (at, was_expired) for key, at, was_expired in rows}


def _record(
    con: Connection, history: History, kind: type[msgspec.Struct], scan_id: str, rows: Iterable[msgspec.Struct]
) -> None:
    con.execute(
        "create or replace temp table _accepted as "  # noqa: S608  (names of ours)
        f"select * exclude ({', '.join(validity.SPAN)}) from {identifier(history.table)} limit 0"
    )
    bulk.insert(con, "_accepted", kind, rows)
    validity.record(con, history, scan_id, "from _accepted")
    con.execute("drop table _accepted")
