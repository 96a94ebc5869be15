"""Every rule in tenant folders: served by the sandbox, collected, loaded, judged and checked in one scan.

The tests at the end read the catalogue: their messages list the cases that a rule lacks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from checks.check import Summary, check
from checks.rule import Rule
from checks.rules import rules
from tests.judge.fleets import scanned
from tests.judge.orgs import Org, tenant_id
from tests.rules.case import HOME, Case, good
from tests.rules.cases import CASES
from tests.rules.unread import PATHS, unread
from warehouse.engine import writer

KINDS = ("partner", "customer")
UNREAD = {
    f"unread-{dataset}-{kind}": (dataset, org) for dataset in PATHS for kind in KINDS if (org := unread(dataset, kind))
}


@dataclass(frozen=True)
class Checked:
    """What was found in the fleet, by rule id and tenant id; ``alone`` are the clauses that some row breaks alone."""

    summary: Summary
    results: dict[tuple[str, str], tuple[Any, ...]]
    findings: dict[tuple[str, str], list[dict[str, Any]]]
    alone: dict[str, set[str]]


def fleet() -> dict[str, Org]:
    """Return every tenant by its name."""
    found: dict[str, Org] = {HOME: good()}
    for case in CASES:
        for name, org in {case.key: case.org, **case.beside}.items():
            assert found.setdefault(name, org) == org, f"{case.rule_id} {case.name}: {name} names two tenants"
    return found | {name: org for name, (_, org) in UNREAD.items()}


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checked]:
    """All tenants, scanned and checked once."""
    with scanned(tmp_path_factory.mktemp("rules"), fleet()) as config:
        with writer(config.warehouse) as con:
            for case in CASES:
                if case.damage:
                    con.execute(case.damage, {"tenant": tenant_id(case.key)})
        summary = check(config)
        with writer(config.warehouse) as con:
            results = con.execute(
                "select rule_id, tenant_id, result, in_scope, failing, unknown, reason from rule_results"
            ).fetchall()
            names = ("rule_id", "tenant_id", "resource_type", "resource_id", "account_id", "reason", "remediation")
            findings: dict[tuple[str, str], list[dict[str, Any]]] = {}
            for row in con.execute(f"select {', '.join(names)} from findings order by resource_id").fetchall():
                findings.setdefault(row[:2], []).append(dict(zip(names, row, strict=True)))
            alone = {
                rule.id: {
                    clause.words
                    for clause in rule.expect.clauses
                    if con.execute(_broken_alone(rule, clause.words), {"tenants": _tenants(rule)}).fetchone()
                }
                for rule in rules()
            }
        yield Checked(summary, {row[:2]: row[2:] for row in results}, findings, alone)


def _tenants(rule: Rule) -> list[str]:
    return [tenant_id(case.key) for case in CASES if case.rule_id == rule.id and case.result == "fail"]


def _broken_alone(rule: Rule, words: str) -> str:
    told = " and ".join(each.fails if each.words == words else f"not {each.fails}" for each in rule.expect.clauses)
    return f"select 1 from evidence.{rule.evidence} where {told} and tenant_id in (select unnest($tenants)) limit 1"


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule_id}-{case.name}")
def test_a_rule_in_a_tenant(checked: Checked, case: Case) -> None:
    pair = (case.rule_id, tenant_id(case.key))
    result, in_scope, failing, unknown, reason = checked.results[pair]
    assert (result, (in_scope, failing, unknown), reason) == (case.result, case.counts, case.reason)
    assert [each["reason"] for each in checked.findings.get(pair, ())] == list(case.findings)


@pytest.mark.parametrize("name", UNREAD)
def test_what_was_not_read_is_not_assessed(checked: Checked, name: str) -> None:
    """Neither passed nor failed, by any rule that needs it, except where something else proves a pass."""
    dataset, org = UNREAD[name]
    for rule in rules():
        if dataset in rule.needs and org.kind in rule.kinds:
            pair = (rule.id, tenant_id(name))
            result, *_, reason = checked.results[pair]
            if rule.is_provable_alone and result == "pass":
                continue
            assert (pair, result) == (pair, "not_assessed")
            assert dataset in reason
            assert pair not in checked.findings


def test_there_is_one_result_per_rule_and_tenant(checked: Checked) -> None:
    tenants = {tenant_id(name) for name in fleet()}
    assert set(checked.results) == {(rule.id, id_) for rule in rules() for id_ in tenants}
    assert sum(checked.summary.results.values()) == len(rules()) * len(tenants)
    assert (checked.summary.rules, checked.summary.tenants) == (len(rules()), len(tenants))
    assert checked.summary.problems == ()


def test_findings_are_as_many_as_counted(checked: Checked) -> None:
    # One cause is one finding, however many rows it makes fail.
    by_cause = {rule.id for rule in rules() if rule.is_told_by_cause}
    counted = {pair: row[2] for pair, row in checked.results.items() if row[2]}
    for pair, count in counted.items():
        found = len(checked.findings[pair])
        assert 1 <= found <= count if pair[0] in by_cause else found == count, pair
    assert checked.findings.keys() == counted.keys()
    assert checked.summary.findings == sum(len(found) for found in checked.findings.values())


def test_a_finding_says_what_to_do_and_whom_it_concerns(checked: Checked) -> None:
    remedies = {rule.id: rule.remediation for rule in rules()}
    for (rule_id, tenant), found in checked.findings.items():
        for finding in found:
            assert finding["remediation"] == remedies[rule_id]
            is_account = finding["resource_type"] == "account"
            assert finding["account_id"] == (finding["resource_id"] if is_account else None)
            if finding["resource_type"] == "tenant":
                assert finding["resource_id"] == tenant


def test_every_rule_has_a_case_of_each_kind() -> None:
    """A pass, a fail, one that cannot be assessed, and a kind of tenant that it does not concern if there is one."""
    told = {(case.rule_id, case.result) for case in CASES}
    aside = {case.rule_id for case in CASES if case.reason.startswith("concerns ")}
    lacking = [
        f"{rule.id}: {result}"
        for rule in rules()
        for result in ("pass", "fail", "not_assessed")
        if (rule.id, result) not in told
    ]
    lacking += [f"{rule.id}: not_applicable" for rule in rules() if len(rule.kinds) == 1 and rule.id not in aside]
    assert lacking == []


def test_every_clause_of_every_rule_has_a_case_in_which_it_alone_fails(checked: Checked) -> None:
    lacking = [
        f"{rule.id}: {clause.words}"
        for rule in rules()
        for clause in rule.expect.clauses
        if clause.words not in checked.alone[rule.id]
    ]
    assert lacking == []


def test_every_dataset_a_rule_needs_has_a_tenant_in_which_it_is_unread() -> None:
    assert sorted({name for rule in rules() for name in rule.needs} - PATHS.keys()) == []


def test_a_case_stands_once() -> None:
    names = [(case.rule_id, case.name) for case in CASES]
    assert len(names) == len(set(names))
    assert {case.rule_id for case in CASES} <= {rule.id for rule in rules()}
