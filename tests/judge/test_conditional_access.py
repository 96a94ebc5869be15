"""What is certain about Conditional Access without matching users; everything else is unknown."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from checks.conditional_access import Policy, conditional_access_cover

GOOD: dict[str, Any] = {
    "id": "p1",
    "state": "enabled",
    "conditions": {
        "users": {"includeUsers": ["All"], "excludeUsers": [], "excludeGroups": [], "excludeRoles": []},
        "applications": {"includeApplications": ["All"], "excludeApplications": [], "includeUserActions": []},
        "clientAppTypes": ["all"],
        "locations": None,
        "platforms": None,
        "devices": None,
        "signInRiskLevels": [],
        "userRiskLevels": [],
        "authenticationFlows": None,
        "clientApplications": None,
    },
    "grantControls": {
        "operator": "OR",
        "builtInControls": ["mfa"],
        "customAuthenticationFactors": [],
        "termsOfUse": [],
        "authenticationStrength": None,
    },
    "sessionControls": None,
}
STRENGTH = {"id": "00000000-0000-0000-0000-000000000004", "requirementsSatisfied": "mfa"}


def policy(*changes: tuple[str, Any]) -> Policy:
    """Return the policy that asks everybody everywhere, with values at slashed paths replaced."""
    raw = copy.deepcopy(GOOD)
    for path, value in changes:
        *steps, last = path.split("/")
        node = raw
        for step in steps:
            node = node[step]
        node[last] = value
    return read(raw)


def read(raw: dict[str, Any]) -> Policy:
    return Policy.read(raw["id"], raw["state"], json.dumps(raw["conditions"]), json.dumps(raw["grantControls"]))


def reach(*policies: Policy) -> str:
    return conditional_access_cover(policies).reach


NULLS_ONLY = {"guestOrExternalUserTypes": None, "externalTenants": None}


@pytest.mark.parametrize(
    "changes",
    [
        (),
        (("conditions/clientAppTypes", []),),
        (("conditions/users/excludeGuestsOrExternalUsers", NULLS_ONLY),),
        (("grantControls/operator", "AND"), ("grantControls/builtInControls", ["mfa", "compliantDevice"])),
        (("grantControls/authenticationStrength@odata.context", "https://..."),),
    ],
    ids=str,
)
def test_one_policy_for_everybody_everywhere_always_is_full(changes: Any) -> None:
    found = conditional_access_cover([policy(*changes)])
    assert (found.reach, found.policy_ids) == ("full", ("p1",))


@pytest.mark.parametrize(
    "change",
    [
        ("conditions/users/includeUsers", ["u1"]),
        ("conditions/users/excludeUsers", ["u1"]),
        ("conditions/users/excludeGroups", ["g1"]),
        ("conditions/users/excludeRoles", ["r1"]),
        ("conditions/users/excludeGuestsOrExternalUsers", {"guestOrExternalUserTypes": "b2bCollaborationGuest"}),
        ("conditions/users/newKindOfExclusion", ["x"]),
        ("conditions/applications/includeApplications", ["Office365"]),
        ("conditions/applications/excludeApplications", ["a1"]),
        ("conditions/applications/applicationFilter", {"mode": "exclude", "rule": "x"}),
        ("conditions/clientAppTypes", ["browser"]),
        ("conditions/locations", {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}),
        ("conditions/platforms", {"includePlatforms": ["all"], "excludePlatforms": ["linux"]}),
        ("conditions/devices", {"deviceFilter": {"mode": "exclude", "rule": "x"}}),
        ("conditions/signInRiskLevels", ["high"]),
        ("conditions/userRiskLevels", ["high"]),
        ("conditions/insiderRiskLevels", "elevated"),
        ("conditions/authenticationFlows", {"transferMethods": "deviceCodeFlow"}),
        ("conditions/conditionOfTheFuture", {"is": "here"}),
        ("grantControls/builtInControls", ["mfa", "compliantDevice"]),
        ("grantControls/termsOfUse", ["t1"]),
        ("grantControls/customAuthenticationFactors", ["RequireDuoMfa"]),
        ("grantControls/authenticationStrength", STRENGTH),
        ("grantControls/alternativeOfTheFuture", ["x"]),
        ("state", "somethingNew"),
    ],
    ids=lambda change: str(change[0]),
)
def test_anything_that_narrows_it_leaves_unknown(change: tuple[str, Any]) -> None:
    found = conditional_access_cover([policy(change)])
    assert (found.reach, found.gaps, found.policy_ids) == ("unknown", ("CA_NOT_EVALUATED",), ())


@pytest.mark.parametrize(
    ("changes", "hollow"),
    [
        ((("state", "disabled"),), ()),
        ((("state", "enabledForReportingButNotEnforced"),), ("CA_REPORT_ONLY",)),
        (
            (("state", "enabledForReportingButNotEnforced"), ("conditions/users/excludeGroups", ["g1"])),
            (),
        ),
        ((("grantControls/builtInControls", ["block"]),), ()),
        ((("grantControls/builtInControls", ["compliantDevice"]),), ()),
        ((("grantControls/builtInControls", ["riskRemediation", "unknownFutureValue"]),), ()),
        ((("grantControls", None),), ()),
        (
            (
                ("grantControls/builtInControls", []),
                ("grantControls/customAuthenticationFactors", ["RequireDuoMfa"]),
            ),
            ("CUSTOM_CONTROL_NOT_MFA",),
        ),
        (
            (
                ("conditions/applications/includeApplications", []),
                ("conditions/applications/includeUserActions", ["urn:user:registerdevice"]),
            ),
            (),
        ),
        (
            (
                ("conditions/applications/includeApplications", []),
                ("conditions/applications/includeAuthenticationContextClassReferences", ["c1"]),
            ),
            (),
        ),
        ((("conditions/clientApplications", {"includeServicePrincipals": ["s1"]}),), ()),
    ],
    ids=str,
)
def test_nothing_that_could_ask_for_mfa_is_none(changes: Any, hollow: tuple[str, ...]) -> None:
    found = conditional_access_cover([policy(*changes)])
    assert (found.reach, found.hollow) == ("none", hollow)


def test_no_policy_is_none() -> None:
    assert reach() == "none"


def test_a_full_policy_decides_beside_any_other() -> None:
    narrow = policy(("id", "p2"), ("conditions/platforms", {"includePlatforms": ["linux"]}))
    assert reach(narrow, policy()) == "full"


def test_the_order_of_policies_changes_nothing() -> None:
    several = [policy(("id", name)) for name in ("b", "a", "c")]
    assert conditional_access_cover(several).policy_ids == ("a", "b", "c")
    assert conditional_access_cover(several[::-1]) == conditional_access_cover(several)


@pytest.mark.parametrize(
    ("conditions", "grant"), [("[]", '{"builtInControls": ["mfa"]}'), ("{}", "[]"), ('"x"', "null")]
)
def test_a_policy_that_is_no_object_is_unknown(conditions: str, grant: str) -> None:
    assert reach(Policy.read("p1", "enabled", conditions, grant)) == "unknown"


def test_a_policy_without_conditions_covers_nobody_for_certain() -> None:
    assert reach(Policy.read("p1", "enabled", None, '{"builtInControls": ["mfa"], "operator": "OR"}')) == "unknown"


def test_a_published_baseline_is_read(golden: Path) -> None:
    """Thirty-six policies of a public baseline, each narrowed in some way: none of it may be taken for certain."""
    files = sorted(golden.glob("ConditionalAccessBaseline/Config/ConditionalAccess/*.json"))
    raw = [json.loads(file.read_bytes()) for file in files]
    assert len(raw) > 30
    assert reach(*(read({**one, "state": "enabled"}) for one in raw)) == "unknown"
    assert reach(*(read({**one, "state": "disabled"}) for one in raw)) == "none"
