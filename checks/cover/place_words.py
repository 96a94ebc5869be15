"""Where sign-ins come from, in words: named locations, countries, and what is neither."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from checks.cover.locations import (
    ALL_TRUSTED,
    ELSEWHERE,
    MFA_TRUSTED_IPS,
    OTHER_COUNTRY,
    UNKNOWN_COUNTRY,
    Cell,
    Locations,
)
from checks.cover.plain import either, quoted
from checks.cover.space import YES, Dimension

_METHODS = {"clientIpAddress": "", "authenticatorAppGps": " by the position of the phone"}


class PlaceWords:
    """The words of one tenant's places."""

    def __init__(self, locations: Locations) -> None:
        self._names = locations.names
        self._cells = {cell.atom: cell for cell in locations.cells}

    def address(self, dimension: Dimension, atoms: Collection[str]) -> str:
        """Return the phrase for these address cells: what is short, inside or outside."""
        if ELSEWHERE in atoms:
            return f"outside {self._cells_in_words(set(dimension.atoms) - set(atoms), 'the trusted locations')}"
        return f"at {self._cells_in_words(set(atoms), 'a trusted location')}"

    def country(self, dimension: Dimension, atoms: Collection[str]) -> str:
        """Return the phrase for these cells of countries."""
        suffix = _METHODS.get(dimension.key, f" by {quoted(dimension.key)}")
        if OTHER_COUNTRY in atoms:
            others = [atom for atom in dimension.atoms if atom not in atoms]
            return f"in any country but {either(_countries(others))}{suffix}"
        return f"in {either(_countries(atoms))}{suffix}"

    def location(self, dimension: Dimension, atoms: Collection[str]) -> str:
        """Return the phrase for a location of which only the id is known."""
        name = "a trusted location" if dimension.key == ALL_TRUSTED else self._name(dimension.key)
        return f"{'at' if YES in atoms else 'away from'} {name}"

    def _name(self, location_id: str) -> str:
        return quoted(self._names.get(location_id, location_id))

    def _cells_in_words(self, atoms: set[str], trusted: str) -> str:
        if atoms == {atom for atom, cell in self._cells.items() if cell.is_trusted}:
            return trusted
        rest = set(atoms)
        words = []
        for location_id in sorted({key for atom in atoms for key in self._cells[atom].location_ids}):
            inside = {atom for atom, cell in self._cells.items() if location_id in cell.location_ids}
            if inside <= atoms:  # the whole location
                words.append(self._name(location_id))
                rest -= inside
        return either([*words, *(self._part_in_words(self._cells[atom], atoms) for atom in sorted(rest))])

    def _part_in_words(self, cell: Cell, atoms: set[str]) -> str:
        """Return the words for a cell that is part of a location: what it overlaps with, and what it does not."""
        if not cell.location_ids:
            return "one of the MFA trusted IPs" if cell.atom == MFA_TRUSTED_IPS else "another trusted location"
        words = " and ".join(self._name(key) for key in sorted(cell.location_ids))
        words += " at once" if len(cell.location_ids) > 1 else ""
        others = [other for atom, other in self._cells.items() if atom not in atoms]
        outside = {key for other in others if other.location_ids > cell.location_ids for key in other.location_ids}
        if outside - cell.location_ids:
            words += f" outside {either(self._name(key) for key in sorted(outside - cell.location_ids))}"
        if any(other.location_ids == cell.location_ids for other in others):
            words += " where it is trusted" if cell.is_trusted else " where it is not trusted"
        return words


def _countries(atoms: Iterable[str]) -> list[str]:
    return [code if code != UNKNOWN_COUNTRY else "an unknown country" for atom in atoms for code in atom.split("+")]
