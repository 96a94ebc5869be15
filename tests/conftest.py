"""Set up before anything imports Airflow: a home of its own, and quiet, repeatable properties."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

from embedded.settings import Embedded

SHARED = Path(__file__).parent.parent.parent / "shared"

_home = Path(tempfile.mkdtemp(prefix="rollcall-airflow-"))
atexit.register(shutil.rmtree, _home, ignore_errors=True)
os.environ |= Embedded(_home, _home / "rollcall.toml").environment()

# A deadline would time our machine, not our code.
settings.register_profile("rollcall", deadline=None, max_examples=50)
settings.load_profile("rollcall")


@pytest.fixture(scope="session")
def golden() -> Path:
    """Return the folder of published data, or skip: it is not part of the product."""
    folder = SHARED / "golden"
    if not folder.is_dir():
        pytest.skip("../shared/golden is absent")
    return folder
