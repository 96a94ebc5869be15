"""What to do about it: concrete steps, in the order in which they help, from the reasons of the verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from checks.cover.plain import plain
from checks.explain.demanded import Exclusion, exclusions
from checks.explain.dossier import Dossier
from checks.explain.explanation import Step

_ENTRA = "Microsoft Entra admin center > Entra ID"
_POLICIES = f"{_ENTRA} > Conditional Access > Policies"
_USER = f"{_ENTRA} > Users > All users > (the account)"
_PATCH = "PATCH /v1.0/identity/conditionalAccess/policies/{policy_id}"


class _Advice(NamedTuple):
    """A step for a reason. ``{policy}``, ``{policy_id}``, ``{account}`` and ``{tenant}`` are filled in."""

    what: str
    where: str | None = None
    call: str | None = None
    try_first: str | None = None


_REGISTER = _Advice(
    "Have the person register a method at https://aka.ms/mysecurityinfo, best a passkey. Somebody who cannot do MFA "
    "yet gets "
    "a Temporary Access Pass for it.",
    f"{_USER} > Authentication methods > Add authentication method",
    "POST /v1.0/users/{account}/authentication/temporaryAccessPassMethods",
)
_BLOCK = _Advice(
    "Block its sign-in, if nobody signs in with it: a disabled account owes nothing.",
    f"{_USER} > Properties > Settings > Account enabled: off",
    'PATCH /v1.0/users/{account} with {{"accountEnabled": false}}',
)
_CLOSE = "Close the gap in the policy {policy}: "
_CONDITIONS = f"{_POLICIES} > {{policy}} > "
_ADVICE: Mapping[str, _Advice] = {
    "DISABLED_HAS_ADMIN_ROLE": _Advice(
        "Take the directory role away from the disabled account.",
        f"{_USER} > Assigned roles",
        "DELETE /v1.0/roleManagement/directory/roleAssignments/(the assignment)",
    ),
    "SERVICE_ACCOUNT_NO_MFA": _Advice(
        "Replace the account by an application: an app registration with a certificate, or a managed identity; for "
        "Partner "
        "Center the Secure Application Model. Then block or delete the account.",
        f"{_ENTRA} > App registrations > New registration",
        "POST /v1.0/applications",
    ),
    "ROOM_NO_MFA": _Advice(
        "Decide and write down what the contract leaves open for rooms. Until then let a policy ask them for MFA or "
        "block "
        "them everywhere but at their own devices; a waiver in rollcall.toml keeps the decision visible."
    ),
    "BREAKGLASS_NO_MFA": _Advice(
        "Register a passkey or a certificate for the emergency account, and give it a policy of its own that demands "
        "phishing-resistant MFA, so that it does not fail with the other policies.",
        f"{_POLICIES} > New policy > Users: this account; Target resources: All resources; Grant: Require "
        f"authentication "
        "strength: Phishing-resistant MFA",
        "POST /v1.0/identity/conditionalAccess/policies",
    ),
    "SHARED_MAILBOX_SIGNS_IN": _BLOCK,
    "GUEST_SHADOWS_GDAP": _Advice(
        "Delete the guest: the technician reaches this tenant through GDAP.", _USER, "DELETE /v1.0/users/{account}"
    ),
    "SYNC_ACCOUNT_UNEXPECTED": _Advice(
        "Look at who this is: the synchronization role belongs to the account of Microsoft Entra Connect alone.",
        f"{_ENTRA} > Roles & admins > Directory Synchronization Accounts",
    ),
    "SD_NOT_REGISTERED": _REGISTER,
    "ENFORCED_NOT_REGISTERED": _REGISTER,
    "TEMPORARY_PASS_ONLY": _REGISTER,
    "METHOD_NOT_ALLOWED": _Advice(
        "Or allow the method that is registered, where it is strong enough for you.",
        f"{_ENTRA} > Authentication methods > Policies, or Authentication strengths",
        "PATCH /v1.0/policies/authenticationMethodsPolicy",
    ),
    "PERUSER_ENABLED_NOT_ENFORCED": _Advice(
        "Have the person register, which turns enabled into enforced; or set it so. Better, let Conditional Access "
        "ask.",
        f"{_ENTRA} > Users > Per-user MFA > (the account) > Enforce",
        'PATCH /beta/users/{account}/authentication/requirements with {{"perUserMfaState": "enforced"}}',
    ),
    "CA_APP_SUBSET": _Advice(
        _CLOSE + "it asks in some apps only.", _CONDITIONS + "Target resources > All resources", _PATCH
    ),
    "CA_APP_EXCLUDED": _Advice(
        _CLOSE + "take the excluded apps back in.", _CONDITIONS + "Target resources > Exclude", _PATCH
    ),
    "CA_APP_FILTER": _Advice(
        _CLOSE + "let it ask in every app, not only in those a filter picks.",
        _CONDITIONS + "Target resources > All resources",
        _PATCH,
    ),
    "CA_LOCATION_GAP": _Advice(
        _CLOSE + "a place is no proof of who signs in.", _CONDITIONS + "Network > Exclude: remove the locations", _PATCH
    ),
    "CA_PLATFORM_GAP": _Advice(
        _CLOSE + "any device can claim to be of any platform.",
        _CONDITIONS + "Conditions > Device platforms > Any device, no exclusion",
        _PATCH,
    ),
    "CA_CLIENT_SUBSET": _Advice(
        _CLOSE + "let it apply to every kind of client.", _CONDITIONS + "Conditions > Client apps: all", _PATCH
    ),
    "LEGACY_AUTH_GAP": _Advice(
        "Block old protocols for this account: they can never ask for MFA.",
        f"{_POLICIES} > New policy > Conditions > Client apps: Exchange ActiveSync clients, Other clients; Grant: "
        f"Block",
        "POST /v1.0/identity/conditionalAccess/policies",
    ),
    "CA_DEVICE_FILTER_GAP": _Advice(
        _CLOSE + "ask devices of every kind.", _CONDITIONS + "Conditions > Filter for devices", _PATCH
    ),
    "CA_FLOW_GAP": _Advice(
        _CLOSE + "block the flows that it leaves out.", _CONDITIONS + "Conditions > Authentication flows", _PATCH
    ),
    "CA_MFA_OR_OTHER": _Advice(
        _CLOSE + "a device is no second factor of a person.",
        _CONDITIONS + "Grant > Require all the selected controls",
        _PATCH + ' with {{"grantControls": {{"operator": "AND", ...}}}}',
    ),
    "CA_RISK_ONLY": _Advice(
        _CLOSE + "ask at every sign-in, not only at a risk.",
        _CONDITIONS + "Conditions > Sign-in risk, User risk",
        _PATCH,
    ),
    "CA_ROLE_ELIGIBLE_ONLY": _Advice(
        "Let a policy ask the account itself, not only the role once it is activated.",
        _CONDITIONS + "Users > Include",
        _PATCH,
    ),
    "CA_ROLE_EXCLUSION_WHEN_ACTIVE": _Advice(
        "Remove the role from the exclusions of {policy}: whoever activates it steps out of MFA.",
        _CONDITIONS + "Users > Exclude > Directory roles",
        _PATCH,
    ),
    "CA_REPORT_ONLY": _Advice(
        "Turn {policy} on: in report-only mode it asks nobody.",
        _CONDITIONS + "Enable policy: On",
        _PATCH + ' with {{"state": "enabled"}}',
        "rollcall simulate --tenant {tenant} --enable {policy_id}",
    ),
    "CUSTOM_CONTROL_NOT_MFA": _Advice(
        "Replace the custom control by external MFA of the same provider, and let the policy require MFA.",
        f"{_ENTRA} > Authentication methods > Policies > Add external method; then {_POLICIES} > {{policy}} > "
        f"Grant: Require "
        "multifactor authentication",
        _PATCH,
    ),
    "STRENGTH_NOT_MFA": _Advice(
        "Give {policy} an authentication strength that no single factor satisfies.",
        _CONDITIONS + "Grant > Require authentication strength: Multifactor authentication",
        _PATCH,
    ),
    "FEDERATED_NO_MFA_CLAIM": _Advice(
        "Have the identity provider do MFA and send the claim of it (multipleauthn), or let a Conditional Access "
        "policy ask.",
        f"{_ENTRA} > Domain names > (the domain)",
        "PATCH /v1.0/domains/(the domain)/federationConfiguration/(its id) with "
        '{{"federatedIdpMfaBehavior": "enforceMfaByFederatedIdp"}}',
    ),
    "EVIDENCE_CONTRADICTS_POLICY": _Advice(
        "Look at the sign-in with one factor: which policies applied to it, and when they were changed.",
        f"{_ENTRA} > Monitoring & health > Sign-in logs > (the sign-in) > Conditional Access",
        "GET /beta/auditLogs/signIns",
    ),
    "LEGACY_SUCCESS": _Advice(
        "Find what still signs in with an old protocol or sends the password itself, and move it to modern "
        "authentication.",
        f"{_ENTRA} > Monitoring & health > Sign-in logs > Client app: the legacy clients",
        "GET /beta/auditLogs/signIns",
    ),
    "REPORT_LATENCY": _Advice(
        "Wait for the registration report, a day at most, and scan again.", None, None, "rollcall scan"
    ),
}
_FEDERATED = ("FEDERATED_MFA_NOT_ENFORCED_IN_ENTRA", "FEDERATED_UNOBSERVED")
_DEMAND = _Advice(
    "Let a Conditional Access policy ask this account for MFA everywhere, or, without Microsoft Entra ID P1, turn "
    "security "
    "defaults on for the tenant.",
    f"{_POLICIES} > New policy > Users: All users; Target resources: All resources; Grant: Require multifactor "
    f"authentication",
    "POST /v1.0/identity/conditionalAccess/policies",
)
_UNASKED = frozenset({"NO_MFA", "REGISTERED_NOT_ENFORCED", "GUEST_EXCLUDED", *_FEDERATED})


def steps(dossier: Dossier) -> tuple[Step, ...]:
    """Return what to do, the most useful first; nothing where all is well."""
    decision = dossier.judged.decision
    found = [_step(dossier, _ADVICE[code]) for code in _codes(decision.reasons) if code in _ADVICE]
    if "SOURCE_UNAVAILABLE" in " ".join(decision.reasons):
        command = f"rollcall doctor --tenant {dossier.home.tenant_id}"
        found.append(Step(what="Let rollcall read what the verdict hinges on, and scan again.", try_first=command))
    if decision.counterexample is not None and decision.required != "unknown":
        ways = exclusions(dossier)
        found += [_readmit(dossier, each) for each in ways[:2]]
        if not ways and not _UNASKED.isdisjoint(decision.reasons):
            found.append(_step(dossier, _DEMAND))
        is_person = decision.account_class in {None, "human", "guest_shadow"}
        if decision.registered == "none" and is_person and _REGISTER.what not in {step.what for step in found}:
            found.append(_step(dossier, _REGISTER))
    return tuple(dict.fromkeys(found))


def _codes(reasons: tuple[str, ...]) -> Iterator[str]:
    for reason in reasons:
        yield reason.partition("(")[0]


def _step(dossier: Dossier, advice: _Advice) -> Step:
    near = next(iter(dossier.judged.cover.nearest), None)
    about = {
        "policy": f'"{plain(near.name)}"' if near else "(the policy)",
        "policy_id": plain(near.policy_id) if near else "(the policy)",
        "account": dossier.account_id,
        "tenant": dossier.home.tenant_id,
    }
    return Step(**{key: text and text.format(**about) for key, text in advice._asdict().items()})


def _readmit(dossier: Dossier, way: Exclusion) -> Step:
    """Return how to stop a policy from leaving the account out."""
    policy, tenant = f'"{plain(way.policy.name)}"', dossier.home.tenant_id
    call = _PATCH.format(policy_id=plain(way.policy.policy_id))
    where = f"{_POLICIES} > {policy} > Users > Exclude"
    if way.kind == "group":
        group = f'"{plain(dossier.home.groups.get(way.object_id, way.object_id))}"'
        return Step(
            what=f"Take the account out of the group {group}, or of a group inside it; or remove the group from the "
            f"exclusions of {policy} and all others that name it.",
            where=f"{where}; or {_ENTRA} > Groups > All groups > {group} > Members",
            call=f"DELETE /v1.0/groups/{plain(way.object_id)}/members/{dossier.account_id}/$ref",
            try_first=f"rollcall simulate --tenant {tenant} --drop-exclusion {plain(way.object_id)}",
        )
    what = {
        "user": "this account",
        "role": "the role",
        "guest": "guests",
    }[way.kind]
    return Step(what=f"Remove {what} from the exclusions of {policy}.", where=where, call=call)
