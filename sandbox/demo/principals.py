"""Service principals: Microsoft's, the scanner's own, and the workload identity among the cases."""

from __future__ import annotations

from sandbox.demo.cases import cases_of
from sandbox.demo.credentials import APPS
from sandbox.demo.model import V1, Directory, Files, Json, collection, uid
from sandbox.demo.tenants import PARTNERS

MICROSOFT = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"
"""The tenant that Microsoft's own applications belong to."""

FIRST_PARTY = (
    ("Microsoft Graph", "00000003-0000-0000-c000-000000000000"),
    ("Office 365 Exchange Online", "00000002-0000-0ff1-ce00-000000000000"),
    ("Partner customer delegated administration", "2832473f-ec63-45fb-976f-5d45a7d4bb91"),
)


def principal_files(directory: Directory) -> Files:
    """Return the tenant's service principals."""
    tenant = directory.tenant
    partner = next(one for one in PARTNERS if one.key in {tenant.key, tenant.partner})
    app = APPS[partner.key]
    value = [_principal(directory, name, app_id, MICROSOFT) for name, app_id in FIRST_PARTY]
    value.append(_principal(directory, app.name, app.app_id, partner.id))
    for case in cases_of(tenant):
        if case.kind == "principal":
            own = _principal(directory, f"Case: {case.short}", uid("application", case.name), tenant.id)
            value.append(own | {"id": case.id(tenant)})
    return {"v1.0/servicePrincipals": collection(f"{V1}servicePrincipals", value)}


def _principal(directory: Directory, name: str, app_id: str, owner: str) -> Json:
    return {
        "id": uid(directory.tenant.key, "servicePrincipal", app_id),
        "accountEnabled": True,
        "appId": app_id,
        "appOwnerOrganizationId": owner,
        "displayName": name,
        "servicePrincipalType": "Application",
        "signInAudience": "AzureADMultipleOrgs",
        "tags": ["WindowsAzureActiveDirectoryIntegratedApp"],
    }
