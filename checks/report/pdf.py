"""Pages as PDF, where the extra ``pdf`` is installed. It draws what the pages' own print style says, on A4."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from collectors.errors import ConfigError

_HOW = (
    "Add it: pip install 'mfa-rollcall[pdf]', and on Debian apt-get install libpango-1.0-0 libpangoft2-1.0-0 "
    "libharfbuzz-subset0. Or take --format html and print it from a browser: it is made for A4."
)


class NoPdf(ConfigError):  # noqa: N818  (what is missing)
    """What draws PDFs is not installed; the message says how to add it."""


def write_pdf(html: str, path: Path) -> None:
    """Draw a page of ours to a file. Nothing is loaded from anywhere. Raises :class:`NoPdf`."""
    weasyprint = _weasyprint()
    # It tells of each style for screens that it leaves out; a page of ours has nothing else to complain about.
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    nothing = weasyprint.urls.URLFetcher(allowed_protocols=())
    weasyprint.HTML(string=html, url_fetcher=nothing).write_pdf(path)


def require_pdf() -> None:
    """Raise :class:`NoPdf` where PDFs cannot be drawn here."""
    _weasyprint()


def _weasyprint() -> Any:
    try:
        import weasyprint
    except ModuleNotFoundError as error:
        msg = f"PDF needs the extra 'pdf', which is not installed ({error.name} is missing). {_HOW}"
        raise NoPdf(msg) from None
    except OSError as error:
        msg = f"PDF needs libraries of the system that are not there: {str(error).splitlines()[0]}. {_HOW}"
        raise NoPdf(msg) from None
    return weasyprint
