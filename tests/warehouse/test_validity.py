"""A history against a model that keeps the whole state of every scan."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.catalogue import Catalogue
from collectors.errors import ConfigError
from warehouse.engine import Connection, transaction
from warehouse.results import Scorecard, record_scorecards
from warehouse.retention import Retention, drop_expired
from warehouse.validity import SCORECARDS, as_of, record

START = datetime(2026, 3, 1, 2)
COUNTS = dict.fromkeys(("in_scope", "compliant", "at_risk", "non_compliant", "indeterminate"), 1)
State = dict[str, float | None]

states = st.dictionaries(st.sampled_from("abc"), st.sampled_from([None, 0.0, 99.5]))


def add_scan(con: Connection, night: int) -> str:
    scan_id = str(uuid.uuid4())
    con.execute("insert into scans values (?, ?, [])", [scan_id, START + timedelta(days=night)])
    return scan_id


def write(con: Connection, scan_id: str, state: State) -> None:
    cards = [Scorecard(tenant_id=name, score=score, coverage=1, **COUNTS) for name, score in state.items()]
    assert record_scorecards(con, scan_id, cards) == len(cards)


def told(con: Connection, night: int) -> dict[str, Any]:
    query = f"select tenant_id, score from ({as_of(SCORECARDS)})"
    rows = con.execute(query, {"at": START + timedelta(days=night)}).fetchall()
    assert len({name for name, _ in rows}) == len(rows)
    return dict(rows)


@settings(max_examples=40)
@given(nights=st.lists(st.tuples(st.lists(states, max_size=2), states), min_size=1, max_size=5))
def test_the_state_as_of_each_scan_is_the_last_that_was_recorded_of_it(
    shared: Connection, nights: list[tuple[list[State], State]]
) -> None:
    """However often a scan is recorded, and whatever was found the times before; with no row more than changes."""
    for table in ("scorecard_history", "recordings"):
        shared.execute(f"delete from {table}")
    for night, (before, state) in enumerate(nights):
        scan_id = add_scan(shared, night)
        for each in (*before, state):
            write(shared, scan_id, each)
    final = [state for _, state in nights]
    assert [told(shared, night) for night in range(len(nights))] == final
    changes = sum(
        name in state and (name not in earlier or state[name] != earlier[name])
        for earlier, state in zip(({}, *final), final, strict=False)
        for name in "abc"
    )
    assert shared.execute("select count(*) from scorecard_history").fetchone() == (changes,)


def test_a_scan_of_which_nothing_was_recorded_has_no_state(con: Connection) -> None:
    scans = [add_scan(con, night) for night in range(3)]
    for night in (0, 2):
        write(con, scans[night], {"a": 1.0})
    assert [told(con, night) for night in range(3)] == [{"a": 1.0}, {}, {"a": 1.0}]


def test_a_key_that_is_gone_and_comes_back_has_two_rows(con: Connection) -> None:
    """As a tenant does that nobody judges any more, or a rule that is left out of the catalogue."""
    for night, state in enumerate([{"a": 1.0, "b": 1.0}, {"b": 1.0}, {"a": 1.0, "b": 1.0}]):
        write(con, add_scan(con, night), {**state})
    query = "select tenant_id, day(valid_from), day(valid_until) from scorecard_history order by all"
    assert con.execute(query).fetchall() == [("a", 1, 2), ("a", 3, None), ("b", 1, None)]


def test_two_scans_of_one_time_are_one(con: Connection) -> None:
    """Their states cannot be told apart: the one recorded last stands."""
    for scan_id, state in ((add_scan(con, 0), {"a": 1.0}), (add_scan(con, 0), {"a": 2.0})):
        write(con, scan_id, {**state})
    assert told(con, 0) == {"a": 2.0}
    assert con.execute("select scan_id from recordings").fetchall() == [(scan_id,)]


def test_what_fails_leaves_the_history_as_it_was(con: Connection) -> None:
    first, second = (add_scan(con, night) for night in range(2))
    write(con, first, {"a": 1.0})
    before = con.execute("from scorecard_history").fetchall()
    with pytest.raises(Exception, match="nowhere"), transaction(con):
        record(con, SCORECARDS, second, "from nowhere")
    with pytest.raises(ConfigError, match="holds no scan 'x'"), transaction(con):
        record(con, SCORECARDS, "x", "from scorecards")
    assert con.execute("from scorecard_history").fetchall() == before


def test_what_is_over_for_too_long_goes_and_the_rest_is_still_told(con: Connection) -> None:
    nights: list[State] = [{"a": 1.0, "b": 1.0}, {"a": 2.0, "b": 1.0}, {"a": 3.0, "b": 1.0}]
    for night, state in enumerate(nights):
        write(con, add_scan(con, 10 * night), state)
    at = (START + timedelta(days=21)).replace(tzinfo=UTC)
    drop_expired(con, Catalogue(()), Retention(history=15), at)
    assert [told(con, night) for night in (0, 10, 20)] == [{}, {"a": 2.0, "b": 1.0}, {"a": 3.0, "b": 1.0}]
    drop_expired(con, Catalogue(()), Retention(history=1), at + timedelta(days=100))
    # What is so stays, however old, and the next scan goes on from it.
    assert told(con, 20) == {"a": 3.0, "b": 1.0}
    write(con, add_scan(con, 121), {"a": 4.0, "b": 1.0})
    spans = con.execute("select score, valid_until is null from scorecard_history order by all").fetchall()
    assert spans == [(1.0, True), (3.0, False), (4.0, True)]
