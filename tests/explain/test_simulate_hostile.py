"""``rollcall simulate`` over files that nobody should have written: it says what is wrong, and touches nothing."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from checks.errors import CheckError
from checks.judge import judge
from checks.report.explained import as_json
from checks.report.simulated import print_simulation, simulated
from checks.simulate.simulate import Changed, Simulation
from collectors.config import Config
from tests.cover.make import policy as graph_policy
from tests.explain.test_commands import rollcall
from tests.judge.test_judge import CUSTOMER, LEFT_OUT, PARTNER, access, group, user, world
from tests.scorecards.fleet import EVIL
from warehouse.publish import publish

PAGE = Path(__file__).parents[2] / "docs" / "explain.md"
GOOD = {**graph_policy(), "id": "p0"}
FOREIGN = "70000000-0000-4000-8000-000000000007"


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """A partner whose policy leaves out the group g1, in which bob is; all names are hostile. The customer has g9."""
    rows = access({**LEFT_OUT, "display_name": EVIL}, **group("g1", "bob", name=EVIL))
    rows["users"] = [user("ann"), user("bob", display_name=EVIL, user_principal_name=f"{EVIL}@x.example")]
    rows["users"].append(user("carl", CUSTOMER))
    foreign = group(FOREIGN, "carl", "ann", tenant_id=CUSTOMER)
    rows["groups"] += foreign["groups"]
    rows["group_members"] += foreign["group_members"]
    here = world(tmp_path_factory.mktemp("hostile"), **rows)
    judge(here.config)
    publish(here.config)
    return here.config


@pytest.fixture(autouse=True)
def nothing_is_written(config: Config) -> Iterator[None]:
    """Hold of every test here: neither the writer's file nor the published one becomes another."""
    files = [config.warehouse, *sorted(path for path in config.published.parent.rglob("*") if path.is_file())]
    before = [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]
    yield
    assert [hashlib.sha256(path.read_bytes()).hexdigest() for path in files] == before
    assert files[1:] == sorted(path for path in config.published.parent.rglob("*") if path.is_file())


def put(config: Config, folder: Path, content: bytes | object, **more: Any) -> Simulation:
    path = folder / "odd.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return simulated(config, PARTNER, files=[path], **more)


def moved(found: Simulation) -> dict[str, tuple[str, str]]:
    return {each.account_id: (each.before, each.after) for each in found.changed}


def shown(found: Simulation) -> str:
    console = Console(file=StringIO(), width=100, force_terminal=True, color_system=None)
    print_simulation(found, console)
    file = console.file
    assert isinstance(file, StringIO)
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"state: enabled",
        json.dumps(GOOD).encode("utf-16-le"),  # without its mark nobody can tell
        b"\xff\xfe\x00",
        b"\xff" * 64,
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"1" * 10_000,
        b'{"id": "x", "displayName": "\\ud800", "conditions": {}}',
        b'"policy"',
        b"null",
        b"7",
        b"[]",
        b'{"value": []}',
        b'{"value": {"id": "x"}}',
    ],
    ids=lambda content: repr(content[:24]),
)
def test_what_is_no_policy_is_refused_by_the_name_of_its_file(config: Config, tmp_path: Path, content: bytes) -> None:
    with pytest.raises(CheckError, match=r"odd\.json") as caught:
        put(config, tmp_path, content)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"id": 3}, "without an id"),
        ({"id": ["p0"]}, "without an id"),
        ({"displayName": {"a": 1}}, "displayName: found an object"),
        ({"conditions": []}, "conditions: found a list, expected an object"),
        ({"conditions": {"users": "All"}}, "users: found a string, expected an object"),
        ({"conditions": {"users": {"includeUsers": "All"}}}, "includeUsers: found a string, expected a list"),
        ({"conditions": {"users": {"includeUsers": [1]}}}, "found a list with a number"),
        ({"conditions": {**GOOD["conditions"], "clientAppTypes": {"all": True}}}, "clientAppTypes: found an object"),
        ({"grantControls": "mfa"}, "grantControls: found a string"),
        ({"grantControls": {"operator": "OR", "builtInControls": "mfa"}}, "builtInControls: found a string"),
        ({"id": "\x1b[31m\u202e", "conditions": []}, "conditions: found a list"),
    ],
    ids=str,
)
def test_a_field_of_another_type_is_told_and_where_it_stands(
    config: Config, tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    with pytest.raises(CheckError, match=words) as caught:
        put(config, tmp_path, {**GOOD, **change})
    assert "odd.json" in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "change",
    [
        {"conditions": {**GOOD["conditions"], "clientAppTypes": ["all", "hologram"]}},
        {"conditions": {**GOOD["conditions"], "platforms": {"includePlatforms": ["all", "toaster"]}}},
        {"conditions": {**GOOD["conditions"], "signInRiskLevels": ["extreme"]}},
        {"conditions": {**GOOD["conditions"], "moonPhase": ["full"]}},
        {"grantControls": {"operator": "OR", "builtInControls": ["mfa", "handshake"]}},
        {"grantControls": {"operator": "XOR", "builtInControls": ["mfa"]}},
        {"state": "enabledOnSundays"},
        {"state": ["enabled"]},
    ],
    ids=str,
)
def test_a_value_nobody_knows_is_not_passed_over(config: Config, tmp_path: Path, change: dict[str, Any]) -> None:
    """The policy would cover ann and bob, were what is not known left out: it counts for nothing, and is told."""
    found = put(config, tmp_path, {**GOOD, **change})
    assert found.after["compliant"] == 0
    assert moved(found) == {"ann": ("compliant", "non_compliant")}
    assert any("not known here" in each for each in found.undecided)


def test_a_key_beside_the_conditions_leaves_it_open(config: Config, tmp_path: Path) -> None:
    """It might narrow the policy or not."""
    found = put(config, tmp_path, {**GOOD, "onlyOnSundays": True})
    assert moved(found)["ann"] == ("compliant", "indeterminate")
    assert any("would be indeterminate" in each for each in found.undecided)


@pytest.mark.parametrize("kind", ["includeGroups", "excludeGroups"])
@pytest.mark.parametrize("group_id", [FOREIGN, "there-is-no-such-group"])
def test_a_group_of_another_tenant_or_of_none_decides_nothing(
    config: Config, tmp_path: Path, group_id: str, kind: str
) -> None:
    users = {"includeUsers": [] if kind == "includeGroups" else ["All"], kind: [group_id]}
    found = put(config, tmp_path, {**graph_policy(users=users), "id": "p0"})
    assert moved(found)["ann"] == ("compliant", "indeterminate")
    assert any(group_id in each and "was not read, or it does not exist" in each for each in found.undecided)


def test_users_and_roles_of_another_tenant_are_nobody_here(config: Config, tmp_path: Path) -> None:
    users = {"includeUsers": ["carl", FOREIGN], "includeRoles": [FOREIGN]}
    found = put(config, tmp_path, {**graph_policy(users=users), "id": "p0"})
    assert moved(found) == {"ann": ("compliant", "non_compliant")}
    assert {each.account_id for each in found.changed} <= {"ann", "bob"}


def test_a_group_that_does_not_exist_can_be_neither_dropped_nor_sure(config: Config) -> None:
    with pytest.raises(CheckError, match="there is nothing to drop"):
        simulated(config, PARTNER, drop_exclusion=FOREIGN)
    found = simulated(config, PARTNER, include_group=FOREIGN, policy_id="p0")
    assert moved(found) == {}  # everybody is included already
    assert any(FOREIGN in each for each in found.undecided)


@pytest.mark.parametrize("groups", ["g1", [1], {"g1": True}])
def test_groups_of_another_type_are_told(config: Config, tmp_path: Path, groups: object) -> None:
    """Of a policy that is off nobody looks at the types."""
    odd = {"id": "off", "state": "disabled", "conditions": {"users": {"excludeGroups": groups}}}
    with pytest.raises(CheckError, match="in a way that is not known"):
        put(config, tmp_path, odd, drop_exclusion="g1", policy_id="off")


def test_a_file_larger_than_any_policies_is_not_read_to_its_end(config: Config, tmp_path: Path) -> None:
    path = tmp_path / "odd.json"
    with path.open("wb") as file:
        file.truncate(2**36)  # sparse: 64 GiB
    with pytest.raises(CheckError, match=r"odd\.json is larger than 16 MiB"):
        simulated(config, PARTNER, files=[path])


def test_many_policies_are_one_change(config: Config, tmp_path: Path) -> None:
    found = put(config, tmp_path, {"value": [{**GOOD, "id": f"n{at}"} for at in range(2000)]})
    assert len(found.changes) == 2000
    assert moved(found) == {"bob": ("non_compliant", "at_risk")}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be-mark"])
def test_a_mark_at_the_beginning_says_how_it_is_written(config: Config, tmp_path: Path, encoding: str) -> None:
    text = json.dumps(GOOD, ensure_ascii=False)
    big = encoding == "utf-16-be-mark"
    content = b"\xfe\xff" + text.encode("utf-16-be") if big else text.encode(encoding)
    assert moved(put(config, tmp_path, content)) == {"bob": ("non_compliant", "at_risk")}


def test_names_do_nothing_in_a_terminal_nor_as_data(config: Config, tmp_path: Path) -> None:
    users = {"excludeUsers": ["ann", EVIL], "excludeGroups": [EVIL]}
    odd = graph_policy(users=users, devices={"deviceFilter": {"mode": "include", "rule": EVIL}})
    odd["conditions"][EVIL] = [EVIL]
    found = put(config, tmp_path, [{**GOOD, "id": "p0", "displayName": EVIL}, {**odd, "id": EVIL, "displayName": EVIL}])
    for text in (shown(found), as_json(found)):
        assert "alert(1)" in text
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)
    assert "[bold]" in shown(found)  # no markup of rich's
    assert as_json(found).isascii()
    assert "\\u001b" not in as_json(found)
    assert "\\u202e" not in as_json(found)


def documented() -> set[str]:
    """Return the keys that the table of docs/explain.md names, ``changed[]`` before those of its objects."""
    text = PAGE.read_text("utf-8").partition("## rollcall simulate")[2].partition("| `version` |")
    keys = set()
    for line in f"{text[1]}{text[2]}".partition("\n\n")[0].splitlines():
        names = re.findall(r"`([\w\[\].]+)`", line.split("|")[1])
        prefix = "changed[]." if names[0].startswith("changed[].") else ""
        keys |= {prefix + name.removeprefix(prefix) for name in names}
    return keys


def test_the_data_has_the_keys_that_are_documented(config: Config, tmp_path: Path) -> None:
    data = json.loads(as_json(put(config, tmp_path, GOOD)))
    told = set(data) | {f"changed[].{key}" for each in data["changed"] for key in each}
    fields = set(Simulation.__struct_fields__) | {f"changed[].{name}" for name in Changed.__struct_fields__}
    assert told == fields == documented()


def test_the_data_has_the_types_that_are_documented(config: Config, tmp_path: Path) -> None:
    verdicts = {"compliant", "at_risk", "non_compliant", "indeterminate", "not_applicable"}
    data = json.loads(as_json(put(config, tmp_path, GOOD)))
    assert data["version"] == 1
    assert re.fullmatch(r"2026-11-23T02:00:00", data["scanned_at"])
    assert set(data["before"]) == set(data["after"]) == verdicts
    assert all(isinstance(count, int) for count in (*data["before"].values(), *data["after"].values()))
    [one] = data["changed"]
    assert {type(one[name]) for name in ("account_id", "user_principal_name", "why")} == {str}
    assert {one["before"], one["after"]} <= verdicts
    assert {type(code) for code in (*one["reasons_before"], *one["reasons_after"])} == {str}
    assert one["display_name"] is None or isinstance(one["display_name"], str)
    assert one["counterexample"] is None


def test_the_command_prints_the_data_alone_and_ends_a_refusal_with_one_line(config: Config, tmp_path: Path) -> None:
    text = f'[[partner]]\ntenant_id = "{PARTNER}"\nname = "P"\nprogram = "direct-bill"\ncredential = "c"\n'
    text += f'[storage]\nwarehouse = "{config.warehouse}"\npublished = "{config.published}"\n'
    (tmp_path / "rollcall.toml").write_text(text, "utf-8")
    here = Config(folder=str(tmp_path))
    policy, broken = tmp_path / "policy.json", tmp_path / "broken.json"
    policy.write_text(json.dumps(GOOD), "utf-8")
    broken.write_text("{", "utf-8")
    done = rollcall(here, "simulate", "--tenant", PARTNER, "--policy", str(policy), "--json")
    assert (json.loads(done.stdout)["version"], done.returncode, done.stderr) == (1, 0, "")
    ended = rollcall(here, "simulate", "--tenant", PARTNER, "--policy", str(broken), "--json")
    assert (ended.stdout, ended.returncode, len(ended.stderr.strip().splitlines())) == ("", 1, 1)
    assert "broken.json is no JSON" in ended.stderr
