"""The reports of a published fleet, as people and programs find them."""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest
from rich.console import Console

from checks.report import print_scorecards, write_reports
from checks.report.data import SHOWN_FINDINGS
from checks.report.text import clean, plain
from checks.rules import packs, rules
from collectors.config import Config
from tests.scorecards.fleet import CAUSE, CUSTOMER, EVIL, FORMULA, HOSTILE, MISSED, PARTNER, TENANTS, UNREAD
from warehouse.engine import WarehouseError, writer

IDS = [str(tenant["tenant_id"]) for tenant in TENANTS]


class Page(HTMLParser):
    """A page as a browser takes it: its elements, links, text, and the text of each isolated run."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.links: list[str] = []
        self.isolated: list[str] = []
        self.pieces: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == [], "an element is left open"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag == "a":
            self.links.append(dict(attrs)["href"] or "")
        if tag == "bdi":
            self.isolated.append("")
        if tag not in {"meta", "br"}:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" in self._open:
            return
        self.pieces.append(data)
        if "bdi" in self._open:
            self.isolated[-1] += data

    @property
    def words(self) -> str:
        return "".join(self.pieces)

    @property
    def text(self) -> str:
        """All of it on one line, with a blank wherever an element begins or ends."""
        return re.sub(r" (?=[,.:;])", "", " ".join(" ".join(self.pieces).split()))


@pytest.fixture(scope="session")
def folder(fleet: Config) -> Path:
    return write_reports(fleet).parent


def page(folder: Path, name: str) -> Page:
    return Page((folder / f"{name}.html").read_text("utf-8"))


def test_there_is_an_index_a_page_for_each_tenant_and_the_tables(folder: Path) -> None:
    wanted = {"index.html", "scorecards.csv", "scorecards.json", "findings.csv"}
    wanted |= {f"partner-{PARTNER}.html", *(f"{one}.html" for one in IDS)}
    assert {path.name for path in folder.iterdir()} == wanted


@pytest.mark.parametrize("name", ["index", f"partner-{PARTNER}", *IDS])
def test_a_page_is_whole_and_needs_nothing_from_elsewhere(folder: Path, name: str) -> None:
    found = page(folder, name)
    assert not {"script", "img", "link", "iframe", "object", "form", "base"} & set(found.tags)
    assert not [attribute for attribute, _ in found.attributes if attribute.startswith("on") or attribute == "src"]
    assert found.tags.count("caption") == found.tags.count("table")
    assert found.tags.count("h1") == found.tags.count("main") == 1
    for link in found.links:
        assert link.startswith(("#", "https://learn.microsoft.com/")) or (folder / link).is_file()


@pytest.mark.parametrize("name", ["index", HOSTILE, UNREAD, f"partner-{PARTNER}"])
def test_what_a_tenant_wrote_is_text_and_stands_isolated(folder: Path, name: str) -> None:
    found = page(folder, name)
    assert clean(EVIL) in " ".join(found.isolated)
    outside = found.words
    for run in found.isolated:
        outside = outside.replace(run, "", 1)
    assert "alert(1)" not in outside.replace(plain(EVIL), "")  # a title cannot isolate: it is plain there
    assert "\x1b" not in found.words
    assert "\u202e" not in outside


def test_a_title_turns_no_direction(folder: Path) -> None:
    html = (folder / f"{HOSTILE}.html").read_text("utf-8")
    title = re.search("<title>(.*?)</title>", html, re.DOTALL)
    assert title
    assert "\u202e" not in title[1]
    assert "<script" not in title[1]


def test_the_index_has_every_tenant_the_partner_first(folder: Path) -> None:
    found = page(folder, "index")
    links = [link.removesuffix(".html") for link in found.links if link.startswith("0")]
    assert f"partner-{PARTNER}.html" in found.links
    assert links[0] == PARTNER
    assert sorted(links) == sorted(IDS)
    assert "5 tenants" in found.text
    assert "not scanned since 2026-10-01 02:00 UTC" in found.text


def test_a_score_never_stands_without_its_coverage(folder: Path) -> None:
    for name in IDS:
        text = page(folder, name).text
        assert re.search(r"Score (no score|[\d.]+ of 100) Coverage [\d.]+ % could be assessed", text)
    assert "Score Coverage" in page(folder, "index").text
    for name in ("index", f"partner-{PARTNER}"):
        assert re.search(r"Score [\d.]+ of 100 Coverage [\d.]+ % could be assessed", page(folder, name).text)
    assert "no score Coverage 0 %" in page(folder, UNREAD).text


def test_a_rule_is_shown_with_all_there_is_to_say(folder: Path) -> None:
    text = page(folder, PARTNER).text
    rule, second, *_ = rules()
    told = f"{rule.id}, severity {rule.severity}, owed, weight {rule.weight} 12 judged, 3 failing, 1 unknown."
    assert f"fail {rule.title} {told}" in text
    assert f"What to do: {rule.remediation}" in text
    assert f"§ {rule.source.document}" in text
    assert f"waived in truth ✗ fail {second.title} {second.id}" in text
    assert "accepted until 2027-01-01 by Ann: migration" in text
    assert "1 judged, 1 failing (of them accepted: 1), 0 unknown." in text


def test_rules_stand_in_their_packs_in_the_order_of_the_catalogue(folder: Path) -> None:
    for name in (PARTNER, "index"):
        text = page(folder, name).text
        start = text.index(" Rules by pack " if name == PARTNER else " Tenants ")
        places = [text.index(f" {pack.title} ", start) for pack in packs()]
        assert places == sorted(places)


def test_score_and_coverage_are_explained_with_their_sums(folder: Path) -> None:
    for name in ("index", f"partner-{PARTNER}", PARTNER, CUSTOMER):
        text = page(folder, name).text
        passed, both, failed, score = re.search(
            r"Score = weighted pass ÷ \(pass \+ fail\): (\d+) ÷ \((\d+) \+ (\d+)\) = ([\d.]+) of 100\.", text
        ).groups()  # type: ignore[union-attr]
        assert passed == both
        assert float(score) == pytest.approx(100 * int(passed) / (int(passed) + int(failed)), abs=0.1)
        assert f"Score {score} of 100" in text
        assert re.search(r"Coverage = \(pass \+ fail\) ÷ all that applies: \d+ ÷ \d+ = [\d.]+ %\.", text)
    assert "nothing passed or failed, so there is no score" in page(folder, UNREAD).text


def test_the_last_scans_are_drawn_where_there_are_two(folder: Path) -> None:
    assert "5 scans: 2026-10-01 02:00 score 0" in (folder / f"{PARTNER}.html").read_text("utf-8")
    assert "5 scans: 2026-10-01 02:00 score 0" in (folder / "index.html").read_text("utf-8")
    assert "One scan so far: a trend needs two." in page(folder, CUSTOMER).text


def test_what_is_accepted_for_a_time_is_listed(folder: Path) -> None:
    text = page(folder, PARTNER).text
    assert "accepted 2026-11-01 until 2027-01-01 1 Approved by Ann, answered for by Bo: migration" in text
    assert "Accepted for a time" not in page(folder, CUSTOMER).text


def test_what_changed_since_the_scan_before_is_told(folder: Path) -> None:
    text = page(folder, PARTNER).text
    assert "What was otherwise in the scan of 2026-11-03 02:00 UTC" in text
    assert re.search(r"policy excludeGroups: none -> .* 7 5 1 1 ", text)
    assert "What changed" not in page(folder, CUSTOMER).text


def test_a_cause_is_one_finding_with_the_accounts_it_concerns(folder: Path) -> None:
    text = page(folder, PARTNER).text
    assert f"{CAUSE} policy, 9 accounts The policy leaves a gap. p0@x.example, p1@x.example" in text
    assert "p4@x.example and 4 more" in text


def test_findings_are_capped_and_say_so(folder: Path) -> None:
    assert f"The first {SHOWN_FINDINGS} of 251 open findings" in page(folder, PARTNER).text
    assert f"person {SHOWN_FINDINGS - 2:03}" in page(folder, PARTNER).text
    assert f"person {SHOWN_FINDINGS - 1:03}" not in page(folder, PARTNER).text
    assert "3 open findings" in page(folder, CUSTOMER).text
    assert "1 open finding," in page(folder, HOSTILE).text


def test_accounts_are_counted_with_reasons_in_words(folder: Path) -> None:
    text = page(folder, PARTNER).text
    assert "at risk 3 3 \N{MULTIPLICATION SIGN} Security defaults ask for MFA, but none is registered yet." in text
    assert "SD_NOT_REGISTERED" in text
    assert "indeterminate 1 1 \N{MULTIPLICATION SIGN} The registration report has no row" in text
    unread = "4 \N{MULTIPLICATION SIGN} The verdict hinges on the Conditional Access policies: could not be read"
    assert unread in page(folder, UNREAD).text


def test_data_sources_say_what_is_missing_and_what_is_stale(folder: Path) -> None:
    text = page(folder, UNREAD).text
    assert "sign ins \N{EN DASH} not licensed Authentication_RequestFromNonPremiumTenantOrB2CTenant" in text
    assert "△ stale" in text
    assert "△ stale" not in page(folder, PARTNER).text


def test_a_tenant_without_anything_says_that_nothing_is_known(folder: Path) -> None:
    text = page(folder, MISSED).text
    assert "Not scanned since 2026-10-01 02:00 UTC." in text
    assert "nothing is known to pass" in text
    assert "No account is known" in text


def test_the_page_of_a_partner_lists_it_and_its_customers(folder: Path) -> None:
    links = page(folder, f"partner-{PARTNER}").links
    assert {f"{one}.html" for one in IDS} < set(links)
    for one in IDS:
        assert f"partner-{PARTNER}.html" in page(folder, one).links


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((folder / name).read_bytes().decode(), newline="")))


def test_the_csv_of_scorecards(folder: Path) -> None:
    by_id = {row["tenant_id"]: row for row in rows(folder, "scorecards.csv")}
    assert set(by_id) == set(IDS)
    assert by_id[MISSED]["name"] == f"'{FORMULA}"
    assert by_id[MISSED]["score"] == ""
    assert by_id[PARTNER]["in_scope"] == "9"
    assert by_id[PARTNER]["rules_failed"] == rules()[0].id
    assert by_id[PARTNER]["assessed_at"] == "2026-11-23T02:00:00Z"


def test_the_csv_of_findings_has_all_of_them(folder: Path) -> None:
    found = rows(folder, "findings.csv")
    assert len(found) == 256
    assert len({row["finding_id"] for row in found}) == 256
    assert {row["resource_name"][0] for row in found if row["tenant_id"] == CUSTOMER} == {"'"}


def test_the_json_is_faithful(folder: Path) -> None:
    cards = {card["tenant_id"]: card for card in json.loads((folder / "scorecards.json").read_bytes())}
    assert cards[HOSTILE]["name"] == EVIL
    assert cards[UNREAD]["score"] is None
    assert [line["rule_id"] for line in cards[PARTNER]["rules"]] == [rule.id for rule in rules()]


def folders(index: Path) -> set[Path]:
    """Return what stands beside the reports of scorecards: the link, and what it leads to."""
    return {path for path in index.parent.parent.iterdir() if "scorecards" in path.name}


def test_reports_are_swapped_in_whole_and_leave_nothing_behind(own_fleet: Config) -> None:
    index = write_reports(own_fleet)
    stray = index.with_name("99999999-0000-4000-8000-000000000000.html")
    stray.write_text("a tenant of before")
    assert write_reports(own_fleet) == index
    assert not stray.exists()
    assert folders(index) == {index.parent, index.parent.resolve()}


def test_a_failure_leaves_the_old_reports(own_fleet: Config) -> None:
    index = write_reports(own_fleet)
    before = index.read_bytes()
    own_fleet.published.unlink()
    with pytest.raises(WarehouseError, match="there is no warehouse yet"):
        write_reports(own_fleet)
    with writer(own_fleet.published) as con:
        con.execute("create table nothing_of_ours (x integer)")
    with pytest.raises(duckdb.CatalogException):
        write_reports(own_fleet)
    assert index.read_bytes() == before
    assert folders(index) == {index.parent, index.parent.resolve()}


def test_writing_twice_writes_the_same(own_fleet: Config) -> None:
    folder = write_reports(own_fleet).parent
    once = {path.name: path.read_bytes() for path in folder.iterdir()}
    write_reports(own_fleet)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == once


@pytest.mark.parametrize("width", [80, 100, 160])
def test_the_terminal_shows_every_tenant_on_a_line_of_its_own(fleet: Config, width: int) -> None:
    console = Console(width=width, file=io.StringIO(), force_terminal=False, color_system=None)
    print_scorecards(fleet, console)
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    lines = [line for line in shown.splitlines() if line.strip()]
    assert not [line for line in lines if len(line) > width]
    assert not re.findall(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)
    [partner] = [line for line in lines if line.startswith(" Nordlicht GmbH")]
    assert partner.split()[-3 - (width > 120) :][:3] == ["1", "1", "0"]
    assert [line for line in lines if "<script>alert(" in line]
    assert re.search(r"5 tenants\s+19\s+5\s+3\s+0\s+11", shown)
    if width == 160:
        assert "[bold]" in shown
