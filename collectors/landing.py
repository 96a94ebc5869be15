"""Landing files: what was read, on disk, before any database sees it.

``<landing>/<scan>/<tenant>/<dataset>.<hash>.ndjson.gz`` holds a dataset's rows, one JSON object a line with Graph's
own property names; ``<dataset>.manifest.json`` beside it is the :class:`Outcome` and names that file. The file
is written under a temporary name, synced and renamed before its manifest is, so a manifest never promises rows
that are not there. Each page is a gzip member of its own.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import msgspec

from collectors.config import Tenant
from collectors.errors import ConfigError, State
from collectors.private import private_folder

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PLAN = "plan.json"


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """Did all of a dataset arrive? ``file`` is None where nothing readable did; ``bytes`` is its size on disk."""

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
    collected_at: datetime


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a scan set out to do: its time, its tenants, and the collectors chosen (none means all).

    ``problems`` say which partners' customers could not be listed, so that the scan does not end green.
    """

    scan_id: str
    scanned_at: datetime
    tenants: tuple[Tenant, ...]
    collectors: tuple[str, ...] = ()
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
        _replace(private_folder(self.folder) / PLAN, msgspec.json.encode(plan))

    def plan(self) -> Plan:
        """Read the plan. Raises :class:`ConfigError` where the scan has none."""
        try:
            return msgspec.json.decode((self.folder / PLAN).read_bytes(), type=Plan)
        except FileNotFoundError:
            msg = f"the scan {self.scan_id} has no plan in {self.folder}. Run its `plan` task first."
            raise ConfigError(msg) from None

    def outcomes(self, tenant_id: str) -> list[Outcome]:
        """Read the manifests of a tenant, by dataset name."""
        paths = sorted(self.tenant(tenant_id).glob("*.manifest.json"))
        return [msgspec.json.decode(path.read_bytes(), type=Outcome) for path in paths]

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

    def write_outcome(self, outcome: Outcome) -> None:
        """Write a dataset's manifest, then drop the files that earlier attempts left."""
        folder = self.tenant(outcome.tenant_id)
        _replace(folder / f"{outcome.dataset}.manifest.json", msgspec.json.encode(outcome))
        for path in folder.glob(f"{outcome.dataset}.*.ndjson.gz"):
            if path.name != outcome.file:
                path.unlink()


class RowWriter:
    """Writes one dataset's rows page by page. Nothing is visible under its final name until :meth:`keep`."""

    def __init__(self, folder: Path, dataset: str) -> None:
        self._folder = folder
        self._dataset = dataset
        self._temporary = folder / f"{dataset}.{os.getpid()}.part"
        self._file = self._temporary.open("wb")
        self._hash = hashlib.sha256()
        self._encoder = msgspec.json.Encoder()
        self.rows = self.pages = self.bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._temporary.unlink(missing_ok=True)

    def write(self, rows: Sequence[msgspec.Struct]) -> None:
        """Append a page."""
        member = gzip.compress(self._encoder.encode_lines(rows), compresslevel=1, mtime=0)
        self._file.write(member)
        self._hash.update(member)
        self.rows += len(rows)
        self.pages += 1
        self.bytes += len(member)

    def mark(self) -> tuple[Any, ...]:
        """Return the place to :meth:`rewind` to."""
        return self._file.tell(), self._hash.copy(), self.rows, self.pages, self.bytes

    def rewind(self, mark: tuple[Any, ...]) -> None:
        """Forget every page written since :meth:`mark`."""
        place, digest, self.rows, self.pages, self.bytes = mark
        self._file.seek(place)
        self._file.truncate()
        self._hash = digest.copy()

    def keep(self) -> tuple[str, str]:
        """Sync and rename the file; return its (name, sha256). Call it last."""
        self._file.flush()
        os.fsync(self._file.fileno())
        digest = self._hash.hexdigest()
        name = f"{self._dataset}.{digest[:16]}.ndjson.gz"
        self._temporary.rename(self._folder / name)
        return name, digest


def read_rows(path: Path, kind: type[msgspec.Struct]) -> Iterator[msgspec.Struct]:
    """Yield the rows of a landing file."""
    decoder = msgspec.json.Decoder(kind)
    with gzip.open(path, "rb") as lines:
        yield from map(decoder.decode, lines)


def _replace(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path`` so that a reader sees the old content or the new, whatever happens."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.part")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(path)
