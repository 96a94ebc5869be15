"""App groups of Conditional Access, their members as far as Microsoft publishes ids for them, and well-known names.

Membership comes from two pages of learn.microsoft.com. ``entra/identity/conditional-access``
``/concept-conditional-access-cloud-apps`` lists the members of MicrosoftAdminPortals by id and those of the Azure
management API by name; ``.../reference-office-365-application-contents`` (2024-12) lists those of Office365 by name.
Ids of names are those of ``troubleshoot/entra/entra-id/governance/verify-first-party-apps-sign-in`` (2024-03), where
both pages spell the name alike. Microsoft adds members without notice, so an app that is not here may still belong to a
group; it counts as outside.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

OFFICE = "Office365"
ADMIN_PORTALS = "MicrosoftAdminPortals"
AZURE_MANAGEMENT = "797f4846-ba00-4fd7-ba43-dac1f8f63013"

_OFFICE_APPS: Mapping[str, str] = {
    "00000002-0000-0ff1-ce00-000000000000": "Office 365 Exchange Online",
    "00000003-0000-0ff1-ce00-000000000000": "Office 365 SharePoint Online",
    "00000004-0000-0ff1-ce00-000000000000": "Skype for Business Online",
    "00000005-0000-0ff1-ce00-000000000000": "Viva Engage",
    "00000006-0000-0ff1-ce00-000000000000": "Microsoft Office 365 Portal",
    "00000007-0000-0ff1-ce00-000000000000": "Microsoft Exchange Online Protection",
    "08e18876-6177-487e-b8b5-cf950c1e598c": "SharePoint Online Web Client Extensibility",
    "0cd196ee-71bf-4fd6-a57c-b491ffd4fb1e": "Media Analysis and Transformation Service",
    "0f698dd4-f011-4d23-a33e-b36416dcb1e6": "OfficeClientService",
    "1fec8e78-bce4-4aaf-ab1b-5451cc387264": "Microsoft Teams",
    "243c63a3-247d-41c5-9d83-7788c43f1c43": "Office Online Core SSO",
    "2d4d3d8e-2be3-4bef-9f87-7875a61c29de": "OneNote",
    "4345a7b9-9a63-4910-a426-35363201d503": "O365 Suite UX",
    "4765445b-32c6-49b0-83e6-1d93765276ca": "OfficeHome",
    "4b233688-031c-404b-9a80-a4f3f2351f90": "Office.com",
    "5e3ce6c0-2b1f-4285-8d4b-75ee78787346": "Microsoft Teams Web Client",
    "66a88757-258c-4c72-893c-3e8bed4d6899": "Office 365 Search Service",
    "80ccca67-54bd-44ab-8625-4b79c4dc7775": "Microsoft 365 Security and Compliance Center",
    "89bee1f7-5e6e-4d8a-9f3d-ecd601259da7": "Office365 Shell WCSS-Client",
    "905fcf26-4eb7-48a0-9ff0-8dcc7194b5ba": "Sway",
    "93d53678-613d-4013-afc1-62e9e444a0a5": "Office Online Add-in SSO",
    "944f0bd1-117b-4b1c-af26-804ed95e767e": "Media Analysis and Transformation Service",
    "94c63fef-13a3-47bc-8074-75af8c65887a": "Office Delve",
    "95de633a-083e-42f5-b444-a4295d8e9314": "Microsoft Whiteboard Services",
    "ab9b8c07-8f02-4f72-87fa-80105867a763": "OneDrive SyncEngine",
    "c9a559d2-7aab-4f13-a6ed-e7e9c52aec87": "Microsoft Forms",
    "cc15fd57-2c6c-4117-a88c-83b1d56b4bbe": "Microsoft Teams Services",
    "cf53fce8-def6-4aeb-8d30-b158e7b1cf83": "Microsoft Stream Portal",
    "d3590ed6-52b3-4102-aeff-aad2292ab01c": "Microsoft Office",
}
_PORTAL_APPS: Mapping[str, str] = {
    "00000006-0000-0ff1-ce00-000000000000": "Microsoft Office 365 Portal",
    "497effe9-df71-4043-a8bb-14cf78c4b63b": "Exchange admin center",
    "80ccca67-54bd-44ab-8625-4b79c4dc7775": "Microsoft 365 Security and Compliance Center",
    "c44b4083-3bb0-49c1-b47d-974e53cbdf3c": "Azure portal",
}
_AZURE_APPS: Mapping[str, str] = {
    "c44b4083-3bb0-49c1-b47d-974e53cbdf3c": "Azure portal",
    "e9f49c6b-5ce5-44c8-925d-015017e9f7ad": "Azure Data Lake",
}

SUITES: Mapping[str, frozenset[str]] = {
    OFFICE: frozenset(_OFFICE_APPS),
    ADMIN_PORTALS: frozenset(_PORTAL_APPS),
    AZURE_MANAGEMENT: frozenset(_AZURE_APPS),
}
NAMES: Mapping[str, str] = {
    **_OFFICE_APPS,
    **_PORTAL_APPS,
    **_AZURE_APPS,
    OFFICE: "Office 365",
    ADMIN_PORTALS: "the Microsoft admin portals",
    AZURE_MANAGEMENT: "the Azure management API",
    "0000000a-0000-0000-c000-000000000000": "Microsoft Intune",
    "d4ebce55-015a-49b5-a083-c84d1797ae8c": "Microsoft Intune Enrollment",
    "fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd": "Microsoft Partner Center",
}

# Literals that Microsoft documents. What belongs to the agent resources is not known here.
_LITERALS = {name.lower(): name for name in ("All", "None", OFFICE, ADMIN_PORTALS, "AllAgentIdResources")}
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def canonical(app: str) -> str:
    """Return an app id in lower case, a documented literal as Microsoft spells it, anything else as it is."""
    return app.lower() if is_app_id(app) else _LITERALS.get(app.lower(), app)


def is_app_id(app: str) -> bool:
    """Whether it is the id of one app, not a literal that stands for several."""
    return _ID.fullmatch(app.lower()) is not None


def is_odd(app: str) -> bool:
    """Whether it is neither an app id nor a literal that Microsoft documents."""
    return not is_app_id(app) and app not in _LITERALS.values()


def shared_members(suites: frozenset[str]) -> frozenset[str]:
    """Return the apps that are known to belong to more than one of these groups: each must be told apart from them."""
    known = [SUITES[suite] for suite in sorted(suites) if suite in SUITES]
    return frozenset(app for suite in known for app in suite if sum(app in other for other in known) > 1)
