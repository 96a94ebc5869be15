from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.warehouse.scans import MICROSOFT, SMALL
from warehouse.datasets import prepare_tables
from warehouse.engine import Connection, scratch, transaction, writer
from warehouse.migrate import migrate, prepare


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a warehouse that holds the tables and views of the built-in collectors, and no row. Copy it."""
    path = tmp_path_factory.mktemp("prepared") / "rollcall.duckdb"
    with writer(path) as con:
        prepare(con, MICROSOFT)
    return path


@pytest.fixture
def con(prepared: Path, tmp_path: Path) -> Iterator[Connection]:
    """Open a warehouse of its own for a test, at ``tmp_path / "rollcall.duckdb"``."""
    path = tmp_path / "rollcall.duckdb"
    shutil.copy(prepared, path)
    with writer(path) as con:
        yield con


@pytest.fixture
def small() -> Iterator[Connection]:
    """Open a warehouse of the collectors of these tests."""
    with scratch() as con:
        prepare_small(con)
        yield con


@pytest.fixture(scope="session")
def shared() -> Iterator[Connection]:
    """Open a warehouse that all examples of all properties share, each with a tenant of its own."""
    with scratch() as con:
        prepare_small(con)
        yield con


def prepare_small(con: Connection) -> None:
    migrate(con)
    with transaction(con):
        prepare_tables(con, SMALL)
