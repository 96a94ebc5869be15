"""What can go wrong while judging."""

from __future__ import annotations

from collectors.errors import ScanError


class CheckError(ScanError):
    """The rules could not be judged in a way that can be trusted; nothing of it was written."""
