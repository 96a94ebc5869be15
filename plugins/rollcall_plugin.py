"""The scorecards as pages of the Airflow UI: all tenants, one tenant, and what a run of the scan left behind.

Airflow imports this file under its bare name, so nothing else imports it. It reads the published file alone, opened
anew for each request and read-only. What draws the pages is imported when the first one is asked for: the API server
starts as light as before.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Annotated, Any

from airflow.api_fastapi.core_api.security import get_user, requires_access_dag
from airflow.plugins_manager import AirflowPlugin
from fastapi import Depends, FastAPI, Path, Request, Response
from fastapi.responses import HTMLResponse, StreamingResponse

SCAN = "mfa_scan"  # the DAG whose runs are scans: who may see it may see scorecards

FILES = ("scorecards.csv", "scorecards.json", "findings.csv", "findings.ocsf.jsonl")

# The pages hold text that tenants wrote, in the origin of Airflow itself: nothing in them may run or load anything.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; base-uri 'none'; "
        "form-action 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

app = FastAPI(
    title="Scorecards",
    # Nothing that a plugin mounts is protected by default.
    dependencies=[Depends(get_user), Depends(requires_access_dag(method="GET", param_dag_id=SCAN))],
    docs_url=None,
    redoc_url=None,
    openapi_url=None,
)


class Nothing(Exception):  # noqa: N818  (an answer, not an accident)
    """There is no page to show; it says why."""

    def __init__(self, heading: str, message: str, status: int = 404) -> None:
        super().__init__(message)
        self.heading, self.message, self.status = heading, message, status


@app.middleware("http")
async def _guard(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await answer(request)
    response.headers.update(HEADERS)
    return response


@app.exception_handler(Nothing)
def _say(_: Request, nothing: Nothing) -> HTMLResponse:
    from checks.report.pages import message_page

    return HTMLResponse(message_page(nothing.heading, nothing.message), nothing.status)


def published() -> Iterator[Any]:
    """Open the published file for one request. Raises :class:`Nothing` where there is none that can be read."""
    from collectors import config
    from collectors.errors import ScanError
    from warehouse.engine import reader

    try:
        path = config.load().published
    except ScanError as error:
        raise Nothing("The configuration cannot be read", str(error), 500) from None
    if not path.exists():
        message = "No scan has finished yet. Trigger the scan; its scorecards appear here when it is done."
        raise Nothing("No scorecards yet", message)
    # What the request does with the connection is not ours to explain; only that it opens.
    opening = reader(path)
    try:
        con = opening.__enter__()
    except ScanError as error:
        raise Nothing("The scorecards cannot be read", str(error), 503) from None
    try:
        yield con
    finally:
        opening.__exit__(None, None, None)


Published = Annotated[Any, Depends(published)]
TenantId = Annotated[str, Path(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


@app.get("/", response_class=HTMLResponse)
def index(con: Published) -> str:
    """Show every tenant."""
    from checks.report import cards, pages, trend

    links = pages.Links(home="./", tenants="tenant/{}", partners="partner/{}", files=FILES)
    return pages.index_page(cards.fleet(con), links, points=trend.together(con).fleet)


@app.get("/tenant/{tenant_id}", response_class=HTMLResponse)
def tenant(tenant_id: TenantId, con: Published) -> str:
    """Show one tenant."""
    from checks.report import cards, data, pages
    from collectors import config

    found = cards.tenant(con, tenant_id)
    if not found:
        raise Nothing("No such tenant", f"No scan has seen the tenant {tenant_id}.")
    [detail] = data.details(con, config.load(), found[:1], found)
    links = pages.Links(home="../", root="../", tenants="tenant/{}", partners="partner/{}", files=FILES)
    return pages.tenant_page(detail, links)


@app.get("/partner/{tenant_id}", response_class=HTMLResponse)
def partner(tenant_id: TenantId, con: Published) -> str:
    """Show a partner with all its customers."""
    from checks.report import cards, pages, trend

    found = cards.fleet(con, tenant_id)
    if not found or found[0].kind != "partner":
        raise Nothing("No such partner", f"No scan has seen a partner with the tenant {tenant_id}.")
    links = pages.Links(home="../", root="../", tenants="tenant/{}", partners="partner/{}", files=FILES)
    return pages.partner_page(found, links, points=trend.together(con).partners.get(tenant_id, ()))


@app.get(
    "/run/{dag_id}/{run_id}",
    response_class=HTMLResponse,
    dependencies=[Depends(requires_access_dag(method="GET"))],
)
def run(dag_id: str, run_id: str, con: Published) -> str:
    """Show the scorecards that a run of the scan left behind."""
    from checks.report import cards, pages

    if dag_id != SCAN:
        raise Nothing("No scorecards here", f"Only runs of the DAG {SCAN} make scorecards.")
    links = pages.Links(home="../../", root="../../", tenants="tenant/{}", partners="partner/{}", files=FILES)
    return pages.index_page(cards.fleet_of_scan(con, run_id), links, scan_id=run_id)


@app.get("/scorecards.csv")
def scorecards_csv(con: Published) -> StreamingResponse:
    """Download the scorecards for a spreadsheet."""
    from checks.report import cards, tables

    return _download(tables.csv_lines("scorecards", tables.Scope(con, cards.fleet(con))), "scorecards.csv", "text/csv")


@app.get("/scorecards.json")
def scorecards_json(con: Published) -> Response:
    """Download the scorecards with their rules, for programs."""
    from checks.report import cards, document

    return _download(iter([document.scorecards_json(cards.fleet(con))]), "scorecards.json", "application/json")


@app.get("/findings.csv")
def findings_csv(con: Published) -> StreamingResponse:
    """Download every open finding; the file is closed when the last line has been sent."""
    from checks.report import tables

    return _download(tables.csv_lines("findings", tables.Scope(con, ())), "findings.csv", "text/csv")


@app.get("/findings.ocsf.jsonl")
def findings_ocsf(con: Published) -> StreamingResponse:
    """Download every finding for a SIEM, an event a line."""
    from checks.report import cards, ocsf, tables

    return _download(ocsf.lines(tables.Scope(con, cards.fleet(con))), "findings.ocsf.jsonl", "application/jsonl")


def _download(content: Iterator[str] | Iterator[bytes], name: str, media_type: str) -> StreamingResponse:
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(content, media_type=f"{media_type}; charset=utf-8", headers=disposition)


class RollcallPlugin(AirflowPlugin):
    """What Airflow mounts and shows in its navigation."""

    name = "rollcall"
    fastapi_apps = [{"app": app, "url_prefix": "/scorecards", "name": "Scorecards"}]  # noqa: RUF012
    external_views = [  # noqa: RUF012
        {
            "name": "Scorecards",
            "href": "/scorecards/",
            "destination": "nav",
            "url_route": "scorecards",
            "nav_top_level": True,
        },
        {
            "name": "Scorecards",
            "href": "/scorecards/run/{DAG_ID}/{RUN_ID}",
            "destination": "dag_run",
            "url_route": "scorecards_run",
        },
    ]
