"""What loading costs, and what readers wait: two million accounts and ten million sign-ins of a thousand tenants.

    make bench-load                                                                # everything: half an hour
    python -m benchmarks.load --tenants 10 --users 200 --sign-ins 1000 --dlt-tenants 2   # a try, in a minute

Prints each figure with what is wanted, writes benchmarks/load.md, and ends with 1 if a wanted one was missed.
"""

import argparse
import json
import os
import sys
from pathlib import Path

from benchmarks import cloud, page
from benchmarks.figures import Figure
from benchmarks.measured import start, together

PEER = Path(__file__).parent / ".venv-dlt" / "bin" / "python"
TEXT = """\
The landing files are those that the real collectors write: of {tenants:,} tenants of {users:,} users and {sign_ins:,}
sign-ins each, whatever the sandbox answers for them, read without limits. Each step is a process of its own.

* **load, load_memory**: the first night, into an empty warehouse: every row that arrived, with all declared columns,
  from the first look at the landing folder to the file in its place.
* **dlt**: the users, registration report and sign-ins of {dlt_tenants:,} of these tenants, from the same files, loaded
  by dlt the fastest way it has: pyarrow reads the JSON, and dlt gets Arrow tables. Rows a second of ours, for all
  tenants, beside rows a second of it.
* **judge, check, publish**: what follows the load, for orientation.
* **query_N**: each query of the cookbook over the published file, its whole answer to a Parquet file, the
  slower of two runs, after each night. The slowest is shown; the
  others are in the run's output.
* **growth, again**: a second night: of every tenant {changed:.0%} of the users have another name and as many of the
  registrations another answer, nothing else has changed. How much larger the writer's file is once all is
  published, and how long the load took.

Times depend on the machine, and on who else uses it; ratios much less.
"""


class Bench:
    """A folder, and our processes in it."""

    def __init__(self, folder, fleet, url):
        self.config = cloud.write_config(folder, fleet, url)
        self.warehouse = folder / "var" / "warehouse" / "rollcall.duckdb"
        home = {"AIRFLOW_HOME": str(folder / "airflow"), "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR"}
        self.environment = os.environ | cloud.CONNECTION | home

    def start(self, role, *arguments):
        return start(sys.executable, "benchmarks.ours", role, self.config, *arguments, environment=self.environment)

    def one(self, role, *arguments):
        """Run one process; return what it said."""
        _, (said,) = together(self.start(role, *arguments))
        print(f"  {role}: {said['wall_seconds']:.1f} s, {said['peak_mib']:.0f} MiB", flush=True)
        return said


def land(bench):
    """Let the real collectors write the landing files, in two processes."""
    bench.one("plan", "night-1", cloud.AS_OF)
    wall, _ = together(*(bench.start("collect-unlimited", "night-1", at, 2) for at in range(2)))
    print(f"  landed in {wall:.0f} s", flush=True)


def first_night(bench):
    """Load, judge, check and publish; ask every question."""
    loaded = bench.one("load", "night-1")
    words = f"rows a second: {loaded['rows']:,} rows in {loaded['wall_seconds']:.1f} s"
    speed = loaded["rows"] / loaded["wall_seconds"]
    yield Figure("load", words, speed, 100_000, is_floor=True)
    yield Figure("load_cpu", "CPU ms per 1,000 rows", 1e6 * loaded["cpu_seconds"] / loaded["rows"], None)
    yield Figure("load_memory", "MiB at most, loading", loaded["peak_mib"], 4096)
    yield from results(bench)
    published = bench.one("publish")
    yield Figure("publish", "s until scorecards and the readers' copy are there", published["wall_seconds"], None)
    yield from questions(bench)


def questions(bench, prefix=""):
    """Ask every question of the cookbook."""
    asked = bench.one("ask")
    for name, seconds in asked["seconds"].items():
        print(f"  {seconds:7.3f} s  {name}", flush=True)
    slowest = max(asked["seconds"], key=asked["seconds"].get)
    yield Figure(
        f"{prefix}query",
        f"s, the slowest of {len(asked['seconds'])} questions: {slowest}",
        asked["seconds"][slowest],
        3,
    )
    yield Figure(f"{prefix}query_memory", "MiB at most, asking all of them", asked["peak_mib"], 4096)


def results(bench, prefix=""):
    """Judge and check."""
    for role in ("judge", "check"):
        said = bench.one(role)
        yield Figure(f"{prefix}{role}", f"s, {said['peak_mib']:.0f} MiB at most", said["wall_seconds"], None)


def second_night(bench, options):
    """Change a few of every tenant's users and load again."""
    bench.one("change", "night-1", "night-2", options.changed)
    before = bench.warehouse.stat().st_size
    loaded = bench.one("load", "night-2")
    yield Figure("again", f"s to load {loaded['rows']:,} rows of which few changed", loaded["wall_seconds"], None)
    yield Figure("again_memory", "MiB at most for the same", loaded["peak_mib"], 4096)
    yield from results(bench, "again_")
    yield Figure("again_publish", "s until the readers' copy is there", bench.one("publish")["wall_seconds"], None)
    yield from questions(bench, "again_")
    after = bench.warehouse.stat().st_size
    words = (
        f"MiB after a night in which {options.changed:.0%} changed {after / 2**20:,.0f} / before {before / 2**20:,.0f}"
    )
    yield Figure("growth", words, after / before, 1.05)


def peer(folder, bench, options, speed):
    """Let dlt load a part of the same files."""
    job = folder / "job.json"
    job.write_text(json.dumps(bench.one("landed", "night-1", options.dlt_tenants)["files"]))
    quiet = {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "CRITICAL", "HOME": str(folder)}
    quiet["DATA_WRITER__ARROW_CONCAT_PROMOTE_OPTIONS"] = "default"
    _, (said,) = together(start(PEER, "benchmarks.peers.dlt_loads", job, folder, environment=os.environ | quiet))
    theirs = said["rows"] / said["wall_seconds"]
    yield Figure("dlt", f"times dlt's {theirs:,.0f} rows a second ({said['rows']:,} rows)", speed / theirs, None)


def measure(folder, options):
    fleet = cloud.Fleet(options.tenants, options.users, options.sign_ins)
    with cloud.sandbox(fleet) as url:
        bench = Bench(folder, fleet, url)
        land(bench)
    speed = None
    for figure in first_night(bench):
        yield figure
        speed = speed or figure.value  # the load comes first
    yield from peer(folder, bench, options, speed)
    yield from second_night(bench, options)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tenants", type=int, default=1000)
    parser.add_argument("--users", type=int, default=2000, help="of each tenant")
    parser.add_argument("--sign-ins", type=int, default=10_000, help="of each tenant")
    parser.add_argument("--dlt-tenants", type=int, default=40, help="tenants that dlt loads, too")
    parser.add_argument(
        "--changed", type=float, default=0.02, help="share of the users that change for the second night"
    )
    parser.add_argument("--folder", help="where to work, if not where temporary files are: it takes some 10 GB")
    page.run("load", "loading", TEXT, measure, parser.parse_args())
