"""Rules as declarations: what they refuse, what they compile to, and their reference page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.findings import text
from checks.rule import (
    Requirement,
    Rule,
    all_of,
    any_of,
    at_least,
    at_most,
    equals,
    in_set,
    is_false,
    is_true,
)
from checks.rules import PACKS, rules
from checks.rules import rule as rule_called
from checks.rules.page import PAGE, page
from warehouse.engine import Connection, scratch

GOOD = rule_called("MFA.REG.1v1")


@pytest.fixture(scope="module")
def con() -> Iterator[Connection]:
    with scratch() as con:
        yield con


def judged(con: Connection, requirement: Requirement, **row: Any) -> str:
    """Return what a requirement says of one row; exactly one of the three conditions must be true."""
    columns = ", ".join(f"${name} as {name}" for name in row)
    said = con.execute(
        f"select {requirement.holds}, {requirement.fails}, {requirement.is_unknown} from (select {columns})", row
    ).fetchone()
    assert said is not None
    assert sorted(said) == [False, False, True]
    return ("holds", "fails", "unknown")[said.index(True)]


@pytest.mark.parametrize(
    ("requirement", "value", "said"),
    [
        (in_set("x", "a", "b"), "b", "holds"),
        (in_set("x", "a", "b"), "c", "fails"),
        (in_set("x", "a", "b"), "unknown", "unknown"),
        (in_set("x", "a", "b"), None, "unknown"),
        (in_set("x", "a", unknown=("?", "-")), "-", "unknown"),
        (in_set("x", "a", unknown=("?", "-")), "unknown", "fails"),
        (equals("x", "a"), "a", "holds"),
        (equals("x", "a"), "b", "fails"),
        (equals("x", 3), None, "unknown"),
        (equals("x", "a", unknown=("?",)), "?", "unknown"),
        (is_true("x"), True, "holds"),
        (is_true("x"), False, "fails"),
        (is_true("x"), None, "unknown"),
        (is_false("x"), False, "holds"),
        (is_false("x"), True, "fails"),
        (is_false("x"), None, "unknown"),
        (at_most("x", 3), 3, "holds"),
        (at_most("x", 3), 4, "fails"),
        (at_most("x", 3), None, "unknown"),
        (at_least("x", 3.5), 3.5, "holds"),
        (at_least("x", 3.5), 3, "fails"),
        (at_least("x", 3.5), None, "unknown"),
    ],
)
def test_unknown_is_neither_a_pass_nor_a_fail(
    con: Connection, requirement: Requirement, value: object, said: str
) -> None:
    assert judged(con, requirement, x=value) == said


FLAGS = st.sampled_from([True, False, None])


@given(a=FLAGS, b=FLAGS)
def test_one_that_decides_is_not_blocked_by_what_is_unknown(con: Connection, a: bool | None, b: bool | None) -> None:
    either = judged(con, any_of(is_true("a"), is_true("b")), a=a, b=b)
    both = judged(con, all_of(is_true("a"), is_true("b")), a=a, b=b)
    assert either == ("holds" if True in (a, b) else "unknown" if None in (a, b) else "fails")
    assert both == ("fails" if False in (a, b) else "unknown" if None in (a, b) else "holds")


@given(value=st.text(min_size=1, alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_a_text_is_compared_as_it_is_whatever_it_holds(con: Connection, value: str) -> None:
    """And what a template could misread never stands in the SQL."""
    requirement = in_set("x", value, unknown=())
    assert judged(con, requirement, x=value) == "holds"
    assert judged(con, requirement, x=value + "'") == "fails"
    assert not set("{}%\\:") & set(requirement.condition)


@pytest.mark.parametrize("condition", ["x = '{y}'", "x like '%'", "x = ':y'", r"x = '\'"])
def test_a_condition_that_a_template_would_misread_is_refused(condition: str) -> None:
    with pytest.raises(ValueError, match="templates read as theirs"):
        Requirement(condition, ("x",), "x")


@pytest.mark.parametrize("make", [is_true, is_false, lambda name: equals(name, 1), lambda name: in_set(name, "a")])
def test_a_column_is_a_plain_name(make: Any) -> None:
    with pytest.raises(ValueError, match="no column of an evidence view"):
        make("x) or (true")


def test_joining_takes_two() -> None:
    with pytest.raises(ValueError, match="Give two or more"):
        any_of(is_true("x"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": "MFA.REG"}, "expected a subject, a number and a version"),
        ({"id": "MFA.REG.1v0"}, "expected a subject, a number and a version"),
        ({"evidence": "x; drop table users"}, "cannot name a view"),
        ({"owed_by": frozenset(), "recommended_to": frozenset()}, "say of each kind of tenant once"),
        ({"recommended_to": frozenset({"partner"})}, "say of each kind of tenant once"),
        ({"needs": ()}, "at least one dataset"),
        ({"weight": 0}, "weight of 1 or more"),
        ({"reason": "{resource_name.__class__}"}, "cannot be columns"),
        ({"reason": "{}"}, "cannot be columns"),
        ({"unknown": "{number} unknown"}, "knows count and in_scope"),
    ],
)
def test_a_rule_that_cannot_work_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(GOOD, **change)


def test_a_rule_tells_its_version_and_whom_it_binds() -> None:
    assert replace(GOOD, id="MFA.REG.1v12").version == 12
    assert (GOOD.duty("partner"), GOOD.duty("customer")) == ("owed", "recommended")
    gdap = rule_called("GDAP.GA.1v1")
    assert (gdap.duty("partner"), gdap.duty("customer")) == ("recommended", None)


def test_a_finding_is_explained_in_plain_text_whatever_a_tenant_wrote(con: Connection) -> None:
    """Braces in a name are not read as a template again, and nothing is escaped for a page that may never be."""
    row = {
        "resource_name": "<b>{tenant_id}</b> %s ' || 1",
        "registration": "none",
        "methods": ["sms", "email"],
        "updated_at": datetime.fromisoformat("2026-11-01 08:30:00"),
        "missing": None,
        "nobody": [],
    }
    rule = replace(GOOD, reason="It's {resource_name}: {registration}, {methods}, {updated_at}, {missing}, {nobody}")
    types = {"resource_name": "VARCHAR", "registration": "VARCHAR", "methods": "VARCHAR[]", "updated_at": "TIMESTAMP"}
    columns = ", ".join(f"${name} as {name}" for name in row)
    sql = text(rule.reason, {**types, "missing": "INTEGER", "nobody": "VARCHAR[]"})
    said = con.execute(f"select {sql} from (select {columns})", row).fetchone()
    assert said == ("It's <b>{tenant_id}</b> %s ' || 1: none, sms, email, 2026-11-01 08:30 UTC, unknown, unknown",)


def test_no_two_rules_share_an_id_nor_a_subject() -> None:
    """Two versions of one rule do not stand side by side."""
    ids = [rule.id for rule in rules()]
    assert len(set(ids)) == len(ids)
    assert len({id_.rpartition("v")[0] for id_ in ids}) == len(ids)


def test_a_rule_is_found_by_its_id() -> None:
    assert rule_called("MFA.POL.1v1").evidence == "mfa_policy"
    with pytest.raises(KeyError):
        rule_called("MFA.POL.2v1")


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)
def test_every_rule_is_documented(rule: Rule) -> None:
    lacking = [
        name
        for name in ("title", "description", "reason", "unknown", "remediation")
        if len(getattr(rule, name).split()) < 5
    ]
    lacking += [name for name in ("document", "clause") if len(getattr(rule.source, name).split()) < 3]
    assert lacking == []
    assert rule.source.url.startswith("https://learn.microsoft.com/")


def test_the_page_of_the_rules_is_up_to_date() -> None:
    """Else write it again: python -m checks.rules.page."""
    assert PAGE.read_text("utf-8") == page(PACKS)
