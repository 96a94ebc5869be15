"""The scorecard pages as people see them: in Airflow's UI, in a real browser, after signing in."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.cloud import PARTNER
from tests.end_to_end.conftest import Running

pytestmark = pytest.mark.timeout(600)
expect.set_options(timeout=30_000)
CHROMIUM = shutil.which("chromium")
# Nothing but the page itself goes over the network.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.fail("there is no chromium; run scripts/install-debian")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, running: Running, first: str) -> Iterator[Page]:
    """Return a page of somebody who has signed in."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    page = context.new_page()
    page.goto(running.embedded.url)
    page.get_by_label("Username").fill("admin")
    page.locator("input[type=password]").fill(running.embedded.password())
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("link", name="Dags", exact=True)).to_be_visible()
    yield page
    context.close()


def keep(page: Page, name: str) -> None:
    """Keep a picture, for a person to look at, where $ROLLCALL_PICTURES says."""
    if folder := os.environ.get("ROLLCALL_PICTURES"):
        page.screenshot(path=Path(folder, f"{name}.png"))


def test_the_fleet_is_one_click_from_the_start(running: Running, page: Page) -> None:
    page.get_by_text("Scorecards", exact=True).first.click()
    fleet = page.frame_locator("iframe")
    expect(fleet.get_by_role("heading", level=1)).to_be_visible()
    expect(fleet.get_by_text("Nordlicht").first).to_be_visible()
    expect(fleet.get_by_text("Customer 2").first).to_be_visible()
    keep(page, "fleet")
    fleet.get_by_role("link", name="Nordlicht").first.click()
    expect(fleet.get_by_role("heading", level=1, name="Nordlicht")).to_be_visible()
    expect(fleet.get_by_text("MFA.REG.1v1").first).to_be_visible()
    expect(fleet.get_by_text("person0@tenant1.example").first).to_be_visible()
    keep(page, "tenant")


def test_a_run_has_a_tab_with_its_scorecards(running: Running, page: Page, first: str) -> None:
    page.goto(f"{running.embedded.url}/dags/mfa_scan/runs/{quote(first, safe='')}")
    page.get_by_role("link", name="Scorecards").last.click()
    expect(page.frame_locator("iframe").get_by_text("Nordlicht").first).to_be_visible()
    keep(page, "run")


@pytest.mark.parametrize("path", ["", f"tenant/{PARTNER}", "run/mfa_scan/x", "scorecards.csv"])
def test_nobody_sees_a_page_without_signing_in(running: Running, path: str) -> None:
    answer = httpx.get(f"{running.embedded.url}/scorecards/{path}")
    assert answer.status_code == 401
    assert "Nordlicht" not in answer.text
