"""Microsoft's own arithmetic and answers: percentages that come out as published, and answers that cannot be true."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from checks.check import check
from collectors.config import Config
from tests.cover.make import PARTNER_CENTER, policy
from tests.judge.fleets import scanned
from tests.judge.orgs import Json, Org, sign_in, tenant_id, user
from tests.rules.case import GLOBAL_ADMINISTRATOR, customer, good
from tests.rules.microsoft import APP, CALLS, SUMMARY, admins, contact, insight, requirement, scored
from warehouse.engine import writer

LEFT_OUT = "60000000-0000-4000-8000-000000000009"
ENABLED, DISABLED, OPEN = 100, 10, 10


def visit(day: int, name: str, *, with_mfa: bool, **more: Any) -> Json:
    """Return what the logs have of somebody who came to the portal."""
    requirement = f"{'multi' if with_mfa else 'single'}FactorAuthentication"
    return sign_in(name, requirement, createdDateTime=f"2026-11-{day}T09:00:00Z", appId=PARTNER_CENTER, **more)


def call(number: int, day: int, user_id: str, *, with_mfa: bool) -> Json:
    return {
        "requestId": f"r{number}",
        "requestDateTime": f"2026-11-{day}T09:00:00Z",
        "objectId": user_id,
        "applicationId": APP,
        "mfaCompliant": with_mfa,
    }


# As Microsoft tells it: on the first day three without MFA, on the second five (calls: without a user), on the third
# two with MFA, and nothing on the others.
CALLED = [
    *(call(number, 17, "u1", with_mfa=False) for number in range(3)),
    *(call(number, 18, "", with_mfa=False) for number in range(3, 8)),
    *(call(number, 19, "u1", with_mfa=True) for number in range(8, 10)),
    call(10, 14, "u1", with_mfa=True),  # more than seven days ago
]
VISITS = [
    *(visit(17, "u1", with_mfa=False) for _ in range(3)),
    *(visit(18, "u2", with_mfa=False) for _ in range(5)),
    *(visit(19, "u1", with_mfa=True) for _ in range(2)),
    visit(14, "u1", with_mfa=True),  # more than seven days ago
    visit(19, "u1", with_mfa=False, status={"errorCode": 50126}),
    sign_in("u1", createdDateTime="2026-11-19T09:00:00Z", appId=APP),
]
EXAMPLE = Org(
    users=[user(f"u{number}", accountEnabled=number < ENABLED) for number in range(ENABLED + DISABLED)],
    policies=[policy(users={"excludeGroups": [LEFT_OUT]})],
    members={LEFT_OUT: [f"u{number}" for number in range(ENABLED - OPEN, ENABLED)]},
    sign_ins=VISITS,
    files={CALLS: {"totalCount": len(CALLED), "items": CALLED}},
    service_user="u1",
)
OF_CUSTOMERS = requirement("mfaEnforcedForAdminsOfCustomers", compliantTenantCount=20, totalTenantCount=79)
FULL = admins(
    complianceStatus="nonCompliant",
    totalAdminsCount=10,
    mfaEnabledAdminsCount=10,
    totalUsersCount=20,
    mfaEnabledUsersCount=20,
)
MISSPELT = contact(complianceStatus="noncomplaint", score=0)
SUMS = {
    "id": "s1",
    "createdDateTime": "2026-11-21T00:00:00Z",
    "totalSignIns": 1000,
    "singleFactorSignIns": 100,
    "multiFactorSignIns": 9900,
}
ORGS = {
    "F07": EXAMPLE,
    "F08": scored(FULL, OF_CUSTOMERS, MISSPELT, roles=[("u1", GLOBAL_ADMINISTRATOR, "/")]),
    "G06": good(files={SUMMARY: [SUMS]}),
    "reconciled": scored(
        admins(totalAdminsCount=2, mfaEnabledAdminsCount=1, totalUsersCount=2, securityDefaultsStatus="disabled"),
        insights=[insight(tenant_id("reconciled-customer")), insight("c9c9c9c9-0000-4000-8000-000000000009")],
        roles=[("u1", GLOBAL_ADMINISTRATOR, "/")],
    ),
    "reconciled-customer": customer(partner="reconciled"),
    "unread": Org(failures={"v1.0/users": (403, "Authorization_RequestDenied", "Insufficient privileges.")}),
}


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Config]:
    """All of them, scanned and checked once."""
    with scanned(tmp_path_factory.mktemp("microsoft"), ORGS) as config:
        check(config)
        yield config


def rows(config: Config, sql: str, name: str) -> list[tuple[Any, ...]]:
    with writer(config.warehouse) as con:
        return con.execute(sql, {"tenant": tenant_id(name)}).fetchall()


def shares(config: Config, name: str) -> dict[str, tuple[Any, ...]]:
    sql = "select figure, numerator, denominator, percentage from microsoft_shares where tenant_id = $tenant"
    return {figure: tuple(numbers) for figure, *numbers in rows(config, sql, name)}


def result(config: Config, rule_id: str, name: str) -> str:
    sql = f"select result from rule_results where tenant_id = $tenant and rule_id = '{rule_id}'"
    [[found]] = rows(config, sql, name)
    return str(found)


def test_f07_the_three_percentages_are_those_that_microsoft_publishes(config: Config) -> None:
    found = shares(config, "F07")
    assert found["mfa_configuration"] == (90, 100, 90.0)
    assert found["portal_requests"] == (2, 10, 20.0)
    assert found["api_requests"] == (2, 5, 40.0)


def test_d11_each_percentage_names_its_numerator_and_denominator(config: Config) -> None:
    sql = "select * exclude (tenant_id) from microsoft_shares where tenant_id = $tenant"
    found = rows(config, sql, "F07")
    assert len(found) == 4
    for figure, numerator, numerator_of, denominator, denominator_of, unknown, percentage, source in found:
        assert numerator_of, figure
        assert denominator_of, figure
        assert numerator_of != denominator_of
        expected = 100 * numerator / denominator if source == "usable" and denominator and not unknown else None
        assert percentage == expected, figure


def test_what_could_not_be_read_has_no_percentage(config: Config) -> None:
    found = shares(config, "unread")
    assert found["mfa_configuration"] == (None, None, None)
    assert found["api_requests"] == (None, None, None)  # without a user's token
    assert found["portal_requests"] == (0, 0, None)  # nobody came: there is nothing to divide by


def test_f08_what_contradicts_itself_is_a_fault_of_the_data_and_passed_on_nowhere(config: Config) -> None:
    sql = "select resource_name, contradictions from evidence.microsoft_answer where tenant_id = $tenant"
    assert dict(rows(config, sql, "F08")) == {
        "mfaEnforcedForAdmins": [
            "it is not compliant and has all points (20 of 20)",
            "it is not compliant and all administrators use MFA (10 of 10)",
        ],
        "mfaEnforcedForAdminsOfCustomers": ["it is compliant with 20 of 79 customers"],
        "securityContactProvided": [],
    }
    assert result(config, "DATA.ANSWER.1v1", "F08") == "fail"
    assert result(config, "CSP.ADMIN.1v1", "F08") == "not_assessed"
    assert result(config, "CSP.CONTACT.1v1", "F08") == "fail"  # either spelling says no


def test_g06_a_sum_that_is_not_the_sum_of_its_parts_is_a_fault_of_the_data(config: Config) -> None:
    assert result(config, "DATA.SUM.1v1", "G06") == "fail"
    sql = "select figure, microsoft, ours from reconciliation where tenant_id = $tenant and figure like '%Summary/%'"
    assert sorted(rows(config, sql, "G06")) == [
        ("userMfaSignInSummary/multiFactorSignIns", 9900, 0),
        ("userMfaSignInSummary/singleFactorSignIns", 100, 0),
        ("userMfaSignInSummary/totalSignIns", 1000, 0),
    ]


def test_every_number_of_microsoft_stands_beside_ours_with_a_likely_cause(config: Config) -> None:
    sql = "select figure, microsoft, ours, difference, likely_cause from reconciliation where tenant_id = $tenant"
    found = {figure.rpartition("/")[2]: rest for figure, *rest in rows(config, sql, "reconciled")}
    assert found["totalAdminsCount"][:3] == [2, 1, -1]
    assert found["totalAdminsCount"][3].startswith("Microsoft counts a role that we do not")
    assert found["mfaEnabledAdminsCount"] == [1, 1, 0, "None: both agree."]
    assert found["securityDefaultsStatus"][:3] == [0, 1, 1]
    assert found["securityDefaultsStatus"][3].startswith("It was switched on after Microsoft last looked")
    assert found["totalUsersCount"][:3] == [2, 1, -1]
    sql = f"{sql} and told_by = '{tenant_id('reconciled')}'"
    of_customer = {figure.rpartition("/")[2]: rest for figure, *rest in rows(config, sql, "reconciled-customer")}
    assert of_customer["totalUsersCount"] == [1, 1, 0, "None: both agree."]
    assert of_customer["legacyPerUserMfaStatus"][:3] == [0, 0, 0]


def test_of_a_customer_that_no_scan_reads_ours_is_unknown(config: Config) -> None:
    sql = "select distinct tenant_id, ours, difference from reconciliation where told_by = $tenant and ours is null"
    assert rows(config, sql, "reconciled") == [("c9c9c9c9-0000-4000-8000-000000000009", None, None)]


def test_there_is_one_row_for_each_number(config: Config) -> None:
    sql = "select tenant_id, figure, told_by from reconciliation where $tenant <> '' group by all having count(*) > 1"
    assert rows(config, sql, "reconciled") == []
    sql = "select tenant_id, figure from microsoft_shares where $tenant <> '' group by all having count(*) > 1"
    assert rows(config, sql, "reconciled") == []
