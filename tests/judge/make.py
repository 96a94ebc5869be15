"""An account that is asked for MFA and can do it; tests change one thing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from checks.cover import build
from checks.facts import Facts
from checks.place import Place
from checks.verdict import Decision, decide
from tests.checks.world import DATASETS
from tests.cover.make import OFFICE_LOCATION, policy


def facts(**changes: Any) -> Facts:
    """Return an enabled member, registered, in a tenant that was read whole."""
    good: dict[str, Any] = {
        "is_enabled": True,
        "user_type": "Member",
        "is_external": False,
        "issuers": None,
        "home_tenant_id": None,
        "named_as": "",
        "groups": (),
        "active_roles": (),
        "eligible_roles": (),
        "scoped_roles": (),
        "is_federated": False,
        "is_mfa_accepted": False,
        "is_sync_account": False,
        "is_named_like_sync": False,
        "holds_other_role": False,
        "is_admin": False,
        "is_portal_user": False,
        "is_delegated": False,
        "per_user": "disabled",
        "has_registration_row": True,
        "is_mfa_registered": True,
        "is_mfa_capable": True,
        "methods": (),
        "has_only_pass": False,
        "has_only_phone": False,
        "has_external_method": False,
        "has_success": False,
        "has_mfa_step": False,
        "has_claim": False,
        "has_single_factor": False,
        "has_legacy_success": False,
        "used_azure_portals": False,
        "used_azure_cli": False,
        "used_m365_admin": False,
        "used_partner_center_api": False,
        "called_without_mfa": False,
        "account_class": None,
        "class_source": None,
        "grace_ends_at": None,
    }
    return Facts(**{**good, **changes})


def place(
    policies: Sequence[dict[str, Any]] | None = (), unread: dict[str, str] | None = None, **changes: Any
) -> Place:
    """Return a partner under security defaults; ``unread`` has the state of datasets that do not tell."""
    sources = {**dict.fromkeys(DATASETS, "usable"), **(unread or {})}
    is_read = policies is not None and sources["conditional_access_policies"] == "usable"
    model = build(policies or (), [OFFICE_LOCATION], []) if is_read else None
    good: dict[str, Any] = {"kind": "partner", "security_defaults": True}
    return Place("t", model=model, sources=sources, **{**good, **changes})


def judged(changes: dict[str, Any] | None = None, where: dict[str, Any] | None = None) -> Decision:
    """Return the decision about such an account in such a place."""
    return decide(facts(**(changes or {})), place(**(where or {}))).decision


GUEST: dict[str, Any] = {"user_type": "Guest", "is_external": True, "issuers": ("externalazuread",)}
NOT_REGISTERED = {"is_mfa_registered": False, "is_mfa_capable": False}
FEDERATED = {**NOT_REGISTERED, "is_federated": True, "is_mfa_accepted": True}
PER_USER_UNREAD = {"per_user": None}
NO_DEFAULTS: dict[str, Any] = {"security_defaults": False}
FULL: dict[str, Any] = {**NO_DEFAULTS, "policies": [policy()]}
UNREAD: dict[str, Any] = {**NO_DEFAULTS, "unread": {"conditional_access_policies": "not_permitted"}}
# Whether the account is in the excluded group nobody knows.
NOT_CERTAIN: dict[str, Any] = {**NO_DEFAULTS, "policies": [policy(users={"excludeGroups": ["g1"]})]}
