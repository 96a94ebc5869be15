"""What is shown beside a verdict and never changes it: registration, proof, exposure. Pure."""

from __future__ import annotations

from typing import Literal

from checks.facts import Facts
from checks.place import Place

Registered = Literal["capable", "registered_not_allowed", "weak_only", "none", "external_unknown", "unknown"]
Proof = Literal["mfa_proven", "claim_only", "single_factor_seen", "no_signin", "not_observable", "unknown"]


def registered(facts: Facts, place: Place) -> Registered:
    """Return what the registration report says, or what stands in for it where the licence is missing.

    No row is unknown, never none: the report lags and omits people, and not everybody's own methods are asked for.
    """
    if place.tells_registration is None or not facts.has_registration_row:
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
    return _registered_elsewhere(facts)


def _registered_elsewhere(facts: Facts) -> Registered:
    """Tell none from MFA that the report cannot see: a federated provider's, or the home's of a trusted guest."""
    if facts.is_external:
        return "external_unknown" if facts.is_mfa_accepted else "none"
    if facts.is_federated is None:
        return "unknown"
    return "external_unknown" if facts.is_federated and facts.is_mfa_accepted is not False else "none"


def proof(facts: Facts, place: Place) -> Proof:
    """Return what the successful interactive sign-ins of the window show; the worst of them decides."""
    source = place.source("sign_ins")
    if source != "usable":
        return "not_observable" if source == "not_licensed" else "unknown"
    if facts.has_single_factor:
        return "single_factor_seen"
    if facts.has_mfa_step:
        return "mfa_proven"
    if facts.has_claim:
        return "claim_only"
    return "unknown" if facts.has_success else "no_signin"


def exposure(facts: Facts, place: Place) -> tuple[str, ...]:
    """Return the surfaces where Microsoft enforces MFA of this account: those that are certain.

    ``(possible)`` follows one that an unread dataset keeps us from ruling out. The admin portals are possible for
    every account that can sign in, so they are named only where they were used.
    """
    if facts.is_enabled is False or facts.is_sync_account:
        return ()
    surfaces: dict[str, bool | None] = {
        "azure_portals": facts.used_azure_portals,
        "m365_admin": facts.used_m365_admin,
        "azure_cli_iac": facts.used_azure_cli,
    }
    if place.kind == "partner":
        surfaces = {
            "pc_portal": facts.is_portal_user,
            "pc_api_app_user": facts.used_partner_center_api,
            "customer_delegated_admin": facts.is_delegated,
            **surfaces,
        }
    return tuple(
        name if is_certain else f"{name}(possible)" for name, is_certain in surfaces.items() if is_certain is not False
    )
