"""Laws of the score."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.decide import Result
from checks.score import score

RESULTS = [result.value for result in Result]
some_results = st.dictionaries(st.sampled_from([f"R{n}" for n in range(8)]), st.sampled_from(RESULTS))
some_weights = st.dictionaries(st.sampled_from([f"R{n}" for n in range(8)]), st.integers(1, 20))


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ({}, (None, 0)),
        ({"a": "pass"}, (100, 100)),
        ({"a": "fail"}, (0, 100)),
        ({"a": "pass", "heavy": "fail"}, (25, 100)),
        ({"a": "fail", "heavy": "pass"}, (75, 100)),
        ({"a": "pass", "heavy": "not_assessed"}, (100, 25)),
        ({"a": "pass", "heavy": "error"}, (100, 25)),
        ({"a": "pass", "heavy": "waived"}, (25, 100)),
        ({"a": "pass", "heavy": "not_applicable"}, (100, 100)),
        ({"a": "not_assessed", "heavy": "error"}, (None, 0)),
        ({"a": "waived", "heavy": "not_applicable"}, (0, 100)),
        ({"a": "pass", "unheard of": "fail"}, (50, 100)),
    ],
)
def test_score_and_coverage(results: dict[str, str], expected: tuple[float | None, float]) -> None:
    assert score(results, {"a": 1, "heavy": 3}) == expected


@given(results=some_results, weights=some_weights, rule=st.sampled_from([f"R{n}" for n in range(8)]))
def test_one_more_failure_never_raises_the_score(results: dict[str, str], weights: dict[str, int], rule: str) -> None:
    before, after = score(results, weights), score({**results, rule: "fail"}, weights)
    assert after.score is not None
    assert before.score is None or after.score <= before.score


@given(results=some_results, weights=some_weights, rule=st.sampled_from([f"R{n}" for n in range(8)]))
def test_what_can_no_longer_be_assessed_never_raises_the_coverage(
    results: dict[str, str], weights: dict[str, int], rule: str
) -> None:
    before, after = score(results, weights), score({**results, rule: "not_assessed"}, weights)
    assert after.coverage <= before.coverage


@given(results=some_results, weights=some_weights, rule=st.sampled_from([f"R{n}" for n in range(8)]))
def test_what_is_accepted_raises_no_score(results: dict[str, str], weights: dict[str, int], rule: str) -> None:
    """Whatever it was before, and even where no more is known than that it is waived."""
    before, after = score(results, weights), score({**results, rule: "waived"}, weights)
    assert after.score is not None
    assert before.score is None or after.score <= before.score


@given(results=some_results, weights=some_weights)
def test_both_stay_within_0_and_100(results: dict[str, str], weights: dict[str, int]) -> None:
    found = score(results, weights)
    assert 0 <= found.coverage <= 100
    assert found.score is None or 0 <= found.score <= 100
    assert (found.score is None) == (found.coverage == 0)
