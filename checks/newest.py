"""The scan that everything is judged as of."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from checks.errors import CheckError
from warehouse.engine import Connection


class Scan(NamedTuple):
    """A scan and its own time (UTC, without a zone)."""

    scan_id: str
    scanned_at: datetime


def newest_scan(con: Connection) -> Scan:
    """Return the newest scan of the warehouse. Raises :class:`CheckError` where there is none."""
    found = con.execute("select scan_id, as_of from clock").fetchone()
    if found is None:
        msg = "the warehouse holds no scan. Run `rollcall scan` first: it loads one and then judges it."
        raise CheckError(msg)
    return Scan(*found)
