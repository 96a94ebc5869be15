"""Is MFA really demanded, and by what? If not: the sign-in that gets through, and what lets it through."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from checks.cover.plain import plain, quoted
from checks.explain import documents
from checks.explain.dossier import Dossier, Policy
from checks.explain.explanation import Answer
from checks.explain.words import listed

_QUESTION = "Is MFA really demanded of it?"
_SHORT = {
    "full": "Yes",
    "partial": "Only at some sign-ins",
    "none": "No",
    "unknown": "It cannot be told",
}
_MECHANISMS = {
    "security_defaults": "Security defaults are on. They ask administrators at each sign-in, others when Microsoft "
    "sees "
    "a need, and they block old protocols.",
    "per_user:enforced": "Per-user MFA is enforced. Addresses it trusts and devices it remembers cannot be read.",
    "per_user:enabled": "Per-user MFA is enabled, not enforced: until the first registration, and for old protocols, "
    "the password is enough.",
    "federated_idp": "Another identity provider signs its domain in, and was seen to bring MFA along.",
    "external_mfa": "Another provider's MFA is registered as an external method. Microsoft Entra accepts it.",
    "custom_control": "A policy uses a custom control. Microsoft does not count that as MFA.",
}
# What the address of an example is called, among the dimensions of a sign-in.
_ADDRESS = "example_address"
_LIKE = {
    "client": {
        "browser": "a browser",
        "mobileAppsAndDesktopClients": "an app",
        "exchangeActiveSync": "Exchange ActiveSync",
        "other": "an old protocol such as IMAP",
    },
    "platform": {"windows": "Windows", "linux": "Linux", "android": "Android", "unknown": "an unknown platform"},
}


class Exclusion(NamedTuple):
    """How a policy leaves an account out: ``kind`` is user, group, role or guest."""

    policy: Policy
    kind: str
    object_id: str
    words: str


def demanded(dossier: Dossier) -> Answer:
    """Return whether every sign-in is asked for MFA."""
    decision, cover = dossier.judged.decision, dossier.judged.cover
    sentences = [*_by_what(dossier)]
    if "CA_COMPLEMENT" in cover.remarks and decision.required == "full":
        sentences.append("No policy does it alone; together they leave no sign-in open.")
    if decision.required == "none":
        sentences.append("Nothing asks this account for MFA.")
    if decision.required == "unknown":
        sentences.append("Something that could decide it was not read: see what could not be read, below.")
    points: list[str] = []
    if decision.counterexample is not None:
        lead = (
            "This sign-in gets through"
            if decision.required != "unknown"
            else "Whatever the unread would say, this gets through"
        )
        sentences.append(f"{lead}: {plain(decision.counterexample, 400)}.")
        if example := _example(dossier):
            sentences.append(example)
        if cover.more_boxes or len(cover.boxes) > 1:
            others = len(cover.boxes) - 1 + cover.more_boxes
            more = "1 more kind of sign-in gets" if others == 1 else f"{others} more kinds of sign-in get"
            sentences.append(f"It is not the only one: {more} through.")
        points = [
            f"Closest is the policy {quoted(near.name)}: {_because(dossier, near.policy_id, near.because)}."
            for near in cover.nearest
        ]
        if not points and not dossier.home.policies:
            sentences.append("The tenant has no Conditional Access policy.")
        elif not points:
            sentences.append("No policy that is on, or in report-only mode, asks for MFA at all.")
    hollow = "CUSTOM_CONTROL_NOT_MFA" in decision.reasons
    return Answer(
        topic="demanded",
        question=_QUESTION,
        short=_SHORT[decision.required],
        sentences=tuple(sentences),
        points=tuple(points),
        citations=(documents.CUSTOM_CONTROLS,) if hollow else (),
    )


def _by_what(dossier: Dossier) -> Iterator[str]:
    decision = dossier.judged.decision
    policies = [each.partition(":")[2] for each in decision.protected_by if each.startswith("ca_policy:")]
    asking = set(dossier.judged.cover.asking_policy_ids)
    if asks := sorted(name_of(dossier, each) for each in policies if each in asking):
        which = f"policy {asks[0]} asks" if len(asks) == 1 else f"policies {listed(asks)} ask"
        yield f"Conditional Access {which} for it{'' if decision.required == 'full' else ', but not always'}."
    if shuts := sorted(name_of(dossier, each) for each in policies if each not in asking):
        yield f"Some sign-ins are shut out altogether, by {listed(shuts)}."
    for each in decision.protected_by:
        key = f"per_user:{dossier.judged.facts.per_user}" if each == "per_user" else each
        if key in _MECHANISMS:
            yield _MECHANISMS[key]


def name_of(dossier: Dossier, policy_id: str) -> str:
    """Return a policy's name between quotes, its id where it has none."""
    policy = dossier.home.policies.get(policy_id)
    return quoted(policy.name if policy else policy_id)


def _example(dossier: Dossier) -> str | None:
    """Return one of the sign-ins that get through, as a person would do it."""
    witness = dict(dossier.judged.cover.witness or ())
    parts = [
        f"{word} {names[value]}"
        for kind, names, word in (("client", _LIKE["client"], "with"), ("platform", _LIKE["platform"], "on"))
        if (value := witness.get(kind, "")) in names
    ]
    if not parts:
        return None
    address = f", from the address {witness[_ADDRESS]}" if witness.get(_ADDRESS) else ""
    return f"For example: {', '.join(parts)}{plain(address)}, with nothing but the password."


def _because(dossier: Dossier, policy_id: str, because: str) -> str:
    """Return why a policy does not help, with the group, the role or the name it leaves the account out by."""
    ways = [each.words for each in exclusions(dossier) if each.policy.policy_id == policy_id]
    return because.replace("it excludes this account", f"it excludes {listed(ways)}", 1) if ways else because


def exclusions(dossier: Dossier) -> list[Exclusion]:
    """Return how the closest policies leave the account out."""
    facts = dossier.judged.facts
    found = []
    for near in dossier.judged.cover.nearest:
        policy = dossier.home.policies.get(near.policy_id)
        if policy is None or "excludes this account" not in near.because:
            continue
        groups = policy.excluded("Groups") & {each.lower() for each in facts.groups}
        roles = policy.excluded("Roles") & set(facts.active_roles or ())
        if dossier.account_id.lower() in policy.excluded("Users"):
            found.append(Exclusion(policy, "user", dossier.account_id, "this account by name"))
        found += [
            Exclusion(policy, "group", each, f"the group {_named(dossier.home.groups, each)}, which the account is in")
            for each in sorted(groups)
        ]
        found += [
            Exclusion(policy, "role", each, f"the role {_named(dossier.home.roles, each)}, which it holds")
            for each in sorted(roles)
        ]
        if facts.is_external and not groups and not roles and policy.users.get("excludeGuestsOrExternalUsers"):
            found.append(Exclusion(policy, "guest", "", "guests of its kind"))
    return found


def _named(names: dict[str, str], key: str) -> str:
    return quoted(names.get(key, key))
