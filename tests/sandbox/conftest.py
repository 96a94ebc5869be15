from pathlib import Path

import pytest

from tests.sandbox.cloud import Cloud


@pytest.fixture
def cloud(tmp_path: Path) -> Cloud:
    data = tmp_path / "data"
    data.mkdir()
    return Cloud(data)
