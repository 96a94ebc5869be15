"""The ``rollcall`` command."""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import Any, Literal, get_args

import click

from collectors.config import ENVIRONMENT, Config, load
from collectors.errors import ScanError

ROOT = Path(__file__).parent
CONFIG = click.option(
    "--config",
    type=click.Path(path_type=Path),
    envvar=ENVIRONMENT,
    default=Path("rollcall.toml"),
    show_default=True,
    help="The configuration file.",
)
DEMO = ROOT / "sandbox" / "demo" / "rollcall.toml"
SANDBOX_PORT = 8081
Form = Literal["table", "csv", "json", "parquet"]
Report = Literal["html", "pdf", "csv", "xlsx", "json", "ocsf"]
Table = Literal["scorecards", "rules", "findings", "accounts", "sources"]


class _Group(click.Group):
    """A group whose commands end with one clear message instead of a traceback when something must be mended."""

    def invoke(self, ctx: click.Context) -> Any:
        from embedded.stack import StackError

        try:
            return super().invoke(ctx)
        except (ScanError, StackError) as error:
            raise click.ClickException(str(error)) from None


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="mfa-rollcall")
def main() -> None:
    """Who must do MFA, who really has to, and what proves it: every account of every tenant."""


CONNECTIONS = click.option(
    "--connections",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of Airflow connections (JSON, YAML or env), for use without Airflow's own.",
)


def _config(path: Path, connections: Path | None = None) -> Config:
    """Read the configuration and set this process up as Airflow's tasks are, before anything imports Airflow."""
    config = load(path)
    home = Path(os.environ.get("AIRFLOW_HOME") or config.warehouse.with_name("airflow"))
    _as_airflow(home, path, connections)
    os.environ[ENVIRONMENT] = str(path.absolute())
    return config


def _as_airflow(home: Path, config: Path, connections: Path | None = None) -> None:
    """Set this process up as Airflow's tasks are."""
    from embedded.settings import Embedded

    settings = Embedded(home, config.absolute(), connections).environment()
    settings["AIRFLOW__LOGGING__LOGGING_LEVEL"] = "ERROR"  # its warnings are about a server we do not run
    os.environ.update({name: value for name, value in settings.items() if name not in os.environ})


@main.command()
@CONFIG
@CONNECTIONS
@click.option("--tenant", "tenants", multiple=True, help="Scan this tenant only (id or name). May be repeated.")
@click.option("--collector", "collectors", multiple=True, help="Run this collector only. May be repeated.")
@click.option("-v", "--verbose", is_flag=True, help="Show Airflow's log.")
def scan(
    config: Path, connections: Path | None, tenants: tuple[str, ...], collectors: tuple[str, ...], *, verbose: bool
) -> None:
    """Scan all tenants in this process: the same DAG, no server. Ends non-zero unless everything was read."""
    from checks.preflight import require_partners
    from checks.report import print_scorecards
    from embedded.one_process import run

    settings = _config(config, connections)
    require_partners(settings)
    started = time.monotonic()
    state = run({"tenants": [*tenants], "collectors": [*collectors]}, verbose=verbose)
    print_scorecards(settings)
    click.echo(f"scan: {state} after {time.monotonic() - started:.1f} s")
    sys.exit(0 if state == "success" else 1)


@main.command()
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Folder of tenants.")
@click.option("--fleet", metavar="tenants=N,users=N,sign_ins=N[,seed=N][,as_of=TIME]", help="Made-up tenants instead.")
@click.option("--port", type=click.IntRange(0, 65535), default=SANDBOX_PORT, show_default=True)
@click.option("--limits", is_flag=True, help="Enforce Microsoft's limits.")
@click.option("--latency", type=click.FloatRange(0), default=0.0, metavar="SECONDS", help="Let each answer wait.")
@click.option("--statistics", is_flag=True, help="Count requests at /_sandbox/statistics.")
def sandbox(data: Path | None, fleet: str | None, port: int, *, limits: bool, latency: float, statistics: bool) -> None:
    """Serve a folder of tenants, or a fleet that is made up while it is read, as if it were Microsoft's cloud."""
    from sandbox.fleet import open_fleet
    from sandbox.server import serve

    if (data is None) == (fleet is None):
        raise click.UsageError("Give either --data or --fleet.")
    try:
        store = data or open_fleet(fleet or "")
    except ValueError as problem:
        raise click.UsageError(str(problem)) from None
    serve(store, port, limits=limits, latency_seconds=latency, statistics=statistics)


@main.command()
@CONFIG
@CONNECTIONS
@click.option("--tenant", "tenants", multiple=True, help="Examine this tenant only (id or name). May be repeated.")
def doctor(config: Path, connections: Path | None, tenants: tuple[str, ...]) -> None:
    """Say what is missing, for each tenant and dataset, and what to give to whom. Non-zero if something is."""
    from checks.preflight import examine

    findings = examine(_config(config, connections), tenants)
    for finding in findings:
        click.echo(str(finding))
    sys.exit(1 if any(finding.is_problem for finding in findings) else 0)


@main.command()
@CONFIG
def scorecards(config: Path) -> None:
    """Print the scorecards of the last scan."""
    from checks.report import print_scorecards

    print_scorecards(_config(config))


@main.command("data-docs")
@CONFIG
@click.option(
    "--output", type=click.Path(path_type=Path), required=True, help="Folder to make the project in. None may be there."
)
def data_docs(config: Path, output: Path) -> None:
    """Make a project of Great Expectations of the last scan: its suites, their results, and Data Docs."""
    from checks.documents import project

    click.echo(project(_config(config), output))


@main.command()
@CONFIG
def waivers(config: Path) -> None:
    """List every waiver and technical exception: how it stands, what it covers. Non-zero if one is broken."""
    from checks.waivers.listing import listing

    found = listing(_config(config))
    for line in found.lines:
        click.echo(line)
    sys.exit(1 if found.is_broken else 0)


@main.command()
@click.option("--tenant", help="One tenant (id or name).")
@click.option("--partner", help="A partner (id or name) with all its customers. Without either: all tenants.")
@click.option("--format", "form", type=click.Choice(get_args(Report)), default="html", show_default=True)
@click.option("--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The file to write.")
@click.option("--table", type=click.Choice(get_args(Table)), help="Which table CSV has.  [default: findings]")
@CONFIG
def report(
    *, tenant: str | None, partner: str | None, form: Report, output: Path, table: Table | None, config: Path
) -> None:
    """Write a scorecard to hand on: a page, a PDF, a workbook, or data. The file is swapped in whole.

    JSON is faithful to the letter; CSV and workbooks are made safe for spreadsheets. OCSF has an event for each
    finding, for SIEMs. PDF needs the extra: pip install 'mfa-rollcall[pdf]'.
    """
    from checks.report.report import write_report

    if tenant is not None and partner is not None:
        raise click.UsageError("Give either --tenant or --partner.")
    if table is not None and form != "csv":
        raise click.UsageError(f"--table is for CSV; {form} has all that there is.")
    chosen = table or "findings"
    count = write_report(_config(config), form, output, wanted=tenant, partner=partner, table=chosen)
    click.echo(f"{output}: {count} {'tenant' if count == 1 else 'tenants'}")


@main.command()
@click.argument("query", default="-")
@CONFIG
@click.option(
    "--file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A file that holds the query."
)
@click.option("--format", "form", type=click.Choice(get_args(Form)), default="table", show_default=True)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write there, swapped in whole.")
def sql(query: str, config: Path, file: Path | None, form: Form, output: Path | None) -> None:
    """Run a query over the published warehouse: QUERY, that of --file, or (-) standard input.

    It can only read. CSV is exact, not made safe for spreadsheets: a name of a tenant's may look like a formula.
    """
    from checks.query import print_query, write_query

    if file is not None and query != "-":
        raise click.UsageError("Give either a query or --file.")
    if form == "table" and output is not None:
        raise click.UsageError("A table is for the terminal. With --output give --format csv, json or parquet.")
    if form == "parquet" and output is None:
        raise click.UsageError("Parquet is no text. Give --output FILE.")
    if file is not None:
        query = file.read_text("utf-8")
    elif query == "-":
        query = sys.stdin.read()
    if form == "table":
        print_query(_config(config), query)
    else:
        write_query(_config(config), query, form, output)


@main.command()
@CONFIG
@click.option("--partner", required=True, help="Id or name of the partner.")
@click.option(
    "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The DuckDB file to write."
)
def export(config: Path, partner: str, output: Path) -> None:
    """Write a DuckDB file with all that is published of one partner's tenants, and nothing of any other's."""
    from warehouse.export import export as write

    done = write(_config(config), partner, output)
    click.echo(f"{output}: {done.tenants} tenants")


@main.command()
@CONFIG
def compact(config: Path) -> None:
    """Write the warehouse anew without its holes. It holds the same, and the next scan publishes it.

    A scan does so by itself where the file grew and much of it is of no use.
    """
    from warehouse.engine import compact as write

    path = _config(config).warehouse
    before = path.stat().st_size if path.exists() else 0
    write(path)
    click.echo(f"{path}: {before:,} -> {path.stat().st_size:,} bytes")


@main.command()
@click.option("--json", "as_data", is_flag=True, help="The same as data.")
@CONFIG
def size(config: Path, *, as_data: bool) -> None:
    """Say what takes how much of the published file: rows, bytes and share of each table, and what is free."""
    from warehouse.size import as_json, as_text, sizes

    found = sizes(_config(config))
    click.echo(as_json(found) if as_data else as_text(found))


@main.command()
@click.argument("account")
@click.option("--tenant", help="The tenant it is in (id or name), where the name alone does not tell.")
@click.option("--json", "as_data", is_flag=True, help="The same as data.")
@CONFIG
def explain(account: str, tenant: str | None, config: Path, *, as_data: bool) -> None:
    """Say why an account has its verdict: what is owed, what gets through, what to do.

    ACCOUNT is an object id, a user principal name, a mail address or a display name.
    """
    from checks.report.explained import as_json, explained, print_explanation

    explanation = explained(_config(config), account, tenant)
    if as_data:
        click.echo(as_json(explanation))
    else:
        print_explanation(explanation)


@main.command()
@click.option("--tenant", required=True, help="The tenant (id or name).")
@click.option(
    "--policy",
    "files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A policy as Graph exports it (JSON): replaces the one with its id, or is added.",
)
@click.option("--remove", multiple=True, metavar="POLICY", help="Delete this policy (id or name).")
@click.option("--enable", multiple=True, metavar="POLICY", help="Turn this policy on (id or name).")
@click.option("--include-group", metavar="GROUP", help="Let the policy of --policy-id apply to this group, too.")
@click.option("--drop-exclusion", metavar="GROUP", help="No longer exclude this group, from any policy.")
@click.option("--policy-id", metavar="POLICY", help="The policy (id or name) for the two before.")
@click.option("--json", "as_data", is_flag=True, help="The same as data.")
@CONFIG
def simulate(config: Path, *, as_data: bool, tenant: str, **wanted: Any) -> None:
    """Say whose verdict would change if the tenant's policies did. Nothing is changed anywhere."""
    from checks.report.explained import as_json
    from checks.report.simulated import print_simulation, simulated

    simulation = simulated(_config(config), tenant, **wanted)
    if as_data:
        click.echo(as_json(simulation))
    else:
        print_simulation(simulation)


@main.command()
@click.option("--tenant", help="This tenant only (id or name).")
@click.option("--json", "as_data", is_flag=True, help="The same as data, of every account.")
@CONFIG
def changes(config: Path, *, tenant: str | None, as_data: bool) -> None:
    """Say what changed since the scan before, worst first: which edit or account change did it, and to whom."""
    from checks.report.changed import changed, print_changes
    from checks.report.explained import as_json

    found = changed(_config(config), tenant, is_whole=as_data)
    if as_data:
        click.echo(as_json(found))
    else:
        print_changes(found)


@main.command()
def reference() -> None:
    """Print the reference of every table, view and column, those of installed plugins included."""
    from collectors.catalogue import catalogue
    from warehouse.reference import reference as page

    click.echo(page(catalogue()))


@main.command("check-collector")
@click.argument("name", required=False)
def check_collector(name: str | None) -> None:
    """Try a collector or a dataset (or all) over made-up answers, good and bad. Non-zero if something is wrong.

    For authors of collectors: it needs no configuration and asks nobody but itself.
    """
    from tempfile import TemporaryDirectory

    from collectors.catalogue import catalogue

    with TemporaryDirectory(prefix="rollcall-kit-") as folder:
        _as_airflow(Path(folder), Path(folder, "rollcall.toml"))
        from kit.check import check, summary

        found = catalogue()
        findings = [*check(found, name)]
    click.echo(summary(findings))
    for finding in findings:
        click.echo(str(finding))
    for plugin, error in found.broken:
        click.echo(f"problem  plugin {plugin} did not load: {error}")
    sys.exit(1 if found.broken or any(finding.is_problem for finding in findings) else 0)


@main.command()
@click.option("--once", is_flag=True, help="Stop after the scan.")
@click.option("--port", type=int, default=8080, show_default=True, help="Port of the Airflow UI.")
def demo(once: bool, port: int) -> None:
    """Make the demo tenants, scan them in Airflow, print their scorecards, and leave the UI up."""
    from datetime import UTC, datetime

    from checks.report import print_scorecards
    from embedded.follow import follow, has_finished, problems
    from embedded.settings import Embedded
    from embedded.stack import airflow
    from embedded.stack import sandbox as running_sandbox
    from sandbox.demo import write_fleet

    for signum in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, _interrupt)
    settings = _config(DEMO)
    var = ROOT / "var"
    embedded = Embedded(var / "airflow", DEMO, var / "demo" / "credentials" / "connections.json", port)
    with ExitStack() as stack:
        try:
            click.echo("Making the demo tenants ...")
            write_fleet(var / "demo", as_of=datetime.now(UTC).replace(microsecond=0))
            click.echo("Starting the sandbox and Airflow ...")
            stack.enter_context(running_sandbox(var / "demo", SANDBOX_PORT, var / "log" / "sandbox.log"))
            client = stack.enter_context(airflow(embedded, var / "log" / "airflow.log"))
            started = time.monotonic()
            run_id = client.trigger()
            click.echo(f"Scanning ({run_id}) ...")
            follow(client, run_id, click.echo)
            finished = has_finished(client, run_id)
            seconds = time.monotonic() - started
            for problem in problems(client, run_id):
                click.echo(problem, err=True)
            if finished:
                print_scorecards(settings)
            click.echo(f"scan: {'finished' if finished else 'not finished'} after {seconds:.1f} s")
            if finished:
                click.echo(f"scorecards: {settings.published.with_name('scorecards') / 'index.html'}")
            if not once:
                click.echo(
                    f"Airflow: {embedded.url}  (user admin, password in {embedded.passwords}). Ctrl-C stops all."
                )
                signal.pause()
        except KeyboardInterrupt:
            click.echo("\nStopping ...")
            sys.exit(130)
    sys.exit(0 if finished else 1)


def _interrupt(signum: int, frame: FrameType | None) -> None:
    del signum, frame
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
