"""Random small tenants: up to five policies that narrow a few dimensions, up to three named locations, an account.

They are drawn from a ``Random``: hypothesis gives one whose draws it can shrink, a seed gives thousands fast.
"""

from __future__ import annotations

from random import Random
from typing import Any

from checks.cover import Person
from tests.cover import reference as ref
from tests.cover.reference import Account, World

ROLES = ("70000000-0000-4000-8000-000000000001", "70000000-0000-4000-8000-000000000002")
GROUPS = ("g1", "g2", "g3", "g4")
LOST = "10570000-0000-4000-8000-000000000001"
PLACES = tuple(f"10c00000-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))
RANGES = ("10.0.0.0/8", "10.1.0.0/16", "10.1.255.0/24", "0.0.0.0/1", "128.0.0.0/1", "::/0", "2001:db8::/32", "::/1")
TOPICS = ("apps", "tags", "clients", "places", "platforms", "devices", "risks", "flows", "controls", "insider")
MODES = ("include", "exclude")
INCLUDED: tuple[dict[str, Any], ...] = (
    {"includeUsers": ["u1"]},
    {"includeUsers": ["u2", "None"]},
    {"includeGroups": ["g1"]},
    {"includeGroups": ["g2"]},
    {"includeRoles": [ROLES[0]]},
    {"includeRoles": list(ROLES)},
    {"includeUsers": ["GuestsOrExternalUsers"]},
    {"includeGuestsOrExternalUsers": {"guestOrExternalUserTypes": "internalGuest,b2bCollaborationGuest"}},
)
EXCLUDED: tuple[dict[str, Any], ...] = (
    {"excludeUsers": ["u2"]},
    {"excludeGroups": ["g3"]},
    {"excludeGroups": ["g4"]},
    {"excludeRoles": [ROLES[0]]},
    {"excludeRoles": [ROLES[1]]},
    {"excludeGuestsOrExternalUsers": {"guestOrExternalUserTypes": "b2bCollaborationMember,internalGuest"}},
)
STRENGTHS = [
    {"id": ref.STRONG, "requirementsSatisfied": "mfa", "allowedCombinations": ["fido2", "password,sms"]},
    {"id": ref.WEAK, "requirementsSatisfied": "mfa", "allowedCombinations": ["fido2", "sms"]},
]


def one_in(random: Random, count: int) -> bool:
    return random.randrange(count) == 0


def some(random: Random, *values: Any, least: int = 1, most: int = 2) -> list[Any]:
    return random.sample(values, random.randint(least, min(most, len(values))))


def locations(random: Random) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for place in PLACES[: random.randint(0, 3)]:
        if one_in(random, 2):
            ranges = [{"cidrAddress": each} for each in some(random, *RANGES)]
            found.append({"id": place, "ipRanges": ranges, "isTrusted": one_in(random, 2)})
        else:
            found.append(
                {
                    "id": place,
                    "countriesAndRegions": some(random, "NL", "BE", least=0),
                    "includeUnknownCountriesAndRegions": one_in(random, 2),
                    "countryLookupMethod": random.choice(("clientIpAddress", "authenticatorAppGps")),
                }
            )
    return found


def conditions_of(random: Random, topic: str) -> dict[str, Any]:
    """Return a condition of one topic, or none if the topic is no plain condition."""
    place = (*PLACES, "AllTrusted", LOST)
    if topic == "places":
        include = ["All"] if one_in(random, 2) else some(random, *place)
        exclude = some(random, *place, least=0)
        return {"locations": {"includeLocations": include, "excludeLocations": exclude}}
    if topic == "clients":
        return {"clientAppTypes": some(random, *ref.CLIENTS, most=3)}
    if topic == "platforms":
        names = ref.PLATFORMS[:-1]
        include = ["all"] if one_in(random, 2) else some(random, *names, most=4)
        return {"platforms": {"includePlatforms": include, "excludePlatforms": some(random, *names, least=0, most=3)}}
    if topic == "devices":
        rule = {"mode": random.choice(MODES), "rule": random.choice(("rule a", "rule b"))}
        return {"devices": {"deviceFilter": rule}}
    if topic == "risks":
        return {random.choice(("userRiskLevels", "signInRiskLevels")): some(random, *ref.LEVELS, most=3)}
    if topic == "insider":
        return {"insiderRiskLevels": ",".join(some(random, "minor", "moderate", "elevated"))}
    if topic == "flows":
        flows = some(random, "deviceCodeFlow", "authenticationTransfer")
        return {"authenticationFlows": {"transferMethods": ",".join(flows)}}
    return {}


def apps_of(random: Random, topics: list[str]) -> dict[str, Any]:
    named = ("Office365", "MicrosoftAdminPortals", ref.EXO, ref.SHARED, ref.AZURE, ref.SALES, "FutureSuite")
    apps: dict[str, Any] = {"includeApplications": ["All"], "excludeApplications": []}
    if "apps" in topics and not one_in(random, 3):
        if one_in(random, 2):
            apps["includeApplications"] = some(random, *named, most=3)
        apps["excludeApplications"] = some(random, *named, least=0)
    if "tags" in topics and one_in(random, 2):
        apps["applicationFilter"] = {"mode": random.choice(MODES), "rule": random.choice(("tag a", "tag b"))}
        if apps["applicationFilter"]["mode"] == "include" and one_in(random, 2):
            apps["includeApplications"] = []
    return apps


def grant_of(random: Random, topics: list[str]) -> dict[str, Any] | None:
    operator = random.choice(("AND", "OR"))
    if not one_in(random, 3 if "controls" not in topics else 2):
        return {"operator": operator, "builtInControls": [random.choice(("mfa", "mfa", "block"))]}
    if one_in(random, 8):
        return None
    controls = ["mfa", "mfa", "passwordChange"]
    if "controls" in topics:
        controls = ["mfa", "compliantDevice", "domainJoinedDevice", "compliantApplication", "mfa", "riskRemediation"]
    found = list(dict.fromkeys(some(random, *controls, least=0, most=3)))
    grant: dict[str, Any] = {"operator": operator, "builtInControls": found}
    extra = random.choice(("", "", "", "strong", "weak", "terms", "custom"))
    if extra in {"strong", "weak"}:
        grant["authenticationStrength"] = {"id": ref.STRONG if extra == "strong" else ref.WEAK}
    elif extra:
        grant["termsOfUse" if extra == "terms" else "customAuthenticationFactors"] = ["x"]
    return grant


def policy(random: Random, policy_id: str, topics: list[str]) -> dict[str, Any]:
    users = {"includeUsers": ["All"]} if not one_in(random, 3) else random.choice(INCLUDED)
    if one_in(random, 2):
        users = {**users, **random.choice(EXCLUDED)}
    conditions = {"users": dict(users), "applications": apps_of(random, topics), "clientAppTypes": ["all"]}
    for topic in topics:
        if not one_in(random, 3):
            conditions |= conditions_of(random, topic)
    if one_in(random, 20):
        conditions["moon"] = {"phase": "novelty"}
    state = "enabled" if not one_in(random, 6) else random.choice(("disabled", "enabledForReportingButNotEnforced"))
    return {
        "id": policy_id,
        "displayName": f"Policy {policy_id}",
        "state": state,
        "conditions": conditions,
        "grantControls": grant_of(random, topics),
    }


def world(random: Random) -> World:
    """Draw a tenant. Up to three topics: enumerating all sign-ins would take too long with more."""
    topics = some(random, *TOPICS, least=0, most=3)
    return World([policy(random, f"p{n}", topics) for n in range(random.randint(0, 5))], locations(random))


def account(random: Random) -> Account:
    groups = frozenset(some(random, *GROUPS, least=0, most=3))
    unread = frozenset(some(random, *GROUPS, most=3)) - groups if one_in(random, 2) else frozenset()
    active = frozenset(some(random, *ROLES, least=0, most=1))
    kind = "internal"
    if one_in(random, 2):
        kind = random.choice(("internalGuest", "b2bCollaborationGuest", "b2bCollaborationMember", "serviceProvider"))
    return Account(
        kind=kind,
        groups=groups,
        unread=unread,
        active=active,
        eligible=frozenset(some(random, *ROLES, least=0)) - active,
        is_entra=not kind.startswith("b2b") or one_in(random, 2),
    )


def person(drawn: Account) -> Person:
    """Return the same account as the product wants it."""
    user_types = {"internalGuest": "Guest", "b2bCollaborationGuest": "Guest", "serviceProvider": None}
    is_b2b = drawn.kind.startswith("b2b")
    return Person(
        account_id=drawn.id,
        user_type=user_types.get(drawn.kind, "Member"),
        is_external=is_b2b,
        is_service_provider=drawn.kind == "serviceProvider",
        has_entra_account=drawn.is_entra if is_b2b else None,
        groups=drawn.groups,
        unread_groups=drawn.unread,
        active_roles=drawn.active,
        eligible_roles=drawn.eligible,
    )
