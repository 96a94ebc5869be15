"""What collecting and loading cost, beside what no client can beat and beside dlt and Microsoft's SDK.

    make bench-collect                                    # everything: 400 tenants, a tenant of a million users
    python -m benchmarks.collect --tenants 40 --large 20000 --peer-tenants 1   # a try, in a minute

Prints each figure with what is wanted, writes benchmarks/collect.md, and ends with 1 if a wanted one was missed.
"""

import argparse
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from math import ceil
from operator import attrgetter
from pathlib import Path

from benchmarks import cloud, page
from benchmarks.figures import Figure
from benchmarks.measured import start, together

ROOT = Path(__file__).parent.parent
TEXT = """\
* **floor, refused, requests, cpu_small, memory_task**: {tenants} tenants of {users} users and {sign_ins:,}
  sign-ins behind Microsoft's limits, which the sandbox enforces; each answer is {latency:g} s away. The limiter's
  SQLite file is all that {processes} processes share. Users, registration report and sign-ins are collected. The floor
  counts two requests to reports a tenant, (requests - 122) / 12.2: no client of one application can be faster.
  `requests` compares what was sent with the pages that arrived. Of tenants so small, most of the CPU is a token and
  a connection for each.
* **cpu, dlt, sdk**: {peer_tenants} tenants of {peer_users:,} users and {peer_sign_ins:,} sign-ins: full pages, no
  limits and no latency; the same three lists, by the same requests. CPU time of the processes that read (the
  server's is not in it), from after their imports to the last row in DuckDB. Ours is the middle one of {runs} runs:
  it is over so soon that what else the machine does shows. dlt's `rest_api` source loads all in one run, in the file
  format it chooses, nested values as JSON. `msgraph-sdk` and `msgraph-beta-sdk` only fetch and make objects; how many
  rows they read is beside the figure.
* **memory_huge, memory_many**: one collect process, the same three datasets. The huge tenant has {large:,} users
  and as many sign-ins; the limiter's clock runs faster there, for its reports alone would take an hour.

The peers' versions are pinned in `benchmarks/peers/`. Times depend on the machine; ratios much less.
"""
LISTS = ("users", "authentication_methods", "sign_ins")
PEERS = ROOT / "benchmarks"


class Bench:
    """A folder, and our processes in it."""

    def __init__(self, folder, fleet, url):
        self.folder, self.url = folder, url
        folder.mkdir(parents=True)
        self.config = cloud.write_config(folder, fleet, url)
        home = {"AIRFLOW_HOME": str(folder / "airflow"), "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR"}
        self.environment = os.environ | cloud.CONNECTION | home

    def start(self, role, *arguments):
        return start(
            sys.executable, "benchmarks.ours", role, self.config, "scan", *arguments, environment=self.environment
        )

    def one(self, role, *arguments):
        """Run one process of ours; return what it said."""
        _, (said,) = together(self.start(role, *arguments))
        return said


def floor(folder, options):
    """Four processes at once against enforced limits; then one loads.

    The three long lists: what the floor's arithmetic speaks of.
    """
    fleet = cloud.Fleet(options.tenants, options.users, options.sign_ins)
    with cloud.sandbox(fleet, limits=True, latency=options.latency) as url:
        bench = Bench(folder, fleet, url)
        bench.one("plan", cloud.AS_OF, *LISTS)
        before = cloud.statistics(url)["requests"]
        collecting = [bench.start("collect", at, options.processes) for at in range(options.processes)]
        wall, said = together(*collecting)
        after = cloud.statistics(url)
        loaded = bench.one("load")
    incomplete = {state for one in said for state in one["states"]} - {"complete", "not_licensed", "skipped"}
    if incomplete:
        raise SystemExit(f"datasets ended {incomplete}: what was measured is not a whole collect")
    pages = ceil(options.users / 999) + ceil(options.sign_ins / 1000)
    seconds = (options.tenants * pages - 122) / 12.2
    asked = _of_graph(after["requests"]["by_bucket"]) - _of_graph(before["by_bucket"])
    refused = after["refused"]["total"]
    cpu = sum(one["cpu_seconds"] for one in said)
    return [
        Figure("floor", f"wall {wall:.1f} s / floor {seconds:.1f} s", wall / seconds, 1.05),
        Figure("refused", f"{refused} answers 429 in {asked} requests: per 1,000", 1000 * refused / asked, 5),
        Figure("requests", f"{asked} sent / {loaded['needed']} needed", asked / loaded["needed"], 1.01),
        Figure(
            "cpu_small",
            f"CPU ms per 1,000 rows of tenants so small ({loaded['rows']:,} rows; "
            f"collect {cpu:.1f} s + load {loaded['cpu_seconds']:.1f} s)",
            1e6 * (cpu + loaded["cpu_seconds"]) / loaded["rows"],
            None,
        ),
        Figure(
            "memory_task",
            f"MiB, the largest of {options.processes} collect processes",
            max(s["peak_mib"] for s in said),
            300,
        ),
    ]


def _of_graph(by_bucket):
    # A batch counts as the requests in it.
    return sum(count for bucket, count in by_bucket.items() if bucket not in {"token", "batch"})


def cpu(folder, options):
    """The three long lists from socket to DuckDB, by us and by dlt; to objects, by Microsoft's SDK."""
    fleet = cloud.Fleet(options.peer_tenants, options.peer_users, options.peer_sign_ins)
    with cloud.sandbox(fleet) as url:
        runs = [_ours(folder / f"ours-{number}", fleet, url) for number in range(options.runs)]
        job = folder / "job.json"
        job.write_text(
            json.dumps(
                {"url": url, "tenants": runs[0].tenants, "lists": _lists()}
                | {name: getattr(options, name) for name in ("sdk_tenants", "dlt_format")}
            )
        )
        dlt = _peer("dlt", folder, "benchmarks.peers.dlt_reads", job, folder)
        sdk = _peer("sdk", folder, "benchmarks.peers.sdk_reads", job) if options.sdk_tenants else None
    middle = sorted(runs, key=attrgetter("cpu_seconds"))[len(runs) // 2]
    rows, ours = middle.rows, middle.cpu_seconds
    if dlt["rows"] != rows:
        raise SystemExit(f"not the same work: {rows} rows by us, {dlt['rows']} by dlt")
    parts = f"collect {middle.collect:.2f} s + load {middle.load:.2f} s"
    figures = [
        Figure("cpu", f"CPU ms per 1,000 rows, socket to DuckDB ({rows:,} rows; {parts})", 1e6 * ours / rows, 20),
        Figure(
            "dlt", f"CPU of dlt {dlt['cpu_seconds']:.1f} s / ours {ours:.2f} s", dlt["cpu_seconds"] / ours, 30, True
        ),
    ]
    if sdk:
        words = f"CPU a row of msgraph-sdk, objects only ({sdk['cpu_seconds']:.1f} s, {sdk['rows']:,} rows) / ours"
        figures.append(Figure("sdk", words, sdk["cpu_seconds"] / sdk["rows"] / (ours / rows), None))
    return figures


@dataclass(frozen=True)
class _Run:
    """What one run of ours came to: tenants, rows, and CPU seconds of each step."""

    tenants: list
    rows: int
    collect: float
    load: float

    @property
    def cpu_seconds(self):
        return self.collect + self.load


def _ours(folder, fleet, url):
    bench = Bench(folder, fleet, url)
    tenants = bench.one("plan", cloud.AS_OF, *LISTS)["tenants"]
    collected, loaded = bench.one("collect", 0, 1), bench.one("load")
    return _Run(tenants, loaded["rows"], collected["cpu_seconds"], loaded["cpu_seconds"])


def _peer(name, folder, module, *arguments):
    environment = os.environ | {
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "RUNTIME__LOG_LEVEL": "CRITICAL",
        "HOME": str(folder),
    }
    python = PEERS / f".venv-{name}" / "bin" / "python"
    _, (said,) = together(start(python, module, *arguments, environment=environment))
    return said


def _lists():
    """Return what our collectors ask for the three lists, from their declarations."""
    text = (
        "import json; from collectors.catalogue import catalogue; "
        "from benchmarks.asked import asked; print(json.dumps(asked(catalogue())))"
    )
    return json.loads(subprocess.check_output([sys.executable, "-c", text], cwd=ROOT))


def memory(folder, options):
    """The most memory a collect needs: for one huge tenant, and for few and many tenants in one process.

    The reports of a tenant of a million users take an hour within the limits: there, their clock runs faster.
    """
    huge = cloud.Fleet(1, options.large, options.large)
    with cloud.sandbox(huge) as url:
        bench = Bench(folder / "huge", huge, url)
        bench.one("plan", cloud.AS_OF, *LISTS)
        large = bench.one("collect-unlimited", 0, 1)
    peaks = []
    for count in (20, options.tenants):
        fleet = cloud.Fleet(count, options.users, options.sign_ins)
        with cloud.sandbox(fleet) as url:
            bench = Bench(folder / str(count), fleet, url)
            bench.one("plan", cloud.AS_OF, *LISTS)
            peaks.append(bench.one("collect", 0, 1)["peak_mib"])
    return [
        Figure(
            "memory_huge",
            f"MiB at most, one tenant of {options.large:,} users and {large['rows']:,} rows "
            f"({large['peak_mib_before']:.0f} MiB before it began)",
            large["peak_mib"],
            300,
        ),
        Figure(
            "memory_many",
            f"MiB with {options.tenants} tenants {peaks[1]:.0f} / with 20 {peaks[0]:.0f}",
            peaks[1] / peaks[0],
            1.2,
        ),
    ]


PARTS = {"floor": floor, "cpu": cpu, "memory": memory}


def measure(folder, options):
    for name in options.only:
        yield from PARTS[name](folder / name, options)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tenants", type=int, default=400)
    parser.add_argument("--users", type=int, default=100)
    parser.add_argument("--sign-ins", type=int, default=1000)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--latency", type=float, default=0.1, help="seconds until the server answers")
    parser.add_argument("--large", type=int, default=1_000_000, help="users and sign-ins of the huge tenant")
    parser.add_argument("--peer-tenants", type=int, default=20, help="tenants that dlt reads, too")
    parser.add_argument("--peer-users", type=int, default=1000)
    parser.add_argument("--peer-sign-ins", type=int, default=10_000)
    parser.add_argument("--sdk-tenants", type=int, default=1, help="of these, how many the SDK reads")
    parser.add_argument("--runs", type=int, default=3, help="how often we read them; the middle one counts")
    parser.add_argument("--dlt-format", help="dlt's loader_file_format; its own choice if not given")
    parser.add_argument("--only", nargs="+", default=list(PARTS), choices=list(PARTS))
    options = parser.parse_args()
    page.run("collect", "collecting", TEXT, measure, options, is_whole={*options.only} == {*PARTS})
