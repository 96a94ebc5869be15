"""The verdict of an account: the ordered table of domain.md 5.4 over what is known of it. Pure, and the same every time.

How each row of that table stands:

| row | stands |
|---|---|
| 0 customer | scope ``out_customer_tenant``, verdict ``not_applicable``; the rest of the table gives ``customer_posture`` |
| 1 sovereign cloud | by the partner's ``cloud`` in the configuration; ``out_cloud``, and the posture is advice, as in row 0 |
| 2 workload identity | cannot occur: only user objects are accounts |
| 3 disabled | decides before everything below. Not knowing it (``accountEnabled`` missing, or the list of users not read whole by the newest attempt) is indeterminate |
| 4 sync account | by an active role, never by name. With roles unread, an account that is *named* like one is indeterminate, any other is judged: Entra Connect gives its account that name itself |
| 5 unknown inputs | every value an unread input may have is tried (:mod:`checks.mechanisms`); if verdicts differ, indeterminate, naming each input it hinges on |
| 6, 7, 8 always asked | by security defaults, a cover that leaves nothing open (:mod:`checks.cover`), or per-user MFA enforced. Able is who has registered what the policies accept |
| 9 per-user enabled | before any partial cover |
| 10 partly covered | a cover that asks at no ordinary sign-in is as bad as none. Both readings are kept |
| 11 hollow policies | those that apply to the account |
| 12 federated | by the domain's type; what was observed decides |
| 13, 14 nothing asks | the class of the account (service, room, break-glass) adds a reason and changes nothing |
"""  # noqa: E501  (a table)

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Literal

import msgspec

from checks.cover import Answer, Cover, Missing, has_entra_account
from checks.facts import Facts, Traits
from checks.mechanisms import Access, Given, Outcome, Possible, Verdict, outcome
from checks.methods import satisfies
from checks.place import METHODS, NOT_COLLECTED, REPORT, Place
from checks.remarks import remarks
from checks.shown import Proof, Registered, exposure, proof, registered

Scope = Literal["in_scope", "out_disabled", "out_sync_account", "out_customer_tenant", "out_cloud"]
Required = Literal["full", "partial", "none", "unknown"]
Level = Literal["high", "medium", "low"]
REGISTERED: frozenset[Registered] = frozenset({"capable", "weak_only", "registered_not_allowed"})
_CLASS_REASONS = {
    "service": "SERVICE_ACCOUNT_NO_MFA",
    "room": "ROOM_NO_MFA",
    "break_glass": "BREAKGLASS_NO_MFA",
}
# Left open, one of these opens the tenant: Partner Center and the portals that administrators use.
_PORTALS = frozenset(
    {"fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd", "MicrosoftAdminPortals", "797f4846-ba00-4fd7-ba43-dac1f8f63013"}
)


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What is written of an account into ``account_verdict_history``, beside whose it is and when.

    ``pragmatic_verdict`` and ``strict_verdict`` are what either reading of the contract says, of a customer's account
    too; ``contract_verdict`` or ``customer_posture`` is the one that the configuration chose.
    """

    contract_scope: Scope
    contract_verdict: Verdict
    customer_posture: Verdict | None
    pragmatic_verdict: Verdict
    strict_verdict: Verdict
    exposure: tuple[str, ...]
    protected_by: tuple[str, ...]
    required: Required
    registered: Registered
    proof: Proof
    reasons: tuple[str, ...]
    counterexample: str | None
    excluded_apps: tuple[str, ...]
    confidence: Level
    severity: Literal["high", "medium"] | None
    is_admin: bool | None
    account_class: str | None
    class_source: str | None


class Ruling(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a decision that names nothing of its tenant: accounts alike in any tenants share it.

    ``asked_by_tenant`` and ``asked_besides`` are what stands before and after the tenant's own policies in
    ``protected_by``; ``is_open`` is whether the sentence of the cover is a counter-example.
    """

    contract_scope: Scope
    contract_verdict: Verdict
    customer_posture: Verdict | None
    pragmatic_verdict: Verdict
    strict_verdict: Verdict
    exposure: tuple[str, ...]
    asked_by_tenant: tuple[str, ...]
    asked_besides: tuple[str, ...]
    required: Required
    registered: Registered
    proof: Proof
    reasons: tuple[str, ...]
    is_open: bool
    confidence: Level
    severity: Literal["high", "medium"] | None
    is_admin: bool | None
    account_class: str | None
    class_source: str | None


class Own(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a decision that names what is the tenant's own: it is the same for all accounts with one cover."""

    policies: tuple[str, ...]
    sentence: str | None
    excluded_apps: tuple[str, ...]


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """A decision and what it was made of: what ``explain`` tells."""

    facts: Facts
    cover: Cover
    decision: Decision


# What a ruling and a decision both have.
SHARED = tuple(name for name in Decision.__struct_fields__ if name in Ruling.__struct_fields__)


class _Reading(msgspec.Struct, frozen=True):
    """What one reading of the contract makes of an account, as if it owed MFA."""

    scope: Scope
    verdict: Verdict
    reasons: tuple[str, ...]


def decide(facts: Facts, place: Place) -> Judged:
    """Return the verdict of every account with these facts in such a place."""
    cover = place.cover(facts)
    ruling, own = rule(facts, cover, place), own_of(cover)
    decision = Decision(
        protected_by=(*ruling.asked_by_tenant, *own.policies, *ruling.asked_besides),
        counterexample=own.sentence if ruling.is_open else None,
        excluded_apps=own.excluded_apps,
        **{name: getattr(ruling, name) for name in SHARED},
    )
    return Judged(facts=facts, cover=cover, decision=decision)


def own_of(cover: Cover) -> Own:
    """Return what a decision says of the tenant's policies."""
    policies = cover.policy_ids if cover.state == "covered" else cover.asking_policy_ids
    return Own(
        policies=tuple(f"ca_policy:{policy_id}" for policy_id in policies),
        sentence=cover.sentence,
        excluded_apps=cover.excluded_apps,
    )


def likeness(traits: Traits, cover: Cover, place: Place) -> Hashable:
    """Return all that :func:`rule` reads beside the facts that are not traits: with it equal, rulings are."""
    return (
        place.gist,
        traits.is_external,
        traits.issuers,
        place.leaves_out_as_guest(traits),
        cover.state,
        cover.could_be,
        cover.gaps,
        cover.asks_ordinarily,
        cover.hollow,
        cover.remarks,
        cover.missing,
        bool(own_of(cover).policies),
        bool(cover.asking_policy_ids),
        _PORTALS.isdisjoint(cover.excluded_apps),
        tuple(place.combinations(key) for key in cover.strength_ids),
    )


def rule(facts: Facts, cover: Cover, place: Place) -> Ruling:
    """Return the verdict of the accounts with these facts, as far as it names nothing of their tenant."""
    mild, harsh = _outcomes(facts, cover, place)
    pragmatic = _in_order(facts, cover, place, mild)
    strict = pragmatic if harsh == mild else _in_order(facts, cover, place, harsh)
    chosen = strict if place.is_strict else pragmatic
    scope, verdict, reasons = chosen.scope, chosen.verdict, chosen.reasons
    posture: Verdict | None = None
    if place.kind == "customer" or place.is_sovereign:
        is_customer = place.kind == "customer"
        scope = "out_customer_tenant" if is_customer else "out_cloud"
        reasons = ("CUSTOMER_RECOMMENDED" if is_customer else "SOVEREIGN_RECOMMENDED", *reasons)
        posture, verdict = verdict, "not_applicable"
    reasons = tuple(dict.fromkeys(reasons))
    return Ruling(
        contract_scope=scope,
        contract_verdict=verdict,
        customer_posture=posture,
        pragmatic_verdict=pragmatic.verdict,
        strict_verdict=strict.verdict,
        exposure=exposure(facts, place),
        asked_by_tenant=("security_defaults",) if _is_under_defaults(facts, place) else (),
        asked_besides=_asked_besides(facts, cover, place),
        required=_required(facts, cover, place),
        registered=registered(facts, place),
        proof=proof(facts, place),
        reasons=reasons,
        is_open=_is_open(facts, place),
        confidence=_confidence(facts, cover, place, chosen.verdict),
        severity=_severity(facts, cover, chosen.verdict, reasons),
        is_admin=facts.is_admin,
        account_class=facts.account_class,
        class_source=facts.class_source,
    )


def _in_order(facts: Facts, cover: Cover, place: Place, found: Outcome) -> _Reading:
    """Rows 3 to 14 for one account; ``found`` is what rows 5 to 14 make of it."""
    if facts.is_enabled is False:
        flag = ("DISABLED_HAS_ADMIN_ROLE",) if facts.holds_other_role else ()
        return _Reading("out_disabled", "not_applicable", ("DISABLED", *flag))
    if facts.is_sync_account:
        is_odd = facts.holds_other_role or not facts.is_named_like_sync
        odd = ("SYNC_ACCOUNT_UNEXPECTED",) if is_odd else ()
        return _Reading("out_sync_account", "not_applicable", ("SYNC_ACCOUNT", *odd))
    doubts = [code for pivot in found.pivots for code in _unavailable(pivot, facts, cover, place)]
    if facts.is_enabled is None:
        is_read = place.source("users") == "usable"
        about = "users.accountEnabled,missing" if is_read else f"users,{place.source('users')}"
        doubts.insert(0, f"SOURCE_UNAVAILABLE({about})")
    if facts.is_sync_account is None and facts.is_named_like_sync:
        doubts[:0] = _unread(place, "role_assignments", "group_members")
    verdict = "indeterminate" if doubts else found.verdict
    by_class = _CLASS_REASONS.get(facts.account_class or "") if verdict == "non_compliant" else None
    return _Reading(
        "in_scope",
        verdict,
        (*doubts, *((by_class,) if by_class else ()), *found.reasons, *remarks(facts, cover, place, found)),
    )


def _outcomes(facts: Facts, cover: Cover, place: Place) -> tuple[Outcome, Outcome]:
    """Rows 5 to 14, under the pragmatic reading and under the strict one."""
    everything = Possible()
    able = _can_do_mfa(facts, cover, place)
    is_accepted = _is_mfa_accepted(facts)
    seen = {
        "single_factor_seen": "single_factor",
        "mfa_proven": "mfa",
        "claim_only": "mfa",
        "no_signin": "nothing",
    }.get(proof(facts, place))
    possible = Possible(
        security_defaults=_certain(place.security_defaults, everything.security_defaults),
        access=_access(cover) or everything.access,
        per_user=_certain(facts.per_user, everything.per_user),
        can_do_mfa=_certain(able, everything.can_do_mfa),
        is_federated=_certain(facts.is_federated, everything.is_federated),
        is_mfa_accepted=_certain(is_accepted, everything.is_mfa_accepted),
        observed=_certain(seen, everything.observed),
    )
    is_registered = registered(facts, place) in REGISTERED
    mild, harsh = (Given(facts.is_external, is_strict, is_registered, cover.hollow) for is_strict in (False, True))
    return outcome(possible, mild), outcome(possible, harsh)


def _certain(value: object, every: object) -> Any:
    return every if value is None else (value,)


def _access(cover: Cover) -> tuple[Access, ...]:
    """Return what Conditional Access may demand of the account; nothing if anything is possible."""
    answers = cover.could_be if cover.state == "unknown" else (cover,)
    if not answers or any(answer.state == "unknown" for answer in answers):
        return ()
    is_asking = bool(cover.asking_policy_ids) or cover.state == "unknown"
    return tuple(dict.fromkeys(_one_access(answer, is_asking=is_asking) for answer in answers))


def _one_access(answer: Answer | Cover, *, is_asking: bool) -> Access:
    if answer.state == "covered":
        return Access("full")
    if answer.state == "none":
        return Access("none")
    if not answer.asks_ordinarily:
        # What is only refused somewhere asks nobody for MFA.
        return Access("corner", answer.gaps) if is_asking else Access("none")
    return Access("subset" if "CA_APP_SUBSET" in answer.gaps else "partial", answer.gaps)


def _can_do_mfa(facts: Facts, cover: Cover, place: Place) -> bool | None:
    """Whether the account could answer an MFA challenge of this tenant by itself."""
    if place.tells_registration is None or not facts.has_registration_row:
        return None
    if not facts.has_external_method:
        # Not allowed, not registered, or not for long: there is nothing to answer with.
        if facts.has_only_pass or facts.is_mfa_capable is False or facts.is_mfa_registered is False:
            return False
        if not (facts.is_mfa_registered and facts.is_mfa_capable):
            return None
    return _satisfies_strengths(facts, cover, place)


def _satisfies_strengths(facts: Facts, cover: Cover, place: Place) -> bool | None:
    answers = {satisfies(facts.methods, place.combinations(key)) for key in cover.strength_ids}
    if False in answers and facts.is_federated is False:
        return False
    return None if answers - {True} else True


def _is_mfa_accepted(facts: Facts) -> bool | None:
    """Whether MFA done elsewhere counts here: in a guest's home, or at the provider that signs a domain in."""
    if not facts.is_external:
        return False if facts.is_federated is False else facts.is_mfa_accepted
    # Trust is between tenants: a guest with a mailed code or a social account has none.
    vouched = has_entra_account(facts.issuers or ())
    if vouched is False or facts.is_mfa_accepted is False:
        return False
    return True if vouched and facts.is_mfa_accepted else None


def _unavailable(pivot: str, facts: Facts, cover: Cover, place: Place) -> tuple[str, ...]:
    """Return the codes that name the source of an input the verdict hinges on."""
    if pivot == "access":
        return tuple(code for missing in cover.missing for code in _of_access(place, missing))
    if pivot == "can_do_mfa" and place.source("authentication_methods") == "usable" and not facts.has_registration_row:
        return ("REPORT_LATENCY",)
    if pivot == "can_do_mfa" and any(place.combinations(key) is None for key in cover.strength_ids):
        return _unread(place, "authentication_strengths")
    if pivot == "can_do_mfa" and place.source(REPORT) == "not_licensed":
        # What stands in for the report, and what says which methods are allowed: named where it was tried in vain.
        tried = (METHODS, "authentication_methods_policy") if facts.has_registration_row else (METHODS,)
        silent = {"usable", "skipped", NOT_COLLECTED}
        return tuple(_named(place, name) for name in (REPORT, *tried) if place.source(name) not in silent)
    datasets: dict[str, tuple[str, ...]] = {
        "security_defaults": ("security_defaults",),
        "per_user": ("per_user_mfa",),
        "can_do_mfa": ("authentication_methods",),
        "is_federated": ("domains", "organization"),
        "is_mfa_accepted": ("cross_tenant_access_default", "cross_tenant_access_partners")
        if facts.is_external
        else ("federation_configurations",),
        "observed": ("sign_ins",),
    }
    return _unread(place, *datasets[pivot])


def _of_access(place: Place, missing: Missing) -> tuple[str, ...]:
    """Return the codes that name what keeps a policy's match unknown."""
    if missing.dataset == "role_assignments" and place.source("role_assignments") == "usable":
        # Who is in the groups that hold roles was not read, or whether what is held was activated.
        return _unread(place, "role_eligibilities", "role_assignment_instances", "group_members")
    return (_named(place, missing.dataset, missing.about),)


def _unread(place: Place, *datasets: str) -> tuple[str, ...]:
    """Return the codes of those that do not tell; of the first if all were read, and yet none of them tells."""
    unread = [name for name in datasets if place.source(name) != "usable"]
    return tuple(_named(place, name) for name in unread or datasets[:1])


def _named(place: Place, dataset: str, about: str = "") -> str:
    source = place.source(dataset)
    if source != "usable" and dataset != "group_members":
        return f"SOURCE_UNAVAILABLE({dataset},{source})"
    # Read, and yet it does not tell: a field is missing, a group is gone, or a value is one that we do not know.
    return f"SOURCE_UNAVAILABLE({dataset},{about or 'unclear'})"


def _required(facts: Facts, cover: Cover, place: Place) -> Required:
    if _is_under_defaults(facts, place) or cover.state == "covered" or facts.per_user == "enforced":
        return "full"
    if place.security_defaults is None or cover.state == "unknown" or facts.per_user is None:
        return "unknown"
    return "partial" if cover.asking_policy_ids or facts.per_user == "enabled" else "none"


def _is_under_defaults(facts: Facts, place: Place) -> bool:
    return place.security_defaults is True and not facts.is_sync_account  # they leave sync accounts alone


def _asked_besides(facts: Facts, cover: Cover, place: Place) -> tuple[str, ...]:
    """Return what asks for MFA beside the tenant's defaults and policies, and what answers for the account."""
    found = []
    if facts.per_user in {"enabled", "enforced"}:
        found.append("per_user")
    if facts.is_federated and facts.is_mfa_accepted and proof(facts, place) in {"mfa_proven", "claim_only"}:
        found.append("federated_idp")
    is_asked = found or own_of(cover).policies or _is_under_defaults(facts, place)
    if is_asked and facts.has_external_method:
        found.append("external_mfa")
    if "CUSTOM_CONTROL_NOT_MFA" in cover.hollow:
        found.append("custom_control")
    return tuple(found)


def _is_open(facts: Facts, place: Place) -> bool:
    """Whether what no policy asks for MFA gets through for certain: no other mechanism asks either."""
    is_left_to_policies = place.security_defaults is False and facts.per_user in {"disabled", "enabled"}
    return bool(is_left_to_policies and facts.is_enabled and not facts.is_sync_account)


def _confidence(facts: Facts, cover: Cover, place: Place, verdict: Verdict) -> Level:
    """Low where it is indeterminate; medium where it rests on something weaker than a fresh, exact fact."""
    if verdict == "indeterminate":
        return "low"
    # Trusted addresses and remembered devices of per-user MFA cannot be read, and under the strict reading security
    # defaults ask too seldom: compliance that rests on those alone is less sure.
    is_weak = verdict == "compliant" and (cover.state != "covered" or facts.has_external_method)
    is_contradicted = cover.state == "covered" and proof(facts, place) == "single_factor_seen"
    return "medium" if place.is_old or is_weak or is_contradicted else "high"


def _severity(
    facts: Facts, cover: Cover, verdict: Verdict, reasons: tuple[str, ...]
) -> Literal["high", "medium"] | None:
    """Return how urgent it is to do something; ``None`` where there is nothing to do."""
    is_odd = not {"EVIDENCE_CONTRADICTS_POLICY", "LEGACY_SUCCESS"}.isdisjoint(reasons)
    if verdict in {"compliant", "not_applicable"} and not is_odd:
        return None
    is_grave = facts.is_admin or facts.account_class == "break_glass" or not _PORTALS.isdisjoint(cover.excluded_apps)
    return "high" if is_grave else "medium"
