"""What a sign-in can look like, and which mixture of them an account's habit is.

Legacy clients carry the names the sign-in log really uses (``IMAP4``, ``Authenticated SMTP``), which the documentation
shortens.
"""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.demo.model import Json

PRIMARY = "Primary authentication"
SECOND = "Multifactor authentication"
ADFS = "ADFederationServices"
METHOD = "<method>"
"""Stands for whatever second factor the account has registered."""

Step = tuple[str, str | None, str, str, bool]
"""authenticationMethod, authenticationMethodDetail, authenticationStepRequirement, ...ResultDetail, succeeded."""

PASSWORD: Step = ("Password", "Password in the cloud", PRIMARY, "Correct password", True)
WRONG: Step = ("Password", "Password in the cloud", PRIMARY, "Invalid username or password.", False)
PROVED: Step = (METHOD, None, SECOND, "MFA completed in Azure AD", True)
DENIED: Step = (METHOD, None, SECOND, "MFA denied; user did not respond to mobile app notification", False)
FIRST_CLAIM: Step = (
    "Previously satisfied", None, PRIMARY, "First factor requirement satisfied by claim in the token", True
)  # fmt: skip
CLAIM: Step = ("Previously satisfied", None, SECOND, "MFA requirement satisfied by claim in the token", True)
FEDERATED: Step = ("Federated", None, PRIMARY, "Authentication done at the federated identity provider", True)
EXTERNAL_CLAIM: Step = (
    "Federated", None, SECOND, "MFA requirement satisfied by claim provided by external provider", True
)  # fmt: skip
KEY: Step = ("FIDO2 security key", "Blue key", PRIMARY, "User signed in with a FIDO2 security key", True)
KEY_AS_SECOND: Step = (
    "FIDO2 security key",
    "Blue key",
    SECOND,
    "MFA requirement satisfied by strong authentication",
    True,
)
EXTERNAL: Step = (
    "External authentication method",
    "Harrier MFA",
    SECOND,
    "MFA completed by an external provider",
    True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One shape of sign-in. ``demanded`` says whether something asked for MFA."""

    steps: tuple[Step, ...]
    is_multi: bool = False
    demanded: bool = False
    error: int = 0
    client: str = ""
    protocol: str = "oAuth2"
    is_interactive: bool = True
    incoming: str = "none"
    issuer: str = "AzureAD"


KINDS: dict[str, Kind] = {
    "mfa": Kind(steps=(PASSWORD, PROVED), is_multi=True, demanded=True),
    "claim": Kind(steps=(FIRST_CLAIM, CLAIM), is_multi=True, demanded=True, incoming="primaryRefreshToken"),
    "quiet_claim": Kind(steps=(FIRST_CLAIM, CLAIM), demanded=True, incoming="primaryRefreshToken"),
    "single": Kind(steps=(PASSWORD,)),
    "refresh": Kind(steps=(), is_interactive=False, incoming="refreshToken"),
    "refresh_claim": Kind(steps=(CLAIM,), is_multi=True, is_interactive=False, incoming="refreshToken", demanded=True),
    "strong": Kind(steps=(KEY, KEY_AS_SECOND), is_multi=True, demanded=True),
    "external": Kind(steps=(PASSWORD, EXTERNAL), is_multi=True, demanded=True),
    "federated_claim": Kind(
        steps=(FEDERATED, EXTERNAL_CLAIM), is_multi=True, demanded=True, issuer=ADFS, protocol="wsFederation"
    ),
    "federated_plain": Kind(steps=(FEDERATED,), issuer=ADFS, protocol="wsFederation"),
    "imap": Kind(steps=(PASSWORD,), client="IMAP4"),
    "smtp": Kind(steps=(PASSWORD,), client="Authenticated SMTP"),
    "ropc": Kind(steps=(PASSWORD,), client="Mobile Apps and Desktop clients", protocol="ropc"),
    "room": Kind(steps=(PASSWORD,), client="Mobile Apps and Desktop clients"),
    "sync": Kind(steps=(), is_interactive=False, protocol="ropc", client="Mobile Apps and Desktop clients"),
    "wrong_password": Kind(steps=(WRONG,), error=50126),
    "interrupted": Kind(steps=(PASSWORD, DENIED), error=50074, demanded=True),
    "must_register": Kind(steps=(PASSWORD,), error=50079, demanded=True),
    "blocked": Kind(steps=(PASSWORD,), error=53003),
}  # fmt: skip

HABITS: dict[str, tuple[tuple[str, int], ...]] = {
    "silent": (),
    "covered": (("mfa", 5), ("claim", 6), ("quiet_claim", 2), ("refresh_claim", 4), ("wrong_password", 1)),
    "security_defaults": (("mfa", 3), ("single", 5), ("claim", 3), ("refresh", 4), ("wrong_password", 1)),
    "single": (("single", 10), ("refresh", 5), ("wrong_password", 1)),
    "mixed": (("mfa", 4), ("single", 4), ("claim", 3), ("refresh", 4), ("interrupted", 1)),
    "legacy": (("single", 4), ("imap", 6), ("smtp", 3), ("refresh", 3), ("wrong_password", 1)),
    "strong": (("strong", 6), ("claim", 5), ("refresh_claim", 4)),
    "external_mfa": (("external", 6), ("claim", 5), ("refresh_claim", 4)),
    "federated_claim": (("federated_claim", 7), ("claim", 5), ("refresh_claim", 3)),
    "federated_plain": (("federated_plain", 8), ("refresh", 4)),
    "per_user": (("mfa", 4), ("claim", 6), ("refresh_claim", 4), ("interrupted", 1)),
    "cannot": (("must_register", 3), ("wrong_password", 1)),
    "ropc": (("ropc", 1),),
    "room": (("room", 2), ("refresh", 3)),
    "sync": (("sync", 1),),
    "guest_single": (("single", 4), ("refresh", 1)),
    "guest_defaults": (("mfa", 3), ("single", 2), ("claim", 2)),
    "guest_covered": (("mfa", 3), ("claim", 3)),
}
"""Kinds with weights. Each kind of a habit occurs at least once if the account signs in often enough."""

ERRORS: dict[int, tuple[str, str]] = {
    50074: ("Strong Authentication is required.", "The user did not complete the MFA prompt."),
    50079: (
        "User needs to enroll for second factor authentication.",
        "The user has to register for MFA before signing in.",
    ),
    50126: (
        "Error validating credentials due to invalid username or password.",
        "The user didn't enter the right credentials.",
    ),
    53003: (
        "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.",
        "The sign-in met the conditions of a policy that blocks.",
    ),
}

SECOND_FACTOR: dict[str, str] = {
    "microsoftAuthenticatorPush": "Mobile app notification",
    "mobilePhone": "Text message",
    "fido2SecurityKey": "FIDO2 security key",
    "windowsHelloForBusiness": "Windows Hello for Business",
    "passKeyDeviceBoundAuthenticator": "Passkey (device-bound)",
    "softwareOneTimePasscode": "OATH verification code",
}

App = tuple[str, str, str, str]
"""appId, appDisplayName, resourceId, resourceDisplayName."""

GRAPH = ("00000003-0000-0000-c000-000000000000", "Microsoft Graph")
EXCHANGE = ("00000002-0000-0ff1-ce00-000000000000", "Office 365 Exchange Online")
MANAGEMENT = ("797f4846-ba00-4fd7-ba43-dac1f8f63013", "Windows Azure Service Management API")

OFFICE_APPS: tuple[App, ...] = (
    ("4765445b-32c6-49b0-83e6-1d93765276ca", "OfficeHome", *GRAPH),
    ("27922004-5251-4030-b22d-91ecd9a37ea4", "Outlook Mobile", *EXCHANGE),
    ("1fec8e78-bce4-4aaf-ab1b-5451cc387264", "Microsoft Teams", *GRAPH),
    ("d3590ed6-52b3-4102-aeff-aad2292ab01c", "Microsoft Office", *EXCHANGE),
    (
        "00000003-0000-0ff1-ce00-000000000000",
        "Office 365 SharePoint Online",
        "00000003-0000-0ff1-ce00-000000000000",
        "Office 365 SharePoint Online",
    ),
)
ADMIN_APPS: tuple[App, ...] = (
    ("c44b4083-3bb0-49c1-b47d-974e53cbdf3c", "Azure Portal", *MANAGEMENT),
    ("00000006-0000-0ff1-ce00-000000000000", "Microsoft Office 365 Portal", *GRAPH),
    ("1950a258-227b-4e31-a9cf-717495945fc2", "Microsoft Azure PowerShell", *MANAGEMENT),
    ("04b07795-8ddb-461a-bbee-02f9e1bf7b46", "Microsoft Azure CLI", *MANAGEMENT),
)
PARTNER_APPS: tuple[App, ...] = (
    ("fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd", "Microsoft Partner Center", *GRAPH),
    *ADMIN_APPS[:2],
)
MAIL_APP: App = ("00000002-0000-0ff1-ce00-000000000000", "Office 365 Exchange Online", *EXCHANGE)
TEAMS_APP: App = OFFICE_APPS[2]
SCRIPT_APP: App = ADMIN_APPS[2]
SYNC_APP: App = (
    "cb1056e2-e479-49de-ae31-7812af012ed8",
    "Microsoft Azure Active Directory Connect",
    "00000002-0000-0000-c000-000000000000",
    "Windows Azure Active Directory",
)

DEVICES: tuple[Json, ...] = tuple(
    {
        "userAgent": agent,
        "deviceDetail": {
            "deviceId": "",
            "displayName": "",
            "operatingSystem": system,
            "browser": browser,
            "isCompliant": compliant,
            "isManaged": compliant,
            "trustType": "Azure AD joined" if compliant else "",
        },
    }
    for system, browser, compliant, agent in (
        ("Windows 11", "Edge 141.0.0", True, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Edg/141.0.0.0"),
        ("Windows 11", "Rich Client 6.0.2", True, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Teams/25275"),
        ("MacOs", "Safari 26.0", False, "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/26.0 Safari/605"),
        ("Ios 26.1", "Mobile Safari", False, "Mozilla/5.0 (iPhone; CPU iPhone OS 26_1 like Mac OS X) Mobile/15E148"),
        ("Linux", "Firefox 144.0", False, "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"),
    )
)
RICH = frozenset({1})
"""Devices (by position) that sign in with an app rather than a browser."""
