"""The documents that say what is owed and what is enforced: which, where, and in few words what.

Contract and technical enforcement are two things, so each citation says which of them it is. Pages change: ``copy`` is
the month of the text that was read here, and a person who relies on it opens the page.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Nature = Literal["contract", "technical enforcement", "guidance"]


class Citation(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence of a document, told in our words."""

    nature: Nature
    document: str
    section: str
    says: str
    url: str
    copy: str

    @property
    def words(self) -> str:
        """What is said, and where: all but the address."""
        return f"{self.nature.capitalize()}: {self.says}. {self.document}; {self.section} (as of {self.copy})."


_PARTNER_CENTER = "https://learn.microsoft.com/en-us/partner-center"
_TERMS = f"{_PARTNER_CENTER}/security/partner-security-requirements"
_FAQ = f"{_PARTNER_CENTER}/security/partner-security-requirements-faq"
_MANDATING = f"{_PARTNER_CENTER}/security/partner-security-requirements-mandating-mfa"
_ENTRA = "https://learn.microsoft.com/en-us/entra"


def _faq(section: str, says: str) -> Citation:
    return Citation(
        nature="contract",
        document="Partner Center documentation, Partner security requirements FAQ",
        section=section,
        says=says,
        url=_FAQ,
        copy="2021-07",
    )


TERMS = Citation(
    nature="contract",
    document="Microsoft Partner Agreement, security terms, as Partner Center's page on them tells",
    section="what partners must do",
    says="MFA is enforced for each user of the partner tenant, service accounts included",
    url=_TERMS,
    copy="2021-07",
)
ALL_USERS = Citation(
    nature="contract",
    document="Partner Center documentation, Mandating multifactor authentication for your partner tenant",
    section="overview table, row on appropriate users",
    says="all enabled users, guests included",
    url=_MANDATING,
    copy="2021-07",
)
NO_EXCEPTION = _faq("whether an account can be excepted", "no account can be; each user must do MFA")
SERVICE_ACCOUNTS = _faq("whether a user can be excluded", "no; service accounts must authenticate with MFA, too")
EMERGENCY = _faq("emergency access accounts", "they must do MFA as well, a third party's if need be")
SYNC = _faq("the account of Microsoft Entra Connect", "the requirements do not affect it")
CUSTOMERS = _faq("whether customers are subject to the requirements", "no; MFA is recommended to them")
EACH_TIME = _faq("Conditional Access", "it must not be a way around: MFA at each authentication")
DISABLED = Citation(
    nature="contract",
    document="Partner Center documentation, Security requirements status report",
    section="how the share of accounts is worked out",
    says="disabled accounts are left out of the count",
    url=f"{_PARTNER_CENTER}/security/partner-security-compliance",
    copy="2021-07",
)
SOVEREIGN = Citation(
    nature="contract",
    document="Partner Center documentation, Partner security requirements",
    section="which clouds",
    says="not required in sovereign clouds, strongly recommended",
    url=_TERMS,
    copy="2021-07",
)
CUSTOM_CONTROLS = Citation(
    nature="contract",
    document="Partner Center documentation, Security requirements status report",
    section="accounts that do not count as protected",
    says="custom controls do not count: Microsoft Entra does not see their MFA",
    url=f"{_PARTNER_CENTER}/security/partner-security-compliance",
    copy="2021-07",
)
PORTAL = Citation(
    nature="technical enforcement",
    document="Partner Center documentation, Mandating multifactor authentication for your partner tenant",
    section="Partner Center dashboard",
    says="its pages send a user without MFA back to sign in with it",
    url=_MANDATING,
    copy="2026",
)
API = Citation(
    nature="technical enforcement",
    document="Partner Center documentation, Partner Center authentication",
    section="MFA for application and user authentication",
    says="calls in a user's name need a token got with MFA; without it they fail with 401 (900421)",
    url=f"{_PARTNER_CENTER}/developer/partner-center-authentication",
    copy="2026",
)
DELEGATED = Citation(
    nature="technical enforcement",
    document="Partner Center documentation, Mandating multifactor authentication for your partner tenant",
    section="partner delegated administration",
    says="whoever signs in to a customer's tenant with delegated rights is asked for MFA",
    url=_MANDATING,
    copy="2021-07",
)
ADMIN_PORTALS = Citation(
    nature="technical enforcement",
    document="Microsoft Entra documentation, Mandatory multifactor authentication for Azure and admin portals",
    section="scope of enforcement",
    says="everybody who signs in to them needs MFA, emergency accounts too, whatever policies exclude",
    url=f"{_ENTRA}/identity/authentication/concept-mandatory-multifactor-authentication",
    copy="2025-02",
)
EMERGENCY_GUIDANCE = Citation(
    nature="guidance",
    document="Microsoft Entra documentation, Manage emergency access accounts",
    section="authentication",
    says="use a passkey (FIDO2) or a certificate, and require phishing-resistant MFA",
    url=f"{_ENTRA}/identity/role-based-access-control/security-emergency-access",
    copy="2025-02",
)
ROOMS = Citation(
    nature="guidance",
    document="Microsoft Teams documentation, Conditional Access and Intune compliance for Teams Rooms",
    section="supported policies",
    says="do not require interactive MFA of rooms; this and the contract are not reconciled anywhere",
    url="https://learn.microsoft.com/en-us/microsoftteams/rooms/conditional-access-and-compliance-for-devices",
    copy="2024",
)
