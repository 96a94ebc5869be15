"""``$batch``."""

from pathlib import Path
from typing import Any

import pytest

from sandbox.calls import Answer, Body, Call, Handler
from tests.sandbox.cloud import BASE, PARTNER, Cloud, Reply, people

ERROR = {"error": {"code": "TooManyRequests", "message": "Please retry again later."}}


def batch(cloud: Cloud, *requests: dict[str, Any], version: str = "v1.0", **headers: str) -> Reply:
    full = [{"id": str(place), "method": "GET", **one} for place, one in enumerate(requests, 1)]
    return cloud.get(f"/{version}/$batch", method="POST", body={"requests": full}, **headers)


def responses(reply: Reply) -> dict[str, Any]:
    assert reply.status == 200, reply.content
    return {one["id"]: one for one in reply.json()["responses"]}


def test_each_request_has_its_own_answer(cloud: Cloud) -> None:
    cloud.put("v1.0/users", people(3))
    cloud.fail("v1.0/groups", 429, ERROR, Retry_After="3")
    found = responses(
        batch(
            cloud,
            {"url": "/users?$top=2&$select=id"},
            {"url": "users/nobody"},
            {"url": "/groups"},
            {"url": "/users", "method": "PATCH"},
            {"url": "https://graph.microsoft.com/v1.0/users"},
            {"url": "/$batch"},
            {"url": "/nothing"},
        )
    )
    assert [found[key]["status"] for key in sorted(found)] == [200, 404, 429, 405, 400, 400, 400]
    assert found["1"]["body"]["value"] == [{"id": one["id"]} for one in people(2)]
    assert found["1"]["headers"]["Content-Type"].startswith("application/json")
    assert found["3"]["body"] == ERROR
    assert found["3"]["headers"]["Retry-After"] == "3"
    assert found["2"]["body"]["error"]["code"] == "Request_ResourceNotFound"


def test_next_links_lead_on(cloud: Cloud) -> None:
    cloud.put("beta/users", people(3))
    found = responses(batch(cloud, {"url": "/users?$top=2"}, version="beta"))
    link = found["1"]["body"]["@odata.nextLink"]
    assert link.startswith(f"{BASE}/beta/users?")
    assert cloud.get(link).value == people(3)[2:]


def test_twenty_are_taken_and_no_more(cloud: Cloud) -> None:
    assert len(responses(batch(cloud, *[{"url": "/users"}] * 20))) == 20
    reply = batch(cloud, *[{"url": "/users"}] * 21)
    assert (reply.status, reply.code) == (400, "MaximumValueExceeded")


@pytest.mark.parametrize(
    "body",
    [
        {"requests": []},
        {"requests": [{"id": "1", "method": "GET", "url": "/users"}] * 2},
        {"requests": [{"method": "GET", "url": "/users"}]},
        {"requests": [{"id": "1", "method": "GET"}]},
        {"requests": [{"id": 1, "method": "GET", "url": "/users"}]},
        {"requests": {}},
        {},
        [],
        {"requests": [{"id": "1", "method": "GET", "url": "/users", "dependsOn": ["2"]}]},
        {"requests": [{"id": "1", "method": "GET", "url": "/users", "dependsOn": ["1"]}]},
    ],
)
def test_a_malformed_batch_is_refused_as_a_whole(cloud: Cloud, body: Any) -> None:
    reply = cloud.get("/v1.0/$batch", method="POST", body=body)
    assert (reply.status, reply.code) == (400, "BadRequest")


def test_what_depends_on_a_failure_is_not_sent(cloud: Cloud) -> None:
    found = responses(
        batch(
            cloud,
            {"url": "/users/nobody"},
            {"url": "/users", "dependsOn": ["1"]},
            {"url": "/users", "dependsOn": ["2"]},
            {"url": "/users"},
            {"url": "/groups", "dependsOn": ["4"]},
        )
    )
    assert [found[key]["status"] for key in sorted(found)] == [404, 424, 424, 200, 200]
    assert found["2"]["body"]["error"]["code"] == "FailedDependency"


def test_the_token_of_the_batch_counts_and_headers_are_each_requests_own(cloud: Cloud) -> None:
    rows = [{"@odata.type": "#microsoft.graph.user", "id": "1"}]
    cloud.put("v1.0/groups/g/transitiveMembers", rows)
    target = "/groups/g/transitiveMembers/microsoft.graph.user?$count=true"
    found = responses(
        batch(cloud, {"url": target, "headers": {"ConsistencyLevel": "eventual"}}, {"url": target}, {"url": "/users"})
    )
    assert [found[key]["status"] for key in sorted(found)] == [200, 400, 200]
    assert cloud.get("/v1.0/$batch", method="POST", body={}, authorization="Bearer x").status == 401


def test_a_batch_is_posted(cloud: Cloud) -> None:
    assert cloud.get("/v1.0/$batch").status == 405


def test_each_request_passes_the_hooks(tmp_path: Path) -> None:
    seen: list[Call] = []

    async def hook(call: Call, handler: Handler) -> Answer:
        seen.append(call)
        if call.bucket == "reports":
            return Answer(429, Body(b"{}"), ((b"Retry-After", b"1"),))
        return await handler(call)

    found = responses(batch(Cloud(tmp_path, hooks=(hook,)), {"url": "/users"}, {"url": "/auditLogs/signIns"}))
    assert (found["1"]["status"], found["2"]["status"]) == (200, 429)
    assert [(call.service, call.bucket, call.tenant) for call in seen] == [
        ("login", "token", PARTNER),
        ("graph", "identity", PARTNER),
        ("graph", "reports", PARTNER),
    ]
