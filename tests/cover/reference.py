"""A second opinion that shares nothing with the product: try every sign-in, one after the other, against the raw JSON.

It knows only what the strategies below can write. A dimension that no policy speaks of has one value: it cannot matter.
"""

from __future__ import annotations

import ipaddress
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

EXO, OFFICE_REST = "00000002-0000-0ff1-ce00-000000000000", "an app of Office365 only"
SHARED, PORTAL_REST = "00000006-0000-0ff1-ce00-000000000000", "an app of MicrosoftAdminPortals only"
SHARED_TOO = "80ccca67-54bd-44ab-8625-4b79c4dc7775"
AZURE = "c44b4083-3bb0-49c1-b47d-974e53cbdf3c"
SALES, OTHER = "5a1e5000-0000-4000-8000-000000000001", "some other app"
BELONGS = {
    "Office365": {EXO, OFFICE_REST, SHARED, SHARED_TOO},
    "MicrosoftAdminPortals": {SHARED, SHARED_TOO, PORTAL_REST, AZURE},
}
APPS = (OTHER, SALES, EXO, OFFICE_REST, SHARED, SHARED_TOO, PORTAL_REST, AZURE)
PLATFORMS = ("android", "iOS", "windows", "windowsPhone", "macOS", "linux", None)
CLIENTS = ("browser", "mobileAppsAndDesktopClients", "exchangeActiveSync", "other")
LEVELS = ("none", "low", "medium", "high")
SIMPLE: tuple[tuple[str, str, Sequence[Any]], ...] = (
    ("client", "clientAppTypes", CLIENTS),
    ("platform", "platforms", PLATFORMS),
    ("user_risk", "userRiskLevels", LEVELS),
    ("sign_in_risk", "signInRiskLevels", LEVELS),
    ("insider_risk", "insiderRiskLevels", ("none", "minor", "moderate", "elevated")),
    ("flow", "authenticationFlows", ("none", "deviceCodeFlow", "authenticationTransfer")),
)
STRONG, WEAK = "57000000-0000-4000-8000-000000000001", "57000000-0000-4000-8000-000000000002"


@dataclass(frozen=True, slots=True)
class SignIn:
    """One concrete sign-in."""

    app: str = OTHER
    literals: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    client: str = "browser"
    address: str = "203.0.113.7"
    is_legacy_trusted: bool = False
    country: str | None = "ZZ"
    phone_country: str | None = "ZZ"
    lost_locations: frozenset[str] = frozenset()
    platform: str | None = "windows"
    device_rules: frozenset[str] = frozenset()
    user_risk: str = "none"
    sign_in_risk: str = "none"
    insider_risk: str = "none"
    flow: str = "none"
    satisfied: frozenset[str] = frozenset()
    activated: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Account:
    """Who signs in; ``unread`` are groups whose members nobody knows."""

    id: str = "u1"
    kind: str = "internal"
    groups: frozenset[str] = frozenset()
    unread: frozenset[str] = frozenset()
    active: frozenset[str] = frozenset()
    eligible: frozenset[str] = frozenset()
    is_entra: bool = True


@dataclass
class World:
    """A tenant: policies and named locations as Graph sends them."""

    policies: list[dict[str, Any]]
    locations: list[dict[str, Any]] = field(default_factory=list)


def subsets(values: Sequence[str]) -> Iterator[frozenset[str]]:
    for size in range(len(values) + 1):
        yield from map(frozenset, itertools.combinations(values, size))


def every_sign_in(world: World, account: Account) -> list[SignIn]:
    """Return all sign-ins that could possibly differ."""
    live = [p for p in world.policies if p["state"] == "enabled"]
    conditions = [p["conditions"] for p in live]
    text = json.dumps(live)
    controls = ("compliantDevice", "domainJoinedDevice", "approvedApplication", "compliantApplication")
    choices: dict[str, Sequence[Any]] = {
        **_apps([each["applications"] for each in conditions]),
        **{
            name: values
            for name, key, values in SIMPLE
            if any(each.get(key, ["all"]) != ["all"] for each in conditions)
        },
        "device_rules": list(
            subsets(sorted({c["devices"]["deviceFilter"]["rule"] for c in conditions if "devices" in c}))
        ),
        "satisfied": list(subsets([control for control in controls if control in text])),
        "activated": list(subsets([role for role in sorted(account.eligible) if role in text])),
        **(_places(world, text) if any(each.get("locations") for each in conditions) else {}),
    }
    found = []
    for values in itertools.product(*choices.values()):
        point = SignIn(**dict(zip(choices, values, strict=True)))
        if not (point.is_legacy_trusted and ":" in point.address):  # the legacy settings take IPv4 only
            found.append(point)
    return found


def _apps(apps: Sequence[Mapping[str, Any]]) -> dict[str, Sequence[Any]]:
    named = {a for each in apps for key in ("includeApplications", "excludeApplications") for a in each.get(key) or []}
    tags = {each["applicationFilter"]["rule"] for each in apps if each.get("applicationFilter")}
    return {
        "app": APPS if named - {"All"} else (OTHER,),
        "literals": list(subsets(sorted(named & {"FutureSuite"}))),
        "tags": list(subsets(sorted(tags))),
    }


def _places(world: World, text: str) -> dict[str, Sequence[Any]]:
    addresses = {"203.0.113.7", "2001:db8:ffff::7"}
    known = {location["id"] for location in world.locations}
    used = [location for location in world.locations if location["id"] in text or "AllTrusted" in text]
    for location in used:
        for each in location.get("ipRanges") or []:
            network = ipaddress.ip_network(each["cidrAddress"])
            kind = ipaddress.IPv4Address if network.version == 4 else ipaddress.IPv6Address
            first, last = int(network.network_address), int(network.broadcast_address)
            limit = (1 << network.max_prefixlen) - 1
            addresses |= {str(kind(n)) for n in (first - 1, first, last, last + 1) if 0 <= n <= limit}
    countries = {code for each in used for code in each.get("countriesAndRegions") or []}
    methods = {each.get("countryLookupMethod") for each in used if each.get("countriesAndRegions") is not None}
    places = [policy["conditions"].get("locations") or {} for policy in world.policies]
    named = {
        each for place in places for key in ("includeLocations", "excludeLocations") for each in place.get(key) or []
    }
    lost = sorted(each for each in named - {"All", "AllTrusted"} if each not in known and each in text)
    return {
        "address": sorted(addresses),
        "is_legacy_trusted": (False, True) if "AllTrusted" in text else (False,),
        "country": [*sorted(countries), "ZZ", None] if "clientIpAddress" in methods else ["ZZ"],
        "phone_country": [*sorted(countries), "ZZ", None] if "authenticatorAppGps" in methods else ["ZZ"],
        "lost_locations": list(subsets(lost)),
    }


def is_protected(point: SignIn, policy: Mapping[str, Any], world: World, account: Account) -> bool:
    """Whether this policy, if it is on and applies to the account, stops or challenges this sign-in."""
    return _meets(point, policy["conditions"], world) and not _can_pass_without_mfa(
        point, policy["grantControls"] or {}, account
    )


def _can_pass_without_mfa(point: SignIn, grant: Mapping[str, Any], account: Account) -> bool:
    ways: list[bool] = []  # for each demand: can it be met without MFA here?
    for control in grant.get("builtInControls") or []:
        if control in ("mfa", "block"):
            ways.append(False)
        elif control in ("passwordChange", "riskRemediation"):
            ways.append(True)
        else:
            ways.append(control in point.satisfied)
    if grant.get("authenticationStrength"):
        ways.append(grant["authenticationStrength"]["id"] != STRONG or not account.is_entra)
    ways += [True for _ in (grant.get("termsOfUse") or []) + (grant.get("customAuthenticationFactors") or [])]
    if not ways:
        return True
    return any(ways) if grant.get("operator") == "OR" else all(ways)


def _meets(point: SignIn, conditions: Mapping[str, Any], world: World) -> bool:
    flows = (conditions.get("authenticationFlows") or {}).get("transferMethods")
    client_types = conditions.get("clientAppTypes") or ["all"]
    return (
        _meets_app(point, conditions["applications"])
        and ("all" in client_types or point.client in client_types)
        and _meets_place(point, conditions.get("locations"), world)
        and _meets_platform(point, conditions.get("platforms"))
        and _meets_rule(point.device_rules, (conditions.get("devices") or {}).get("deviceFilter"))
        and (not conditions.get("userRiskLevels") or point.user_risk in conditions["userRiskLevels"])
        and (not conditions.get("signInRiskLevels") or point.sign_in_risk in conditions["signInRiskLevels"])
        and (
            not conditions.get("insiderRiskLevels") or point.insider_risk in conditions["insiderRiskLevels"].split(",")
        )
        and (not flows or point.flow in flows.split(","))
    )


def _meets_app(point: SignIn, apps: Mapping[str, Any]) -> bool:
    def has(entries: Sequence[str]) -> bool:
        return any(
            entry == "All" or entry == point.app or point.app in BELONGS.get(entry, ()) or entry in point.literals
            for entry in entries
        )

    include, exclude = apps.get("includeApplications") or [], apps.get("excludeApplications") or []
    rule = apps.get("applicationFilter")
    is_included = has(include) or (not include and rule is not None and rule["mode"] == "include")
    return is_included and not has(exclude) and _meets_rule(point.tags, rule)


def _meets_rule(matching: frozenset[str], rule: Mapping[str, str] | None) -> bool:
    return rule is None or (rule["rule"] in matching) == (rule["mode"] == "include")


def _meets_platform(point: SignIn, platforms: Mapping[str, Any] | None) -> bool:
    if not platforms:
        return True
    include, exclude = platforms.get("includePlatforms") or [], platforms.get("excludePlatforms") or []
    return ("all" in include or point.platform in include) and point.platform not in exclude


def _meets_place(point: SignIn, places: Mapping[str, Any] | None, world: World) -> bool:
    if not places:
        return True
    include, exclude = places.get("includeLocations") or [], places.get("excludeLocations") or []
    return any(_is_at(point, each, world) for each in include) and not any(
        _is_at(point, each, world) for each in exclude
    )


def _is_at(point: SignIn, place: str, world: World) -> bool:
    """Whether the sign-in comes from this location."""
    if place == "All":
        return True
    if place == "AllTrusted":
        trusted = [each["id"] for each in world.locations if each.get("isTrusted")]
        return point.is_legacy_trusted or any(_is_at(point, each, world) for each in trusted)
    for location in world.locations:
        if location["id"] == place:
            if location.get("ipRanges") is not None:
                return any(_is_inside(point.address, each["cidrAddress"]) for each in location["ipRanges"])
            is_phone = location["countryLookupMethod"] == "authenticatorAppGps"
            country = point.phone_country if is_phone else point.country
            if country is None:
                return bool(location["includeUnknownCountriesAndRegions"])
            return country in location["countriesAndRegions"]
    return place in point.lost_locations


@cache
def _is_inside(address: str, network: str) -> bool:
    one, other = ipaddress.ip_address(address), ipaddress.ip_network(network)
    return one.version == other.version and one in other


def applies(policy: Mapping[str, Any], account: Account, activated: frozenset[str]) -> bool | None:
    """Whether a policy applies to an account with these roles activated: tried with every way the unread may be."""
    answers = set()
    for more in subsets(sorted(account.unread)):
        groups = account.groups | more
        users = policy["conditions"]["users"]
        answers.add(
            _names(users, "include", account, groups, activated)
            and not _names(users, "exclude", account, groups, activated)
        )
    return answers.pop() if len(answers) == 1 else None


def _names(
    users: Mapping[str, Any], side: str, account: Account, groups: frozenset[str], activated: frozenset[str]
) -> bool:
    listed = users.get(f"{side}Users") or []
    guests = users.get(f"{side}GuestsOrExternalUsers")
    return (
        "All" in listed
        or account.id in listed
        or ("GuestsOrExternalUsers" in listed and account.kind != "internal")
        or bool(groups & set(users.get(f"{side}Groups") or []))
        or bool((account.active | activated) & set(users.get(f"{side}Roles") or []))
        or (guests is not None and account.kind in guests["guestOrExternalUserTypes"].split(","))
    )


def open_sign_ins(world: World, account: Account, *, unknown_counts: bool) -> tuple[list[SignIn], list[SignIn]]:
    """Return the sign-ins that nothing protects, and those that something does."""
    on = [p for p in world.policies if p["state"] == "enabled" and "novelty" not in json.dumps(p)]
    counts = (True, None) if unknown_counts else (True,)
    applying: dict[frozenset[str], list[dict[str, Any]]] = {}
    sorted_out: tuple[list[SignIn], list[SignIn]] = ([], [])
    for point in every_sign_in(world, account):
        if point.activated not in applying:
            applying[point.activated] = [p for p in on if applies(p, account, point.activated) in counts]
        found = any(is_protected(point, p, world, account) for p in applying[point.activated])
        sorted_out[found].append(point)
    return sorted_out


def state(opened: Sequence[SignIn], protected: Sequence[SignIn]) -> str:
    if not opened:
        return "covered"
    return "partial" if protected else "none"
