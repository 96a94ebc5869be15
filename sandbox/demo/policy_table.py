"""The Conditional Access policies and named locations of every tenant, as data.

Kestrel's CA024 to CA036 give one group each a policy with one hole; their groups are excluded from the baseline.
The numbers are the rows of domain.md 5.7.
"""

from __future__ import annotations

from sandbox.demo.cases import all_cases
from sandbox.demo.conditional_access import (
    CUSTOM_STRENGTH,
    MFA_STRENGTH,
    PHISHING_RESISTANT,
    Policy,
    Users,
    country_location,
    ip_location,
    location_id,
)
from sandbox.demo.model import Directory, Json, account_id, group_id
from sandbox.demo.roles import ROLES
from sandbox.demo.tenants import EVERYONE

NO_GRANT: tuple[str, ...] = ()
LEGACY = ("exchangeActiveSync", "other")
MODERN = ("browser", "mobileAppsAndDesktopClients")
HOURLY = {
    "signInFrequency": {
        "value": 12,
        "type": "hours",
        "authenticationType": "primaryAndSecondaryAuthentication",
        "frequencyInterval": "timeBased",
        "isEnabled": True,
    }
}
ADMIN_ROLES = tuple(
    ROLES[name]
    for name in (
        "Global Administrator",
        "Security Administrator",
        "User Administrator",
        "Privileged Role Administrator",
    )
)


def _case_ids(*names: str) -> tuple[str, ...]:
    by_name = {case.name: case for case in all_cases()}
    return tuple(account_id(by_name[name].tenant, by_name[name].local_part()) for name in names)


def _members(tenant: str, *names: str) -> Users:
    return Users(include=(), include_groups=tuple(group_id(tenant, name) for name in names))


BREAK_GLASS = _case_ids("breakglass-no-mfa", "breakglass-fido2")
LEFT_OUT = (
    "CA-Exclude-Warehouse",
    "CA-Exclude-ServiceAccounts",
    "CA-Exclude-TeamsRooms",
    "CA-Exclude-Contractors",
    "CA-Exclude-PerUserMfa",
    "CA-Exclude-FederatedApp",
    "CA-Pilot-ReportOnly",
    "CA-Persona-OfficeNetwork",
    "CA-Persona-Linux",
    "CA-Persona-LegacyMail",
    "CA-Persona-PortalsOnly",
    "CA-Persona-PhishingResistant",
    "CA-Persona-DeviceOrMfa",
    "CA-Persona-Duo",
)
BASELINE = Users(
    exclude=BREAK_GLASS,
    exclude_groups=tuple(group_id("kestrel", name) for name in LEFT_OUT),
    exclude_roles=(ROLES["Directory Synchronization Accounts"], ROLES["Exchange Administrator"]),
    exclude_guests="b2bCollaborationGuest",
)
"""One condition for CA001, CA002 and CA003, so that nobody left out of the first is half protected by the others."""

KESTREL: tuple[Policy, ...] = (
    Policy(name=EVERYONE, users=BASELINE),
    Policy(name="CA002 Everyone: block legacy authentication", users=BASELINE, clients=LEGACY, grant=("block",)),
    Policy(name="CA003 Everyone: block device code", users=BASELINE, flows="deviceCodeFlow", grant=("block",)),
    Policy(
        name="CA004 Administrators: MFA, twelve hours",
        users=Users(include=(), include_roles=ADMIN_ROLES, exclude=BREAK_GLASS),
        grant=NO_GRANT,
        strength=MFA_STRENGTH,
        session=HOURLY,
    ),
    Policy(name="CA005 Everyone: sign-in frequency", grant=NO_GRANT, session=HOURLY),
    Policy(name="CA006 Registering security info", actions=("urn:user:registersecurityinfo",)),
    Policy(name="CA007 Retired: MFA for Office 365", state="disabled", apps=("Office365",)),
    Policy(
        name="CA011 Teams rooms: compliant device",
        users=_members("kestrel", "CA-Exclude-TeamsRooms"),
        apps=("Office365",),
        grant=("compliantDevice",),
    ),
    Policy(
        name="CA014 Break-glass: phishing-resistant MFA",
        users=Users(include=_case_ids("breakglass-fido2")),
        grant=NO_GRANT,
        strength=PHISHING_RESISTANT,
    ),
    Policy(
        name="CA021 Pilot: MFA for all resources",
        users=_members("kestrel", "CA-Pilot-ReportOnly"),
        state="enabledForReportingButNotEnforced",
    ),
    Policy(
        name="CA024 Office network people: MFA outside trusted locations",
        users=_members("kestrel", "CA-Persona-OfficeNetwork"),
        locations=(("All",), ("AllTrusted",)),
    ),
    Policy(
        name="CA025 Developers: MFA except on Linux",
        users=_members("kestrel", "CA-Persona-Linux"),
        platforms=(("all",), ("linux",)),
    ),
    Policy(
        name="CA026 Mail people: MFA for modern clients",
        users=_members("kestrel", "CA-Persona-LegacyMail"),
        clients=MODERN,
    ),
    Policy(
        name="CA027 Portal people: MFA for admin portals",
        users=_members("kestrel", "CA-Persona-PortalsOnly"),
        apps=("MicrosoftAdminPortals",),
    ),
    Policy(
        name="CA028 Finance: phishing-resistant MFA",
        users=_members("kestrel", "CA-Persona-PhishingResistant"),
        grant=NO_GRANT,
        strength=PHISHING_RESISTANT,
    ),
    Policy(
        name="CA029 Sales: compliant device or MFA",
        users=_members("kestrel", "CA-Persona-DeviceOrMfa"),
        grant=("mfa", "compliantDevice"),
    ),
    Policy(
        name="CA036 Duo people: custom control",
        users=_members("kestrel", "CA-Persona-Duo"),
        grant=NO_GRANT,
        custom=("RequireDuoMfa",),
    ),
)

POLICIES: dict[str, tuple[Policy, ...]] = {
    "kestrel": KESTREL,
    "nordlicht": (
        Policy(
            name="Vorbereitung: MFA für alle",
            state="enabledForReportingButNotEnforced",
        ),
        Policy(name="Alt: MFA für Office 365", state="disabled", apps=("Office365",)),
    ),
    "mueller": (
        Policy(name=EVERYONE),
        Policy(name="CA002 Everyone: block legacy authentication", clients=LEGACY, grant=("block",)),
        Policy(
            name="CA003 Administrators: hardware keys on compliant devices",
            users=Users(include=(), include_roles=ADMIN_ROLES),
            grant=("compliantDevice",),
            operator="AND",
            strength=CUSTOM_STRENGTH,
        ),
    ),
    "weiss": (
        Policy(name=EVERYONE),
        Policy(name="CA002 Everyone: block legacy authentication", clients=LEGACY, grant=("block",)),
    ),
    "stadtwerke": (
        Policy(
            name="Alle Benutzer: MFA außerhalb der Standorte",
            users=Users(exclude_groups=(group_id("stadtwerke", "CA-Ausnahme Leitstelle"),)),
            locations=(("All",), ("AllTrusted",)),
        ),
        Policy(name="Admins: MFA", users=Users(include=(), include_roles=ADMIN_ROLES)),
    ),
    "lodz": (
        Policy(
            name="Wszyscy: MFA (tylko raport)",
            users=Users(exclude_groups=(group_id("lodz", "Wyjątki"),)),
            state="enabledForReportingButNotEnforced",
        ),
        Policy(
            name="Finanse: MFA bez Office 365",
            exclude_apps=("Office365",),
            users=Users(
                include=(),
                include_groups=(group_id("lodz", "Finanse"),),
                exclude_groups=(group_id("lodz", "Stara grupa"), group_id("lodz", "Wyjątki")),
            ),
        ),
        Policy(name="Ryzykowne logowania: MFA", sign_in_risk=("high", "medium")),
    ),
    "sakura": (
        Policy(name=EVERYONE),
        Policy(
            name="Service providers: only from Japan",
            users=Users(include=(), include_guests="serviceProvider"),
            locations=(("All",), (location_id("sakura", "日本"),)),
            grant=("block",),
        ),
    ),
    "brightwater": (
        Policy(
            name="Staff: compliant device or MFA",
            users=Users(
                exclude_groups=(
                    group_id("brightwater", "Night carers"),
                    group_id("brightwater", "Kitchen tablets"),
                ),
                exclude_guests="internalGuest,b2bCollaborationGuest",
            ),
            grant=("mfa", "compliantDevice"),
        ),
        Policy(
            name="Night carers: MFA except on macOS",
            users=_members("brightwater", "Night carers"),
            platforms=(("all",), ("macOS",)),
        ),
        Policy(
            name="Kitchen tablets: MFA unless corporate",
            users=_members("brightwater", "Kitchen tablets"),
            device_filter=("exclude", 'device.deviceOwnership -eq "Company"'),
        ),
    ),
}


def policies_of(directory: Directory) -> tuple[Policy, ...]:
    """Return the tenant's policies; none in a tenant without P1, where Graph answers an empty list."""
    return POLICIES.get(directory.tenant.key, ())


def locations_of(directory: Directory) -> list[Json]:
    """Return the tenant's named locations, as Graph answers them."""
    key, network = directory.tenant.key, directory.tenant.network
    if key == "kestrel":
        return [
            ip_location(directory, "Bristol office", (f"{network}.0/28", "2001:db8:42::/48"), is_trusted=True),
            ip_location(directory, "Home workers", (f"{network}.64/26",), is_trusted=False),
            country_location(directory, "United Kingdom and Ireland", ("GB", "IE")),
        ]
    if key == "stadtwerke":
        return [ip_location(directory, "Standorte", (f"{network}.0/27", f"{network}.128/28"), is_trusted=True)]
    if key == "sakura":
        return [country_location(directory, "日本", ("JP",))]
    return []
