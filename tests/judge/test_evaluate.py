"""Deciding without writing: for one tenant, from the published file, and under policies that are not there yet."""

from __future__ import annotations

from pathlib import Path

from checks.evaluate import evaluate, evaluate_accounts
from checks.judge import judge
from tests.cover.make import policy as graph_policy
from tests.judge.test_judge import CUSTOMER, LEFT_OUT, PARTNER, access, found, group, world
from warehouse.engine import reader, writer
from warehouse.publish import publish


def test_what_is_decided_without_writing_is_what_the_judge_writes(tmp_path: Path) -> None:
    here = world(tmp_path, **access(LEFT_OUT, **group("g1", "bob")))
    written = found(here, "contract_verdict", "reasons", "counterexample")
    publish(here.config)
    with reader(here.config.published) as con:
        judged = evaluate_accounts(con, here.config, PARTNER)
    decisions = {account: each.decision for account, each in judged.items()}
    assert {a: (d.contract_verdict, list(d.reasons), d.counterexample) for a, d in decisions.items()} == {
        account: row for account, row in written.items() if account != "carl"
    }
    assert judged["bob"].cover.nearest[0].because == "it excludes this account"
    assert judged["bob"].facts.groups == ("g1",)


def test_other_policies_give_other_verdicts_and_change_nothing(tmp_path: Path) -> None:
    here = world(tmp_path, **access(LEFT_OUT, **group("g1", "bob")))
    judge(here.config)
    before = here.table("from account_verdict_history order by all")
    with writer(here.config.warehouse) as con:
        open_ = evaluate_accounts(con, here.config, PARTNER, policies=[])
        shut = evaluate_accounts(con, here.config, PARTNER, policies=[graph_policy()])
        again = evaluate_accounts(con, here.config, PARTNER)
    assert [each["bob"].decision.contract_verdict for each in (open_, shut, again)] == [
        "non_compliant",
        "at_risk",
        "non_compliant",
    ]
    assert here.table("from account_verdict_history order by all") == before


def test_only_the_tenants_that_are_asked_for_are_decided(tmp_path: Path) -> None:
    here = world(tmp_path)
    with writer(here.config.warehouse) as con:
        assert {each.tenant_id for each in evaluate(con, here.config, tenants=[CUSTOMER])} == {CUSTOMER}
        assert {each.tenant_id for each in evaluate(con, here.config)} == {CUSTOMER, PARTNER}


def test_accounts_that_no_policy_tells_apart_share_a_decision(tmp_path: Path) -> None:
    """Groups and roles that policies do not name make no difference, and cost nothing."""
    here = world(tmp_path, **access({}, **group("g1", "ann", "bob")), authentication_methods=[])
    with writer(here.config.warehouse) as con:
        assert len(list(evaluate(con, here.config, tenants=[PARTNER]))) == 1
