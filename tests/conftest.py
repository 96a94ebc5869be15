"""Set up before anything imports Airflow: a home of its own, and quiet, repeatable properties."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

from embedded.settings import Embedded

SHARED = Path(__file__).parent.parent.parent / "shared"

_home = Path(tempfile.mkdtemp(prefix="rollcall-airflow-"))
atexit.register(shutil.rmtree, _home, ignore_errors=True)
os.environ |= Embedded(_home, _home / "rollcall.toml").environment()

# A deadline would time our machine, not our code.
settings.register_profile("rollcall", deadline=None, max_examples=50)
settings.load_profile("rollcall")


# Folders whose tests share what takes long to make: one worker makes it. Of the others each file is by itself.
TOGETHER = frozenset({"changes", "explain", "notify", "plugins"})


class ByFile(LoadFileScheduling):  # type: ignore[misc]  # it comes untyped
    """Give a worker a file at a time, or a folder of those."""

    def _split_scope(self, nodeid: str) -> str:
        path = PurePosixPath(nodeid.partition("::")[0])
        return str(path.parent if path.parent.name in TOGETHER else path)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    return ByFile(config, log)


@pytest.fixture(scope="session")
def golden() -> Path:
    """Return the folder of published data, or skip: it is not part of the product."""
    folder = SHARED / "golden"
    if not folder.is_dir():
        pytest.skip("../shared/golden is absent")
    return folder
