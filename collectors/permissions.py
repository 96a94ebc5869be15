"""Permissions of Microsoft Graph and Partner Center with their ids, as the registration of an application names them.

From https://learn.microsoft.com/graph/permissions-reference, read on 2026-08-07.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

GRAPH_APP_ID = "00000003-0000-0000-c000-000000000000"
PARTNER_CENTER_APP_ID = "fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd"


class Ids(NamedTuple):
    """The id of a permission's scope (a user signs in) and of its role (the application signs in)."""

    delegated: str
    application: str


PERMISSIONS = {
    "Application.Read.All": Ids("c79f8feb-a9db-4090-85f9-90d820caa0eb", "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30"),
    "AuditLog.Read.All": Ids("e4c9e354-4dc5-45b8-9e7c-e1393b0b1a20", "b0afded3-3588-46d8-8b3d-9842eff778da"),
    "DelegatedAdminRelationship.Read.All": Ids(
        "0c0064ea-477b-4130-82a5-4c2cc4ff68aa", "f6e9e124-4586-492f-adc0-c6f96e4823fd"
    ),
    "Directory.Read.All": Ids("06da0dbc-49e2-44d2-8312-53f166ab848a", "7ab1d382-f21e-4acd-a863-ba3e13f7da61"),
    "Domain.Read.All": Ids("2f9ee017-59c1-4f1d-9472-bd5529a7b311", "dbb9058a-0e50-45d7-ae91-66909b5d4664"),
    "GroupMember.Read.All": Ids("bc024368-1153-4739-b217-4326f2e966d0", "98830695-27a2-44f7-8c18-0c3ebc9698f6"),
    "LicenseAssignment.Read.All": Ids("f395577a-0960-456b-979f-7228de0c5996", "e2f98668-2877-4f38-a2f4-8202e0717aa1"),
    "Organization.Read.All": Ids("4908d5b9-3fb2-4b1e-9336-1888b7937185", "498476ce-e0fe-48b0-b801-37ba7e2685c6"),
    "PartnerSecurity.Read.All": Ids("5567b981-0bf1-4796-9038-0648b46e116d", "21ffa320-2e7f-47d3-a466-7ff04d2dd68d"),
    "Policy.Read.All": Ids("572fea84-0151-49b2-9301-11cb16974376", "246dd0d5-5bd0-4def-940b-0421030a5b68"),
    "Policy.Read.AuthenticationMethod": Ids(
        "a6ff13ac-1851-4993-8ca9-a671d70de2d5", "8e3bc81b-d2f3-4b7b-838c-32c88218d2f0"
    ),
    "Policy.Read.ConditionalAccess": Ids(
        "633e0fce-8c58-4cfb-9495-12bbd5a24f7c", "37730810-e9ba-4e46-b07e-8ca78d182097"
    ),
    "RoleAssignmentSchedule.Read.Directory": Ids(
        "344a729c-0285-42c6-9014-f12b9b8d6129", "d5fe8ce8-684c-4c83-a52c-46e882ce4be1"
    ),
    "RoleEligibilitySchedule.Read.Directory": Ids(
        "eb0788c2-6d4e-4658-8c9e-c0fb8053f03d", "ff278e11-4a33-4d0c-83d2-d01dc58929a5"
    ),
    "RoleManagement.Read.Directory": Ids(
        "741c54c3-0c1e-44a1-818b-3f97ab4e8c83", "483bed4a-2ad3-4361-a73b-c83ccdbdc53c"
    ),
    "User.Read.All": Ids("a154be20-db9c-4678-8ab7-66f6cc099a59", "df021288-bdef-4463-88db-98f22de89214"),
    # Of Partner Center, which has no role for applications: one that signs in alone needs no permission.
    "user_impersonation": Ids("1cebfa2a-fb4d-419e-b5f9-839b4383e05a", ""),
    "UserAuthenticationMethod.Read.All": Ids(
        "aec28ec7-4d02-4e8c-b864-50163aea77eb", "38d9df27-64da-44fd-b7c5-a6fbac20248f"
    ),
}
"""Their ids by name. A plugin may need a permission that is not here; it is then told by its name alone."""

_NARROWER = {"AuditLog.Read.All": "Reports Reader or Security Reader"}


def spelled(permissions: Iterable[str], *, is_delegated: bool) -> str:
    """Return the permissions by name and id, e.g. ``User.Read.All (df021288-...)``."""
    return " and ".join(
        f"{name} ({known})" if (known := _id(name, is_delegated=is_delegated)) else name for name in permissions
    )


def _id(name: str, *, is_delegated: bool) -> str:
    ids = PERMISSIONS.get(name)
    return (ids.delegated if is_delegated else ids.application) if ids else ""


def role_for(permissions: Iterable[str]) -> str:
    """Return the directory role that lets a user read what the permissions are for."""
    wanted = [*permissions]
    narrower = _NARROWER.get(wanted[0]) if len(wanted) == 1 else None
    return f"Global Reader (or, narrower, {narrower})" if narrower else "Global Reader"
