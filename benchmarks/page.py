"""benchmarks/collect.md: the last whole run, for readers."""

import os
import platform
from datetime import UTC, datetime
from pathlib import Path

TEXT = """# What collecting costs

Made by `make bench-collect` on {day}: {machine}. Load before the run: {load}.

| figure | value | wanted | what it is |
|---|---|---|---|
{rows}

# What was done

* **floor, refused, requests, cpu_small, memory_task**: {tenants} tenants of {users} users and {sign_ins:,}
  sign-ins behind Microsoft's limits, which the sandbox enforces; each answer is {latency:g} s away. The limiter's
  SQLite file is all that {processes} processes share. Users, registration report and sign-ins are collected. The floor
  counts two requests to reports a tenant, (requests - 122) / 12.2: no client of one application can be faster.
  `requests` compares what was sent with the pages that arrived. Of tenants so small, most of the CPU is a token and
  a connection for each.
* **cpu, dlt, sdk**: {peer_tenants} tenants of {peer_users:,} users and {peer_sign_ins:,} sign-ins: full pages, no
  limits and no latency; the same three lists, by the same requests. CPU time of the processes that read (the
  server's is not in it), from after their imports to the last row in DuckDB. dlt's `rest_api` source loads all in one
  run (loader_file_format {dlt_format}, nested values as JSON). `msgraph-sdk` and `msgraph-beta-sdk` only fetch and make
  objects, of {sdk_tenants} of the tenants.
* **memory_huge, memory_many**: one collect process, the same three datasets. The huge tenant has {large:,} users
  and as many sign-ins; the limiter's clock runs faster there, for its reports alone would take an hour.

The peers' versions are pinned in `benchmarks/peers/`. Times depend on the machine; ratios much less.
"""


def write(path, figures, options):
    rows = (
        f"| {f.name} | {f.value:.3g} | {f.demand}{' (**missed**)' if f.is_missed else ''} | {f.words} |"
        for f in figures
    )
    path.write_text(
        TEXT.format(
            day=datetime.now(UTC).date().isoformat(),
            machine=f"{os.cpu_count()} cores ({_processor()}), Python {platform.python_version()}",
            load=", ".join(f"{load:.1f}" for load in options.load),
            rows="\n".join(rows),
            **{name: value for name, value in vars(options).items() if name != "load"},
        ),
        "utf-8",
    )


def _processor():
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
