"""What was accepted, kept with its validity. To record a scan again replaces what was recorded of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

import msgspec

from warehouse.engine import Connection, identifier, transaction
from warehouse.validity import EXCEPTIONS, WAIVED_ACCOUNTS, WAIVERS, History, record_rows


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
        record_rows(con, WAIVERS, Waived, scan_id, rows)
        record_rows(con, WAIVED_ACCOUNTS, WaivedAccount, scan_id, accounts)


def record_exceptions(con: Connection, scan_id: str, rows: Iterable[Exceptional]) -> None:
    """Bring the technical exceptions up to a scan. See :func:`warehouse.validity.record`."""
    with transaction(con):
        record_rows(con, EXCEPTIONS, Exceptional, scan_id, rows)


def known_in_time(
    con: Connection, history: History, column: str, as_of: datetime, until: Mapping[str, date]
) -> frozenset[str]:
    """Return the ids of those, by id with their last day, that a scan up to ``as_of`` saw before they ended.

    Older rows may be dropped by retention: what has expired once was known before it did.
    """
    rows = con.execute(
        f"select {identifier(column)}, min(valid_from), bool_or(state = 'expired') "  # noqa: S608  (names of ours)
        f"from {identifier(history.table)} where valid_from <= ? group by all",
        [as_of],
    ).fetchall()
    return frozenset(key for key, at, was_expired in rows if key in until and (was_expired or at.date() <= until[key]))
