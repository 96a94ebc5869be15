"""The scorecard pages: one set of templates for files on disk, pages in Airflow and single documents. Links differ."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

import jinja2
from markupsafe import Markup, escape

from checks.explain import reasons
from checks.report import charts, text, words
from checks.report.cards import Card
from checks.report.data import Detail
from checks.report.group import grouped
from checks.report.trend import Point


class Links(NamedTuple):
    """Where a page's links lead. ``home`` is the index, ``root`` the way to its folder, ``files`` are downloads there.

    Without them a page links to nothing but its own parts and the documents it cites.
    """

    home: str = ""
    root: str = ""
    tenants: str = ""
    partners: str = ""
    files: tuple[str, ...] = ()

    def tenant(self, tenant_id: str) -> str:
        """Return the way to a tenant's page, empty if there is none."""
        return self.tenants and self.root + self.tenants.format(tenant_id)

    def partner(self, tenant_id: str) -> str:
        """Return the way to the page of a partner with all its customers, empty if there is none."""
        return self.partners and self.root + self.partners.format(tenant_id)

    def file(self, name: str) -> str:
        """Return the way to a download, empty if it is not there."""
        return self.root + name if name in self.files else ""


FILES = Links(
    home="index.html",
    tenants="{}.html",
    partners="partner-{}.html",
    files=("scorecards.csv", "scorecards.json", "findings.csv"),
)
ALONE = Links()


def index_page(
    cards: Sequence[Card], links: Links = FILES, *, points: Sequence[Point] = (), scan_id: str | None = None
) -> str:
    """Return the page of all tenants, with score and coverage scan after scan; with a ``scan_id``, as it left them."""
    assessed: list[datetime] = [card.assessed_at for card in cards if card.assessed_at]
    about = {"points": points, "scan_id": scan_id, "assessed_at": max(assessed, default=None), "partner": None}
    return _render("group.html.j2", group=grouped(cards), links=links, **about)


def partner_page(cards: Sequence[Card], links: Links = FILES, *, points: Sequence[Point] = ()) -> str:
    """Return the page of a partner, the first of ``cards``, with all its customers, the others."""
    about = {"points": points, "scan_id": None, "assessed_at": cards[0].assessed_at, "partner": cards[0]}
    return _render("group.html.j2", group=grouped(cards), links=links, **about)


def tenant_page(detail: Detail, links: Links = FILES) -> str:
    """Return the page of one tenant."""
    return _render("tenant.html.j2", detail=detail, links=links)


def message_page(heading: str, message: str) -> str:
    """Return a page that says something went another way than hoped."""
    return _render("message.html.j2", heading=heading, text=message)


def _render(template: str, **values: object) -> str:
    return _environment().get_template(template).render(**values)


def _isolated(value: object) -> Markup:
    """Return text of a tenant: cleaned, escaped, and kept from turning the direction of what stands beside it."""
    return Markup(f"<bdi>{escape(text.clean(str(value)))}</bdi>")  # noqa: S704  (escaped)


@cache
def _mark(word: words.Word) -> Markup:
    """Return a word with its sign in a box of its colour."""
    mark = '<span class="mark {}"><span aria-hidden="true">{}</span> {}</span>'
    return Markup(mark).format(word.tone, word.sign, word.text)  # noqa: S704  (ours)


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
        "isolated": _isolated,
        "mark": _mark,
        "plain": text.plain,
        "percent": text.percent,
        "moment": cache(text.moment),
        "explain": cache(reasons.explain),
        "program": lambda code: words.PROGRAMS.get(code, code),
        "result": lambda code: words.word(words.RESULTS, code),
        "verdict": lambda code: words.word(words.VERDICTS, code),
        "state": lambda code: words.word(words.STATES, code),
        "waiver_state": lambda code: words.word(words.WAIVER_STATES, code),
    }
    environment.globals |= {"charts": charts}
    return environment
