"""Which methods are registered, and what the last sign-ins proved."""

from __future__ import annotations

from checks.cover.plain import plain
from checks.explain.dossier import Dossier, SignIn
from checks.explain.explanation import Answer
from checks.explain.words import listed, many, method, moment

_REGISTERED = {
    "capable": ("Yes", "It can answer when it is asked."),
    "weak_only": ("Yes, by phone only", "The contract accepts SMS and calls. They are the weakest methods."),
    "registered_not_allowed": ("Yes, but not allowed", "What is registered is not allowed by the tenant's own policy."),
    "none": ("No", "If it is asked for MFA, it must register first. Whoever knows the password can then do so."),
    "external_unknown": (
        "Elsewhere, perhaps",
        "Its MFA is done by somebody else's provider, which the report cannot see.",
    ),
    "unknown": ("It cannot be told", "Having no row in the registration report says neither yes nor no: it lags."),
}
_PROVED = {
    "mfa_proven": "MFA was done",
    "claim_only": "MFA done earlier or elsewhere was brought along",
    "single_factor_seen": "At least once, one factor was enough",
    "no_signin": "Nothing: it did not sign in",
    "not_observable": "It cannot be seen",
    "unknown": "It cannot be told",
}
_PASSWORD = "password"  # noqa: S105  (the name of a method)


def registered(dossier: Dossier) -> Answer:
    """Return which methods are registered, and whether they would do."""
    decision = dossier.judged.decision
    short, why = _REGISTERED[decision.registered]
    sentences = []
    names = [method(each) for each in dossier.methods if each != _PASSWORD]
    if names:
        sentences.append(f"Registered: {listed(names)}.")
    report = dossier.home.read("authentication_methods")
    if report is None or report.source == "usable":
        sentences.append(why)
    elif decision.registered == "unknown":
        sentences.append("The registration report could not be read: see below.")
        if names:
            sentences.append(
                "The methods were read from the account itself; whether the tenant allows them is not told."
            )
    else:
        sentences.append(f"{why} Without the licence for the report, this was read from the account itself.")
    if "METHOD_NOT_ALLOWED" in decision.reasons:
        sentences.append("None of this satisfies what the policies demand of it.")
    if "TEMPORARY_PASS_ONLY" in decision.reasons:
        sentences.append("A Temporary Access Pass ends by itself, so it does not count as registered.")
    return Answer(
        topic="registered",
        question="Is a method registered?",
        short=short,
        sentences=tuple(sentences),
    )


def proved(dossier: Dossier) -> Answer:
    """Return what the sign-ins of the window show, the newest one by one."""
    decision, seen = dossier.judged.decision, dossier.seen
    question = "What did its sign-ins of the last 30 days prove?"
    log = dossier.home.read("sign_ins")
    if log is None or log.source != "usable":
        needs = decision.proof == "not_observable"
        why = "The sign-in log needs Microsoft Entra ID P1, which the tenant does not have." if needs else ""
        return Answer(
            topic="proved",
            question=question,
            short=_PROVED[decision.proof],
            sentences=(why or "The sign-in log could not be read: see below.",),
        )
    sentences = []
    if seen.successes:
        counts = [
            (seen.mfa, "MFA was done"),
            (seen.claims, "MFA done earlier or elsewhere was brought along"),
            (seen.single_factor, "one factor was enough"),
            (seen.successes - seen.mfa - seen.claims - seen.single_factor, "nothing was shown"),
        ]
        told = [
            f"in {'each' if count == seen.successes else f'{count:,}'} {what}" for count, what in counts if count > 0
        ]
        sentences.append(f"{many(seen.successes, 'sign-in')} succeeded: {listed(told)}.")
    if seen.legacy:
        sentences.append(
            f"{many(seen.legacy, 'of them was', 'of them were')} by an old protocol or with the password alone, "
            f"which can "
            "never ask for MFA."
        )
    if "EVIDENCE_CONTRADICTS_POLICY" in decision.reasons:
        sentences.append(
            "That contradicts the policies. They may be newer than the sign-in, or it was to something left out. "
            "Review it."
        )
    if decision.proof == "no_signin" and decision.contract_scope == "in_scope":
        sentences.append("Not signing in does not end the duty: an enabled account can be signed in to at any time.")
    if "security_defaults" in decision.protected_by and decision.proof == "single_factor_seen":
        sentences.append(
            "Security defaults ask ordinary people only when Microsoft sees a need, so this is to be expected."
        )
    return Answer(
        topic="proved",
        question=question,
        short=_PROVED[decision.proof],
        sentences=tuple(sentences),
        points=tuple(_line(each) for each in dossier.sign_ins),
    )


def _line(each: SignIn) -> str:
    app = plain(each.app_display_name or "an unknown app", 50)
    how = plain(each.client_app_used or "unknown client", 40)
    if (each.authentication_protocol or "").lower() == "ropc":
        how = "password sent by a program (ROPC)"
    return f"{moment(each.signed_in_at)}, {app}, {how}: {_shown(each)}"


def _shown(each: SignIn) -> str:
    if each.did_mfa:
        steps = [plain(step, 40) for step in each.methods if step and step.lower() != _PASSWORD]
        return f"MFA done ({listed(steps)})" if steps else "MFA done"
    if each.brought_claim:
        return "MFA brought along from earlier or elsewhere"
    return "one factor was enough" if each.is_single_factor else "shows nothing of MFA"
