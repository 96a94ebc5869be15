"""A plain judge of Conditional Access for the demo: every point of a small sign-in space, one after the other.

It exists to prove that the expectations in ``cases.json`` follow from the policies on disk. It knows just the
conditions the demo uses and raises on any other, so that a new kind of policy cannot pass unseen.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

SPACE: dict[str, tuple[str, ...]] = {
    "app": ("Office365", "MicrosoftAdminPortals", "other"),
    "client": ("browser", "mobileAppsAndDesktopClients", "exchangeActiveSync", "other"),
    "location": ("trusted", "untrusted"),
    "platform": ("windows", "linux", "macOS", "unknown"),
    "flow": ("none", "deviceCodeFlow"),
    "compliantDevice": ("yes", "no"),
    "role": ("inactive", "active"),
}
"""What the demo's policies can tell apart, and one value for everything else."""

GAPS = {
    "location": "CA_LOCATION_GAP",
    "platform": "CA_PLATFORM_GAP",
    "flow": "CA_FLOW_GAP",
    "compliantDevice": "CA_MFA_OR_OTHER",
    "role": "CA_ROLE_EXCLUSION_WHEN_ACTIVE",
}


@dataclass(frozen=True)
class Person:
    """An account as policies see it: ids of its groups (transitive) and roles, and whether it is a B2B guest."""

    id: str
    is_guest: bool = False
    groups: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    eligible: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Coverage:
    """``state`` is covered, partial or none; ``gaps`` are the codes of what is uncovered."""

    state: str
    gaps: frozenset[str] = field(default_factory=frozenset)


def cover(person: Person, policies: list[Json]) -> Coverage:
    """Return what the enabled policies leave open for this person."""
    enabled = [policy for policy in policies if policy["state"] == "enabled"]
    points = [dict(zip(SPACE, values, strict=True)) for values in itertools.product(*SPACE.values())]
    if not person.eligible:
        points = [point for point in points if point["role"] == "inactive"]
    open_points = [point for point in points if not any(protects(policy, person, point) for policy in enabled)]
    if not open_points:
        return Coverage("covered")
    state = "none" if len(open_points) == len(points) else "partial"
    return Coverage(state, frozenset(_gaps(open_points)))


def _gaps(points: list[dict[str, str]]) -> Iterator[str]:
    """Yield a code for each dimension in which some way in is narrower than the whole dimension."""
    uncovered = {tuple(point.values()) for point in points}
    for place, dimension in enumerate(SPACE):
        narrow = {
            point[place]
            for point in uncovered
            if any(
                (*point[:place], value, *point[place + 1 :]) not in uncovered for value in _values(dimension, points)
            )
        }
        if not narrow:
            continue
        if dimension == "app":
            everywhere = sum(point["app"] == "other" for point in points) * len(SPACE["app"]) == _size(points)
            yield "CA_APP_SUBSET" if everywhere else "CA_APP_EXCLUDED"
        elif dimension == "client":
            yield "LEGACY_AUTH_GAP" if narrow <= {"exchangeActiveSync", "other"} else "CA_CLIENT_SUBSET"
        else:
            yield GAPS[dimension]


def _values(dimension: str, points: list[dict[str, str]]) -> tuple[str, ...]:
    """Return the values the dimension can take: nobody who is not eligible can activate a role."""
    if dimension == "role" and all(point["role"] == "inactive" for point in points):
        return ("inactive",)
    return SPACE[dimension]


def _size(points: list[dict[str, str]]) -> int:
    return math.prod(len(_values(dimension, points)) for dimension in SPACE)


def protects(policy: Json, person: Person, point: dict[str, str]) -> bool:
    """Return whether this policy stops or challenges this sign-in."""
    conditions = policy["conditions"]
    roles = person.roles | (person.eligible if point["role"] == "active" else frozenset())
    return (
        _means(conditions["users"], person, roles)
        and _inside(conditions, point)
        and _needs_mfa(policy["grantControls"], point)
    )


def _means(users: Json, person: Person, roles: frozenset[str]) -> bool:
    def named(side: str) -> bool:
        guests = users[f"{side}GuestsOrExternalUsers"]
        types = guests["guestOrExternalUserTypes"].split(",") if guests else []
        return (
            person.id in users[f"{side}Users"]
            or bool(person.groups & set(users[f"{side}Groups"]))
            or bool(roles & set(users[f"{side}Roles"]))
            or (person.is_guest and "b2bCollaborationGuest" in types)
        )

    return ("All" in users["includeUsers"] or named("include")) and not named("exclude")


def _inside(conditions: Json, point: dict[str, str]) -> bool:
    unknown = {name for name in ("devices", "clientApplications", "insiderRiskLevels") if conditions[name]}
    if unknown or conditions["signInRiskLevels"] or conditions["userRiskLevels"]:
        msg = f"the oracle does not know these conditions: {sorted(unknown) or 'risk'}"
        raise NotImplementedError(msg)
    apps, clients = conditions["applications"]["includeApplications"], conditions["clientAppTypes"]
    return (
        ("All" in apps or point["app"] in apps)
        and ("all" in clients or point["client"] in clients)
        and _in_location(conditions["locations"], point["location"])
        and _on_platform(conditions["platforms"], point["platform"])
        and (
            not conditions["authenticationFlows"]
            or conditions["authenticationFlows"]["transferMethods"] == point["flow"]
        )
    )


def _in_location(locations: Json | None, location: str) -> bool:
    if locations is None:
        return True
    if locations["includeLocations"] != ["All"] or locations["excludeLocations"] != ["AllTrusted"]:
        msg = f"the oracle does not know these locations: {locations}"
        raise NotImplementedError(msg)
    return location != "trusted"


def _on_platform(platforms: Json | None, platform: str) -> bool:
    if platforms is None:
        return True
    included = "all" in platforms["includePlatforms"] or platform in platforms["includePlatforms"]
    return included and platform not in platforms["excludePlatforms"]


def _needs_mfa(grants: Json | None, point: dict[str, str]) -> bool:
    """Return whether nobody gets through this grant at this point without MFA. Custom controls and none never count."""
    if grants is None or grants["customAuthenticationFactors"]:
        return False
    controls = set(grants["builtInControls"])
    if "block" in controls:
        return True
    strength = grants["authenticationStrength"]
    mfa = "mfa" in controls or bool(strength and strength["requirementsSatisfied"] == "mfa")
    others = controls - {"mfa"}
    if others - {"compliantDevice"}:
        msg = f"the oracle does not know these controls: {sorted(others)}"
        raise NotImplementedError(msg)
    refused = bool(others) and point["compliantDevice"] == "no"
    if grants["operator"] == "AND" or not (mfa and others):
        return mfa or refused
    return refused
