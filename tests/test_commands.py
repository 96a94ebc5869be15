"""The `rollcall` command as a person uses it: in a process of its own, over the real sandbox."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cloud import CONNECTION, CUSTOMER, PARTNER, SECRET, Cloud, cloud
from tests.end_to_end.conftest import fill

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "tests" / "example_plugin"


@pytest.fixture
def one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with cloud(tmp_path, monkeypatch, CUSTOMER) as one:
        fill(one, PARTNER, 5, unregistered=1)
        fill(one, CUSTOMER, 3)
        yield one


def rollcall(one: Cloud, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("AIRFLOW__") and k != "AIRFLOW_HOME"}
    return subprocess.run(
        [str(Path(sys.executable).with_name("rollcall")), *arguments],
        cwd=one.folder,
        env=kept | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def change(one: Cloud, old: str, new: str) -> None:
    path = one.folder / "rollcall.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def typo(one: Cloud, _: Any) -> None:
    change(one, "program =", "programe =")


def no_such_credential(one: Cloud, _: Any) -> None:
    change(one, f'credential = "{CONNECTION}"', 'credential = "nobody"')


def unreachable(one: Cloud, _: Any) -> None:
    change(one, f'login = "{one.url}"', 'login = "http://127.0.0.1:9"')


def wrong_secret(_: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    variable = f"AIRFLOW_CONN_{CONNECTION.upper()}"
    monkeypatch.setenv(variable, os.environ[variable].replace(SECRET, "wrong-horse"))


@pytest.mark.parametrize(
    ("mistake", "words"),
    [
        (typo, "the key 'programe' is not known. Did you mean 'program'?"),
        (no_such_credential, "there is no Airflow connection 'nobody'"),
        (unreachable, "http://127.0.0.1:9 did not give a token"),
        (wrong_secret, "AADSTS7000215"),
    ],
)
def test_a_mistake_ends_with_one_clear_message(
    one: Cloud, monkeypatch: pytest.MonkeyPatch, mistake: Any, words: str
) -> None:
    mistake(one, monkeypatch)
    ended = rollcall(one, "scan")
    assert ended.returncode != 0
    assert words in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1, ended.stderr
    assert ended.stdout == ""
    assert "Traceback" not in ended.stderr
    assert "wrong-horse" not in ended.stderr


def test_a_tenant_nobody_has_ends_the_scan_with_a_clear_message(one: Cloud) -> None:
    ended = rollcall(one, "scan", "--tenant", "nowhere")
    assert ended.returncode != 0
    assert "no tenant has the id or name nowhere" in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr


def install_example(folder: Path) -> str:
    """Install the example plugin, as a package of its own, where only a process that is told so finds it."""
    target = folder / "site"
    uv = str(Path(sys.executable).with_name("uv"))
    command = [uv, "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    command += ["--offline", "--python", sys.executable, "--target", str(target), str(EXAMPLE)]
    subprocess.run(command, check=True, timeout=120)
    return str(target)


def test_a_plugin_that_does_not_load_is_named_and_the_others_still_work(one: Cloud, tmp_path: Path) -> None:
    plugin = install_example(tmp_path)
    Path(plugin, "rollcall_acme_domains.py").write_text("import acme_is_not_there\n")
    doctor = rollcall(one, "doctor", PYTHONPATH=plugin)
    assert doctor.returncode == 1
    assert "problem  plugin acme_domains did not load: ModuleNotFoundError" in doctor.stdout
    assert "ok       collector users: users" in doctor.stdout


def test_a_scan_in_one_process_says_what_it_could_not_read(one: Cloud) -> None:
    one.fail(PARTNER, "v1.0/users", 403, "Authorization_RequestDenied", "Insufficient privileges")
    scan = rollcall(one, "scan")
    assert scan.returncode == 1
    assert "scan: failed" in scan.stdout
    assert "users: not_permitted" in scan.stdout
    assert "Traceback" not in scan.stdout + scan.stderr


def test_a_wrong_query_shows_duckdbs_words(one: Cloud) -> None:
    assert "Run `rollcall scan` first" in rollcall(one, "sql", "select 1").stderr
