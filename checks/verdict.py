"""The verdict of an account: the ordered table of domain.md 5.4 over what is known of it. Pure, and the same every time.

How each row of that table stands with what is collected today:

| row | stands |
|---|---|
| 0 customer | scope ``out_customer_tenant``, verdict ``not_applicable``; the rest of the table gives ``customer_posture`` |
| 1 sovereign cloud | by the partner's ``cloud`` in the configuration; ``out_cloud``, and the posture is advice, as in row 0 |
| 2 workload identity | cannot occur: only user objects are accounts |
| 3 disabled | decides before everything below. Not knowing it (``accountEnabled`` missing, or the list of users not read whole by the newest attempt) is indeterminate |
| 4 sync account | by an active role, never by name. With roles unread, an account that is *named* like one is indeterminate, any other is judged: Entra Connect gives its account that name itself |
| 5 unknown inputs | every value an unread input may have is tried (:mod:`checks.mechanisms`); if verdicts differ, indeterminate, naming each input it hinges on |
| 6 always asked, and able | security defaults and Conditional Access are read. Both decide alone: with one of them certain, the other and per-user MFA change nothing |
| 7, 8 always asked, not registered | the same. A federated account, or a guest under Conditional Access, may do MFA elsewhere: that is unread (federation_configuration, cross_tenant_access), so it is indeterminate. Security defaults ask guests here, whatever their home does |
| 9 per-user enabled | never certain: per-user MFA is unread |
| 10 partly covered | never certain: an unmatched policy is ``CA_NOT_EVALUATED`` and may be anything from none to full |
| 11 hollow policies | told for policies that apply to all users; certain only with per-user MFA read |
| 12 federated | the domain's type is read from organization, what was observed from sign_ins; certain only with per-user MFA read |
| 13, 14 nothing asks | indeterminate while per-user MFA is unread: ``enforced`` would turn it into compliant or at risk |

So nobody is ``non_compliant`` before per-user MFA is read: that would be a guess.
"""  # noqa: E501  (a table)

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import msgspec

from checks.conditional_access import Reach
from checks.facts import Facts, Place, Proof, Registered, exposure, proof, registered
from checks.mechanisms import Given, Outcome, Verdict, outcome

Scope = Literal["in_scope", "out_disabled", "out_sync_account", "out_customer_tenant", "out_cloud"]
Confidence = Literal["high", "medium", "low"]
REGISTERED: frozenset[Registered] = frozenset({"capable", "weak_only", "registered_not_allowed"})


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What is written of an account into ``account_verdict_history``, beside whose it is and when."""

    contract_scope: Scope
    contract_verdict: Verdict
    customer_posture: Verdict | None
    exposure: tuple[str, ...]
    protected_by: tuple[str, ...]
    required: Reach
    registered: Registered
    proof: Proof
    reasons: tuple[str, ...]
    counterexample: str | None
    confidence: Confidence


@lru_cache(maxsize=100_000)
def decide(facts: Facts, place: Place) -> Decision:
    """Return the verdict of every account with these facts in such a place."""
    scope, verdict, reasons = _in_order(facts, place)
    posture: Verdict | None = None
    confidence = _confidence(facts, place, verdict)
    if facts.kind == "customer" or place.is_sovereign:
        is_customer = facts.kind == "customer"
        scope = "out_customer_tenant" if is_customer else "out_cloud"
        reasons = ("CUSTOMER_RECOMMENDED" if is_customer else "SOVEREIGN_RECOMMENDED", *reasons)
        posture, verdict = verdict, "not_applicable"
    return Decision(
        contract_scope=scope,
        contract_verdict=verdict,
        customer_posture=posture,
        exposure=exposure(facts),
        protected_by=_protected_by(facts, place),
        required=_required(facts, place),
        registered=registered(facts),
        proof=proof(facts),
        reasons=tuple(dict.fromkeys(reasons)),
        counterexample=None,
        confidence=confidence,
    )


def _in_order(facts: Facts, place: Place) -> tuple[Scope, Verdict, tuple[str, ...]]:
    """Rows 3 to 14 for one account, as if it owed MFA."""
    if facts.is_enabled is False:
        flag = ("DISABLED_HAS_ADMIN_ROLE",) if facts.holds_other_role else ()
        return "out_disabled", "not_applicable", ("DISABLED", *flag)
    if facts.is_sync_account:
        is_odd = facts.holds_other_role or not facts.is_named_like_sync
        return "out_sync_account", "not_applicable", ("SYNC_ACCOUNT", *(("SYNC_ACCOUNT_UNEXPECTED",) if is_odd else ()))
    found = _outcome(facts, place)
    doubts = [_unavailable(pivot, facts, place) for pivot in found.pivots]
    if facts.is_enabled is None:
        is_read = facts.users_source == "usable"
        about = "users.accountEnabled,missing" if is_read else f"users,{facts.users_source}"
        doubts.insert(0, f"SOURCE_UNAVAILABLE({about})")
    if facts.is_sync_account is None and facts.is_named_like_sync:
        doubts.insert(0, f"SOURCE_UNAVAILABLE(role_assignments,{facts.roles_source})")
    verdict = "indeterminate" if doubts else found.verdict
    return "in_scope", verdict, (*doubts, *found.reasons, *_remarks(facts, place, found))


def _outcome(facts: Facts, place: Place) -> Outcome:
    """Rows 5 to 14."""
    known: dict[str, object] = {}
    if facts.security_defaults is not None:
        known["security_defaults"] = facts.security_defaults
    if place.cover.reach != "unknown":
        # A partial cover that leaves whole apps out is the one that rule 10 calls not compliant.
        is_subset = place.cover.reach == "partial" and "CA_APP_SUBSET" in place.cover.gaps
        known["conditional_access"] = "subset" if is_subset else place.cover.reach
    if facts.per_user is not None:
        known["per_user"] = facts.per_user
    if (able := _can_do_mfa(facts)) is not None:
        known["can_do_mfa"] = able
    if facts.is_federated is not None:
        known["is_federated"] = facts.is_federated
        if not facts.is_federated and not facts.is_guest:
            known["is_mfa_from_elsewhere_accepted"] = False
    observed = {"single_factor_seen": "single_factor", "mfa_proven": "mfa", "claim_only": "mfa", "no_signin": "nothing"}
    if (seen := observed.get(proof(facts))) is not None:
        known["observed"] = seen
    given = Given(
        is_guest=facts.is_guest,
        is_strict=place.is_strict,
        is_registered=registered(facts) in REGISTERED,
        gaps=place.cover.gaps,
        hollow=place.cover.hollow,
    )
    return outcome(known, given)


def _can_do_mfa(facts: Facts) -> bool | None:
    """Whether the account could answer an MFA challenge of this tenant by itself."""
    if facts.registration_source != "usable" or not facts.has_registration_row:
        return None
    if facts.has_external_method:
        return True
    # Not allowed, not registered, or not for long: there is nothing to answer with.
    if facts.has_only_pass or facts.is_mfa_capable is False or facts.is_mfa_registered is False:
        return False
    return True if facts.is_mfa_registered and facts.is_mfa_capable else None


def _unavailable(pivot: str, facts: Facts, place: Place) -> str:
    """Return the code that names the source of an input the verdict hinges on."""
    if pivot == "conditional_access" and place.cover_source == "usable":
        return place.cover.gaps[0]
    if pivot == "can_do_mfa" and facts.registration_source == "usable" and not facts.has_registration_row:
        return "REPORT_LATENCY"
    elsewhere = "cross_tenant_access" if facts.is_guest else "federation_configuration"
    dataset, state = {
        "security_defaults": ("security_defaults", facts.security_defaults_source),
        "conditional_access": ("conditional_access_policies", place.cover_source),
        "per_user": ("per_user_mfa", facts.per_user_source),
        "can_do_mfa": ("authentication_methods", facts.registration_source),
        "is_federated": ("organization", facts.organization_source),
        "is_mfa_from_elsewhere_accepted": (elsewhere, "not_collected"),
        "observed": ("sign_ins", facts.sign_ins_source),
    }[pivot]
    # Read, and yet it does not tell: a field is missing, or holds a value that we do not know.
    return f"SOURCE_UNAVAILABLE({dataset},{'unclear' if state == 'usable' else state})"


def _remarks(facts: Facts, place: Place, found: Outcome) -> tuple[str, ...]:
    """Return what else a person should know; none of it changes the verdict."""
    remarks = []
    if registered(facts) == "registered_not_allowed" and any(code.endswith("NOT_REGISTERED") for code in found.reasons):
        remarks.append("METHOD_NOT_ALLOWED")
    if found.verdict == "indeterminate":
        remarks += place.cover.hollow
    if place.cover.reach == "full" and facts.per_user == "enforced":
        remarks.append("PERUSER_AND_CA")
    if _contradicts(facts, place):
        remarks.append("EVIDENCE_CONTRADICTS_POLICY")
    if facts.has_legacy_success:
        remarks.append("LEGACY_SUCCESS")
    return tuple(remarks)


def _contradicts(facts: Facts, place: Place) -> bool:
    # Security defaults ask ordinary users only when Microsoft sees a need: one factor there contradicts nothing.
    return place.cover.reach == "full" and proof(facts) == "single_factor_seen"


def _required(facts: Facts, place: Place) -> Reach:
    reach = place.cover.reach
    if _is_under_defaults(facts) or reach == "full" or facts.per_user == "enforced":
        return "full"
    if facts.security_defaults is None or reach == "unknown" or facts.per_user is None:
        return "unknown"
    return "partial" if reach == "partial" or facts.per_user == "enabled" else "none"


def _is_under_defaults(facts: Facts) -> bool:
    return facts.security_defaults is True and not facts.is_sync_account  # they leave sync accounts alone


def _protected_by(facts: Facts, place: Place) -> tuple[str, ...]:
    found = ["security_defaults"] if _is_under_defaults(facts) else []
    found += [f"ca_policy:{policy_id}" for policy_id in place.cover.policy_ids]
    if facts.per_user in {"enabled", "enforced"}:
        found.append("per_user")
    if found and facts.has_external_method:
        found.append("external_mfa")
    if "CUSTOM_CONTROL_NOT_MFA" in place.cover.hollow:
        found.append("custom_control")
    return tuple(found)


def _confidence(facts: Facts, place: Place, verdict: Verdict) -> Confidence:
    """Low where it is indeterminate; medium where it rests on something weaker than a fresh, exact fact."""
    if verdict == "indeterminate":
        return "low"
    # Trusted addresses and remembered devices of per-user MFA cannot be read, and under the strict reading security
    # defaults ask too seldom: compliance that rests on those alone is less sure.
    is_weak = verdict == "compliant" and (place.cover.reach != "full" or facts.has_external_method)
    return "medium" if facts.is_old or is_weak or _contradicts(facts, place) else "high"
