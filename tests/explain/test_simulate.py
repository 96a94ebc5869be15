"""What a change of policies would do, asked of the same evaluator."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from checks.errors import CheckError
from checks.judge import judge
from checks.report.explained import as_json
from checks.report.simulated import simulated
from checks.simulate.simulate import Simulation
from collectors.config import Config
from tests.cover.make import policy as graph_policy
from tests.cover.test_baseline import read
from tests.judge.test_judge import LEFT_OUT, PARTNER, access, group, world
from warehouse.publish import publish

KESTREL = "Kestrel Distribution Ltd"
RANK = {"non_compliant": 0, "at_risk": 1, "compliant": 2}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """A partner whose one policy asks everybody, ann among them, but the group g1, in which bob is."""
    here = world(tmp_path_factory.mktemp("small"), **access(LEFT_OUT, **group("g1", "bob")))
    judge(here.config)
    publish(here.config)
    return here.config


def moved(found: Simulation) -> dict[str, tuple[str, str]]:
    return {each.account_id: (each.before, each.after) for each in found.changed}


def write(folder: Path, policy: Any, encoding: str = "utf-8") -> Path:
    path = folder / "policy.json"
    path.write_text(json.dumps(policy), encoding)
    return path


def test_dropping_an_exclusion_closes_the_gap(small: Config) -> None:
    found = simulated(small, PARTNER, drop_exclusion="g1")
    assert moved(found) == {"bob": ("non_compliant", "at_risk")}  # bob has no method yet
    assert found.changes == ('the group "g1" is no longer excluded by "p0"',)
    assert found.before["non_compliant"] - found.after["non_compliant"] == 1
    assert sum(found.before.values()) == sum(found.after.values())
    assert found.undecided == ()


def test_an_unchanged_tenant_changes_nobody(small: Config) -> None:
    found = simulated(small, PARTNER, enable=["p0"])
    assert found.changed == ()
    assert found.before == found.after


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_policy_with_the_same_id_replaces_and_may_leave_somebody_out(
    small: Config, tmp_path: Path, encoding: str
) -> None:
    policy = {**graph_policy(users={"excludeUsers": ["ann"]}), "id": "P0", "state@odata.type": "#x"}
    found = simulated(small, PARTNER, files=[write(tmp_path, policy, encoding)])
    assert moved(found) == {"ann": ("compliant", "non_compliant"), "bob": ("non_compliant", "at_risk")}
    ann = next(each for each in found.changed if each.account_id == "ann")
    assert ann.counterexample == "A sign-in from any platform, anywhere, to any app needs no MFA"
    assert json.loads(as_json(found))["changed"][0]["account_id"] == "ann"


def test_removing_the_only_policy_opens_the_tenant(small: Config) -> None:
    assert moved(simulated(small, PARTNER, remove=["p0"])) == {"ann": ("compliant", "non_compliant")}


def test_a_group_whose_members_nobody_read_decides_nothing(small: Config, tmp_path: Path) -> None:
    policy = {**graph_policy(users={"includeUsers": [], "includeGroups": ["secret"]}), "id": "new"}
    found = simulated(small, PARTNER, files=[write(tmp_path, {"value": [policy]})])
    assert moved(found) == {"bob": ("non_compliant", "indeterminate")}
    assert any('the group "secret" was not read' in each for each in found.undecided)
    assert any("would be indeterminate" in each for each in found.undecided)


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({}, "nothing is to be changed"),
        ({"remove": ["p9"]}, 'no policy has the id or name "p9". There are: "p0"'),
        ({"drop_exclusion": "g7"}, "there is nothing to drop"),
        ({"include_group": "g1"}, "--include-group needs --policy-id"),
    ],
)
def test_what_cannot_be_changed_is_told(small: Config, wanted: dict[str, Any], words: str) -> None:
    with pytest.raises(CheckError, match=words.replace("(", r"\(")):
        simulated(small, PARTNER, **wanted)


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe{", b"[1]", b'{"id": "x", "state": "enabled"}', b'{"id": 3}'])
def test_a_file_that_holds_no_policy_is_refused_with_its_name(small: Config, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "odd.json"
    path.write_bytes(content)
    with pytest.raises(CheckError, match=r"odd\.json"):
        simulated(small, PARTNER, files=[path])


def test_turning_on_the_pilot_helps_whoever_is_in_it(fleet: Config) -> None:
    found = simulated(fleet, KESTREL, enable=["CA021 Pilot: MFA for all resources"])
    assert found.changed
    assert {each.before for each in found.changed} == {"non_compliant"}
    assert {each.after for each in found.changed} <= {"compliant", "at_risk"}


def test_a_gap_closed_turns_at_risk_into_compliant(fleet: Config) -> None:
    name = "CA024 Office network people: MFA outside trusted locations"
    before = simulated(fleet, KESTREL, remove=[name])
    assert {each.before for each in before.changed} >= {"at_risk"}
    found = simulated(
        fleet,
        KESTREL,
        include_group="CA-Persona-OfficeNetwork",
        policy_id="CA021 Pilot: MFA for all resources",
        enable=["CA021 Pilot: MFA for all resources"],
    )
    upns = {each.user_principal_name: (each.before, each.after) for each in found.changed}
    assert upns["case-trusted-location@kestrel.example"] == ("at_risk", "compliant")


def test_a_policy_more_that_asks_everybody_makes_nobody_worse(fleet: Config, tmp_path: Path) -> None:
    found = simulated(fleet, KESTREL, files=[write(tmp_path, {**graph_policy(), "id": "everybody"})])
    assert found.changed
    assert all(RANK[each.after] >= RANK.get(each.before, 0) for each in found.changed)


def test_policies_as_others_export_them_are_understood(fleet: Config, golden: Path) -> None:
    folder = golden / "ConditionalAccessBaseline" / "Config" / "ConditionalAccess"
    paths = sorted(folder.glob("*.json"))
    found = simulated(fleet, KESTREL, files=paths)
    assert len(found.changes) == len(paths)
    assert sum(found.after.values()) == sum(found.before.values())
    excluded = {group for path in paths for group in read(path)["conditions"]["users"]["excludeGroups"]}
    assert any(group in each for group in excluded for each in found.undecided)
