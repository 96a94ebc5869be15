"""A file is made ready once for a program and its declarations, and again when something of either is another."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.warehouse.scans import MICROSOFT
from warehouse import preparation
from warehouse.catalog import shape
from warehouse.engine import Connection, writer
from warehouse.migrate import prepare


def test_a_file_that_was_made_ready_is_not_made_ready_again(prepared: Path, tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    path.write_bytes(prepared.read_bytes())
    with writer(path) as con:
        assert preparation.is_ready(con, MICROSOFT)


@pytest.mark.parametrize(
    "change",
    [
        "drop view findings",
        "drop table sign_ins",
        "alter table users drop column display_name",
        "comment on column users.display_name is 'x'",
        "create view more as select 1 as one",
        "delete from preparation",
    ],
)
def test_what_is_missing_or_strange_is_put_right(con: Connection, change: str) -> None:
    before = shape(con)
    con.execute(change)
    assert not preparation.is_ready(con, MICROSOFT)
    prepare(con, MICROSOFT)
    assert shape(con) == before
    assert preparation.is_ready(con, MICROSOFT)


def test_another_program_makes_it_ready_again(con: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparation, "_code", lambda: "another")
    assert not preparation.is_ready(con, MICROSOFT)
