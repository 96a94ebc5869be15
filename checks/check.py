"""Hold the evidence of every tenant against every rule, and record results and findings."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
import structlog

from checks import canary, documents
from checks.decide import Counts, Decision, Inputs, Unread, decide
from checks.errors import CheckError
from checks.expectations import Answer, Answers, ask, suite_of
from checks.findings import accounts, breaking, by_evidence, findings, lacking, selects
from checks.newest import newest_scan
from checks.rule import Pack, Rule
from checks.rules import packs_of
from checks.waivers import exceptions
from checks.waivers import record as waivers
from checks.waivers.matching import Matches, match
from collectors.catalogue import catalogue
from collectors.config import Config
from collectors.declare import Kind
from warehouse import bulk
from warehouse.engine import Connection, literal, transaction, writer
from warehouse.evidence import Kept, kept, table
from warehouse.preparation import note
from warehouse.results import Found, RuleResult, RuleRow, record_findings, record_rule_results, record_rules
from warehouse.views import create_evidence

log = structlog.get_logger(__name__)


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What a judgement came to. ``results`` counts pairs of rule and tenant; ``problems`` are sentences to act on."""

    scan_id: str
    tenants: int
    rules: int
    results: dict[str, int]
    findings: int
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Facts:
    """What the decisions need to know of the scan besides the evidence."""

    scan_id: str
    as_of: datetime
    kinds: Mapping[str, Kind]
    unread: Mapping[tuple[str, str], Unread]
    complete: frozenset[tuple[str, str]]

    def unread_of(self, rule: Rule, tenant_id: str) -> tuple[Unread, ...]:
        """Return the datasets the rule needs of which the tenant's newest attempt was not complete, or never was."""
        pairs = [(tenant_id, dataset) for dataset in rule.needs]
        return tuple(
            self.unread.get(pair) or Unread(dataset=pair[1], state="not installed")
            for pair in pairs
            if pair not in self.complete
        )


def check(config: Config, chosen: Sequence[Pack] | None = None) -> Summary:
    """Judge the rules of the ``chosen`` packs (all) in every tenant, as of the newest scan; again gives the same.

    Raises :class:`~checks.errors.CheckError` where Great Expectations cannot be believed or no scan was loaded, and
    :class:`~warehouse.engine.WarehouseBusy`: then nothing is written.
    """
    packs = packs_of(config) if chosen is None else tuple(chosen)
    judged = [rule for pack in packs for rule in pack.rules]
    if not config.warehouse.exists():
        msg = f"{config.warehouse}: there is no warehouse yet. Run `rollcall scan` first."
        raise CheckError(msg)
    with writer(config.warehouse) as con:
        facts = _facts(con)
        wrong = _own_evidence(con, packs)
        with kept(con, selects(judged)) as evidence:
            answers = _answers(evidence, packs, {**evidence.broken, **wrong})
            broken = {rule.id for rule in judged if answers.by_id[rule.id].error}
            accepted = match(con, config, judged, facts, broken)
            decisions = {
                (rule.id, tenant_id): decide(rule, _inputs(facts, rule, tenant_id, answers.by_id[rule.id], accepted))
                for rule in judged
                for tenant_id in facts.kinds
            }
            with evidence.attached(con):
                found = _found(con, judged, decisions)
                record_rule_results(con, facts.scan_id, [_row(*pair, decision) for pair, decision in decisions.items()])
                settled = [pair for pair, each in decisions.items() if each.is_settled]
                open_now, _ = record_findings(con, facts.scan_id, found, settled)
        record_rules(con, rule_rows(packs))
        unfit = waivers.record(con, facts.scan_id, accepted, decisions)
        unfit += exceptions.record(con, facts.scan_id, config, facts)
    documents.write(config, answers.documents)
    errors = [f"{rule.id} could not be judged: {error}" for rule in judged if (error := answers.by_id[rule.id].error)]
    summary = Summary(
        scan_id=facts.scan_id,
        tenants=len(facts.kinds),
        rules=len(judged),
        results=dict(sorted(Counter(decision.result.value for decision in decisions.values()).items())),
        findings=open_now,
        problems=(*errors, *unfit),
    )
    log.info("checked", scan=summary.scan_id, findings=summary.findings, problems=summary.problems, **summary.results)
    return summary


def _own_evidence(con: Connection, packs: Sequence[Pack]) -> dict[str, str]:
    """Make the views of the packs' own evidence; return what is wrong with it, by name."""
    with transaction(con):
        wrong = create_evidence(con, {name: sql for pack in packs for name, sql in pack.evidence.items()})
        note(con, catalogue())  # or the next load would take it for a change of the program
    theirs = {name for pack in packs for name in pack.evidence} - wrong.keys()
    return wrong | lacking(con, [rule for pack in packs for rule in pack.rules if rule.evidence in theirs])


def _answers(evidence: Kept, packs: Sequence[Pack], broken: Mapping[str, str]) -> Answers:
    """Ask Great Expectations; what is asked of evidence that is ``broken`` has what is wrong with it as its error."""
    asked = [
        dataclasses.replace(pack, rules=able)
        for pack in packs
        if (able := tuple(rule for rule in pack.rules if rule.evidence not in broken))
    ]
    answers = ask(evidence.source, [canary.SUITE, *map(suite_of, asked)])
    canary.listen(answers.by_id)
    errors = {
        rule.id: Answer(error=broken[rule.evidence]) for pack in packs for rule in pack.rules if rule.evidence in broken
    }
    return Answers({**answers.by_id, **errors}, answers.documents)


def _facts(con: Connection) -> Facts:
    scan = newest_scan(con)
    unread, complete = {}, set()
    for tenant_id, dataset, is_usable, state, message, last_complete_at in con.execute(
        "select tenant_id, dataset, is_usable, state, message, last_complete_at from source_state"
    ).fetchall():
        if is_usable:
            complete.add((tenant_id, dataset))
        else:
            unread[tenant_id, dataset] = Unread(
                dataset=dataset, state=state, message=message, last_complete_at=last_complete_at
            )
    kinds = dict(con.execute("select tenant_id, kind from tenants order by tenant_id").fetchall())
    return Facts(scan.scan_id, scan.scanned_at, kinds, unread, frozenset(complete))


def _inputs(facts: Facts, rule: Rule, tenant_id: str, answer: Answer, accepted: Matches) -> Inputs:
    by_account = accepted.by_account(rule.id, tenant_id).values()
    return Inputs(
        kind=facts.kinds[tenant_id],
        counts=answer.counts.get(tenant_id, Counts()),
        unread=facts.unread_of(rule, tenant_id),
        error=answer.error,
        waiver=accepted.whole(rule.id, tenant_id),
        accepted=sum(failing for _, failing in by_account),
        by=tuple({waiver.waiver_id: waiver for waiver, _ in by_account}.values()),
    )


def _row(rule_id: str, tenant_id: str, decision: Decision) -> RuleResult:
    return RuleResult(
        rule_id=rule_id,
        tenant_id=tenant_id,
        result=decision.result.value,
        in_scope=decision.counts.in_scope,
        failing=decision.counts.failing,
        unknown=decision.counts.unknown,
        reason=decision.reason,
        accepted=decision.accepted,
        true_result=decision.true_result.value,
    )


class _Told(msgspec.Struct):
    rule_id: str
    tenant_id: str
    failing: int


def _found(con: Connection, judged: Sequence[Rule], decisions: Mapping[tuple[str, str], Decision]) -> list[Found]:
    """Return what breaks each rule where it was judged, as SQL of our own, which must agree with what was counted."""
    con.execute("create or replace temp table told (rule_id varchar, tenant_id varchar, failing bigint)")
    told = [_Told(*pair, each.counts.failing) for pair, each in decisions.items() if each.counts.in_scope]
    bulk.insert(con, "told", _Told, told)
    was_judged = {each.rule_id for each in told}
    is_broken = {each.rule_id for each in told if each.failing}
    for rule in judged:
        if rule.id in was_judged - is_broken:
            _compare(con, rule, table(rule.evidence))
    found = []
    for place, (evidence, rules) in enumerate(by_evidence(rule for rule in judged if rule.id in is_broken).items()):
        # From the view once more, for what breaks rules only: the names of all who break none are never written.
        broken = f"breaking_{place}"
        con.execute(f"create or replace temp table {broken} as {breaking(evidence, rules)}")
        types = {name: type_ for name, type_, *_ in con.execute(f"describe {broken}").fetchall()}
        for rule in rules:
            _compare(con, rule, broken)
            told_here = f"(from {broken} semi join (from told where rule_id = {literal(rule.id)}) using (tenant_id))"
            by_cause = accounts(rule, told_here) if rule.is_told_by_cause else None
            found.append(Found(findings(rule, told_here, types), by_cause))
    return found


def _compare(con: Connection, rule: Rule, evidence: str) -> None:
    """Raise :class:`CheckError` unless SQL counts what Great Expectations counted, in every tenant that was judged."""
    differing = con.execute(
        f"""
        select tenant_id, told.failing, coalesce(counted.failing, 0)
        from told
        left join (
            select tenant_id, count(*) as failing from {evidence} where {rule.expect.fails} group by all
        ) as counted using (tenant_id)
        where rule_id = $rule_id and told.failing <> coalesce(counted.failing, 0)
        order by tenant_id
        """,  # noqa: S608  (SQL of ours)
        {"rule_id": rule.id},
    ).fetchall()
    for tenant_id, counted, found in differing:
        msg = (
            f"{rule.id} in {tenant_id}: Great Expectations counted {counted} failing, SQL {found}: "
            f"nothing was written. The evidence {rule.evidence} must give the same rows whenever it is asked."
        )
        raise CheckError(msg)


def rule_rows(packs: Sequence[Pack]) -> list[RuleRow]:
    """Return what the rules say of themselves, in the order of the catalogue."""
    pairs = [(pack, rule) for pack in packs for rule in pack.rules]
    return [
        RuleRow(
            place=place,
            rule_id=rule.id,
            pack=pack.name,
            pack_title=pack.title,
            title=rule.title,
            description=rule.description,
            severity=rule.severity.value,
            weight=rule.weight,
            owed_by=tuple(sorted(rule.owed_by)),
            recommended_to=tuple(sorted(rule.recommended_to)),
            evidence=rule.evidence,
            requirement=rule.expect.words,
            needs=rule.needs,
            source=rule.source.document,
            source_url=rule.source.url,
            source_clause=rule.source.clause,
            source_read_on=rule.source.read_on,
            remediation=rule.remediation,
        )
        for place, (pack, rule) in enumerate(pairs)
    ]
