"""A pool of Conditional Access policies like those of the public baseline. Each tenant has some, with ids of its own.

``TTTTTTTT`` stands for the first part of every id of a tenant.
"""

import json

GUESTS = (
    "internalGuest,b2bCollaborationGuest,b2bCollaborationMember,b2bDirectConnectUser,otherExternalUser,serviceProvider"
)
SYNC_ROLE = "d29b2b05-8046-44ba-8758-1e26182fcf32"
ADMIN_ROLES = (
    "62e90394-69f5-4237-9190-012177145e10",  # Global Administrator
    "194ae4cb-b126-40b2-bd5b-6091b380977d",  # Security Administrator
    "729827e3-9c14-49f7-bb1b-9608f156bbb8",  # Helpdesk Administrator
    "fe930be7-5e62-47db-91af-98c3a49a38b1",  # User Administrator
    "29232cdf-9323-42fd-ade2-1d097af3e4de",  # Exchange Administrator
    "f28a1f50-f6e7-4571-818b-6a12f2af6b6c",  # SharePoint Administrator
)
BREAK_GLASS, STAFF, SERVICE = 0, 1, 2
DEPARTMENTS = range(3, 9)  # in the staff
TEAMS = range(9, 33)  # four in each department
EXCLUSIONS = 40  # and the number of the policy: who is left out of it
ALLOWED, OFFICE = 1, 2  # named locations

_MODERN = {"clientAppTypes": ["browser", "mobileAppsAndDesktopClients"]}
_LEGACY = {"clientAppTypes": ["exchangeActiveSync", "other"]}
_MFA = {"operator": "OR", "builtInControls": ["mfa"]}
_BLOCK = {"operator": "OR", "builtInControls": ["block"]}
_ALL = {"includeUsers": ["All"]}
_ADMINS = {"includeRoles": list(ADMIN_ROLES)}
_EXTERNAL = {
    "includeGuestsOrExternalUsers": {
        "guestOrExternalUserTypes": GUESTS,
        "externalTenants": {
            "@odata.type": "#microsoft.graph.conditionalAccessAllExternalTenants",
            "membershipKind": "all",
        },
    }
}
_NOT_COMPANY = {"devices": {"deviceFilter": {"mode": "exclude", "rule": "device.isCompliant -eq True"}}}


def group(number):
    return f"TTTTTTTT-{number:04x}-4000-9000-000000000000"


def _location(number):
    return f"TTTTTTTT-{number:04x}-4000-b000-000000000000"


def _members(*groups):
    return {"includeGroups": [group(number) for number in groups]}


def _strength(number):
    return {
        "operator": "OR",
        "authenticationStrength": {"id": f"00000000-0000-0000-0000-{number:012}", "requirementsSatisfied": "mfa"},
    }


def _any(*controls):
    return {"operator": "OR", "builtInControls": list(controls)}


def _places(include, exclude=()):
    return {"locations": {"includeLocations": include, "excludeLocations": list(exclude)}}


def _apps(*include, exclude=()):
    return {"applications": {"includeApplications": list(include), "excludeApplications": list(exclude)}}


_OUTSIDE = _places(["All"], ["AllTrusted"])
# Users, conditions, grant controls; report-only where the last says so. The first is the one for everybody.
_POOL = [
    (_ALL | {"excludeRoles": [SYNC_ROLE]}, {}, _MFA),
    (_ALL, _places(["All"], [_location(ALLOWED)]), _BLOCK),
    (_ALL, _LEGACY, _BLOCK),
    (_ALL, {"applications": {"includeUserActions": ["urn:user:registerdevice"]}}, _MFA),
    (_ALL, {"authenticationFlows": {"transferMethods": "deviceCodeFlow,authenticationTransfer"}}, _BLOCK),
    (
        _ALL,
        _MODERN | _apps("Office365") | {"platforms": {"includePlatforms": ["android", "iOS"]}},
        _any("compliantApplication"),
    ),
    (_ALL, {"clientAppTypes": ["browser"]} | _apps("00000003-0000-0ff1-ce00-000000000000") | _NOT_COMPANY, None),
    (_ADMINS, _apps("MicrosoftAdminPortals"), _strength(2)),
    (_ADMINS, _MODERN, _MFA),
    (_ADMINS, {}, None),
    (_ADMINS, _apps("All", exclude=["14d82eec-204b-4c2f-b7e8-296a70dab67e"]), _strength(4), "report-only"),
    (_ADMINS, {"signInRiskLevels": ["medium", "high"]}, _BLOCK),
    (_members(STAFF), _MODERN, _MFA),
    (_members(STAFF), {"userRiskLevels": ["high"]}, _BLOCK),
    (_members(STAFF), {"signInRiskLevels": ["high"]}, _BLOCK),
    (_members(STAFF), _apps("d4ebce55-015a-49b5-a083-c84d1797ae8c"), _MFA),
    (
        _members(STAFF),
        {"platforms": {"includePlatforms": ["all"], "excludePlatforms": ["android", "iOS", "windows", "macOS"]}},
        _BLOCK,
    ),
    (
        _members(STAFF),
        {"platforms": {"includePlatforms": ["windows"]}}
        | _apps("All", exclude=["0000000a-0000-0000-c000-000000000000", "d4ebce55-015a-49b5-a083-c84d1797ae8c"]),
        _any("compliantDevice", "domainJoinedDevice"),
    ),
    (
        _members(STAFF),
        {"platforms": {"includePlatforms": ["macOS"]}} | _apps("All", exclude=["0000000a-0000-0000-c000-000000000000"]),
        _any("compliantDevice"),
    ),
    (_members(STAFF), {"clientAppTypes": ["browser"]} | _NOT_COMPANY, None),
    (_members(STAFF), _MODERN | _apps("f53895d3-095d-408f-8e93-8f94b391404e", exclude=["Office365"]), _BLOCK),
    (_members(SERVICE), _MODERN, _MFA),
    (_members(SERVICE), _places(["All"], [_location(OFFICE)]), _BLOCK),
    (_EXTERNAL, {}, _MFA),
    (_EXTERNAL, _apps("All", exclude=["2793995e-0a7d-40d7-bd35-6968ba142197", "Office365"]), _BLOCK),
    (_EXTERNAL, {}, None),
    (_EXTERNAL, _MODERN | _apps("MicrosoftAdminPortals"), _BLOCK),
    # What departments and teams have beside it.
    (_members(DEPARTMENTS[0]), _OUTSIDE, _MFA),
    (_members(DEPARTMENTS[1]), _apps("Office365"), _any("mfa", "compliantDevice")),
    (_members(DEPARTMENTS[2]), _MODERN, _strength(3)),
    (_members(DEPARTMENTS[3], DEPARTMENTS[4]), _apps("797f4846-ba00-4fd7-ba43-dac1f8f63013"), _MFA),
    (_members(DEPARTMENTS[5]), _OUTSIDE | _MODERN, _any("mfa", "domainJoinedDevice")),
    (_members(TEAMS[0], TEAMS[5]), {}, _any("compliantDevice")),
    (_members(TEAMS[9]), _apps("0f698dd4-f011-4d23-a33e-b36416dcb1e6"), _strength(4)),
    (_members(TEAMS[14]), {"platforms": {"includePlatforms": ["iOS", "android"]}}, _MFA),
    (_members(TEAMS[19]), _apps("All"), _MFA, "report-only"),
]


def pool():
    """Yield number, state, conditions and grant controls of each policy, as text."""
    for number, (users, conditions, grant, *report_only) in enumerate(_POOL):
        out = {"excludeGroups": [group(BREAK_GLASS), group(EXCLUSIONS + number)]}
        whole = {"clientAppTypes": ["all"], **_apps("All"), **conditions, "users": users | out}
        state = "enabledForReportingButNotEnforced" if report_only else "enabled"
        yield number, state, json.dumps(whole), json.dumps(grant)
