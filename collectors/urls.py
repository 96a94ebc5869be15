"""The URL of a dataset's first request."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote, urlencode

from collectors.declare import Dataset


def request_url(
    base: str,
    dataset: Dataset,
    window_end: datetime,
    value: str | None,
    read_until: datetime | None = None,
    *,
    page_size: int | None = None,
) -> str:
    """Return the URL of a dataset's first request, for ``value`` if it asks for each of something.

    ``read_until`` is until when the last complete reading of a window went. ``page_size`` replaces that of a dataset
    that has one.
    """
    values = {"window_end": _instant(window_end)}
    if dataset.window:
        values["window_start"] = _instant(dataset.window.start(window_end, read_until))
    if value is not None:
        # A value comes from the tenant: quoted, it can name nothing but one segment.
        values[str(dataset.parameter)] = quote(value, safe="")
    asked = dataset.options(values)
    if page_size is not None and dataset.page_size is not None:
        asked[dataset.size_option] = str(page_size)
    query = urlencode(asked, quote_via=quote, safe="$,()'")
    return f"{base}/{dataset.version}{dataset.path.format_map(values)}" + (f"?{query}" if query else "")


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
