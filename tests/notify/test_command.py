"""A scan that tells somebody, and one that cannot: the same DAG in one process, with a real receiver."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cloud import CUSTOMER, PARTNER, Cloud, cloud
from tests.end_to_end.conftest import fill
from tests.notify.receivers import Webhook
from tests.test_commands import rollcall

pytestmark = pytest.mark.timeout(600)
TOKEN = "T0K3N-of-a-webhook"
SETTINGS = f"""
[[notify]]
kind = "slack"
connection = "my_slack"
always = true

[[notify]]
kind = "teams"
connection = "my_teams"
always = true

[[waiver]]
rule = "MFA.REG.1v1"
tenant = "{PARTNER}"
owner = "Ola"
reason = "Keys are ordered."
approver = "Ann"
from = 2026-01-01
until = 2026-12-31
"""


@pytest.fixture
def one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hook: Webhook) -> Iterator[Cloud]:
    connection = {"conn_type": "http", "password": hook.url(f"/services/{TOKEN}")}
    monkeypatch.setenv("AIRFLOW_CONN_MY_SLACK", json.dumps(connection))
    nowhere = {"conn_type": "http", "password": f"http://127.0.0.1:9/{TOKEN}"}
    monkeypatch.setenv("AIRFLOW_CONN_MY_TEAMS", json.dumps(nowhere))
    with cloud(tmp_path, monkeypatch, CUSTOMER) as one:
        fill(one, PARTNER, 3, unregistered=1)
        fill(one, CUSTOMER, 2)
        path = one.folder / "rollcall.toml"
        path.write_text(path.read_text("utf-8") + SETTINGS.replace("\n", "\n            "), "utf-8")
        yield one


def test_a_scan_is_told_once_and_who_cannot_be_told_fails_no_scan(one: Cloud, hook: Webhook) -> None:
    scan = rollcall(one, "scan")
    assert scan.returncode == 0, scan.stdout + scan.stderr
    assert "scan: success" in scan.stdout
    assert "notify" in scan.stdout
    assert "failed: 1 of 2 channels were not told" in scan.stdout
    [(_, payload)] = hook.posted
    assert payload["text"].endswith("the first, there is nothing to compare it with")

    listed = rollcall(one, "waivers")
    assert "1 waivers, 0 technical exceptions as of " in listed.stdout, listed.stderr
    # The year of this test's waiver may be over: what is said of it then is said by the other tests.
    assert listed.returncode == int("broken" in listed.stdout)

    assert TOKEN not in scan.stdout + scan.stderr
    logs = "".join(path.read_text("utf-8", "replace") for path in one.folder.rglob("*.log"))
    assert logs
    assert TOKEN not in logs
