"""The demo fleet, scanned and judged: its hard cases come out as expected, and nothing unread decides anything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checks.check import check
from checks.evaluate import evaluate
from checks.rules import packs, rules
from checks.verdict import Decision
from collectors.config import Config
from sandbox.demo.cases import all_cases
from tests.checks.world import DATASETS
from tests.judge.fleets import demo
from warehouse.engine import Connection, writer

# Only a user can read Partner Center's own list of requests, and no partner of the demo fleet has one sign in.
NOT_COLLECTED = {"pc_api_app_user"}
Judged = dict[tuple[str, str], Decision]


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Config]:
    with demo(tmp_path_factory.mktemp("demo")) as found:
        yield found


@pytest.fixture(scope="module")
def cases(config: Config) -> dict[str, dict[str, Any]]:
    written = json.loads(Path(config.folder, "demo", "cases.json").read_text("utf-8"))
    return {case["case"]: case for case in written}


def row(config: Config, case: dict[str, Any]) -> dict[str, Any] | None:
    with writer(config.warehouse) as con:
        answer = con.execute(
            "select * from account_verdicts where tenant_id = ? and account_id = ?",
            [case["tenant_id"], case["account_id"]],
        )
        names = [column[0] for column in answer.description or ()]
        found = answer.fetchone()
    return dict(zip(names, found, strict=True)) if found else None


@pytest.mark.parametrize("name", [case.name for case in all_cases() if case.is_listed and case.kind != "principal"])
def test_a_hard_case_comes_out_as_expected(config: Config, cases: dict[str, dict[str, Any]], name: str) -> None:
    case = cases[name]
    found = row(config, case)
    assert found is not None
    assert (found["contract_scope"], found["contract_verdict"]) == (case["expected_scope"], case["expected_verdict"])
    assert set(case["expected_reasons"]) <= set(found["reasons"])
    also = case["expected_also"]
    told = {**found, "posture": found["customer_posture"]}
    for key in ("registered", "proof", "confidence", "posture"):
        if key in also:
            assert told[key] == also[key]
    if "protected_by" in also:
        assert also["protected_by"] in {each.partition(":")[0] for each in found["protected_by"]}
    if "exposure" in also:
        assert set(also["exposure"].split(", ")) - {"none"} - NOT_COLLECTED <= set(found["exposure"])
        assert also["exposure"] != "none" or not found["exposure"]


@pytest.mark.parametrize("name", ["deleted-mid-scan", "workload-identity"])
def test_what_is_no_account_gets_no_verdict(config: Config, cases: dict[str, dict[str, Any]], name: str) -> None:
    """Deleted while the scan ran, or an application: neither is in the list of users, and neither is counted.

    domain.md 1.2 says that applications are no user accounts, and row 2 wants them on a list of their own, so "not
    applicable" stands in no row about accounts.
    """
    assert cases[name]["expected_verdict"] in {None, "not_applicable"}
    assert row(config, cases[name]) is None


def test_every_case_is_tried_above() -> None:
    assert sum(case.is_listed and case.kind != "principal" for case in all_cases()) == len(all_cases()) - 2 == 38


@pytest.fixture(scope="module")
def whole(config: Config) -> Judged:
    with writer(config.warehouse) as con:
        return decisions(con, config)


def decisions(con: Connection, config: Config) -> Judged:
    found = {each.number: each.judged.decision for each in evaluate(con, config)}
    whose = con.execute("select tenant_id, account_id, signature from judged_accounts").fetchall()
    return {(tenant_id, account_id): found[signature] for tenant_id, account_id, signature in whose}


def verdict(decision: Decision) -> str:
    return decision.customer_posture or decision.contract_verdict


@pytest.mark.parametrize("dataset", DATASETS)
def test_a_dataset_that_did_not_arrive_decides_nothing(config: Config, whole: Judged, dataset: str) -> None:
    """With it unread every account has the verdict it had, or none; and what an older scan left of it changes nothing.

    So a verdict that stands without it stands on the other facts alone.
    """
    with writer(config.warehouse) as con:
        con.begin()
        con.execute("update source_status set state = 'failed', code = 'x' where dataset = ?", [dataset])
        blind = decisions(con, config)
        if dataset != "users":  # without its rows there are no accounts
            con.execute(f"delete from {dataset}")
            assert decisions(con, config) == blind
        con.rollback()
    assert blind.keys() == whole.keys()
    changed = {key: (verdict(whole[key]), verdict(found)) for key, found in blind.items()}
    wrong = {key: pair for key, pair in changed.items() if pair[1] not in {pair[0], "indeterminate"}}
    assert wrong == {}
    for key, (before, after) in changed.items():
        if after != before:
            named = [reason for reason in blind[key].reasons if reason.startswith("SOURCE_UNAVAILABLE(")]
            assert any(dataset in reason or dataset == "groups" for reason in named), (key, blind[key].reasons)


def test_some_dataset_matters_and_some_accounts_need_only_one(config: Config, whole: Judged) -> None:
    """The test above is not true of everything because nothing ever changes."""
    with writer(config.warehouse) as con:
        con.begin()
        con.execute("update source_status set state = 'failed' where dataset = 'conditional_access_policies'")
        blind = decisions(con, config)
        con.rollback()
    after = [verdict(blind[key]) for key, found in whole.items() if verdict(found) == "compliant"]
    assert {"compliant", "indeterminate"} == set(after)


def test_great_expectations_counts_what_plain_sql_counts(config: Config) -> None:
    """Of every rule in every tenant: in scope, failing, unknown."""
    check(config)
    folder = config.published.parent / "great_expectations"
    found = {}
    for pack in packs():
        results = json.loads((folder / f"{pack.name}_results.json").read_text("utf-8"))["results"]
        for each in results:
            rule_id = each["expectation_config"]["kwargs"]["rule_id"]
            for row in each["result"]["details"]["per_tenant"]:
                found[rule_id, row["tenant_id"]] = (row["in_scope"], row["failing"], row["unknown"])
    plain: dict[tuple[str, str], tuple[int, ...]] = {}
    with writer(config.warehouse) as con:
        for rule in rules():
            rows = con.execute(f"select tenant_id, ({rule.expect.condition}) as holds from evidence.{rule.evidence}")
            for tenant_id, holds in rows.fetchall():
                before = plain.get((rule.id, tenant_id), (0, 0, 0))
                more = (1, holds is False, holds is None)
                plain[rule.id, tenant_id] = tuple(map(sum, zip(before, more, strict=True)))
    assert found == plain
    assert {rule_id for rule_id, _ in found} > {"MFA.REG.1v1", "GDAP.GA.1v1", "CONTRACT.ADMIN.1v1"}
