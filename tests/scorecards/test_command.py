"""``rollcall report`` as a person uses it: one document, or one clear message."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from collectors.config import Config
from rollcall import main
from tests.plugins.test_rollcall_plugin import settle
from tests.scorecards.fleet import CUSTOMER, PARTNER

SCANS = f"scans it, {PARTNER}."
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def settings(fleet: Config) -> Path:
    return settle(fleet)


@pytest.fixture
def report(settings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.chdir(tmp_path)
    for name in ("AIRFLOW_HOME", "ROLLCALL_CONFIG"):
        monkeypatch.setenv(name, str(tmp_path))

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["report", "--config", str(settings), *arguments])

    return run


@pytest.mark.parametrize(
    ("form", "beginning"),
    [
        ("html", b"<!DOCTYPE html>"),
        ("pdf", b"%PDF-"),
        ("csv", b"finding_id,"),
        ("xlsx", b"PK"),
        ("json", b'{\n"format": 1'),
        ("ocsf", b'{"activity_id"'),
    ],
)
@pytest.mark.parametrize("about", [["--tenant", CUSTOMER], ["--partner", "nordlicht gmbh"], []])
def test_each_format_of_a_tenant_a_partner_and_all(report, form: str, beginning: bytes, about: list[str]) -> None:  # type: ignore[no-untyped-def]
    done = report(*about, "--format", form, "--output", "made")
    assert done.exit_code == 0, done.output
    assert done.output == f"made: {'1 tenant' if '--tenant' in about else '5 tenants'}\n"
    assert Path("made").read_bytes().startswith(beginning)


def test_csv_has_the_table_that_is_asked_for(report) -> None:  # type: ignore[no-untyped-def]
    assert report("--format", "csv", "--table", "accounts", "--output", "a.csv").exit_code == 0
    assert Path("a.csv").read_text("utf-8").startswith("tenant_id,tenant_name,account_id")


def test_a_page_by_itself_leads_nowhere_else(report) -> None:  # type: ignore[no-untyped-def]
    from tests.scorecards.test_reports import Page

    for about in (["--tenant", PARTNER], ["--partner", PARTNER], []):
        assert report(*about, "--output", "one.html").exit_code == 0
        links = Page(Path("one.html").read_text("utf-8")).links
        assert not [link for link in links if not link.startswith(("#", "https://learn.microsoft.com/"))]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--tenant", "Nordlich", "--output", "x"], 'no tenant has the id or name "Nordlich". There are: "Nordlicht'),
        (["--partner", CUSTOMER, "--output", "x"], f"is a customer. Give --tenant for it, or the partner that {SCANS}"),
        (["--tenant", "a", "--partner", "b", "--output", "x"], "Give either --tenant or --partner."),
        (["--table", "rules", "--output", "x"], "--table is for CSV; html has all that there is."),
        (["--format", "docx", "--output", "x"], "'docx' is not one of"),
        ([], "Missing option '--output'"),
        (["--output", "/proc/nowhere/x"], "could not be written"),
    ],
)  # fmt: skip
def test_a_mistake_ends_with_one_message(report, arguments: list[str], message: str) -> None:  # type: ignore[no-untyped-def]
    done = report(*arguments)
    assert done.exit_code != 0
    assert message in " ".join(done.output.split())
    assert "Traceback" not in done.output
    assert not Path("x").exists()


def test_a_failure_leaves_the_file_of_before(report) -> None:  # type: ignore[no-untyped-def]
    Path("kept.json").write_text("of before")
    assert report("--tenant", "nobody", "--format", "json", "--output", "kept.json").exit_code != 0
    assert Path("kept.json").read_text() == "of before"


def test_without_the_extra_it_says_how_to_add_it(settings: Path, tmp_path: Path) -> None:
    """A Python that cannot import it, as where it was never installed."""
    code = (
        "import sys; sys.modules['weasyprint'] = None; from rollcall import main; "
        f"main(['report', '--config', {str(settings)!r}, '--format', 'pdf', '--output', {str(tmp_path / 'x.pdf')!r}])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "pip install 'mfa-rollcall[pdf]'" in done.stderr
    assert "--format html" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "x.pdf").exists()


def test_the_file_is_for_its_owner_alone(report) -> None:  # type: ignore[no-untyped-def]
    assert report("--tenant", PARTNER, "--format", "json", "--output", "private.json").exit_code == 0
    assert Path("private.json").stat().st_mode & 0o077 == 0
    assert json.loads(Path("private.json").read_bytes())["about"] == "tenant"
