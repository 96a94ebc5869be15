"""What is known of an account when it is judged: one row of the view ``account_facts`` without its names."""

from __future__ import annotations

from typing import Literal

import msgspec

PerUser = Literal["disabled", "enabled", "enforced"]
AccountClass = Literal["human", "sync", "guest_shadow", "room", "break_glass", "service", "shared_mailbox"]


class Traits(msgspec.Struct, frozen=True, kw_only=True):
    """What policies can tell accounts apart by. ``None`` is unknown, never no.

    Of its own name, its groups, its roles and its home only that stands here which a policy of the tenant names:
    ``named_as`` is its object id or empty, ``home_tenant_id`` is empty where the home is known and nobody names it.
    """

    user_type: str
    is_external: bool
    issuers: tuple[str, ...] | None
    home_tenant_id: str | None
    named_as: str
    groups: tuple[str, ...]
    active_roles: tuple[str, ...] | None
    eligible_roles: tuple[str, ...] | None


class Facts(Traits, frozen=True, kw_only=True):
    """The signature of an account: those of a tenant with equal facts are judged once. ``None`` is unknown, never no.

    ``methods`` is empty where no policy of the tenant demands an authentication strength. ``scoped_roles`` are those
    that policies name and that are held in part of the tenant alone, which policies do not know.
    """

    is_enabled: bool | None
    scoped_roles: tuple[str, ...]
    is_federated: bool | None
    is_mfa_accepted: bool | None
    is_sync_account: bool | None
    is_named_like_sync: bool
    holds_other_role: bool | None
    is_admin: bool | None
    is_portal_user: bool | None
    is_delegated: bool | None
    per_user: PerUser | None
    has_registration_row: bool
    is_mfa_registered: bool | None
    is_mfa_capable: bool | None
    methods: tuple[str, ...]
    has_only_pass: bool
    has_only_phone: bool
    has_external_method: bool
    has_success: bool
    has_mfa_step: bool
    has_claim: bool
    has_single_factor: bool
    has_legacy_success: bool
    used_azure_portals: bool
    used_azure_cli: bool
    used_m365_admin: bool
    used_partner_center_api: bool
    called_without_mfa: bool
    account_class: AccountClass | None
    class_source: str | None
    grace_ends_at: str | None
