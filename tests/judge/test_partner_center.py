"""What Partner Center itself reports of its callers, read with a service user's token: evidence, never a verdict."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.judge.fleets import judged, scanned
from tests.judge.orgs import Org, tenant_id, user

PARTNER = tenant_id("partner")
Verdicts = dict[str, dict[str, Any]]


def call(request_id: str, user_id: str, *, is_mfa_compliant: bool, tenant: str = PARTNER) -> dict[str, Any]:
    return {
        "requestId": request_id,
        "objectId": user_id,
        "tenantId": tenant,
        "applicationId": "a",
        "mfaCompliant": is_mfa_compliant,
    }


CALLS = [
    call("r1", "caller", is_mfa_compliant=True),
    call("r2", "careless", is_mfa_compliant=True),
    call("r3", "careless", is_mfa_compliant=False),
    call("r4", "other", is_mfa_compliant=False, tenant=tenant_id("elsewhere")),
]


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Verdicts]:
    org = Org(
        users=[user(name) for name in ("caller", "careless", "other", "nobody")],
        files={"partner-center/v1/partnerRequests": {"totalCount": len(CALLS), "items": CALLS}},
        service_user="caller",
    )
    folder = tmp_path_factory.mktemp("partner-center")
    with scanned(folder, {"partner": org}) as config:
        yield {account: row for (_, account), row in judged(config).items()}


@pytest.mark.parametrize(
    ("account", "exposure"),
    [("caller", ["pc_api_app_user"]), ("careless", ["pc_api_app_user"]), ("other", []), ("nobody", [])],
)
def test_who_was_called_for_is_exposed_to_the_api(verdicts: Verdicts, account: str, exposure: list[str]) -> None:
    assert verdicts[account]["exposure"] == exposure


def test_a_call_without_mfa_is_told_of_its_account_alone(verdicts: Verdicts) -> None:
    told = {account for account, row in verdicts.items() if "PC_API_WITHOUT_MFA" in row["reasons"]}
    assert told == {"careless"}


def test_what_partner_center_reports_changes_no_verdict(verdicts: Verdicts) -> None:
    assert {row["contract_verdict"] for row in verdicts.values()} == {"non_compliant"}
    assert {tuple(set(row["reasons"]) - {"PC_API_WITHOUT_MFA"}) for row in verdicts.values()} == {
        ("REGISTERED_NOT_ENFORCED",)
    }
