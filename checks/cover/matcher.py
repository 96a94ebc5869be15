"""Whom the policies of a tenant apply to, all at once: a set of policies is one integer, a bit for each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from checks.cover.match import APPLIES, EXCLUDED, NO_ROLES, NOT_INCLUDED, Match, Maybe, match
from checks.cover.person import INTERNAL, Person
from checks.cover.users import Side, Users

_INTERNAL = frozenset({INTERNAL})


class Signature(NamedTuple):
    """What decides the cover of an account, equal for all that share it.

    ``excluded`` and ``included`` are the policies that leave it out or apply, whatever role it activates.
    ``special`` are the places and matches of those that do neither plainly; all others do not include it.
    ``strengths`` is whether an authentication strength binds it, ``None`` too where no policy names one.
    """

    strengths: Maybe
    excluded: int
    included: int
    special: tuple[tuple[int, Match], ...] = ()


class Matcher:
    """Matches people with the policies of a tenant. The answer for each policy is that of :func:`match`."""

    def __init__(self, users: Sequence[Users]) -> None:
        self._users = tuple(users)
        self._exclude = _Named([each.exclude for each in users])
        self._include = _Named([each.include for each in users])
        sides = [(each.exclude, each.include) for each in users]
        self._of_guests = _bits(at for at, both in enumerate(sides) if any(side.guests for side in both))
        self._of_roles = _bits(at for at, both in enumerate(sides) if any(side.roles for side in both))

    def signature(self, person: Person, strengths: Maybe) -> Signature:
        """Return the signature of an account."""
        open_ = self._special(person)
        excluded = self._exclude.certain(person) & ~open_
        included = self._include.certain(person) & ~open_ & ~excluded
        special = []
        for at in _places(open_):
            matched = match(self._users[at], person)
            if matched == EXCLUDED:
                excluded |= 1 << at
            elif matched == APPLIES:
                included |= 1 << at
            elif matched != NOT_INCLUDED:
                special.append((at, matched))
        return Signature(strengths, excluded, included, tuple(special))

    def matches(self, signature: Signature) -> tuple[Match, ...]:
        """Return how each policy matches the accounts with a signature."""
        found = [
            EXCLUDED if signature.excluded >> at & 1 else APPLIES if signature.included >> at & 1 else NOT_INCLUDED
            for at in range(len(self._users))
        ]
        for at, matched in signature.special:
            found[at] = matched
        return tuple(found)

    def _special(self, person: Person) -> int:
        """Return the policies whose match may hinge on more than the ids that they name."""
        special = 0
        if person.external_types != _INTERNAL:
            special |= self._of_guests
        if person.active_roles is None or person.eligible_roles is None or person.eligible_roles:
            special |= self._of_roles
        for side in (self._exclude, self._include):
            special |= side.naming(person.unread_groups)
        return special


class _Named:
    """One side of each policy, by what it names."""

    def __init__(self, sides: Sequence[Side]) -> None:
        self._everyone = _bits(at for at, side in enumerate(sides) if side.is_everyone)
        self._users = _by_id(side.users for side in sides)
        self._groups = _by_id(side.groups for side in sides)
        self._roles = _by_id(side.roles for side in sides)

    def certain(self, person: Person) -> int:
        """Return the policies that name the person by id, by a group or by an active role, or that name everyone."""
        found = self._everyone | self._users.get(person.account_id, 0) | self.naming(person.groups)
        for role in person.active_roles or NO_ROLES:
            found |= self._roles.get(role, 0)
        return found

    def naming(self, groups: Collection[str]) -> int:
        """Return the policies that name one of these groups."""
        found = 0
        for group in groups:
            found |= self._groups.get(group, 0)
        return found


def _by_id(named: Iterable[Collection[str]]) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for at, ids in enumerate(named):
        for each in ids:
            found[each] = found.get(each, 0) | 1 << at
    return found


def _bits(places: Iterable[int]) -> int:
    return sum(1 << at for at in places)


def _places(bits: int) -> Iterator[int]:
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
