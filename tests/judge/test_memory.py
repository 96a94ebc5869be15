"""Judging in little memory: it takes more where it must, and does nothing twice for another reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from checks.judge import judge
from tests.checks.tenants import tenant
from tests.checks.world import World, guid
from warehouse.engine import Error, lacks_memory, scratch

A = guid(1)


def test_what_lacks_memory_is_told_from_what_is_wrong() -> None:
    with scratch() as con:
        con.execute("set memory_limit = '20MB'; set temp_directory = ''")
        with pytest.raises(Error) as too_much:
            con.execute("select list(i) from range(100000000) as rows (i)").fetchall()
        with pytest.raises(Error) as wrong:
            con.execute("select no_such_column")
    assert lacks_memory(too_much.value)
    assert not lacks_memory(wrong.value)


def test_what_is_wrong_is_not_judged_again(tmp_path: Path) -> None:
    world = World(tmp_path, tenant(A))
    world.execute("drop view account_facts")
    with capture_logs() as logs, pytest.raises(Error, match="account_facts"):
        judge(world.config)
    assert logs == []
