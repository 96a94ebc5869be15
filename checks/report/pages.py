"""The scorecard pages: one set of templates for the files on disk and for the pages in Airflow. Only links differ."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

import jinja2

from checks.explain import reasons
from checks.report import text, words
from checks.report.data import Card, Detail


class Links(NamedTuple):
    """Where a page's links lead. ``home`` is the index, ``root`` the way to its folder, ``tenants`` a pattern there."""

    home: str
    root: str = ""
    tenants: str = "{}.html"

    def tenant(self, tenant_id: str) -> str:
        """Return the way to a tenant's page."""
        return self.root + self.tenants.format(tenant_id)

    def file(self, name: str) -> str:
        """Return the way to a download."""
        return self.root + name


FILES = Links(home="index.html")


def index_page(cards: Sequence[Card], links: Links = FILES, *, scan_id: str | None = None) -> str:
    """Return the page of all tenants; with a ``scan_id``, as that scan left them."""
    assessed: list[datetime] = [card.assessed_at for card in cards if card.assessed_at]
    return _render("index.html.j2", cards=cards, links=links, scan_id=scan_id, assessed_at=max(assessed, default=None))


def tenant_page(detail: Detail, links: Links = FILES) -> str:
    """Return the page of one tenant."""
    return _render("tenant.html.j2", detail=detail, links=links)


def message_page(heading: str, message: str) -> str:
    """Return a page that says something went another way than hoped."""
    return _render("message.html.j2", heading=heading, text=message)


def _render(template: str, **values: object) -> str:
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "clean": text.clean,
        "plain": text.plain,
        "percent": text.percent,
        "moment": text.moment,
        "explain": reasons.explain,
        "program": lambda code: words.PROGRAMS.get(code, code),
        "result": lambda code: words.word(words.RESULTS, code),
        "verdict": lambda code: words.word(words.VERDICTS, code),
        "state": lambda code: words.word(words.STATES, code),
    }
    return environment
