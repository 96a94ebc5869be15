"""Named locations, cut into cells: the sets of addresses, and of countries, that the policies tell apart.

Address ranges are cut at their bounds, IPv4 and IPv6 alike, and pieces that lie in the same locations are one cell.
``AllTrusted`` takes in every trusted location and the "MFA trusted IPs" of the legacy settings, which cannot be read:
any IPv4 address may be one of them, so each untrusted cell exists a second time as a trusted one.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple
from urllib.parse import quote

from checks.cover import shape
from checks.cover.shape import ShapeError

ALL_TRUSTED = "alltrusted"
# Ids are quoted where they stand in the name of a cell, so that no id can pass for one of these.
ELSEWHERE = "(elsewhere)"
TRUSTED = "(trusted)"
MFA_TRUSTED_IPS = "(MFA trusted IPs)"
OTHER_COUNTRY = "other"
UNKNOWN_COUNTRY = "unknown"
_COUNTRY = re.compile("[A-Z]{2}")
# An address reserved for documentation: a witness of "elsewhere" should look like no real network.
_SAMPLE = int(ipaddress.IPv4Address("203.0.113.7"))


_Networks = Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]


class Part(NamedTuple):
    """Part of a location: these atoms of one dimension. A location is the union of its parts."""

    kind: str
    key: str
    atoms: frozenset[str]


class Cell(NamedTuple):
    """Addresses that lie in the same locations, with one of them as an example."""

    atom: str
    location_ids: frozenset[str]
    is_trusted: bool
    example: str


class _Range(NamedTuple):
    version: int
    first: int
    last: int
    owner: int  # a bit


class Locations(NamedTuple):
    """What the policies of a tenant can tell of a place. ``names`` are hostile text.

    ``parts`` has every location id that a policy names, ``ALL_TRUSTED`` too. ``countries`` has the cells of each
    lookup method. ``unresolved`` are ids that are not in the list, or cannot be read: each is a yes or no of its own.
    """

    cells: tuple[Cell, ...]
    countries: Mapping[str, tuple[str, ...]]
    unresolved: tuple[str, ...]
    parts: Mapping[str, tuple[Part, ...]]
    names: Mapping[str, str]
    oddities: tuple[tuple[str, str], ...]


def cut(named: Sequence[Mapping[str, Any]] | None, wanted: Collection[str]) -> Locations:
    """Cut the locations that policies name by the ids ``wanted``. ``named`` is ``None`` if they could not be read."""
    listed = {
        location["id"].lower(): location
        for location in named or ()
        if isinstance(location, Mapping) and isinstance(location.get("id"), str)
    }
    trusted = {key for key, location in listed.items() if location.get("isTrusted") is True}
    needed = sorted((set(wanted) - {ALL_TRUSTED}) | (trusted if ALL_TRUSTED in wanted else set()))
    ranges, countries, oddities = _read(listed, needed)
    cells = _cells(ranges, set(wanted), trusted)
    regions = {method: _country_cells(found) for method, found in sorted(countries.items())}
    unresolved = [key for key in needed if key not in ranges and not any(key in found for found in countries.values())]
    parts = {key: _parts(key, ranges, cells, regions, unresolved) for key in needed}
    if ALL_TRUSTED in wanted:
        address = Part("address", "", frozenset(cell.atom for cell in cells if cell.is_trusted))
        others = [part for key in sorted(trusted) for part in parts[key] if part.kind != "address"]
        if named is None:
            unresolved.append(ALL_TRUSTED)
            others.append(Part("location", ALL_TRUSTED, frozenset({"yes"})))
        parts[ALL_TRUSTED] = (address, *others)
    return Locations(
        cells=cells,
        countries={method: tuple(sorted(found)) for method, found in regions.items()},
        unresolved=tuple(unresolved),
        parts=parts,
        names={key: name for key, each in listed.items() if isinstance(name := each.get("displayName"), str)},
        oddities=oddities,
    )


def _read(
    listed: Mapping[str, Mapping[str, Any]], needed: Iterable[str]
) -> tuple[dict[str, _Networks], dict[str, dict[str, frozenset[str]]], tuple[tuple[str, str], ...]]:
    """Return ranges by location id, countries by lookup method and location id, and what is odd by location id."""
    ranges: dict[str, _Networks] = {}
    countries: dict[str, dict[str, frozenset[str]]] = {}
    oddities = []
    for key in needed:
        try:
            if (found := _ranges(listed.get(key))) is not None:
                ranges[key] = found
            elif (region := _region(listed.get(key))) is not None:
                countries.setdefault(region[0], {})[key] = region[1]
        except ShapeError as error:
            oddities.append((key, f"{error} Which sign-ins come from there is unknown."))
    return ranges, countries, tuple(oddities)


def _parts(
    key: str,
    ranges: Mapping[str, object],
    cells: tuple[Cell, ...],
    regions: Mapping[str, Mapping[str, frozenset[str]]],
    unresolved: Collection[str],
) -> tuple[Part, ...]:
    if key in ranges:
        return (Part("address", "", frozenset(cell.atom for cell in cells if key in cell.location_ids)),)
    if key in unresolved:
        return (Part("location", key, frozenset({"yes"})),)
    return tuple(
        Part("country", method, atoms)
        for method, found in regions.items()
        if (atoms := frozenset(atom for atom, owners in found.items() if key in owners))
    )


def _ranges(location: Mapping[str, Any] | None) -> _Networks | None:
    """Return the address ranges of a location, ``None`` if it is no list of ranges. Raises ``ShapeError``."""
    if location is None or location.get("ipRanges") is None:
        return None
    found = []
    if not isinstance(location["ipRanges"], (list, tuple)):
        raise ShapeError("ipRanges is not a list.")
    for each in location["ipRanges"]:
        text = each.get("cidrAddress") if isinstance(each, Mapping) else None
        try:
            # Graph accepts host bits, as in 10.0.0.1/24: the range is the network around it.
            found.append(ipaddress.ip_network(text if isinstance(text, str) else "", strict=False))
        except ValueError:
            raise ShapeError(f"{text!r} is no address range.") from None
    return found


def _region(location: Mapping[str, Any] | None) -> tuple[str, frozenset[str]] | None:
    """Return the lookup method and the countries of a location, or ``None``. Raises ``ShapeError``."""
    if location is None or location.get("countriesAndRegions") is None:
        return None
    codes = {code.upper() for code in shape.texts(location["countriesAndRegions"], "countriesAndRegions")}
    if odd := sorted(code for code in codes if not _COUNTRY.fullmatch(code)):
        raise ShapeError(f"{odd[0]!r} is no country code.")
    if location.get("includeUnknownCountriesAndRegions") is True:
        codes.add(UNKNOWN_COUNTRY)
    # Where the phone is and where the address is are two facts: each method has countries of its own.
    return shape.text(location.get("countryLookupMethod"), "countryLookupMethod") or "clientIpAddress", frozenset(codes)


def _cells(ranges: Mapping[str, _Networks], wanted: set[str], trusted: set[str]) -> tuple[Cell, ...]:
    owners = [key for key in sorted(ranges) if key in wanted]
    bits = {key: 1 << at for at, key in enumerate(owners)}
    is_trusting = ALL_TRUSTED in wanted
    trust = 1 << len(owners)
    everything = (
        _Range(network.version, int(network.network_address), int(network.broadcast_address), bit)
        for key, networks in ranges.items()
        for bit in ([bits[key]] if key in bits else []) + ([trust] if is_trusting and key in trusted else [])
        for network in networks
    )
    cells = []
    for signature, (example, is_v4) in _sweep(everything).items():
        inside = frozenset(key for key in owners if signature & bits[key])
        is_trusted = bool(signature & trust)
        words = [*(quote(key, safe="") for key in sorted(inside)), *([TRUSTED] if is_trusted else [])]
        cells.append(Cell("+".join(words) or ELSEWHERE, inside, is_trusted, example))
        if is_trusting and is_v4 and not is_trusted:  # the legacy settings know IPv4 only
            cells.append(Cell("+".join([*words, MFA_TRUSTED_IPS]), inside, True, example))
    return tuple(sorted(cells, key=lambda cell: (cell.atom != ELSEWHERE, cell.atom)))


def _sweep(ranges: Iterable[_Range]) -> dict[int, tuple[str, bool]]:
    """Return the sets of owners that some address lies in, as bits, with an example and whether one is IPv4."""
    found: dict[int, tuple[str, bool]] = {}
    events: dict[int, list[tuple[int, int, int]]] = {4: [], 6: []}
    for version, first, last, owner in ranges:
        events[version] += [(first, owner, 1), (last + 1, owner, -1)]
    for version, bits in ((4, 32), (6, 128)):
        for first, last, signature in _pieces(sorted(events[version]), 1 << bits):
            if version == 4 and first <= _SAMPLE <= last:
                found[signature] = (str(ipaddress.ip_address(_SAMPLE)), True)
            elif signature not in found:
                # The second address of a network is a host; the first one names the network.
                address = min(first + 1, last)
                kind = ipaddress.IPv4Address if version == 4 else ipaddress.IPv6Address
                found[signature] = (str(kind(address)), version == 4)
    return found


def _pieces(events: Sequence[tuple[int, int, int]], end: int) -> Iterator[tuple[int, int, int]]:
    """Yield first and last address and the owners of each piece of an address space of ``end`` addresses."""
    counts: dict[int, int] = {}
    signature = start = 0
    for position, group in groupby(events, key=lambda event: event[0]):
        if position > start:
            yield start, position - 1, signature
            start = position
        for _, owner, change in group:
            counts[owner] = counts.get(owner, 0) + change
            signature = signature | owner if counts[owner] else signature & ~owner
    if start < end:
        yield start, end - 1, signature


def _country_cells(owned: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """Return the cells of countries, by the text of their codes, with the locations each lies in."""
    owners: dict[frozenset[str], list[str]] = {}
    for code in sorted({code for codes in owned.values() for code in codes} - {UNKNOWN_COUNTRY}):
        owners.setdefault(frozenset(key for key, codes in owned.items() if code in codes), []).append(code)
    cells = {"+".join(codes): inside for inside, codes in owners.items()}
    cells[OTHER_COUNTRY] = frozenset()
    cells[UNKNOWN_COUNTRY] = frozenset(key for key, codes in owned.items() if UNKNOWN_COUNTRY in codes)
    return cells
