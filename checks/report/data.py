"""What a tenant's page shows beside its scorecard, read from the published file with an open read-only connection."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime

import msgspec

from checks.explain.dossier import dossiers
from checks.explain.explain import explain
from checks.explain.explanation import Explanation
from checks.report import trend
from checks.report.cards import Card
from checks.report.rows import grouped
from checks.report.trend import Point
from collectors.config import Config
from warehouse.engine import Connection

SHOWN_FINDINGS = 100
SHOWN_CONCERNED = 5
SHOWN_CHANGES = 30
SHOWN_EXPLANATIONS = 10  # a page stays one that opens, however many accounts a tenant has
_SEVERITIES = ("high", "medium", "low", "unknown")


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that breaks a rule, or one cause for which many do.

    ``accounts`` is how many accounts it concerns; ``concerned`` names the first of them, where it is a cause. It
    ``is_accepted`` as a whole, or for ``accepted_accounts`` of them.
    """

    finding_id: str
    rule_id: str
    severity: str
    tenant_id: str
    resource_type: str
    resource_id: str
    resource_name: str | None
    account_id: str | None
    accounts: int
    first_seen_at: datetime
    accepted_until: date | None
    accepted_accounts: int
    is_accepted: bool
    reason: str
    concerned: tuple[str, ...] = ()


class WaiverLine(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody accepted of a tenant. ``covers`` so many things that break the rule now."""

    rule_id: str
    owner: str
    reason: str
    approver: str
    begins_on: date
    ends_on: date
    state: str
    problem: str
    covers: int


class ChangeLine(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was otherwise in the scan before, and how many accounts it changed: of how many the verdict."""

    earlier_at: datetime
    change_type: str
    name: str
    what: str
    accounts_changed: int
    worse: int
    better: int
    unclear: int


class SourceLine(msgspec.Struct, frozen=True, kw_only=True):
    """How the newest attempt to read a dataset ended, and when it was last read whole."""

    tenant_id: str
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

    ``changes`` are the first of what was otherwise in the scan before, what made most accounts worse before the rest.
    ``explanations`` are those of the first of ``unwell_total`` accounts, the ones that are not compliant. ``partner``
    is the scorecard of the tenant that scans it, its own for a partner, and None where no scan has seen that one.
    """

    card: Card
    partner: Card | None
    findings: tuple[Finding, ...]
    findings_total: int
    changes: tuple[ChangeLine, ...]
    waivers: tuple[WaiverLine, ...]
    sources: tuple[SourceLine, ...]
    verdicts: tuple[VerdictLine, ...]
    trend: tuple[Point, ...]
    explanations: tuple[Explanation, ...]
    unwell_total: int


def details(con: Connection, config: Config, cards: Sequence[Card], every: Sequence[Card]) -> Iterator[Detail]:
    """Yield the pages of ``cards``; ``every`` has those of their partners. Reads each table once for all of them."""
    about = {"ids": [card.tenant_id for card in cards]}
    partners = {card.tenant_id: card for card in every}
    totals = dict(
        con.execute(
            "select tenant_id, count(*) from findings where tenant_id in (select unnest($ids)) group by tenant_id",
            about,
        ).fetchall()
    )
    found = grouped(con, _FINDINGS, {**about, "most": SHOWN_FINDINGS, "named": SHOWN_CONCERNED}, Finding)
    changes = grouped(con, _CHANGES, {**about, "most": SHOWN_CHANGES}, ChangeLine)
    waivers = grouped(con, _WAIVERS, about, WaiverLine)
    sources = grouped(con, _SOURCES, about, SourceLine)
    verdicts = grouped(con, _VERDICTS, about, VerdictLine)
    trends = trend.of_tenants(con, about["ids"])
    unwell = grouped(con, _UNWELL, {**about, "most": SHOWN_EXPLANATIONS}, _Unwell)
    known = dossiers(con, config, [(each.tenant_id, each.account_id) for some in unwell.values() for each in some])
    for card in cards:
        worst = unwell.pop(card.tenant_id, [])
        keys = [(each.tenant_id, each.account_id) for each in worst]
        yield Detail(
            card=card,
            partner=partners.get(card.partner_id),
            findings=tuple(found.pop(card.tenant_id, ())),
            findings_total=totals.get(card.tenant_id, 0),
            changes=tuple(changes.pop(card.tenant_id, ())),
            waivers=tuple(waivers.pop(card.tenant_id, ())),
            sources=tuple(sources.pop(card.tenant_id, ())),
            verdicts=tuple(verdicts.pop(card.tenant_id, ())),
            trend=trends.get(card.tenant_id, ()),
            explanations=tuple(explain(known.pop(key)) for key in keys if key in known),
            unwell_total=worst[0].total if worst else 0,
        )


_FINDING = """
    select
        f.finding_id, f.rule_id, coalesce(r.severity, 'unknown') as severity, f.tenant_id, f.resource_type,
        f.resource_id, f.resource_name, f.account_id, f.accounts, f.first_seen_at,
        w.accepted_until, coalesce(w.accepted_accounts, 0) as accepted_accounts,
        coalesce(w.is_whole, false) as is_accepted, f.reason, f.remediation
    from findings as f
    left join rules as r on f.rule_id = r.rule_id
    left join waived_findings as w on f.finding_id = w.finding_id
"""
_WORST_FIRST = (
    f"list_position({list(_SEVERITIES)}, severity), rule_id, lower(coalesce(resource_name, resource_id)), finding_id"
)
_FINDINGS = f"""
    with shown as (
        select * exclude (remediation) from ({_FINDING} where f.tenant_id in (select unnest($ids)))
        qualify row_number() over (partition by tenant_id order by {_WORST_FIRST}) <= $most
    ),
    named as (
        select a.finding_id, coalesce(v.display_name, v.user_principal_name, a.account_id) as name
        from finding_accounts as a
        semi join shown on a.finding_id = shown.finding_id and shown.account_id is null
        left join account_verdicts as v on a.tenant_id = v.tenant_id and a.account_id = v.account_id
        qualify row_number() over (partition by a.finding_id order by lower(name), a.account_id) <= $named
    ),
    concerned as (select finding_id, list(name order by lower(name)) as concerned from named group by finding_id)
    select shown.*, coalesce(concerned, []) as concerned
    from shown left join concerned on shown.finding_id = concerned.finding_id
    order by tenant_id, {_WORST_FIRST.replace("finding_id", "shown.finding_id")}
"""  # noqa: S608  (constants)
EVERY_FINDING = f"""
    select * from ({_FINDING} where $ids is null or f.tenant_id in (select unnest($ids::varchar[])))
    order by tenant_id, {_WORST_FIRST}
"""  # noqa: S608
_CHANGES = """
    select tenant_id, earlier_at, change_type, name, what, accounts_changed, worse, better, unclear
    from changes semi join clock on changes.scanned_at = clock.as_of
    where tenant_id in (select unnest($ids))
    qualify row_number() over (
        partition by tenant_id order by worse desc, accounts_changed desc, change_type, lower(name), change_id
    ) <= $most
    order by tenant_id, worse desc, accounts_changed desc, change_type, lower(name), change_id
"""
_WAIVERS = """
    select tenant_id, rule_id, owner, reason, approver, begins_on, ends_on, state, problem, covers
    from waivers where tenant_id in (select unnest($ids))
    order by tenant_id, list_position(['broken', 'expired', 'active', 'pending', 'unused'], state), rule_id, ends_on
"""
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
