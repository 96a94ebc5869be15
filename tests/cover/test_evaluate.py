"""Evaluation: shared by equal protections, bounded however hostile, and fast for tenants of an ordinary size."""

from __future__ import annotations

import itertools
import time
from typing import Any

from checks.cover import Person, build
from checks.cover.evaluate import Evaluator
from checks.cover.gaps import Protection
from checks.cover.policy import parse_policy
from checks.cover.space import NO, YES, Space
from tests.cover.make import BLOCK, GLOBAL_ADMIN, HELPDESK, MEMBER, OFFICE_ID, OFFICE_LOCATION, cover, policy


def test_what_is_too_complex_is_unknown_and_neither_covered_nor_open() -> None:
    """Nine pigeons in eight holes, a yes or no each: covered, but no search this side of patience shows it."""
    pigeons, holes = 9, 8
    ids = [[f"{p}-{h}" for h in range(holes)] for p in range(pigeons)]
    raw = parse_policy(policy(locations={"includeLocations": list(itertools.chain(*ids))}), {})
    space = Space([raw], [])
    homeless = [space.full for _ in range(pigeons)]
    for pigeon, hole in itertools.product(range(pigeons), range(holes)):
        homeless[pigeon] &= space.only("location", ids[pigeon][hole], [NO])
    sharing = [
        space.only("location", ids[one][hole], [YES]) & space.only("location", ids[other][hole], [YES])
        for one, other in itertools.combinations(range(pigeons), 2)
        for hole in range(holes)
    ]
    answer, left = Evaluator(space).evaluate([Protection(raw, (*homeless, *sharing), True)])
    assert (answer.state, answer.gaps, left.boxes) == ("unknown", (), ())


def test_thirty_policies_that_leave_out_a_device_and_a_place_each_are_answered_at_once() -> None:
    many = [
        policy(
            f"p{n}",
            devices={"deviceFilter": {"mode": "exclude", "rule": f"device.model -eq {n}"}},
            locations={"includeLocations": ["All"], "excludeLocations": [f"gone-{n}"]},
        )
        for n in range(30)
    ]
    started = time.perf_counter()
    found = cover(*many)
    assert time.perf_counter() - started < 20  # about a second where nothing else runs
    assert (found.state, found.gaps) == ("partial", ("CA_DEVICE_FILTER_GAP", "CA_LOCATION_GAP"))
    assert len(found.boxes) == 5


def test_many_signatures_of_a_nested_tenant_take_milliseconds_each() -> None:
    """Thirty policies with conditions of every kind, each for a group of its own, and accounts in many mixtures."""
    kinds: list[dict[str, Any]] = [
        {"clientAppTypes": ["browser", "mobileAppsAndDesktopClients"]},
        {"clientAppTypes": ["exchangeActiveSync", "other"], "grant": BLOCK},
        {"locations": {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}},
        {"locations": {"includeLocations": [OFFICE_ID]}, "platforms": {"includePlatforms": ["windows", "macOS"]}},
        {"platforms": {"includePlatforms": ["all"], "excludePlatforms": ["linux"]}, "signInRiskLevels": ["high"]},
        {
            "apps": {"excludeApplications": ["Office365"]},
            "grant": {"operator": "OR", "builtInControls": ["mfa", "compliantDevice"]},
        },
        {"devices": {"deviceFilter": {"mode": "exclude", "rule": "device.isCompliant -eq True"}}},
        {"authenticationFlows": {"transferMethods": "deviceCodeFlow"}, "grant": BLOCK},
        {"apps": {"includeApplications": ["Office365"]}, "users": {"includeRoles": [GLOBAL_ADMIN, HELPDESK]}},
        {"userRiskLevels": ["medium", "high"], "locations": {"includeLocations": ["AllTrusted"]}},
    ]
    policies = []
    for n, kind in enumerate(kinds * 3):
        users = {
            "includeUsers": [],
            "includeGroups": [f"g{n}"],
            "excludeGroups": [f"x{n % 7}"],
            **kind.get("users", {}),
        }
        policies.append(policy(f"p{n}", **{**kind, "users": users}))
    model = build(policies, [OFFICE_LOCATION])
    people = [
        Person(
            account_id=f"u{n}",
            groups=frozenset(f"g{at}" for at in range(30) if (n * 2_654_435_761 >> at) & 1) | {f"x{n % 11}"},
            eligible_roles=frozenset({GLOBAL_ADMIN} if n % 5 == 0 else ()),
        )
        for n in range(200)
    ]
    started = time.perf_counter()
    states = {model.cover(each).state for each in people}
    taken = time.perf_counter() - started
    assert states == {"partial", "covered"} or states == {"partial"}
    assert len({model.signature(each) for each in people}) > 150
    assert taken < 20  # about a second where nothing else runs
    started = time.perf_counter()
    for each in people:
        model.cover(each)
    assert time.perf_counter() - started < taken


def test_who_is_left_out_of_a_policy_that_demands_nothing_is_no_case_of_its_own() -> None:
    model = build([policy(), policy("p2", users={"excludeGroups": ["g1"]}, grant=None)])
    one, other = MEMBER, Person(account_id="u2", groups=frozenset({"g1"}))
    assert model.signature(one) == model.signature(other)
    assert model.cover(one) == model.cover(other)
