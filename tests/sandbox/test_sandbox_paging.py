"""Paging: every item once, in order, however a list is cut."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sandbox.cloud import CUSTOMER, Cloud, people

ITEMS = st.lists(st.fixed_dictionaries({"id": st.uuids().map(str), "n": st.integers()}), max_size=60)


@given(items=ITEMS, top=st.integers(1, 70))
@settings(deadline=None, max_examples=60)
def test_any_cut_gives_the_same_items(tmp_path_factory: pytest.TempPathFactory, items: list[Any], top: int) -> None:
    cloud = Cloud(tmp_path_factory.mktemp("data"))
    cloud.put("v1.0/users", items)
    pages = cloud.pages(f"/v1.0/users?$top={top}")
    assert [item for page in pages for item in page] == items
    assert all(len(page) == top for page in pages[:-1])
    assert len(pages) == max(1, -(-len(items) // top))


@given(
    top=st.integers(1, 50),
    least=st.integers(0, 60),
    is_descending=st.booleans(),
    select=st.sampled_from(["", "&$select=id", "&$select=displayName,id"]),
)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_other_options_hold_on_every_page(cloud: Cloud, top: int, least: int, is_descending: bool, select: str) -> None:
    items = people(40)
    cloud.put("v1.0/users", items)
    way = "desc" if is_descending else "asc"
    expression = f"$filter=id%20ge%20'{least:08d}'&$orderby=id%20{way}{select}&$top={top}"
    wanted = sorted((one["id"] for one in items if one["id"] >= f"{least:08d}"), reverse=is_descending)
    pages = cloud.pages(f"/v1.0/users?{expression}")
    assert [one["id"] for page in pages for one in page] == wanted
    if select:
        assert all("accountEnabled" not in one for page in pages for one in page)


@pytest.mark.parametrize(
    ("path", "default", "most"),
    [
        ("users", 100, 999),
        ("groups/g/transitiveMembers", 100, 999),
        ("groups/g/members", 100, 999),
        ("auditLogs/signIns", 1000, 1000),
        ("reports/authenticationMethods/userRegistrationDetails", 100, 999),
        ("tenantRelationships/delegatedAdminRelationships", 100, 300),
        ("tenantRelationships/delegatedAdminCustomers", 100, 300),
        ("tenantRelationships/delegatedAdminRelationships/r/accessAssignments", 100, 300),
        ("identity/conditionalAccess/policies", 100, 999),
        ("roleManagement/directory/roleAssignments", 100, 999),
    ],
)
def test_each_list_has_its_page_sizes(cloud: Cloud, path: str, default: int, most: int) -> None:
    cloud.put(f"v1.0/{path}", [{"id": str(number)} for number in range(most + 1)])
    assert len(cloud.get(f"/v1.0/{path}").value) == default
    assert [len(page) for page in cloud.pages(f"/v1.0/{path}?$top={most}")] == [most, 1]
    reply = cloud.get(f"/v1.0/{path}?$top={most + 1}")
    assert (reply.status, reply.code) == (400, "Request_UnsupportedQuery")
    message = f"Invalid page size specified: '{most + 1}'. Must be between 1 and {most} inclusive."
    assert reply.json()["error"]["message"] == message


@pytest.mark.parametrize("path", ["directoryRoles", "subscribedSkus", "domains", "directoryRoles/r/members"])
def test_some_lists_do_not_page(cloud: Cloud, path: str) -> None:
    cloud.put(f"v1.0/{path}", [{"id": str(number)} for number in range(1500)])
    assert [len(page) for page in cloud.pages(f"/v1.0/{path}")] == [1500]


@pytest.mark.parametrize("top", ["0", "-1", "abc", "", "1.5", "٣", "99999999999999999999999999", "1e2"])
def test_a_top_that_is_no_page_size_is_refused(cloud: Cloud, top: str) -> None:
    cloud.put("v1.0/users", people(3))
    assert cloud.get(f"/v1.0/users?$top={top.encode('utf-8').decode('latin-1')}").status == 400


def test_sign_in_activity_has_a_smaller_page(cloud: Cloud) -> None:
    cloud.put("v1.0/users", people(121))
    target = "/v1.0/users?$select=id,signInActivity"
    reply = cloud.get(f"{target}&$top=121")
    assert (reply.status, reply.code) == (400, "BadRequest")
    assert reply.json()["error"]["message"] == "Cannot query data for more than 120 users at a time."
    assert [len(page) for page in cloud.pages(f"{target}&$top=120")] == [120, 1]
    assert [len(page) for page in cloud.pages(target)] == [100, 21]


def test_the_partner_score_pages_by_the_server_only(cloud: Cloud) -> None:
    path = "beta/security/partner/securityScore/customerInsights"
    cloud.put(path, [{"tenantId": str(number)} for number in range(150)])
    assert [len(page) for page in cloud.pages(f"/{path}")] == [100, 50]
    assert cloud.get(f"/{path}?$top=10").status == 400


def test_the_count_is_on_the_first_page_only(cloud: Cloud) -> None:
    cloud.put("v1.0/users", people(5))
    first = cloud.get("/v1.0/users?$count=true&$top=3").json()
    assert first["@odata.count"] == 5
    assert "@odata.count" not in cloud.get(first["@odata.nextLink"]).json()
    assert "@odata.count" not in cloud.get("/v1.0/users?$count=false").json()
    counted = cloud.get("/v1.0/users?$count=true&$filter=accountEnabled%20eq%20true&$top=1").json()
    assert counted["@odata.count"] == sum(one["accountEnabled"] for one in people(5))


def test_the_link_keeps_the_options_word_for_word(cloud: Cloud) -> None:
    cloud.put("v1.0/users", people(5))
    query = "%24filter=startsWith(displayName,%27User%27)&$top=2&$SELECT=id&api-version=7&$count=true"
    link = cloud.get(f"/v1.0/users?{query}").json()["@odata.nextLink"]
    assert link.partition("?")[2].startswith(f"{query}&$skiptoken=")
    again = cloud.get(link).json()["@odata.nextLink"]
    assert len(parse_qs(urlsplit(again).query)["$skiptoken"]) == 1


def test_a_page_token_works_where_it_was_given_out(cloud: Cloud) -> None:
    for tenant in (None, CUSTOMER):
        cloud.put("v1.0/users", people(5), **({"tenant": tenant} if tenant else {}))
    cloud.put("v1.0/groups", people(5))
    link = cloud.get("/v1.0/users?$top=2").json()["@odata.nextLink"]
    token = parse_qs(urlsplit(link).query)["$skiptoken"][0]
    assert len(cloud.get(f"/v1.0/users?$skiptoken={token}").value) == 3
    assert len(cloud.get(f"/v1.0/users?$skipToken={token}").value) == 3
    for elsewhere in (
        f"/v1.0/groups?$top=2&$skiptoken={token}",
        f"/v1.0/users?$top=2&$select=id&$skiptoken={token}",
        f"/v1.0/users?$top=2&$skiptoken={token[:-2]}",
        "/v1.0/users?$skiptoken=é",
        "/v1.0/users?$skiptoken=MS94",
        "/v1.0/users?$skiptoken=2",
    ):
        reply = cloud.get(elsewhere)
        assert (reply.status, reply.code) == (400, "Directory_ExpiredPageToken"), elsewhere
    assert cloud.get(link, CUSTOMER).code == "Directory_ExpiredPageToken"


def test_a_page_token_ends_with_the_process(cloud: Cloud, tmp_path: Path) -> None:
    cloud.put("v1.0/users", people(5))
    link = cloud.get("/v1.0/users?$top=2").json()["@odata.nextLink"]
    (tmp_path / "other").mkdir()
    again = Cloud(tmp_path / "other")
    again.put("v1.0/users", people(5))
    assert again.get(link).code == "Directory_ExpiredPageToken"
