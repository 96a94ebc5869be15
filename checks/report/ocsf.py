"""Findings as events of the Open Cybersecurity Schema Framework, for SIEMs: class Compliance Finding, one event a line.

Every open finding is an event: Create in the scan that first found it, Update in those after. One that the newest scan
resolved is an event, too: Close. ``finding_info.uid`` is the finding's own id, the same in every scan. What has no
attribute of its own in the schema is in ``unmapped``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from functools import cache
from importlib.metadata import version
from typing import Any, NamedTuple

import msgspec

from checks.report.rows import each
from checks.report.tables import Scope

SCHEMA = "1.5.0"
_CLASS = {"category_uid": 2, "category_name": "Findings", "class_uid": 2003, "class_name": "Compliance Finding"}
_ACTIVITIES = {1: "Create", 2: "Update", 3: "Close"}
_SEVERITIES = {"high": (4, "High"), "medium": (3, "Medium"), "low": (2, "Low")}
_NO_SEVERITY = (0, "Unknown")
_encode = msgspec.json.encode


class _Row(msgspec.Struct):
    finding_id: str
    rule_id: str
    tenant_id: str
    resource_type: str
    resource_id: str
    resource_name: str | None
    account_id: str | None
    accounts: int
    reason: str
    remediation: str
    first_seen_at: datetime
    accepted_until: date | None
    accepted_accounts: int
    is_accepted: bool
    assessed_at: datetime
    is_resolved: bool
    title: str | None
    severity: str | None
    pack_title: str | None
    source: str | None
    source_url: str | None
    source_clause: str | None


# Resolved is what the newest recorded scan no longer found; what is open again was not resolved.
_ROWS = """
    with newest as (select max(scanned_at) as at from recordings where history = 'finding_history'),
    told as (
        select * exclude (valid_from, valid_until), valid_until is not null as is_resolved
        from finding_history, newest
        where (valid_until is null or valid_until = newest.at)
            and ($ids is null or tenant_id in (select unnest($ids::varchar[])))
        qualify row_number() over (partition by finding_id order by valid_until is null desc) = 1
    )
    select
        f.finding_id, f.rule_id, f.tenant_id, f.resource_type, f.resource_id, f.resource_name, f.account_id, f.accounts,
        f.reason, f.remediation, f.first_seen_at, f.at as assessed_at, f.is_resolved,
        w.accepted_until, coalesce(w.accepted_accounts, 0) as accepted_accounts,
        coalesce(w.is_whole, false) as is_accepted,
        r.title, r.severity, r.pack_title, r.source, r.source_url, r.source_clause
    from told as f
    left join rules as r on f.rule_id = r.rule_id
    left join waived_findings as w on f.finding_id = w.finding_id and not f.is_resolved
    order by f.tenant_id, f.rule_id, f.finding_id
"""


class _Tenant(NamedTuple):
    name: str
    kind: str
    partner_id: str


def lines(scope: Scope) -> Iterator[bytes]:
    """Yield an event a line, of every finding of the scope that is open or was resolved by the newest scan."""
    product = {"name": "mfa-rollcall", "vendor_name": "mfa-rollcall", "version": version("mfa-rollcall")}
    tenants = {card.tenant_id: _Tenant(card.name, card.kind, card.partner_id) for card in scope.cards}
    about = {"ids": None if scope.ids is None else list(scope.ids)}
    for row in each(scope.con, _ROWS, about, _Row):
        yield _encode(_event(row, tenants.get(row.tenant_id), product)) + b"\n"


def _event(row: _Row, tenant: _Tenant | None, product: Mapping[str, str]) -> dict[str, Any]:
    activity = 3 if row.is_resolved else 1 if row.first_seen_at == row.assessed_at else 2
    severity_id, severity = _SEVERITIES.get(row.severity or "", _NO_SEVERITY)
    return {
        "activity_id": activity,
        "activity_name": _ACTIVITIES[activity],
        **_CLASS,
        "type_uid": _CLASS["class_uid"] * 100 + activity,  # type: ignore[operator]
        "type_name": f"Compliance Finding: {_ACTIVITIES[activity]}",
        "time": _milliseconds(row.assessed_at),
        "severity_id": severity_id,
        "severity": severity,
        **_status(row),
        "message": row.reason,
        "metadata": {
            "version": SCHEMA,
            "product": product,
            "tenant_uid": row.tenant_id,
            "uid": f"{row.finding_id}-{_milliseconds(row.assessed_at)}",
            "original_time": f"{row.assessed_at:%Y-%m-%dT%H:%M:%SZ}",
        },
        "finding_info": {
            "uid": row.finding_id,
            "title": row.title or row.rule_id,
            "desc": row.reason,
            "types": [row.pack_title] if row.pack_title else [],
            "first_seen_time": _milliseconds(row.first_seen_at),
            "created_time": _milliseconds(row.first_seen_at),
            "analytic": {"uid": row.rule_id, "name": row.title or row.rule_id, "type_id": 1, "type": "Rule"},
        },
        "compliance": {
            "control": row.rule_id,
            "standards": [row.source] if row.source else [],
            "requirements": [row.source_clause] if row.source_clause else [],
            "desc": row.title or row.rule_id,
            "status_id": 1 if row.is_resolved else 3,
            "status": "Pass" if row.is_resolved else "Fail",
        },
        "remediation": {
            "desc": row.remediation,
            "references": [row.source_url] if row.source_url else [],
        },
        "resources": [_resource(row, tenant)],
        "unmapped": {
            "accounts": row.accounts,
            "accepted_accounts": row.accepted_accounts,
            "accepted_until": row.accepted_until,
            "tenant_kind": tenant.kind if tenant else None,
            "partner_id": tenant.partner_id if tenant else None,
        },
    }


def _status(row: _Row) -> dict[str, Any]:
    if row.is_resolved:
        return {"status_id": 4, "status": "Resolved"}
    if row.is_accepted:
        # It stays a failure: see compliance.status. Suppressed only says that somebody took it on.
        return {"status_id": 3, "status": "Suppressed", "comment": f"accepted until {row.accepted_until}"}
    return {"status_id": 1, "status": "New"}


def _resource(row: _Row, tenant: _Tenant | None) -> dict[str, Any]:
    found: dict[str, Any] = {"uid": row.resource_id, "type": row.resource_type}
    if row.resource_name:
        found["name"] = row.resource_name
    if row.account_id:
        org = {"uid": row.tenant_id, **({"name": tenant.name} if tenant else {})}
        found["owner"] = {"uid": row.account_id, "name": row.resource_name or row.account_id, "org": org}
    return found


@cache
def _milliseconds(at: datetime) -> int:
    return int(at.replace(tzinfo=UTC).timestamp() * 1000)
