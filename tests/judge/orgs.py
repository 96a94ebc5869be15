"""Tenant folders with a handful of accounts: each is a good one of which a case changes one thing."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from tests.cloud import NOW

Json = dict[str, Any]
DOMAIN = "x.example"
OTHER_TENANT = "a1a1a1a1-0000-4000-8000-000000000001"
REPORT = "v1.0/reports/authenticationMethods/userRegistrationDetails"
DEFAULTS = "v1.0/policies/identitySecurityDefaultsEnforcementPolicy"
ROLES = "v1.0/roleManagement/directory"
PERMISSION = (403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
LICENCE = (
    403,
    "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
    "Neither tenant is B2C or tenant doesn't have premium license",
)


def tenant_id(name: str) -> str:
    """Return the id of the tenant of a case."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{name}.acceptance.example"))


@dataclass(frozen=True, kw_only=True)
class Org:
    """A tenant. Without a change: one registered member, no policy, security defaults off, all of it readable.

    ``registered`` has a user's row in the registration report, ``None`` for no row; ``members`` the transitive members
    of each group, users and groups; ``roles``, ``eligible`` and, of the roles, ``activated`` triples of principal, role
    and scope; ``files`` any other answer by path; ``failures`` paths that fail. A ``service_user``, an object id, signs
    in for the application, which is alone otherwise.
    """

    users: Sequence[Json] = field(default_factory=lambda: [user()])
    policies: Sequence[Json] = ()
    locations: Sequence[Json] = ()
    strengths: Sequence[Json] = ()
    members: Mapping[str, Sequence[str]] = field(default_factory=dict)
    roles: Sequence[tuple[str, str, str]] = ()
    eligible: Sequence[tuple[str, str, str]] = ()
    activated: Sequence[tuple[str, str, str]] = ()
    registered: Mapping[str, Json | None] = field(default_factory=dict)
    per_user: Mapping[str, str] = field(default_factory=dict)
    sign_ins: Sequence[Json] = ()
    has_defaults: bool = False
    federated: str | None = None
    trusts: bool = False
    files: Mapping[str, Any] = field(default_factory=dict)
    failures: Mapping[str, tuple[int, str, str]] = field(default_factory=dict)
    kind: str = "partner"
    program: str = "direct-bill"
    onboarded: date | None = None
    partner: str = ""
    service_user: str = ""

    def write(self, folder: Path) -> None:
        """Write the folder that the sandbox serves as this tenant."""
        for path, body in {**self._lists(), **self._singles(), **self.files}.items():
            # Graph wraps its lists; Partner Center answers as it is written here.
            is_wrapped = isinstance(body, list) and not path.startswith("partner-center/")
            _put(folder / f"{path}.json", {"value": body} if is_wrapped else body)
        for path, (status, code, message) in self.failures.items():
            (folder / f"{path}.json").unlink(missing_ok=True)
            body = {"status": status, "headers": {}, "body": {"error": {"code": code, "message": message}}}
            _put(folder / f"{path}.error.json", body)

    def _lists(self) -> dict[str, list[Any]]:
        type_ = "Federated" if self.federated is not None else "Managed"
        return {
            "v1.0/users": list(self.users),
            "v1.0/identity/conditionalAccess/policies": list(self.policies),
            "v1.0/identity/conditionalAccess/namedLocations": list(self.locations),
            "v1.0/policies/authenticationStrengthPolicies": list(self.strengths),
            REPORT: [row for each in self.users if (row := self._row(each)) is not None],
            "beta/auditLogs/signIns": [{"id": f"s{at}", **each} for at, each in enumerate(self.sign_ins)],
            "v1.0/domains": [{"id": DOMAIN, "authenticationType": type_, "isVerified": True, "isDefault": True}],
            "v1.0/organization": [{"id": "o", "verifiedDomains": [{"name": DOMAIN, "type": type_, "isDefault": True}]}],
            f"v1.0/domains/{DOMAIN}/federationConfiguration": [{"id": "f", "federatedIdpMfaBehavior": self.federated}]
            if self.federated
            else [],
            f"{ROLES}/roleAssignments": [self._assignment(*held) for held in self.roles],
            f"{ROLES}/roleEligibilityScheduleInstances": [
                {"id": f"e-{who}-{role}", "principalId": who, "roleDefinitionId": role, "directoryScopeId": scope}
                for who, role, scope in self.eligible
            ],
            f"{ROLES}/roleAssignmentScheduleInstances": [
                {
                    "id": f"i-{who}-{role}{scope}",
                    "principalId": who,
                    "roleDefinitionId": role,
                    "directoryScopeId": scope,
                    "assignmentType": "Activated" if (who, role, scope) in self.activated else "Assigned",
                }
                for who, role, scope in self.roles
            ],
            **{
                f"v1.0/groups/{group}/transitiveMembers": [
                    {"id": each, "@odata.type": f"#microsoft.graph.{'group' if each in self.members else 'user'}"}
                    for each in inside
                ]
                for group, inside in self.members.items()
            },
        }

    def _singles(self) -> dict[str, Json]:
        return {
            DEFAULTS: {"id": "sd", "isEnabled": self.has_defaults},
            "v1.0/policies/crossTenantAccessPolicy/default": {
                "isServiceDefault": not self.trusts,
                "inboundTrust": {"isMfaAccepted": self.trusts},
            },
            **{f"v1.0/groups/{group}": {"id": group, "displayName": group} for group in self.members},
            **{
                f"beta/users/{each['id']}/authentication/requirements": {
                    "perUserMfaState": self.per_user.get(each["id"], "disabled")
                }
                for each in self.users
            },
        }

    def _row(self, account: Json) -> Json | None:
        row = self.registered.get(account["id"], methods("microsoftAuthenticatorPush"))
        return row and {"id": account["id"], "userPrincipalName": account["userPrincipalName"], **row}

    def _assignment(self, who: str, role: str, scope: str) -> Json:
        kind = "group" if who in self.members else "user" if who in {each["id"] for each in self.users} else None
        held = {"id": f"a-{who}-{role}{scope}", "principalId": who, "roleDefinitionId": role, "directoryScopeId": scope}
        return held | ({"principal": {"@odata.type": f"#microsoft.graph.{kind}", "id": who}} if kind else {})


def user(name: str = "u1", **more: Any) -> Json:
    """Return an enabled member."""
    return {
        "id": name,
        "userPrincipalName": f"{name}@{DOMAIN}",
        "displayName": f"Person {name}",
        "accountEnabled": True,
        "userType": "Member",
        "createdDateTime": "2024-01-01T00:00:00Z",
        **more,
    }


def guest(name: str = "g1", issuer: str = "ExternalAzureAD", **more: Any) -> Json:
    """Return an enabled guest who signs in with an Entra account of another organization."""
    return user(
        name,
        userPrincipalName=f"{name}_home.example#EXT#@{DOMAIN}",
        userType="Guest",
        creationType="Invitation",
        identities=[{"signInType": "federated", "issuer": issuer, "issuerAssignedId": None}],
        **more,
    )


def methods(*names: str, is_registered: bool | None = None, is_capable: bool | None = None) -> Json:
    """Return what the registration report says of somebody with these methods."""
    registered = bool(names) if is_registered is None else is_registered
    return {
        "isMfaRegistered": registered,
        "isMfaCapable": registered if is_capable is None else is_capable,
        "methodsRegistered": list(names),
        "lastUpdatedDateTime": "2026-11-20T00:00:00Z",
    }


def sign_in(name: str = "u1", requirement: str = "singleFactorAuthentication", **more: Any) -> Json:
    """Return a successful interactive sign-in of the day before the scan."""
    return {
        "createdDateTime": NOW.replace(day=NOW.day - 1).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "userId": name,
        "userPrincipalName": f"{name}@{DOMAIN}",
        "clientAppUsed": "Browser",
        "isInteractive": True,
        "authenticationRequirement": requirement,
        "authenticationDetails": [
            {
                "authenticationMethod": "Password",
                "authenticationStepRequirement": "Primary authentication",
                "succeeded": True,
            }
        ],
        "status": {"errorCode": 0},
        **more,
    }


def claimed(name: str = "u1") -> Json:
    """Return a sign-in that came with a claim of MFA from elsewhere."""
    step = {
        "authenticationMethod": "Federated",
        "authenticationStepRequirement": "Primary authentication",
        "authenticationStepResultDetail": "MFA requirement satisfied by claim provided by external provider",
        "succeeded": True,
    }
    return sign_in(name, "multiFactorAuthentication", authenticationDetails=[step])


def _put(file: Path, body: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(body), "utf-8")
