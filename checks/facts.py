"""What is known of an account when it is judged: one row of the view ``account_facts`` without its names."""

from __future__ import annotations

from typing import Literal

import msgspec

from checks.conditional_access import Cover
from collectors.declare import Kind

PerUser = Literal["disabled", "enabled", "enforced"]
Registered = Literal["capable", "registered_not_allowed", "weak_only", "none", "external_unknown", "unknown"]
Proof = Literal["mfa_proven", "claim_only", "single_factor_seen", "no_signin", "not_observable", "unknown"]


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """The signature of an account: accounts with equal facts are judged once.

    ``None`` is unknown, never no. Each ``*_source`` is ``usable`` or the state that keeps a dataset from telling;
    ``not_collected`` is one that no collector reads yet.
    """

    kind: Kind
    users_source: str
    is_enabled: bool | None
    is_guest: bool
    is_federated: bool | None
    is_sync_account: bool | None
    is_named_like_sync: bool
    holds_other_role: bool | None
    is_portal_user: bool | None
    is_delegated: bool | None
    security_defaults: bool | None
    security_defaults_source: str
    per_user: PerUser | None
    per_user_source: str
    has_registration_row: bool
    is_mfa_registered: bool | None
    is_mfa_capable: bool | None
    has_only_pass: bool
    has_only_phone: bool
    has_external_method: bool
    registration_source: str
    roles_source: str
    organization_source: str
    sign_ins_source: str
    has_success: bool
    has_mfa_step: bool
    has_claim: bool
    has_single_factor: bool
    has_legacy_success: bool
    used_azure_portals: bool
    used_azure_cli: bool
    is_old: bool


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """What is true of all accounts of a tenant: its cloud, its Conditional Access, and how the contract is read."""

    is_sovereign: bool
    cover: Cover
    cover_source: str
    is_strict: bool


def registered(facts: Facts) -> Registered:
    """Return what the registration report says. No row is unknown, never none: the report lags and omits people."""
    if facts.registration_source != "usable" or not facts.has_registration_row:
        return "unknown"
    if facts.has_external_method:
        return "external_unknown"
    is_registered = False if facts.has_only_pass else facts.is_mfa_registered
    if is_registered is None or (is_registered and facts.is_mfa_capable is None):
        return "unknown"
    if is_registered and facts.is_mfa_capable:
        return "weak_only" if facts.has_only_phone else "capable"
    if is_registered:
        return "registered_not_allowed"
    # The report cannot see MFA that a federated identity provider does by itself.
    words: dict[bool | None, Registered] = {True: "external_unknown", False: "none", None: "unknown"}
    return words[facts.is_federated]


def proof(facts: Facts) -> Proof:
    """Return what the successful interactive sign-ins of the window show; the worst of them decides."""
    if facts.sign_ins_source == "not_licensed":
        return "not_observable"
    if facts.sign_ins_source != "usable":
        return "unknown"
    if facts.has_single_factor:
        return "single_factor_seen"
    if facts.has_mfa_step:
        return "mfa_proven"
    if facts.has_claim:
        return "claim_only"
    return "unknown" if facts.has_success else "no_signin"


def exposure(facts: Facts) -> tuple[str, ...]:
    """Return the surfaces where Microsoft enforces MFA of this account: those that are certain.

    ``(possible)`` follows one that an unread dataset keeps us from ruling out. The admin portals are possible for
    every account that can sign in, so they are named only where they were used.
    """
    if facts.is_enabled is False or facts.is_sync_account:
        return ()
    found = []
    if facts.kind == "partner":
        surfaces = {"pc_portal": facts.is_portal_user, "customer_delegated_admin": facts.is_delegated}
        for name, is_certain in surfaces.items():
            if is_certain is not False:
                found.append(name if is_certain else f"{name}(possible)")
    if facts.used_azure_portals:
        found.append("azure_portals")
    if facts.used_azure_cli:
        found.append("azure_cli_iac")
    return tuple(found)
