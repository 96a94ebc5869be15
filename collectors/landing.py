"""Landing files: what was read, on disk, before any database sees it.

``<landing>/<scan>/<tenant>/<dataset>.<hash>.ndjson.zst`` holds a dataset's rows, one JSON object a line with Graph's
own property names; ``manifest.json`` beside it holds the :class:`Outcome` of each dataset, which names that file. The
files are written under temporary names, renamed and synced before the manifest is, so it never promises rows that
are not there. Each page is a zstd frame of its own.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import zstandard

from collectors.config import Tenant
from collectors.errors import ConfigError, State
from collectors.files import replace
from collectors.private import private_folder

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PLAN = "plan.json"
MANIFEST = "manifest.json"
SUFFIX = ".ndjson.zst"


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """Did all of a dataset arrive? ``file`` is None where nothing readable did; ``bytes`` is its size on disk.

    Of a dataset with a window, ``window_start`` and ``window_end`` say from when to when it was read.
    """

    scan_id: str
    tenant_id: str
    dataset: str
    state: State
    code: str = ""
    message: str = ""
    rows: int = 0
    pages: int = 0
    bytes: int = 0
    sha256: str = ""
    file: str | None = None
    window_start: datetime | None = None
    window_end: datetime | None = None
    collected_at: datetime


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a scan set out to do: its time, its tenants, and the collectors chosen (none means the ordinary ones).

    ``opt_in`` names what is read beyond the ordinary; ``read_until`` has, by tenant and dataset, until when the last
    complete reading of a window went. ``problems`` say which partners' customers could not be listed, so that the scan
    does not end green.
    """

    scan_id: str
    scanned_at: datetime
    tenants: tuple[Tenant, ...]
    collectors: tuple[str, ...] = ()
    opt_in: tuple[str, ...] = ()
    read_until: dict[str, dict[str, datetime]] = {}
    problems: tuple[str, ...] = ()


class Landing:
    """The landing folder of one scan."""

    def __init__(self, root: Path, scan_id: str) -> None:
        # A scan id is an Airflow run id: it holds colons, and a person may have chosen it.
        name = quote(scan_id, safe="")
        if not name.strip("."):
            msg = f"the scan id {scan_id!r} cannot name a folder. Give the run another id."
            raise ConfigError(msg)
        self.scan_id = scan_id
        self.folder = root / name

    def tenant(self, tenant_id: str) -> Path:
        """Return the folder of a tenant, made if missing. Raises ``ValueError`` unless it is a tenant id."""
        if not GUID.fullmatch(tenant_id):
            msg = f"{tenant_id!r} is not a tenant id: expected a lower-case GUID."
            raise ValueError(msg)
        return private_folder(self.folder / tenant_id)

    def write_plan(self, plan: Plan) -> None:
        """Write the plan, replacing an earlier one of the same scan."""
        replace(private_folder(self.folder) / PLAN, msgspec.json.encode(plan))

    def plan(self) -> Plan:
        """Read the plan. Raises :class:`ConfigError` where the scan has none."""
        try:
            return msgspec.json.decode((self.folder / PLAN).read_bytes(), type=Plan)
        except FileNotFoundError:
            msg = f"the scan {self.scan_id} has no plan in {self.folder}. Run its `plan` task first."
            raise ConfigError(msg) from None

    def outcomes(self, tenant_id: str) -> list[Outcome]:
        """Read the manifest of a tenant; nothing if it has none."""
        try:
            content = (self.tenant(tenant_id) / MANIFEST).read_bytes()
        except FileNotFoundError:
            return []
        return msgspec.json.decode(content, type=list[Outcome])

    def path(self, outcome: Outcome) -> Path:
        """Return the file of an outcome. Raises ``ValueError`` where it has none or names one elsewhere."""
        if outcome.file is None or Path(outcome.file).name != outcome.file:
            msg = (
                f"{outcome.tenant_id}: the manifest of {outcome.dataset} names no file of its folder: {outcome.file!r}."
            )
            raise ValueError(msg)
        return self.tenant(outcome.tenant_id) / outcome.file

    def is_whole(self, outcome: Outcome) -> bool:
        """Whether the file of an outcome is there and is the one its manifest describes."""
        try:
            with self.path(outcome).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == outcome.sha256
        except FileNotFoundError:
            return False

    def write_outcomes(self, tenant_id: str, outcomes: Sequence[Outcome]) -> None:
        """Write the manifest of a tenant, then drop the files that earlier attempts left."""
        folder = self.tenant(tenant_id)
        named = {outcome.file for outcome in outcomes if outcome.file}
        for name in named:
            with (folder / name).open("rb") as file:
                os.fsync(file.fileno())
        replace(folder / MANIFEST, msgspec.json.encode(outcomes))
        for path in folder.glob(f"*{SUFFIX}"):
            if path.name not in named:
                path.unlink()


def read_rows(path: Path, kind: Any = Any) -> Iterator[Any]:
    """Yield the rows of a landing file: as ``kind`` has them, or as plain JSON."""
    decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(kind)
    with path.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True) as plain:
        lines = io.BufferedReader(plain, 1 << 17)
        yield from map(decoder.decode, lines)
