"""Great Expectations, and the only module that imports it (which takes seconds): counts what breaks a requirement.

A :class:`Suite` asks :class:`Question` s, each of some evidence. All tenants are counted in one statement per
evidence, however many questions are about it, inside DuckDB; no row leaves it. The lists in Great Expectations' results
are capped and are not used: findings come from our own SQL, which must agree with the counts here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from checks.decide import Counts
from checks.errors import CheckError
from checks.rule import Pack, Requirement, Rule, Severity

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")  # read when it is imported

import great_expectations as gx
from great_expectations.core.expectation_validation_result import expectationSuiteValidationResultSchema
from great_expectations.core.run_identifier import RunIdentifier
from great_expectations.data_context.types.resource_identifiers import (
    ExpectationSuiteIdentifier,
    ValidationResultIdentifier,
)
from great_expectations.expectations.expectation import QueryExpectation

# What a person writes as severity, in Great Expectations' words.
SEVERITIES = {Severity.HIGH: "critical", Severity.MEDIUM: "warning", Severity.LOW: "info"}
_MESSAGE_LENGTH = 500
_RESULTS = "_results.json"
_STATEMENT = re.compile(r"\n\[SQL:|\nLINE \d+:")  # where a message goes on to show the statement

# What a suite is asked of. Its questions name their evidence themselves, and none reads the batch.
_BATCH = "SELECT current_database() AS database"


@dataclass(frozen=True)
class Question:
    """A requirement on the rows of some evidence: a relation with ``tenant_id`` and the columns that it reads.

    ``meta`` goes into the suite as it is: JSON values only.
    """

    id: str
    evidence: str
    expect: Requirement
    description: str
    severity: Severity
    meta: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Suite:
    """Questions that belong together. ``meta`` goes into the suite as it is."""

    name: str
    questions: tuple[Question, ...]
    meta: Mapping[str, Any] = field(default_factory=dict)


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

    It succeeds if no row fails and none is unknown. Expectations with the same ``query`` share its answer: each has its
    ``place`` in the names of the columns.
    """

    rule_id: str
    query: str
    place: int
    fetch_all: bool = True  # or query.table stops at 200 tenants

    metric_dependencies: ClassVar = ("query.table",)
    success_keys: ClassVar = ("query", "fetch_all", "rule_id", "place")
    domain_keys: ClassVar = ("batch_id",)

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,  # noqa: ARG002  (the signature is theirs)
        execution_engine: Any = None,  # noqa: ARG002
    ) -> dict[str, Any]:
        rows = [
            {
                "tenant_id": row["tenant_id"],
                "in_scope": row["in_scope"],
                "failing": row[f"failing_{self.place}"],
                "unknown": row[f"unknown_{self.place}"],
            }
            for row in metrics["query.table"]
        ]
        in_scope, failing, unknown = (sum(row[name] for row in rows) for name in ("in_scope", "failing", "unknown"))
        return {
            "success": failing == 0 and unknown == 0,
            "result": {
                "observed_value": failing,
                "element_count": in_scope,
                "unexpected_count": failing,
                "details": {"unknown": unknown, "per_tenant": rows},
            },
        }


def suite_of(pack: Pack) -> Suite:
    """Return the suite of a pack: a question for each of its rules, about the table of its evidence."""
    questions = tuple(
        Question(rule.id, rule.evidence, rule.expect, rule.title, rule.severity, _meta(rule)) for rule in pack.rules
    )
    return Suite(pack.name, questions, {"title": pack.title, "description": pack.description})


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
    batch = database.add_query_asset("warehouse", query=_BATCH).add_batch_definition("whole")
    try:
        for suite in suites:
            answered, documents[f"{suite.name}.json"], documents[f"{suite.name}{_RESULTS}"] = _run(
                context, batch, suite
            )
            by_id |= {q.id: answered.get(q.id, _UNANSWERED) for q in suite.questions}
    finally:
        database.get_execution_engine().close()
        database.get_engine().dispose()
    return Answers(by_id, documents)


def _run(context: Any, batch: Any, suite: Suite) -> tuple[dict[str, Answer], Any, Any]:
    """Return the answers by question id, the suite and its result."""
    for share in (True, False):
        expectations = gx.ExpectationSuite(name=suite.name, expectations=_expectations(suite, share), meta=suite.meta)
        document = expectations.to_json_dict()  # as it is declared: what is stored gets ids of its own
        definition = gx.ValidationDefinition(
            name=suite.name, data=batch, suite=context.suites.add_or_update(expectations)
        )
        result = context.validation_definitions.add_or_update(definition).run().to_json_dict()
        answered = {each["expectation_config"]["kwargs"]["rule_id"]: _answer(each) for each in result["results"]}
        # One that raises takes those along that share its statement: then each has one of its own.
        if not any(answer.error for answer in answered.values()) or len(suite.questions) == 1:
            break
    return answered, document, result


_UNANSWERED = Answer(error="Great Expectations returned no result for it.")


def _expectations(suite: Suite, share: bool) -> list[ExpectRuleToHold]:
    """Return the suite's expectations; those about the same evidence ``share`` a statement, or each has its own."""
    groups: dict[object, list[Question]] = {}
    for question in suite.questions:
        groups.setdefault(question.evidence if share else question.id, []).append(question)
    return [
        ExpectRuleToHold(
            rule_id=question.id,
            query=_counts(questions),
            place=place,
            description=question.description,
            severity=SEVERITIES[question.severity],
            meta=dict(question.meta),
        )
        for questions in groups.values()
        for place, question in enumerate(questions)
    ]


def _counts(questions: Sequence[Question]) -> str:
    """Return SQL for the counts of every tenant, for questions about the same evidence."""
    columns = [
        f"count(*) FILTER (WHERE {condition}) AS {name}_{place}"
        for place, question in enumerate(questions)
        for name, condition in (("failing", question.expect.fails), ("unknown", question.expect.is_unknown))
    ]
    return (
        f"SELECT tenant_id, count(*) AS in_scope, {', '.join(columns)} "  # noqa: S608  (SQL of ours)
        f"FROM {questions[0].evidence} GROUP BY tenant_id ORDER BY tenant_id"
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


def write_project(documents: Mapping[str, Any], folder: Path) -> Path:
    """Make a project of Great Expectations in ``folder`` of what :func:`ask` gave, with Data Docs; return their index.

    ``documents`` are suites and results by file name. The project opens with ``gx.get_context(mode="file")``. Raises
    :class:`CheckError` where the folder holds a project already.
    """
    if (folder / "gx").exists():
        msg = f"{folder / 'gx'}: there is a project of Great Expectations already. Name another folder."
        raise CheckError(msg)
    context = gx.get_context(mode="file", project_root_dir=str(folder))
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    for name, document in documents.items():
        if not name.endswith(_RESULTS):
            context.suites.add(gx.ExpectationSuite(**document))
    for name, document in documents.items():
        if name.endswith(_RESULTS):
            result = expectationSuiteValidationResultSchema.load(document)
            suite = ExpectationSuiteIdentifier(name.removesuffix(_RESULTS))
            key = ValidationResultIdentifier(suite, RunIdentifier(**document["meta"]["run_id"]), "warehouse")
            context.validation_results_store.set(key, result)
    context.build_data_docs()
    return folder / "gx" / "uncommitted" / "data_docs" / "local_site" / "index.html"
