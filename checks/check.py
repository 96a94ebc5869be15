"""Hold the evidence of every tenant against every rule, and record results and findings."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import structlog

from checks import canary
from checks.decide import Counts, Decision, Inputs, Unread, decide
from checks.errors import CheckError
from checks.expectations import Answer, ask, suites_of
from checks.newest import newest_scan
from checks.rule import Rule
from checks.rules import rules
from checks.waivers import record as waivers
from checks.waivers.matching import Matches, match
from collectors.config import Config
from collectors.declare import Kind
from collectors.files import replace
from collectors.private import private_folder
from warehouse.engine import Connection, sqlalchemy_source, writer
from warehouse.results import Finding, RuleResult, record_findings, record_rule_results

log = structlog.get_logger(__name__)

# Beside the published file: each suite and its results, as Great Expectations reads them back.
FOLDER = "great_expectations"


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


def check(config: Config, catalogue: Sequence[Rule] | None = None) -> Summary:
    """Judge every rule of ``catalogue`` (all) in every tenant, as of the newest scan; again gives the same rows.

    Raises :class:`~checks.errors.CheckError` where Great Expectations cannot be believed or no scan was loaded, and
    :class:`~warehouse.engine.WarehouseBusy`: then nothing is written.
    """
    judged = rules() if catalogue is None else tuple(catalogue)
    with writer(config.warehouse) as con:
        # It reads the file that this replaces at the end: the same rows, and nobody else writes meanwhile.
        answers = ask(sqlalchemy_source(config.warehouse), [canary.SUITE, *suites_of(judged)])
        canary.listen(answers.by_id)
        facts = _facts(con)
        accepted = match(con, config, judged, facts, {rule.id for rule in judged if answers.by_id[rule.id].error})
        decisions = {
            (rule.id, tenant_id): decide(rule, _inputs(facts, rule, tenant_id, answers.by_id[rule.id], accepted))
            for rule in judged
            for tenant_id in facts.kinds
        }
        findings = [finding for rule in judged for finding in _findings(con, rule, decisions)]
        record_rule_results(con, facts.scan_id, [_row(*pair, decision) for pair, decision in decisions.items()])
        record_findings(con, facts.scan_id, findings, [pair for pair, each in decisions.items() if each.is_settled])
        unfit = waivers.record(con, facts.scan_id, accepted, decisions)
    _write(config.published.parent / FOLDER, answers.documents)
    errors = [f"{rule.id} could not be judged: {error}" for rule in judged if (error := answers.by_id[rule.id].error)]
    summary = Summary(
        scan_id=facts.scan_id,
        tenants=len(facts.kinds),
        rules=len(judged),
        results=dict(sorted(Counter(decision.result.value for decision in decisions.values()).items())),
        findings=len(findings),
        problems=(*errors, *unfit),
    )
    log.info("checked", scan=summary.scan_id, findings=summary.findings, problems=summary.problems, **summary.results)
    return summary


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


def _findings(con: Connection, rule: Rule, decisions: Mapping[tuple[str, str], Decision]) -> list[Finding]:
    """Return what breaks the rule where it was judged, by our own SQL, which must agree with what was counted."""
    failing = {
        tenant_id: decision.counts.failing
        for (rule_id, tenant_id), decision in decisions.items()
        if rule_id == rule.id and decision.counts.in_scope
    }
    if not failing:
        return []
    columns = dict.fromkeys(
        ("tenant_id", "resource_type", "resource_id", "resource_name", "account_id", *rule.reason_columns)
    )
    # Names only, each of them checked when the rule was declared.
    cursor = con.execute(
        f"select {', '.join(columns)} from evidence.{rule.evidence} "  # noqa: S608
        f"where {rule.expect.fails} and tenant_id in (select unnest($tenants)) order by tenant_id, resource_id",
        {"tenants": list(failing)},
    )
    rows = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    found = Counter(row["tenant_id"] for row in rows)
    for tenant_id, count in failing.items():
        if found[tenant_id] != count:
            msg = (
                f"{rule.id} in {tenant_id}: Great Expectations counted {count} failing, SQL {found[tenant_id]}: "
                f"nothing was written. Compare the two over the view evidence.{rule.evidence}."
            )
            raise CheckError(msg)
    return [
        Finding(
            rule_id=rule.id,
            tenant_id=row["tenant_id"],
            resource_type=row["resource_type"],
            resource_id=row["resource_id"],
            resource_name=row["resource_name"],
            account_id=row["account_id"],
            reason=rule.explain(row),
            remediation=rule.remediation,
        )
        for row in rows
    ]


def _write(folder: Path, documents: Mapping[str, Any]) -> None:
    """Write each document so that a reader sees the old one or the new one, and drop those of suites that are gone."""
    private_folder(folder)
    for name, document in documents.items():
        replace(folder / name, f"{json.dumps(document, indent=1)}\n".encode())
    for path in folder.glob("*.json"):
        if path.name not in documents:
            path.unlink()
