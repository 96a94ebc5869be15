"""`rollcall doctor` against a sandbox in which each thing goes wrong in a tenant of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from checks.preflight import Finding, examine
from checks.rules import rules
from collectors.catalogue import catalogue
from collectors.config import Config
from collectors.declare import Dataset, GraphObject
from collectors.permissions import PERMISSIONS
from tests.cloud import APP, CONNECTION, CUSTOMER, PARTNER, SECRET, Cloud, cloud
from tests.collectors.test_advice import MEANT

WORDS = {number: word for word, numbers in MEANT.items() for number in numbers}
USER = "55555555-0000-4000-8000-000000000005"
REFRESH_TOKEN = "0.refresh-token-of-the-service-user"


def tenant_ids(count: int) -> list[str]:
    return [f"77777777-0000-4000-8000-{n:012d}" for n in range(count)]


def scan_for(one: Cloud, tenants: list[str]) -> Config:
    """List the tenants as the partner's customers; each has what a tenant always has."""
    for dataset in catalogue().datasets:
        if isinstance(dataset, GraphObject) and not dataset.each:
            for tenant in (PARTNER, *tenants):
                one.put(tenant, f"{dataset.version}{dataset.path}", {"id": "only"})
    path = one.folder / "rollcall.toml"
    path.write_text(path.read_text() + f"customers = {json.dumps(tenants)}\n")
    return one.config


def break_it(one: Cloud, *plan: dict[str, Any]) -> None:
    (one.data / "faults.json").write_text(json.dumps(plan))


def sign_in_a_user(one: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    apps = json.loads((one.data / "apps.json").read_text())
    digest = sha256(REFRESH_TOKEN.encode()).hexdigest()
    apps["apps"][0]["refresh_tokens"] = [{"sha256": digest, "tenant_id": PARTNER, "user_id": USER}]
    (one.data / "apps.json").write_text(json.dumps(apps))
    body = {"conn_type": "entra", "login": APP, "password": SECRET, "extra": {"refresh_token": REFRESH_TOKEN}}
    monkeypatch.setenv(f"AIRFLOW_CONN_{CONNECTION.upper()}", json.dumps(body))


def about(findings: list[Finding], *parts: str) -> list[Finding]:
    return [finding for finding in findings if all(part in finding.text for part in parts)]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collectors.tokens.FIRST_BACKOFF_SECONDS", 0.01)


@pytest.fixture
def one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with cloud(tmp_path, monkeypatch, CUSTOMER) as one:
        yield one


CHANNELS = """
[[notify]]
kind = "slack"
connection = "told"
[[notify]]
kind = "teams"
connection = "nobody"
[[notify]]
kind = "slack"
connection = "no_url"
[[notify]]
kind = "mail"
connection = "post"
to = ["a@x.example"]
[[notify]]
kind = "mail"
connection = "post"
to = ["b@x.example"]
from = "rollcall@x.example"
[[notify]]
kind = "mail"
connection = "no_host"
to = ["c@x.example"]
"""


def test_channels_that_could_tell_nobody_are_named_and_nothing_is_sent(
    one: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = scan_for(one, [])
    (one.folder / "rollcall.toml").write_text((one.folder / "rollcall.toml").read_text() + CHANNELS)
    for name, connection in {
        "told": {"conn_type": "http", "password": "https://127.0.0.1:9/T0K3N"},
        "no_url": {"conn_type": "http", "host": "127.0.0.1"},
        "post": {"conn_type": "smtp", "host": "127.0.0.1", "port": 9},
        "no_host": {"conn_type": "smtp"},
    }.items():
        monkeypatch.setenv(f"AIRFLOW_CONN_{name.upper()}", json.dumps(connection))
    assert about(examine(config), "channel") == []
    found = about(examine(one.config), "channel ")
    assert [str(finding) for finding in found if not finding.is_problem] == [
        "ok       channel slack by told: its connection is there; nothing was sent",
        "ok       channel mail by post: its connection is there; nothing was sent",
    ]
    [nobody, no_url, no_sender, no_host] = [finding.text for finding in found if finding.is_problem]
    assert nobody.startswith("channel teams by nobody: there is no Airflow connection 'nobody'. Add it (Admin > ")
    assert no_url.endswith("'no_url' must hold the webhook's whole URL (https://...) as its password.")
    assert no_sender.endswith("Add `from` to [[notify]], or from_email to the connection.")
    assert no_host.endswith("'no_host' names no mail server. Put it there as the host.")
    assert not any("T0K3N" in finding.text for finding in found)


def test_a_fleet_that_is_well_has_counts_and_no_problem(one: Cloud) -> None:
    scan_for(one, [CUSTOMER])
    findings = examine(one.config)
    assert [finding for finding in findings if finding.kind != "ok"] == []
    assert re.search(r"\d+ collectors, \d+ datasets, \d+ rules, 1 partners, 2 tenants", findings[0].text)
    # None stands in for another: what it would tell, the other one tells.
    total = sum("customer" in dataset.kinds and not dataset.stands_in_for for dataset in READ)
    assert about(findings, CUSTOMER, f"{total} of {total} datasets can be read")
    assert about(findings, "tenant Nordlicht", PARTNER)


@pytest.mark.parametrize("is_delegated", [False, True])
def test_each_code_of_entra_prints_its_advice_for_its_tenant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_delegated: bool
) -> None:
    customers = dict(zip(WORDS, tenant_ids(len(WORDS)), strict=True))
    with cloud(tmp_path, monkeypatch, *customers.values()) as one:
        if is_delegated:
            sign_in_a_user(one, monkeypatch)
        scan_for(one, [*customers.values()])
        break_it(
            one,
            *(
                {"tenant": tenant, "path": "token", "fault": {"kind": "token_error", "code": number}}
                for number, tenant in customers.items()
            ),
        )
        findings = examine(one.config)
    for number, tenant in customers.items():
        (found,) = about(findings, f"tenant {tenant}: ")
        assert found.is_problem
        assert f"no dataset can be read: AADSTS{number}: " in found.text
        _, advice = found.text.split(f"{WORDS[number]}: ", 1)
        assert advice
        assert "{" not in advice
        assert tenant in advice or APP in advice
        if WORDS[number].startswith("consent."):
            assert f"https://login.microsoftonline.com/{tenant}/adminconsent?client_id={APP}" in advice
        if WORDS[number].startswith("token."):
            assert f"new refresh token into the connection '{CONNECTION}'" in advice
        assert SECRET not in found.text
        assert REFRESH_TOKEN not in found.text
    assert not any(finding.is_problem for finding in about(findings, "partner Nordlicht"))
    kinds = [finding.kind for finding in findings]
    assert kinds == sorted(kinds, key=["ok", "notice", "problem"].index), "counts first, then what is wrong"


REFUSED = {"kind": "consent_missing"}
UNLICENSED = {"kind": "p1_missing"}
READ = [d for c in catalogue().collectors if not c.is_opt_in for d in c.datasets]


def glob(dataset: Dataset) -> str:
    return dataset.version + re.sub(r"{\w+}", "*", dataset.path)


@pytest.mark.parametrize("is_delegated", [False, True])
def test_each_dataset_that_is_refused_names_the_permission_and_where_to_consent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_delegated: bool
) -> None:
    datasets = [dataset for dataset in READ if "customer" in dataset.kinds]
    customers = {dataset.name: tenant for dataset, tenant in zip(datasets, tenant_ids(len(datasets)), strict=True)}
    with cloud(tmp_path, monkeypatch, *customers.values()) as one:
        if is_delegated:
            sign_in_a_user(one, monkeypatch)
        scan_for(one, [*customers.values()])
        plan = [
            {"tenant": customers[dataset.name], "path": glob(dataset.fallback or dataset), "fault": REFUSED}
            for dataset in datasets
        ]
        plan += [
            {"tenant": customers[dataset.name], "path": glob(catalogue().dataset(other)), "fault": UNLICENSED}
            for dataset in datasets
            if (other := dataset.stands_in_for)
        ]
        of_partner = [{"tenant": PARTNER, "path": glob(d), "fault": REFUSED} for d in READ if "customer" not in d.kinds]
        break_it(one, *of_partner, *plan)
        findings = examine(one.config)
    for dataset in READ:
        if dataset.needs_user and not is_delegated:
            assert not about(findings, f", dataset {dataset.name}: ")
            continue
        tenant = customers.get(dataset.name, PARTNER)
        (found,) = about(findings, tenant, f", dataset {dataset.name}: ")
        assert found.is_problem
        refused = "graph.permission_missing" if dataset.service == "graph" else "partner_center.role_missing"
        assert refused in found.text
        for permission in (dataset.fallback or dataset).permissions:
            ids = PERMISSIONS.get(permission)
            id_ = (ids.delegated if is_delegated else ids.application) if ids else ""
            assert (f"{permission} ({id_})" if id_ else permission) in found.text
        assert f"https://login.microsoftonline.com/{tenant}/adminconsent?client_id={APP}" in found.text
        assert ("Global Reader" in found.text) is (is_delegated and dataset.service == "graph")


def test_a_licence_that_is_missing_is_a_fact_and_no_problem(one: Cloud) -> None:
    scan_for(one, [CUSTOMER])
    premium = [dataset for dataset in READ if dataset.is_premium]
    break_it(one, *({"tenant": CUSTOMER, "path": glob(d), "fault": {"kind": "p1_missing"}} for d in premium))
    findings = examine(one.config)
    assert premium
    assert not any(finding.is_problem for finding in findings)
    for dataset in premium:
        (found,) = about(findings, CUSTOMER, f", dataset {dataset.name}: ")
        assert found.kind == "notice"
        assert "graph.not_licensed: " in found.text
        assert "Microsoft Entra ID P1" in found.text
        needed_by = sum(dataset.name in rule.needs for rule in rules())
        lost = "1 rule is" if needed_by == 1 else f"{needed_by} rules are"
        assert found.text.endswith(f"({lost} not assessed without it)") is (needed_by > 0)


def test_a_user_without_the_role_is_told_which_to_give(one: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in_a_user(one, monkeypatch)
    scan_for(one, [CUSTOMER])
    words = "User is not present in the role definition of the current user"
    one.fail(CUSTOMER, "beta/auditLogs/signIns", 403, "UnknownError", words)
    (found,) = about(examine(one.config), CUSTOMER, "dataset sign_ins: ")
    assert "graph.role_missing: Give the service user of application" in found.text
    assert "the role Global Reader (or, narrower, Reports Reader or Security Reader)" in found.text


def test_a_partner_that_cannot_sign_in_is_told_once(one: Cloud) -> None:
    scan_for(one, [CUSTOMER])
    break_it(one, {"path": "token", "fault": {"kind": "token_error", "code": 7000222}})
    (found,) = [finding for finding in examine(one.config) if finding.is_problem]
    assert found.text.startswith("partner Nordlicht: AADSTS7000222: ")
    assert "cred.expired: Make a new secret" in found.text


def test_customers_are_examined_although_the_partners_own_tenant_is_shut(one: Cloud) -> None:
    scan_for(one, [CUSTOMER])
    break_it(one, {"tenant": PARTNER, "path": "token", "fault": {"kind": "token_error", "code": 53003}})
    findings = examine(one.config)
    assert len([finding for finding in findings if finding.is_problem]) == 1
    assert about(findings, CUSTOMER, "datasets can be read")


def test_customers_that_cannot_be_discovered_are_a_problem(one: Cloud) -> None:
    one.fail(PARTNER, "v1.0/tenantRelationships/delegatedAdminCustomers", 403, "Authorization_RequestDenied", "No")
    assert about(examine(one.config), "partner Nordlicht: its customers are unknown and not examined: ")


def test_one_tenant_can_be_examined_alone(one: Cloud) -> None:
    scan_for(one, [CUSTOMER])
    findings = examine(one.config, [CUSTOMER])
    assert about(findings, f"tenant {CUSTOMER}: ")
    assert not about(findings, "tenant Nordlicht")
    (found,) = about(examine(one.config, ["nowhere"]), "no tenant has the id or name nowhere")
    assert found.is_problem


def test_an_answer_that_does_not_come_is_not_waited_for(one: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collectors.probe.PATIENCE_SECONDS", 0.5)
    break_it(one, {"path": "v1.0/users", "fault": {"kind": "slow", "seconds": 20}})
    (found,) = about(examine(one.config), "dataset users: ")
    assert "no answer within 0.5 s" in found.text
    assert "graph.unavailable" in found.text


def test_what_the_tenant_names_is_asked_for_and_may_be_gone(one: Cloud) -> None:
    scan_for(one, [CUSTOMER])
    one.put(CUSTOMER, "v1.0/users", {"value": [{"id": "u1", "userPrincipalName": "u@x.example"}]})
    assert not any(finding.is_problem for finding in examine(one.config))
    one.fail(CUSTOMER, "beta/users/u1/authentication/requirements", 403, "Authorization_RequestDenied", "No")
    assert about(examine(one.config), CUSTOMER, "dataset per_user_mfa: ", "Policy.Read.All (246dd0d5")


def test_it_asks_for_one_item_and_no_second_page(one: Cloud) -> None:
    users = [{"id": f"{n}", "userPrincipalName": f"{n}@x.example"} for n in range(5)]
    one.put(PARTNER, "v1.0/users", {"value": users})
    fault = {"kind": "status", "status": 500, "code": "AskedForMore"}
    break_it(
        one,
        {"path": "v1.0/users", "query": "*$top=999*", "fault": fault},
        {"path": "v1.0/users", "query": "*$skiptoken=*", "fault": fault},
    )
    assert not about(examine(one.config), "dataset users: ")


def test_the_command_prints_it_and_ends_with_it(one: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in_a_user(one, monkeypatch)
    scan_for(one, [CUSTOMER])
    break_it(one, {"tenant": CUSTOMER, "path": "token", "fault": {"kind": "token_error", "code": 90099}})
    kept = {k: v for k, v in os.environ.items() if not k.startswith("AIRFLOW__") and k != "AIRFLOW_HOME"}
    command = [str(Path(sys.executable).with_name("rollcall")), "doctor"]

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, *arguments], cwd=one.folder, env=kept, capture_output=True, text=True, check=False, timeout=240
        )

    ended = run()
    lines = ended.stdout.splitlines()
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert re.match(r"ok +\d+ collectors, ", lines[0])
    assert lines[-1].startswith(f"problem  tenant {CUSTOMER}: no dataset can be read: AADSTS90099: ")
    assert f"consent.cpv_missing: Authorise application {APP}" in lines[-1]
    for secret in (SECRET, REFRESH_TOKEN):
        assert secret not in ended.stdout + ended.stderr
    narrowed = run("--tenant", "Nordlicht")
    assert narrowed.returncode == 0, narrowed.stdout + narrowed.stderr
    assert CUSTOMER not in narrowed.stdout
