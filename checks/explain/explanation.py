"""What an explanation is: questions with their answers, in order, each with the documents it rests on."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from checks.explain.documents import Citation
from checks.verdict import Decision

Topic = Literal["owed", "demanded", "registered", "proved", "enforced", "accepted", "class", "unread", "readings"]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A question and what is known of it: ``short`` in a word or two, ``sentences`` why, ``points`` one by one."""

    topic: Topic
    question: str
    short: str
    sentences: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = ()


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """Something to do: ``where`` in an admin center, by which ``call``; ``try_first`` is a command without effect."""

    what: str
    where: str | None = None
    call: str | None = None
    try_first: str | None = None

    @property
    def details(self) -> tuple[tuple[str, str | None], ...]:
        """Each way to do it under its label."""
        return ("Where", self.where), ("Graph", self.call), ("Try first", self.try_first)


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """An account explained. Every text is harmless to show, and never markup: whoever makes a page escapes it.

    ``decision`` is the row of ``account_verdicts`` that the sentences put into words. ``verdict`` is the contract's, or
    the posture of an account that the contract does not speak of.
    """

    tenant_id: str
    tenant_name: str
    tenant_kind: str
    account_id: str
    user_principal_name: str
    display_name: str | None
    scanned_at: datetime
    verdict: str
    headline: str
    answers: tuple[Answer, ...]
    steps: tuple[Step, ...]
    decision: Decision
