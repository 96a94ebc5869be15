"""Counter-examples for people: plain sentences, and hostile names that stay plain."""

from __future__ import annotations

from typing import Any

import pytest

from checks.cover import Person, build
from checks.cover.plain import plain
from tests.cover.make import (
    BLOCK,
    EXCHANGE,
    GLOBAL_ADMIN,
    MEMBER,
    OFFICE_ID,
    OFFICE_LOCATION,
    PARTNER_CENTER,
    cover,
    policy,
)

RULE = {"mode": "include", "rule": 'device.extensionAttribute1 -eq "SAW"'}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"platforms": {"includePlatforms": ["all"], "excludePlatforms": ["macOS", "linux"]}},
            "A sign-in from macOS or Linux, anywhere, to any app needs no MFA",
        ),
        (
            {"platforms": {"includePlatforms": ["windows"]}},
            "A sign-in from any platform but Windows, anywhere, to any app needs no MFA",
        ),
        (
            {"locations": {"includeLocations": [OFFICE_ID]}},
            'A sign-in from any platform, outside "Office", to any app needs no MFA',
        ),
        (
            {"locations": {"includeLocations": ["All"], "excludeLocations": [OFFICE_ID]}},
            'A sign-in from any platform, at "Office", to any app needs no MFA',
        ),
        (
            {"locations": {"includeLocations": ["AllTrusted"]}},
            "A sign-in from any platform, outside the trusted locations, to any app needs no MFA",
        ),
        (
            {"apps": {"includeApplications": ["Office365", PARTNER_CENTER]}},
            "A sign-in from any platform, anywhere, to any app but Office 365 or Microsoft Partner Center needs no MFA",
        ),
        (
            {"apps": {"excludeApplications": [EXCHANGE, "5a1e5000-0000-4000-8000-000000000001"]}},
            "A sign-in from any platform, anywhere, to Office 365 Exchange Online or Sales needs no MFA",
        ),
        (
            {"apps": {"excludeApplications": ["FutureSuite"]}},
            'A sign-in from any platform, anywhere, to one of the apps of "FutureSuite" needs no MFA',
        ),
        (
            {"apps": {"applicationFilter": {"mode": "exclude", "rule": "tag"}}},
            'A sign-in from any platform, anywhere, to an app that matches the filter "tag" needs no MFA',
        ),
        (
            {"clientAppTypes": ["browser", "mobileAppsAndDesktopClients"]},
            "A sign-in from any platform, anywhere, to any app, with a legacy client, needs no MFA",
        ),
        (
            {"clientAppTypes": ["exchangeActiveSync"]},
            (
                "A sign-in from any platform, anywhere, to any app, with a browser, an app or another legacy client, "
                "needs no MFA"
            ),
        ),
        (
            {"devices": {"deviceFilter": RULE}},
            (
                "A sign-in from any platform, anywhere, to any app, from a device that does not match the filter "
                '"device.extensionAttribute1 -eq "SAW"", needs no MFA'
            ),
        ),
        (
            {"userRiskLevels": ["high"], "signInRiskLevels": ["high"], "grant": BLOCK},
            "A sign-in from any platform, anywhere, to any app, at user risk none, low or medium, needs no MFA",
        ),
        (
            {"insiderRiskLevels": "minor,moderate,elevated"},
            "A sign-in from any platform, anywhere, to any app, at insider risk none, needs no MFA",
        ),
        (
            {"authenticationFlows": {"transferMethods": "deviceCodeFlow,authenticationTransfer"}},
            (
                "A sign-in from any platform, anywhere, to any app, without the device code flow or authentication "
                "transfer, needs no MFA"
            ),
        ),
        (
            {"grant": {"operator": "AND", "builtInControls": ["compliantApplication"]}},
            "A sign-in from any platform, anywhere, to any app, from an app under app protection, needs no MFA",
        ),
    ],
)
def test_a_counter_example_is_a_plain_sentence(changes: dict[str, Any], words: str) -> None:
    names = {"5A1E5000-0000-4000-8000-000000000001": "Sales"}
    found = cover(policy(**changes), app_names=names)
    assert words in [box.sentence for box in found.boxes]
    assert found.sentence == found.boxes[0].sentence


A, B = "a0000000-0000-4000-8000-000000000001", "a0000000-0000-4000-8000-000000000002"


@pytest.mark.parametrize(
    ("places", "where"),
    [
        ([([A], [B])], 'outside "Berlin" outside "Lab"'),
        ([(["All"], [A]), ([B], [])], 'at "Berlin" outside "Lab"'),
        ([(["All"], [A]), ([A], [B])], 'at "Berlin" and "Lab" at once'),
        ([(["All"], [A, B])], 'at "Berlin" or "Lab"'),
        ([([A, B], [])], 'outside "Berlin" or "Lab"'),
        ([(["All"], ["AllTrusted"])], "at a trusted location"),
        (
            [(["All"], ["AllTrusted"]), ([B], [])],
            "at one of the MFA trusted IPs or another trusted location",
        ),
        ([(["All"], ["AllTrusted"]), ([A, B], [])], "at one of the MFA trusted IPs"),
    ],
)
def test_places_that_overlap_are_told_apart(places: list[tuple[list[str], list[str]]], where: str) -> None:
    """Berlin is trusted and holds half of the lab."""
    locations = [
        {**OFFICE_LOCATION, "id": A, "displayName": "Berlin", "ipRanges": [{"cidrAddress": "10.0.0.0/8"}]},
        {
            **OFFICE_LOCATION,
            "id": B,
            "displayName": "Lab",
            "isTrusted": False,
            "ipRanges": [{"cidrAddress": "10.1.0.0/16"}, {"cidrAddress": "11.0.0.0/8"}],
        },
    ]
    policies = [
        policy(f"p{n}", locations={"includeLocations": include, "excludeLocations": exclude})
        for n, (include, exclude) in enumerate(places)
    ]
    found = cover(*policies, locations=locations)
    assert found.sentence == f"A sign-in from any platform, {where}, to any app needs no MFA"


def test_a_role_is_named() -> None:
    eligible = Person(account_id="u1", eligible_roles=frozenset({GLOBAL_ADMIN}))
    users = {"includeUsers": [], "includeRoles": [GLOBAL_ADMIN]}
    found = cover(policy(users=users), person=eligible, role_names={GLOBAL_ADMIN: "Global Administrator"})
    assert found.sentence == (
        'A sign-in from any platform, anywhere, to any app, while the role "Global Administrator" is not activated, '
        "needs no MFA"
    )
    assert found.nearest[0].because == 'it applies only while the role "Global Administrator" is active'


@pytest.mark.parametrize(
    ("changes", "because"),
    [
        ({"users": {"excludeUsers": ["u1"]}}, "it excludes this account"),
        ({"users": {"includeUsers": ["u2"]}}, "it does not include this account"),
        ({"state": "enabledForReportingButNotEnforced"}, "it is report-only"),
        ({"novelty": {"x": 1}}, "it holds something that is not known here (conditions.novelty)"),
        (
            {"clientAppTypes": ["browser"]},
            "it does not apply with an app, Exchange ActiveSync or another legacy client",
        ),
        ({"apps": {"includeApplications": ["None"]}}, "it applies to no sign-in"),
        ({"apps": {"includeApplications": [], "includeUserActions": ["urn:user:registerdevice"]}}, None),
        (
            {"grant": {"operator": "OR", "builtInControls": ["mfa", "approvedApplication"]}},
            "an approved app satisfies it without MFA",
        ),
        (
            {"grant": {"operator": "OR", "builtInControls": ["mfa"], "termsOfUse": ["t"]}},
            "accepting terms of use satisfies it without MFA",
        ),
        (
            {"grant": {"operator": "OR", "customAuthenticationFactors": ["RequireDuoMfa"]}},
            "its custom control is not MFA",
        ),
    ],
)
def test_the_policy_that_comes_closest_says_what_lets_the_sign_in_through(
    changes: dict[str, Any], because: str | None
) -> None:
    found = cover(policy(**changes))
    reasons = [near.because for near in found.nearest]
    assert (because in reasons[0]) if because else reasons == []


def test_policies_with_fewer_reasons_against_them_come_closer() -> None:
    far = policy("far", users={"excludeUsers": ["u1"]}, clientAppTypes=["browser"])
    near = policy("near", users={"excludeUsers": ["u1"]})
    [only] = cover(far, near).nearest
    assert (only.policy_id, only.name, only.because) == ("near", "Policy near", "it excludes this account")


HOSTILE = '<script>alert(1)</script>\x1b[31m\u202egnp.exe\n=cmd|" /C calc"!A1'


def test_names_of_the_tenant_stay_plain_text() -> None:
    place = {**OFFICE_LOCATION, "displayName": HOSTILE}
    raw = policy(
        locations={"includeLocations": [OFFICE_ID]}, devices={"deviceFilter": {"mode": "include", "rule": HOSTILE}}
    )
    model = build([{**raw, "displayName": HOSTILE}], [place], app_names={PARTNER_CENTER: HOSTILE})
    found = model.cover(MEMBER)
    texts = [found.sentence or "", *(near.name for near in found.nearest), *(box.sentence for box in found.boxes)]
    assert any("<script>alert(1)</script> [31m gnp.exe =cmd" in each for each in texts)  # not escaped: it is no markup
    for each in texts:
        assert each.isprintable()


def test_long_text_is_cut_and_long_lists_are_counted() -> None:
    assert plain("x" * 500) == "x" * 79 + "…"
    assert plain(" a\t\nb\u200b ") == "a b"
    ids = [f"5a1e5000-0000-4000-8000-{n:012}" for n in range(12)]
    found = cover(policy(apps={"excludeApplications": ids}), app_names={each: f"App {n}" for n, each in enumerate(ids)})
    assert found.sentence == (
        "A sign-in from any platform, anywhere, to App 0, App 1, App 2, App 3 or 8 more needs no MFA"
    )


def test_a_witness_is_an_ordinary_sign_in_where_the_box_allows_it() -> None:
    found = cover(policy(apps={"includeApplications": [PARTNER_CENTER]}))
    witness = dict(found.witness or ())
    assert (witness["app"], witness["client"], witness["platform"]) == ("other", "browser", "windows")
    assert (witness["user_risk"], witness["example_address"]) == ("none", "203.0.113.7")
