"""The Partner Center API."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sandbox.cloud import CUSTOMER, PARTNER, PARTNER_CENTER, Cloud, ask

CUSTOMERS = "partner-center/v1/customers"


def customers(count: int) -> list[dict[str, Any]]:
    return [{"id": f"c{number}", "companyProfile": {"companyName": f"Customer {number}"}} for number in range(count)]


def put(cloud: Cloud, count: int) -> None:
    cloud.put(CUSTOMERS, {"totalCount": count, "items": customers(count), "attributes": {"objectType": "Collection"}})


def walk(cloud: Cloud, target: str) -> list[list[Any]]:
    pages = []
    headers: dict[str, str] = {}
    while True:
        reply = cloud.get(target, **headers)
        assert reply.status == 200, reply.content
        body = reply.json()
        pages.append(body["items"])
        link = body["links"].get("next")
        if link is None:
            return pages
        assert link["method"] == "GET"
        target = f"/v1{link['uri']}"
        headers = {one["key"].replace("-", "_"): one["value"] for one in link["headers"]}


def test_customers_come_in_a_collection(cloud: Cloud) -> None:
    put(cloud, 2)
    reply = cloud.get("/v1/customers?size=40")
    assert reply.json() == {
        "totalCount": 2,
        "items": customers(2),
        "links": {"self": {"uri": "/customers?size=40", "method": "GET", "headers": []}},
        "attributes": {"objectType": "Collection"},
    }
    assert reply.headers["content-type"] == "application/json; charset=utf-8"
    assert reply.headers["ms-requestid"]
    assert cloud.get("/v1/CUSTOMERS").json()["items"] == customers(2)


@given(count=st.integers(0, 30), size=st.integers(1, 40))
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_cut_gives_the_same_customers(cloud: Cloud, count: int, size: int) -> None:
    put(cloud, count)
    pages = walk(cloud, f"/v1/customers?size={size}")
    assert [one for page in pages for one in page] == customers(count)
    assert all(len(page) == size for page in pages[:-1])


def test_no_size_is_five_hundred(cloud: Cloud) -> None:
    put(cloud, 501)
    assert [len(page) for page in walk(cloud, "/v1/customers")] == [500, 1]


@pytest.mark.parametrize("size", ["0", "-1", "501", "x", "1.5"])
def test_a_size_that_is_none_is_refused(cloud: Cloud, size: str) -> None:
    reply = cloud.get(f"/v1/customers?size={size}")
    assert (reply.status, reply.json()["code"], reply.json()["source"]) == (400, 2000, "PartnerFD")


def test_the_next_page_needs_its_token(cloud: Cloud) -> None:
    put(cloud, 5)
    link = cloud.get("/v1/customers?size=2").json()["links"]["next"]
    token = link["headers"][0]["value"]
    assert urlsplit(link["uri"]).query == "size=2&seekOperation=Next"
    assert cloud.get(f"/v1{link['uri']}", MS_ContinuationToken=token).json()["items"] == customers(5)[2:4]
    for target, given_token in (
        (link["uri"], ""),
        (link["uri"], "MA==.x"),
        (link["uri"], token[:-1]),
        ("/customers?size=2&seekOperation=Last", token),
    ):
        assert cloud.get(f"/v1{target}", MS_ContinuationToken=given_token).status == 400
    cloud.put(CUSTOMERS, {"items": customers(5)}, CUSTOMER)
    assert cloud.get(f"/v1{link['uri']}", CUSTOMER, MS_ContinuationToken=token).status == 400


@pytest.mark.parametrize("name", ["nonMfaCompliantPartnerPrincipals", "partnerRequests"])
def test_the_other_lists_come_whole(cloud: Cloud, name: str) -> None:
    assert (cloud.get(f"/v1/{name}").status, cloud.get(f"/v1/{name}").json()["code"]) == (403, 900329)
    cloud.sign_in_a_user(PARTNER_CENTER)
    assert cloud.get(f"/v1/{name}").json()["items"] == []
    cloud.put(f"partner-center/v1/{name}", {"totalCount": 600, "items": customers(600)})
    found = cloud.get(f"/v1/{name}").json()
    assert (found["totalCount"], len(found["items"]), "next" in found["links"]) == (600, 600, False)


def test_the_adoption_status_is_a_bare_list(cloud: Cloud) -> None:
    cloud.sign_in_a_user(PARTNER_CENTER)
    assert cloud.get("/v1/applicationmfaadoptionstatus").json() == []
    rows = [{"loginDate": "2026-11-22", "totalRequestCount": 5, "mfaCompliantRequestCount": 2}]
    file = cloud.put("partner-center/v1/applicationmfaadoptionstatus", {})
    file.write_text(str(rows).replace("'", '"'))
    assert cloud.get("/v1/applicationmfaadoptionstatus").json() == rows


def test_other_paths_are_served_from_files_or_not_found(cloud: Cloud) -> None:
    assert cloud.get("/v1/profiles/mpn").status == 404
    cloud.put("partner-center/v1/profiles/mpn", {"mpnId": "1"})
    assert cloud.get("/v1/profiles/mpn").json() == {"mpnId": "1"}
    assert cloud.get("/v1/").status == 404


@pytest.mark.parametrize(
    ("audience", "code"), [("https://graph.microsoft.com", 401), ("https://graph.windows.net", 900420)]
)
def test_it_wants_a_token_of_its_own(cloud: Cloud, audience: str, code: int) -> None:
    token = cloud.token(PARTNER, audience)
    reply = ask(cloud.app, "GET", "/v1/customers", {"authorization": f"Bearer {token}"})
    assert (reply.status, reply.json()["code"]) == (401, code)
    assert reply.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert ask(cloud.app, "GET", "/v1/customers", {}).status == 401


def test_a_partner_that_is_gone_is_not_an_empty_one(cloud: Cloud) -> None:
    cloud.token(PARTNER, PARTNER_CENTER)
    (cloud.data / PARTNER).rmdir()
    reply = cloud.get("/v1/customers")
    assert (reply.status, reply.json()["code"]) == (401, 60003)


def test_failures_can_be_planned_and_broken_files_are_named(cloud: Cloud) -> None:
    cloud.sign_in_a_user(PARTNER_CENTER)
    body = {"code": 900421, "description": "MFA is required", "data": [], "source": "PartnerFD"}
    file = cloud.fail(CUSTOMERS, 401, body)
    assert (cloud.get("/v1/customers").status, cloud.get("/v1/customers").json()) == (401, body)
    file.unlink()
    cloud.put(CUSTOMERS, {"value": []})
    reply = cloud.get("/v1/customers")
    assert (reply.status, reply.json()["error"]["code"]) == (500, "sandboxData")
    cloud.put("partner-center/v1/applicationmfaadoptionstatus", {}).write_text("[")
    assert cloud.get("/v1/applicationmfaadoptionstatus").status == 500


def test_it_only_reads(cloud: Cloud) -> None:
    assert cloud.get("/v1/customers", method="POST").status == 405
