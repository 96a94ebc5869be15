"""One published fleet for all tests that only read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from collectors.config import Config
from tests.scorecards.fleet import publish_fleet


@pytest.fixture(scope="session")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Config:
    return publish_fleet(tmp_path_factory.mktemp("fleet"))


@pytest.fixture
def own_fleet(tmp_path: Path) -> Config:
    """A fleet that a test may change."""
    return publish_fleet(tmp_path)
