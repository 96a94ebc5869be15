"""By what a scan was judged beside what was read: the program and how the configuration reads the contract."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec

from collectors.config import Config
from warehouse.engine import Connection

_CHECKS = Path(__file__).parents[1]
# What decides; how it is told does not.
_DECIDING = (
    *(_CHECKS / f"{name}.py" for name in ("evaluate", "facts", "mechanisms", "methods", "place", "places")),
    *(_CHECKS / f"{name}.py" for name in ("declared", "remarks", "shown", "verdict")),
    *sorted(_CHECKS.glob("cover/*.py")),
    *sorted(_CHECKS.parent.glob("warehouse/views/*.sql")),
)


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """A row of ``judgements`` without its scan."""

    program: str
    is_strict: bool
    sovereign_partners: tuple[str, ...]


def judgement(config: Config) -> Judgement:
    """Return by what this program judges now."""
    sovereign = sorted(partner.tenant_id for partner in config.partner if partner.cloud != "global")
    return Judgement(program=_program(), is_strict=config.reading.strict, sovereign_partners=tuple(sovereign))


def judged_by(con: Connection, scan_id: str) -> Judgement | None:
    """Return by what a scan was judged, ``None`` where that was not kept."""
    found = con.execute(
        "select program, is_strict, sovereign_partners from judgements where scan_id = ?", [scan_id]
    ).fetchone()
    if found is None:
        return None
    program, is_strict, sovereign = found
    return Judgement(program=program, is_strict=is_strict, sovereign_partners=tuple(sovereign))


@cache
def _program() -> str:
    found = hashlib.sha256()
    for path in _DECIDING:
        # With the same line ends wherever it was checked out.
        found.update(f"{path.name}\0{path.read_text('utf-8')}\0".encode())
    try:
        number = version("mfa-rollcall")
    except PackageNotFoundError:  # run from a folder that nobody installed
        number = "0"
    return f"{number} ({found.hexdigest()[:12]})"
