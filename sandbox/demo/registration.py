"""Users, what they have registered, and their per-user MFA state, as files."""

from __future__ import annotations

from sandbox.demo.model import (
    BETA,
    V1,
    Account,
    Directory,
    Files,
    Json,
    Tenant,
    collection,
    failure,
    opaque,
    stamp,
    stamp7,
    uid,
)
from sandbox.demo.policies import EXTERNAL_MFA

MFA_METHODS = frozenset(
    {
        "microsoftAuthenticatorPush",
        "softwareOneTimePasscode",
        "mobilePhone",
        "windowsHelloForBusiness",
        "fido2SecurityKey",
        "passKeyDeviceBoundAuthenticator",
        "externalAuthMethod",
    }
)
PASSWORDLESS = frozenset({"windowsHelloForBusiness", "fido2SecurityKey", "passKeyDeviceBoundAuthenticator"})
PREFERRED = (
    ("microsoftAuthenticatorPush", "push"),
    ("softwareOneTimePasscode", "oath"),
    ("mobilePhone", "sms"),
)
NO_PREMIUM = (
    "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
    "Neither tenant is B2C or tenant doesn't have premium license",
)
REPORT = "v1.0/reports/authenticationMethods/userRegistrationDetails"

_DETAILS: dict[str, Json] = {
    "microsoftAuthenticatorPush": {
        "displayName": "Phone",
        "deviceTag": "SoftwareTokenActivated",
        "phoneAppVersion": "6.8.40",
    },
    "mobilePhone": {"phoneNumber": "+49 1550000000", "phoneType": "mobile", "smsSignInState": "notAllowedByPolicy"},
    "softwareOneTimePasscode": {"secretKey": None},
    "windowsHelloForBusiness": {"displayName": "Laptop", "keyStrength": "normal"},
    "fido2SecurityKey": {
        "displayName": "Blue key",
        "aaGuid": "2fc0579f-8113-47ea-b116-555a8db9202a",
        "model": "NFC key",
        "attestationLevel": "attested",
        "attestationCertificates": [],
    },
    "passKeyDeviceBoundAuthenticator": {
        "displayName": "Passkey",
        "aaGuid": "90a3ccdf-635c-4729-a248-9b709135078f",
        "model": "Microsoft Authenticator",
        "attestationLevel": "notAttested",
        "attestationCertificates": [],
    },
    "externalAuthMethod": {"displayName": "Harrier MFA", "configurationId": EXTERNAL_MFA},
    "email": {"emailAddress": None},
}
_TYPES = {
    "microsoftAuthenticatorPush": "microsoftAuthenticatorAuthenticationMethod",
    "mobilePhone": "phoneAuthenticationMethod",
    "softwareOneTimePasscode": "softwareOathAuthenticationMethod",
    "windowsHelloForBusiness": "windowsHelloForBusinessAuthenticationMethod",
    "fido2SecurityKey": "fido2AuthenticationMethod",
    "passKeyDeviceBoundAuthenticator": "fido2AuthenticationMethod",
    "externalAuthMethod": "externalAuthenticationMethod",
    "email": "emailAuthenticationMethod",
}


def is_registered(account: Account) -> bool:
    """Return what the report says: whether any registered method is good for MFA."""
    if account.is_registered is not None:
        return account.is_registered
    return bool(MFA_METHODS & set(account.methods))


def user_files(directory: Directory) -> Files:
    """Return users, the registration report (or its refusal without P1), methods and per-user MFA states."""
    tenant = directory.tenant
    listed = [account for account in directory.accounts if account.is_listed]
    files: Files = {"v1.0/users": collection(f"{V1}users", [_user(tenant, account) for account in listed])}
    if tenant.licence == "free":
        files[f"{REPORT}.error"] = failure(403, *NO_PREMIUM, directory.as_of)
    else:
        rows = [_row(directory, account) for account in directory.accounts if account.is_enabled]
        files[REPORT] = collection(f"{V1}reports/authenticationMethods/userRegistrationDetails", _present(rows))
    agents = {member for group in directory.groups.values() if _is_agents(group.name) for member in group.members}
    for account in listed:
        path = f"beta/users/{account.id}/authentication/requirements"
        if tenant.per_user_readable:
            files[path] = {
                "@odata.context": f"{BETA}users('{account.id}')/authentication/requirements",
                "perUserMfaState": account.per_user,
            }
        else:
            refusal = ("Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
            files[f"{path}.error"] = failure(403, *refusal, directory.as_of)
        if tenant.licence == "free" or account.is_admin or account.id in agents or account.habit == "external_mfa":
            files[f"v1.0/users/{account.id}/authentication/methods"] = _methods(directory, account)
    return files


def _user(tenant: Tenant, account: Account) -> Json:
    # In production the list has the state, in no documentation; so one tenant's has not.
    is_listed = tenant.per_user_readable and tenant.lists_per_user
    return account.user | ({"perUserMfaState": account.per_user} if is_listed else {})


def _is_agents(name: str) -> bool:
    return name in {"AdminAgents", "HelpdeskAgents", "SalesAgents"} or name.startswith("GDAP ")


def _present(rows: list[Json | None]) -> list[Json]:
    return [row for row in rows if row is not None]


def _row(directory: Directory, account: Account) -> Json | None:
    if not account.has_report_row:
        return None
    methods = set(account.methods)
    registered = is_registered(account)
    resets = len(methods & {"email", "securityQuestion", "mobilePhone"}) > 0
    preferred = next((choice for method, choice in PREFERRED if method in methods), "none")
    return {
        "id": account.id,
        "userPrincipalName": account.upn,
        "userDisplayName": account.user["displayName"],
        "userType": str(account.user["userType"]).lower(),
        "isAdmin": account.is_admin,
        "isSsprRegistered": resets,
        "isSsprEnabled": True,
        "isSsprCapable": resets,
        "isMfaRegistered": registered,
        "isMfaCapable": registered,
        "isPasswordlessCapable": bool(methods & PASSWORDLESS),
        "lastUpdatedDateTime": stamp7(directory.ago(hours=5, minutes=12)),
        "methodsRegistered": list(account.methods),
        "isSystemPreferredAuthenticationMethodEnabled": True,
        "systemPreferredAuthenticationMethods": [preferred] if preferred != "none" else [],
        "userPreferredMethodForSecondaryAuthentication": preferred,
    }


def _methods(directory: Directory, account: Account) -> Json:
    created = stamp(directory.ago(days=180))
    password = {
        "@odata.type": "#microsoft.graph.passwordAuthenticationMethod",
        "id": "28c10230-6103-485e-b985-444c60001490",  # the same for every account, as in Entra
        "password": None,
        "createdDateTime": account.user["lastPasswordChangeDateTime"],
    }
    value = [password]
    for method in account.methods:
        if method not in _TYPES:
            continue  # security questions are no method object
        details = _DETAILS[method]
        if method == "email":
            details = {"emailAddress": f"private.{account.id[:8]}@mail.example"}
        head = {"@odata.type": f"#microsoft.graph.{_TYPES[method]}", "id": _method_id(account, method)}
        value.append(head | {"createdDateTime": created} | details)
    return collection(f"{V1}users('{account.id}')/authentication/methods", value)


def _method_id(account: Account, method: str) -> str:
    return opaque(account.id, method)[:22] if "fido" in method.lower() else uid(account.id, method)
