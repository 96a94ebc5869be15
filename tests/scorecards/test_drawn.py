"""Pages drawn by other processes are the pages drawn here."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from checks.report import data
from checks.report.cards import fleet as every
from checks.report.drawn import draw, drawing
from collectors.config import Config
from warehouse.engine import reader


@pytest.fixture(scope="module")
def details(fleet: Config) -> list[data.Detail]:
    with reader(fleet.published) as con:
        cards = every(con)
        return [*data.details(con, fleet, cards, cards)]


def pages(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    made = tmp_path / "here", tmp_path / "elsewhere"
    for each in made:
        each.mkdir()
    return made


@pytest.mark.parametrize("at_once", [2, 5, 100])
def test_other_processes_draw_the_same(details: list[data.Detail], folders: tuple[Path, Path], at_once: int) -> None:
    here, elsewhere = folders
    draw(details, here)
    with drawing(iter(details), elsewhere, at_once):
        pass
    assert len(pages(here)) == len(details) == 5
    assert pages(elsewhere) == pages(here)


def test_a_page_that_cannot_be_written_is_told(details: list[data.Detail], folders: tuple[Path, Path]) -> None:
    _, folder = folders
    (folder / f"{details[0].card.tenant_id}.html").mkdir()
    with pytest.raises(OSError, match="Is a directory") as raised, drawing(details, folder, 2):
        pass
    assert raised.value.strerror == "Is a directory"


def test_a_process_that_fails_is_told(details: list[data.Detail], folders: tuple[Path, Path]) -> None:
    _, folder = folders
    broken = [msgspec.structs.replace(each, sources="none") for each in details]
    with (
        pytest.raises(RuntimeError, match=r"(?s)ended with exit code 1: .*ValidationError"),
        drawing(broken, folder, 2),
    ):
        pass


def test_what_fails_meanwhile_is_not_hidden(details: list[data.Detail], folders: tuple[Path, Path]) -> None:
    _, folder = folders
    with pytest.raises(ZeroDivisionError), drawing(details, folder, 2):
        1 / 0  # noqa: B018
    assert not [path for path in folder.iterdir() if path.is_dir()]
