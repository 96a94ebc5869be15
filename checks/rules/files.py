"""A pack of rules as a TOML file: no Python needed, and checked as strictly as one in Python."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from checks import rule as declared
from checks.rule import Pack, Requirement, Rule, Severity, Value
from collectors.declare import Kind
from collectors.errors import ConfigError

Text = Annotated[str, Meta(min_length=1)]
Weight = Annotated[int, Meta(ge=1)]


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file; a key that it does not know is a mistake."""


class _InSet(_Strict, frozen=True, kw_only=True):
    column: Text
    values: Annotated[tuple[str, ...], Meta(min_length=1)]
    unknown: tuple[str, ...] = declared.UNKNOWN


class _Equals(_Strict, frozen=True, kw_only=True):
    column: Text
    value: Value
    unknown: tuple[Value, ...] = ()


class _Limit(_Strict, frozen=True, kw_only=True):
    column: Text
    limit: int | float


class _Expect(_Strict, frozen=True, kw_only=True):
    """A requirement: exactly one of the words that :mod:`checks.rule` has for requirements."""

    in_set: _InSet | None = None
    equals: _Equals | None = None
    is_true: Text | None = None
    is_false: Text | None = None
    at_most: _Limit | None = None
    at_least: _Limit | None = None
    all_of: tuple[_Expect, ...] | None = None
    any_of: tuple[_Expect, ...] | None = None

    def requirement(self) -> Requirement:
        said = [name for name in self.__struct_fields__ if getattr(self, name) is not None]
        if len(said) != 1:
            choices = ", ".join(self.__struct_fields__)
            found = " and ".join(said) or "none"
            msg = f"expect holds {found}, expected exactly one of {choices}"
            raise ValueError(msg)
        value, word = getattr(self, said[0]), getattr(declared, said[0])
        if isinstance(value, tuple):
            made: Requirement = word(*(each.requirement() for each in value))
        elif isinstance(value, str):
            made = word(value)
        elif isinstance(value, _InSet):
            made = word(value.column, *value.values, unknown=value.unknown)
        elif isinstance(value, _Equals):
            made = word(value.column, value.value, tuple(value.unknown))
        else:
            made = word(value.column, value.limit)
        return made


class _Source(_Strict, frozen=True, kw_only=True):
    document: Text
    url: Text
    clause: Text
    read_on: date


class _Rule(_Strict, frozen=True, kw_only=True):
    id: Text
    title: Text
    description: Text
    severity: Severity
    weight: Weight
    owed_by: frozenset[Kind] = frozenset()
    recommended_to: frozenset[Kind] = frozenset()
    evidence: Text
    expect: _Expect
    needs: Annotated[tuple[Text, ...], Meta(min_length=1)]
    is_provable_alone: bool = False
    is_told_by_cause: bool = False
    source: _Source
    reason: Text
    unknown: Text
    remediation: Text

    def rule(self) -> Rule:
        given = {name: getattr(self, name) for name in self.__struct_fields__}
        source = declared.Source(**msgspec.structs.asdict(self.source))
        return Rule(**{**given, "expect": self.expect.requirement(), "source": source})


class _File(_Strict, frozen=True, kw_only=True):
    name: Text
    title: Text
    description: Text
    evidence: dict[str, Text] = {}
    rule: Annotated[tuple[_Rule, ...], Meta(min_length=1)]


def read_pack(path: Path) -> Pack:
    """Read a pack. Raises :class:`ConfigError` that names the file, what was found and what was expected."""
    try:
        file = msgspec.convert(tomllib.loads(path.read_text("utf-8")), _File)
    except FileNotFoundError:
        msg = f"{path}: there is no such pack of rules. Correct [rules] packs, or write it (see docs/rules.md)."
        raise ConfigError(msg) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        msg = f"{path}: cannot be read as TOML: {error}."
        raise ConfigError(msg) from None
    except msgspec.ValidationError as error:
        msg = f"{path}: {error}. A pack of rules has name, title, description, [evidence] and [[rule]]: docs/rules.md."
        raise ConfigError(msg) from None
    rules = []
    for each in file.rule:
        try:
            rules.append(each.rule())
        except ValueError as error:
            msg = f"{path}: rule {each.id}: {error}"
            raise ConfigError(msg) from None
    try:
        return Pack(
            name=file.name, title=file.title, description=file.description, rules=tuple(rules), evidence=file.evidence
        )
    except ValueError as error:
        msg = f"{path}: {error}"
        raise ConfigError(msg) from None
