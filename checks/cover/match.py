"""Whom a policy applies to. Exclude beats include, and what could not be read is neither yes nor no."""

from __future__ import annotations

from typing import NamedTuple

from checks.cover.person import Person
from checks.cover.users import Guests, Side, Users

Maybe = bool | None
NO_ROLES: frozenset[str] = frozenset()


class Missing(NamedTuple):
    """Something that could not be read: a dataset, and what of it. ``about`` may be an id of the tenant."""

    dataset: str
    about: str = ""


class Match(NamedTuple):
    """Whether a policy applies to an account.

    ``is_excluded`` and ``is_included`` hold before any role is activated. It applies as well once a role of ``when`` is
    activated, and no longer once one of ``unless`` is; one of ``perhaps_unless`` may be eligible, too. ``missing`` is
    what keeps the answer unknown.
    """

    is_excluded: Maybe
    is_included: Maybe
    when: frozenset[str] = NO_ROLES
    unless: frozenset[str] = NO_ROLES
    perhaps_unless: frozenset[str] = NO_ROLES
    missing: tuple[Missing, ...] = ()

    @property
    def is_out(self) -> bool:
        """Whether it can never apply."""
        return self.is_excluded is True or (self.is_included is False and not self.when)


EXCLUDED = Match(True, None)
NOT_INCLUDED = Match(False, False)
APPLIES = Match(False, True)


def match(users: Users, person: Person) -> Match:
    """Return whether a policy for these users applies to the person."""
    missing: list[Missing] = []
    excluded = _is_named(users.exclude, person, missing)
    if excluded is True:
        return EXCLUDED
    also_missing: list[Missing] = []
    included = _is_named(users.include, person, also_missing)
    active = person.active_roles or NO_ROLES
    eligible = (person.eligible_roles or NO_ROLES) - active
    when = users.include.roles & eligible if included is not True else NO_ROLES
    if included is False and not when:
        return NOT_INCLUDED
    unless = users.exclude.roles & eligible
    perhaps = users.exclude.roles - active if person.eligible_roles is None else NO_ROLES
    if perhaps:
        missing.append(Missing("role_eligibilities"))
    if included is True and excluded is False and not unless and not perhaps:
        return APPLIES
    if included is None:
        missing += also_missing
    return Match(excluded, included, when, unless, perhaps, tuple(sorted(set(missing))))


def is_left_out_as_guest(users: Users, person: Person) -> bool:
    """Return whether it is certain that a policy includes the person, and excludes guests of the person's kind."""
    excluded = _is_named(Side(guests=users.exclude.guests), person, [])
    return excluded is True and _is_named(users.include, person, []) is True


def _is_named(side: Side, person: Person, missing: list[Missing]) -> Maybe:
    if side.is_everyone or person.account_id in side.users or not side.groups.isdisjoint(person.groups):
        return True
    unknown = [Missing("group_members", group) for group in side.groups & person.unread_groups]
    if side.roles:
        if person.active_roles is None:
            unknown.append(Missing("role_assignments"))
        elif not side.roles.isdisjoint(person.active_roles):
            return True
    for guests in side.guests:
        named, reason = _is_guest(guests, person)
        if named is True:
            return True
        if named is None:
            unknown.append(reason)
    missing += unknown
    return None if unknown else False


def _is_guest(guests: Guests, person: Person) -> tuple[Maybe, Missing]:
    """Return whether the person is such a guest, and what is missing if that is unknown."""
    kinds = person.external_types
    common = kinds & guests.types
    if common and common != kinds:
        return None, Missing("users", "userType")
    if not common or guests.tenants is None:
        return bool(common), Missing("users")
    if "internalGuest" in kinds:
        # Its home is here; whether a list of other organizations takes it in is not documented.
        return None, Missing("conditional_access_policies", "externalTenants")
    if person.has_entra_account is False:
        return False, Missing("users")  # it has no home tenant
    is_listed = None if person.home_tenant_id is None else person.home_tenant_id in guests.tenants
    return is_listed, Missing("users", "homeTenantId")
