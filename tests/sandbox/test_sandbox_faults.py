"""Faults by plan: each kind does what it says over real HTTP, to the requests it names and to no others."""

import gzip
import json
import os
import re
import time
import zlib
from collections import Counter
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, get_args

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.entra_codes import REFUSALS
from sandbox.faults import AnyFault, Faults, Rule
from sandbox.limits import NAMES
from sandbox.store import DataError
from tests.sandbox.cloud import APP, CUSTOMER, PARTNER, PARTNER_CENTER, Cloud, people, settle
from tests.sandbox.served import Served, served

USERS = "v1.0/users"


def rule(kind: str, **more: Any) -> dict[str, Any]:
    """Return a rule: what belongs to the rule goes there, the rest to the fault."""
    selects = {name: more.pop(name) for name in Rule.__struct_fields__ if name in more}
    return {**selects, "fault": {"kind": kind, **more}}


def plan(*rules: dict[str, Any]) -> Faults:
    return Faults(rules)


@pytest.fixture
def full(cloud: Cloud) -> Cloud:
    """Return a cloud whose two tenants have three pages of two users each."""
    for tenant in (PARTNER, CUSTOMER):
        cloud.put(USERS, people(6), tenant)
    return cloud


PAGED = f"{USERS}?$top=2"


# --- which requests -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("selects", "hit"),
    [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"nth": 1}, [1]),
        ({"nth": [2, 5]}, [2, 5]),
        ({"after": 4}, [5, 6]),
        ({"after": 0}, [1, 2, 3, 4, 5, 6]),
        ({"every": 3}, [3, 6]),
        ({"times": 2}, [1, 2]),
        ({"every": 2, "times": 2}, [2, 4]),
        ({"after": 1, "times": 1}, [2]),
        ({"path": "v1.0/us*"}, [1, 2, 3, 4, 5, 6]),
        ({"path": "/V1.0/USERS"}, [1, 2, 3, 4, 5, 6]),
        ({"path": "v1.0/user"}, []),
        ({"path": "beta/*"}, []),
        ({"query": "*$select=id*"}, []),
        ({"query": "*top=2"}, [1, 2, 3, 4, 5, 6]),
        ({"tenant": CUSTOMER}, []),
        ({"tenant": PARTNER.upper(), "nth": 3}, [3]),
    ],
)
def test_a_rule_says_which_requests(full: Cloud, selects: dict[str, Any], hit: list[int]) -> None:
    faults = plan(rule("status", status=500, **{"path": USERS, **selects}))
    with served(full, faults=faults) as one:
        found = [one.get(PAGED).status_code for _ in range(6)]
    assert [number for number, status in enumerate(found, 1) if status == 500] == hit
    assert [applied.number for applied in faults.applied] == hit


@pytest.mark.parametrize(
    ("per", "hit"),
    [
        ("tenant", [(PARTNER, USERS), (CUSTOMER, USERS)]),
        ("path", [(PARTNER, USERS), (PARTNER, "v1.0/groups"), (CUSTOMER, USERS), (CUSTOMER, "v1.0/groups")]),
        ("all", [(PARTNER, USERS)]),
    ],
)
def test_each_tenant_is_counted_on_its_own_unless_said(full: Cloud, per: str, hit: list[tuple[str, str]]) -> None:
    faults = plan(rule("status", status=500, path="v1.0/*", nth=1, per=per))
    with served(full, faults=faults) as one:
        for tenant in (PARTNER, CUSTOMER):
            for path in (USERS, "v1.0/groups", USERS):
                one.get(path, tenant)
    assert [(applied.tenant, applied.path) for applied in faults.applied] == hit


def test_every_rule_counts_and_the_first_whose_turn_it_is_answers(full: Cloud) -> None:
    faults = plan(
        rule("status", path=USERS, nth=2, status=500),
        rule("status", path=USERS, nth=[2, 3], status=503),
        rule("missing_property", path=USERS, nth=4, property="id"),
        rule("wrong_type", path=USERS, nth=4, property="accountEnabled", value="yes"),
    )
    with served(full, faults=faults) as one:
        assert [one.get(USERS).status_code for _ in range(3)] == [200, 500, 503]
        both = one.value(USERS)[0]
    assert ("id" in both, both["accountEnabled"]) == (False, "yes")
    assert [(applied.rule, applied.number) for applied in faults.applied] == [(0, 2), (1, 3), (3, 4), (2, 4)]


def test_what_a_record_says(full: Cloud) -> None:
    faults = plan(rule("status", path=USERS, status=500))
    with served(full, faults=faults) as one:
        one.get(PAGED)
    assert [msgspec.structs.asdict(applied) for applied in faults.applied] == [
        {"kind": "status", "rule": 0, "number": 1, "tenant": PARTNER, "path": USERS, "query": "$top=2", "member": 0}
    ]


def test_a_fault_that_finds_nothing_to_change_did_not_happen(full: Cloud) -> None:
    faults = plan(
        rule("missing_property", path=USERS, property="nothing"),
        rule("missing_property", path=USERS, property="id", item=99),
        rule("unknown_enum", path=USERS, property="nothing"),
        rule("wrong_type", path=USERS, property="userType/deeper", value=1),
        rule("loop_next_link", path=f"{USERS}/*"),
        rule("wrong_type", path="v1.0/groups/*", property="id", value=1),
        rule("expired_page_token", path=USERS),
    )
    with served(full, faults=faults) as one:
        assert one.value(USERS) == people(6)
        assert one.get(f"{USERS}/{people(1)[0]['id']}").status_code == 200
        assert one.get("v1.0/groups/none").status_code == 404
    assert faults.applied == []


@given(
    selects=st.one_of(
        st.just({}),
        st.builds(lambda n: {"nth": n}, st.integers(1, 8)),
        st.builds(lambda n: {"nth": n}, st.lists(st.integers(1, 8), min_size=1)),
        st.builds(lambda n: {"after": n}, st.integers(0, 8)),
        st.builds(lambda n: {"every": n}, st.integers(1, 8)),
    ),
    number=st.integers(1, 100),
)
def test_turns_are_what_the_words_mean(selects: dict[str, Any], number: int) -> None:
    found = msgspec.convert({**selects, "fault": {"kind": "p1_missing"}}, Rule).is_turn(number)
    ((word, value),) = selects.items() or [("every", 1)]
    if word == "nth":
        assert found is (number in value if isinstance(value, list) else number == value)
    else:
        assert found is (number in (range(value + 1, 101) if word == "after" else range(value, 101, value)))


# --- the plan -------------------------------------------------------------------------------------------------


def write(cloud: Cloud, *rules: Any) -> None:
    (cloud.data / "faults.json").write_text(json.dumps(list(rules)))


def test_the_file_is_read_again_when_it_changes(full: Cloud) -> None:
    with served(full) as one:
        assert one.get(USERS).status_code == 200
        write(full, rule("status", path=USERS, status=503))
        assert one.get(USERS).status_code == 503
        write(full, rule("status", path=USERS, status=504))  # as long as the one before, and at the same moment
        assert one.get(USERS).status_code == 504
        (full.data / "faults.json").unlink()
        assert one.get(USERS).status_code == 200


def test_counts_go_on_while_the_file_stays_the_same(full: Cloud) -> None:
    write(full, rule("status", path=USERS, nth=3, status=503))
    with served(full) as one:
        assert one.get(USERS).status_code == 200
        os.utime(full.data / "faults.json")  # touched, not changed
        assert one.get(USERS).status_code == 200
        settle(full.data / "faults.json")
        assert [one.get(USERS).status_code for _ in range(2)] == [503, 200]
        write(full, rule("status", path=USERS, nth=1, status=503))  # changed: from the start
        assert [one.get(USERS).status_code for _ in range(2)] == [503, 200]


def test_a_plan_given_comes_before_the_files(full: Cloud) -> None:
    write(full, rule("status", path="v1.0/*", status=504))
    with served(full, faults=[rule("status", path=USERS, status=503)]) as one:
        assert (one.get(USERS).status_code, one.get("v1.0/groups").status_code) == (503, 504)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"kind": "flood"}, "Invalid value 'flood'"),
        ({}, "missing required field `kind`"),
        ({"kind": "status"}, "missing required field `status`"),
        ({"kind": "status", "status": 99}, "status is 99, not 200 to 599"),
        ({"kind": "status", "status": 503, "statuz": 1}, "unknown field `statuz`"),
        ({"kind": "status", "status": 503, "headers": {"X": "a\r\nb"}}, "cannot be a header"),
        ({"kind": "token_error", "code": 123456}, "AADSTS123456 is not known here: say its error and its message"),
        ({"kind": "gdap_guest", "code": 50076}, "code is 50076, not one of 16000, 50020"),
        ({"kind": "reset", "at": "noon"}, "Invalid enum value 'noon'"),
        ({"kind": "truncated_gzip", "kept": 1}, "kept is 1"),
        ({"kind": "slow", "seconds": -1}, "seconds are -1"),
        ({"kind": "slow", "seconds": 1, "pieces": 0}, "pieces 0"),
    ],
)
def test_a_fault_that_cannot_be_is_told_with_its_place(wrong: dict[str, Any], words: str) -> None:
    good = rule("p1_missing")
    with pytest.raises(DataError) as told:
        Faults([good, {"fault": wrong}])
    assert words in str(told.value)
    assert "$[1].fault" in str(told.value)
    assert "Expected [{" in str(told.value)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"nth": 1, "every": 2}, "nth and every are both given: keep one"),
        ({"nth": 0}, "count from 1"),
        ({"nth": []}, "count from 1"),
        ({"times": 0}, "count from 1"),
        ({"after": -1}, "after from 0"),
        ({"pth": "x"}, "unknown field `pth`"),
        ({"per": "moon"}, "Invalid enum value 'moon'"),
    ],
)
def test_a_rule_that_cannot_be_is_told(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(DataError, match="faults: ") as told:
        Faults([rule("p1_missing") | wrong])
    assert words in str(told.value)


@pytest.mark.parametrize("text", ["[", "{}", '[{"fault": {"kind": "flood"}}]', "[1]"])
def test_a_file_that_is_no_plan_is_told_by_every_answer_until_it_is_mended(full: Cloud, text: str) -> None:
    with served(full) as one:
        one.headers()
        file = full.data / "faults.json"
        file.write_text(text)
        settle(file)
        for _ in range(2):
            answer = one.get(USERS)
            assert answer.status_code == 500
            assert answer.json()["error"]["message"].startswith("faults.json: ")
        file.write_text("[]")
        assert one.get(USERS).status_code == 200


def test_the_documentation_has_an_example_of_every_kind_and_each_is_a_plan() -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "sandbox.md").read_text("utf-8")
    examples = [json.loads(block) for block in re.findall(r"```json\n(\[.*?)```", text, re.DOTALL)]
    for example in examples:
        Faults(example)
    shown = {rule["fault"]["kind"] for example in examples for rule in example}
    assert shown == {kind.__struct_config__.tag for kind in get_args(AnyFault)}
    assert [f"`{name}`" for name in Rule.__struct_fields__ if f"| `{name}` |" not in text] == []
    assert [name for name in NAMES if f"| `{name}` |" not in text] == []


# --- refusals -------------------------------------------------------------------------------------------------


def test_a_status_is_told_as_the_service_asked_does(full: Cloud) -> None:
    fault = {"status": 503, "code": "serviceNotAvailable", "message": "Down.", "headers": {"X-A": "b"}}
    faults = plan(rule("status", path="v1*", **fault), rule("status", path="token", nth=3, **fault))
    with served(full, faults=faults) as one:
        graph = one.get(USERS)
        center = one.get("v1/customers", audience=PARTNER_CENTER)
        login = one.login()
    assert {answer.status_code for answer in (graph, center, login)} == {503}
    assert {answer.headers["X-A"] for answer in (graph, center, login)} == {"b"}
    assert (graph.json()["error"]["code"], graph.json()["error"]["message"]) == ("serviceNotAvailable", "Down.")
    assert graph.headers["request-id"] == graph.json()["error"]["innerError"]["request-id"]
    assert (center.json()["code"], center.json()["source"]) == (503, "PartnerFD")
    assert (login.json()["error"], login.json()["error_description"]) == ("serviceNotAvailable", "Down.")


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (429, "TooManyRequests"),
        (500, "InternalServerError"),
        (502, "BadGateway"),
        (504, "GatewayTimeout"),
        (509, "UnknownError"),
    ],
)
def test_a_status_has_a_code_of_its_own(full: Cloud, status: int, code: str) -> None:
    with served(full, faults=[rule("status", path=USERS, status=status)]) as one:
        answer = one.get(USERS)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert "Retry-After" not in answer.headers


def test_a_status_may_have_any_body_and_say_when_to_come_back(full: Cloud) -> None:
    faults = [
        rule("status", path=USERS, nth=1, status=502, body="<html>Bad gateway</html>"),
        rule("status", path=USERS, nth=2, status=200, body={"value": 1}),
        rule("status", path=USERS, nth=3, status=204),
        rule("status", path=USERS, nth=4, status=429, retry_after=7),
        rule("status", path=USERS, nth=5, status=429, retry_after=2.128),
        rule("status", path=USERS, nth=6, status=429, retry_after_date=30),
        rule("status", path=USERS, nth=7, status=302, headers={"Location": "https://graph.microsoft.com.invalid/"}),
    ]
    with served(full, faults=faults) as one:
        answers = [one.get(USERS) for _ in range(7)]
    assert [answer.status_code for answer in answers] == [502, 200, 204, 429, 429, 429, 302]
    assert answers[0].text == "<html>Bad gateway</html>"
    assert answers[0].headers["content-type"].startswith("text/html")
    assert answers[1].json() == {"value": 1}
    assert answers[2].content == b""
    assert [answer.headers["Retry-After"] for answer in answers[3:5]] == ["7", "2.128"]
    ahead = parsedate_to_datetime(answers[5].headers["Retry-After"]) - datetime.now(UTC)
    assert 25 < ahead.total_seconds() <= 30
    assert answers[6].headers["Location"] == "https://graph.microsoft.com.invalid/"


def test_a_page_token_expires_and_the_list_can_be_read_again(full: Cloud) -> None:
    faults = plan(rule("expired_page_token", path=USERS, nth=2))
    with served(full, faults=faults) as one:
        first = one.get(PAGED).json()["@odata.nextLink"]
        second = one.get(first).json()["@odata.nextLink"]
        answer = one.get(second)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "Directory_ExpiredPageToken")
        assert one.get(PAGED).status_code == 200, "a request without a page token is not concerned"
    assert [applied.query for applied in faults.applied] == [second.partition("?")[2]]


def test_a_revoked_token_stays_refused_and_a_new_one_is_taken(full: Cloud) -> None:
    faults = plan(rule("revoke_token", tenant=PARTNER, path=USERS, nth=2))
    with served(full, faults=faults) as one:
        old, others = one.headers(), one.headers(CUSTOMER)
        partner_center = one.headers(audience=PARTNER_CENTER)

        def ask(path: str, headers: dict[str, str]) -> int:
            return one.client.get(f"{one.url}/{path}", headers=headers).status_code

        assert [ask(USERS, old), ask("v1.0/groups", old), ask(USERS, old)] == [200, 200, 401]
        answer = one.client.get(f"{one.url}/v1.0/groups", headers=old)
        assert answer.status_code == 401
        assert answer.json()["error"]["code"] == "InvalidAuthenticationToken"
        assert "TokenIssuedBeforeRevocationTimestamp" in answer.json()["error"]["message"]
        assert 'error="insufficient_claims", claims="' in answer.headers["WWW-Authenticate"]
        assert ask("v1/customers", partner_center) == 401
        assert ask(USERS, others) == 200, "the other tenant's are not revoked"
        new = {"Authorization": f"Bearer {one.login().json()['access_token']}"}
        assert [ask(USERS, new), ask(USERS, old), ask(USERS, new)] == [200, 401, 200]
    assert len(faults.applied) == 1


# Every code of the error table in the domain's description.
CODES = """
    50076 50074 50078 50079 50072 50158 50161 50177 53003 530032 50131 53000 53001 530034 530035 65001 90008 90094 90099
    700016 700011 7000229 650052 650056 650057 65005 500011 50020 51004 16000 50034 50105 500212 500213 90072 700082
    70008 70043 50173 50132 50133 50089 70000 7000215 7000222 700027 700030 7000218 50057 50053 50055 90002 50059
    5000224 90038 1000104 90055 50196"""


def test_the_codes_are_those_of_the_error_table(golden: Path) -> None:
    text = (golden.parent / "spec" / "domain.md").read_text("utf-8")
    rows = text.partition("### 4.2 ")[2].partition("Graph HTTP:")[0].split("\n| ")[2:]
    assert len(rows) > 20
    named = {code for row in rows for code in re.findall(r"\b\d{5,7}\b", re.sub(r"0000\d+-", "", row))}
    assert named == set(CODES.split())


def test_every_known_code_refuses_a_token(full: Cloud) -> None:
    codes = [int(code) for code in CODES.split()]
    with served(full, faults=[rule("token_error", nth=place, code=code) for place, code in enumerate(codes, 1)]) as one:
        for code in codes:
            answer = one.login()
            body = answer.json()
            assert answer.status_code == REFUSALS[code].status
            assert body["error_codes"] == [code]
            assert body["error_description"].startswith(f"AADSTS{code}: ")
            assert "{" not in body["error_description"].replace("{EmailHidden}", "")
            assert body["error"] == REFUSALS[code].error
        assert one.login().status_code == 200


def test_an_unknown_code_is_told_in_the_plans_own_words(full: Cloud) -> None:
    own = rule("token_error", code=999999, error="invalid_grant", message="A {new} thing.", suberror="x", status=401)
    with served(full, faults=[own]) as one:
        answer = one.login()
    assert answer.status_code == 401
    assert answer.json()["error_description"].startswith("AADSTS999999: A {new} thing. Trace ID: ")
    assert (answer.json()["error"], answer.json()["suberror"]) == ("invalid_grant", "x")


def test_a_token_error_is_for_token_requests_alone(full: Cloud) -> None:
    with served(full, faults=[rule("token_error", code=50076, nth=2)]) as one:
        assert one.get(USERS).status_code == 200
        assert one.get(USERS).status_code == 200
        assert one.login().status_code == 400


@pytest.mark.parametrize(
    ("path", "code", "message"),
    [
        ("beta/auditLogs/signIns", "Authentication_MSGraphPermissionMissing", "permissions AuditLog.Read.All"),
        ("v1.0/identity/conditionalAccess/policies", "AccessDenied", "required scopes are missing"),
        (USERS, "Authorization_RequestDenied", "Insufficient privileges"),
    ],
)
def test_missing_consent_for_a_path_is_told_as_its_service_does(
    full: Cloud, path: str, code: str, message: str
) -> None:
    with served(full, faults=[rule("consent_missing", path=path)]) as one:
        answer = one.get(path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, code)
    assert message in answer.json()["error"]["message"]


def test_missing_consent_for_a_tenant_gives_no_token(full: Cloud) -> None:
    with served(full, faults=[rule("consent_missing", tenant=CUSTOMER)]) as one:
        assert one.login(CUSTOMER).json()["error_codes"] == [700016]
        assert one.login(PARTNER).status_code == 200
        form = {"grant_type": "refresh_token", "client_id": APP, "refresh_token": "x", "scope": "x/.default"}
        answer = one.client.post(f"{one.url}/{CUSTOMER}/oauth2/v2.0/token", data=form)
        assert answer.json()["error_codes"] == [65001]
        assert answer.json()["suberror"] == "consent_required"


def test_missing_consent_at_partner_center(full: Cloud) -> None:
    with served(full, faults=[rule("consent_missing", path="v1/*")]) as one:
        answer = one.get("v1/customers", audience=PARTNER_CENTER)
    assert (answer.status_code, answer.json()["code"]) == (403, 900308)


def test_a_tenant_without_p1_refuses_its_reports(full: Cloud) -> None:
    with served(full, faults=[rule("p1_missing", tenant=CUSTOMER, path="*/auditLogs/*")]) as one:
        answer = one.get("beta/auditLogs/signIns", CUSTOMER)
        assert one.get("beta/auditLogs/signIns", PARTNER).status_code == 200
        assert one.get(USERS, CUSTOMER).status_code == 200
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "Authentication_RequestFromNonPremiumTenantOrB2CTenant"
    assert answer.json()["error"]["message"] == "Neither tenant is B2C or tenant doesn't have premium license"


@pytest.mark.parametrize("code", [50020, 50177])
def test_a_guest_shadows_gdap(full: Cloud, code: int) -> None:
    with served(full, faults=[rule("gdap_guest", tenant=CUSTOMER, path="token", code=code)]) as one:
        answer = one.login(CUSTOMER)
        assert one.login(PARTNER).status_code == 200
    assert answer.json()["error_codes"] == [code]
    assert f"does not exist in tenant '{CUSTOMER}'" in answer.json()["error_description"]


def test_a_guest_with_a_token_is_not_let_in(full: Cloud) -> None:
    with served(full, faults=[rule("gdap_guest", tenant=CUSTOMER, path="v1.0/*")]) as one:
        answer = one.get(USERS, CUSTOMER)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "Authorization_RequestDenied")


def test_requests_of_a_batch_fail_one_by_one(full: Cloud) -> None:
    faults = plan(
        rule("batch_member", member=2, nth=1, status=429, retry_after=3),
        rule("batch_member", member=3, nth=2, status=503),
        rule("batch_member", path="*/groups", nth=3, status=404),
    )
    with served(full, faults=faults) as one:
        one.get("v1.0/groups")  # outside of a batch it is not counted
        found = [one.batch("/users?$top=1", "/groups", "/organization") for _ in range(3)]
    assert [[answer["status"] for answer in answers] for answers in found] == [
        [200, 429, 200],
        [200, 200, 503],
        [200, 404, 200],
    ]
    assert found[0][1]["headers"]["Retry-After"] == "3"
    assert [(applied.member, applied.path) for applied in faults.applied] == [
        (2, "v1.0/groups"),
        (3, "v1.0/organization"),
        (2, "v1.0/groups"),
    ]


def test_what_depends_on_a_failed_request_of_a_batch_is_not_sent(full: Cloud) -> None:
    requests = [
        {"id": "1", "method": "GET", "url": "/users"},
        {"id": "2", "method": "GET", "url": "/groups", "dependsOn": ["1"]},
    ]
    with served(full, faults=[rule("batch_member", member=1, status=500)]) as one:
        answer = one.client.post(f"{one.url}/v1.0/$batch", json={"requests": requests}, headers=one.headers())
    assert [each["status"] for each in answer.json()["responses"]] == [500, 424]


def test_a_batch_fails_as_a_whole_when_the_plan_names_it(full: Cloud) -> None:
    faults = plan(rule("status", path="v1.0/$batch", nth=1, status=503), rule("reset", path="v1.0/$batch", nth=2))
    with served(full, faults=faults) as one:

        def send() -> httpx.Response:
            body = {"requests": [{"id": "1", "method": "GET", "url": "/users"}]}
            return one.client.post(f"{one.url}/v1.0/$batch", json=body, headers=one.headers())

        assert send().status_code == 503
        with pytest.raises(httpx.TransportError):
            send()
        assert send().json()["responses"][0]["status"] == 200
    assert [applied.path for applied in faults.applied] == ["v1.0/$batch"] * 2


def test_what_breaks_a_request_of_a_batch_breaks_the_batch(full: Cloud) -> None:
    faults = plan(rule("reset", path=USERS, nth=1), rule("malformed_json", path=USERS, nth=2))
    with served(full, faults=faults) as one:
        with pytest.raises(httpx.TransportError):
            one.batch("/groups", "/users")
        with pytest.raises(ValueError, match=r"Expecting|delimiter|Unterminated"):
            one.batch("/groups", "/users")
    assert [applied.member for applied in faults.applied] == [2, 2]


# --- contents -------------------------------------------------------------------------------------------------


def test_malformed_json_arrives_whole(full: Cloud) -> None:
    with served(
        full, faults=[rule("malformed_json", path=USERS, nth=1), rule("malformed_json", path=USERS, nth=2, text="nil")]
    ) as one:
        first, second = one.get(USERS), one.get(USERS)
        good = one.get(USERS)
    for answer in (first, second):
        assert answer.status_code == 200
        with pytest.raises(ValueError, match=r"Expecting|delimiter|Unterminated"):
            answer.json()
    assert good.content.startswith(first.content)
    assert second.text == "nil"


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"property": "accountEnabled", "value": "yes"}, [{"accountEnabled": "yes"}, {}]),
        ({"property": "accountEnabled", "value": None, "item": 1}, [{}, {"accountEnabled": None}]),
        ({"property": "userType", "value": {"a": [1]}, "item": "all"}, [{"userType": {"a": [1]}}] * 2),
        (
            {"property": "signInActivity/lastSignInDateTime", "value": 1},
            [{"signInActivity": {"lastSignInDateTime": 1}}, {}],
        ),
        ({"property": "new", "value": 1, "item": -1}, [{}, {"new": 1}]),
    ],
)
def test_a_property_has_a_wrong_type(full: Cloud, fault: dict[str, Any], expected: list[dict[str, Any]]) -> None:
    with served(full, faults=[rule("wrong_type", path=USERS, **fault)]) as one:
        found = one.value(PAGED)
    assert found == [user | changed for user, changed in zip(people(2), expected, strict=True)]


def test_the_answer_around_the_items_can_be_wrong(full: Cloud) -> None:
    faults = [
        rule("wrong_type", path=USERS, nth=1, item="page", property="value", value={}),
        rule("missing_property", path=USERS, nth=2, item="page", property="value"),
        rule("wrong_type", path=USERS, nth=3, item="page", property="@odata.nextLink", value=5),
        rule("wrong_type", path=USERS, nth=4, item="page", property="value/1", value=None),
    ]
    with served(full, faults=faults) as one:
        bodies = [one.get(PAGED).json() for _ in range(4)]
    assert bodies[0]["value"] == {}
    assert "value" not in bodies[1]
    assert bodies[2]["@odata.nextLink"] == 5
    assert bodies[3]["value"][1] is None


def test_a_property_is_missing(full: Cloud) -> None:
    with served(full, faults=[rule("missing_property", path=USERS, property="userPrincipalName", item=1)]) as one:
        found = one.value(PAGED)
    assert ["userPrincipalName" in user for user in found] == [True, False]


def test_an_enumeration_has_a_member_nobody_knows(full: Cloud) -> None:
    full.put("v1.0/identity/conditionalAccess/policies", [{"id": "p", "state": "enabled", "tags": ["a"]}])
    path = "v1.0/identity/conditionalAccess/policies"
    faults = [
        rule("unknown_enum", path=path, nth=1, property="state"),
        rule("unknown_enum", path=path, nth=2, property="tags", value="b"),
    ]
    with served(full, faults=faults) as one:
        assert one.value(path)[0]["state"] == "valueOfTomorrow"
        assert one.value(path)[0]["tags"] == ["a", "b"]


def test_single_objects_and_partner_center_lists_can_be_wrong(full: Cloud) -> None:
    customers = {"totalCount": 2, "items": [{"id": "a"}, {"id": "b"}]}
    full.put("partner-center/v1/customers", customers)
    faults = [
        rule("wrong_type", path=f"{USERS}/*", property="id", value=7),
        rule("wrong_type", path="v1/customers", property="id", value=7, item=1),
    ]
    with served(full, faults=faults) as one:
        assert one.get(f"{USERS}/{people(1)[0]['id']}").json()["id"] == 7
        found = one.get("v1/customers", audience=PARTNER_CENTER).json()
    assert [item["id"] for item in found["items"]] == ["a", 7]


def test_the_next_link_leads_away(full: Cloud) -> None:
    faults = [
        rule("foreign_next_link", path=USERS, nth=1),
        rule("foreign_next_link", path=USERS, nth=2, origin="http://127.0.0.1:9"),
        rule("foreign_next_link", path=USERS, nth=3, other_tenant=CUSTOMER),
        rule("foreign_next_link", path="v1.0/groups"),
    ]
    with served(full, faults=faults) as one:
        links = [one.get(PAGED).json()["@odata.nextLink"] for _ in range(3)]
        alone = one.get("v1.0/groups").json()["@odata.nextLink"]
        good = one.get(PAGED).json()["@odata.nextLink"]
        rest = good.removeprefix(one.url)
        assert links[:2] == [f"https://graph.microsoft.com.invalid{rest}", f"http://127.0.0.1:9{rest}"]
        assert links[2] == good.replace("/v1.0/users", f"/v1.0/{CUSTOMER}/users")
        assert alone.startswith("https://graph.microsoft.com.invalid/v1.0/groups?$skiptoken=")


def test_the_next_link_leads_back(full: Cloud) -> None:
    faults = [
        rule("loop_next_link", path=USERS, nth=2),
        rule("loop_next_link", path=USERS, nth=4, to="first"),
    ]
    with served(full, faults=faults) as one:
        link = one.get(PAGED).json()["@odata.nextLink"]
        assert one.get(link).json()["@odata.nextLink"] == link
        one.get(PAGED)
        assert one.get(link).json()["@odata.nextLink"] == f"{one.url}/{PAGED}"


def test_a_page_comes_twice_and_then_the_rest(full: Cloud) -> None:
    faults = plan(rule("repeat_page", path=USERS, nth=2))
    with served(full, faults=faults) as one:
        link: str | None = PAGED
        pages, links = [], []
        while link:
            answer = one.get(link).json()
            pages.append([people(6).index(user) for user in answer["value"]])
            link = answer.get("@odata.nextLink")
            links.append(link)
    assert pages == [[0, 1], [2, 3], [2, 3], [4, 5]]
    assert len(set(links)) == 4
    assert len(faults.applied) == 1


def test_an_endless_list_never_repeats_a_link(full: Cloud) -> None:
    with served(full, faults=[rule("repeat_page", path=USERS)]) as one:
        links = [PAGED]
        for _ in range(5):
            links.append(one.get(links[-1]).json()["@odata.nextLink"])
    assert len(set(links)) == 6


# --- transport ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["reset", "close"])
@pytest.mark.parametrize("at", ["before_headers", "after_headers", "mid_body"])
def test_a_connection_breaks(full: Cloud, at: str, how: str) -> None:
    faults = plan(rule("reset", path=USERS, nth=2, at=at, how=how))
    with served(full, faults=faults) as one:
        good = one.get(USERS)  # the connection is in use already
        seen: dict[str, Any] = {"status": None, "bytes": 0}

        def read() -> None:
            with one.client.stream("GET", f"{one.url}/{USERS}", headers=one.headers()) as answer:
                seen["status"] = answer.status_code
                for chunk in answer.iter_raw():
                    seen["bytes"] += len(chunk)

        with pytest.raises(httpx.TransportError) as broken:
            read()
        length = int(good.headers["content-length"])
        assert seen["status"] == (None if at == "before_headers" else 200)
        assert seen["bytes"] == (length // 2 if at == "mid_body" else 0)
        kind = httpx.ReadError if how == "reset" else httpx.RemoteProtocolError
        assert type(broken.value) is kind
        assert one.get(USERS).json() == good.json(), "a new connection is well"
    assert [applied.kind for applied in faults.applied] == ["reset"]


def raw(one: Served, path: str) -> tuple[httpx.Headers, bytes]:
    """Return what is on the wire."""
    with one.client.stream("GET", f"{one.url}/{path}", headers=one.headers()) as answer:
        return answer.headers, b"".join(answer.iter_raw())


@pytest.mark.parametrize("kept", [0.5, 0.9, 0.0])
def test_gzip_ends_early(full: Cloud, kept: float) -> None:
    with served(full, faults=[rule("truncated_gzip", path=USERS, nth=1, kept=kept)]) as one:
        headers, content = raw(one, USERS)
        whole = raw(one, USERS)[1]
    assert (headers["content-encoding"], int(headers["content-length"])) == ("gzip", len(content))
    assert content == whole[: int(len(whole) * kept)]
    if kept:
        with pytest.raises((EOFError, zlib.error)):
            gzip.decompress(content)


def test_gzip_is_not_gzip(full: Cloud) -> None:
    with served(full, faults=[rule("wrong_gzip", path=USERS, nth=1)]) as one:
        headers, content = raw(one, USERS)
        assert headers["content-encoding"] == "gzip"
        assert json.loads(content)["value"] == people(6)
        assert one.value(USERS) == people(6)
    with served(full, faults=[rule("wrong_gzip", path=USERS)]) as one, pytest.raises(httpx.DecodingError):
        one.get(USERS)


def test_an_answer_takes_its_time(full: Cloud) -> None:
    with served(full, faults=[rule("slow", path=USERS, nth=1, seconds=0.4)]) as one:
        one.headers()
        begin = time.monotonic()
        assert one.value(USERS) == people(6)
        assert time.monotonic() - begin >= 0.4
        begin = time.monotonic()
        assert one.value(USERS) == people(6)
        assert time.monotonic() - begin < 0.4


def test_an_answer_drips(full: Cloud) -> None:
    with (
        served(full, faults=[rule("slow", path=USERS, seconds=0.2, pieces=5)]) as one,
        one.client.stream("GET", f"{one.url}/{USERS}", headers=one.headers()) as answer,
    ):
        chunks = [(time.monotonic(), chunk) for chunk in answer.iter_raw()]
        length = int(answer.headers["content-length"])
    assert len(chunks) == 5
    assert chunks[-1][0] - chunks[0][0] >= 0.12
    assert sum(len(chunk) for _, chunk in chunks) == length


def test_a_client_that_gives_up_does_not_hold_the_server(full: Cloud) -> None:
    begin = time.monotonic()
    with served(full, faults=[rule("slow", path=USERS, nth=1, seconds=60)]) as one:
        one.headers()
        with pytest.raises(httpx.ReadTimeout):
            one.client.get(f"{one.url}/{USERS}", headers=one.headers(), timeout=0.1)
        assert one.value(USERS) == people(6)
    assert time.monotonic() - begin < 5


def test_faults_of_the_connection_add_up(full: Cloud) -> None:
    faults = [rule("slow", path=USERS, seconds=0.1), rule("status", path=USERS, status=503)]
    with served(full, faults=faults) as one:
        one.headers()
        begin = time.monotonic()
        assert one.get(USERS).status_code == 503
        assert time.monotonic() - begin >= 0.1


def test_without_a_socket_nothing_can_break(tmp_path: Path) -> None:
    cloud = Cloud(tmp_path)
    write(cloud, rule("reset", path=USERS))
    with pytest.raises(RuntimeError, match="ask the server over HTTP"):
        cloud.get(f"/{USERS}")


# --- all of it ------------------------------------------------------------------------------------------------


def test_the_same_requests_meet_the_same_faults(full: Cloud) -> None:
    rules = [
        rule("status", path=USERS, every=3, status=503),
        rule("unknown_enum", path=USERS, nth=[2, 4], property="userType"),
        rule("p1_missing", path=USERS, tenant=CUSTOMER, after=2, times=1),
    ]

    def once() -> tuple[list[tuple[int, bytes]], list[Any]]:
        faults = Faults(rules)
        with served(full, faults=faults) as one:
            answers = [one.get(USERS, tenant) for _ in range(5) for tenant in (PARTNER, CUSTOMER)]
        bodies = [(answer.status_code, answer.content if answer.status_code == 200 else b"") for answer in answers]
        return bodies, faults.applied

    first = once()
    assert first == once()
    assert Counter(applied.kind for applied in first[1]) == {"status": 2, "unknown_enum": 3, "p1_missing": 1}
