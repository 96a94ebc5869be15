"""Policies and accounts as Graph shapes them: good ones, of which a test changes one thing."""

from __future__ import annotations

from typing import Any

from checks.cover import Cover, Person, build

GLOBAL_ADMIN = "62e90394-69f5-4237-9190-012177145e10"
HELPDESK = "729827e3-9c14-49f7-bb1b-9608f156bbb8"
PARTNER_CENTER = "fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd"
EXCHANGE = "00000002-0000-0ff1-ce00-000000000000"
HOME = "a1a1a1a1-0000-4000-8000-000000000001"
MFA = {"operator": "OR", "builtInControls": ["mfa"]}
BLOCK = {"operator": "OR", "builtInControls": ["block"]}
MEMBER = Person(account_id="u1")
GUEST = Person(account_id="g1", user_type="Guest", is_external=True, has_entra_account=True, home_tenant_id=HOME)
OFFICE_LOCATION = {
    "@odata.type": "#microsoft.graph.ipNamedLocation",
    "id": "0ff1ce00-0000-4000-8000-000000000001",
    "displayName": "Office",
    "isTrusted": True,
    "ipRanges": [{"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": "198.51.100.0/24"}],
}
OFFICE_ID = OFFICE_LOCATION["id"]


def policy(
    policy_id: str = "p1",
    *,
    users: dict[str, Any] | None = None,
    apps: dict[str, Any] | None = None,
    grant: dict[str, Any] | None = MFA,
    state: str = "enabled",
    **conditions: Any,
) -> dict[str, Any]:
    """Return a policy that demands MFA of all users for all apps, always; each argument narrows it."""
    return {
        "id": policy_id,
        "displayName": f"Policy {policy_id}",
        "state": state,
        "conditions": {
            "users": {"includeUsers": ["All"], **(users or {})},
            "applications": {"includeApplications": ["All"], **(apps or {})},
            "clientAppTypes": ["all"],
            "platforms": None,
            "locations": None,
            **conditions,
        },
        "grantControls": grant,
        "sessionControls": None,
    }


def cover(*policies: dict[str, Any], person: Person = MEMBER, **tenant: Any) -> Cover:
    """Return the cover of one account under these policies."""
    return build(policies, tenant.pop("locations", [OFFICE_LOCATION]), tenant.pop("strengths", []), **tenant).cover(
        person
    )


def strength(strength_id: str, *combinations: str, satisfied: str = "mfa") -> dict[str, Any]:
    """Return an authentication strength as Graph lists it."""
    return {
        "id": strength_id,
        "displayName": "Custom",
        "policyType": "custom",
        "requirementsSatisfied": satisfied,
        "allowedCombinations": list(combinations),
    }
