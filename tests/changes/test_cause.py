"""Laws of putting back and of looking for what did it."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from checks.changes.cause import find
from checks.changes.things import FIELDS, Context, Thing, inputs, put_back

_MAYBE = st.sampled_from([None, False, True])
_LISTS = st.lists(st.sampled_from("abc"), unique=True).map(sorted)
_SETS = {"groups", "active_roles", "eligible_roles", "scoped_roles", "methods"}
_FACTS = st.fixed_dictionaries(
    {field: _LISTS if field in _SETS else _MAYBE for field in FIELDS} | {"domain": st.sampled_from(["x", "y"])}
)
_SOURCES = ("users", "group_members", "role_assignments", "sign_ins", "authentication_methods", "domains")
_CONTEXTS = st.builds(
    Context,
    sources=st.frozensets(st.sampled_from(_SOURCES)),
    edited=st.frozensets(st.sampled_from([Thing("cross_tenant_access"), Thing("authentication_methods_policy")])),
    home=st.sampled_from([None, "home"]),
)
_THINGS = st.frozensets(st.builds(Thing, st.just("policy"), st.sampled_from("abcdef")), max_size=6)


@given(then=_FACTS, now=_FACTS, context=_CONTEXTS)
def test_everything_put_back_is_what_was_and_nothing_put_back_is_what_is(
    then: dict[str, Any], now: dict[str, Any], context: Context
) -> None:
    origins = inputs(then, now, context)
    assert set(origins) == {field for field in FIELDS if then[field] != now[field]} | (
        {"account_class", "class_source"} & set(origins)
    )
    assert all(origins.values())
    everything = frozenset[Thing]().union(*origins.values())

    def told(facts: Any) -> dict[str, Any]:
        return {field: sorted(facts[field]) if field == "groups" else facts[field] for field in FIELDS}

    assert told(put_back(then, now, origins, everything)) == told(then)
    assert told(put_back(then, now, origins, frozenset())) == told(now)


@given(things=_THINGS, needed=st.lists(_THINGS.filter(bool), max_size=3))
def test_what_did_it_gives_back_what_was_and_no_part_of_it_does(
    things: frozenset[Thing], needed: list[frozenset[Thing]]
) -> None:
    def gives_back(undone: frozenset[Thing]) -> bool:
        return any(each <= undone for each in needed)

    cause = find(things, gives_back)
    found = frozenset(cause.things)
    assert found <= things
    if cause.how == "unknown":
        assert not found
        assert not gives_back(things)
    elif cause.how == "together":
        assert gives_back(found)
        assert not any(gives_back(found - {each}) for each in found)
    else:
        assert all(gives_back(frozenset({each})) for each in found)
        assert (cause.how == "alone") == (len(found) == 1)
        assert not any(gives_back(frozenset({each})) for each in things - found)
