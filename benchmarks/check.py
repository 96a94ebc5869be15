"""What judging rules with Great Expectations costs, beside plain SQL over the same evidence.

    make bench-check                                              # everything: two and five million accounts
    python -m benchmarks.check --tenants 20 --accounts 20000      # a try, in a minute

Prints each figure with what is wanted, writes benchmarks/check.md, and ends with 1 if a wanted one was missed.
"""

import argparse
import os
import sys

from benchmarks import page
from benchmarks.figures import Figure
from benchmarks.judge_fleet import build, sizes
from benchmarks.measured import start, together

TEXT = """\
All rules of the catalogue over warehouse files that are written straight by SQL (`benchmarks/judge_fleet.sql`), judged
first: {tenants:,} tenants, few of which hold most. Each number of accounts is a file of its own; each step a process.

* **plain**: one statement per evidence counts, for every tenant and every rule about it, what is in scope, what fails
  and what is unknown. This is the one pass that no judge of these rules can spare.
* **judged**: what `check` does to get the same numbers: evidence is worked out once into a file of its own, and Great
  Expectations validates a suite per pack over it. Importing Great Expectations is not in it; a task finds it imported.
* **ratio**: judged / plain, in the same run.
* **agreement**: counts of a rule in a tenant that the two give otherwise.
* **check**: the whole of `check`: results, findings and waivers recorded, too.
"""
# Accounts, and how many times as long as plain SQL judging may take.
WANTED = ((2_000_000, 3), (5_000_000, 2))


def run(role, config):
    """Run one process; return what it said."""
    _, (said,) = together(start(sys.executable, "benchmarks.check_work", role, config, environment=dict(os.environ)))
    return said


def compared(folder, options, accounts, wanted):
    """Judge the rules over so many accounts, and count with plain SQL."""
    name = f"{accounts / 1e6:g}m"
    config = build(folder / name, sizes(options.tenants, accounts), options.seed)
    run("verdicts", config)
    plain, judged = (run(role, config) for role in ("plain", "judged"))
    whole = run("check", config)
    pairs = plain["counts"].keys() | judged["counts"].keys()
    differing = sum(plain["counts"].get(pair) != judged["counts"].get(pair) for pair in pairs)
    words = f"{plain['rules']} rules, {plain['evidence']} evidences, {options.tenants:,} tenants, {accounts:,} accounts"
    yield Figure(f"plain_{name}", f"s, {words}", plain["seconds"], None)
    yield Figure(f"judged_{name}", "s for the same with Great Expectations", judged["seconds"], None)
    yield Figure(f"ratio_{name}", "times as long as plain SQL", judged["seconds"] / plain["seconds"], wanted)
    yield Figure(f"agreement_{name}", f"of {len(pairs):,} counts differ", differing, 0)
    yield Figure(f"memory_{name}", "MiB at most, judging", judged["peak_mib"], None)
    yield Figure(f"check_{name}", f"s, the whole of it: {whole['findings']:,} findings", whole["wall_seconds"], None)
    yield Figure(f"check_memory_{name}", "MiB at most for that", whole["peak_mib"], None)


def measure(folder, options):
    wanted = WANTED if options.accounts is None else ((options.accounts, 3),)
    for accounts, limit in wanted:
        yield from compared(folder, options, accounts, limit)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tenants", type=int, default=1000)
    parser.add_argument("--accounts", type=int, help="one number of accounts, for a try; nothing is written then")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", help="where to work, if not where temporary files are: it takes some 10 GB")
    options = parser.parse_args()
    page.run("check", "judging rules", TEXT, measure, options, is_whole=options.accounts is None)
