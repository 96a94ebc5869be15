"""The nightly scan in a real Airflow: standalone, SQLite, LocalExecutor, REST."""

from __future__ import annotations

import json
import multiprocessing
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest

from embedded.follow import follow
from tests.cloud import CUSTOMER, PARTNER, SECRET
from tests.end_to_end.conftest import OTHER, Running

pytestmark = pytest.mark.timeout(600)


def everything_of(running: Running, tenant_ids: list[str]) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of some tenants in every table and view of the published file."""
    tables = [
        name
        for (name,) in running.rows(
            "select distinct table_name from information_schema.columns"
            " where column_name = 'tenant_id' and table_schema = 'main'"
        )
    ]
    assert {"users", "source_status", "scorecards", "rule_results"} <= set(tables)
    return {
        table: running.rows(f"select * from {table} where list_contains(?, tenant_id) order by all", tenant_ids)
        for table in tables
    }


def test_a_scan_ends_green_with_a_scorecard_for_every_tenant(running: Running, first: str) -> None:
    states = running.states(first)
    assert set(states.values()) == {"success"}
    assert {"collect[Nordlicht]", "collect[Customer 2]", "collect[Customer 4]", "discover[Nordlicht]"} <= set(states)
    cards = dict(running.rows("select tenant_id, in_scope from scorecards"))
    assert cards == {PARTNER: 30, CUSTOMER: 12, OTHER: 8}
    results = dict(running.rows("select tenant_id, failing from rule_results where rule_id = 'MFA.REG.1v1'"))
    assert results == {PARTNER: 2, CUSTOMER: 0, OTHER: 0}


def test_an_unreadable_dataset_turns_only_strict_red_and_clearing_that_tenant_mends_it(
    running: Running, first: str
) -> None:
    before = running.rows("select * from users where tenant_id = ? order by all", CUSTOMER)
    failure = running.cloud.fail(CUSTOMER, "v1.0/users", 403, "Authorization_RequestDenied", "Insufficient privileges")
    run_id, state = running.scan()
    assert state == "failed"
    states = running.states(run_id)
    assert {name for name, state in states.items() if state != "success"} == {"strict"}
    assert states["strict"] == "failed"

    status = running.rows(
        "select tenant_id, dataset, state, code from source_status where scan_id = ? order by all", run_id
    )
    assert [row for row in status if row[2] not in {"complete", "skipped"}] == [
        (CUSTOMER, "per_user_mfa", "failed", "Authorization_RequestDenied"),  # it is asked for each user
        (CUSTOMER, "users", "not_permitted", "Authorization_RequestDenied"),
    ]
    [(result, reason)] = running.rows(
        "select result, reason from rule_results where rule_id = 'MFA.REG.1v1' and tenant_id = ?", CUSTOMER
    )
    assert result == "not_assessed"
    assert "users" in reason
    assert "Insufficient privileges" in reason
    assert running.rows("select * from users where tenant_id = ? order by all", CUSTOMER) == before
    assert running.rows("select is_stale from source_state where tenant_id = ? and dataset = 'users'", CUSTOMER) == [
        (True,)
    ]
    page = (running.cloud.config.published.parent / "scorecards" / f"{CUSTOMER}.html").read_text("utf-8")
    assert "not assessed" in page
    assert "Insufficient privileges" in page
    assert "stale" in page

    others = everything_of(running, [PARTNER, OTHER])
    failure.unlink()
    [index] = [
        i["map_index"]
        for i in running.airflow.task_instances(run_id)
        if i["task_id"] == "collect" and i["rendered_map_index"] == "Customer 2"
    ]
    cleared = running.airflow.clear(run_id, "collect", index)
    assert {(i["task_id"], i["map_index"]) for i in cleared} == {
        ("collect", index), ("load", -1), ("judge", -1), ("check", -1), ("publish", -1), ("notify", -1), ("strict", -1)
    }  # fmt: skip
    assert follow(running.airflow, run_id, print) == "success"
    assert everything_of(running, [PARTNER, OTHER]) == others
    assert running.rows(
        "select result from rule_results where rule_id = 'MFA.REG.1v1' and tenant_id = ?", CUSTOMER
    ) == [("pass",)]


def test_one_tenant_may_be_scanned_alone(running: Running, first: str) -> None:
    others = running.rows("select tenant_id, last_scan_id from tenants where tenant_id <> ? order by all", CUSTOMER)
    run_id, state = running.scan(tenants=["customer 2"], collectors=["users"])
    assert state == "success"
    assert (
        running.rows("select tenant_id, last_scan_id from tenants where tenant_id <> ? order by all", CUSTOMER)
        == others
    )
    states = dict(running.rows("select dataset, state from source_status where scan_id = ?", run_id))
    assert states.pop("users") == "complete"
    assert set(states.values()) == {"skipped"}
    assert len(running.rows("select * from scorecards")) == 3


def _read(path: Path, until: Any, seen: Any) -> None:
    count, problems = 0, []
    while not until.is_set():
        try:
            with duckdb.connect(path, read_only=True) as con:
                query = "select tenant_id, count(*) from users group by all order by all"
                counts = con.execute(query).fetchall()
                cards = con.execute("select count(*) from scorecards").fetchone()
        except duckdb.Error as error:
            problems.append(str(error))
        else:
            count += 1
            if counts != [(PARTNER, 30), (CUSTOMER, 12), (OTHER, 8)] or cards != (3,):
                problems.append(f"{counts} {cards}")
    seen.put((count, problems[:3]))


def test_readers_never_see_an_error_or_half_a_tenant(running: Running, first: str) -> None:
    context = multiprocessing.get_context("spawn")
    until, seen = context.Event(), context.Queue()
    readers = [context.Process(target=_read, args=(running.cloud.config.published, until, seen)) for _ in range(4)]
    for reader in readers:
        reader.start()
    time.sleep(1)
    _, state = running.scan()
    until.set()
    results = [seen.get(timeout=60) for _ in readers]
    for reader in readers:
        reader.join(60)
    assert state == "success"
    assert [problems for _, problems in results] == [[], [], [], []]
    assert all(count > 10 for count, _ in results)


def test_no_secret_and_no_token_is_written_anywhere(running: Running, first: str) -> None:
    needles = (SECRET.encode(), b"eyJ0eXAi", b"eyJhbGci")
    folder = running.cloud.folder
    written = [path for path in folder.rglob("*") if path.is_file() and path.name != "connections.json"]
    assert any(path.suffix == ".log" for path in written)
    found = []
    for path in written:
        content = path.read_bytes()
        # Airflow's own API server signs its users' tokens; they stand in no file, either.
        found += [(path.relative_to(folder), needle) for needle in needles if needle in content]
    assert found == []


def test_only_the_owner_may_read_what_was_collected(running: Running, first: str) -> None:
    config = running.cloud.config
    for path in (config.landing, config.warehouse.parent, config.published.parent, running.embedded.home):
        assert path.stat().st_mode & 0o077 == 0, path
    for path in (running.embedded.passwords, running.log, config.warehouse, config.published):
        assert path.stat().st_mode & 0o077 == 0, path


def test_the_outcomes_in_xcom_are_small(running: Running, first: str) -> None:
    [instance, *_] = [i for i in running.airflow.task_instances(first) if i["task_id"] == "collect"]
    result = running.airflow.result(instance)
    assert set(result[0]) == {"tenant_id", "dataset", "state", "rows"}
    # Nothing of what was read, and no message: as many bytes as four short values take, whatever was found.
    assert max(len(json.dumps(outcome)) for outcome in result) < 160
