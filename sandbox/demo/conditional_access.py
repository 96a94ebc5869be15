"""How a Conditional Access policy is written down here, and how Graph answers it.

A :class:`Policy` names only what differs from "everyone, every resource, MFA, enabled".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.demo.model import V1, Directory, Json, collection, stamp, stamp7, uid

MFA_STRENGTH = "00000000-0000-0000-0000-000000000002"
PASSWORDLESS = "00000000-0000-0000-0000-000000000003"
PHISHING_RESISTANT = "00000000-0000-0000-0000-000000000004"
CUSTOM_STRENGTH = uid("authenticationStrength", "Hardware keys and certificates")

_STRONG = ["windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor"]
_PASSWORDLESS = [*_STRONG, "deviceBasedPush"]
_ANY_MFA = [
    *_PASSWORDLESS,
    "temporaryAccessPassOneTime",
    "temporaryAccessPassMultiUse",
    "password,microsoftAuthenticatorPush",
    "password,softwareOath",
    "password,hardwareOath",
    "password,sms",
    "password,voice",
    "federatedMultiFactor",
    "microsoftAuthenticatorPush,federatedSingleFactor",
    "softwareOath,federatedSingleFactor",
    "hardwareOath,federatedSingleFactor",
    "sms,federatedSingleFactor",
    "voice,federatedSingleFactor",
]

STRENGTHS: dict[str, tuple[str, str, list[str]]] = {
    MFA_STRENGTH: ("Multifactor authentication", "builtIn", _ANY_MFA),
    PASSWORDLESS: ("Passwordless MFA", "builtIn", _PASSWORDLESS),
    PHISHING_RESISTANT: ("Phishing-resistant MFA", "builtIn", _STRONG),
    CUSTOM_STRENGTH: ("Hardware keys and certificates", "custom", ["fido2", "x509CertificateMultiFactor"]),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Users:
    """Whom a policy means: ids, or the literals Graph knows. Groups and roles by id."""

    include: tuple[str, ...] = ("All",)
    exclude: tuple[str, ...] = ()
    include_groups: tuple[str, ...] = ()
    exclude_groups: tuple[str, ...] = ()
    include_roles: tuple[str, ...] = ()
    exclude_roles: tuple[str, ...] = ()
    include_guests: str = ""
    exclude_guests: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One policy. ``grant`` are built-in controls; ``operator`` joins everything that grants."""

    name: str
    users: Users = field(default_factory=Users)
    state: str = "enabled"
    apps: tuple[str, ...] = ("All",)
    exclude_apps: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    clients: tuple[str, ...] = ("all",)
    locations: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    platforms: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    device_filter: tuple[str, str] | None = None
    flows: str = ""
    sign_in_risk: tuple[str, ...] = ()
    grant: tuple[str, ...] = ("mfa",)
    operator: str = "OR"
    strength: str = ""
    custom: tuple[str, ...] = ()
    session: Mapping[str, Any] | None = None


def _guests(types: str) -> Json | None:
    if not types:
        return None
    everyone = {
        "@odata.type": "#microsoft.graph.conditionalAccessAllExternalTenants",
        "membershipKind": "all",
    }
    return {"guestOrExternalUserTypes": types, "externalTenants": everyone}


def _sides(pair: tuple[tuple[str, ...], tuple[str, ...]] | None, what: str) -> Json | None:
    return None if pair is None else {f"include{what}": list(pair[0]), f"exclude{what}": list(pair[1])}


def strength(strength_id: str) -> Json:
    """Return an authentication strength as Graph answers it."""
    name, kind, combinations = STRENGTHS[strength_id]
    return {
        "id": strength_id,
        "createdDateTime": "2021-12-01T00:00:00Z",
        "modifiedDateTime": "2021-12-01T00:00:00Z",
        "displayName": name,
        "description": f"{name}: the combinations that satisfy it.",
        "policyType": kind,
        "requirementsSatisfied": "mfa",
        "allowedCombinations": combinations,
    }


def _conditions(policy: Policy) -> Json:
    users = policy.users
    mode, rule = policy.device_filter or ("", "")
    return {
        "userRiskLevels": [],
        "signInRiskLevels": list(policy.sign_in_risk),
        "clientAppTypes": list(policy.clients),
        "servicePrincipalRiskLevels": [],
        "insiderRiskLevels": None,
        "platforms": _sides(policy.platforms, "Platforms"),
        "locations": _sides(policy.locations, "Locations"),
        "devices": {"deviceFilter": {"mode": mode, "rule": rule}} if policy.device_filter else None,
        "clientApplications": None,
        "authenticationFlows": {"transferMethods": policy.flows} if policy.flows else None,
        "applications": {
            "includeApplications": [] if policy.actions else list(policy.apps),
            "excludeApplications": list(policy.exclude_apps),
            "includeUserActions": list(policy.actions),
            "includeAuthenticationContextClassReferences": [],
            "applicationFilter": None,
        },
        "users": {
            "includeUsers": list(users.include),
            "excludeUsers": list(users.exclude),
            "includeGroups": list(users.include_groups),
            "excludeGroups": list(users.exclude_groups),
            "includeRoles": list(users.include_roles),
            "excludeRoles": list(users.exclude_roles),
            "includeGuestsOrExternalUsers": _guests(users.include_guests),
            "excludeGuestsOrExternalUsers": _guests(users.exclude_guests),
        },
    }


def _grants(policy: Policy, policy_id: str) -> Json | None:
    if not (policy.grant or policy.strength or policy.custom):
        return None
    path = f"{V1}identity/conditionalAccess/policies('{policy_id}')/grantControls/authenticationStrength/$entity"
    return {
        "operator": policy.operator,
        "builtInControls": list(policy.grant),
        "customAuthenticationFactors": list(policy.custom),
        "termsOfUse": [],
        "authenticationStrength@odata.context": path,
        "authenticationStrength": strength(policy.strength) if policy.strength else None,
    }


def policy_id(tenant_key: str, name: str) -> str:
    """Return the id of a policy."""
    return uid(tenant_key, "policy", name)


def answer(directory: Directory, policy: Policy) -> Json:
    """Return the policy as Graph v1.0 answers it."""
    identity = policy_id(directory.tenant.key, policy.name)
    return {
        "id": identity,
        "templateId": None,
        "displayName": policy.name,
        "createdDateTime": stamp7(directory.ago(days=500)),
        "modifiedDateTime": stamp7(directory.ago(days=140)),
        "state": policy.state,
        "sessionControls": dict(policy.session) if policy.session else None,
        "conditions": _conditions(policy),
        "grantControls": _grants(policy, identity),
    }


def ip_location(directory: Directory, name: str, cidrs: tuple[str, ...], *, is_trusted: bool) -> Json:
    """Return a named location of address ranges."""
    version = {True: "iPv6CidrRange", False: "iPv4CidrRange"}
    ranges = [{"@odata.type": f"#microsoft.graph.{version[':' in cidr]}", "cidrAddress": cidr} for cidr in cidrs]
    kind = {"@odata.type": "#microsoft.graph.ipNamedLocation"}
    return kind | _location(directory, name) | {"isTrusted": is_trusted, "ipRanges": ranges}


def country_location(directory: Directory, name: str, countries: tuple[str, ...]) -> Json:
    """Return a named location of countries."""
    more = {
        "countriesAndRegions": list(countries),
        "countryLookupMethod": "clientIpAddress",
        "includeUnknownCountriesAndRegions": False,
    }
    return {"@odata.type": "#microsoft.graph.countryNamedLocation"} | _location(directory, name) | more


def location_id(tenant_key: str, name: str) -> str:
    """Return the id of a named location."""
    return uid(tenant_key, "location", name)


def _location(directory: Directory, name: str) -> Json:
    return {
        "id": location_id(directory.tenant.key, name),
        "displayName": name,
        "createdDateTime": stamp(directory.ago(days=510)),
        "modifiedDateTime": stamp(directory.ago(days=510)),
    }


def strengths() -> Json:
    """Return the built-in strengths and a custom one."""
    return collection(f"{V1}policies/authenticationStrengthPolicies", [strength(one) for one in STRENGTHS])
