"""Folders for what must not be read by others: it is personal data."""

from pathlib import Path


def private_folder(path: Path) -> Path:
    """Make a folder, and those above it that are missing, for their owner alone; return it."""
    # mkdir(parents=True) gives its mode to the last folder only.
    for missing in reversed([folder for folder in (path, *path.parents) if not folder.exists()]):
        missing.mkdir(mode=0o700, exist_ok=True)
    return path
