"""The pages in a real browser and on paper: nothing runs, nothing runs over, nothing is cut.

Set ROLLCALL_PICTURES to a folder to keep the pictures, for a person to look at.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import Browser, Dialog, Page, Request, sync_playwright

from checks.report import write_reports
from checks.report.pdf import write_pdf
from checks.report.report import write_report
from collectors.config import Config
from tests.scorecards.fleet import CUSTOMER, HOSTILE, PARTNER, UNREAD

pytestmark = pytest.mark.timeout(300)
CHROMIUM = shutil.which("chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
A4 = (595, 842)
NAMES = ["index", f"partner-{PARTNER}", PARTNER, CUSTOMER, UNREAD, HOSTILE]
WIDTHS = {"desktop": 1280, "phone": 390, "small": 320}

# What sticks out to the right of the page, and text that is wider than the box around it.
OVERFLOW = """() => {
    const page = document.documentElement.clientWidth;
    const out = [...document.body.querySelectorAll('*')].filter(each => {
        const box = each.getBoundingClientRect(), style = getComputedStyle(each);
        const isShown = box.width && style.clipPath === 'none' && !each.closest('thead');
        return isShown && (box.right > page + 1 || box.left < -1);
    });
    return {
        page: document.documentElement.scrollWidth - page,
        out: out.slice(0, 5).map(each => each.outerHTML.slice(0, 120)),
    };
}"""


@pytest.fixture(scope="module")
def folder(fleet: Config) -> Path:
    return write_reports(fleet).parent


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.fail("there is no chromium; run scripts/install-debian")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def told() -> list[str]:
    """What a page did beside being shown: dialogs, errors, messages of scripts, requests."""
    return []


@pytest.fixture
def page(browser: Browser, told: list[str]) -> Iterator[Page]:
    """Return a page on which scripts could run: that none does is the page's own doing."""
    context = browser.new_context(java_script_enabled=True, offline=True)
    page = context.new_page()

    def refuse(dialog: Dialog) -> None:
        told.append(dialog.message)
        dialog.dismiss()

    def note(request: Request) -> None:
        if not request.url.startswith("file:"):
            told.append(request.url)

    page.on("dialog", refuse)
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("request", note)
    yield page
    context.close()


def keep(name: str, page: Page | None = None, pdf: bytes | None = None) -> None:
    if folder := os.environ.get("ROLLCALL_PICTURES"):
        if page:
            page.screenshot(path=Path(folder, f"{name}.png"), full_page=True)
        if pdf:
            Path(folder, f"{name}.pdf").write_bytes(pdf)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", NAMES)
def test_nothing_runs_and_nothing_runs_over(folder: Path, page: Page, told: list[str], name: str, width: str) -> None:
    page.set_viewport_size({"width": WIDTHS[width], "height": 900})
    page.goto((folder / f"{name}.html").as_uri())
    for each in page.query_selector_all("details"):
        each.evaluate("each => each.open = true")
    keep(f"{name}-{width}", page)
    assert page.evaluate(OVERFLOW) == {"page": 0, "out": []}
    assert told == []
    assert page.evaluate("document.scripts.length") == 0


def test_what_a_column_is_called_is_told_on_a_phone(folder: Path, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 900})
    page.goto((folder / "index.html").as_uri())
    shown = page.evaluate("getComputedStyle(document.querySelector('td[data-label=Coverage]'), '::before').content")
    assert shown == '"Coverage"'


def sheets(pdf: bytes) -> list[tuple[tuple[int, int], str]]:
    """Return the size and the text of each sheet of paper."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [
            ((round(sheet.get_width()), round(sheet.get_height())), sheet.get_textpage().get_text_bounded())
            for sheet in document
        ]
    finally:
        document.close()


def inked(pdf: bytes) -> list[bool]:
    """Return of each sheet whether something is printed at its very edge, which paper would cut."""
    document = pypdfium2.PdfDocument(pdf)
    found = []
    for sheet in document:
        picture = sheet.render(scale=0.5).to_pil().convert("L")
        wide, high = picture.size
        edges = [(0, 0, 6, high), (wide - 6, 0, wide, high)]
        found.append(any(picture.crop(edge).getextrema()[0] < 200 for edge in edges))
    document.close()
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_page_prints_on_a4_without_being_cut(folder: Path, page: Page, name: str) -> None:
    page.goto((folder / f"{name}.html").as_uri())
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    keep(f"{name}-printed", pdf=pdf)
    is_wide = name.startswith(("index", "partner"))
    assert {size for size, _ in sheets(pdf)} == {A4[::-1] if is_wide else A4}
    assert not any(inked(pdf))


def words(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("about", ["tenant", "partner", "fleet"])
def test_the_pdf_says_what_the_page_says(fleet: Config, tmp_path: Path, about: str) -> None:
    wanted, partner = PARTNER if about == "tenant" else None, PARTNER if about == "partner" else None
    write_report(fleet, "pdf", tmp_path / "one.pdf", wanted=wanted, partner=partner)
    pdf = (tmp_path / "one.pdf").read_bytes()
    keep(f"{about}-drawn", pdf=pdf)
    found = sheets(pdf)
    assert {size for size, _ in found} == {A4 if about == "tenant" else A4[::-1]}
    assert not any(inked(pdf))
    text = words("".join(text for _, text in found))
    wants = ["Score=weightedpass÷(pass+fail)", "Coverage=(pass+fail)÷allthatapplies"]
    wants += ["NordlichtGmbH", "accepteduntil2027-01-01"] if about == "tenant" else ["ZahnarztpraxisDr.Müller"]
    for each in wants:
        assert each in text


def test_a_hostile_tenant_is_drawn_as_text_and_nothing_is_loaded(fleet: Config, tmp_path: Path) -> None:
    write_report(fleet, "pdf", tmp_path / "evil.pdf", wanted=HOSTILE)
    text = words("".join(text for _, text in sheets((tmp_path / "evil.pdf").read_bytes())))
    assert "<script>alert(1)</script>{{7*7}}" in text


def test_a_page_that_would_load_something_loads_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("of nobody's concern")
    html = f'<p>shown</p><img src="{secret.as_uri()}"><link rel="attachment" href="{secret.as_uri()}">'
    write_pdf(html, tmp_path / "one.pdf")
    assert b"of nobody's concern" not in (tmp_path / "one.pdf").read_bytes()
    assert "shown" in sheets((tmp_path / "one.pdf").read_bytes())[0][1]
