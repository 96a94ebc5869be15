"""Findings as tests write them, and as SQL, as the warehouse takes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, field, fields

from warehouse.engine import literal
from warehouse.results import Found


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that breaks one rule. With ``concerned`` it is about a cause: their accounts are concerned."""

    rule_id: str
    tenant_id: str
    resource_type: str
    resource_id: str
    resource_name: str | None = None
    account_id: str | None = None
    reason: str
    remediation: str
    concerned: tuple[str, ...] = field(default=())


_NAMES = [each.name for each in fields(Finding)][:-1]


def found(findings: Iterable[Finding]) -> list[Found]:
    """Return each finding as SQL."""
    return [Found(_row(each), _accounts(each) if each.concerned else None) for each in findings]


def _row(finding: Finding) -> str:
    values: Mapping[str, str | None] = dict(zip(_NAMES, astuple(finding), strict=False))
    count = len(finding.concerned) or int(finding.account_id is not None)
    columns = [f"{'null' if value is None else literal(value)}::varchar as {name}" for name, value in values.items()]
    return f"select {', '.join(columns)}, {count} as accounts"


def _accounts(finding: Finding) -> str:
    about = (finding.rule_id, finding.tenant_id, finding.resource_type, finding.resource_id)
    rows = ", ".join(f"({', '.join(map(literal, (*about, who)))})" for who in finding.concerned)
    return f"select * from (values {rows}) as rows (rule_id, tenant_id, cause_type, cause_id, account_id)"
