"""Scorecards with their rules, read from the published file. Every function takes an open read-only connection."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from checks.report.rows import rows
from checks.score import Weights, weigh
from collectors.declare import Kind
from warehouse.engine import Connection
from warehouse.validity import RULE_RESULTS, SCORECARDS, as_of

_LAST = 1_000_000  # the place of a rule that the newest check did not judge


class RuleLine(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a rule in a tenant. ``duty`` is owed or recommended, empty where the rule is not for its kind.

    ``true_result`` is what it is without waivers: what counts. ``accepted`` of the failing things are waived. ``place``
    is where it stands in the catalogue.
    """

    place: int
    rule_id: str
    pack: str
    pack_title: str
    title: str
    severity: str
    weight: int
    duty: str
    result: str
    true_result: str
    reason: str
    in_scope: int
    failing: int
    accepted: int
    unknown: int
    remediation: str
    source: str
    source_url: str


class Section(NamedTuple):
    """The rules of a pack that have a result in a tenant."""

    name: str
    title: str
    lines: tuple[RuleLine, ...]


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """The scorecard of a tenant. ``last_scan_at`` is when it was last read, ``assessed_at`` the scan that judged it."""

    tenant_id: str
    name: str
    kind: Kind
    program: str | None
    partner_id: str
    last_scan_at: datetime
    assessed_at: datetime | None
    score: float | None
    coverage: float
    in_scope: int
    compliant: int
    at_risk: int
    non_compliant: int
    indeterminate: int
    rules: tuple[RuleLine, ...] = ()

    def ended(self, *results: str) -> list[RuleLine]:
        """Return the rules with one of these results."""
        return [line for line in self.rules if line.result in results]

    def unassessed(self) -> list[tuple[str, str, list[RuleLine]]]:
        """Return (result, reason, rules) of what could not be assessed: rules with the same reason together."""
        groups: dict[tuple[str, str], list[RuleLine]] = {}
        for line in self.ended("error", "not_assessed"):
            groups.setdefault((line.result, line.reason), []).append(line)
        return [(result, reason, lines) for (result, reason), lines in groups.items()]

    def sections(self) -> list[Section]:
        """Return its rules by pack, in the order of the catalogue."""
        return by_pack(self.rules)

    @property
    def weights(self) -> Weights:
        """What its score is made of."""
        return weigh_rules(self.rules)

    @property
    def was_missed(self) -> bool:
        """Whether the scan that judged it did not read it: the facts are older."""
        return self.assessed_at is not None and self.last_scan_at < self.assessed_at


def by_pack(lines: Iterable[RuleLine]) -> list[Section]:
    """Return rules by pack, in the order of the catalogue; those that no check judges any more come last."""
    found: dict[tuple[str, str], list[RuleLine]] = {}
    for line in sorted(lines, key=_place):
        found.setdefault((line.pack, line.pack_title), []).append(line)
    return [Section(*pack, tuple(of)) for pack, of in found.items()]


def weigh_rules(lines: Iterable[RuleLine]) -> Weights:
    """Return the weights of rules by what is true, accepted or not."""
    return weigh((line.true_result, line.weight) for line in lines)


_CARDS = """
    select
        t.tenant_id, t.name, t.kind, t.program, t.partner_id, t.last_scan_at,
        s.assessed_at, s.score, coalesce(s.coverage, 0.0) as coverage, coalesce(s.in_scope, 0) as in_scope,
        coalesce(s.compliant, 0) as compliant, coalesce(s.at_risk, 0) as at_risk,
        coalesce(s.non_compliant, 0) as non_compliant, coalesce(s.indeterminate, 0) as indeterminate
    from tenants as t
    left join tenants as p on t.partner_id = p.tenant_id
    {join} join {scorecards} as s on t.tenant_id = s.tenant_id
    where {which}
    order by lower(coalesce(p.name, t.partner_id)), t.partner_id, t.kind <> 'partner', lower(t.name), t.tenant_id
"""
_AROUND = "$around is null or t.tenant_id = $around or t.partner_id = $around"
_RESULTS_AROUND = """
    select * from rule_results
    where $around is null
        or tenant_id in (select tenant_id from tenants where tenant_id = $around or partner_id = $around)
"""


def fleet(con: Connection, around: str | None = None) -> list[Card]:
    """Return the newest scorecard of every tenant: each partner, then its customers by name.

    With ``around``, only that tenant and, of a partner, its customers.
    """
    about = {"around": around}
    cards = rows(con, _CARDS.format(join="left", scorecards="scorecards", which=_AROUND), about, Card)
    return _with_rules(cards, con, _RESULTS_AROUND, about)


def tenant(con: Connection, tenant_id: str) -> list[Card]:
    """Return the newest scorecard of a tenant, and after it that of its partner where a scan has seen another one.

    None of either where no scan has seen the tenant.
    """
    about = {"id": tenant_id}
    those = "(select $id union all select partner_id from tenants where tenant_id = $id)"
    sql = _CARDS.format(join="left", scorecards="scorecards", which=f"t.tenant_id in {those}")
    found = sorted(rows(con, sql, about, Card), key=lambda card: card.tenant_id != tenant_id)
    return _with_rules(found, con, f"select * from rule_results where tenant_id in {those}", about)  # noqa: S608


def fleet_of_scan(con: Connection, scan_id: str) -> list[Card]:
    """Return the scorecards that a scan left behind, in the order of :func:`fleet`; none of a scan nobody scored."""
    scored = "select scanned_at from recordings where history = 'scorecard_history' and scan_id = ?"
    found = con.execute(scored, [scan_id]).fetchone()
    if found is None:
        return []
    about = {"at": found[0]}
    scorecards = f"(select *, $at as assessed_at from ({as_of(SCORECARDS)}))"  # noqa: S608  (SQL of ours)
    cards = rows(con, _CARDS.format(join="inner", scorecards=scorecards, which="true"), about, Card)
    return _with_rules(cards, con, as_of(RULE_RESULTS), about)


class _Said(msgspec.Struct, frozen=True, kw_only=True):
    """What the catalogue says of a rule; nothing of one that it no longer has."""

    rule_id: str
    place: int = _LAST
    pack: str = "gone"
    pack_title: str = "Rules that are judged no more"
    title: str
    severity: str = "unknown"
    weight: int = 1
    owed_by: tuple[Kind, ...] = ()
    recommended_to: tuple[Kind, ...] = ()
    remediation: str = ""
    source: str = ""
    source_url: str = ""


def _with_rules(cards: list[Card], con: Connection, results: str, about: dict[str, Any]) -> list[Card]:
    """Add to each card its rules in the order of the catalogue; ``results`` is SQL without anything from outside."""
    said = {each.rule_id: each for each in rows(con, "from rules", {}, _Said)}
    kinds = {card.tenant_id: card.kind for card in cards}
    lines: dict[str, list[RuleLine]] = {}
    columns = "rule_id, tenant_id, result, true_result, reason, in_scope, failing, accepted, unknown"
    for rule_id, tenant_id, *rest in con.execute(f"select {columns} from ({results})", about).fetchall():  # noqa: S608
        if tenant_id in kinds:
            rule = said.get(rule_id) or _Said(rule_id=rule_id, title=rule_id)
            lines.setdefault(tenant_id, []).append(_line(rule, kinds[tenant_id], *rest))
    return [
        msgspec.structs.replace(card, rules=tuple(sorted(lines.get(card.tenant_id, ()), key=_place))) for card in cards
    ]


def _place(line: RuleLine) -> tuple[int, str]:
    return line.place, line.rule_id


def _line(  # noqa: PLR0917  (the columns of a row)
    rule: _Said,
    kind: Kind,
    result: str,
    true_result: str,
    reason: str,
    in_scope: int,
    failing: int,
    accepted: int,
    unknown: int,
) -> RuleLine:
    return RuleLine(
        place=rule.place,
        rule_id=rule.rule_id,
        pack=rule.pack,
        pack_title=rule.pack_title,
        title=rule.title,
        severity=rule.severity,
        weight=rule.weight,
        duty="owed" if kind in rule.owed_by else "recommended" if kind in rule.recommended_to else "",
        result=result,
        true_result=true_result,
        reason=reason,
        in_scope=in_scope,
        failing=failing,
        accepted=accepted,
        unknown=unknown,
        remediation=rule.remediation,
        source=rule.source,
        source_url=rule.source_url,
    )
