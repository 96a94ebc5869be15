"""The explanation of an account: its dossier put into sentences, question after question."""

from __future__ import annotations

from checks.cover.plain import plain
from checks.explain.accepted import accepted
from checks.explain.demanded import demanded
from checks.explain.dossier import Dossier
from checks.explain.enforced import enforced
from checks.explain.explanation import Explanation
from checks.explain.owed import kind_of_account, owed, readings
from checks.explain.proved import proved, registered
from checks.explain.reasons import explain as reason_in_words
from checks.explain.steps import steps
from checks.explain.unread import unread

_ADVISORY = frozenset({"CUSTOMER_RECOMMENDED", "SOVEREIGN_RECOMMENDED"})


def explain(dossier: Dossier) -> Explanation:
    """Return the explanation of an account."""
    decision = dossier.judged.decision
    # Of an account that owes nothing for what it is, the rest would be idle talk.
    is_out = decision.contract_scope in {"out_disabled", "out_sync_account"}
    answers = (
        owed(dossier),
        None if is_out else demanded(dossier),
        None if is_out else registered(dossier),
        proved(dossier),
        None if is_out else enforced(dossier),
        accepted(dossier.accepted),
        kind_of_account(dossier),
        unread(dossier),
        None if is_out else readings(dossier),
    )
    return Explanation(
        tenant_id=dossier.home.tenant_id,
        tenant_name=plain(dossier.home.name),
        tenant_kind=dossier.home.kind,
        account_id=plain(dossier.account_id),
        user_principal_name=plain(dossier.user_principal_name, 120),
        display_name=plain(dossier.display_name) if dossier.display_name else None,
        scanned_at=dossier.home.scanned_at,
        verdict=decision.customer_posture or decision.contract_verdict,
        headline=_headline(dossier),
        answers=tuple(answer for answer in answers if answer is not None),
        steps=steps(dossier),
        decision=decision,
    )


def _headline(dossier: Dossier) -> str:
    """Return the first reason in words; where there is none, what being compliant means."""
    decision = dossier.judged.decision
    told = [code for code in decision.reasons if code not in _ADVISORY]
    if decision.customer_posture == "compliant" or decision.contract_verdict == "compliant" or not told:
        return "MFA is demanded of the account, and it can do it."
    return reason_in_words(told[0])
