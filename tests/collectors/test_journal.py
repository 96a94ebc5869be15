"""A killed process's successor goes on from the last page, and what comes of it is what an undisturbed run gives."""

from __future__ import annotations

import asyncio
import fcntl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors import journal
from collectors.declare import TEXT, Column, Table
from collectors.graph import Trail
from collectors.journal import RowWriter, TenantBusy, attempt
from collectors.landing import Outcome, read_rows
from collectors.shape import row_type

THINGS = Table("things", doc="A thing.", key=("id",), columns=(Column("id", TEXT, "id", "Its id.", required=True),))
ROW = row_type(THINGS)
URL = "http://x/v1.0/things"


def writer(folder: Path, asked: str = URL) -> RowWriter:
    return RowWriter(folder, "things", asked)


def page(n: int) -> list[Any]:
    return [ROW(f"{n}-{i}") for i in range(3)]


def follow(one: RowWriter, pages: int, *, stop: int | None = None) -> None:
    """Write the pages of a list as a reading would, from where ``one`` is, up to ``stop``."""
    if None in one.finished:
        return
    trail = one.begin(None) or Trail(URL)
    while trail.link is not None:
        n = int(trail.link.partition("?p=")[2] or 0)
        if n == stop:
            return
        trail.go_on(f"{URL}?p={n + 1}" if n + 1 < pages else None, f"edges {n}")
        one.write(page(n), trail)


def whole(folder: Path, pages: int = 6) -> tuple[str, str]:
    folder.mkdir()
    with writer(folder) as one:
        follow(one, pages)
        return one.keep()


def files(folder: Path) -> Iterator[Path]:
    yield from (folder / "things.part", folder / "things.journal")


@given(stops=st.lists(st.integers(0, 6), max_size=4), lost=st.lists(st.integers(0, 400), max_size=4))
def test_any_cut_and_any_loss_ends_as_an_undisturbed_run(
    tmp_path_factory: pytest.TempPathFactory, stops: list[int], lost: list[int]
) -> None:
    """The files may lose any number of bytes at their ends, each by itself."""
    folder = tmp_path_factory.mktemp("journal")
    for at, stop in enumerate(stops):
        with writer(folder) as one:
            follow(one, 6, stop=stop)
        for path, cut in zip(files(folder), lost[at:], strict=False):
            size = path.stat().st_size
            with path.open("r+b") as file:
                file.truncate(max(0, size - cut))
    with writer(folder) as one:
        follow(one, 6)
        kept = one.keep()
    assert kept == whole(folder / "undisturbed")


def test_what_was_written_is_not_asked_for_again(tmp_path: Path) -> None:
    with writer(tmp_path) as one:
        follow(one, 6, stop=4)
    with writer(tmp_path) as two:
        trail = two.begin(None)
        assert trail is not None
        assert (trail.link, two.pages, two.rows) == (f"{URL}?p=4", 4, 12)
        assert trail.followed == {f"{URL}?p={n}" for n in range(1, 4)}
        assert trail.edges == "edges 3"


def test_values_that_were_finished_stay_finished(tmp_path: Path) -> None:
    with writer(tmp_path) as one:
        one.write(page(1), finished=["a", "b"])
        one.begin("c")
        one.write(page(2), Trail("more", "x"))
    with writer(tmp_path) as two:
        assert two.finished == {"a", "b"}
        assert two.begin("b") is None
        assert two.pages == 2
    with writer(tmp_path) as three:
        trail = three.begin("c")
        assert trail is not None
        assert trail.link == "more"


def test_a_list_that_expired_after_a_kill_is_forgotten_from_its_start(tmp_path: Path) -> None:
    with writer(tmp_path) as one:
        one.write(page(0), finished=["a"])
        one.begin("b")
        one.write(page(1), Trail("more", "x"))
    with writer(tmp_path) as two:
        assert two.begin("b") is not None
        two.restart()
        assert (two.pages, two.rows) == (1, 3)
        two.write(page(2), Trail(None, "y"))
        name, _ = two.keep()
    rows = [row["id"] for row in read_rows(tmp_path / name)]
    assert rows == ["0-0", "0-1", "0-2", "2-0", "2-1", "2-2"]


def test_another_question_is_begun_anew(tmp_path: Path) -> None:
    with writer(tmp_path) as one:
        follow(one, 6, stop=4)
    with writer(tmp_path, URL + "?$select=id") as two:
        assert (two.begin(None), two.pages) == (None, 0)


def test_an_old_attempt_is_begun_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with writer(tmp_path) as one:
        follow(one, 6, stop=4)
    monkeypatch.setattr(journal, "LONGEST_PAUSE", timedelta(0))
    with writer(tmp_path) as two:
        assert (two.begin(None), two.pages) == (None, 0)


@pytest.mark.parametrize("content", [b"\x00" * 300, b"{}\n{}\n", b'{"type":"page"}\n', b"\n", b"{\n" * 3])
def test_a_journal_that_says_nothing_is_begun_anew(tmp_path: Path, content: bytes) -> None:
    with writer(tmp_path) as one:
        follow(one, 6, stop=4)
    (tmp_path / "things.journal").write_bytes(content)
    with writer(tmp_path) as two:
        assert (two.begin(None), two.pages) == (None, 0)
        follow(two, 6)
        assert two.keep() == whole(tmp_path / "undisturbed")


@pytest.mark.parametrize(("state", "is_kept"), [("complete", True), ("partial", False), ("failed", False)])
def test_only_a_complete_dataset_is_not_read_again(tmp_path: Path, state: Any, *, is_kept: bool) -> None:
    with writer(tmp_path) as one:
        follow(one, 6)
        file, sha256 = one.keep()
        one.end(
            Outcome(
                scan_id="s",
                tenant_id="t",
                dataset="things",
                state=state,
                file=file,
                sha256=sha256,
                collected_at=datetime.now(UTC),
            )
        )
    with writer(tmp_path) as two:
        assert (two.outcome is not None) is is_kept
    if is_kept:
        (tmp_path / file).write_bytes(b"torn")
        with writer(tmp_path) as three:
            assert three.outcome is None


def test_one_process_at_a_time_collects_a_tenant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "PATIENCE_SECONDS", 1)

    async def collect() -> None:
        async with attempt(tmp_path):
            (tmp_path / "things.journal").touch()

    with (tmp_path / ".collecting").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(TenantBusy, match="another process has been collecting tenant"):
            asyncio.run(collect())
    asyncio.run(collect())
    assert not [*tmp_path.glob("*.journal")]


def test_an_attempt_that_breaks_off_leaves_its_journals(tmp_path: Path) -> None:
    async def collect() -> None:
        async with attempt(tmp_path):
            (tmp_path / "things.journal").touch()
            raise MemoryError

    with pytest.raises(MemoryError):
        asyncio.run(collect())
    assert [*tmp_path.glob("*.journal")]
