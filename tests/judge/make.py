"""Facts of an account that is asked for MFA and can do it; tests change one field."""

from __future__ import annotations

from typing import Any

from checks.conditional_access import Cover
from checks.facts import Facts, Place


def facts(**changes: Any) -> Facts:
    """Return a partner's enabled member under security defaults, registered, in a tenant that was read whole."""
    good: dict[str, Any] = {
        "kind": "partner",
        "users_source": "usable",
        "is_enabled": True,
        "is_guest": False,
        "is_federated": False,
        "is_sync_account": False,
        "is_named_like_sync": False,
        "holds_other_role": False,
        "is_portal_user": False,
        "is_delegated": False,
        "security_defaults": True,
        "security_defaults_source": "usable",
        "per_user": "disabled",
        "per_user_source": "usable",
        "has_registration_row": True,
        "is_mfa_registered": True,
        "is_mfa_capable": True,
        "has_only_pass": False,
        "has_only_phone": False,
        "has_external_method": False,
        "registration_source": "usable",
        "roles_source": "usable",
        "organization_source": "usable",
        "sign_ins_source": "usable",
        "has_success": False,
        "has_mfa_step": False,
        "has_claim": False,
        "has_single_factor": False,
        "has_legacy_success": False,
        "used_azure_portals": False,
        "used_azure_cli": False,
        "is_old": False,
    }
    return Facts(**{**good, **changes})


def place(**changes: Any) -> Place:
    """Return a tenant in the global cloud whose Conditional Access demands nothing of anybody."""
    good: dict[str, Any] = {
        "is_sovereign": False,
        "cover": Cover(reach="none"),
        "cover_source": "usable",
        "is_strict": False,
    }
    return Place(**{**good, **changes})


NOT_REGISTERED = {"is_mfa_registered": False, "is_mfa_capable": False}
NO_DEFAULTS = {"security_defaults": False}
PER_USER_UNREAD = {"per_user": None, "per_user_source": "not_collected"}
FULL = Cover(reach="full", policy_ids=("p1",))
NOT_EVALUATED = Cover(reach="unknown", gaps=("CA_NOT_EVALUATED",))
UNREAD = Cover(reach="unknown")
