"""Where does Microsoft itself stop the account without MFA? Exposure: shown beside the verdict, never part of it."""

from __future__ import annotations

from typing import NamedTuple

from checks.cover.plain import quoted
from checks.explain import documents
from checks.explain.documents import Citation
from checks.explain.dossier import Dossier
from checks.explain.explanation import Answer
from checks.explain.owed import roles_in_words
from checks.explain.words import listed

_SHOWN_CUSTOMERS = 3
_POSSIBLE = "(possible)"


class _Surface(NamedTuple):
    name: str
    certain: str
    citation: Citation


_SURFACES = {
    "pc_portal": _Surface(
        "Partner Center",
        "a role or an agent group opens it to the account, or it was seen there",
        documents.PORTAL,
    ),
    "pc_api_app_user": _Surface(
        "the Partner Center API in its name", "an application was seen to call it for the account", documents.API
    ),
    "customer_delegated_admin": _Surface("customers' tenants", "it has delegated rights there", documents.DELEGATED),
    "azure_portals": _Surface(
        "the Azure, Entra and Intune portals", "it was seen signing in there", documents.ADMIN_PORTALS
    ),
    "m365_admin": _Surface("the Microsoft 365 admin center", "it was seen signing in there", documents.ADMIN_PORTALS),
    "azure_cli_iac": _Surface("Azure CLI and Azure PowerShell", "it was seen using them", documents.ADMIN_PORTALS),
}


def enforced(dossier: Dossier) -> Answer:
    """Return the surfaces where Microsoft demands MFA of it whatever the tenant does: certain ones, then possible."""
    decision = dossier.judged.decision
    is_owed = decision.contract_scope == "in_scope"
    certain = [each for each in decision.exposure if not each.endswith(_POSSIBLE)]
    possible = [each.removesuffix(_POSSIBLE) for each in decision.exposure if each.endswith(_POSSIBLE)]
    points = [f"Certain: {_SURFACES[each].name}; {_SURFACES[each].certain}." for each in certain]
    points += [f"Possible: {_SURFACES[each].name}; what would tell was not read." for each in possible]
    sentences = [] if not dossier.roles else [f"Its directory roles: {roles_in_words(dossier)}."]
    if dossier.delegations:
        customers = [
            f"{quoted(each.customer)}" + (f" ({listed(map(quoted, each.roles), 4)})" if each.roles else "")
            for each in dossier.delegations
        ]
        sentences.append(f"Through GDAP it can act in {listed(customers, _SHOWN_CUSTOMERS)}.")
    if not certain:
        sentences.append(
            "It is not known to use Partner Center, its API, a customer's tenant or an admin portal. "
            "Should it open an admin portal, it will be asked there."
        )
    if is_owed:
        sentences.append(
            "This is technical enforcement, another thing than the contract: where Microsoft stops nobody, MFA is owed "
            "all the same."
        )
    shown = dict.fromkeys(_SURFACES[each].citation for each in (*certain, *possible))
    return Answer(
        topic="enforced",
        question="Where does Microsoft itself stop it without MFA?",
        short="Nowhere that is known" if not certain and not possible else _short(certain, possible),
        sentences=tuple(sentences),
        points=tuple(points),
        citations=tuple(shown),
    )


def _short(certain: list[str], possible: list[str]) -> str:
    if not certain:
        return "Nowhere for certain"
    more = f", and perhaps in {len(possible)} more" if possible else ""
    return f"In {listed((_SURFACES[each].name for each in certain), 6)}{more}"
