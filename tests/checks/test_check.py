"""A judgement as a whole: waivers, later scans, what raises, and what is never written."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb_sqlalchemy
import great_expectations as gx
import pytest

from checks.check import Summary, check
from checks.documents import FOLDER, project
from checks.errors import CheckError
from checks.rule import Requirement, is_true
from checks.rules import rule
from collectors.config import Config, Storage
from tests.checks.tenants import policy, registered, state, tenant, together, user
from tests.checks.world import AS_OF, World, guid, only, waiver
from warehouse.engine import WarehouseBusy, writer

A, B, C = guid(1), guid(2), guid(3)
REG, POL, GA = "MFA.REG.1v1", "MFA.POL.1v1", "GDAP.GA.1v1"
# Enough to judge; what each rule says of a tenant is tried in tests/rules.
FEW = (rule(POL), rule(REG), rule("SIGNIN.LEGACY.1v2"), rule(GA), rule("GDAP.END.1v1"))
OFF = [{"policy_id": "d", "is_enabled": False}]
NONE = registered("u1", is_mfa_registered=False, is_mfa_capable=False)
RESULTS = "select * from rule_result_history order by all"
FINDINGS = "select * from finding_history order by all"


def broken(tenant_id: str = A, **changes: Any) -> dict[str, list[dict[str, Any]]]:
    """Return a tenant in which one account has no method."""
    return tenant(tenant_id, **{"authentication_methods": [NONE], **changes})


def judge(world: World) -> Summary:
    """Judge a few rules in every tenant."""
    return check(world.config, only(*FEW))


def test_judging_twice_writes_the_same_rows(tmp_path: Path) -> None:
    world = World(tmp_path, together(broken(A), broken(B, kind="customer"), tenant(C)), [waiver(REG, B)])
    first = judge(world)
    rows = world.table(RESULTS), world.table(FINDINGS)
    assert len(rows[0]) == 3 * len(FEW)
    assert len(rows[1]) == 2
    assert judge(world) == first
    assert (world.table(RESULTS), world.table(FINDINGS)) == rows


def later_scan(world: World, scan_id: str, scanned_at: str) -> None:
    """Record a scan in which every dataset is as complete as before."""
    world.execute(f"insert into scans values ('{scan_id}', '{scanned_at}', [])")
    world.execute(
        f"insert into source_status select * replace ('{scan_id}' as scan_id) from source_status "
        "where scan_id = 'scan-1'"
    )


def test_a_finding_keeps_its_id_and_its_first_day_until_it_is_resolved(tmp_path: Path) -> None:
    world = World(tmp_path, broken())
    judge(world)
    [(first_id, first_seen)] = world.table("select finding_id, first_seen_at from findings")
    later_scan(world, "scan-2", "2026-11-24 02:00:00")
    assert judge(world).scan_id == "scan-2"
    query = "select finding_id, first_seen_at, last_seen_at from findings"
    [(second_id, second_seen, last_seen)] = world.table(query)
    assert (second_id, second_seen) == (first_id, first_seen)
    assert str(last_seen) == "2026-11-24 02:00:00"
    later_scan(world, "scan-3", "2026-11-25 02:00:00")
    world.execute("update authentication_methods set is_mfa_registered = true, is_mfa_capable = true")
    judge(world)
    assert world.table("select * from findings") == []
    assert world.table("select finding_id, cast(valid_until as varchar) from finding_history") == [
        (first_id, "2026-11-25 02:00:00")
    ]


@pytest.mark.parametrize(
    ("change", "stays"),
    [
        ("update source_status set state = 'failed' where scan_id = 'scan-2' and dataset = 'users'", True),
        ("delete from authentication_methods", True),
        ("delete from users", False),
        ("update users set is_enabled = false", False),
    ],
    ids=["unread", "unknown", "gone", "disabled"],
)
def test_a_finding_is_resolved_only_by_what_was_read(tmp_path: Path, change: str, stays: bool) -> None:
    """Where nothing is left to judge it is resolved, too: the thing is gone, and that was read."""
    world = World(tmp_path, broken())
    judge(world)
    later_scan(world, "scan-2", "2026-11-24 02:00:00")
    world.execute(change)
    judge(world)
    assert bool(world.table("select * from findings")) is stays


def test_what_is_waived_shows_its_true_state(tmp_path: Path) -> None:
    world = World(tmp_path, together(broken(A), broken(B)), [waiver(REG, A)])
    summary = judge(world)
    columns = "result, in_scope, failing, unknown, reason"
    assert world.table(f"select {columns} from rule_results where rule_id = '{REG}' order by tenant_id") == [
        ("waived", 1, 1, 0, "accepted until 2026-12-31 by Ann: being replaced"),
        ("fail", 1, 1, 0, ""),
    ]
    assert world.table("select tenant_id from findings order by tenant_id") == [(A,), (B,)]
    assert summary.results["waived"] == 1
    assert summary.problems == ()


@pytest.mark.parametrize("days", [(1, 22), (24, 30)], ids=["over", "not yet begun"])
def test_a_waiver_counts_only_in_its_days(tmp_path: Path, days: tuple[int, int]) -> None:
    from_, until = (date(2026, 11, day) for day in days)
    world = World(tmp_path, broken(), [waiver(REG, A, from_=from_, until=until)])
    assert "waived" not in judge(world).results


def test_a_waiver_that_can_never_count_is_a_problem(tmp_path: Path) -> None:
    waivers = [waiver("MFA.REG.1v2", A), waiver("nonsense", A), waiver(REG, guid(9)), waiver("GDAP.GA.1v1", B)]
    world = World(tmp_path, together(tenant(A), tenant(B, kind="customer")), waivers)
    problems = judge(world).problems
    assert problems[0] == f"the waiver of MFA.REG.1v2 for {A} names no rule. Did you mean MFA.REG.1v1?"
    assert problems[1].startswith(f"the waiver of nonsense for {A} names no rule. Rules are: {POL}, {REG}, ")
    assert problems[2].startswith(f"the waiver of MFA.REG.1v1 for {guid(9)} names a tenant that no scan has seen. ")
    assert problems[3] == (
        f"the waiver of GDAP.GA.1v1 for {B} is for a customer, whom the rule does not concern. Remove it."
    )
    assert len(problems) == 4


def test_a_rule_that_raises_is_an_error_and_spoils_no_other(tmp_path: Path) -> None:
    world = World(tmp_path, broken())
    judge(world)
    bad = replace(rule(REG), id="BAD.RULE.1v1", expect=is_true("no_such_column"))
    summary = check(world.config, only(bad, *FEW))
    [(result, in_scope, failing, reason)] = world.table(
        "select result, in_scope, failing, reason from rule_results where rule_id = 'BAD.RULE.1v1'"
    )
    assert (result, in_scope, failing) == ("error", 0, 0)
    assert "no_such_column" in reason
    assert summary.results == {"error": 1, "fail": 1, "pass": len(FEW) - 1}
    assert summary.problems == (f"BAD.RULE.1v1 could not be judged: {reason}",)


def test_an_error_resolves_no_finding(tmp_path: Path) -> None:
    world = World(tmp_path, broken())
    judge(world)
    later_scan(world, "scan-2", "2026-11-24 02:00:00")
    check(world.config, only(replace(rule(REG), expect=is_true("no_such_column"))))
    assert len(world.table("select * from findings")) == 1


def test_nothing_is_written_while_great_expectations_does_not_judge(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dialect that no longer heeds AUTOCOMMIT makes every rule pass in no tenant at all."""
    world = World(tmp_path, broken())
    judge(world)
    rows = world.table(RESULTS), world.table(FINDINGS)
    later_scan(world, "scan-2", "2026-11-24 02:00:00")
    monkeypatch.setattr(duckdb_sqlalchemy.Dialect, "detect_autocommit_setting", lambda *_: False)
    with pytest.raises(CheckError, match="not judging"):
        judge(world)
    assert (world.table(RESULTS), world.table(FINDINGS)) == rows


def test_a_slice_that_was_lost_is_not_read(tmp_path: Path) -> None:
    """The dataset arrived whole, says its status; but the table does not hold it."""
    world = World(tmp_path, broken())
    world.execute("delete from slices where dataset = 'users'")
    judge(world)
    query = f"select result, reason from rule_results where rule_id = '{REG}'"
    assert world.table(query) == [("not_assessed", "users: complete: but the warehouse does not hold it")]


@pytest.mark.parametrize(
    ("rule_id", "dataset", "rows"),
    [
        (REG, "users", {"authentication_methods": [NONE]}),
        (POL, "conditional_access_policies", {"security_defaults": OFF, "conditional_access_policies": [policy()]}),
    ],
    ids=["a fail", "a pass"],
)
def test_what_was_read_yesterday_proves_nothing_today(
    tmp_path: Path, rule_id: str, dataset: str, rows: dict[str, Any]
) -> None:
    world = World(tmp_path, tenant(A, states=[state(dataset, "failed", "503", AS_OF - timedelta(days=1))], **rows))
    judge(world)
    assert world.table(f"select result, in_scope, reason from rule_results where rule_id = '{rule_id}'") == [
        ("not_assessed", 0, f"{dataset}: failed: 503; last good data of 2026-11-22 02:00 UTC kept")
    ]


def test_what_no_scan_has_read_yet_is_not_assessed(tmp_path: Path) -> None:
    world = World(tmp_path, tenant(A, states=[state("gdap_relationships", "skipped")]))
    judge(world)
    assert world.table(f"select result, reason from rule_results where rule_id = '{GA}'") == [
        ("not_assessed", "gdap_relationships: skipped: no scan has read it yet")
    ]


@pytest.mark.parametrize("told", ["current_database() = 'evidence'", "current_database() <> 'evidence'"])
def test_counts_that_disagree_with_our_own_sql_are_not_written(tmp_path: Path, told: str) -> None:
    """A requirement that depends on who asks stands for any way in which the two can come apart."""
    world = World(tmp_path, tenant(A, users=[user(f"u{number}") for number in range(3)]))
    odd = replace(rule(REG), expect=Requirement(told, ("registration",), "it depends on who asks"))
    with pytest.raises(
        CheckError, match=rf"{REG} in {A}: Great Expectations counted (0|3) failing, SQL (3|0): nothing"
    ):
        check(world.config, only(odd))
    assert world.table(RESULTS) == []
    assert world.table(FINDINGS) == []
    assert not (world.config.published.parent / FOLDER).exists()


def test_without_a_scan_there_is_nothing_to_judge(tmp_path: Path) -> None:
    world = World(tmp_path, {"scans": []})
    with pytest.raises(CheckError, match="holds no scan"):
        judge(world)


def test_without_a_warehouse_it_says_what_to_do(tmp_path: Path) -> None:
    config = Config(storage=Storage(), folder=str(tmp_path))
    with pytest.raises(CheckError, match=r"there is no warehouse yet.*rollcall scan"):
        check(config)


def test_a_warehouse_that_somebody_else_writes_is_named(tmp_path: Path) -> None:
    world = World(tmp_path, tenant(A))
    with writer(world.config.warehouse), pytest.raises(WarehouseBusy, match=r"rollcall\.duckdb is being written by"):
        judge(world)


def test_hostile_names_are_only_text(tmp_path: Path) -> None:
    name = "=cmd|' /C calc'!A1<script>{tenant_id}</script>'); drop table users; --"
    world = World(tmp_path, broken(users=[user("u1", user_principal_name=name)]))
    judge(world)
    assert world.table("select resource_name, reason from findings") == [
        (name, f"{name} can sign in; its registration for MFA is: none.")
    ]
    assert len(world.table("select * from users")) == 1


def test_great_expectations_own_files_lie_beside_the_published_one(tmp_path: Path) -> None:
    world = World(tmp_path, broken())
    folder = world.config.published.parent / FOLDER
    folder.mkdir(parents=True)
    (folder / "gone.json").write_text("{}")
    judge(world)
    suites = {"canary", "tried"}
    assert {path.name for path in folder.iterdir()} == {f"{s}{end}.json" for s in suites for end in ("", "_results")}
    result = json.loads((folder / "tried_results.json").read_text("utf-8"))
    [details] = [
        each["result"]["details"]
        for each in result["results"]
        if each["expectation_config"]["kwargs"]["rule_id"] == REG
    ]
    assert details == {"unknown": 0, "per_tenant": [{"tenant_id": A, "in_scope": 1, "failing": 1, "unknown": 0}]}


def test_nothing_of_it_goes_out(tmp_path: Path) -> None:
    """No look-up, no progress bar, no telemetry: sockets are closed to these tests, and the switch is set."""
    assert os.environ["GX_ANALYTICS_ENABLED"] == "false"
    world = World(tmp_path, tenant(A, states=[state("users", "failed")]))
    assert judge(world).results["not_assessed"] == 1


def test_suites_and_results_open_as_a_project_of_great_expectations(tmp_path: Path) -> None:
    """With Data Docs in which a rule is found by its words."""
    world = World(tmp_path, together(broken(A), tenant(B)))
    judge(world)
    index = project(world.config, tmp_path / "project")
    assert index.exists()
    pages = [page.read_text("utf-8") for page in index.parent.rglob("*.html")]
    assert any(rule(REG).title in page for page in pages)
    context = gx.get_context(mode="file", project_root_dir=str(tmp_path / "project"))
    assert {suite.name for suite in context.suites.all()} == {"canary", "tried"}
    suite = context.suites.get("tried")
    assert suite.meta["title"] == "Tried"
    assert {expectation.meta["rule_id"] for expectation in suite.expectations} == {each.id for each in FEW}
    [key] = [each for each in context.validation_results_store.list_keys() if each.to_tuple()[0] == "tried"]
    result = context.validation_results_store.get(key)
    by_id = {each.expectation_config.kwargs["rule_id"]: each for each in result.results}
    assert by_id[REG].result["details"]["per_tenant"] == [
        {"tenant_id": A, "in_scope": 1, "failing": 1, "unknown": 0},
        {"tenant_id": B, "in_scope": 1, "failing": 0, "unknown": 0},
    ]
    with pytest.raises(CheckError, match="there is a project of Great Expectations already"):
        project(world.config, tmp_path / "project")


def test_before_a_check_there_is_no_project_to_make(tmp_path: Path) -> None:
    world = World(tmp_path, tenant(A))
    with pytest.raises(CheckError, match="nothing was checked yet"):
        project(world.config, tmp_path / "project")
