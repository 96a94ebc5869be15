"""What the kit says about a dataset: one line a check."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """The result of one check of one dataset; ``text`` of a problem says what to do about it."""

    dataset: str
    check: str
    is_problem: bool
    text: str

    def __str__(self) -> str:
        return f"{'problem' if self.is_problem else 'ok':<8} {self.dataset}  {self.check}: {self.text}"


@dataclass(frozen=True)
class Checked:
    """Collects the findings about one dataset."""

    dataset: str
    findings: list[Finding]

    def ok(self, check: str, text: str) -> None:
        """Note that a check passed."""
        self.findings.append(Finding(self.dataset, check, is_problem=False, text=text))

    def problem(self, check: str, text: str) -> None:
        """Note that a check failed."""
        self.findings.append(Finding(self.dataset, check, is_problem=True, text=text))

    def judge(self, check: str, problems: list[str], text: str) -> None:
        """Note each of the problems, or ``text`` where there is none."""
        for problem in problems:
            self.problem(check, problem)
        if not problems:
            self.ok(check, text)
