"""Every rule in the tenants of ``cases``, judged together in one run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from checks.check import Summary, check
from checks.rules import rules
from tests.checks.cases import CASES, POL, Case
from tests.checks.tenants import tenant, together
from tests.checks.world import World, guid

IDS = {case.name: guid(number) for number, case in enumerate(CASES, 1)}


@dataclass(frozen=True)
class Judged:
    summary: Summary
    results: dict[tuple[str, str], tuple[Any, ...]]
    findings: dict[tuple[str, str], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """All cases as the tenants of one warehouse, judged once."""
    rows = together(*(tenant(IDS[case.name], **case.tenant) for case in CASES))
    world = World(tmp_path_factory.mktemp("rules"), rows)
    summary = check(world.config)
    results = world.table("select rule_id, tenant_id, result, in_scope, failing, unknown, reason from rule_results")
    names = ("rule_id", "tenant_id", "resource_type", "resource_id", "account_id", "reason", "remediation")
    findings: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in world.table(f"select {', '.join(names)} from findings order by resource_id"):
        findings.setdefault(row[:2], []).append(dict(zip(names, row, strict=True)))
    return Judged(summary, {row[:2]: row[2:] for row in results}, findings)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule_id}-{case.name}")
def test_a_rule_in_a_tenant(judged: Judged, case: Case) -> None:
    pair = (case.rule_id, IDS[case.name])
    assert judged.results[pair] == (case.result, *case.counts, case.reason)
    assert tuple(each["reason"] for each in judged.findings.get(pair, ())) == case.findings


def test_every_rule_has_a_case_of_each_kind() -> None:
    lacking = [
        f"{rule.id}: {result}"
        for rule in rules()
        for result in ("pass", "fail", "not_assessed", "not_applicable")
        if not any(case.rule_id == rule.id and case.result == result for case in CASES)
    ]
    # There is always one tenant to judge.
    assert lacking == [f"{POL}: not_applicable"]


def test_there_is_one_result_per_rule_and_tenant(judged: Judged) -> None:
    assert set(judged.results) == {(rule.id, id_) for rule in rules() for id_ in IDS.values()}
    assert sum(judged.summary.results.values()) == len(rules()) * len(CASES)
    assert (judged.summary.rules, judged.summary.tenants) == (len(rules()), len(CASES))
    assert judged.summary.problems == ()


def test_findings_are_as_many_as_counted(judged: Judged) -> None:
    counted = {pair: row[2] for pair, row in judged.results.items() if row[2]}
    assert {pair: len(found) for pair, found in judged.findings.items()} == counted
    assert judged.summary.findings == sum(counted.values())


def test_a_finding_says_what_to_do_and_whom_it_concerns(judged: Judged) -> None:
    remedies = {rule.id: rule.remediation for rule in rules()}
    for (rule_id, tenant_id), found in judged.findings.items():
        for finding in found:
            assert finding["remediation"] == remedies[rule_id]
            is_account = finding["resource_type"] == "account"
            assert finding["account_id"] == (finding["resource_id"] if is_account else None)
            if finding["resource_type"] == "tenant":
                assert finding["resource_id"] == tenant_id
