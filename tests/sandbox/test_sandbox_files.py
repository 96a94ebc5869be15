"""Files change while the server runs; broken ones are named."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from sandbox.store import Cache, stamp
from tests.sandbox.cloud import PARTNER, Cloud, people, settle

USERS = "v1.0/users"
ERROR = {"error": {"code": "Authorization_RequestDenied", "message": "Insufficient privileges."}}


@pytest.mark.parametrize(
    "target", ["/v1.0/users", "/v1.0/users?$select=displayName", "/v1.0/users/1", "/v1.0/users?$top=1"]
)
def test_an_edited_file_takes_effect(cloud: Cloud, target: str) -> None:
    for name in ("A", "B"):  # the second is as long as the first
        settle(cloud.put(USERS, [{"id": "1", "displayName": name}]))
        for _ in range(3):
            assert f'"displayName":"{name}"' in cloud.get(target).content.decode()
        cloud.put(USERS, [{"id": "1", "displayName": "C"}])
        assert '"displayName":"C"' in cloud.get(target).content.decode()


def test_edits_within_one_tick_of_the_clock_take_effect(cloud: Cloud) -> None:
    file = cloud.put(USERS, [])
    for number in range(200):
        file.write_text(f'{{"value": [{{"id": "{number:03d}"}}]}}')
        assert cloud.get("/v1.0/users").value == [{"id": f"{number:03d}"}]


def test_a_file_put_in_place_by_rename_takes_effect(cloud: Cloud) -> None:
    file = cloud.put(USERS, [{"id": "1"}])
    settle(file)
    assert cloud.get("/v1.0/users").value == [{"id": "1"}]
    other = file.with_suffix(".new")
    other.write_text('{"value": [{"id": "2"}]}')
    settle(other)  # the same size and the same time
    other.replace(file)
    assert cloud.get("/v1.0/users").value == [{"id": "2"}]


def test_adding_and_removing_files_takes_effect(cloud: Cloud) -> None:
    assert cloud.get("/v1.0/users").value == []
    file = cloud.put(USERS, people(2))
    settle(file)
    assert len(cloud.get("/v1.0/users").value) == 2
    failing = cloud.fail(USERS, 403, ERROR)
    settle(failing)
    assert cloud.get("/v1.0/users").status == 403
    failing.unlink()
    assert len(cloud.get("/v1.0/users").value) == 2
    file.unlink()
    assert cloud.get("/v1.0/users").value == []


def test_a_page_follows_its_file_between_two_pages(cloud: Cloud) -> None:
    settle(cloud.put(USERS, people(4)))
    link = cloud.get("/v1.0/users?$top=2").json()["@odata.nextLink"]
    cloud.put(USERS, people(3))
    assert cloud.get(link).value == people(3)[2:]


def test_a_planned_failure_wins_over_data(cloud: Cloud) -> None:
    cloud.put(USERS, people(2))
    cloud.fail(USERS, 429, ERROR, Retry_After="2.128", x_ms_throttle_scope="Tenant")
    reply = cloud.get("/v1.0/users", client_request_id="mine")
    assert (reply.status, reply.json()) == (429, ERROR)
    assert (reply.headers["retry-after"], reply.headers["x-ms-throttle-scope"]) == ("2.128", "Tenant")
    assert reply.headers["client-request-id"] == "mine"
    assert cloud.get(f"/v1.0/users/{people(1)[0]['id']}").status == 200  # that path and no other
    assert cloud.get("/beta/users").status == 200


def test_a_planned_failure_needs_no_body(cloud: Cloud) -> None:
    cloud.fail(USERS, 503)
    reply = cloud.get("/v1.0/users", accept_encoding="gzip")
    assert (reply.status, reply.content) == (503, b"")


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("users.json", "", "v1.0/users.json"),
        ("users.json", "[1]", "v1.0/users.json"),
        ("users.json", '{"value": [1,]}', "v1.0/users.json"),
        ("users.json", '{"value": {"id": 1}}', "expected a list"),
        ("users.json", '{"id": 1}', "expected a list"),
        ("users.error.json", "{", "v1.0/users.error.json"),
        ("users.error.json", "{}", "status"),
        ("users.error.json", '{"status": 200}', "not 400 to 599"),
        ("users.error.json", '{"status": true}', "not 400 to 599"),
        ("users.error.json", '{"status": 403, "header": {}}', "header"),
        ("users.error.json", '{"status": 403, "headers": {"x": "\u20ac"}}', "v1.0/users.error.json"),
    ],
)
def test_a_file_that_cannot_be_served_is_named(cloud: Cloud, path: str, text: str, found: str) -> None:
    (cloud.data / PARTNER / "v1.0").mkdir()
    (cloud.data / PARTNER / "v1.0" / path).write_text(text)
    reply = cloud.get("/v1.0/users")
    assert (reply.status, reply.code) == (500, "sandboxData")
    assert found in reply.json()["error"]["message"]


def test_a_single_object_must_not_be_a_list(cloud: Cloud) -> None:
    path = "v1.0/policies/identitySecurityDefaultsEnforcementPolicy"
    cloud.put(path, [])
    assert "expected one object" in cloud.get(f"/{path}").json()["error"]["message"]


def test_a_folder_in_the_way_is_named(cloud: Cloud) -> None:
    (cloud.data / PARTNER / "v1.0" / "users.json").mkdir(parents=True)
    assert "v1.0/users.json: cannot be read" in cloud.get("/v1.0/users").json()["error"]["message"]


class CacheMachine(RuleBasedStateMachine):
    """A cache beside a model of it: never a value whose file has changed, never more bytes than allowed."""

    folder: Path

    @initialize()
    def start(self) -> None:
        self.cache: Cache[str] = Cache(100)
        self.files = [self.folder / str(number) for number in range(3)]
        self.made: dict[int, str] = {}
        self.tick = 0
        for file in self.files:
            file.unlink(missing_ok=True)

    @rule(number=st.integers(0, 2), size=st.integers(1, 120))
    def put(self, number: int, size: int) -> None:
        file = self.files[number]
        content = file.read_text() if file.exists() else ""
        self.cache.put(number, content, ((str(file), stamp(str(file))),), size)
        self.made[number] = content

    @rule(number=st.integers(0, 2))
    def edit(self, number: int) -> None:
        self.tick += 1
        self.files[number].write_text(str(self.tick))
        settle(self.files[number])
        self.files[number].touch() if self.tick % 2 else None

    @rule(number=st.integers(0, 2))
    def remove(self, number: int) -> None:
        self.files[number].unlink(missing_ok=True)

    @rule(number=st.integers(0, 2))
    def get(self, number: int) -> None:
        file = self.files[number]
        found = self.cache.get(number)
        if found is not None:
            assert found[0] == (file.read_text() if file.exists() else "")

    @rule()
    def weigh(self) -> None:
        assert sum(entry[2] for entry in self.cache._kept.values()) == self.cache._bytes <= 100


def test_a_cache_never_gives_what_has_changed(tmp_path: Path) -> None:
    CacheMachine.folder = tmp_path
    quick = settings(max_examples=40, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(CacheMachine, settings=quick)


def test_an_unchanged_file_is_not_read_again(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(cloud.put(USERS, people(5)), cloud.data / "apps.json")
    first = cloud.get("/v1.0/users").content
    monkeypatch.setattr(Path, "read_bytes", lambda self: pytest.fail(f"{self} was read again"))
    assert cloud.get("/v1.0/users").content == first
    assert json.loads(cloud.get("/v1.0/users?$top=2").content)["value"] == people(2)
