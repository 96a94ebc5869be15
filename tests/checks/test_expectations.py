"""Great Expectations for real: what it counts, what it says when it cannot, and the canary that watches it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb_sqlalchemy
import great_expectations as gx
import pytest
from great_expectations.core.expectation_validation_result import (
    ExpectationSuiteValidationResult,
    expectationSuiteValidationResultSchema,
)

from checks import canary
from checks.decide import Counts
from checks.errors import CheckError
from checks.expectations import Answer, Answers, ExpectRuleToHold, Question, Suite, ask, suite_of
from checks.rule import Requirement, Severity, any_of, at_most, equals, in_set, is_true
from checks.rules import packs
from warehouse.engine import sqlalchemy_source, writer

MANY = 450  # tenants: more than the 200 rows at which Great Expectations stops by itself


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("expectations") / "warehouse.duckdb"
    with writer(path) as con:
        con.execute(
            "create table facts as "
            "select format('t{:03}', i // 4) as tenant_id, i % 4 as number, "
            "case i % 4 when 0 then 'good' when 1 then 'bad' when 2 then 'unknown' end as state, "
            "'{a}:b %s \\ '' ' || chr(10) as odd "
            f"from range({4 * MANY}) as rows (i)"
        )
    return path


def question(id_: str, expect: Requirement) -> Question:
    return Question(
        id_, "facts", expect, "Some words: with {braces}, a $parameter and 100 %", Severity.LOW, {"rule_id": id_}
    )


def asked(path: Path, *questions: Question, settings: Mapping[str, Any] | None = None) -> Answers:
    url, options = sqlalchemy_source(path)
    suite = Suite("facts", questions, {"title": "Facts"})
    return ask((url, options if settings is None else settings), [canary.SUITE, suite])


@pytest.fixture(scope="module")
def answers(database: Path) -> Answers:
    return asked(
        database,
        question("state", in_set("state", "good")),
        question("number", at_most("number", 2)),
        question("odd", equals("odd", "{a}:b %s \\ ' \n")),
        question("not_odd", equals("odd", "{b}")),
        question("raises", Requirement("cast(odd as integer) <= 1", ("odd",), "odd is a small number")),
        question("missing", is_true("no_such_column")),
        question("either", any_of(in_set("state", "good"), at_most("number", 1))),
    )


@pytest.mark.parametrize(
    ("id_", "counts"),
    [
        ("state", Counts(4, 1, 2)),
        ("number", Counts(4, 1, 0)),
        ("odd", Counts(4, 0, 0)),
        ("not_odd", Counts(4, 4, 0)),
        ("either", Counts(4, 0, 2)),
    ],
)
def test_every_tenant_is_counted(answers: Answers, id_: str, counts: Counts) -> None:
    """All of them, beyond the 200 rows of a capped list; unknown apart from failing; texts as they are."""
    assert answers.by_id[id_] == Answer(counts={f"t{number:03}": counts for number in range(MANY)})


@pytest.mark.parametrize(
    ("id_", "message"), [("raises", "Conversion Error"), ("missing", 'Referenced column "no_such_column" not found')]
)
def test_a_question_that_raises_is_an_error_and_no_fail(answers: Answers, id_: str, message: str) -> None:
    answer = answers.by_id[id_]
    assert answer.counts == {}
    assert answer.error is not None
    assert message in answer.error
    assert "SQL:" not in answer.error
    assert len(answer.error) <= 500


def test_the_canary_hears_pass_fail_and_error(answers: Answers) -> None:
    """The three outcomes as Great Expectations itself words them, from which ours are read."""
    said = {
        result["expectation_config"]["kwargs"]["rule_id"]: result
        for result in answers.documents["canary_results.json"]["results"]
    }
    assert {id_: result["success"] for id_, result in said.items()} == {
        "canary.passes": True,
        "canary.fails": False,
        "canary.raises": False,
    }
    assert said["canary.raises"]["result"] == {}
    canary.listen(answers.by_id)


PLAIN: dict[str, Any] = {"connect_args": {"read_only": True}}


def test_plain_settings_make_it_silent_and_the_canary_notices(database: Path) -> None:
    """Without AUTOCOMMIT the rows are gone before they are fetched: success, and not one tenant."""
    answers = asked(database, question("number", at_most("number", 2)), settings=PLAIN)
    assert answers.by_id["number"] == Answer(counts={})
    assert answers.documents["facts_results.json"]["success"] is True
    with pytest.raises(CheckError, match=r"not judging.*canary\.passes: expected .*in_scope=2.*AUTOCOMMIT"):
        canary.listen(answers.by_id)


def test_a_dialect_that_ignores_the_settings_is_noticed(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duckdb_sqlalchemy.Dialect, "detect_autocommit_setting", lambda *_: False)
    answers = asked(database, question("number", at_most("number", 2)))
    with pytest.raises(CheckError, match="not judging"):
        canary.listen(answers.by_id)


TRUE = {
    "canary.passes": Answer(counts={"canary": Counts(2, 0, 0)}),
    "canary.fails": Answer(counts={"canary": Counts(2, 1, 0)}),
    "canary.raises": Answer(error="Conversion Error"),
}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"canary.passes": Answer(error="no")}, "canary.passes: expected .* found no"),
        ({"canary.passes": Answer(counts={"canary": Counts(2, 0, 1)})}, "canary.passes"),
        ({"canary.passes": Answer(counts={"canary": Counts(1, 0, 0)})}, "canary.passes"),
        ({"canary.fails": Answer(counts={"canary": Counts(2, 0, 0)})}, "canary.fails"),
        ({"canary.fails": Answer(counts={"canary": Counts(2, 2, 0)})}, "canary.fails"),
        ({"canary.fails": Answer(counts={})}, "canary.fails"),
        ({"canary.raises": Answer(counts={"canary": Counts(2, 2, 0)})}, "canary.raises: expected an error"),
        ({"canary.raises": Answer(counts={})}, "canary.raises: expected an error"),
    ],
)
def test_one_wrong_note_is_enough(change: dict[str, Answer], named: str) -> None:
    canary.listen(TRUE)
    with pytest.raises(CheckError, match=named):
        canary.listen(TRUE | change)


def test_a_canary_that_was_not_asked_is_dead() -> None:
    with pytest.raises(CheckError, match="it is missing"):
        canary.listen({})


def test_the_database_is_free_afterwards(database: Path, answers: Answers) -> None:
    """DuckDB refuses a second connection with other settings while one is open in the process."""
    with writer(database) as con:
        assert con.execute("select count(*) from facts").fetchone() == (4 * MANY,)


def test_the_database_is_free_after_a_failure(database: Path) -> None:
    url, options = sqlalchemy_source(database)
    nameless = Suite("", (question("number", at_most("number", 2)),))
    with pytest.raises(Exception, match="name"):
        ask((url, options), [nameless])
    with writer(database) as con:
        assert con.execute("select 1").fetchone() == (1,)


@pytest.fixture(scope="module")
def documents(answers: Answers) -> dict[str, Any]:
    """The documents after a way through a file."""
    read: dict[str, Any] = json.loads(json.dumps(answers.documents))
    return read


def test_a_suite_opens_as_one_of_theirs(documents: dict[str, Any]) -> None:
    suite = gx.ExpectationSuite(**documents["facts.json"])
    assert len(suite.expectations) == 7
    first = suite.expectations[0]
    assert isinstance(first, ExpectRuleToHold)
    assert (first.rule_id, first.severity, first.meta) == ("state", "info", {"rule_id": "state"})
    assert first.description == "Some words: with {braces}, a $parameter and 100 %"


def test_results_open_as_theirs(documents: dict[str, Any]) -> None:
    result = expectationSuiteValidationResultSchema.load(documents["facts_results.json"])
    assert isinstance(result, ExpectationSuiteValidationResult)
    assert result.success is False
    assert result.suite_name == "facts"
    by_id = {each.expectation_config.kwargs["rule_id"]: each for each in result.results}
    assert len(by_id["state"].result["details"]["per_tenant"]) == MANY
    assert by_id["state"].result["unexpected_count"] == MANY
    assert by_id["raises"].result == {}


def test_a_suite_is_the_same_every_time(answers: Answers, database: Path) -> None:
    """The file of a suite changes when its rules do, and not otherwise."""
    again = ask(sqlalchemy_source(database), [canary.SUITE])
    assert again.documents["canary.json"] == answers.documents["canary.json"]


def test_every_rule_is_asked_in_the_suite_of_its_pack() -> None:
    for pack in packs():
        suite = suite_of(pack)
        assert (suite.name, suite.meta) == (pack.name, {"title": pack.title, "description": pack.description})
        for rule, found in zip(pack.rules, suite.questions, strict=True):
            assert (found.id, found.evidence, found.expect) == (rule.id, rule.evidence, rule.expect)
            assert (found.description, found.severity) == (rule.title, rule.severity)
            assert found.meta["source"]["url"] == rule.source.url
            assert found.meta["version"] == rule.version
            json.dumps(found.meta)


def test_questions_about_the_same_evidence_share_a_statement(answers: Answers, database: Path) -> None:
    """Unless one of them raises: then each has one of its own, and no other suffers."""
    shared = asked(database, question("state", in_set("state", "good")), question("number", at_most("number", 2)))
    for found, statements in ((shared, 1), (answers, 7)):
        kwargs = [each["kwargs"] for each in found.documents["facts.json"]["expectations"]]
        assert len({each["query"] for each in kwargs}) == statements
        assert len({(each["query"], each["place"]) for each in kwargs}) == len(kwargs)
    assert {id_: shared.by_id[id_] for id_ in ("state", "number")} == {
        id_: answers.by_id[id_] for id_ in ("state", "number")
    }
