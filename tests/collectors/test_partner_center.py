"""Partner Center through the real collectors: its envelope, its pages, its tokens, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest

from collectors.landing import Landing, Outcome, read_rows
from collectors.microsoft.partner_center import ADOPTION, CUSTOMERS, PRINCIPALS
from collectors.pages import carried, decoder_of, resolved
from collectors.spared import spared
from collectors.tokens import Services
from sandbox.calls import Answer, Call, Handler
from tests.cloud import APP, CONNECTION, PARTNER, SECRET, Cloud, cloud

USER = "55555555-0000-4000-8000-000000000005"
REFRESH_TOKEN = "0.refresh-token-of-the-service-user"
ONLY = ("partner_center",)
REPORTS = ("non_mfa_compliant_principals", "application_mfa_adoption", "partner_requests")


def sign_in_a_user(one: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    apps = json.loads((one.data / "apps.json").read_text())
    digest = sha256(REFRESH_TOKEN.encode()).hexdigest()
    apps["apps"][0]["refresh_tokens"] = [{"sha256": digest, "tenant_id": PARTNER, "user_id": USER}]
    (one.data / "apps.json").write_text(json.dumps(apps))
    body = {"conn_type": "entra", "login": APP, "password": SECRET, "extra": {"refresh_token": REFRESH_TOKEN}}
    monkeypatch.setenv(f"AIRFLOW_CONN_{CONNECTION.upper()}", json.dumps(body))


@pytest.fixture
def asked() -> list[Call]:
    return []


@pytest.fixture
def one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: list[Call]) -> Iterator[Cloud]:
    async def watch(call: Call, handler: Handler) -> Answer:
        asked.append(call)
        return await handler(call)

    with cloud(tmp_path, monkeypatch, hooks=[watch]) as one:
        yield one


def collected(one: Cloud) -> dict[str, Outcome]:
    return {dataset: outcome for (_, dataset), outcome in one.collect(collectors=ONLY).items()}


def rows(one: Cloud, outcome: Outcome) -> list[dict[str, Any]]:
    return list(read_rows(Landing(one.config.landing, outcome.scan_id).path(outcome)))


def in_program(one: Cloud, program: str, cloud_name: str = "global") -> None:
    file = one.folder / "rollcall.toml"
    file.write_text(
        file.read_text().replace('"direct-bill"', f'"{program}"\ncloud = "{cloud_name}"'),
    )


def test_all_customers_arrive_page_by_page_with_the_token_of_the_page_before(one: Cloud, asked: list[Call]) -> None:
    items = [{"id": f"c{n}", "companyProfile": {"companyName": f"Customer {n}", "domain": None}} for n in range(1200)]
    one.put(PARTNER, "partner-center/v1/customers", {"totalCount": 1200, "items": items})
    outcome = collected(one)["partner_center_customers"]
    assert (outcome.state, outcome.rows, outcome.pages) == ("complete", 1200, 3), outcome.message
    assert [row["id"] for row in rows(one, outcome)] == [f"c{n}" for n in range(1200)]
    calls = [call for call in asked if call.path == "v1/customers"]
    assert [b"ms-continuationtoken" in call.headers for call in calls] == [False, True, True]
    assert {call.query.partition("&")[0] for call in calls} == {"size=500"}


def test_an_application_alone_is_told_why_the_reports_are_left_out(one: Cloud) -> None:
    found = collected(one)
    assert found["partner_center_customers"].state == "complete"
    for name in REPORTS:
        assert (found[name].state, found[name].code) == ("skipped", "NeedsUser")
        assert "refresh token" in found[name].message


def test_a_user_reads_the_reports_whatever_their_letter_case(one: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in_a_user(one, monkeypatch)
    documented = {
        "objectId": "u1",
        "upn": "a@x.example",
        "lastNonMfaCompliantRequestDateTime": "2026-11-21T22:09:53.05",
    }
    tabled = {"ObjectId": "u2", "UPN": "b@x.example", "LastNonMfaCompliantLoginDateTime": "2026-11-21T22:09:53Z"}
    one.put(PARTNER, f"partner-center/v1{PRINCIPALS.path}", {"totalCount": 2, "items": [documented, tabled]})
    counts = {"loginDate": "2026-11-20", "applicationId": "a", "mfaCompliantRequestCount": 7, "totalRequestCount": 9}
    one.put(PARTNER, f"partner-center/v1{ADOPTION.path}", [counts])
    found = collected(one)
    assert {name: found[name].state for name in REPORTS} == dict.fromkeys(REPORTS, "complete")
    first, second = rows(one, found["non_mfa_compliant_principals"])
    assert (first["objectId"], second["objectId"], second["upn"]) == ("u1", "u2", "b@x.example")
    assert first["lastNonMfaCompliantRequestDateTime"].startswith("2026-11-21T22:09:53.05")
    assert second["lastNonMfaCompliantLoginDateTime"] == "2026-11-21T22:09:53Z"
    assert rows(one, found["application_mfa_adoption"])[0]["totalRequestCount"] == 9


@pytest.mark.parametrize(
    ("status", "code", "state"),
    [
        (401, 900421, "not_permitted"),
        (403, 900329, "not_permitted"),
        (403, 900308, "not_permitted"),
        (400, 900309, "not_permitted"),
        (401, 900420, "failed"),
        (401, 60003, "failed"),
        (400, 2000, "failed"),
    ],
)
def test_a_refusal_has_partner_centers_own_code(one: Cloud, status: int, code: int, state: str) -> None:
    file = one.fail(PARTNER, "partner-center/v1/customers", status, "x")
    body = {"code": code, "description": "No.", "data": [], "source": "PartnerFD"}
    file.write_text(json.dumps({"status": status, "headers": {}, "body": body}))
    outcome = collected(one)["partner_center_customers"]
    assert (outcome.state, outcome.code) == (state, str(code))
    assert outcome.message.endswith(f"{status} {code}: No.")


def test_an_indirect_reseller_has_no_partner_center(one: Cloud) -> None:
    in_program(one, "indirect-reseller")
    assert {(o.state, o.code) for o in collected(one).values()} == {("skipped", "NotInProgram")}


def test_a_sovereign_cloud_has_no_partner_center(one: Cloud) -> None:
    in_program(one, "direct-bill", "usgov")
    services = Services.of(one.config, one.partner)
    assert [*services.bases] == ["graph"]
    why = spared(CUSTOMERS, one.tenant(), {})
    assert why
    assert why[0] == "NotInCloud"


@pytest.mark.parametrize("body", [b"{}", b'{"items": null}', b'{"items": [1]}', b'{"items": [{}]}', b'"no"'])
def test_what_is_no_list_is_not_an_empty_one(body: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        decoder_of(CUSTOMERS).decode(body)


@pytest.mark.parametrize(
    ("next_link", "followed", "headers"),
    [
        ({"uri": "/customers?size=2", "headers": []}, "/v1/customers?size=2", {}),
        ({"Uri": "/v1/customers?size=2"}, "/v1/customers?size=2", {}),
        (
            {"uri": "/customers?size=2", "headers": [{"Key": "ms-continuationtoken", "Value": "a+b/c=&d#e"}]},
            "/v1/customers?size=2",
            {"MS-ContinuationToken": "a+b/c=&d#e"},
        ),
        ({"uri": "/customers", "headers": [{"key": "Authorization", "value": "x"}]}, "/v1/customers", {}),
    ],
)
def test_a_next_link_holds_all_that_is_needed_to_follow_it(
    next_link: dict[str, Any], followed: str, headers: dict[str, str]
) -> None:
    page = decoder_of(CUSTOMERS).decode(json.dumps({"items": [], "links": {"next": next_link}}).encode())
    link = resolved(page.next_link, "https://api.partnercenter.microsoft.com/v1/customers?size=2")
    assert link.partition("#")[0] == f"https://api.partnercenter.microsoft.com{followed}"
    assert carried(link) == headers


def test_each_service_has_a_token_of_its_own(one: Cloud, asked: list[Call]) -> None:
    one.collect(collectors=("partner_center", "organization"))
    scopes = {call.form.get("scope") for call in asked if call.service == "login" and call.form}
    assert {str(scope).split()[0] for scope in scopes} == {
        "https://graph.microsoft.com/.default",
        "https://api.partnercenter.microsoft.com/.default",
    }
