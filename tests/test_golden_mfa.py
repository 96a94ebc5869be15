"""Microsoft's published answers about MFA: served as they are, collected, loaded, judged, and found as described.

Several of them contradict themselves or mislead: what is said of each there is what must come out here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from checks.check import check
from checks.scan import load_scan
from collectors.catalogue import catalogue
from collectors.collect import collect
from collectors.config import Config
from collectors.landing import Landing
from tests.cloud import PARTNER, cloud
from tests.judge.fleets import judged, scanned
from tests.judge.orgs import Org, tenant_id, user
from tests.rules.case import customer, good
from tests.rules.microsoft import SUMMARY, scored
from warehouse.engine import writer

FOLDER = Path(__file__).parents[2] / "shared" / "golden" / "graph-docs-mfa"
CUSTOMER = tenant_id("customerMfaInsight")
pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="../shared/golden/graph-docs-mfa is absent")


def published(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text("utf-8"))["response"]


def orgs() -> dict[str, Org]:
    """Return a tenant for each body, by the body's name."""
    admins, customers = (
        published(f"partner-security-{kind}MfaEnforcedSecurityRequirement") for kind in ("admins", "customers")
    )
    return {
        "enforced": Org(files={"beta/users/u1/authentication/requirements": published("authentication-requirements")}),
        "evaluate": Org(policies=published("conditionalAccess-evaluate.condensed")["value"]),
        "admins": scored(admins),
        "customers": scored(customers),
        "insights": scored(insights=published("partner-security-customerInsights")["value"]),
        "insight": scored(insights=[{"tenantId": CUSTOMER, "mfa": published("partner-security-customerMfaInsight")}]),
        "requirements": scored(*published("partner-security-requirements")["value"]),
        "summary": good(files={SUMMARY: published("userMfaSignInSummary")["value"]}),
        "customerMfaInsight": customer(partner="insight"),
    }


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Config]:
    """All of them, scanned and checked once."""
    with scanned(tmp_path_factory.mktemp("golden"), orgs()) as config:
        check(config)
        yield config


def rows(config: Config, sql: str, name: str) -> list[tuple[Any, ...]]:
    with writer(config.warehouse) as con:
        return con.execute(sql, {"tenant": tenant_id(name)}).fetchall()


def contradictions(config: Config, name: str) -> list[str]:
    sql = "select unnest(contradictions) from evidence.microsoft_answer where tenant_id = $tenant order by all"
    return [text for [text] in rows(config, sql, name)]


def results(config: Config, name: str) -> dict[str, str]:
    return dict(rows(config, "select rule_id, result from rule_results where tenant_id = $tenant", name))


def test_per_user_mfa_that_is_enforced(config: Config) -> None:
    sql = "select user_id, per_user_mfa_state from per_user_mfa where tenant_id = $tenant"
    assert rows(config, sql, "enforced") == [("u1", "enforced")]
    assert judged(config)[tenant_id("enforced"), "u1"]["protected_by"] == ["per_user"]


def test_a_policy_that_would_apply_in_report_only_mode_protects_nobody(config: Config) -> None:
    """What If says of every policy that it applies; none of them is on."""
    states = rows(config, "select state from conditional_access_policies where tenant_id = $tenant", "evaluate")
    assert len(states) > 1
    assert set(states) == {("enabledForReportingButNotEnforced",)}
    account = judged(config)[tenant_id("evaluate"), "u1"]
    assert (account["contract_verdict"], account["required"]) == ("non_compliant", "none")
    assert "CA_REPORT_ONLY" in account["reasons"]


def test_a_requirement_that_is_not_compliant_with_everything(config: Config) -> None:
    sql = (
        "select compliance_status, total_admins, mfa_enabled_admins, mfa_enabled_users, score, says_compliant "
        "from microsoft_requirements where tenant_id = $tenant"
    )
    assert rows(config, sql, "admins") == [("nonCompliant", 2, 2, 10, 20, False)]
    assert contradictions(config, "admins") == [
        "it is not compliant and all administrators use MFA (2 of 2)",
        "it is not compliant and has all points (20 of 20)",
    ]
    assert results(config, "admins")["DATA.ANSWER.1v1"] == "fail"


def test_a_requirement_that_is_compliant_with_a_quarter(config: Config) -> None:
    assert contradictions(config, "customers") == ["it is compliant with 20 of 79 customers"]
    assert results(config, "customers")["DATA.ANSWER.1v1"] == "fail"


def test_an_insight_that_is_as_it_should_be(config: Config) -> None:
    counts = "compliant_admins, compliant_non_admins, total_users"
    sql = f"select {counts} from partner_customer_insights where tenant_id = $tenant"
    assert rows(config, sql, "insights") == [(1, 2, 5)]
    assert contradictions(config, "insights") == []


def test_a_policy_that_is_on_is_no_account_that_is_covered(config: Config) -> None:
    assert contradictions(config, "insight") == [
        "a Conditional Access policy for MFA is on with 64 of 6852 users compliant"
    ]
    sql = (
        "select microsoft, ours, difference from reconciliation "
        "where told_by = $tenant and figure like '%/mfa/totalUsersCount'"
    )
    assert rows(config, sql, "insight") == [(6852, 1, -6851)]
    assert results(config, "insight")["DATA.TOTAL.1v1"] == "fail"


def test_a_requirement_that_is_met(config: Config) -> None:
    sql = (
        "select requirement_type, says_compliant, contradictions from microsoft_requirements where tenant_id = $tenant"
    )
    assert rows(config, sql, "requirements") == [("securityContactProvided", True, [])]
    assert results(config, "requirements")["CSP.CONTACT.1v1"] == "pass"


def test_a_sum_that_does_not_add_up(config: Config) -> None:
    counts = "total_sign_ins, single_factor_sign_ins, multi_factor_sign_ins"
    sql = f"select {counts} from mfa_sign_in_summary where tenant_id = $tenant"
    assert rows(config, sql, "summary") == [(1000, 100, 9900)]
    assert results(config, "summary")["DATA.SUM.1v1"] == "fail"


def test_a_guests_sign_in_from_another_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sample = published("signin-entra-docs-sample")
    with cloud(tmp_path, monkeypatch) as one:
        one.put(PARTNER, "v1.0/users", {"value": [user(sample["userId"], userType="Guest")]})
        one.put(PARTNER, "beta/auditLogs/signIns", {"value": [sample]})
        plan = msgspec.structs.replace(one.plan(), scanned_at=datetime(2024, 7, 24, tzinfo=UTC))
        Landing(one.config.landing, plan.scan_id).write_plan(plan)
        collect(one.config, plan, plan.tenants, catalogue())
        load_scan(one.config, plan.scan_id)
        with writer(one.config.warehouse) as con:
            columns = "home_tenant_id, resource_tenant_id, user_type, authentication_requirement, error_code"
            found = con.execute(f"select {columns} from sign_ins").fetchall()
            homes = con.execute("select account_id, home_tenant_id from account_homes").fetchall()
            shown = con.execute("select did_mfa, brought_claim, is_single_factor from sign_in_proofs").fetchall()
    assert found == [(sample["homeTenantId"], sample["resourceTenantId"], "guest", "multiFactorAuthentication", 0)]
    assert homes == [(sample["userId"], sample["homeTenantId"].lower())]
    # It has no steps and does not say that anybody answered a prompt: asked for MFA is all that it shows.
    assert shown == [(False, True, False)]


def test_every_published_body_is_here() -> None:
    text = Path(__file__).read_text("utf-8")
    told = {"adminsMfaEnforcedSecurityRequirement", "customersMfaEnforcedSecurityRequirement"}
    names = {path.stem.removeprefix("partner-security-") for path in FOLDER.glob("*.json")}
    assert {name for name in names - told if name not in text} == set()
