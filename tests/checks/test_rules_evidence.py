"""Each evidence view, rows in and rows out: tests/models/<view>/<case>.yaml. A key that a row leaves out is null."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from checks.rules import rules
from tests.checks.world import CATALOGUE, fill
from warehouse.engine import Connection, scratch
from warehouse.migrate import prepare

MODELS = Path(__file__).parents[1] / "models"
CASES = sorted(MODELS.glob("evidence.*/*.yaml"))
EVIDENCE = sorted({rule.evidence for rule in rules()})
COMMON = ("tenant_id", "resource_type", "resource_id", "resource_name", "account_id")


def rows_of(con: Connection, view: str) -> list[dict[str, Any]]:
    cursor = con.execute(f"select * from {view} order by tenant_id, resource_id")
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@pytest.fixture(scope="module")
def con() -> Iterator[Connection]:
    """A warehouse without rows: what a test inserts, it rolls back."""
    with scratch() as con:
        prepare(con, CATALOGUE)
        yield con


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.stem}")
def test_a_view_makes_of_these_rows_exactly_those(con: Connection, case: Path) -> None:
    tables = yaml.safe_load(case.read_text("utf-8"))
    expected = tables.pop("expect")
    con.begin()
    try:
        fill(con, tables)
        found = rows_of(con, case.parent.name)
    finally:
        con.rollback()
    names = [column[0] for column in con.execute(f"describe {case.parent.name}").fetchall()]
    blank = dict.fromkeys(names)
    assert found == [blank | row for row in expected]
    assert not [row for row in expected if set(row) - set(names)]


def test_every_evidence_view_has_cases() -> None:
    assert [view for view in EVIDENCE if not any(case.parent.name == f"evidence.{view}" for case in CASES)] == []


@pytest.mark.parametrize("view", EVIDENCE)
def test_every_evidence_view_names_what_it_is_about(con: Connection, view: str) -> None:
    names = [column[0] for column in con.execute(f"describe evidence.{view}").fetchall()]
    assert tuple(names[:5]) == COMMON
    needed = {
        name for rule in rules() if rule.evidence == view for name in (*rule.expect.columns, *rule.reason_columns)
    }
    assert needed - set(names) == set()


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)
def test_every_rule_needs_datasets_that_exist(rule: Any) -> None:
    """And they are read in each kind of tenant the rule concerns, or it could never be judged there."""
    for name in rule.needs:
        assert rule.kinds <= CATALOGUE.dataset(name).kinds
