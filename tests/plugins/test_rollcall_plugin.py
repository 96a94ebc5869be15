"""The scorecard pages inside a real Airflow API server: its plugin loading, its login, its access rules."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin

import httpx
import pytest
from fastapi import FastAPI
from starlette.routing import Mount

from collectors.config import Config
from tests.scorecards.fleet import CUSTOMER, EVIL, FORMULA, HOSTILE, PARTNER, TENANTS, publish_fleet

ROOT = Path(__file__).parents[2]
PLUGIN = ROOT / "plugins" / "rollcall_plugin.py"
PAGES = [
    "/scorecards/",
    f"/scorecards/tenant/{PARTNER}",
    f"/scorecards/partner/{PARTNER}",
    "/scorecards/run/mfa_scan/scan-1",
]
DOWNLOADS = [
    "/scorecards/scorecards.csv",
    "/scorecards/scorecards.json",
    "/scorecards/findings.csv",
    "/scorecards/findings.ocsf.jsonl",
]
HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; "
    "base-uri 'none'; form-action 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}


@dataclass
class Server:
    """Airflow's API server as an ASGI application, and tokens of its users."""

    app: FastAPI
    tokens: dict[str, str]

    def get(self, path: str, role: str | None = "viewer", **headers: str) -> httpx.Response:
        """Ask for a page as a user with this role, or as nobody."""
        if role:
            headers["Authorization"] = f"Bearer {self.tokens[role]}"

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
                return await client.get(path, headers=headers)

        return asyncio.run(ask())


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what Airflow uses, while it starts
        patch.setenv("AIRFLOW__API_AUTH__JWT_SECRET", "s" * 64)
        from airflow.api_fastapi import app as airflow
        from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
        from airflow.utils import db

        db.initdb()
        app = airflow.create_app(apps="core")
        users = {role: SimpleAuthManagerUser(username=role, role=role.upper()) for role in ("viewer", "admin")}
        users["nobody"] = SimpleAuthManagerUser(username="nobody", role=None)
        manager: Any = airflow.get_auth_manager()
        yield Server(app, {name: manager.generate_jwt(user) for name, user in users.items()})
        airflow.purge_cached_app()


def settle(config: Config) -> Path:
    """Write the configuration's file beside its warehouse and return it."""
    path = Path(config.folder, "rollcall.toml")
    partner = config.partner[0]
    path.write_text(
        f'[storage]\npublished = "{config.storage.published}"\n'
        f'[[partner]]\ntenant_id = "{partner.tenant_id}"\nname = "P"\nprogram = "direct-bill"\ncredential = "c"\n'
    )
    return path


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The configuration file of a published fleet."""
    return settle(publish_fleet(tmp_path_factory.mktemp("fleet")))


@pytest.fixture
def config(published: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ROLLCALL_CONFIG", str(published))
    return published


@pytest.fixture
def unscanned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "rollcall.toml"
    path.write_text(f'[[partner]]\ntenant_id = "{PARTNER}"\nname = "P"\nprogram = "direct-bill"\ncredential = "c"\n')
    monkeypatch.setenv("ROLLCALL_CONFIG", str(path))
    return path


class Links(HTMLParser):
    """Every link of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.found += [value for name, value in attrs if name == "href" and value]


@pytest.mark.parametrize("path", [*PAGES, *DOWNLOADS, "/scorecards/nothing"])
def test_nobody_gets_in_without_a_login(server: Server, config: Path, path: str) -> None:
    answer = server.get(path, role=None)
    if path.endswith("nothing"):
        assert answer.status_code in {401, 404}
    else:
        assert answer.status_code == 401
    assert "Nordlicht" not in answer.text
    assert server.get(path, role=None, Authorization="Bearer nonsense").status_code in {401, 403, 404}


@pytest.mark.parametrize("path", [*PAGES, *DOWNLOADS])
def test_who_may_not_see_the_scan_may_not_see_scorecards(server: Server, config: Path, path: str) -> None:
    assert server.get(path, role="nobody").status_code == 403


def test_nobody_learns_without_a_login_that_no_scan_has_finished(server: Server, unscanned: Path) -> None:
    assert server.get("/scorecards/", role=None).status_code == 401


@pytest.mark.parametrize("role", ["viewer", "admin"])
@pytest.mark.parametrize("path", PAGES)
def test_pages_show_the_tenants(server: Server, config: Path, path: str, role: str) -> None:
    answer = server.get(path, role=role)
    assert answer.status_code == 200
    assert "Nordlicht GmbH" in answer.text


@pytest.mark.parametrize(
    "path",
    [*PAGES, *DOWNLOADS, "/scorecards/tenant/x", "/scorecards/run/other/scan-1", f"/scorecards/tenant/{PARTNER[:-1]}9"],
)
@pytest.mark.parametrize("role", ["viewer", None])
def test_every_answer_forbids_what_a_page_must_not_do(
    server: Server, config: Path, path: str, role: str | None
) -> None:
    answer = server.get(path, role)
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


@pytest.mark.parametrize("path", [*PAGES, f"/scorecards/tenant/{HOSTILE}"])
def test_every_link_leads_somewhere_and_nothing_runs(server: Server, config: Path, path: str) -> None:
    page = Links(server.get(path).text)
    assert not page.tags & {"script", "img", "link", "iframe", "form", "base"}
    targets = {urljoin(path, link).partition("#")[0] for link in page.found}
    assert "/scorecards/" in targets or path == "/scorecards/"
    assert {target: server.get(target).status_code for target in targets} == dict.fromkeys(targets, 200)


def test_the_index_links_every_tenant(server: Server, config: Path) -> None:
    links = Links(server.get("/scorecards/").text).found
    assert {f"tenant/{tenant['tenant_id']}" for tenant in TENANTS} <= set(links)


@pytest.mark.parametrize(
    "tenant_id", ["x", PARTNER.upper().replace("0", "A"), f"{PARTNER}x", "%2e%2e%2fetc", f"{PARTNER}%0a"]
)
def test_a_tenant_id_must_be_one(server: Server, config: Path, tenant_id: str) -> None:
    assert server.get(f"/scorecards/tenant/{tenant_id}").status_code in {404, 422}


def test_a_tenant_that_no_scan_has_seen_has_no_page(server: Server, config: Path) -> None:
    answer = server.get("/scorecards/tenant/99999999-0000-4000-8000-000000000000")
    assert (answer.status_code, "No such tenant" in answer.text) == (404, True)


@pytest.mark.parametrize("tenant_id", [CUSTOMER, "99999999-0000-4000-8000-000000000000"])
def test_a_customer_has_no_page_of_customers(server: Server, config: Path, tenant_id: str) -> None:
    answer = server.get(f"/scorecards/partner/{tenant_id}")
    assert (answer.status_code, "No such partner" in answer.text) == (404, True)


def test_the_page_of_a_customer_leads_to_its_partner(server: Server, config: Path) -> None:
    page = Links(server.get(f"/scorecards/tenant/{CUSTOMER}").text)
    assert f"../partner/{PARTNER}" in page.found


def test_a_run_shows_what_it_left_behind(server: Server, config: Path) -> None:
    known = server.get("/scorecards/run/mfa_scan/scan-1").text
    unknown = server.get("/scorecards/run/mfa_scan/scan-7").text
    assert "Nordlicht GmbH" in known
    assert "Nordlicht GmbH" not in unknown
    assert "There is no scorecard yet of this scan" in unknown


def test_a_run_of_another_dag_shows_no_scan(server: Server, config: Path) -> None:
    """Access is asked for that DAG: it must not open the scan's runs."""
    answer = server.get("/scorecards/run/other/scan-1")
    assert answer.status_code == 404
    assert "Nordlicht" not in answer.text


def test_a_hostile_run_id_is_only_text(server: Server, config: Path) -> None:
    answer = server.get(f"/scorecards/run/mfa_scan/{quote('<script>alert(1)</script>', safe='')}")
    assert "<script" not in answer.text


def test_downloads_are_the_files(server: Server, config: Path) -> None:
    csv, json, findings, events = (server.get(path) for path in DOWNLOADS)
    assert f'"\'{FORMULA.replace(chr(34), chr(34) * 2)}"' in csv.text
    assert {card["name"] for card in json.json()} >= {EVIL}
    assert findings.text.count("\r\n") == 257
    assert events.content.count(b"\n") == 256
    for path, answer in zip(DOWNLOADS, (csv, json, findings, events), strict=True):
        name = path.rpartition("/")[2]
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'


@pytest.mark.parametrize("path", [*PAGES, *DOWNLOADS])
def test_before_the_first_scan_a_page_says_so(server: Server, unscanned: Path, path: str) -> None:
    answer = server.get(path)
    assert answer.status_code == 404
    assert "No scan has finished yet" in answer.text


def test_a_broken_configuration_is_said_in_words(server: Server, unscanned: Path) -> None:
    unscanned.write_text("[storrage]")
    answer = server.get("/scorecards/")
    assert answer.status_code == 500
    assert "storrage" in answer.text


def test_a_file_that_is_no_warehouse_is_said_in_words(server: Server, unscanned: Path) -> None:
    published = unscanned.parent / "var" / "published" / "rollcall.duckdb"
    published.parent.mkdir(parents=True)
    published.write_text("not a database, whatever its name says " * 1000)
    answer = server.get("/scorecards/")
    assert (answer.status_code, "cannot be read" in answer.text) == (503, True)


def test_a_file_swapped_in_is_shown_at_once(
    server: Server, published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(published.parent, tmp_path / "own")
    monkeypatch.setenv("ROLLCALL_CONFIG", str(tmp_path / "own" / "rollcall.toml"))
    assert "Nordlicht GmbH" in server.get("/scorecards/").text
    newer = tmp_path / "own" / "published" / "newer.duckdb"
    shutil.copy(tmp_path / "own" / "published" / "rollcall.duckdb", newer)
    from warehouse.engine import writer

    with writer(newer) as con:
        con.execute("update tenants set name = 'Renamed' where kind = 'partner'")
    newer.replace(newer.with_name("rollcall.duckdb"))
    assert "Renamed" in server.get("/scorecards/").text


def test_airflow_shows_the_pages_in_its_navigation(server: Server) -> None:
    [plugin] = [p for p in server.get("/api/v2/plugins", "admin").json()["plugins"] if p["name"] == "rollcall"]
    views = {view["destination"]: view for view in plugin["external_views"]}
    assert views["nav"]["href"] == "/scorecards/"
    assert views["nav"]["url_route"] == "scorecards"
    assert views["dag_run"]["href"] == "/scorecards/run/{DAG_ID}/{RUN_ID}"


def test_the_scan_it_speaks_of_is_the_dag_that_exists(server: Server) -> None:
    plugin: Any = sys.modules["rollcall_plugin"]
    assert f'dag_id="{plugin.SCAN}"' in (ROOT / "dags" / "scan.py").read_text("utf-8")


def test_the_plugin_is_imported_under_one_name(server: Server) -> None:
    names = [name for name, module in sys.modules.items() if getattr(module, "__file__", None) == str(PLUGIN)]
    assert names == ["rollcall_plugin"]
    mounts = [route for route in server.app.routes if isinstance(route, Mount) and route.path == "/scorecards"]
    assert [mount.app for mount in mounts] == [sys.modules["rollcall_plugin"].app]


def test_loading_the_plugin_loads_nothing_heavy() -> None:
    """The API server imports it at its start; what draws the pages comes with the first request."""
    code = (
        "import sys; sys.path.insert(0, 'plugins'); import rollcall_plugin; "
        "print([m for m in ('checks', 'warehouse', 'duckdb', 'great_expectations', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_drawing_pages_needs_no_great_expectations() -> None:
    code = (
        "import sys; from checks.report import pages, cards, data, tables, files, terminal; "
        "print('great_expectations' in sys.modules, 'pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
