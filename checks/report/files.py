"""The scorecards as files beside the published warehouse: HTML, CSV and JSON, swapped in together."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from checks.report import data, pages, tables
from collectors.config import Config
from collectors.files import alone, unwritten
from warehouse.engine import Connection, reader

FOLDER = "scorecards"
_AT_ONCE = 200


def write_reports(config: Config) -> Path:
    """Write the reports of the published scan and return the path of the index.

    ``scorecards/`` beside the published file gets ``index.html``, a page ``<tenant id>.html`` each,
    ``scorecards.csv``, ``scorecards.json`` and ``findings.csv``. ``scorecards`` is a link to the folder they were made
    in, and the link is swapped at once: a reader finds the old reports or the new, and a failure leaves the old. Raises
    :class:`~warehouse.engine.WarehouseError` where nothing is published, and :class:`~collectors.files.Unwritten`.
    """
    final = config.published.parent / FOLDER
    try:
        with reader(config.published) as con, _made(final) as making:
            _write_all(con, config, making)
    except OSError as error:
        raise unwritten(final, error.strerror) from error
    return final / "index.html"


@contextmanager
def _made(final: Path) -> Iterator[Path]:
    """Yield a folder to write to, then let ``final`` lead to it. What earlier calls and killed processes left goes."""
    with alone(final.parent):
        making = Path(tempfile.mkdtemp(prefix=f".{FOLDER}-", dir=final.parent))
        link = making.with_name(f"{making.name}.link")
        try:
            yield making
            link.symlink_to(making.name)
            if final.is_dir() and not final.is_symlink():
                final.rename(making.with_name(f"{making.name}.old"))  # it was made before there was a link
            link.replace(final)
        finally:
            kept = final.resolve()
            for left in final.parent.glob(f".{FOLDER}-*"):
                if left.is_symlink():
                    left.unlink()
                elif left != kept:
                    shutil.rmtree(left, ignore_errors=True)


def _write_all(con: Connection, config: Config, folder: Path) -> None:
    cards = data.fleet(con)
    _write(folder / "index.html", [pages.index_page(cards)])
    _write(folder / "scorecards.csv", tables.scorecards_csv(cards))
    (folder / "scorecards.json").write_bytes(tables.scorecards_json(cards))
    _write(folder / "findings.csv", tables.findings_csv(con))
    for at in range(0, len(cards), _AT_ONCE):
        for detail in data.details(con, config, cards[at : at + _AT_ONCE], cards):
            _write(folder / f"{detail.card.tenant_id}.html", [pages.tenant_page(detail)])


def _write(path: Path, lines: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(lines)
