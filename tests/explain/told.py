"""How a test looks at an explanation."""

from __future__ import annotations

import io

from rich.console import Console

from checks.explain.explanation import Answer, Explanation
from checks.report.explained import print_explanation


def answer(explanation: Explanation, topic: str) -> Answer:
    """Return the answer to a question."""
    return next(each for each in explanation.answers if each.topic == topic)


def text(explanation: Explanation, width: int = 80) -> str:
    """Return what the terminal shows."""
    file = io.StringIO()
    print_explanation(explanation, Console(file=file, width=width, legacy_windows=False))
    return file.getvalue()


def words(explanation: Explanation) -> str:
    """Return all that is said, on one line."""
    return " ".join(text(explanation).split())
