"""The canary: three questions whose answers are known, asked before every judgement.

Great Expectations can be silent in ways that look like an answer: with other connection settings it reports success and
no tenants, and an expectation that raised says ``success=False`` like one that failed. A judge that gets one of these
three wrong is not believed about anything else.
"""

from __future__ import annotations

from collections.abc import Mapping

from checks.decide import Counts
from checks.errors import CheckError
from checks.expectations import Answer, Question, Suite
from checks.rule import Requirement, Severity, at_most, equals

TENANT = "canary"

_RAISES = Requirement("cast(voice as integer) < 1", ("voice",), "`voice` is a number")

_VOICES = "(SELECT * FROM (VALUES ('canary', 'sings', 1), ('canary', 'sings', 2)) AS voices (tenant_id, voice, age))"

SUITE = Suite(
    "canary",
    (
        Question("canary.passes", _VOICES, equals("voice", "sings"), "Must pass", Severity.HIGH),
        Question("canary.fails", _VOICES, at_most("age", 1), "Must fail for one of two rows", Severity.HIGH),
        # A text that is no number raises when the rows are read, as the worst of rules would.
        Question("canary.raises", _VOICES, _RAISES, "Must raise", Severity.HIGH),
    ),
)
EXPECTED = {"canary.passes": Counts(in_scope=2), "canary.fails": Counts(in_scope=2, failing=1)}


def listen(answers: Mapping[str, Answer]) -> None:
    """Raise :class:`CheckError` unless the answers by question id are exactly: pass, fail, error."""
    heard = {question.id: answers.get(question.id, Answer(error="it is missing")) for question in SUITE.questions}
    wrong = [
        f"{id_}: expected {counts}, found {heard[id_].error or dict(heard[id_].counts)}"
        for id_, counts in EXPECTED.items()
        if heard[id_] != Answer(counts={TENANT: counts})
    ]
    if heard["canary.raises"].error is None:
        wrong.append(f"canary.raises: expected an error, found {dict(heard['canary.raises'].counts)}")
    if wrong:
        msg = (
            f"Great Expectations is not judging, so nothing was written. {'; '.join(wrong)}. Look at the versions of "
            "great-expectations, duckdb-sqlalchemy and SQLAlchemy against requirements.lock, and at the connection "
            "settings in warehouse/engine.py: AUTOCOMMIT and skip_autocommit_rollback must both reach the engine."
        )
        raise CheckError(msg)
