"""Puts the fleet on disk whole: a new folder beside the old one, then two renames.

Whoever reads meanwhile finds the old fleet or the new one (or, between the renames, none), never a mixture of both.
"""

from __future__ import annotations

import secrets
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from sandbox.demo import credentials
from sandbox.demo.build import tenant_files
from sandbox.demo.cases import all_cases
from sandbox.demo.model import Json, Tenant
from sandbox.demo.sign_ins import PATH
from sandbox.demo.tenants import TENANTS

MARK = "cases.json"
"""A folder with this file is a fleet and may be replaced by one."""


class FleetError(Exception):
    """The fleet was not written; the message says what was in the way."""


@dataclass(frozen=True, slots=True)
class TenantSummary:
    """What was written for one tenant. ``sign_ins`` is 0 where the log refuses to be read."""

    tenant: Tenant
    accounts: int
    sign_ins: int


@dataclass(frozen=True, slots=True)
class Fleet:
    """A written fleet: where it is, what time and seed it was made for, its tenants, its cases as in ``cases.json``."""

    root: Path
    as_of: datetime
    seed: int
    tenants: tuple[TenantSummary, ...]
    cases: tuple[Json, ...]


def write_fleet(out: Path, *, as_of: datetime, seed: int = 7) -> Fleet:
    """Write the demo fleet to ``out`` and return what was written.

    ``as_of`` needs a time zone; sign-ins lie in the thirty days before it. The same ``as_of`` and ``seed`` give the
    same bytes in every tenant folder and in ``cases.json``. A fleet already at ``out`` is replaced, its
    ``credentials/connections.json`` is kept. Raises FleetError if ``out`` is something else than a fleet or an empty
    folder, CredentialsError if the kept connections cannot be used, ValueError if ``as_of`` has no time zone.
    """
    if as_of.tzinfo is None:
        msg = f"as_of {as_of.isoformat()} has no time zone; expected one, such as 2026-11-23T06:00:00+00:00."
        raise ValueError(msg)
    moment = as_of.astimezone(UTC).replace(microsecond=0)
    out = out.absolute()
    _refuse_strangers(out)
    kept = out / "credentials" / "connections.json"
    connections = credentials.connections(kept)
    content = kept.read_bytes() if kept.exists() else _pretty(connections)
    apps = credentials.apps(connections)
    out.parent.mkdir(parents=True, exist_ok=True)
    fresh = out.parent / f".{out.name}.{secrets.token_hex(4)}.new"
    fresh.mkdir()
    try:
        summaries = _write_tenants(fresh, moment, seed)
        by_key = {tenant.key: tenant for tenant in TENANTS}
        cases = tuple(case.expectation(by_key[case.tenant]) for case in all_cases())
        (fresh / MARK).write_bytes(_pretty(cases))
        (fresh / "apps.json").write_bytes(_pretty(apps))
        credentials.write(fresh / "credentials", content)
        _swap(fresh, out)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return Fleet(out, moment, seed, summaries, cases)


def _write_tenants(root: Path, as_of: datetime, seed: int) -> tuple[TenantSummary, ...]:
    summaries = []
    folders = {root}
    for tenant, files in tenant_files(as_of, seed):
        for path, body in files.items():
            target = root / tenant.id / f"{path}.json"
            _make_folders(target.parent, folders)
            target.write_bytes(_encoded(body))
        log = files.get(PATH, {"value": []})["value"]
        summaries.append(TenantSummary(tenant, len(files["v1.0/users"]["value"]), len(log)))
    return tuple(summaries)


def _make_folders(folder: Path, known: set[Path]) -> None:
    """Make a folder and those above it, asking the disk about none twice: there are thousands."""
    if folder not in known:
        _make_folders(folder.parent, known)
        folder.mkdir()
        known.add(folder)


def _encoded(body: Any) -> bytes:
    """Return one answer as text. A list has one object a line, so that a line is what a person greps for."""
    if not (isinstance(body, dict) and isinstance(body.get("value"), list)):
        return _pretty(body)
    head = msgspec.json.encode({name: part for name, part in body.items() if name != "value"})
    rows = b",\n".join(msgspec.json.encode(row) for row in body["value"])
    return head[:-1] + (b"," if len(head) > 2 else b"") + b'"value":[\n' + rows + b"\n]}\n"


def _pretty(body: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(body), indent=1) + b"\n"


def _refuse_strangers(out: Path) -> None:
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        msg = f"{out}: expected a folder or nothing, found a file or a link. Name another place."
        raise FleetError(msg)
    if out.exists() and any(out.iterdir()) and not (out / MARK).exists():
        msg = f"{out}: expected a demo fleet (with {MARK}) or an empty folder, found other files. Name another folder."
        raise FleetError(msg)


def _swap(fresh: Path, out: Path) -> None:
    """Put the new folder where the old one is; if that fails, the old one is back."""
    if not out.exists():
        fresh.rename(out)
        return
    old = fresh.with_suffix(".old")
    out.rename(old)
    try:
        fresh.rename(out)
    except OSError:
        old.rename(out)
        raise
    shutil.rmtree(old)
