"""Scorecards as tables: which there are, what their columns mean, their rows. CSV and workbooks are written of them.

CSV is for spreadsheets, so its text is defused; what is faithful to the letter is JSON (:mod:`checks.report.document`).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Literal, NamedTuple

from checks.report.cards import Card
from checks.report.data import EVERY_FINDING
from checks.report.text import defused
from warehouse.engine import Connection

_PORTION = 10_000
Name = Literal["scorecards", "rules", "findings", "accounts", "sources"]


class Scope(NamedTuple):
    """What a table is about: these tenants. ``ids`` is None where they are all there are."""

    con: Connection
    cards: Sequence[Card]
    ids: tuple[str, ...] | None = None


Rows = Callable[[Scope], Iterator[Sequence[object]]]


class Table(NamedTuple):
    """A table: ``title`` is its sheet's, ``doc`` says what a row is, ``columns`` what each value means."""

    name: Name
    title: str
    doc: str
    columns: dict[str, str]
    rows: Rows


_TENANT = {"tenant_id": "The tenant.", "tenant_name": "Its name."}
_OF_CARD = {
    "tenant_id": "The tenant.",
    "name": "Its name.",
    "kind": "partner or customer.",
    "program": "The partner's programme; empty for a customer.",
    "partner_id": "The partner that scans it; its own id for a partner.",
    "last_scan_at": "When it was last read.",
    "assessed_at": "The scan that judged it.",
    "score": "0 to 100: weight of the rules that pass among those that pass or fail; empty where none was assessed.",
    "coverage": "0 to 100: weight of the rules that pass or fail among all that apply.",
    "in_scope": "Accounts that are judged: those of a partner by the contract, those of a customer by their posture.",
    "compliant": "Those that are compliant.",
    "at_risk": "Those that are at risk.",
    "non_compliant": "Those that are not compliant.",
    "indeterminate": "Those of which nobody can tell.",
    "rules_passed": "Ids of the rules that pass.",
    "rules_failed": "Ids of the rules that fail.",
    "rules_not_assessed": "Ids of the rules that could not be assessed, or ended in error.",
}  # fmt: skip


def _scorecards(scope: Scope) -> Iterator[Sequence[object]]:
    for card in scope.cards:
        ended = (card.ended("pass"), card.ended("fail"), card.ended("not_assessed", "error"))
        lists = [" ".join(line.rule_id for line in lines) for lines in ended]
        yield [*(getattr(card, name) for name in [*_OF_CARD][: -len(lists)]), *lists]


_OF_RULE = {
    **_TENANT,
    "pack": "The pack that the rule is in.",
    "rule_id": "The rule; its version is part of the id.",
    "title": "What the rule asks.",
    "severity": "How bad it is that it does not hold: high, medium or low.",
    "weight": "Its share in score and coverage.",
    "duty": "owed or recommended; empty where it is not for tenants of this kind.",
    "result": "pass, fail, not_assessed, not_applicable, waived or error.",
    "true_result": "The result that there would be without waivers: score and coverage count this one.",
    "reason": "Why it is not assessed, not applicable, waived or in error.",
    "in_scope": "Things judged.",
    "failing": "Those that break the rule, accepted or not.",
    "accepted": "Those of them that waivers accept.",
    "unknown": "Those of which the needed fact could not be read.",
    "remediation": "What to do.",
}


def _rules(scope: Scope) -> Iterator[Sequence[object]]:
    for card in scope.cards:
        for line in card.rules:
            yield [card.tenant_id, card.name, *(getattr(line, name) for name in [*_OF_RULE][2:])]


_OF_FINDING = {
    "finding_id": "The same in every scan.",
    "rule_id": "The rule that it breaks.",
    "severity": "That of the rule.",
    "tenant_id": "The tenant.",
    "resource_type": "What kind of thing it is: account, tenant, gdap_relationship, ...",
    "resource_id": "Its id.",
    "resource_name": "Its name.",
    "account_id": "Its id, where it is an account.",
    "accounts": "How many accounts it concerns: one that is an account 1, a cause as many as it is the cause of.",
    "first_seen_at": "The first scan that found it.",
    "accepted_until": "The last day (UTC) on which a waiver accepts it; empty where none does.",
    "accepted_accounts": "How many of its accounts are accepted.",
    "is_accepted": "Whether all of it is accepted, and not only some of its accounts.",
    "reason": "How it breaks the rule.",
    "remediation": "What to do.",
}


def _findings(scope: Scope) -> Iterator[Sequence[object]]:
    sql = f"select {', '.join(_OF_FINDING)} from ({EVERY_FINDING})"  # noqa: S608  (names of ours)
    return _asked(scope, sql)


_OF_ACCOUNT = {
    **_TENANT,
    "account_id": "Object id of the user.",
    "user_principal_name": "Name the user signs in with.",
    "display_name": "Name shown to people.",
    "contract_scope": "in_scope, or why not: out_disabled, out_sync_account, out_customer_tenant or out_cloud.",
    "contract_verdict": "compliant, at_risk, non_compliant, indeterminate or not_applicable.",
    "customer_posture": "The same words for a customer's account, where MFA is recommended, not owed.",
    "exposure": "Where Microsoft itself demands MFA of it; it never changes the verdict.",
    "protected_by": "What demands MFA of it: policies, security defaults, per-user MFA.",
    "required": "Whether every sign-in of it is asked for MFA: full, partial, none or unknown.",
    "registered": "Whether it has a method to answer with.",
    "proof": "Whether a sign-in showed it.",
    "reasons": "Codes of what led to the verdict; docs/verdicts.md explains them.",
    "counterexample": "A sign-in that no policy asks for MFA, in words.",
    "confidence": "high, medium or low.",
}  # fmt: skip


def _accounts(scope: Scope) -> Iterator[Sequence[object]]:
    columns = ", ".join(f"v.{name}" for name in [*_OF_ACCOUNT][2:])
    return _asked(
        scope,
        f"select v.tenant_id, t.name as tenant_name, {columns} "  # noqa: S608  (names of ours)
        "from account_verdicts as v inner join tenants as t on v.tenant_id = t.tenant_id "
        "where $ids is null or v.tenant_id in (select unnest($ids::varchar[])) "
        "order by v.tenant_id, lower(v.user_principal_name), v.account_id",
    )


_OF_SOURCE = {
    **_TENANT,
    "dataset": "What was to be read.",
    "state": "How the newest attempt ended: complete, partial, not_licensed, not_permitted, failed or skipped.",
    "code": "Microsoft's code of what went wrong, or ours.",
    "message": "What went wrong.",
    "last_complete_at": "When it was last read whole; empty if it never was.",
    "is_stale": "Whether what is kept is older than the newest attempt: no verdict and no rule rests on it.",
}


def _sources(scope: Scope) -> Iterator[Sequence[object]]:
    columns = ", ".join(f"s.{name}" for name in [*_OF_SOURCE][2:])
    return _asked(
        scope,
        f"select s.tenant_id, t.name as tenant_name, {columns} "  # noqa: S608  (names of ours)
        "from source_state as s inner join tenants as t on s.tenant_id = t.tenant_id "
        "where $ids is null or s.tenant_id in (select unnest($ids::varchar[])) order by s.tenant_id, s.dataset",
    )


TABLES: dict[Name, Table] = {
    table.name: table
    for table in (
        Table("scorecards", "Scorecards", "One row per tenant.", _OF_CARD, _scorecards),
        Table("rules", "Rules", "One row per tenant and rule.", _OF_RULE, _rules),
        Table("findings", "Findings", "One row per open finding, the most severe first.", _OF_FINDING, _findings),
        Table("accounts", "Accounts", "One row per account.", _OF_ACCOUNT, _accounts),
        Table("sources", "Sources", "One row per tenant and dataset that it should have.", _OF_SOURCE, _sources),
    )
}  # fmt: skip


def _asked(scope: Scope, sql: str) -> Iterator[Sequence[object]]:
    """Yield the rows of a query in portions, however many there are. Ask nothing else of the connection meanwhile."""
    cursor = scope.con.execute(sql, {"ids": None if scope.ids is None else list(scope.ids)})
    while portion := cursor.fetchmany(_PORTION):
        yield from portion


def csv_lines(name: Name, scope: Scope) -> Iterator[str]:
    """Yield a table as CSV in portions of whole lines: defused text, times in ISO 8601 (UTC), lists with commas."""
    table = TABLES[name]
    return _lines([*table.columns], table.rows(scope))


def _lines(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
    writer.writerow(columns)
    source = iter(rows)
    while portion := [*islice(source, _PORTION)]:
        # Of millions of cells nearly all are text that needs nothing: those are told apart without a call.
        writer.writerows(
            [
                value if value.__class__ is str and value.isprintable() and value[:1].isalnum() else _cell(value)
                for value in row
            ]
            for row in portion
        )
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _cell(value: object) -> object:  # noqa: PLR0911  (one line a type)
    if isinstance(value, str):
        return defused(value)
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return defused(", ".join(map(str, value)))
    return value
