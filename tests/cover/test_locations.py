"""Places: address arithmetic, countries, what is trusted, and what the list of locations does not tell."""

from __future__ import annotations

import ipaddress
import time
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.cover import Missing, build
from checks.cover.locations import cut
from tests.cover.make import BLOCK, MEMBER, cover, policy

A, B, C = (f"a0000000-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))


def ranges(location_id: str, *networks: str, trusted: bool = False) -> dict[str, Any]:
    return {
        "@odata.type": "#microsoft.graph.ipNamedLocation",
        "id": location_id,
        "displayName": f"Place {location_id[-1]}",
        "isTrusted": trusted,
        "ipRanges": [{"cidrAddress": each} for each in networks],
    }


def region(location_id: str, *codes: str, unknown: bool = False, method: str = "clientIpAddress") -> dict[str, Any]:
    return {
        "@odata.type": "#microsoft.graph.countryNamedLocation",
        "id": location_id,
        "displayName": f"Region {location_id[-1]}",
        "countriesAndRegions": list(codes),
        "includeUnknownCountriesAndRegions": unknown,
        "countryLookupMethod": method,
    }


def at(*include: str, but: tuple[str, ...] = ()) -> dict[str, list[str]]:
    return {"includeLocations": list(include), "excludeLocations": list(but)}


def state(locations: list[dict[str, Any]] | None, *places: dict[str, list[str]]) -> str:
    """Return the state under policies that demand MFA at these places."""
    return cover(*(policy(f"p{n}", locations=each) for n, each in enumerate(places)), locations=locations).state


def test_ranges_that_overlap_are_cut_at_their_bounds() -> None:
    known = [ranges(A, "10.0.0.0/8"), ranges(B, "10.1.0.0/16"), ranges(C, "10.1.128.0/17", "10.1.0.0/17")]
    assert state(known, at("All", but=(A,)), at(A, but=(B,)), at(B)) == "covered"
    assert state(known, at("All", but=(A,)), at(A, but=(B,)), at(C)) == "covered"  # C is B, in two halves
    assert state(known, at("All", but=(B,)), at(A, but=(C,))) == "partial"
    # Where both lie, the exclusion of one leaves what the other does not hold.
    assert state(known, at("All", but=(A,)), at(B)) == "partial"


def test_the_whole_internet_in_halves_leaves_nothing_elsewhere() -> None:
    halves = [ranges(A, "0.0.0.0/1", "::/1"), ranges(B, "128.0.0.0/1", "8000::/1")]
    assert state(halves, at(A), at(B)) == "covered"
    assert state(halves, at(A, B)) == "covered"
    assert state([halves[0], ranges(B, "128.0.0.0/1", "8000::/2")], at(A, B)) == "partial"
    assert state([halves[0], ranges(B, "128.0.0.0/1")], at(A, B)) == "partial"  # half of IPv6 is left


def test_ipv6_is_not_ipv4() -> None:
    both = [ranges(A, "0.0.0.0/0"), ranges(B, "::/0")]
    assert [state(both, at(A)), state(both, at(A), at(B))] == ["partial", "covered"]
    found = cover(policy(locations=at(A)), locations=both)
    assert dict(found.witness or ())["example_address"] == "::1"


def test_a_range_with_host_bits_is_its_network() -> None:
    assert state([ranges(A, "10.1.2.3/8"), ranges(B, "10.0.0.0/8")], at("All", but=(A,)), at(B)) == "covered"


def test_an_untrusted_range_may_hold_legacy_trusted_addresses() -> None:
    """Outside all trusted and inside all trusted but the office: the office may be trusted by the legacy settings."""
    office = [ranges(A, "198.51.100.0/24")]
    assert state(office, at("All", but=("AllTrusted",)), at("AllTrusted")) == "covered"
    assert state(office, at("All", but=("AllTrusted",)), at("AllTrusted", but=(A,))) == "partial"
    # The legacy settings take IPv4 addresses only.
    assert state([ranges(A, "::/0")], at("All", but=("AllTrusted",)), at("AllTrusted", but=(A,))) == "covered"


def test_trusted_locations_that_no_policy_names_count_as_trusted() -> None:
    known = [ranges(A, "10.0.0.0/8", trusted=True), ranges(B, "11.0.0.0/8", trusted=True)]
    found = cover(policy(locations=at("All", but=("AllTrusted",))), locations=known)
    assert found.sentence == "A sign-in from any platform, at a trusted location, to any app needs no MFA"
    assert state(known, at("All", but=(A, B)), at("AllTrusted")) == "covered"
    assert state(known, at("All", but=("AllTrusted",)), at(A, B)) == "partial"  # the legacy addresses are open


def test_a_country_can_be_any_address() -> None:
    known = [ranges(A, "10.0.0.0/8"), region(B, "NL", "BE")]
    assert state(known, at("All", but=(A, B)), at(A), at(B)) == "covered"
    assert state(known, at("All", but=(A,)), at(B)) == "partial"
    assert state(known, at(A, B)) == "partial"


def test_countries_that_overlap_and_the_unknown_country() -> None:
    known = [region(A, "NL", "BE"), region(B, "be"), region(C, "NL", unknown=True)]
    assert state(known, at("All", but=(A,)), at(B), at(C)) == "covered"
    assert state(known, at("All", but=(A, C)), at(B, C)) == "covered"
    assert state(known, at("All", but=(C,)), at(A)) == "partial"
    found = cover(policy(locations=at("All", but=(A, C))), locations=known)
    assert found.sentence == ("A sign-in from any platform, in BE, NL or an unknown country, to any app needs no MFA")


def test_where_the_phone_is_and_where_the_address_is_are_two_things() -> None:
    """Abroad by address and at home by GPS is a sign-in of its own: neither policy meets it."""
    known = [region(A, "NL"), region(B, "NL", method="authenticatorAppGps")]
    assert state(known, at("All", but=(A,)), at(A)) == "covered"
    assert state(known, at("All", but=(A,)), at(B)) == "partial"


def test_a_location_that_is_not_in_the_list_is_a_yes_or_no_of_its_own() -> None:
    assert state([], at("All", but=(A,)), at(A)) == "covered"
    assert state([], at("All", but=(A,))) == "partial"
    assert state([ranges(B, "0.0.0.0/0", "::/0")], at("All", but=(A,)), at(B)) == "covered"
    found = cover(policy(locations=at("All", but=(A,))), locations=[])
    assert dict(found.boxes[0].narrowed) == {f"location:{A}": ("yes",)}


def test_a_compliant_network_is_trusted_without_addresses() -> None:
    network = {
        "@odata.type": "#microsoft.graph.compliantNetworkNamedLocation",
        "id": A,
        "displayName": "All Compliant Network locations",
        "isTrusted": True,
    }
    assert state([network], at("All", but=(A,)), at("AllTrusted")) == "covered"
    assert state([network], at("All", but=("AllTrusted",)), at(A)) == "partial"
    found = cover(policy(locations=at(A)), locations=[network])
    assert found.sentence == (
        'A sign-in from any platform, away from "All Compliant Network locations", to any app needs no MFA'
    )


def test_locations_that_could_not_be_read_are_unknown_where_they_matter() -> None:
    found = cover(policy(locations=at("All", but=(A,))), locations=None)
    assert (found.state, found.missing) == ("unknown", (Missing("named_locations"),))
    assert state(None, at("All", but=(A,)), at(A)) == "covered"
    assert state(None, at("All")) == "covered"
    # Some address of the legacy settings is trusted whatever the list says.
    assert state(None, at("All", but=("AllTrusted",))) == "partial"


@pytest.mark.parametrize(
    "bad",
    [
        {"ipRanges": [{"cidrAddress": "10.0.0.0/33"}]},
        {"ipRanges": [{"cidrAddress": None}]},
        {"ipRanges": ["10.0.0.0/8"]},
        {"ipRanges": "10.0.0.0/8"},
        {"ipRanges": [{"cidrAddress": 167772160}]},
        {"countriesAndRegions": "NL"},
        {"countriesAndRegions": ["NL", 7]},
        {"countriesAndRegions": ["Netherlands"]},
    ],
)
def test_a_location_that_cannot_be_read_as_places_is_told_and_known_by_its_id_only(bad: dict[str, Any]) -> None:
    model = build([policy(locations=at("All", but=(A,))), policy("p2", locations=at(A))], [{"id": A, **bad}])
    assert model.cover(MEMBER).state == "covered"
    [(where, words)] = model.location_notices
    assert where == A
    assert "unknown" in words
    assert cover(policy(locations=at("All", but=(A,))), locations=[{"id": A, **bad}]).state == "partial"


def test_an_empty_location_holds_nobody() -> None:
    assert state([ranges(A)], at("All", but=(A,))) == "covered"
    assert state([ranges(A)], at(A)) == "none"
    assert state([region(B)], at("All", but=(B,))) == "covered"


def test_location_ids_cannot_pass_for_the_names_of_cells() -> None:
    odd = ["(trusted)", "(elsewhere)", "a+b", "a", "b", "(mfa trusted ips)"]
    known = [ranges(each, f"10.{n}.0.0/16", "10.9.0.0/16") for n, each in enumerate(odd)]
    cells = cut(known, {*odd, "alltrusted"}).cells
    assert len({cell.atom for cell in cells}) == len(cells) == 2 * (len(odd) + 2)
    for each in odd:
        assert state(known, at("All", but=(each,)), at(each)) == "covered"
        assert state(known, at("All", but=(each,)), at(*(set(odd) - {each}))) == "partial"


networks = st.builds(
    lambda version, number, length: ipaddress.ip_network(
        (number >> (128 - (32 if version == 4 else 128)), min(length, 32 if version == 4 else 128)), strict=False
    ),
    st.sampled_from([4, 6]),
    st.integers(0, 2**128 - 1),
    st.integers(0, 128),
)


@given(st.lists(st.tuples(st.sampled_from([A, B, C]), networks), max_size=12), st.lists(networks, max_size=4))
def test_every_address_lies_in_the_one_cell_of_its_locations(owned: list[tuple[str, Any]], others: list[Any]) -> None:
    known = [ranges(each, *(str(network) for owner, network in owned if owner == each)) for each in (A, B, C)]
    cells = {cell.location_ids: cell for cell in cut(known, {A, B, C}).cells}
    probes = {int(n.network_address) + step for _, n in owned for step in (-1, 0)} | {
        int(n.broadcast_address) + step for _, n in owned for step in (0, 1)
    }
    for version, kind in ((4, ipaddress.IPv4Address), (6, ipaddress.IPv6Address)):
        for probe in [*probes, *(int(n.network_address) for n in others)]:
            if 0 <= probe < 1 << (32 if version == 4 else 128):
                address = kind(probe)
                inside = frozenset(owner for owner, n in owned if n.version == version and address in n)
                assert inside in cells
    for location_ids, cell in cells.items():
        example = ipaddress.ip_address(cell.example)
        assert {owner for owner, n in owned if n.version == example.version and example in n} == location_ids


def test_thousands_of_ranges_stay_fast() -> None:
    """Two locations with 2,000 ranges each, which Entra allows, that overlap in half of them."""
    random = Random(7)
    some = [f"{random.randrange(1, 224)}.{random.randrange(256)}.{random.randrange(256)}.0/24" for _ in range(3_000)]
    more = [f"2001:db8:{random.randrange(65536):x}::/48" for _ in range(500)]
    known = [ranges(A, *some[:1_750], *more[:250]), ranges(B, *some[1_000:2_750], *more[100:350], trusted=True)]
    started = time.perf_counter()
    model = build(
        [
            policy(locations=at("All", but=(A, B))),
            policy("p2", locations=at(A, but=(B,)), grant=BLOCK),
            policy("p3", locations=at("AllTrusted")),
        ],
        known,
    )
    assert model.cover(MEMBER).state == "covered"
    assert time.perf_counter() - started < 5  # about 0.1 s where nothing else runs
    assert len(model.space.locations.cells) == 6
