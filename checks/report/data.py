"""What the pages show, read from the published file. Every function takes an open read-only connection."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from checks.explain.dossier import dossiers
from checks.explain.explain import explain
from checks.explain.explanation import Explanation
from checks.rule import Rule
from checks.rules import rules
from collectors.config import Config
from collectors.declare import Kind
from warehouse.engine import Connection
from warehouse.validity import RULE_RESULTS, SCORECARDS, as_of

SHOWN_FINDINGS = 200
SHOWN_EXPLANATIONS = 25  # a page stays one that opens, however many accounts a tenant has
_SEVERITIES = ("high", "medium", "low", "unknown")
_T = TypeVar("_T")


class RuleLine(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a rule in a tenant. ``duty`` is owed or recommended, empty where the rule is not for its kind."""

    rule_id: str
    title: str
    severity: str
    duty: str
    result: str
    reason: str
    in_scope: int
    failing: int
    unknown: int
    remediation: str


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

    @property
    def was_missed(self) -> bool:
        """Whether the scan that judged it did not read it: the facts are older."""
        return self.assessed_at is not None and self.last_scan_at < self.assessed_at


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that breaks a rule."""

    finding_id: str
    rule_id: str
    severity: str
    tenant_id: str
    resource_type: str
    resource_id: str
    resource_name: str | None
    account_id: str | None
    first_seen_at: datetime
    reason: str
    remediation: str


class SourceLine(msgspec.Struct, frozen=True, kw_only=True):
    """How the newest attempt to read a dataset ended, and when it was last read whole."""

    dataset: str
    state: str
    code: str
    message: str
    last_complete_at: datetime | None
    is_stale: bool


class VerdictLine(msgspec.Struct, frozen=True, kw_only=True):
    """How many accounts have a verdict (of a customer: a posture), and for which reasons; one may have several."""

    verdict: str
    accounts: int
    reasons: tuple[tuple[str, int], ...]


class _Unwell(msgspec.Struct, frozen=True, kw_only=True):
    """An account that is not compliant, one of ``total`` in its tenant."""

    tenant_id: str
    account_id: str
    total: int


class Detail(msgspec.Struct, frozen=True, kw_only=True):
    """All of a tenant's page. ``findings`` are the first of ``findings_total``, the most severe before the others.

    ``explanations`` are those of the first of ``unwell_total`` accounts, the ones that are not compliant.
    """

    card: Card
    findings: tuple[Finding, ...]
    findings_total: int
    sources: tuple[SourceLine, ...]
    verdicts: tuple[VerdictLine, ...]
    explanations: tuple[Explanation, ...]
    unwell_total: int
    customers: tuple[Card, ...]


_CARDS = """
    select
        t.tenant_id, t.name, t.kind, t.program, t.partner_id, t.last_scan_at,
        s.assessed_at, s.score, coalesce(s.coverage, 0.0) as coverage, coalesce(s.in_scope, 0) as in_scope,
        coalesce(s.compliant, 0) as compliant, coalesce(s.at_risk, 0) as at_risk,
        coalesce(s.non_compliant, 0) as non_compliant, coalesce(s.indeterminate, 0) as indeterminate
    from tenants as t
    left join tenants as p on t.partner_id = p.tenant_id
    {join} join {scorecards} as s on t.tenant_id = s.tenant_id
    where $around is null or t.tenant_id = $around or t.partner_id = $around
    order by lower(coalesce(p.name, t.partner_id)), t.partner_id, t.kind <> 'partner', lower(t.name), t.tenant_id
"""


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
    cards = _rows(con, _CARDS.format(join="left", scorecards="scorecards"), about, Card)
    return _with_rules(cards, con, _RESULTS_AROUND, about)


def fleet_of_scan(con: Connection, scan_id: str) -> list[Card]:
    """Return the scorecards that a scan left behind, in the order of :func:`fleet`; none of a scan nobody scored."""
    scored = "select scanned_at from recordings where history = 'scorecard_history' and scan_id = ?"
    found = con.execute(scored, [scan_id]).fetchone()
    if found is None:
        return []
    about = {"at": found[0]}
    scorecards = f"(select *, $at as assessed_at from ({as_of(SCORECARDS)}))"  # noqa: S608  (SQL of ours)
    cards = _rows(con, _CARDS.format(join="inner", scorecards=scorecards), {**about, "around": None}, Card)
    return _with_rules(cards, con, as_of(RULE_RESULTS), about)


def details(con: Connection, config: Config, cards: Sequence[Card], every: Sequence[Card]) -> list[Detail]:
    """Return the pages of ``cards``; ``every`` is the fleet they belong to. Reads each table once for all of them."""
    about = {"ids": [card.tenant_id for card in cards]}
    totals = dict(
        con.execute(
            "select tenant_id, count(*) from findings where tenant_id in (select unnest($ids)) group by tenant_id",
            about,
        ).fetchall()
    )
    found = _grouped(con, _FINDINGS, {**about, **severities(), "most": SHOWN_FINDINGS}, Finding)
    sources = _grouped(con, _SOURCES, about, SourceLine)
    verdicts = _grouped(con, _VERDICTS, about, VerdictLine)
    unwell = _grouped(con, _UNWELL, {**about, "most": SHOWN_EXPLANATIONS}, _Unwell)
    known = dossiers(con, config, [(each.tenant_id, each.account_id) for some in unwell.values() for each in some])
    return [
        Detail(
            card=card,
            findings=tuple(found.get(card.tenant_id, ())),
            findings_total=totals.get(card.tenant_id, 0),
            sources=tuple(sources.get(card.tenant_id, ())),
            verdicts=tuple(verdicts.get(card.tenant_id, ())),
            explanations=tuple(
                explain(known[key])
                for each in unwell.get(card.tenant_id, ())
                if (key := (each.tenant_id, each.account_id)) in known
            ),
            unwell_total=unwell[card.tenant_id][0].total if card.tenant_id in unwell else 0,
            customers=_customers_of(card, every),
        )
        for card in cards
    ]


def _customers_of(card: Card, every: Sequence[Card]) -> tuple[Card, ...]:
    if card.kind != "partner":
        return ()
    return tuple(other for other in every if other.partner_id == card.tenant_id and other.kind == "customer")


_FINDING = """
    select
        f.finding_id, f.rule_id, coalesce(r.severity, 'unknown') as severity, f.tenant_id, f.resource_type,
        f.resource_id, f.resource_name, f.account_id, f.first_seen_at, f.reason, f.remediation
    from findings as f
    left join (select unnest($rule_ids) as rule_id, unnest($severities) as severity) as r on f.rule_id = r.rule_id
"""
_WORST_FIRST = (
    f"list_position({list(_SEVERITIES)}, severity), rule_id, lower(coalesce(resource_name, resource_id)), finding_id"
)
_FINDINGS = f"""
    select * from ({_FINDING} where f.tenant_id in (select unnest($ids)))
    qualify row_number() over (partition by tenant_id order by {_WORST_FIRST}) <= $most
    order by tenant_id, {_WORST_FIRST}
"""  # noqa: S608  (constants)
EVERY_FINDING = f"select * from ({_FINDING}) order by tenant_id, {_WORST_FIRST}"  # noqa: S608
_SOURCES = """
    select tenant_id, dataset, state, code, message, last_complete_at, coalesce(is_stale, false) as is_stale
    from source_state where tenant_id in (select unnest($ids)) order by tenant_id, dataset
"""
_VERDICTS = """
    with judged as (
        select tenant_id, coalesce(customer_posture, contract_verdict) as verdict, reasons
        from account_verdicts where tenant_id in (select unnest($ids))
    ),
    told as (
        select tenant_id, verdict, reason, count(*) as accounts
        from (select tenant_id, verdict, unnest(reasons) as reason from judged)
        group by all
    )
    select
        j.tenant_id, j.verdict, j.accounts,
        coalesce(list([t.reason, t.accounts::varchar] order by t.accounts desc, t.reason)
            filter (where t.reason is not null), []) as reasons
    from (select tenant_id, verdict, count(*) as accounts from judged group by all) as j
    left join told as t on j.tenant_id = t.tenant_id and j.verdict = t.verdict
    group by j.tenant_id, j.verdict, j.accounts
    order by
        j.tenant_id,
        list_position(['non_compliant', 'at_risk', 'indeterminate', 'compliant', 'not_applicable'], j.verdict)
"""
# The worst first: what is urgent, then by verdict, then by name.
_UNWELL = """
    select tenant_id, account_id, count(*) over (partition by tenant_id) as total
    from account_verdicts
    where tenant_id in (select unnest($ids))
        and coalesce(customer_posture, contract_verdict) not in ('compliant', 'not_applicable')
    qualify row_number() over (
        partition by tenant_id
        order by
            severity is distinct from 'high',
            list_position(
                ['non_compliant', 'at_risk', 'indeterminate'], coalesce(customer_posture, contract_verdict)
            ),
            lower(user_principal_name), account_id
    ) <= $most
    order by
        tenant_id, severity is distinct from 'high',
        list_position(['non_compliant', 'at_risk', 'indeterminate'], coalesce(customer_posture, contract_verdict)),
        lower(user_principal_name), account_id
"""


def severities() -> dict[str, list[str]]:
    """Return the parameters of :data:`EVERY_FINDING`."""
    every = rules()
    return {"rule_ids": [rule.id for rule in every], "severities": [str(rule.severity) for rule in every]}


def _with_rules(cards: list[Card], con: Connection, results: str, about: dict[str, Any]) -> list[Card]:
    """Add to each card its rules in the order of the catalogue; ``results`` is SQL without anything from outside."""
    known = {rule.id: (at, rule) for at, rule in enumerate(rules())}
    kinds = {card.tenant_id: card.kind for card in cards}
    lines: dict[str, list[tuple[int, str, RuleLine]]] = {}
    columns = "rule_id, tenant_id, result, reason, in_scope, failing, unknown"
    for rule_id, tenant_id, *rest in con.execute(f"select {columns} from ({results})", about).fetchall():  # noqa: S608
        if tenant_id in kinds:
            at, rule = known.get(rule_id, (len(known), None))
            lines.setdefault(tenant_id, []).append((at, rule_id, _line(rule_id, rule, kinds[tenant_id], rest)))
    return [
        msgspec.structs.replace(
            card, rules=tuple(line for *_, line in sorted(lines.get(card.tenant_id, ()), key=_place))
        )
        for card in cards
    ]


def _place(placed: tuple[int, str, RuleLine]) -> tuple[int, str]:
    return placed[:2]


def _line(rule_id: str, rule: Rule | None, kind: Kind, rest: Sequence[Any]) -> RuleLine:
    """Describe a result; of a rule that the catalogue no longer has, only its id is known."""
    result, reason, in_scope, failing, unknown = rest
    return RuleLine(
        rule_id=rule_id,
        title=rule.title if rule else rule_id,
        severity=str(rule.severity) if rule else "unknown",
        duty=(rule.duty(kind) or "") if rule else "",
        result=result,
        reason=reason,
        in_scope=in_scope,
        failing=failing,
        unknown=unknown,
        remediation=rule.remediation if rule else "",
    )


def _rows(con: Connection, sql: str, about: dict[str, Any], kind: type[_T]) -> list[_T]:
    cursor = con.execute(sql, about)
    names = [column[0] for column in cursor.description or ()]
    return [msgspec.convert(dict(zip(names, row, strict=True)), kind, strict=False) for row in cursor.fetchall()]


def _grouped(con: Connection, sql: str, about: dict[str, Any], kind: type[_T]) -> dict[str, list[_T]]:
    cursor = con.execute(sql, about)
    names = [column[0] for column in cursor.description or ()]
    groups: dict[str, list[_T]] = {}
    for row in cursor.fetchall():
        item = dict(zip(names, row, strict=True))
        groups.setdefault(item["tenant_id"], []).append(msgspec.convert(item, kind, strict=False))
    return groups
