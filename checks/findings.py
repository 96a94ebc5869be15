"""Findings as SQL: one row for each thing that breaks a rule, or for each cause for which many do.

Texts are put together by the database: of two million accounts more may fail than Python should ever hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from string import Formatter

from checks.rule import CAUSE, Rule
from warehouse.engine import Connection, identifier, literal

# What a finding is about, in the words of evidence.
ABOUT = ("resource_type", "resource_id", "resource_name", "account_id")


def selects(rules: Iterable[Rule]) -> dict[str, tuple[str, ...]]:
    """Return SQL for the evidence that is counted, by name: what is best, then what does if that cannot be asked.

    At best it is the columns that requirements read. A rule that reads a column which is not there would keep the
    others from being judged: then it is all columns as they are.
    """
    return {
        name: (f"select {_columns(_counted(asked))} from {_view(name)}", f"from {_view(name)}")  # noqa: S608  (SQL of ours)
        for name, asked in by_evidence(rules).items()
    }


def breaking(evidence: str, rules: Sequence[Rule]) -> str:
    """Return SQL for the rows of evidence that break any of these rules, with what requirements and findings read."""
    columns = _columns(dict.fromkeys((*_counted(rules), *(column for rule in rules for column in _told(rule)))))
    breaks = " or ".join(f"({rule.expect.fails})" for rule in rules)
    return f"select {columns} from {_view(evidence)} where {breaks}"  # noqa: S608  (SQL of ours)


def by_evidence(rules: Iterable[Rule]) -> dict[str, list[Rule]]:
    """Return the rules about each evidence."""
    about: dict[str, list[Rule]] = {}
    for rule in rules:
        about.setdefault(rule.evidence, []).append(rule)
    return about


def _counted(rules: Iterable[Rule]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(("tenant_id", *(column for rule in rules for column in rule.expect.columns))))


def _columns(names: Iterable[str]) -> str:
    return ", ".join(map(identifier, names))


def _view(evidence: str) -> str:
    return f"evidence.{identifier(evidence)}"


def lacking(con: Connection, rules: Iterable[Rule]) -> dict[str, str]:
    """Return what is wrong with the evidence of these rules, by name: columns that findings tell are not there."""
    wrong = {}
    for name, asked in by_evidence(rules).items():
        wanted = dict.fromkeys(("tenant_id", *(column for rule in asked for column in _told(rule))))
        there = {column for column, *_ in con.execute(f"describe {_view(name)}").fetchall()}
        if missing := [column for column in wanted if column not in there]:
            wrong[name] = f"evidence.{name} lacks {', '.join(missing)}. Select them; what is not known is null."
    return wrong


def _told(rule: Rule) -> tuple[str, ...]:
    """Return the columns that the findings of a rule read."""
    return (*ABOUT, *(CAUSE if rule.is_told_by_cause else ()), *rule.reason_columns)


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
