"""The scorecards as files beside the published warehouse: HTML, CSV and JSON, swapped in together."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from checks.report import data, pages, tables
from collectors.config import Config
from warehouse.engine import Connection, reader

FOLDER = "scorecards"
_AT_ONCE = 200


def write_reports(config: Config) -> Path:
    """Write the reports of the published scan and return the path of the index.

    ``scorecards/`` beside the published file gets ``index.html``, a page ``<tenant id>.html`` each,
    ``scorecards.csv``, ``scorecards.json`` and ``findings.csv``. They are made in a folder of their own and swapped in
    whole: a reader finds the old reports or the new, and a failure leaves the old. Raises
    :class:`~warehouse.engine.WarehouseError` where nothing is published.
    """
    final = config.published.parent / FOLDER
    with reader(config.published) as con:
        making = Path(tempfile.mkdtemp(prefix=f".{FOLDER}-", dir=final.parent))
        try:
            _write_all(con, making)
            _swap(making, final)
        finally:
            shutil.rmtree(making, ignore_errors=True)
    return final / "index.html"


def _write_all(con: Connection, folder: Path) -> None:
    cards = data.fleet(con)
    _write(folder / "index.html", [pages.index_page(cards)])
    _write(folder / "scorecards.csv", tables.scorecards_csv(cards))
    (folder / "scorecards.json").write_bytes(tables.scorecards_json(cards))
    _write(folder / "findings.csv", tables.findings_csv(con))
    for at in range(0, len(cards), _AT_ONCE):
        for detail in data.details(con, cards[at : at + _AT_ONCE], cards):
            _write(folder / f"{detail.card.tenant_id}.html", [pages.tenant_page(detail)])


def _write(path: Path, lines: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(lines)


def _swap(new: Path, final: Path) -> None:
    """Put the folder ``new`` where ``final`` stands."""
    old = new.with_name(f"{new.name}.old")
    if final.exists():
        final.rename(old)
    os.replace(new, final)  # noqa: PTH105  (the same word as for the published file)
    shutil.rmtree(old, ignore_errors=True)
