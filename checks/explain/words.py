"""Names of what Microsoft's codes stand for, for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from checks.cover.plain import plain

VERDICTS = {
    "compliant": "compliant",
    "at_risk": "at risk",
    "non_compliant": "not compliant",
    "indeterminate": "indeterminate",
    "not_applicable": "not applicable",
}
PROGRAMS = {
    "direct-bill": "a CSP partner (direct bill)",
    "distributor": "a CSP partner (distributor)",
    "indirect-reseller": "a CSP partner (indirect reseller)",
    "cpv": "a control panel vendor (CPV)",
    "advisor": "an advisor, a partner like those of CSP in this",
}
# Of the registration report and, where they differ, of the types of single methods.
METHODS = {
    "microsoftAuthenticatorPush": "Microsoft Authenticator, notification",
    "microsoftAuthenticatorPasswordless": "Microsoft Authenticator, passwordless",
    "microsoftAuthenticator": "Microsoft Authenticator",
    "softwareOneTimePasscode": "one-time codes of an app",
    "softwareOath": "one-time codes of an app",
    "hardwareOneTimePasscode": "one-time codes of a token",
    "hardwareOath": "one-time codes of a token",
    "windowsHelloForBusiness": "Windows Hello for Business",
    "fido2SecurityKey": "security key (FIDO2)",
    "fido2": "security key or passkey (FIDO2)",
    "passKeyDeviceBound": "passkey on a device",
    "passKeyDeviceBoundAuthenticator": "passkey in Microsoft Authenticator",
    "passKeySynced": "synced passkey",
    "mobilePhone": "mobile phone (SMS or call)",
    "alternateMobilePhone": "second mobile phone (call)",
    "officePhone": "office phone (call)",
    "temporaryAccessPass": "Temporary Access Pass",
    "externalAuthMethod": "external MFA of another provider",
    "externalAuthenticationMethod": "external MFA of another provider",
    "x509Certificate": "certificate",
    "email": "e-mail (password reset only)",
    "securityQuestion": "security questions (password reset only)",
}
CLASSES = {
    "sync": "the account of directory synchronization",
    "guest_shadow": "a technician who is a guest here as well",
    "room": "a room",
    "break_glass": "an emergency (break-glass) account",
    "service": "a service account",
    "shared_mailbox": "a shared mailbox",
}
CLASS_SOURCES = {
    "declared": "rollcall.toml says so ([[account_class]])",
    "role": "its directory role says so",
    "mail": "it has the mail address of a technician",
    "licence": "its licence says so",
    "employeeType": "its employeeType says so",
    "name": "its name reads so, which is a guess",
}
DATASETS = {
    "users": "the list of users",
    "users.accountEnabled": "whether the account can sign in",
    "authentication_methods": "the registration report",
    "authentication_methods_policy": "which methods the tenant allows",
    "registered_methods": "the methods of single accounts",
    "partner_requests": "Partner Center's report of requests",
    "sign_ins": "the sign-in log",
    "conditional_access_policies": "the Conditional Access policies",
    "named_locations": "the named locations",
    "authentication_strengths": "the authentication strengths",
    "security_defaults": "the setting of security defaults",
    "per_user_mfa": "the per-user MFA states",
    "cross_tenant_access_default": "the trust in MFA of other tenants",
    "cross_tenant_access_partners": "the trust in MFA of single tenants",
    "domains": "the domains",
    "federation_configurations": "the settings of federated domains",
    "organization": "the organization",
    "subscribed_skus": "the licences",
    "role_assignments": "the holders of directory roles",
    "role_eligibilities": "who may activate directory roles",
    "role_assignment_instances": "which directory roles were activated",
    "role_definitions": "the directory roles",
    "agent_groups": "Partner Center's agent groups",
    "groups": "the groups",
    "group_members": "the members of groups",
    "gdap_relationships": "the GDAP relationships",
    "gdap_assignments": "the groups that GDAP gives roles to",
}
# Why a dataset does not tell.
SOURCES = {
    "not_collected": "not collected yet",
    "not_licensed": "needs a licence that the tenant does not have",
    "not_permitted": "could not be read, permission is missing",
    "partial": "could be read in part only",
    "failed": "could not be read",
    "skipped": "was never read",
    "missing": "missing in what was read",
    "unclear": "was read, but does not tell",
}


def moment(at: datetime) -> str:
    """Return a time (UTC) to the minute."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def method(name: str) -> str:
    """Return a method for people; one that is not known stands for itself."""
    return METHODS.get(name) or plain(name, 40)


def listed(words: Iterable[str], most: int = 8) -> str:
    """Return "a, b and c", cut short if there are many."""
    found: Sequence[str] = list(dict.fromkeys(words))
    if len(found) > most:
        found = [*found[: most - 1], f"{len(found) - most + 1} more"]
    return " and ".join([", ".join(found[:-1]), found[-1]] if len(found) > 1 else found)


def many(count: int, one: str, several: str | None = None) -> str:
    """Return "1 sign-in", "2 sign-ins"."""
    return f"{count:,} {one if count == 1 else several or f'{one}s'}"


def capital(text: str) -> str:
    """Return a sentence with a capital letter; the rest stays as it is."""
    return text[:1].upper() + text[1:]
