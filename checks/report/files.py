"""The scorecards as files beside the published warehouse: HTML, CSV and JSON, swapped in together."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

from checks.report import data, pages, trend
from checks.report.cards import Card, fleet
from checks.report.document import scorecards_json
from checks.report.drawn import drawing
from checks.report.tables import Scope, csv_lines
from collectors.config import Config
from collectors.files import alone, unwritten
from warehouse.engine import Connection, reader

FOLDER = "scorecards"
FILES = {
    "index.html": "all tenants",
    "partner-(tenant id).html": "a partner with all its customers",
    "(tenant id).html": "a tenant",
    "scorecards.csv": "the table of scorecards",
    "findings.csv": "the table of findings",
    "scorecards.json": "all scorecards with their rules",
}


def write_reports(config: Config) -> Path:
    """Write the reports of the published scan and return the path of the index.

    ``scorecards/`` beside the published file gets the :data:`FILES`. ``scorecards`` is a link to the folder they were
    made in, and the link is swapped at once: a reader finds the old reports or the new, and a failure leaves the old.
    Raises :class:`~warehouse.engine.WarehouseError` where nothing is published, and
    :class:`~collectors.files.Unwritten`.
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
    cards = fleet(con)
    with drawing(data.details(con, config, cards, cards), folder):
        points = trend.together(con)
        _write(folder / "index.html", [pages.index_page(cards, points=points.fleet)])
        for partner, *customers in _by_partner(cards):
            drawn = pages.partner_page([partner, *customers], points=points.partners.get(partner.tenant_id, ()))
            _write(folder / f"partner-{partner.tenant_id}.html", [drawn])
        scope = Scope(con, cards)
        _write(folder / "scorecards.csv", csv_lines("scorecards", scope))
        (folder / "scorecards.json").write_bytes(scorecards_json(cards))
        _write(folder / "findings.csv", csv_lines("findings", scope))


def _by_partner(cards: Iterable[Card]) -> Iterator[list[Card]]:
    """Yield each partner that a scan has seen, with its customers behind it; they are in that order already."""
    for _, of in groupby(cards, key=lambda card: card.partner_id):
        found = list(of)
        if found[0].kind == "partner":
            yield found


def _write(path: Path, lines: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(lines)
