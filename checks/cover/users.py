"""Whom a policy names: users, groups, roles and kinds of guests, included and excluded."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from checks.cover import shape
from checks.cover.shape import Unknown

GUEST_TYPES = frozenset(
    {
        "internalGuest",
        "b2bCollaborationGuest",
        "b2bCollaborationMember",
        "b2bDirectConnectUser",
        "otherExternalUser",
        "serviceProvider",
    }
)


class Guests(NamedTuple):
    """Kinds of guests; ``tenants`` are the home tenants that count, ``None`` for any."""

    types: frozenset[str]
    tenants: frozenset[str] | None = None


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """The accounts that one side of a policy names: included or excluded. Ids are in lower case."""

    is_everyone: bool = False
    users: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    guests: tuple[Guests, ...] = ()


class Users(msgspec.Struct, frozen=True, kw_only=True):
    """Both sides; what is excluded stays out, however it is included."""

    include: Side = Side()
    exclude: Side = Side()


NOBODY = Users()


def parse_users(value: object, unknown: Unknown, where: str) -> Users:
    """Return whom a policy names; null names nobody. Raises ``ShapeError``."""
    said = shape.members(value, where)
    sides = []
    for side in ("include", "exclude"):
        users = shape.ids(said.pop(f"{side}Users", None), f"{where}.{side}Users")
        guests = _parse_guests(
            said.pop(f"{side}GuestsOrExternalUsers", None), unknown, f"{where}.{side}GuestsOrExternalUsers"
        )
        if "guestsorexternalusers" in users:
            guests = (*guests, Guests(GUEST_TYPES))
        sides.append(
            Side(
                is_everyone="all" in users,
                users=users - {"all", "none", "guestsorexternalusers"},
                groups=shape.ids(said.pop(f"{side}Groups", None), f"{where}.{side}Groups"),
                roles=shape.ids(said.pop(f"{side}Roles", None), f"{where}.{side}Roles"),
                guests=guests,
            )
        )
    unknown.keys(where, said)
    return Users(include=sides[0], exclude=sides[1])


def _parse_guests(value: object, unknown: Unknown, where: str) -> tuple[Guests, ...]:
    said = shape.members(value, where)
    types = shape.flags(said.pop("guestOrExternalUserTypes", None), f"{where}.guestOrExternalUserTypes")
    external = shape.members(said.pop("externalTenants", None), f"{where}.externalTenants")
    kind = shape.text(external.pop("membershipKind", None), f"{where}.externalTenants.membershipKind")
    tenants = shape.ids(external.pop("members", None), f"{where}.externalTenants.members")
    unknown.each(f"{where}.guestOrExternalUserTypes", types - GUEST_TYPES)
    unknown.each(f"{where}.externalTenants.membershipKind", {kind} - {"", "all", "enumerated"})
    unknown.keys(where, said)
    unknown.keys(f"{where}.externalTenants", external)
    if not types:
        # The PowerShell SDK writes the object with nulls only; tenants of no kind of guest are another matter.
        unknown.each(f"{where}.externalTenants.members", tenants)
        return ()
    is_enumerated = kind == "enumerated" or (not kind and bool(tenants))
    return (Guests(types & GUEST_TYPES, tenants if is_enumerated else None),)
