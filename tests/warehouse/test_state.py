"""The views that say how the reading went and what the newest scan found."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.warehouse.scans import ACME, BORG, MICROSOFT, Scan, tenant, user
from warehouse.engine import Connection
from warehouse.load import load
from warehouse.results import Scorecard, record_scorecards

USERS = MICROSOFT.dataset("users")


def state(con: Connection, tenant_id: str = ACME, dataset: str = "users") -> dict[str, Any]:
    cursor = con.execute("from source_state where tenant_id = ? and dataset = ?", [tenant_id, dataset])
    names = [column[0] for column in cursor.description or ()]
    (row,) = cursor.fetchall()
    return dict(zip(names, row, strict=True))


def loaded(con: Connection, *scans: Scan) -> None:
    for scan in scans:
        load(con, scan.landing, scan.plan, MICROSOFT)


def test_a_complete_newest_attempt_is_usable(con: Connection, tmp_path: Path) -> None:
    scan = Scan(tmp_path, tenant(ACME))
    scan.land(ACME, USERS, [user(1), user(2)])
    loaded(con, scan)
    at = datetime(2026, 3, 1, 2, 1)
    assert state(con) == {
        "tenant_id": ACME,
        "dataset": "users",
        "state": "complete",
        "code": "",
        "message": "",
        "collected_at": at,
        "last_complete_at": at,
        "rows": 2,
        "is_stale": False,
        "is_usable": True,
    }


def test_what_did_not_arrive_whole_is_stale_and_says_why(con: Connection, tmp_path: Path) -> None:
    first, second = Scan(tmp_path, tenant(ACME)), Scan(tmp_path, tenant(ACME), night=1)
    first.land(ACME, USERS, [user(1)])
    second.note(ACME, "users", state="not_permitted", code="Authorization_RequestDenied", message="no consent")
    loaded(con, first, second)
    found = state(con)
    assert (found["state"], found["code"], found["message"]) == (
        "not_permitted",
        "Authorization_RequestDenied",
        "no consent",
    )
    assert (found["collected_at"], found["last_complete_at"]) == (
        datetime(2026, 3, 2, 2, 1),
        datetime(2026, 3, 1, 2, 1),
    )
    assert (found["rows"], found["is_stale"], found["is_usable"]) == (1, True, False)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_scan_that_was_not_asked_to_read_it_is_no_attempt(
    con: Connection, tmp_path: Path, order: tuple[int, int]
) -> None:
    whole = Scan(tmp_path, tenant(ACME))
    whole.land(ACME, USERS, [user(1)])
    roles_only = Scan(tmp_path, tenant(ACME), night=1, collectors=["roles"])
    loaded(con, *((whole, roles_only)[at] for at in order))
    assert (state(con)["state"], state(con)["is_usable"]) == ("complete", True)


def test_what_nobody_tried_to_read_has_a_state_too(con: Connection, tmp_path: Path) -> None:
    loaded(con, Scan(tmp_path, tenant(ACME), collectors=["roles"]))
    found = state(con)
    assert (found["state"], found["collected_at"], found["is_stale"], found["is_usable"]) == (
        "skipped",
        None,
        False,
        False,
    )


def test_there_is_a_row_for_each_dataset_a_tenant_should_have(con: Connection, tmp_path: Path) -> None:
    loaded(con, Scan(tmp_path, tenant(ACME, kind="partner"), tenant(BORG)))
    rows = con.execute("select tenant_id, dataset from source_state order by all").fetchall()
    assert rows == sorted(
        (tenant_id, dataset.name)
        for tenant_id, kind in ((ACME, "partner"), (BORG, "customer"))
        for dataset in MICROSOFT.datasets
        if kind in dataset.kinds
    )


def test_an_attempt_of_an_older_scan_that_is_loaded_later_is_not_the_newest(con: Connection, tmp_path: Path) -> None:
    old, new = Scan(tmp_path, tenant(ACME)), Scan(tmp_path, tenant(ACME), night=1)
    new.land(ACME, USERS, [user(1)])
    loaded(con, new, old)
    assert state(con)["is_usable"] is True


def test_the_clock_is_the_newest_scans(con: Connection, tmp_path: Path) -> None:
    assert con.execute("from clock").fetchall() == []
    old, new = Scan(tmp_path, tenant(ACME)), Scan(tmp_path, tenant(ACME), night=1)
    loaded(con, new, old)
    assert con.execute("from clock").fetchall() == [(new.plan.scan_id, datetime(2026, 3, 2, 2))]


def card(score: float | None) -> Scorecard:
    counts = {"in_scope": 1, "compliant": 0, "at_risk": 0, "non_compliant": 0, "indeterminate": 1}
    return Scorecard(tenant_id=ACME, score=score, coverage=0, **counts)


def test_scorecards_are_the_newest_scans_and_history_keeps_the_rest(con: Connection, tmp_path: Path) -> None:
    scans = [Scan(tmp_path, tenant(ACME), night=night) for night in range(2)]
    loaded(con, *scans)
    for scan, score in zip(scans, (50.0, None), strict=True):
        for _ in range(2):
            record_scorecards(con, scan.plan.scan_id, [card(score)])
    first, second = datetime(2026, 3, 1, 2), datetime(2026, 3, 2, 2)
    assert con.execute("from scorecards").fetchall() == [(ACME, None, 0, 1, 0, 0, 0, 1, second, second)]
    assert con.execute("select score, valid_from, valid_until from scorecard_history order by all").fetchall() == [
        (50.0, first, second),
        (None, second, None),
    ]
