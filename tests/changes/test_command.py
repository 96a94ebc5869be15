"""What ``rollcall changes`` prints, and the same as data."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from checks.changes.record import record
from checks.explain.find import NoSuchTenant
from checks.report.changed import changed, print_changes
from checks.report.explained import as_json
from collectors.catalogue import catalogue
from collectors.config import Config
from rollcall import main
from tests.changes.conftest import Nights, nights, rows
from tests.cloud import NOW
from tests.judge.orgs import Org
from warehouse.engine import writer
from warehouse.publish import publish
from warehouse.retention import Retention, drop_expired


@pytest.fixture(scope="module")
def published(cases: Nights) -> Config:
    publish(cases.config)
    return cases.config


def shown(config: Config, tenant: str | None = None) -> str:
    console = Console(file=io.StringIO(), width=200)
    print_changes(changed(config, tenant, is_whole=False), console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_one_tenant_is_told_worst_first(published: Config) -> None:
    text = shown(published, "policy_edit")
    assert "From 2026-11-23 02:00 UTC to 2026-11-24 02:00 UTC" in text
    assert "Accounts: 2 worse." in text
    lines = text.splitlines()
    [policy] = [at for at, line in enumerate(lines) if "users.excludeGroups" in line]
    assert lines[policy].startswith("policy_edit: Policy p1: ")
    assert lines[policy + 1 : policy + 3] == [
        "   The cause of 1 account: 1 worse.",
        "   ✗ u2@x.example: compliant -> not compliant",
    ]
    [renamed] = [at for at, line in enumerate(lines) if "-> Renamed" in line]
    assert renamed > policy
    assert lines[renamed + 1] == "   It changed nobody's verdict."


def test_nothing_is_told_of_a_quiet_night(published: Config) -> None:
    assert "No account is otherwise than it was." in shown(published, "quiet")


def test_all_tenants_are_told_and_no_more_than_fits(published: Config) -> None:
    text = shown(published)
    assert "policy_edit: Policy p1" in text
    assert "\u202e" not in text


def test_the_data_has_every_account(published: Config, cases: Nights) -> None:
    told = json.loads(as_json(changed(published)))
    assert len(told["accounts"]) == len(cases.rows("verdict_changes")) == sum(told["directions"].values())
    assert len(told["changes"]) == len(cases.rows("changes"))
    worst = [each["worse"] for each in told["changes"]]
    assert worst == sorted(worst, reverse=True)
    assert told["version"] == 1


def test_a_tenant_that_is_not_there_is_refused(published: Config) -> None:
    with pytest.raises(NoSuchTenant, match="no tenant has the id or name"):
        changed(published, "nobody")


def test_the_command_prints_it(published: Config) -> None:
    config = str(Path(published.folder, "rollcall.toml"))
    ended = CliRunner().invoke(main, ["changes", "--tenant", "defaults", "--config", config])
    assert ended.exit_code == 0, ended.output
    assert "defaults: security defaults: on yes -> no" in ended.output
    data = CliRunner().invoke(main, ["changes", "--tenant", "defaults", "--json", "--config", config])
    assert [each["after"] for each in json.loads(data.output)["accounts"]] == ["non_compliant"] * 2


def test_a_first_scan_says_so(tmp_path: Path) -> None:
    with nights(tmp_path, {"one": Org()}) as found:
        publish(found.config)
        assert "is the first: there is nothing to compare it with" in shown(found.config)


def test_what_changed_is_kept_as_long_as_history(tmp_path: Path) -> None:
    with nights(tmp_path, {"one": Org()}) as found:
        found.scan({"one": Org(has_defaults=True)})
        for days, is_kept in ((9, True), (1, False)):
            with writer(found.config.warehouse) as con:
                drop_expired(con, catalogue(), Retention(history=days), NOW + timedelta(days=5))
            assert bool(rows(found.config, "from verdict_changes")) == is_kept
            assert bool(rows(found.config, "from changes")) == is_kept
        record(found.config)
        assert rows(found.config, "from changes") == []
