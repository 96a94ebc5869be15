"""A small fleet, judged, checked and published for real: a partner, customers in every state, hostile names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from checks.check import rule_rows
from checks.judge import judge
from checks.rules import packs, rules
from checks.score import score
from checks.scorecards import record
from collectors.config import Config
from tests.checks.world import AS_OF, DATASETS, World, guid
from tests.judge.test_judge import defaults, domains, registration, user
from tests.warehouse.found import Finding
from tests.warehouse.found import found as as_sql
from warehouse.engine import Connection, writer
from warehouse.publish import publish
from warehouse.results import (
    RuleResult,
    Scorecard,
    record_findings,
    record_rule_results,
    record_rules,
    record_scorecards,
)
from warehouse.waivers import Waived, record_waivers

PARTNER, CUSTOMER, UNREAD, HOSTILE, MISSED = (guid(number) for number in range(1, 6))
# Markup, a template, a formula, a terminal escape, a line break and a mark that turns the direction of what follows.
EVIL = "<script>alert(1)</script>{{ 7*7 }}\x1b[31m\r\n\u202e[bold]\"'&"
FORMULA = '=HYPERLINK("http://x.example","click")'

TENANTS: list[dict[str, Any]] = [
    {
        "tenant_id": PARTNER,
        "kind": "partner",
        "partner_id": PARTNER,
        "program": "direct-bill",
        "name": "Nordlicht GmbH",
    },
    {"tenant_id": CUSTOMER, "partner_id": PARTNER, "name": "Zahnarztpraxis Dr. Müller"},
    {"tenant_id": UNREAD, "partner_id": PARTNER, "name": "Ærø Færgefart"},
    {"tenant_id": HOSTILE, "partner_id": PARTNER, "name": EVIL},
    {
        "tenant_id": MISSED,
        "partner_id": PARTNER,
        "name": FORMULA,
        "last_scan_id": "scan-0",
        "last_scan_at": "2026-10-01 02:00:00",
    },
]
_NO_PREMIUM = (
    "not_licensed",
    "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
    "Tenant has no premium licence.",
)
UNREAD_STATES = {
    "sign_ins": _NO_PREMIUM,
    "authentication_methods": _NO_PREMIUM,
    "conditional_access_policies": ("not_permitted", "Authorization_RequestDenied", f"Insufficient privileges. {EVIL}"),
}


def states_of(tenant: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return how each dataset of a tenant was read."""
    told = UNREAD_STATES if tenant["tenant_id"] == UNREAD else {}
    about = {"tenant_id": tenant["tenant_id"], "scan_id": tenant.get("last_scan_id", "scan-1")}
    names = ("state", "code", "message")
    return [
        {**about, "dataset": dataset, **dict(zip(names, told.get(dataset, ("complete", "", "")), strict=True))}
        for dataset in DATASETS
    ]


def results_of(tenant: Mapping[str, Any]) -> list[RuleResult]:
    """Return a result for every rule: some of each kind."""
    made = []
    for number, rule in enumerate(rules()):
        kind = tenant.get("kind", "customer")
        about: dict[str, Any] = {"rule_id": rule.id, "tenant_id": tenant["tenant_id"], "in_scope": 0, "failing": 0}
        if kind not in rule.kinds:
            about |= {"result": "not_applicable", "reason": "concerns partner tenants only"}
        elif tenant["tenant_id"] == UNREAD:
            about |= {"result": "not_assessed", "reason": f"sign_ins: failed: {EVIL}"}
        elif number == 0:
            about |= {"result": "fail", "in_scope": 12, "failing": 3, "unknown": 1}
        elif number == 1:
            about |= {
                "result": "waived",
                "true_result": "fail",
                "in_scope": 1,
                "failing": 1,
                "accepted": 1,
                "reason": "accepted until 2027-01-01 by Ann: migration",
            }
        else:
            about |= {"result": "pass", "in_scope": 4}
        made.append(RuleResult(**about))
    return made


LONG = "Werner von und zu Überlänge-" * 12
CAUSE = "CA001 Everyone: MFA for all resources"
CONCERNED = [f"p{number}" for number in range(9)]
WAIVER = Waived(
    waiver_id="w-1", rule_id=rules()[1].id, tenant_id=PARTNER, owner="Bo", reason="migration", approver="Ann",
    begins_on=date(2026, 11, 1), ends_on=date(2027, 1, 1), accounts=(), group_id=None, state="active", problem="",
    covers=1,
)  # fmt: skip


def findings_of(tenant_id: str, count: int, name: str = "person") -> list[Finding]:
    rule = rules()[0]
    return [
        Finding(
            rule_id=rule.id,
            tenant_id=tenant_id,
            resource_type="account",
            resource_id=f"{tenant_id}-{number}",
            resource_name=f"{name} {number:03}",
            account_id=f"{tenant_id}-{number}",
            reason=f"{name} can sign in; its registration for MFA is: none.",
            remediation=rule.remediation,
        )
        for number in range(count)
    ]


def cause() -> Finding:
    """Return a finding about one cause that nine accounts share."""
    return Finding(
        rule_id=rules()[0].id,
        tenant_id=PARTNER,
        resource_type="policy",
        resource_id="ca-1",
        resource_name=CAUSE,
        reason="The policy leaves a gap.",
        remediation="Close it.",
        concerned=tuple(CONCERNED),
    )


def record_earlier(con: Connection) -> None:
    """Record scans of before, in which fewer rules of the partner passed, one more each time."""
    for number in range(4):
        scan_id = f"scan-0{number or ''}"
        results = [
            RuleResult(
                rule_id=rule.id, tenant_id=PARTNER, result="pass" if at < number else "fail", in_scope=4, failing=1
            )
            for at, rule in enumerate(rules())
        ]
        record_rule_results(con, scan_id, results)
        points = score({each.rule_id: each.result for each in results}, {rule.id: rule.weight for rule in rules()})
        counts = dict.fromkeys(("in_scope", "compliant", "at_risk", "non_compliant", "indeterminate"), 0)
        card = Scorecard(tenant_id=PARTNER, score=points.score, coverage=points.coverage, **counts)
        record_scorecards(con, scan_id, [card])


def publish_fleet(folder: Path) -> Config:
    """Make the fleet in ``folder``, publish it and return its configuration."""
    here = World(
        folder,
        {
            "scans": [
                {},
                {"scan_id": "scan-0", "scanned_at": "2026-10-01 02:00:00"},
                *({"scan_id": f"scan-0{n}", "scanned_at": f"2026-11-0{n} 02:00:00"} for n in (1, 2, 3)),
            ],
            "tenants": TENANTS,
            "users": [
                *(user(f"p{n}", PARTNER) for n in range(9)),
                *(user(f"c{n}", CUSTOMER) for n in range(5)),
                user("off", CUSTOMER, is_enabled=False),
                *(user(f"u{n}", UNREAD) for n in range(4)),
                user("h", HOSTILE, user_principal_name=EVIL, display_name=EVIL),
            ],
            "authentication_methods": [
                *(registration(f"p{n}", PARTNER, is_mfa_registered=n > 2, is_mfa_capable=n > 2) for n in range(8)),
                *(registration(f"c{n}", CUSTOMER) for n in range(5)),
            ],
            "security_defaults": [
                defaults(is_enabled=True, tenant_id=PARTNER),
                defaults(is_enabled=False, tenant_id=CUSTOMER),
                defaults(is_enabled=False, tenant_id=UNREAD),
            ],
            "organization": [domains(str(tenant["tenant_id"])) for tenant in TENANTS],
            "source_status": [state for tenant in TENANTS for state in states_of(tenant)],
            "slices": [
                {"tenant_id": tenant["tenant_id"], "dataset": name, "collected_at": AS_OF}
                for tenant in TENANTS
                for name in DATASETS
            ],
        },
    )
    judge(here.config)
    with writer(here.config.warehouse) as con:
        record_earlier(con)
        results = [result for tenant in TENANTS if tenant["tenant_id"] != MISSED for result in results_of(tenant)]
        record_rule_results(con, "scan-1", results)
        record_rules(con, rule_rows(packs()))
        record_waivers(con, "scan-1", [WAIVER], [])
        con.execute(
            "insert into changes by name select 'scan-1' as scan_id, ? as scanned_at, "
            "timestamp '2026-11-03 02:00:00' as earlier_at, ? as tenant_id, 'policy:ca-1' as change_id, "
            "'policy' as change_type, 'ca-1' as object_id, ? as name, ? as what, null as edited_at, "
            "7 as accounts_changed, 0 as accounts_together, 5 as worse, 1 as better, 1 as unclear",
            [AS_OF, PARTNER, f"{CAUSE} {EVIL}", f"excludeGroups: none -> {LONG}"],
        )
        found = [*findings_of(PARTNER, 250), *findings_of(HOSTILE, 1, EVIL), *findings_of(CUSTOMER, 3, FORMULA)]
        found += [*findings_of(UNREAD, 1, LONG), cause()]
        pairs = {(result.rule_id, result.tenant_id) for result in results}
        record_findings(con, "scan-1", as_sql(found), pairs)
    record(here.config)
    publish(here.config)
    return here.config
