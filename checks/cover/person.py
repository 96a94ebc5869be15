"""The facts of an account that decide which policies apply to it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from checks.cover import shape

INTERNAL = "internal"
_INVITED = frozenset({"Invitation", "SelfServiceSignUp"})
_ENTRA_ISSUER = "externalazuread"
_OTHER_ISSUERS = frozenset({"mail", "phone", "microsoftaccount", "google.com", "facebook.com", "apple.com"})


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """An account. ``None`` is unknown, never no. Ids are compared without case.

    * ``user_type``: Graph's userType, ``"Member"``, ``"Guest"`` or ``""`` (some old objects have none).
    * ``is_external``: it signs in with an identity of another organization. ``is_service_provider``: it has no user
      object here and comes with delegated partner rights.
    * ``has_entra_account``: asked of an external one only: it signs in with Entra, not with a mailed code, a social
      account or SAML.
    * ``home_tenant_id``: of an external one.
    * ``groups``: the groups it is in, however deeply nested. ``unread_groups``: those whose members could not be read
      or that no longer exist; being in one is unknown.
    * ``active_roles``: template ids of built-in roles held for the whole tenant without activating anything.
    * ``eligible_roles``: those it may activate, activated now or not. Where that was not read, a policy that excludes a
      role may be one that it can step out of.
    """

    account_id: str
    user_type: str | None = "Member"
    is_external: bool | None = False
    is_service_provider: bool = False
    has_entra_account: bool | None = None
    home_tenant_id: str | None = None
    groups: frozenset[str] = frozenset()
    unread_groups: frozenset[str] = frozenset()
    active_roles: frozenset[str] | None = frozenset()
    eligible_roles: frozenset[str] | None = frozenset()

    def __post_init__(self) -> None:
        for name in ("account_id", "home_tenant_id"):
            value = getattr(self, name)
            if value is not None and value != value.lower():
                msgspec.structs.force_setattr(self, name, value.lower())
        for name in ("groups", "unread_groups", "active_roles", "eligible_roles"):
            value = getattr(self, name)
            if value and any(item != item.lower() for item in value):
                msgspec.structs.force_setattr(self, name, frozenset(item.lower() for item in value))

    @property
    def external_types(self) -> frozenset[str]:
        """Return the kinds of guest it may be, ``internal`` for none; more than one where a fact is unknown."""
        if self.is_service_provider:
            return frozenset({"serviceProvider"})
        found = set()
        if self.is_external is not True:
            types = {"Guest": {"internalGuest"}, None: {"internalGuest", INTERNAL}}
            found |= types.get(self.user_type, {INTERNAL})
        if self.is_external is not False:
            types = {"Guest": {"b2bCollaborationGuest"}, "Member": {"b2bCollaborationMember"}}
            either = {"b2bCollaborationGuest", "b2bCollaborationMember", "otherExternalUser"}
            found |= types.get(self.user_type or "", either)
        return frozenset(found)

    @property
    def can_use_strengths(self) -> bool | None:
        """Whether an authentication strength binds it: Entra applies them to those who sign in with Entra only."""
        return True if self.is_external is False or self.is_service_provider else self.has_entra_account

    @classmethod
    def of_user(cls, user: Mapping[str, Any], **facts: Any) -> Person:
        """Return the person of a user as Graph sends it; ``facts`` are groups, roles and what else is known.

        External is one with ``#EXT#`` in its sign-in name, or one that was invited or signed itself up. Raises
        ``ShapeError`` if a field is not of its type.
        """
        name = shape.text(user.get("userPrincipalName"), "users.userPrincipalName")
        created = shape.text(user.get("creationType"), "users.creationType")
        is_external: bool | None = "#EXT#" in name.upper() or created in _INVITED
        if not is_external and not name:
            is_external = None
        user_type = shape.text(user["userType"], "users.userType") if "userType" in user else None
        derived = {"user_type": user_type, "is_external": is_external, "has_entra_account": _entra_account(user)}
        return cls(account_id=shape.text(user.get("id"), "users.id"), **{**derived, **facts})


def has_entra_account(issuers: Collection[str]) -> bool | None:
    """Return whether an external account whose identity these vouch for signs in with Entra; None if they do not tell.

    ``issuers`` are those of its federated identities, in lower case.
    """
    if _ENTRA_ISSUER in issuers:
        return True
    return False if issuers and set(issuers) <= _OTHER_ISSUERS else None


def _entra_account(user: Mapping[str, Any]) -> bool | None:
    identities = user.get("identities") or ()
    return has_entra_account(
        {
            str(identity.get("issuer") or "").lower()
            for identity in identities
            if isinstance(identity, Mapping) and identity.get("signInType") == "federated"
        }
    )
