"""What a rule is: one declaration that the suite, the findings, the scorecards and the reference page all read.

SQL states facts (an evidence view), the rule states what must be true of them. A requirement is an SQL condition
over one row of evidence that is TRUE (holds), FALSE (fails) or NULL (unknown): SQL's own three-valued logic is
what keeps "we do not know" apart from "no".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import cached_property
from string import Formatter
from typing import Literal, TypeAlias

from collectors.declare import Kind

Value: TypeAlias = str | int | float | bool
Duty = Literal["owed", "recommended"]

_COLUMN = re.compile(r"[a-z][a-z0-9_]*")
_PLAIN = re.compile(r"[A-Za-z0-9_ .,/#@-]*")
# str.format, SQLAlchemy's parameters and its doubled per cent signs stand between a condition and the database.
_TEMPLATED = re.compile(r"[{}%\\]|(?<!:):(?=\w)")
_ID = re.compile(r"[A-Z]+(\.[A-Z]+)+\.[1-9][0-9]*v([1-9][0-9]*)")
UNKNOWN: tuple[str, ...] = ("unknown",)
CAUSE = ("cause_type", "cause_id", "cause_name")  # columns of evidence that say what makes many rows fail at once


class Severity(StrEnum):
    """How bad it is that the rule does not hold."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True)
class Requirement:
    """What must be true of a row: ``condition`` is SQL that is NULL where the row does not tell.

    ``columns`` are the evidence columns it reads; ``words`` says it to people; ``parts`` are what
    :func:`all_of` joined.
    """

    condition: str
    columns: tuple[str, ...]
    words: str
    parts: tuple[Requirement, ...] = ()

    def __post_init__(self) -> None:
        if found := _TEMPLATED.search(self.condition):
            msg = f"the condition {self.condition!r} holds {found[0]!r}, which templates read as theirs. Use chr()."
            raise ValueError(msg)

    @property
    def clauses(self) -> tuple[Requirement, ...]:
        """What must hold each for itself: everything that :func:`all_of` joined, or the requirement alone."""
        return tuple(clause for part in self.parts for clause in part.clauses) or (self,)

    @property
    def holds(self) -> str:
        """SQL that is true or false, never null: the row meets the requirement."""
        return f"({self.condition}) is true"

    @property
    def fails(self) -> str:
        """SQL that is true or false, never null: the row breaks the requirement."""
        return f"({self.condition}) is false"

    @property
    def is_unknown(self) -> str:
        """SQL that is true or false, never null: the row does not tell."""
        return f"({self.condition}) is null"


def in_set(column: str, *values: str, unknown: tuple[str, ...] = UNKNOWN) -> Requirement:
    """Require one of ``values``; null and the values of ``unknown`` say nothing."""
    return Requirement(
        f"{_known(column, unknown)} in ({', '.join(map(_literal, values))})",
        (column,),
        f"`{column}` is {' or '.join(map(repr, values))}",
    )


def equals(column: str, value: Value, unknown: tuple[str, ...] = ()) -> Requirement:
    """Require exactly ``value``; null and the values of ``unknown`` say nothing."""
    return Requirement(f"{_known(column, unknown)} = {_literal(value)}", (column,), f"`{column}` is {value!r}")


def is_true(column: str) -> Requirement:
    """Require a flag to be set; null says nothing."""
    return Requirement(_name(column), (column,), f"`{column}` is true")


def is_false(column: str) -> Requirement:
    """Require a flag not to be set; null says nothing."""
    return Requirement(f"not {_name(column)}", (column,), f"`{column}` is false")


def at_most(column: str, limit: float) -> Requirement:
    """Require a number up to and including ``limit``; null says nothing."""
    return Requirement(f"{_name(column)} <= {_literal(limit)}", (column,), f"`{column}` is at most {limit}")


def at_least(column: str, limit: float) -> Requirement:
    """Require a number from ``limit`` on; null says nothing."""
    return Requirement(f"{_name(column)} >= {_literal(limit)}", (column,), f"`{column}` is at least {limit}")


def any_of(*requirements: Requirement) -> Requirement:
    """Require at least one: one that holds decides, whatever is unknown about the others."""
    return _join("or", requirements)


def all_of(*requirements: Requirement) -> Requirement:
    """Require every one: one that fails decides, whatever is unknown about the others."""
    return replace(_join("and", requirements), parts=requirements)


def _join(word: str, requirements: tuple[Requirement, ...]) -> Requirement:
    if len(requirements) < 2:
        msg = f"joining {len(requirements)} requirement(s) with {word!r} says nothing. Give two or more."
        raise ValueError(msg)
    return Requirement(
        f" {word} ".join(f"({each.condition})" for each in requirements),
        tuple(dict.fromkeys(column for each in requirements for column in each.columns)),
        f" {word} ".join(each.words for each in requirements),
    )


def _name(column: str) -> str:
    if not _COLUMN.fullmatch(column):
        msg = f"{column!r} is no column of an evidence view. Use lower-case letters, digits and underscores."
        raise ValueError(msg)
    return column


def _known(column: str, unknown: tuple[str, ...]) -> str:
    known = _name(column)
    for value in unknown:
        known = f"nullif({known}, {_literal(value)})"
    return known


def _literal(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        if _PLAIN.fullmatch(value):
            return f"'{value}'"
        return f"({' || '.join(f'chr({ord(character)})' for character in value)})"
    return repr(value)


@dataclass(frozen=True)
class Source:
    """Where a rule is written: the document, its address, the clause in our words, the day it was read."""

    document: str
    url: str
    clause: str
    read_on: date


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A requirement on every tenant of some kinds. The id carries its version: a new meaning is a new rule.

    ``evidence`` names a view of the schema ``evidence`` (one row per thing judged); ``expect`` must hold for every row
    of a tenant. ``needs`` are the datasets the evidence is made of: with one of them unread nothing is judged, unless
    the rule ``is_provable_alone``, where a pass that the others prove stands, and only a pass. ``owed_by`` and
    ``recommended_to`` say whom it concerns. ``weight`` is its share in a score. ``reason`` is the text of a finding,
    with ``{columns}`` of the evidence. ``unknown`` says what is not known, with ``{count}`` and ``{in_scope}``.
    ``remediation`` is the exact path in an admin center or the Graph call. A rule that ``is_told_by_cause`` has one
    finding for all rows that fail for the same reason: those with the same ``cause_type`` and ``cause_id`` in the
    evidence, called ``cause_name``; the accounts are told beside it. Its ``reason`` names no column of one row then.
    """

    id: str
    title: str
    description: str
    severity: Severity
    weight: int
    owed_by: frozenset[Kind] = frozenset()
    recommended_to: frozenset[Kind] = frozenset()
    evidence: str
    expect: Requirement
    needs: tuple[str, ...]
    is_provable_alone: bool = False
    is_told_by_cause: bool = False
    source: Source
    reason: str
    unknown: str
    remediation: str

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            msg = f"rule id {self.id!r}: expected a subject, a number and a version, such as MFA.REG.1v1."
            raise ValueError(msg)
        if not _COLUMN.fullmatch(self.evidence):
            msg = f"rule {self.id}: evidence {self.evidence!r} cannot name a view of the schema evidence."
            raise ValueError(msg)
        if not self.owed_by | self.recommended_to or self.owed_by & self.recommended_to:
            msg = f"rule {self.id}: say of each kind of tenant once whether it owes the rule or is recommended it."
            raise ValueError(msg)
        if not self.needs or self.weight < 1:
            msg = f"rule {self.id}: it needs at least one dataset and a weight of 1 or more."
            raise ValueError(msg)
        if wrong := [name for name in self.reason_columns if not _COLUMN.fullmatch(name)]:
            msg = f"rule {self.id}: its reason names {wrong}, which cannot be columns of an evidence view."
            raise ValueError(msg)
        if self.is_told_by_cause and (wrong := [name for name in self.reason_columns if name not in CAUSE]):
            msg = f"rule {self.id}: its reason is for many rows of one cause and names {wrong}; it may name {CAUSE}."
            raise ValueError(msg)
        if wrong := sorted({name for name in _fields(self.unknown) if name not in {"count", "in_scope"}}):
            msg = f"rule {self.id}: its unknown names {wrong}, but knows count and in_scope only."
            raise ValueError(msg)

    @property
    def version(self) -> int:
        """The version in the id."""
        match = _ID.fullmatch(self.id)
        assert match is not None  # checked when it was made
        return int(match[2])

    @property
    def kinds(self) -> frozenset[Kind]:
        """The kinds of tenant it applies to."""
        return self.owed_by | self.recommended_to

    def duty(self, kind: Kind) -> Duty | None:
        """Return what the rule is to a tenant of ``kind``; ``None`` where it does not apply."""
        return "owed" if kind in self.owed_by else "recommended" if kind in self.recommended_to else None

    @cached_property
    def reason_columns(self) -> tuple[str, ...]:
        """The evidence columns that the text of a finding names."""
        return _fields(self.reason)


@dataclass(frozen=True, kw_only=True)
class Pack:
    """Rules about one subject, judged as one suite of Great Expectations. ``name`` is its file name there.

    ``evidence`` is what its rules look at besides our views of the schema ``evidence``: by name, one ``select`` over
    tables and views of the warehouse. They become views of that schema.
    """

    name: str
    title: str
    description: str
    rules: tuple[Rule, ...]
    evidence: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not _COLUMN.fullmatch(self.name) or not self.rules:
            msg = f"pack {self.name!r}: expected a name of lower-case letters, digits and underscores, and a rule."
            raise ValueError(msg)
        if wrong := [name for name in self.evidence if not _COLUMN.fullmatch(name)]:
            msg = f"pack {self.name}: evidence {wrong}: expected names of lower-case letters, digits and underscores."
            raise ValueError(msg)


def _fields(template: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for _, name, _, _ in Formatter().parse(template) if name is not None))
