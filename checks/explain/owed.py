"""Is MFA owed, and by which sentence of which document? And why what the account is for does not excuse it."""

from __future__ import annotations

from checks.cover.plain import quoted
from checks.explain import documents
from checks.explain.dossier import Dossier
from checks.explain.explanation import Answer
from checks.explain.words import CLASS_SOURCES, CLASSES, PROGRAMS, VERDICTS, listed

_QUESTION = "Is MFA owed?"
_READINGS = (
    "Partner Center's FAQ asks for MFA at each authentication, and Microsoft accepts security defaults, which ask only "
    "when needed. So two readings are kept. The pragmatic one calls a sign-in that gets through a risk; the strict one "
    "calls it a breach."
)


def owed(dossier: Dossier) -> Answer:
    """Return whether the contract speaks of the account, and where."""
    facts, tenant = dossier.judged.facts, quoted(dossier.home.name)
    scope = dossier.judged.decision.contract_scope
    if scope == "out_disabled":
        sentences = ["The account is disabled: it cannot sign in. The contract counts enabled accounts only."]
        if facts.holds_other_role:
            held = roles_in_words(dossier) or "a directory role"
            sentences.append(f"It still holds {held}, though, and whoever enables it gets that back.")
        return _no(tuple(sentences), documents.DISABLED, documents.ALL_USERS)
    if scope == "out_sync_account":
        holder = "It holds the directory role for synchronization, so it is the account of Microsoft Entra Connect."
        return _no((holder, "That is the one exception the documents name."), documents.SYNC)
    if scope == "out_customer_tenant":
        return _no(
            (
                (
                    f"{tenant} is a customer's tenant. The partner contract asks MFA of the partner's own accounts; to "
                    "customers it is recommended. What follows says how the account would stand, did it owe MFA."
                ),
            ),
            documents.CUSTOMERS,
        )
    if scope == "out_cloud":
        return _no((f"{tenant} is in a sovereign cloud, where MFA is recommended, not owed.",), documents.SOVEREIGN)
    program = PROGRAMS.get(dossier.home.program or "", "a partner")
    sentences = [
        (
            f"{tenant} is {program}. Its contract with Microsoft, the Microsoft Partner Agreement, asks "
            "multifactor authentication (MFA: something beside the password) of every "
            "enabled account of its tenant, whether or not it ever uses Partner Center."
        )
    ]
    if facts.is_external:
        sentences.append("It is a guest. Guests count like everybody else.")
    if facts.is_enabled is None:
        sentences.append("Whether it is enabled could not be read. If it is not, nothing is owed.")
    return Answer(
        topic="owed",
        question=_QUESTION,
        short="Yes, by contract" if facts.is_enabled else "Yes, if it can sign in",
        sentences=tuple(sentences),
        citations=(documents.TERMS, documents.ALL_USERS),
    )


def _no(sentences: tuple[str, ...], *citations: documents.Citation) -> Answer:
    return Answer(topic="owed", question=_QUESTION, short="No", sentences=sentences, citations=citations)


_EXCUSES = {
    "service": (
        (
            "No exception is granted for service accounts: a user account is one, whatever runs under it. Only an "
            "application with an identity of its own is no user account."
        ),
        (documents.SERVICE_ACCOUNTS, documents.NO_EXCEPTION),
    ),
    "room": (
        (
            "The contract knows no exception for rooms. Microsoft's pages about Teams advise to leave them out of "
            "interactive MFA. Nobody at Microsoft has reconciled the two, so the contract is what counts here."
        ),
        (documents.NO_EXCEPTION, documents.ROOMS),
    ),
    "break_glass": (
        "An emergency account may exist, but not without MFA. Give it a method that does not fail with the others.",
        (documents.EMERGENCY, documents.EMERGENCY_GUIDANCE),
    ),
    "shared_mailbox": (
        (
            "The contract knows no exception for mailboxes. People open a shared mailbox from their own accounts, "
            "so it "
            "needs no sign-in of its own; with sign-in blocked it owes nothing."
        ),
        (documents.ALL_USERS,),
    ),
    "guest_shadow": (
        (
            "The technician reaches this tenant through GDAP already and is judged at home. The second identity "
            "confuses "
            "sign-ins and is one more account to protect."
        ),
        (),
    ),
    "sync": ("Microsoft excepts the account that holds the synchronization role, and no other.", (documents.SYNC,)),
}


def kind_of_account(dossier: Dossier) -> Answer | None:
    """Return what the account seems to be, and why that is no excuse; nothing of what looks like a person."""
    facts = dossier.judged.facts
    if facts.account_class in {None, "human"}:
        return None
    why, citations = _EXCUSES[facts.account_class]
    is_owed = dossier.judged.decision.contract_scope == "in_scope"
    source = CLASS_SOURCES.get(facts.class_source or "", "")
    is_excused = facts.account_class == "sync"
    is_well = dossier.judged.decision.contract_verdict == "compliant"
    seems = "is" if facts.class_source == "declared" else "looks like"
    verdict = "" if is_excused or is_well or not is_owed else ": no excuse"
    return Answer(
        topic="class",
        question="What is this account for, and is that an excuse?",
        short=f"It {seems} {CLASSES[facts.account_class]}{verdict}",
        sentences=(f"How we know: {source}.", why) if source else (why,),
        citations=citations if is_owed or is_excused else (),
    )


def readings(dossier: Dossier) -> Answer:
    """Return what either reading of the contract says."""
    decision = dossier.judged.decision
    pragmatic, strict = VERDICTS[decision.pragmatic_verdict], VERDICTS[decision.strict_verdict]
    is_same = pragmatic == strict
    sentences = [_READINGS]
    if is_same:
        sentences.append("Here both come to the same.")
    else:
        chosen = "strict" if dossier.home.is_strict else "pragmatic"
        sentences.append(f"The verdict above is by the {chosen} reading, as rollcall.toml says ([reading] strict).")
    return Answer(
        topic="readings",
        question="How do the two readings of the contract judge it?",
        short=f"Both: {pragmatic}" if is_same else f"Pragmatic: {pragmatic}. Strict: {strict}",
        sentences=tuple(sentences),
        citations=() if is_same else (documents.EACH_TIME,),
    )


def roles_in_words(dossier: Dossier) -> str:
    """Return the directory roles of the account in its tenant: "Global Administrator (may be activated)"."""
    return listed(
        quoted(role.name)
        + ("" if role.is_active else " (may be activated)")
        + ("" if role.is_tenant_wide else " (in part of the tenant)")
        for role in dossier.roles
    )
