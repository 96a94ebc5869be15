"""Reading a policy: what is absent says nothing, what is unknown protects nothing, what is misshapen is an error."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.cover import ShapeError, build
from checks.cover.shape import flags, is_said
from tests.cover.make import GUEST, MEMBER, MFA, cover, policy

ANNOTATIONS = {
    "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#conditionalAccess/policies",
    "state@odata.type": "#microsoft.graph.conditionalAccessPolicyState",
    "#microsoft.graph.restore": {"title": "microsoft.graph.restore", "target": "x"},
}


def changed(path: str, value: object, base: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a good policy with one thing changed, ``a.b.c`` deep."""
    found: dict[str, Any] = json.loads(json.dumps(base or policy()))
    *way, last = path.split(".")
    inner = found
    for key in way:
        if not isinstance(inner.get(key), dict):
            inner[key] = {}
        inner = inner[key]
    inner[last] = value
    return found


@pytest.mark.parametrize(
    "path",
    [
        "conditions.clientAppTypes",
        "conditions.platforms",
        "conditions.locations",
        "conditions.devices",
        "conditions.devices.deviceFilter",
        "conditions.userRiskLevels",
        "conditions.insiderRiskLevels",
        "conditions.authenticationFlows",
        "conditions.authenticationFlows.transferMethods",
        "conditions.clientApplications",
        "conditions.agents",
        "conditions.times",
        "conditions.deviceStates",
        "conditions.users.excludeUsers",
        "conditions.users.excludeGuestsOrExternalUsers",
        "conditions.applications.applicationFilter",
        "conditions.applications.excludeApplications",
        "grantControls.termsOfUse",
        "grantControls.authenticationStrength",
        "partialEnablementStrategy",
        "sessionControls",
        "novelty",
    ],
)
@pytest.mark.parametrize("nothing", [None, "", [], {}, {"x": None, "y@odata.type": "#z"}])
def test_what_says_nothing_changes_nothing(path: str, nothing: object) -> None:
    if isinstance(nothing, (str, dict)) and path.rsplit(".", 1)[-1] in {
        "clientAppTypes",
        "userRiskLevels",
        "excludeUsers",
    }:
        nothing = []
    if path.endswith(("excludeApplications", "termsOfUse")) and not isinstance(nothing, list):
        nothing = None
    if path.endswith(("transferMethods", "insiderRiskLevels")) and isinstance(nothing, dict):
        nothing = "none"
    raw = changed(path, nothing)
    if raw["conditions"].get("platforms") == "" or raw["conditions"].get("platforms") == []:
        raw["conditions"]["platforms"] = {}
    model = build([raw])
    assert (model.cover(MEMBER).state, model.cover(GUEST).state, model.notices) == ("covered", "covered", ())


def test_a_policy_with_all_keys_as_null_but_those_that_say_something() -> None:
    raw = policy()
    nulls = dict.fromkeys(
        ("devices", "times", "deviceStates", "clientApplications", "agents", "userRiskLevels", "insiderRiskLevels")
    )
    raw["conditions"] |= nulls
    raw["conditions"]["users"] |= dict.fromkeys(("excludeUsers", "includeGroups", "excludeGroups", "includeRoles"))
    raw["grantControls"] |= dict.fromkeys(("customAuthenticationFactors", "termsOfUse", "authenticationStrength"))
    assert cover({**ANNOTATIONS, **raw}).state == "covered"


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        ("conditions.novelty", {"x": 1}, "conditions.novelty"),
        ("conditions.times", {"includedRanges": ["x"]}, "conditions.times"),
        ("conditions.deviceStates", {"includeStates": ["All"]}, "conditions.deviceStates"),
        ("conditions.devices.includeDevices", ["All"], "conditions.devices.includeDevices"),
        ("conditions.users.excludeMoonDwellers", ["All"], "conditions.users.excludeMoonDwellers"),
        ("conditions.applications.globalSecureAccess", {"x": 1}, "conditions.applications.globalSecureAccess"),
        ("conditions.locations.excludeMoons", ["Io"], "conditions.locations.excludeMoons"),
        ("conditions.authenticationFlows.more", "x", "conditions.authenticationFlows.more"),
        ("conditions.clientAppTypes", ["all", "telepathy"], "conditions.clientAppTypes"),
        ("conditions.userRiskLevels", ["unknownFutureValue"], "conditions.userRiskLevels"),
        ("conditions.insiderRiskLevels", "minor,severe", "conditions.insiderRiskLevels"),
        (
            "conditions.authenticationFlows.transferMethods",
            "carrierPigeon",
            "conditions.authenticationFlows.transferMethods",
        ),
        ("conditions.platforms", {"includePlatforms": ["all"], "excludePlatforms": ["amiga"]}, "conditions.platforms"),
        ("conditions.devices.deviceFilter", {"mode": "sometimes", "rule": "x"}, "conditions.devices.deviceFilter.mode"),
        (
            "conditions.users.excludeGuestsOrExternalUsers",
            {"guestOrExternalUserTypes": "martian"},
            "conditions.users.excludeGuestsOrExternalUsers.guestOrExternalUserTypes",
        ),
        (
            "conditions.users.excludeGuestsOrExternalUsers",
            {"guestOrExternalUserTypes": "serviceProvider", "externalTenants": {"membershipKind": "some"}},
            "conditions.users.excludeGuestsOrExternalUsers.externalTenants.membershipKind",
        ),
        (
            "conditions.users.excludeGuestsOrExternalUsers",
            {"externalTenants": {"membershipKind": "enumerated", "members": ["t1"]}},
            "conditions.users.excludeGuestsOrExternalUsers.externalTenants.members",
        ),
        ("grantControls.operator", "XOR", "grantControls.operator"),
        ("grantControls.builtInControls", ["mfa", "verifiedID"], "grantControls.builtInControls"),
        ("grantControls.anotherKindOfControl", ["x"], "grantControls.anotherKindOfControl"),
        ("state", "enabledOnSundays", "state"),
        ("state", None, "state"),
    ],
)
def test_what_we_do_not_know_protects_nothing_and_is_told(path: str, value: object, where: str) -> None:
    model = build([changed(path, value)])
    assert model.cover(MEMBER).state == "none"
    assert [(notice.policy_id, notice.where) for notice in model.notices] == [("p1", where)]


def test_an_unknown_key_beside_the_conditions_leaves_it_open_whether_the_policy_protects() -> None:
    model = build([changed("partialEnablementStrategy", {"percent": 10})])
    found = model.cover(MEMBER)
    assert (found.state, found.missing[0].about) == ("unknown", "p1.partialEnablementStrategy")
    assert [notice.where for notice in model.notices] == ["partialEnablementStrategy"]
    assert build([changed("novelty", 1), policy("p2")]).cover(MEMBER).state == "covered"


def test_a_deleted_policy_is_not_enabled() -> None:
    assert cover({**policy(), "deletedDateTime": "2026-01-01T00:00:00Z"}).state == "none"


@pytest.mark.parametrize("literal", ["FutureSuite", "AllAgentIdResources"])
def test_a_literal_for_apps_we_do_not_know_covers_and_excludes_only_itself(literal: str) -> None:
    excluding = policy(apps={"excludeApplications": [literal]})
    model = build([excluding])
    found = model.cover(MEMBER)
    assert (found.state, found.gaps, found.excluded_apps) == ("partial", ("CA_APP_EXCLUDED",), (literal,))
    assert [notice.value for notice in model.notices] == (["FutureSuite"] if literal == "FutureSuite" else [])
    including = policy("p2", apps={"includeApplications": [literal]})
    assert build([including]).cover(MEMBER).gaps == ("CA_APP_SUBSET",)
    assert build([excluding, including]).cover(MEMBER).state == "covered"
    # Whether an app belongs to it is unknown, so closing the literal without that app closes nothing for sure.
    holed = policy(
        "p2", apps={"includeApplications": ["All"], "excludeApplications": ["5a1e5000-0000-4000-8000-000000000001"]}
    )
    assert build([excluding, holed]).cover(MEMBER).state == "partial"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("conditions", "all"),
        ("conditions.users", ["u1"]),
        ("conditions.users.includeUsers", "All"),
        ("conditions.users.includeUsers", {"value": ["All"]}),
        ("conditions.users.excludeGroups", [None]),
        ("conditions.users.excludeGroups", [7]),
        ("conditions.users.excludeGuestsOrExternalUsers", "serviceProvider"),
        ("conditions.users.excludeGuestsOrExternalUsers", {"guestOrExternalUserTypes": 3}),
        ("conditions.applications.includeApplications", "All"),
        ("conditions.applications.applicationFilter", "x"),
        ("conditions.clientAppTypes", "all"),
        ("conditions.locations", ["AllTrusted"]),
        ("conditions.platforms.includePlatforms", "all"),
        ("conditions.devices.deviceFilter.rule", 5),
        ("conditions.signInRiskLevels", "high"),
        ("conditions.authenticationFlows", "deviceCodeFlow"),
        ("grantControls", ["mfa"]),
        ("grantControls.operator", True),
        ("grantControls.builtInControls", "mfa"),
        ("grantControls.authenticationStrength", "00000000-0000-0000-0000-000000000002"),
        ("displayName", 7),
        ("id", None),
    ],
)
def test_a_misshapen_policy_is_an_error_that_says_where(path: str, value: object) -> None:
    with pytest.raises(ShapeError, match=r"expected|Expected") as caught:
        build([changed(path, value)])
    assert path.rsplit(".", 1)[-1].removesuffix("Controls") in str(caught.value)


def test_a_misshapen_policy_that_is_not_enabled_is_told_and_does_no_harm() -> None:
    bad = changed("conditions.users", "everybody", {**policy("bad"), "state": "enabledForReportingButNotEnforced"})
    off = {**bad, "id": "off", "state": "disabled"}
    model = build([bad, off, policy()])
    assert model.cover(MEMBER).state == "covered"
    assert [notice.policy_id for notice in model.notices] == ["bad"]


@pytest.mark.parametrize("raw", [None, "p1", 7, [], {}])
def test_a_policy_that_is_no_object_is_an_error(raw: Any) -> None:
    with pytest.raises(ShapeError, match="without an id"):
        build([raw])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["All", "mfa", "AND", "enabled"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "rule", "mode", "x"]), inner, max_size=3)
    ),
    max_leaves=5,
)
paths = st.sampled_from(
    [
        "id",
        "displayName",
        "state",
        "conditions",
        "grantControls",
        *(
            f"conditions.{key}"
            for key in ("users", "applications", "clientAppTypes", "platforms", "locations", "devices")
        ),
        *(f"conditions.users.{key}" for key in ("includeUsers", "excludeGroups", "excludeGuestsOrExternalUsers")),
        *(f"conditions.applications.{key}" for key in ("includeApplications", "applicationFilter")),
        *(f"grantControls.{key}" for key in ("operator", "builtInControls", "authenticationStrength", "termsOfUse")),
    ]
)


@given(paths, json_values)
def test_any_json_gives_a_cover_or_the_error_and_nothing_else(path: str, value: object) -> None:
    raw = changed(path, value)
    try:
        model = build([raw], [raw], [raw])
    except ShapeError:
        return
    assert model.cover(MEMBER).state in {"covered", "partial", "none", "unknown"}
    assert model.cover(GUEST).state in {"covered", "partial", "none", "unknown"}


def test_flags_may_come_as_a_string_or_as_a_list() -> None:
    assert flags("a, b,none", "x") == flags(["a", "b"], "x") == {"a", "b"}
    assert not is_said({"a": {"b@odata.type": "#x", "c": [], "d": ""}})


def test_a_missing_operator_is_read_as_the_one_that_protects_less() -> None:
    grant = {"builtInControls": ["mfa", "compliantDevice"]}
    assert cover(policy(grant=grant)).gaps == ("CA_MFA_OR_OTHER",)
    assert cover(policy(grant={"builtInControls": ["mfa"]})).state == "covered"


def test_two_policies_with_one_id_are_two_policies() -> None:
    modern = policy(clientAppTypes=["browser", "mobileAppsAndDesktopClients"])
    legacy = policy(clientAppTypes=["exchangeActiveSync", "other"], grant=MFA)
    assert cover(modern, legacy).state == "covered"
