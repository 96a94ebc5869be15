"""Lists and objects of a tenant folder as Graph answers them."""

import re
from typing import Any

import pytest

from sandbox.paths import ROUTES
from tests.sandbox.cloud import BASE, CUSTOMER, GRAPH, PARTNER, Cloud, people

GUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
LISTS = [(version, route.path) for route in ROUTES if route.many for version in route.versions]
OBJECTS = [(version, route.path) for route in ROUTES if not route.many for version in route.versions]


@pytest.mark.parametrize(("version", "path"), LISTS)
def test_a_missing_list_is_empty(cloud: Cloud, version: str, path: str) -> None:
    target = f"{version}/{path}".replace("{id}", "some-id")
    reply = cloud.get(f"/{target}")
    assert (reply.status, reply.value) == (200, [])
    assert reply.json()["@odata.context"].startswith(f"{GRAPH}/{version}/$metadata#")


@pytest.mark.parametrize(("version", "path"), OBJECTS)
def test_a_missing_object_is_not_found(cloud: Cloud, version: str, path: str) -> None:
    reply = cloud.get(f"/{version}/{path}".replace("{id}", "some-id"))
    assert (reply.status, reply.code) == (404, "Request_ResourceNotFound")


@pytest.mark.parametrize(("version", "path"), LISTS)
def test_a_list_is_served_as_it_is(cloud: Cloud, version: str, path: str) -> None:
    target = f"{version}/{path}".replace("{id}", "some-id")
    value: list[Any] = [{"id": "1", "unknownToAll": [1.50, None, {"é": "\u2028</script>"}]}, {"id": "2"}]
    cloud.put(target, value)
    assert cloud.get(f"/{target}").value == value


@pytest.mark.parametrize(("version", "path"), OBJECTS)
def test_an_object_is_served_as_it_is(cloud: Cloud, version: str, path: str) -> None:
    target = f"{version}/{path}".replace("{id}", "some-id")
    content = {"id": "1", "unknownToAll": [1.50, None, {"é": "x"}]}
    cloud.put(target, content)
    found = cloud.get(f"/{target}").json()
    assert found.pop("@odata.context")
    assert found == content


def test_numbers_leave_as_they_were_written(cloud: Cloud) -> None:
    file = cloud.put("v1.0/users", [])
    file.write_text('{"value": [{"id": "1", "a": 100.0, "b": 47.68050003051758, "c": 1e2, "d": 12345678901234567890}]}')
    for target in ("/v1.0/users", "/v1.0/users?$select=id,a,b,c,d", "/v1.0/users/1"):
        content = cloud.get(target).content
        for text in (b'"a":100.0', b'"b":47.68050003051758', b'"c":1e2', b'"d":12345678901234567890'):
            assert text in content


@pytest.mark.parametrize(
    ("target", "context"),
    [
        ("/v1.0/users", "users"),
        ("/v1.0/users?$select=id,mail", "users(id,mail)"),
        ("/v1.0/users/u1", "users/$entity"),
        ("/v1.0/users/u1?$select=id", "users(id)/$entity"),
        ("/v1.0/users/u1/authentication/methods", "users('u1')/authentication/methods"),
        ("/v1.0/groups/g1/transitiveMembers", "directoryObjects"),
        ("/v1.0/auditLogs/signIns", "auditLogs/signIns"),
        (
            "/v1.0/roleManagement/directory/roleAssignments?$expand=principal",
            "roleManagement/directory/roleAssignments(principal())",
        ),
        (
            "/v1.0/tenantRelationships/delegatedAdminRelationships/r1/accessAssignments",
            "tenantRelationships/delegatedAdminRelationships('r1')/accessAssignments",
        ),
    ],
)
def test_the_context_names_what_is_served(cloud: Cloud, target: str, context: str) -> None:
    cloud.put("v1.0/users", [{"id": "u1", "mail": None}])
    assert cloud.get(target).json()["@odata.context"] == f"{GRAPH}/v1.0/$metadata#{context}"


def test_a_recorded_context_stays_until_something_is_left_out(cloud: Cloud) -> None:
    own = f"{GRAPH}/v1.0/$metadata#conditionalAccess/policies"
    path = "v1.0/identity/conditionalAccess/policies"
    cloud.put(path, {"@odata.context": own, "value": [{"id": "1"}]})
    assert cloud.get(f"/{path}").json()["@odata.context"] == own
    assert (
        cloud.get(f"/{path}?$select=id").json()["@odata.context"].endswith("#identity/conditionalAccess/policies(id)")
    )


def test_a_recorded_next_link_or_count_is_not_served(cloud: Cloud) -> None:
    recorded = {"@odata.nextLink": f"{GRAPH}/v1.0/users?$skiptoken=x", "@odata.count": 7, "value": people(2)}
    cloud.put("v1.0/users", recorded)
    found = cloud.get("/v1.0/users").json()
    assert set(found) == {"@odata.context", "value"}


def test_an_object_of_a_list_is_found_in_it(cloud: Cloud) -> None:
    listed = people(3)
    cloud.put("v1.0/users", listed)
    for name in (listed[1]["id"], listed[1]["id"].upper(), "USER1@contoso.example", "user1%40contoso.example"):
        found = cloud.get(f"/v1.0/users/{name}").json()
        assert found.pop("@odata.context").endswith("#users/$entity")
        assert found == listed[1]
    for name in ("nobody", "nobody@contoso.example"):
        reply = cloud.get(f"/v1.0/users/{name}")
        assert (reply.status, reply.code) == (404, "Request_ResourceNotFound")
        assert f"'{name}'" in reply.json()["error"]["message"]


def test_an_objects_own_file_comes_first(cloud: Cloud) -> None:
    cloud.put("v1.0/users", people(1))
    user_id = people(1)[0]["id"]
    cloud.put(f"v1.0/users/{user_id}", {"id": user_id, "displayName": "From its own file"})
    assert cloud.get(f"/v1.0/users/{user_id}").json()["displayName"] == "From its own file"


def test_a_guest_is_found_by_a_sign_in_name_with_a_hash(cloud: Cloud) -> None:
    name = "a_contoso.com#EXT#@fabrikam.example"
    cloud.put("v1.0/users", [{"id": "g1", "userPrincipalName": name}])
    assert cloud.get("/v1.0/users/a_contoso.com%23EXT%23@fabrikam.example").json()["id"] == "g1"


def test_what_lies_below_a_user_is_found_by_sign_in_name_too(cloud: Cloud) -> None:
    cloud.put("beta/users", people(2))
    user_id = people(2)[1]["id"]
    cloud.put(f"beta/users/{user_id}/authentication/requirements", {"perUserMfaState": "enforced"})
    target = "/beta/users/user1@contoso.example/authentication/requirements"
    assert cloud.get(target).json()["perUserMfaState"] == "enforced"
    cloud.fail(f"beta/users/{user_id}/authentication/requirements", 403, {"error": {"code": "x", "message": "y"}})
    assert cloud.get(target).status == 403
    assert cloud.get("/beta/users/nobody@contoso.example/authentication/requirements").status == 404


def test_names_of_a_path_match_in_any_case(cloud: Cloud) -> None:
    cloud.put("v1.0/auditLogs/signIns", [{"id": "1"}])
    assert cloud.get("/v1.0/AUDITLOGS/signins").value == [{"id": "1"}]


def test_a_path_outside_the_table_is_served_if_it_has_a_file(cloud: Cloud) -> None:
    cloud.put("v1.0/identityProtection/riskyUsers", people(150))
    cloud.put("v1.0/admin/reportSettings", {"displayConcealedNames": True})
    assert [len(page) for page in cloud.pages("/v1.0/identityProtection/riskyUsers")] == [100, 50]
    assert cloud.get("/v1.0/admin/reportSettings").json()["displayConcealedNames"] is True
    reply = cloud.get("/v1.0/admin/nothing")
    assert (reply.status, reply.code) == (400, "BadRequest")
    assert reply.json()["error"]["message"] == "Resource not found for the segment 'nothing'."


def test_a_beta_only_path_is_unknown_in_v1(cloud: Cloud) -> None:
    assert cloud.get("/v1.0/security/partner/securityScore/history").status == 400
    assert cloud.get("/beta/security/partner/securityScore/history").value == []


def test_every_answer_has_graphs_headers(cloud: Cloud) -> None:
    mine = "12345678-1234-4234-8234-123456789012"
    for target, status in (("/v1.0/users", 200), ("/v1.0/users/x", 404), ("/v1.0/x", 400)):
        reply = cloud.get(target, client_request_id=mine)
        named = reply.headers
        assert reply.status == status
        assert named["content-type"] == (
            "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
        )
        assert re.fullmatch(GUID, named["request-id"])
        assert named["client-request-id"] == mine
        assert named["odata-version"] == "4.0"
        assert named["vary"] == "Accept-Encoding"
        assert named["cache-control"] == "no-cache"
        assert named["strict-transport-security"]
        assert named["date"].endswith(" GMT")
        assert '"ServerInfo"' in named["x-ms-ags-diagnostic"]
    assert cloud.get("/v1.0/users").headers["client-request-id"]
    assert cloud.get("/v1.0/users").headers["request-id"] != cloud.get("/v1.0/users").headers["request-id"]


def test_an_error_has_graphs_envelope(cloud: Cloud) -> None:
    reply = cloud.get("/v1.0/users/x")
    error = reply.json()["error"]
    assert set(error) == {"code", "message", "innerError"}
    assert error["innerError"]["request-id"] == reply.headers["request-id"]
    assert error["innerError"]["client-request-id"] == reply.headers["client-request-id"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", error["innerError"]["date"])


@pytest.mark.parametrize(
    ("target", "units"),
    [
        ("/v1.0/users", "2"),
        ("/v1.0/users?$select=id", "1"),
        ("/v1.0/users?$top=19", "1"),
        ("/v1.0/users?$top=20", "2"),
        ("/v1.0/users?$top=5&$select=id", "1"),
        ("/v1.0/groups/g/transitiveMembers", "5"),
        ("/v1.0/groups/g/transitiveMembers?$select=id&$top=1", "3"),
        ("/v1.0/roleManagement/directory/roleAssignments?$expand=principal", "2"),
        ("/v1.0/contracts", "3"),
        ("/v1.0/users/x", "1"),
        ("/v1.0/auditLogs/signIns", None),
        ("/v1.0/identity/conditionalAccess/policies", None),
    ],
)
def test_identity_answers_say_what_they_cost(cloud: Cloud, target: str, units: str | None) -> None:
    assert cloud.get(target).headers.get("x-ms-resource-unit") == units


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
def test_graph_only_reads(cloud: Cloud, method: str) -> None:
    reply = cloud.get("/v1.0/users", method=method)
    assert (reply.status, reply.code, reply.headers["allow"]) == (405, "Request_BadRequest", "GET")


def test_two_tenants_are_two_worlds(cloud: Cloud) -> None:
    cloud.put("v1.0/users", people(1), PARTNER)
    cloud.put("v1.0/users", people(3), CUSTOMER)
    assert len(cloud.get("/v1.0/users", PARTNER).value) == 1
    assert len(cloud.get("/v1.0/users", CUSTOMER).value) == 3
    assert len(cloud.get("/v1.0/users", PARTNER).value) == 1


def test_gzip_is_sent_to_those_who_take_it(cloud: Cloud) -> None:
    cloud.put("v1.0/users", people(50))
    plain = cloud.get("/v1.0/users")
    assert "content-encoding" not in plain.headers
    for accepted in ("gzip", "deflate, gzip;q=0.8", "br, GZIP"):
        packed = cloud.get("/v1.0/users", accept_encoding=accepted)
        assert packed.headers["content-encoding"] == "gzip"
        assert int(packed.headers["content-length"]) < len(plain.content) / 3
        assert packed.content == plain.content
    assert "content-encoding" not in cloud.get("/v1.0/users", accept_encoding="gzip;q=0, br").headers


def test_a_link_carries_the_host_the_client_asked(cloud: Cloud) -> None:
    cloud.put("v1.0/users", people(2))
    link = cloud.get("/v1.0/users?$top=1", host="graph.microsoft.com").json()["@odata.nextLink"]
    assert link.startswith("http://graph.microsoft.com/v1.0/users?$top=1&$skiptoken=")
    assert cloud.get("/v1.0/users?$top=1").json()["@odata.nextLink"].startswith(f"{BASE}/v1.0/users?")
