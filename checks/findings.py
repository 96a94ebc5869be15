"""Findings as SQL: one row for each thing that breaks a rule, or for each cause for which many do.

Texts are put together by the database: of two million accounts more may fail than Python should ever hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from string import Formatter

from checks.rule import CAUSE, Rule
from warehouse.engine import Connection, Error, identifier, literal

# What a finding is about, in the words of evidence.
ABOUT = ("resource_type", "resource_id", "resource_name", "account_id")


def columns_of(rule: Rule) -> tuple[str, ...]:
    """Return the columns of its evidence that a rule, its findings and its waivers read."""
    cause = CAUSE if rule.is_told_by_cause else ()
    return tuple(dict.fromkeys(("tenant_id", *ABOUT, *cause, *rule.expect.columns, *rule.reason_columns)))


def selects(con: Connection, rules: Iterable[Rule]) -> dict[str, str]:
    """Return SQL for the evidence that the rules need, by name: no columns that nothing reads."""
    needed: dict[str, dict[str, None]] = {}
    for rule in rules:
        needed.setdefault(rule.evidence, {}).update(dict.fromkeys(columns_of(rule)))
    return {
        name: f"select {_present(con, name, columns)} from evidence.{identifier(name)}"  # noqa: S608  (names)
        for name, columns in needed.items()
    }


def _present(con: Connection, evidence: str, columns: Iterable[str]) -> str:
    """Return those of the columns that there are: without one, the rules that read it say so, and the others do not."""
    try:
        there = {name for name, *_ in con.execute(f"describe evidence.{identifier(evidence)}").fetchall()}
    except Error:
        return "*"  # it cannot be asked: that is told where it is
    return ", ".join(identifier(name) for name in columns if name in there)


def findings(rule: Rule, evidence: str, types: Mapping[str, str]) -> str:
    """Return SQL for the findings of a rule in all tenants.

    ``evidence`` is the relation, with columns of these ``types``. Columns of the answer: those of a finding but for its
    id and times, and ``failing``, the rows of evidence that it stands for.
    """
    told = ", ".join(
        f"{value} as {name}"
        for name, value in {
            "reason": text(rule.reason, types),
            "rule_id": literal(rule.id),
            "remediation": literal(rule.remediation),
        }.items()
    )
    failing = f"select * from {evidence} where {rule.expect.fails}"  # noqa: S608  (SQL of ours)
    if not rule.is_told_by_cause:
        return f"""
            select
                tenant_id, {", ".join(ABOUT)}, {told},
                if(account_id is null, 0, 1)::bigint as accounts, 1::bigint as failing
            from ({failing})
        """  # noqa: S608
    return f"""
        select
            tenant_id, cause_type as resource_type, cause_id as resource_id, cause_name as resource_name,
            null::varchar as account_id, {told}, accounts, failing
        from (
            select
                tenant_id, {_CAUSE}, min(cause_name) as cause_name,
                count(distinct account_id) as accounts, count(*) as failing
            from ({failing})
            group by all
        )
    """  # noqa: S608


def accounts(rule: Rule, evidence: str) -> str:
    """Return SQL for the accounts behind each finding of a rule that is told by cause, by what the finding is about."""
    return f"""
        select distinct {literal(rule.id)} as rule_id, tenant_id, {_CAUSE}, account_id
        from {evidence}
        where {rule.expect.fails} and account_id is not null
    """  # noqa: S608


# Evidence that fails and does not say why is told none the less.
_CAUSE = "coalesce(cause_type, 'unknown') as cause_type, coalesce(cause_id, 'unknown') as cause_id"


def text(template: str, types: Mapping[str, str]) -> str:
    """Return SQL for a text with ``{columns}``: what is null or an empty list is called unknown."""
    parts = []
    for words, name, _, _ in Formatter().parse(template):
        if words:
            parts.append(literal(words))
        if name is not None:
            parts.append(f"coalesce({_shown(identifier(name), types[name])}, 'unknown')")
    return f"concat({', '.join(parts)})" if parts else "''"


def _shown(column: str, type_: str) -> str:
    if type_.startswith("TIMESTAMP"):
        return f"strftime({column}, '%Y-%m-%d %H:%M UTC')"
    if type_.endswith("[]"):
        return f"nullif(array_to_string({column}::varchar[], ', '), '')"
    return f"{column}::varchar"
