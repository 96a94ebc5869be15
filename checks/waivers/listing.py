"""Every waiver and technical exception of the configuration as it stands, held against what is published."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from checks.decide import Counts, Result
from checks.newest import newest_scan
from checks.report.text import plain
from checks.rule import Rule
from checks.rules import rules_of
from checks.waivers import exceptions
from checks.waivers.matching import match
from checks.waivers.state import Standing, State, Truth, standings
from collectors.config import Config
from collectors.declare import Kind
from warehouse.engine import Connection, reader


@dataclass(frozen=True)
class _Published:
    """What the newest scan knows. See :class:`checks.waivers.matching.Known`."""

    as_of: datetime
    kinds: Mapping[str, Kind]
    names: Mapping[str, str]
    usable: frozenset[tuple[str, str]]
    truths: Mapping[tuple[str, str], Truth]

    def unread_of(self, rule: Rule, tenant_id: str) -> Sequence[str]:
        """Return the datasets that the rule needs and the tenant lacks."""
        return [name for name in rule.needs if (tenant_id, name) not in self.usable]


@dataclass(frozen=True)
class Listing:
    """Lines to print, and whether something is broken."""

    lines: tuple[str, ...]
    is_broken: bool


def listing(config: Config, catalogue: Sequence[Rule] | None = None) -> Listing:
    """Return how the waivers of the configuration, as it is now, stand as of the newest published scan.

    Raises :class:`~checks.errors.CheckError` where nothing was scanned yet.
    """
    known_rules = rules_of(config) if catalogue is None else tuple(catalogue)
    with reader(config.published) as con:
        known = _published(con)
        broken = {rule_id for (rule_id, _), truth in known.truths.items() if truth.result is Result.ERROR}
        found = standings(match(con, config, known_rules, known, broken), known.truths)
        excepted = exceptions.standings(con, config, known)
    states = [each.state for each in found] + [State(row.state) for row in excepted]
    counted = ", ".join(f"{states.count(state)} {state}" for state in State if state in states)
    head = f"{len(config.waiver)} waivers, {len(config.technical_exception)} technical exceptions"
    lines = [f"{head} as of {known.as_of:%Y-%m-%d %H:%M} UTC{f': {counted}' if counted else ''}"]
    for each in found:
        lines += _lines(each, known.names)
    for exception, row in zip(config.technical_exception, excepted, strict=True):
        whom = f"{len(exception.accounts)} accounts" if exception.accounts else "the tenant"
        tenant = known.names.get(exception.tenant, exception.tenant)
        lines.append(
            f"{row.state:<8} {_at(exception.line)}technical exception {row.scenario} in {tenant}, {whom}, "
            f"{exception.from_} to {exception.until}: ticket {exception.ticket}"
        )
        lines += _told(row.problem)
    return Listing(tuple(map(plain, lines)), State.BROKEN in states)


def _lines(standing: Standing, names: Mapping[str, str]) -> Iterator[str]:
    match_, waiver = standing.match, standing.match.waiver
    whom = "all that breaks it"
    if not waiver.is_for_all:
        parts = [f"{len(waiver.accounts)} accounts"] if waiver.accounts else []
        whom = " and ".join([*parts, f"the group {waiver.group}"] if waiver.group else parts)
    covers = f", covers {standing.covers} that fail" if standing.state is State.ACTIVE else ""
    where = f"{match_.rule_id} in {names.get(match_.tenant_id, match_.tenant_id)}"
    yield (
        f"{standing.state:<8} {_at(waiver.line)}{where}, {whom}, "
        f"{waiver.from_} to {waiver.until}, by {waiver.approver}, owner {waiver.owner}{covers}: {waiver.reason}"
    )
    yield from _told(standing.problem)


def _at(line: int) -> str:
    return f"line {line}: " if line else ""


def _told(problem: str) -> list[str]:
    return textwrap.wrap(f"It {problem}", 110, initial_indent=" " * 9, subsequent_indent=" " * 9) if problem else []


def _published(con: Connection) -> _Published:
    scan = newest_scan(con)
    tenants = con.execute("select tenant_id, kind, name from tenants order by tenant_id").fetchall()
    results = con.execute(
        "select rule_id, tenant_id, true_result, in_scope, failing, unknown from rule_results"
    ).fetchall()
    usable = con.execute("select tenant_id, dataset from source_state where is_usable").fetchall()
    return _Published(
        as_of=scan.scanned_at,
        kinds={tenant_id: kind for tenant_id, kind, _ in tenants},
        names={tenant_id: name for tenant_id, _, name in tenants},
        usable=frozenset((tenant_id, dataset) for tenant_id, dataset in usable),
        truths={
            (rule_id, tenant_id): Truth(Result(result), Counts(*counts))
            for rule_id, tenant_id, result, *counts in results
        },
    )
