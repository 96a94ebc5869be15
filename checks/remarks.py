"""What else a person should know of an account beside its verdict; none of it changes the verdict. Pure."""

from __future__ import annotations

from checks.cover import Cover
from checks.facts import Facts
from checks.mechanisms import Outcome
from checks.place import Place
from checks.shown import proof, registered


def remarks(facts: Facts, cover: Cover, place: Place, found: Outcome) -> tuple[str, ...]:
    """Return the codes of what holds of the account."""
    is_unregistered = any(code.endswith("NOT_REGISTERED") for code in found.reasons)
    has_method = registered(facts, place) in {"registered_not_allowed", "capable", "weak_only"}
    is_open = found.verdict != "compliant" and cover.state in {"none", "partial"}
    told = {
        "METHOD_NOT_ALLOWED": is_unregistered and has_method,
        "TEMPORARY_PASS_ONLY": facts.has_only_pass,
        f"NEW_ACCOUNT(until {facts.grace_ends_at})": facts.grace_ends_at is not None
        and place.source("authentication_methods") == "usable",
        "GUEST_EXCLUDED": is_open and place.leaves_out_as_guest(facts),
        **dict.fromkeys(cover.hollow, found.verdict == "indeterminate"),
        **dict.fromkeys(cover.remarks, True),
        "CA_ROLE_AU_SCOPED": bool(place.scoped_roles(facts)),
        "PERUSER_AND_CA": cover.state == "covered" and facts.per_user == "enforced",
        "SD_AND_CA": bool(place.security_defaults) and place.has_policies,
        # Security defaults ask ordinary users only when Microsoft sees a need: one factor there contradicts nothing.
        "EVIDENCE_CONTRADICTS_POLICY": cover.state == "covered" and proof(facts, place) == "single_factor_seen",
        "LEGACY_SUCCESS": facts.has_legacy_success,
        "PC_API_WITHOUT_MFA": facts.called_without_mfa and place.kind == "partner",
        "SHARED_MAILBOX_SIGNS_IN": facts.account_class == "shared_mailbox",
        "GUEST_SHADOWS_GDAP": facts.account_class == "guest_shadow",
    }
    return tuple(code for code, is_so in told.items() if is_so)
