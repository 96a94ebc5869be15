"""A full disk and a read-only folder end with a clear error, and everything is as it was."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.warehouse.killed import config_of, land, published, reported, steps

# Runs the second night's steps. A file that may not grow stands for a full disk where none can be made.
RUN = """
import resource, signal, sys
from pathlib import Path
from checks.scan import judge_scan, load_scan, publish_scan
from collectors.errors import ConfigError
from tests.warehouse.killed import config_of
config, limit = config_of(Path(sys.argv[1])), int(sys.argv[3])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
for step in (lambda: load_scan(config, sys.argv[2]), lambda: judge_scan(config), lambda: publish_scan(config)):
    try:
        step()
    except ConfigError as error:
        print(f"{type(error).__name__}: {error}")
        sys.exit(3)
"""


def run(folder: Path, scan_id: str, limit: int = 0) -> str:
    """Run the steps in a process of their own; return what the one said that failed, nothing if none did."""
    ran = subprocess.run(
        [sys.executable, "-c", RUN, str(folder), scan_id, str(limit)], capture_output=True, text=True, check=False
    )
    assert ran.returncode in {0, 3}, ran.stderr
    return ran.stdout if ran.returncode else ""


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Make the state after a first night, and what a second one landed."""
    folder = tmp_path_factory.mktemp("disk") / "first"
    steps(config_of(folder), land(folder, 0))
    return folder, land(folder, 1)


@contextmanager
def small_disk(place: Path, size: int) -> Iterator[None]:
    """Mount a disk of so many bytes, or skip where that is not allowed."""
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.decode().strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", str(place)], check=True)


def size_of(folder: Path) -> int:
    return sum(-(-path.stat().st_size // 4096) * 4096 for path in folder.rglob("*") if path.is_file())


def test_a_full_disk_leaves_the_old_state(first: tuple[Path, str], tmp_path: Path) -> None:
    """Each time with a little more room, until there is enough: wherever it fails, it says so and nothing is torn."""
    source, scan_id = first
    held = size_of(source) + 256 * 1024
    before = (published(config_of(source)), reported(config_of(source)))
    failed = 0
    for more in range(0, 40 << 20, 2 << 20):
        place = tmp_path / f"disk-{more}"
        with small_disk(place, held + more):
            shutil.copytree(source, place / "now", symlinks=True)
            config = config_of(place / "now")
            said = run(place / "now", scan_id)
            now = (published(config), reported(config))
            if not said:
                assert now[0] != before[0]
                break
            failed += 1
            assert "could not be written" in said
            assert "No space left" in said
            assert "What was there before is unchanged" in said
            assert now[1] == before[1]
    else:
        pytest.fail("it never had enough")
    assert failed


def test_a_file_that_may_not_grow_leaves_the_old_state(first: tuple[Path, str], tmp_path: Path) -> None:
    source, scan_id = first
    shutil.copytree(source, tmp_path / "now", symlinks=True)
    config = config_of(tmp_path / "now")
    before = (published(config), reported(config))
    said = run(tmp_path / "now", scan_id, limit=300_000)
    assert "could not be written" in said
    assert "File too large" in said
    assert (published(config), reported(config)) == before
    assert run(tmp_path / "now", scan_id) == ""
    assert published(config) != before[0]


@pytest.mark.parametrize("which", ["in", "out"])
def test_a_read_only_folder_leaves_the_old_state(first: tuple[Path, str], tmp_path: Path, which: str) -> None:
    """Mounted read-only, for the superuser may write to any other folder."""
    source, scan_id = first
    shutil.copytree(source, tmp_path / "now", symlinks=True)
    config = config_of(tmp_path / "now")
    before = (published(config), reported(config))
    place = str(tmp_path / "now" / which)
    bound = subprocess.run(["mount", "--bind", place, place], capture_output=True, check=False)
    if bound.returncode:
        pytest.skip(f"nothing can be mounted here: {bound.stderr.decode().strip()}")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", place], check=True)
        said = run(tmp_path / "now", scan_id)
        assert "could not be written" in said, said
        assert "Read-only file system" in said
        assert (published(config), reported(config)) == before
    finally:
        subprocess.run(["umount", place], check=True)
    assert run(tmp_path / "now", scan_id) == ""
    assert published(config) != before[0]
