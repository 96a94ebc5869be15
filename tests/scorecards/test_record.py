"""The scorecards of a real warehouse."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.check import rule_rows
from checks.errors import CheckError
from checks.judge import judge
from checks.rules import packs, rules
from checks.scorecards import record
from collectors.config import Config
from tests.checks.world import AS_OF, World
from tests.judge.test_judge import CUSTOMER, FULL_ACCESS, GOOD_WORLD, PARTNER, unread
from tests.scorecards import fleet as made
from warehouse.engine import reader, writer
from warehouse.results import RuleResult, record_rule_results, record_rules

COLUMNS = "in_scope, compliant, at_risk, non_compliant, indeterminate"


def test_a_partner_is_counted_by_verdict_and_a_customer_by_posture(tmp_path: Path) -> None:
    here = World(tmp_path, {**GOOD_WORLD, **FULL_ACCESS})
    judge(here.config)
    record(here.config)
    assert here.table(f"select tenant_id, {COLUMNS} from scorecards order by tenant_id") == [
        (PARTNER, 2, 1, 1, 0, 0),
        (CUSTOMER, 1, 1, 0, 0, 0),
    ]


def test_disabled_accounts_are_not_in_scope(tmp_path: Path) -> None:
    users = [{**row, "is_enabled": False} for row in GOOD_WORLD["users"]]
    here = World(tmp_path, {**GOOD_WORLD, "users": users})
    judge(here.config)
    record(here.config)
    assert here.table(f"select distinct {COLUMNS} from scorecards") == [(0, 0, 0, 0, 0)]


def test_a_tenant_of_which_nothing_is_known_keeps_its_scorecard(tmp_path: Path) -> None:
    here = World(tmp_path, {"tenants": GOOD_WORLD["tenants"], "source_status": unread()})
    judge(here.config)
    assert record(here.config).scorecards == 2
    assert here.table("select tenant_id, score, coverage, in_scope, assessed_at from scorecards order by 1") == [
        (PARTNER, None, 0.0, 0, AS_OF),
        (CUSTOMER, None, 0.0, 0, AS_OF),
    ]


def test_the_score_is_weighed_by_the_catalogue(tmp_path: Path) -> None:
    here = World(tmp_path, GOOD_WORLD)
    first, *others = rules()
    results = [
        RuleResult(rule_id=rule.id, tenant_id=PARTNER, result=result, in_scope=1, failing=0)
        for rule, result in [(first, "fail"), *((rule, "pass") for rule in others)]
    ]
    with writer(here.config.warehouse) as con:
        record_rules(con, rule_rows(packs()))
        record_rule_results(con, "scan-1", results)
    record(here.config)
    weight = sum(rule.weight for rule in others)
    [(score, coverage)] = here.table(f"select score, coverage from scorecards where tenant_id = '{PARTNER}'")
    assert (score, coverage) == (pytest.approx(100 * weight / (weight + first.weight)), 100)


def test_recording_twice_gives_the_same(tmp_path: Path) -> None:
    here = World(tmp_path, GOOD_WORLD)
    judge(here.config)
    record(here.config)
    once = here.table("from scorecard_history order by all")
    record(here.config)
    assert here.table("from scorecard_history order by all") == once


def test_without_a_scan_there_is_nothing_to_record(tmp_path: Path) -> None:
    here = World(tmp_path, {"scans": []})
    with pytest.raises(CheckError, match="holds no scan"):
        record(here.config)


def test_no_tenant_vanishes_from_the_published_file(fleet: Config) -> None:
    with reader(fleet.published) as con:
        found = con.execute("select tenant_id from scorecards order by tenant_id").fetchall()
    assert found == [(tenant["tenant_id"],) for tenant in made.TENANTS]
