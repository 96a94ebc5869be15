"""One fleet for all tests of this folder, and one way to read it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sandbox.demo import Fleet, write_fleet

AS_OF = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


class Reader:
    """Reads the files of a written fleet by tenant key and path, as the sandbox would serve them."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self.root = fleet.root
        self.tenants = {one.tenant.key: one.tenant for one in fleet.tenants}
        self.cases = {case["case"]: case for case in fleet.cases}
        self._read: dict[Path, Any] = {}

    def path(self, key: str, path: str) -> Path:
        return self.root / self.tenants[key].id / f"{path}.json"

    def body(self, key: str, path: str) -> Any:
        place = self.path(key, path)
        if place not in self._read:
            self._read[place] = json.loads(place.read_text("utf-8"))
        return self._read[place]

    def rows(self, key: str, path: str) -> list[dict[str, Any]]:
        """Return the items of a list; none where there is no such file, as the sandbox answers."""
        if not self.path(key, path).exists():
            return []
        rows: list[dict[str, Any]] = self.body(key, path)["value"]
        return rows

    def members(self, key: str, group_id: str) -> set[str]:
        return {row["id"] for row in self.rows(key, f"v1.0/groups/{group_id}/transitiveMembers")}


@pytest.fixture(scope="session")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    return write_fleet(tmp_path_factory.mktemp("demo") / "fleet", as_of=AS_OF)


@pytest.fixture(scope="session")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    """The same fleet, written once more elsewhere."""
    return write_fleet(tmp_path_factory.mktemp("demo") / "twin", as_of=AS_OF)


@pytest.fixture(scope="session")
def reader(fleet: Fleet) -> Reader:
    return Reader(fleet)
