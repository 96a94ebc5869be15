"""The acceptance cases about verdicts, by their ids: tenant folders, served, collected, loaded and judged at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from collectors.config import Config
from tests.judge import test_microsoft, test_programme
from tests.judge.acceptance import BESIDE, CASES, LEFT, Case
from tests.judge.fleets import judged, scanned
from tests.judge.orgs import tenant_id
from warehouse.engine import writer

SPECIFIED = Path(__file__).parents[3] / "shared" / "spec" / "acceptance-cases.json"


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Config]:
    """All cases' tenants, scanned once."""
    with scanned(tmp_path_factory.mktemp("acceptance"), {case.key: case.org for case in CASES}) as config:
        yield config


@pytest.fixture(scope="module")
def verdicts(config: Config) -> dict[tuple[str, str], dict[str, Any]]:
    return judged(config)


@pytest.mark.parametrize("case_id", sorted({case.id for case in CASES}))
def test_acceptance(verdicts: dict[tuple[str, str], dict[str, Any]], case_id: str) -> None:
    for case in (case for case in CASES if case.id == case_id):
        for account, wanted in case.wants.items():
            found = verdicts[tenant_id(case.key), account]
            where = (case.key, account, found["reasons"])
            assert found["contract_verdict"] == wanted.verdict, where
            assert set(wanted.reasons) <= set(found["reasons"]), where
            assert not set(wanted.without) & set(found["reasons"]), where
            assert {name: found[name] for name in wanted.columns} == dict(wanted.columns), where


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.key)
def test_every_account_that_is_listed_is_judged_and_no_other(
    verdicts: dict[tuple[str, str], dict[str, Any]], case: Case
) -> None:
    """E10 and E12: a second page, and an account that is gone."""
    listed = {account for tenant_, account in verdicts if tenant_ == tenant_id(case.key)}
    assert listed == {each["id"] for each in case.org.users}


def test_d10_the_age_of_the_report_is_shown(config: Config) -> None:
    with writer(config.warehouse) as con:
        sql = "select resource_id, report_updated_at::varchar from evidence.mfa_registration where tenant_id = ?"
        assert con.execute(f"{sql} order by all", [tenant_id("D10")]).fetchall() == [
            ("new", None),
            ("u1", "2026-11-20 00:00:00"),
        ]


def test_f01_the_partners_group_in_the_customer_is_judged_at_home(config: Config) -> None:
    with writer(config.warehouse) as con:
        sql = "select identity_kind, home_tenant_id from foreign_role_holders where tenant_id = ?"
        assert con.execute(sql, [tenant_id("F01-customer")]).fetchall() == [
            ("external_delegated_identity", tenant_id("F01"))
        ]
        roles = con.execute("select account_id from delegated_roles where tenant_id = ?", [tenant_id("F01")]).fetchall()
        assert roles == [("u1",)]


def test_every_case_is_tried_or_left_with_a_reason() -> None:
    tried = {case.id for case in CASES} | BESIDE.keys()
    assert not tried & LEFT.keys()
    named = vars(test_programme) | vars(test_microsoft)
    assert all(callable(named[test]) for test in BESIDE.values())
    if not SPECIFIED.exists():
        pytest.skip("../shared/spec/acceptance-cases.json is absent")
    specified = {case["id"] for case in json.loads(SPECIFIED.read_text("utf-8"))}
    assert tried | LEFT.keys() == specified
    assert len(specified) == 99
