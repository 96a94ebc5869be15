"""Great Expectations, and the only module that imports it (which takes seconds): counts what breaks a requirement.

A :class:`Suite` asks :class:`Question` s of one evidence. All tenants are counted in one statement per question, inside
DuckDB; no row leaves it. The lists in Great Expectations' results are capped and are not used: findings come from our
own SQL, which must agree with the counts here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from checks.decide import Counts
from checks.errors import CheckError
from checks.rule import Requirement, Rule, Severity

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")  # read when it is imported

import great_expectations as gx
from great_expectations.expectations.expectation import QueryExpectation

# What a person writes as severity, in Great Expectations' words.
SEVERITIES = {Severity.HIGH: "critical", Severity.MEDIUM: "warning", Severity.LOW: "info"}
_MESSAGE_LENGTH = 500
_STATEMENT = re.compile(r"\n\[SQL:|\nLINE \d+:")  # where a message goes on to show the statement

COUNTS = """\
SELECT
    tenant_id,
    count(*) AS in_scope,
    count(*) FILTER (WHERE {fails}) AS failing,
    count(*) FILTER (WHERE {is_unknown}) AS unknown
FROM {batch}
GROUP BY tenant_id
ORDER BY tenant_id"""


@dataclass(frozen=True)
class Question:
    """A requirement on the rows of a suite's evidence. ``meta`` goes into the suite as it is: JSON values only."""

    id: str
    expect: Requirement
    description: str
    severity: Severity
    meta: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Suite:
    """Questions about one evidence: a ``select`` that yields ``tenant_id`` and the columns that they read."""

    name: str
    evidence: str
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Answer:
    """The counts by tenant id (a tenant without a row is not there), or the error that kept us from them."""

    counts: Mapping[str, Counts] = field(default_factory=dict)
    error: str | None = None


@dataclass(frozen=True)
class Answers:
    """The answers by question id, and Great Expectations' own objects as JSON values by file name."""

    by_id: Mapping[str, Answer]
    documents: Mapping[str, Any]


class ExpectRuleToHold(QueryExpectation):  # type: ignore[misc]  # it comes untyped
    """Expect every row of every tenant to meet a requirement; the counts of each tenant stand in the details.

    It succeeds if no row fails and none is unknown.
    """

    rule_id: str
    query: str
    fetch_all: bool = True  # or query.table stops at 200 tenants

    metric_dependencies: ClassVar = ("query.table",)
    success_keys: ClassVar = ("query", "fetch_all", "rule_id")
    domain_keys: ClassVar = ("batch_id",)

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,  # noqa: ARG002  (the signature is theirs)
        execution_engine: Any = None,  # noqa: ARG002
    ) -> dict[str, Any]:
        rows = metrics["query.table"]
        in_scope, failing, unknown = (sum(row[name] for row in rows) for name in ("in_scope", "failing", "unknown"))
        return {
            "success": failing == 0 and unknown == 0,
            "result": {
                "observed_value": failing,
                "element_count": in_scope,
                "unexpected_count": failing,
                "details": {"unknown": unknown, "per_tenant": [dict(row) for row in rows]},
            },
        }


def suites_of(rules: Iterable[Rule]) -> list[Suite]:
    """Return one suite per evidence view, with a question for each of its rules."""
    questions: dict[str, list[Question]] = {}
    for rule in rules:
        question = Question(rule.id, rule.expect, rule.title, rule.severity, _meta(rule))
        questions.setdefault(rule.evidence, []).append(question)
    return [Suite(view, f"SELECT * FROM evidence.{view}", tuple(asked)) for view, asked in questions.items()]  # noqa: S608


def ask(source: tuple[str, Mapping[str, Any]], suites: Sequence[Suite]) -> Answers:
    """Put every question to the database of ``source`` (a SQLAlchemy URL and the keyword arguments of its engine).

    A question that raises gets an :class:`Answer` with an error; the others are answered nonetheless. The database is
    closed afterwards. Raises :class:`CheckError` where it cannot be opened.
    """
    url, options = source
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    try:
        database = context.data_sources.add_sql(
            "warehouse", connection_string=url, kwargs=dict(options), create_temp_table=False
        )
    except ConnectionError as error:  # theirs is one
        msg = f"Great Expectations cannot read the warehouse; load a scan first: {error}."
        raise CheckError(msg) from error
    by_id: dict[str, Answer] = {}
    documents: dict[str, Any] = {}
    try:
        for suite in suites:
            expectations = gx.ExpectationSuite(name=suite.name, expectations=[_expectation(q) for q in suite.questions])
            documents[f"{suite.name}.json"] = expectations.to_json_dict()
            batch = database.add_query_asset(suite.name, query=suite.evidence).add_batch_definition("all tenants")
            definition = gx.ValidationDefinition(name=suite.name, data=batch, suite=context.suites.add(expectations))
            result = context.validation_definitions.add(definition).run().to_json_dict()
            documents[f"{suite.name}_results.json"] = result
            answered = {each["expectation_config"]["kwargs"]["rule_id"]: _answer(each) for each in result["results"]}
            by_id |= {q.id: answered.get(q.id, _UNANSWERED) for q in suite.questions}
    finally:
        database.get_execution_engine().close()
        database.get_engine().dispose()
    return Answers(by_id, documents)


_UNANSWERED = Answer(error="Great Expectations returned no result for it.")


def _expectation(question: Question) -> ExpectRuleToHold:
    expect = question.expect
    return ExpectRuleToHold(
        rule_id=question.id,
        query=COUNTS.replace("{fails}", expect.fails).replace("{is_unknown}", expect.is_unknown),
        description=question.description,
        severity=SEVERITIES[question.severity],
        meta=dict(question.meta),
    )


def _answer(result: Mapping[str, Any]) -> Answer:
    # What raised says success=False as well, with an empty result: the exception comes first.
    if message := _raised(result["exception_info"]):
        return Answer(error=message)
    per_tenant = result["result"].get("details", {}).get("per_tenant")
    if per_tenant is None:
        return Answer(error="Great Expectations gave a result without counts.")
    counts = {row["tenant_id"]: Counts(row["in_scope"], row["failing"], row["unknown"]) for row in per_tenant}
    return Answer(counts=counts)


def _raised(info: Mapping[str, Any]) -> str | None:
    """Return the first message in Great Expectations' ``exception_info``, of either of its two shapes."""
    each = [info] if "raised_exception" in info else list(info.values())
    for one in each:
        if one["raised_exception"]:
            message = str(one["exception_message"] or "an exception without a message")
            return " ".join(_STATEMENT.split(message)[0].split())[:_MESSAGE_LENGTH]
    return None


def _meta(rule: Rule) -> dict[str, Any]:
    return {
        "rule_id": rule.id,
        "version": rule.version,
        "title": rule.title,
        "owed_by": sorted(rule.owed_by),
        "recommended_to": sorted(rule.recommended_to),
        "needs": list(rule.needs),
        "source": {
            "document": rule.source.document,
            "url": rule.source.url,
            "clause": rule.source.clause,
            "read_on": rule.source.read_on.isoformat(),
        },
    }
