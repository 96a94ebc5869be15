"""The demo fleet, scanned, judged and published once, and its hard cases explained."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checks.explain.dossier import dossiers
from checks.explain.explain import explain
from checks.explain.explanation import Explanation
from collectors.config import Config
from sandbox.demo.cases import all_cases
from tests.judge.fleets import demo
from warehouse.engine import reader
from warehouse.publish import publish

CASES = [case.name for case in all_cases() if case.is_listed and case.kind != "principal"]


@pytest.fixture(scope="session")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Config]:
    with demo(tmp_path_factory.mktemp("explain")) as config:
        publish(config)
        yield config


@pytest.fixture(scope="session")
def cases(fleet: Config) -> dict[str, dict[str, Any]]:
    written = json.loads(Path(fleet.folder, "demo", "cases.json").read_text("utf-8"))
    return {case["case"]: case for case in written}


@pytest.fixture(scope="session")
def explained(fleet: Config, cases: dict[str, dict[str, Any]]) -> dict[str, Explanation]:
    """Return the explanation of every hard case by its name."""
    accounts = {name: (cases[name]["tenant_id"], cases[name]["account_id"]) for name in CASES}
    with reader(fleet.published) as con:
        known = dossiers(con, fleet, accounts.values())
    return {name: explain(known[account]) for name, account in accounts.items()}
