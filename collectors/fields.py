"""What values of ``rollcall.toml`` look like."""

from __future__ import annotations

import re
from typing import Annotated

import msgspec

TenantId = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
GroupId = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")]
Url = Annotated[str, msgspec.Meta(pattern=r"^https?://[^/?#@\s]+$")]
Text = Annotated[str, msgspec.Meta(min_length=1)]
Days = Annotated[int, msgspec.Meta(ge=1)]
ACCOUNT = re.compile(r"[^\s@]+@[^\s@]+|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
