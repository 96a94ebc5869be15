"""The real collectors against limits and faults: what a scan makes of each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Unpack

import msgspec
import pytest

import collectors.graph
import collectors.tokens
from collectors.catalogue import catalogue
from collectors.errors import State
from collectors.landing import Landing, Outcome, read_rows
from collectors.shape import row_type
from sandbox.faults import Faults
from sandbox.limits import Limits
from sandbox.server import Options, running
from tests.cloud import CUSTOMER, PARTNER, Cloud, cloud

USERS = "v1.0/users"
COUNT = 2100  # three pages of the collector's size
# Enough besides users to see that nothing else suffers, and none that limits slow down or that asks for each user.
SOME = ("users", "authentication_methods", "sign_ins", "organization", "roles", "domains")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collectors.graph, "FIRST_BACKOFF_SECONDS", 0.01)
    monkeypatch.setattr(collectors.tokens, "FIRST_BACKOFF_SECONDS", 0.01)


@pytest.fixture
def one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with cloud(tmp_path, monkeypatch, CUSTOMER) as found:
        users = [
            {"id": f"u{n}", "userPrincipalName": f"u{n}@x.example", "accountEnabled": True, "userType": "Member"}
            for n in range(COUNT)
        ]
        for tenant in (PARTNER, CUSTOMER):
            found.put(tenant, USERS, {"value": users})
        yield found


@contextmanager
def faulty(one: Cloud, **options: Unpack[Options]) -> Iterator[None]:
    """Serve the same folder with these options, and let the configuration point there."""
    file = one.folder / "rollcall.toml"
    text = file.read_text("utf-8")
    with running(one.data, **options) as url:
        file.write_text(text.replace(one.url, url), "utf-8")
        yield
    file.write_text(text, "utf-8")


def collect(one: Cloud, *rules: dict[str, Any]) -> tuple[dict[tuple[str, str], Outcome], Faults]:
    faults = Faults(rules)
    with faulty(one, faults=faults):
        return one.collect(one.tenant(), one.tenant(CUSTOMER), collectors=SOME), faults


def on_users(kind: str, nth: int | list[int] = 1, **fault: Any) -> dict[str, Any]:
    # Not those that per_user_mfa asks for.
    return {"tenant": CUSTOMER, "path": USERS, "query": "*mail*", "nth": nth, "fault": {"kind": kind, **fault}}


def ids(one: Cloud, outcome: Outcome) -> list[str]:
    kind = row_type(catalogue().dataset(outcome.dataset).table)
    path = Landing(one.config.landing, outcome.scan_id).path(outcome)
    return [json.loads(msgspec.json.encode(row))["id"] for row in read_rows(path, kind)]


def others(outcomes: dict[tuple[str, str], Outcome]) -> set[State]:
    return states(outcome for key, outcome in outcomes.items() if key != (CUSTOMER, "users"))


def states(outcomes: Iterable[Outcome]) -> set[State]:
    """Return the states of what was to be read; what a tenant has no use for is skipped."""
    return {outcome.state for outcome in outcomes} - {"skipped"}


@pytest.mark.parametrize(
    "rule",
    [
        on_users("status", [1, 2], status=503),
        on_users("status", 2, status=500, body="<html>no</html>"),
        on_users("status", 2, status=429, retry_after=0),
        on_users("status", 2, status=429, retry_after=0.05),
        on_users("status", 2, status=429, retry_after_date=0),
        on_users("status", 2, status=429),
        on_users("reset", 2),
        on_users("reset", 3, at="after_headers"),
        on_users("reset", 1, at="mid_body"),
        on_users("reset", 1, at="mid_body", how="close"),
        on_users("reset", 1, how="close"),
        on_users("wrong_gzip", 2),
        on_users("truncated_gzip", 2),
        on_users("malformed_json", [1, 2]),
        on_users("slow", 2, seconds=0.2, pieces=4),
        on_users("revoke_token", 2),
        on_users("expired_page_token", 1),
        on_users("unknown_enum", 2, property="userType"),
    ],
    ids=lambda rule: "-".join(str(part) for part in (*rule["fault"].values(), rule["nth"])).replace("/", ""),
)
def test_what_passes_costs_no_row(one: Cloud, rule: dict[str, Any]) -> None:
    outcomes, faults = collect(one, rule)
    assert {applied.kind for applied in faults.applied} == {rule["fault"]["kind"]}
    users = outcomes[CUSTOMER, "users"]
    assert (users.state, users.rows, users.pages) == ("complete", COUNT, 3), users.message
    assert sorted(ids(one, users)) == sorted(f"u{n}" for n in range(COUNT))
    assert others(outcomes) == {"complete"}


@pytest.mark.parametrize(
    ("rule", "state", "code"),
    [
        (on_users("malformed_json", [1, 2, 3]), "failed", "MalformedAnswer"),
        (on_users("malformed_json", [2, 3, 4]), "partial", "MalformedAnswer"),
        (on_users("truncated_gzip", [2, 3, 4, 5]), "partial", "DecodingError"),
        (on_users("wrong_type", 2, property="accountEnabled", value="yes", item=3), "partial", "UnexpectedAnswer"),
        (on_users("missing_property", 1, property="id", item=-1), "failed", "UnexpectedAnswer"),
        (on_users("missing_property", 2, property="value", item="page"), "partial", "UnexpectedAnswer"),
        (on_users("foreign_next_link", 1), "partial", "ForeignNextLink"),
        (on_users("foreign_next_link", 1, other_tenant=PARTNER), "partial", "ForeignNextLink"),
        (on_users("loop_next_link", 1), "partial", "PageLoop"),
        (on_users("loop_next_link", 2, to="first"), "partial", "PageLoop"),
        (on_users("repeat_page", 1), "partial", "PageRepeated"),
        (on_users("consent_missing", 1), "not_permitted", "Authorization_RequestDenied"),
        (on_users("gdap_guest", 1), "not_permitted", "Authorization_RequestDenied"),
        (on_users("p1_missing", 1), "not_licensed", "Authentication_RequestFromNonPremiumTenantOrB2CTenant"),
        (on_users("expired_page_token", list(range(1, 50))), "partial", "Directory_ExpiredPageToken"),
        (on_users("status", list(range(1, 50)), status=503), "failed", "ServiceUnavailable"),
    ],
    ids=lambda value: value["fault"]["kind"] if isinstance(value, dict) else None,
)
def test_what_does_not_pass_is_never_complete(
    one: Cloud, rule: dict[str, Any], state: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collectors.graph, "ATTEMPTS", 4)
    outcomes, faults = collect(one, rule)
    assert {applied.kind for applied in faults.applied} == {rule["fault"]["kind"]}
    users = outcomes[CUSTOMER, "users"]
    assert (users.state, users.code) == (state, code), users.message
    assert outcomes[PARTNER, "users"].state == "complete"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"kind": "token_error", "code": 50076}, "AADSTS50076"),
        ({"kind": "token_error", "code": 7000222}, "AADSTS7000222"),
        ({"kind": "token_error", "code": 90002}, "AADSTS90002"),
        ({"kind": "consent_missing"}, "AADSTS700016"),
        ({"kind": "gdap_guest"}, "AADSTS50020"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_tenant_without_a_token_has_no_outcome_that_is_complete(one: Cloud, fault: dict[str, Any], code: str) -> None:
    outcomes, _ = collect(one, {"tenant": CUSTOMER, "path": "token", "fault": fault})
    of_customer = [outcome for (tenant, _), outcome in outcomes.items() if tenant == CUSTOMER]
    assert {outcome.code for outcome in of_customer} == {code}
    assert "complete" not in {outcome.state for outcome in of_customer}
    assert states(outcome for (tenant, _), outcome in outcomes.items() if tenant == PARTNER) == {"complete"}


def test_a_token_service_that_is_down_for_a_moment_is_asked_again(one: Cloud) -> None:
    rule = {"tenant": CUSTOMER, "path": "token", "nth": [1, 2], "fault": {"kind": "status", "status": 503}}
    outcomes, faults = collect(one, rule)
    assert len(faults.applied) == 2
    assert states(outcomes.values()) == {"complete"}


def test_everything_arrives_through_the_limits_without_being_refused(one: Cloud) -> None:
    limits = Limits()
    with faulty(one, limits=limits):
        outcomes = one.collect(one.tenant(), one.tenant(CUSTOMER))
    assert states(outcomes.values()) == {"complete"}
    assert outcomes[CUSTOMER, "users"].rows == COUNT
    assert limits.refused.total() == 0
