"""Acceptance cases of the partner programme that take more than one scan, or something beside a verdict."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from checks.judge import judge
from checks.preflight import examine
from checks.report.cards import Card, fleet
from checks.report.files import write_reports
from checks.scan import load_scan
from checks.scorecards import record
from collectors.catalogue import catalogue
from collectors.collect import collect
from collectors.config import Tenant
from collectors.discover import discover, plan_tenants
from collectors.landing import Landing, Plan
from tests.cloud import APP, CONNECTION, CUSTOMER, NOW, PARTNER, SECRET, Cloud, cloud
from tests.judge.orgs import Org, user
from warehouse.engine import reader
from warehouse.publish import publish

GDAP = "v1.0/tenantRelationships"
SCORE = "beta/security/partner/securityScore"
OTHER = "33333333-0000-4000-8000-000000000033"


@pytest.fixture
def one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """A partner with security defaults and one customer, by a relationship that Microsoft made for it."""
    with cloud(tmp_path, monkeypatch, CUSTOMER) as one:
        Org(has_defaults=True).write(one.data / PARTNER)
        Org(kind="customer", users=[user("u2")]).write(one.data / CUSTOMER)
        list_customers(one, CUSTOMER)
        yield one


def list_customers(one: Cloud, *customers: str) -> None:
    relationships = [
        {
            "id": f"r-{customer}",
            "displayName": "MLT_11111111_made_by_Microsoft",
            "status": "active",
            "customer": {"tenantId": customer, "displayName": "Larch Ltd"},
        }
        for customer in customers
    ]
    named = [{"id": customer, "tenantId": customer, "displayName": "Larch Ltd"} for customer in customers]
    one.put(PARTNER, f"{GDAP}/delegatedAdminCustomers", {"value": named})
    one.put(PARTNER, f"{GDAP}/delegatedAdminRelationships", {"value": relationships})


def scan(one: Cloud, number: int) -> list[Tenant]:
    """Discover, collect, load, judge, score and publish, a day after the scan before; return whom it was for."""
    config = one.config
    tenants = plan_tenants([discover(config, partner) for partner in config.partner], [], [])
    plan = Plan(scan_id=f"scan-{number}", scanned_at=NOW + timedelta(days=number), tenants=tuple(tenants))
    Landing(config.landing, plan.scan_id).write_plan(plan)
    collect(config, plan, plan.tenants, catalogue())
    load_scan(config, plan.scan_id)
    judge(config)
    record(config)
    publish(config)
    return tenants


def cards(one: Cloud) -> dict[str, Card]:
    with reader(one.config.published) as con:
        return {card.tenant_id: card for card in fleet(con)}


def index(one: Cloud) -> str:
    return " ".join(write_reports(one.config).read_text("utf-8").split())


def test_f02_a_customer_whose_relationship_ended_stays_and_says_since_when(one: Cloud) -> None:
    assert [tenant.tenant_id for tenant in scan(one, 1)] == [PARTNER, CUSTOMER]
    list_customers(one)
    assert [tenant.tenant_id for tenant in scan(one, 2)] == [PARTNER]
    found = cards(one)
    assert (found[CUSTOMER].was_missed, found[PARTNER].was_missed) == (True, False)
    assert found[CUSTOMER].in_scope == 1
    since = NOW + timedelta(days=1)
    assert f"not scanned since {since:%Y-%m-%d %H:%M} UTC" in index(one)


def test_f03_a_tenant_that_fails_again_and_again_is_shown_and_counted(one: Cloud) -> None:
    scan(one, 1)
    (one.data / CUSTOMER / "v1.0" / "users.json").unlink()
    one.fail(CUSTOMER, "v1.0/users", 403, "Authorization_RequestDenied")
    for number in range(2, 5):
        assert CUSTOMER in [tenant.tenant_id for tenant in scan(one, number)]
        found = cards(one)[CUSTOMER]
        # Whom the last good list had is counted still, and nobody among them is well.
        assert (found.in_scope, found.indeterminate, found.compliant) == (1, 1, 0)
        assert (found.score, found.was_missed) == (None, False)
        with reader(one.config.published) as con:
            sql = "select state from source_state where tenant_id = ? and dataset = 'users'"
            assert con.execute(sql, [CUSTOMER]).fetchall() == [("not_permitted",)]
    assert "Larch Ltd" in index(one)


def test_f04_a_relationship_that_microsoft_made_is_one_like_any_other(one: Cloud) -> None:
    assert CUSTOMER in [tenant.tenant_id for tenant in scan(one, 1)]
    with reader(one.config.published) as con:
        sql = "select relationship_id, display_name from gdap_relationships where customer_tenant_id = ?"
        assert con.execute(sql, [CUSTOMER]).fetchall() == [(f"r-{CUSTOMER}", "MLT_11111111_made_by_Microsoft")]
    assert CUSTOMER in cards(one)


def test_f09_what_microsoft_does_not_say_of_a_customer_is_unknown(one: Cloud) -> None:
    status = {"securityDefaultsStatus": None, "legacyPerUserMfaStatus": "enabled"}
    mfa = {"compliantAdminsCount": 1, "compliantNonAdminsCount": 2, "totalUsersCount": 9, **status}
    bare = {"compliantAdminsCount": 0, "compliantNonAdminsCount": 0, "totalUsersCount": 0}
    rows = [{"tenantId": CUSTOMER, "mfa": mfa}, {"tenantId": OTHER, "mfa": bare}]
    one.put(PARTNER, f"{SCORE}/customerInsights", {"value": rows})
    scan(one, 1)
    columns = "security_defaults_status, conditional_access_status, per_user_mfa_status, total_users"
    with reader(one.config.published) as con:
        sql = f"select {columns} from partner_customer_insights where tenant_id = ? order by customer_tenant_id"
        assert con.execute(sql, [PARTNER]).fetchall() == [(None, None, "enabled", 9), (None, None, None, 0)]


def test_f10_a_token_without_mfa_is_told_before_the_scan(one: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody reads a token here: Partner Center is asked, and says what it lacks."""
    refresh_token = "0.of-the-service-user"
    apps = json.loads((one.data / "apps.json").read_text("utf-8"))
    digest = sha256(refresh_token.encode()).hexdigest()
    apps["apps"][0]["refresh_tokens"] = [{"sha256": digest, "tenant_id": PARTNER, "user_id": "u1"}]
    (one.data / "apps.json").write_text(json.dumps(apps), "utf-8")
    extra = {"refresh_token": refresh_token}
    body: dict[str, Any] = {"conn_type": "entra", "login": APP, "password": SECRET, "extra": extra}
    monkeypatch.setenv(f"AIRFLOW_CONN_{CONNECTION.upper()}", json.dumps(body))
    refused = {"code": 900421, "description": "MFA required.", "data": [], "source": "PartnerFD"}
    for path in ("customers", "partnerRequests"):
        file = one.fail(PARTNER, f"partner-center/v1/{path}", 401, "x")
        file.write_text(json.dumps({"status": 401, "headers": {}, "body": refused}), "utf-8")
    told = [finding.text for finding in examine(one.config) if "900421" in finding.text]
    assert told
    assert all("with MFA" in text for text in told)
