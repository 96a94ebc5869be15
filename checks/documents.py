"""The suites and results of a check as files beside the published warehouse, and as a project of Great Expectations."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from checks.errors import CheckError
from collectors.config import Config
from collectors.files import replace
from collectors.private import private_folder

FOLDER = "great_expectations"


def write(config: Config, documents: Mapping[str, Any]) -> None:
    """Write each document so that a reader sees the old one or the new one, and drop those of suites that are gone."""
    folder = config.published.parent / FOLDER
    private_folder(folder)
    for name, document in documents.items():
        replace(folder / name, f"{json.dumps(document, indent=1)}\n".encode())
    for path in folder.glob("*.json"):
        if path.name not in documents:
            path.unlink()


def project(config: Config, folder: Path) -> Path:
    """Make a project of Great Expectations of the last check in ``folder``; return the index of its Data Docs.

    Raises :class:`~checks.errors.CheckError` where nothing was checked yet, or the folder holds a project.
    """
    from checks.expectations import write_project  # it takes seconds

    paths = sorted((config.published.parent / FOLDER).glob("*.json"))
    if not paths:
        msg = f"{config.published.parent / FOLDER}: nothing was checked yet. Run `rollcall scan` first."
        raise CheckError(msg)
    private_folder(folder)
    index: Path = write_project({path.name: json.loads(path.read_text("utf-8")) for path in paths}, folder)
    return index
