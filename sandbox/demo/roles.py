"""Directory roles: the definitions, who holds them, who is only eligible.

Ids of built-in roles are their template ids, which are Microsoft's own.
"""

from __future__ import annotations

from sandbox.demo.cases import all_cases, cases_of
from sandbox.demo.model import V1, Directory, Files, Json, collection, failure, group_id, opaque, stamp, uid
from sandbox.demo.tenants import PARTNERS

ROLES: dict[str, str] = {
    "Global Administrator": "62e90394-69f5-4237-9190-012177145e10",
    "Global Reader": "f2ef992c-3afb-46b9-b7cf-a126ee74c451",
    "Security Administrator": "194ae4cb-b126-40b2-bd5b-6091b380977d",
    "Security Reader": "5d6b6bb7-de71-4623-b4af-96380a352509",
    "Reports Reader": "4a5d8f65-41da-4de4-8968-e035b65339cf",
    "User Administrator": "fe930be7-5e62-47db-91af-98c3a49a38b1",
    "Helpdesk Administrator": "729827e3-9c14-49f7-bb1b-9608f156bbb8",
    "Billing Administrator": "b0f54661-2d74-4c50-afa3-1ec803f12efe",
    "License Administrator": "4d6ac14f-3453-41d0-bef9-a3e0c569773a",
    "Service Support Administrator": "f023fd81-a637-4b56-95fd-791ac0226033",
    "Exchange Administrator": "29232cdf-9323-42fd-ade2-1d097af3e4de",
    "Intune Administrator": "3a2c62db-5318-420d-8d74-23affee5d9d5",
    "Teams Administrator": "69091246-20e8-4a56-aa4d-066075b2a7a8",
    "Conditional Access Administrator": "b1be1c3e-b65d-4f19-8427-f6fa0d97feb9",
    "Authentication Administrator": "c4e39bd9-1100-46d3-8c65-fb160da0071f",
    "Authentication Policy Administrator": "0526716b-113d-4c15-b2c8-68e3c22b9f80",
    "Privileged Authentication Administrator": "7be44c8a-adaf-4e2a-84d6-ab2649e08a13",
    "Privileged Role Administrator": "e8611ab8-c189-46e8-94e1-60213ab1f814",
    "Directory Readers": "88d8e3e3-8f55-4a1e-953a-9b9898b8876b",
    "Directory Writers": "9360feb5-f418-4baa-8175-e2a00bac4301",
    "Directory Synchronization Accounts": "d29b2b05-8046-44ba-8758-1e26182fcf32",
    "On Premises Directory Sync Account": "a92aed5d-d78a-4d16-b381-09adb37eb3b0",
    "Partner Tier1 Support": "4ba39ca4-527c-499a-b93d-d9b492c50246",
    "Partner Tier2 Support": "e00e864a-17c5-4a4b-9c06-f5b95a8d5bd8",
}

ADMINS: tuple[str, ...] = (
    "Global Administrator",
    "Global Administrator",
    "Security Administrator",
    "User Administrator",
    "Billing Administrator",
    "Conditional Access Administrator",
    "Teams Administrator",
    "Privileged Role Administrator",
    "Authentication Policy Administrator",
)
"""What the first admins of a tenant hold, one each. Nobody holds Exchange Administrator: a case needs that."""

CUSTOM = "Ticket robot operator"


def build_roles(directory: Directory) -> None:
    """Fill ``directory.roles`` with (principal, role, scope) and ``directory.eligible``, and mark who is an admin."""
    tenant = directory.tenant
    for account, role in zip(directory.of_kind("admin"), ADMINS, strict=False):
        directory.roles.append((account.id, ROLES[role], "/"))
    for account in directory.of_kind("sync"):
        if not account.case:
            directory.roles.append((account.id, ROLES["Directory Synchronization Accounts"], "/"))
    for group in directory.groups.values():
        if group.role_assignable:
            directory.roles.append((group.id, ROLES["Helpdesk Administrator"], "/"))
    if tenant.kind == "partner":
        technicians = directory.of_kind("technician")
        unit = f"/administrativeUnits/{uid(tenant.key, 'administrativeUnit')}"
        directory.roles.append((technicians[0].id, ROLES["User Administrator"], unit))
        directory.roles.append((technicians[1].id, uid(tenant.key, "role", CUSTOM), "/"))
    for case in cases_of(tenant):
        directory.roles += [(case.id(tenant), ROLES[role], "/") for role in case.roles]
        directory.eligible += [(case.id(tenant), ROLES[role]) for role in case.eligible]
    _mark_admins(directory)


def _mark_admins(directory: Directory) -> None:
    """Mark whoever holds a role, directly or through a group; the sync account is not an administrator."""
    holders = {principal for principal, _, _ in directory.roles}
    for group in directory.groups.values():
        if group.id in holders:
            holders |= set(group.members)
    for account in directory.accounts:
        account.is_admin = account.id in holders and account.kind != "sync"


def role_files(directory: Directory) -> Files:
    """Return definitions, active assignments with their principals, and eligibility (an error without P2)."""
    base = "v1.0/roleManagement/directory"
    assignments = [_assignment(directory, *held) for held in directory.roles] + _foreign(directory)
    context = f"{V1}roleManagement/directory"
    files: Files = {
        f"{base}/roleDefinitions": collection(f"{context}/roleDefinitions", _definitions(directory)),
        f"{base}/roleAssignments": collection(f"{context}/roleAssignments(principal())", assignments),
    }
    eligible, active = f"{base}/roleEligibilityScheduleInstances", f"{base}/roleAssignmentScheduleInstances"
    if directory.tenant.licence == "P2":
        instances = [_eligibility(directory, *held) for held in directory.eligible]
        files[eligible] = collection(f"{context}/roleEligibilityScheduleInstances", instances)
        held = [_instance(directory, *each) for each in directory.roles]
        files[active] = collection(f"{context}/roleAssignmentScheduleInstances", held)
    else:
        message = "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license."
        for path in (eligible, active):
            files[f"{path}.error"] = failure(400, "AadPremiumLicenseRequired", message, directory.as_of)
    return files


def _definitions(directory: Directory) -> list[Json]:
    custom = {CUSTOM: uid(directory.tenant.key, "role", CUSTOM)} if directory.tenant.kind == "partner" else {}
    return [
        {
            "id": role_id,
            "description": f"Can act as {name}.",
            "displayName": name,
            "isBuiltIn": name not in custom,
            "isEnabled": True,
            "resourceScopes": ["/"],
            "templateId": role_id,
            "version": "1",
        }
        for name, role_id in (ROLES | custom).items()
    ]


def _assignment(directory: Directory, principal: str, role: str, scope: str) -> Json:
    return {
        "id": f"{opaque(directory.tenant.key, principal, role, scope)}-1",
        "principalId": principal,
        "principalOrganizationId": directory.tenant.id,
        "directoryScopeId": scope,
        "roleDefinitionId": role,
        "principal": _principal(directory, principal),
    }


def _principal(directory: Directory, principal: str) -> Json:
    for group in directory.groups.values():
        if group.id == principal:
            return {
                "@odata.type": "#microsoft.graph.group",
                "id": group.id,
                "displayName": group.name,
                "securityEnabled": True,
            }
    account = next(account for account in directory.accounts if account.id == principal)
    shown = ("id", "accountEnabled", "displayName", "mail", "mailNickname", "userPrincipalName", "userType")
    return {"@odata.type": "#microsoft.graph.user"} | {name: account.user[name] for name in shown}


def _foreign(directory: Directory) -> list[Json]:
    """Where a case's technician visits, the partner's group holds a role: a principal this tenant cannot read."""
    role = ROLES["Helpdesk Administrator"]
    visitors = [case for case in all_cases() if directory.tenant.key in case.visits]
    groups = {group_id(case.tenant, case.groups[-1]): case.tenant for case in visitors}
    return [
        {
            "id": f"{opaque(directory.tenant.key, group, role)}-1",
            "principalId": group,
            "principalOrganizationId": next(partner.id for partner in PARTNERS if partner.key == key),
            "directoryScopeId": "/",
            "roleDefinitionId": role,
        }
        for group, key in groups.items()
    ]


def _instance(directory: Directory, principal: str, role: str, scope: str) -> Json:
    is_activated = (principal, role) in directory.eligible
    instance = uid(directory.tenant.key, "assignment", principal, role, scope)
    return {
        "id": instance,
        "principalId": principal,
        "roleDefinitionId": role,
        "directoryScopeId": scope,
        "appScopeId": None,
        "startDateTime": stamp(directory.ago(hours=2) if is_activated else directory.ago(days=120)),
        "endDateTime": stamp(directory.ago(hours=-6)) if is_activated else None,
        "assignmentType": "Activated" if is_activated else "Assigned",
        "memberType": "Direct",
        "roleAssignmentOriginId": instance,
        "roleAssignmentScheduleId": instance,
    }


def _eligibility(directory: Directory, principal: str, role: str) -> Json:
    schedule = uid(directory.tenant.key, "eligibility", principal, role)
    return {
        "id": schedule,
        "principalId": principal,
        "roleDefinitionId": role,
        "directoryScopeId": "/",
        "appScopeId": None,
        "startDateTime": stamp(directory.ago(days=120)),
        "endDateTime": None,
        "memberType": "Direct",
        "roleEligibilityScheduleId": schedule,
    }
