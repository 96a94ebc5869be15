"""What the operator declares accounts to be: it is told of them, and nobody leaves a count for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from checks.explain.dossier import dossiers
from checks.explain.explain import explain
from checks.judge import judge
from collectors.config import Config
from tests.cover.make import policy
from tests.judge.acceptance import GROUP, NESTED
from tests.judge.fleets import judged, scanned
from tests.judge.orgs import Org, tenant_id, user
from warehouse.engine import reader
from warehouse.publish import publish

PARTNER, CUSTOMER = tenant_id("partner"), tenant_id("customer")
SETTINGS = f"""
[[account_class]]
class = "service"
tenant = "{PARTNER}"
accounts = ["PRINTER@x.example", "gone@x.example"]
group = "{GROUP}"

[[account_class]]
class = "human"
tenant = "{PARTNER}"
accounts = ["jane@x.example"]

[[account_class]]
class = "break_glass"
tenant = "{PARTNER}"
accounts = ["nested@x.example"]

[[account_class]]
class = "room"
tenant = "{CUSTOMER}"
accounts = ["printer@x.example"]

[[account_class]]
class = "room"
tenant = "{CUSTOMER}"
group = "{NESTED}"
"""
PEOPLE = [
    user("printer"),
    user("jane", displayName="Service Desk Jane"),  # by her name a service account
    user("member"),
    user("nested"),
    user("svc-backup"),
    user("nobody"),
]
# Its members are read because a policy names it.
REPORT_ONLY = policy(state="enabledForReportingButNotEnforced", users={"excludeGroups": [GROUP]})


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Config]:
    members = {GROUP: ["member", NESTED, "nested"], NESTED: ["nested"]}
    partner = Org(users=PEOPLE, policies=[REPORT_ONLY], members=members)
    customer = Org(users=[user("printer")], kind="customer", partner="partner")
    folder = tmp_path_factory.mktemp("declared")
    with scanned(folder, {"partner": partner, "customer": customer}, settings=SETTINGS) as found:
        yield found


@pytest.fixture(scope="module")
def verdicts(config: Config) -> dict[tuple[str, str], dict[str, Any]]:
    return judged(config)


@pytest.mark.parametrize(
    ("tenant", "account", "found"),
    [
        (PARTNER, "printer", ("service", "declared")),
        (PARTNER, "jane", ("human", "declared")),
        (PARTNER, "member", ("service", "declared")),
        (PARTNER, "nested", ("break_glass", "declared")),  # its own name beats the group
        (PARTNER, "svc-backup", ("service", "name")),
        (PARTNER, "nobody", (None, None)),
        (CUSTOMER, "printer", ("room", "declared")),
    ],
)
def test_what_is_declared_is_stronger_than_any_sign(
    verdicts: dict[tuple[str, str], dict[str, Any]], tenant: str, account: str, found: tuple[str | None, str | None]
) -> None:
    row = verdicts[tenant, account]
    assert (row["account_class"], row["class_source"]) == found


def test_nobody_leaves_a_count_for_it(verdicts: dict[tuple[str, str], dict[str, Any]]) -> None:
    at_home = {account: row for (tenant, account), row in verdicts.items() if tenant == PARTNER}
    assert at_home.keys() == {each["id"] for each in PEOPLE}
    assert {(row["contract_scope"], row["contract_verdict"]) for row in at_home.values()} == {
        ("in_scope", "non_compliant")
    }
    told = {account for account, row in at_home.items() if "SERVICE_ACCOUNT_NO_MFA" in row["reasons"]}
    assert told == {"printer", "member", "svc-backup"}


def test_a_declaration_that_names_nobody_is_logged(config: Config) -> None:
    with capture_logs() as logs:
        judge(config)
    lost = [(each["tenant"], each["named"]) for each in logs if each["event"] == "declared nobody"]
    assert lost == [(CUSTOMER, NESTED)]


def test_people_are_told_who_says_so(config: Config) -> None:
    publish(config)
    with reader(config.published) as con:
        known = dossiers(con, config, [(PARTNER, "printer"), (PARTNER, "jane")])
    told = {each.topic: each for each in explain(known[PARTNER, "printer"]).answers}
    assert told["class"].short == "It is a service account: no excuse"
    assert told["class"].sentences[0] == "How we know: rollcall.toml says so ([[account_class]])."
    assert "class" not in {each.topic for each in explain(known[PARTNER, "jane"]).answers}
