"""What judging costs: many tenants in one pass, one huge tenant, and what an account costs in tenants of each size.

    make bench-judge                                                   # everything: two million accounts
    python -m benchmarks.judge --tenants 20 --accounts 20000 --huge 20000 --class-accounts 4000   # a try, in a minute

Prints each figure with what is wanted, writes benchmarks/judge.md, and ends with 1 if a wanted one was missed.
"""

import argparse
import os
import sys

from benchmarks import page
from benchmarks.figures import Figure
from benchmarks.judge_fleet import build, sizes
from benchmarks.measured import start, together

CLASSES = (20, 100, 1000, 10_000)  # accounts of a tenant


def run(role, config, *arguments):
    """Run one process; return the seconds it took and what it said."""
    wall, (said,) = together(
        start(sys.executable, "benchmarks.judge_work", role, config, *arguments, environment=dict(os.environ))
    )
    return wall, said


def many(folder, options):
    """The whole fleet in one pass, beside SQL alone over the same facts, and a sample decided one by one."""
    config = build(folder / "many", sizes(options.tenants, options.accounts), options.seed)
    wall, said = run("judge", config)
    _, floor = run("floor", config)
    _, sample = run("sample", config, options.sample)
    run("night", config)
    again, later = run("judge", config)
    words = f"{options.accounts:,} accounts, {options.tenants:,} tenants, {said['signatures']:,} signatures"
    for each in sample["different"]:
        print(f"differs: {each}")
    return [
        Figure("wall", f"s, {words}", wall, 60),
        Figure("cpu", "s of CPU for the same", said["cpu_seconds"], None),
        Figure("memory", "MiB at most for the same, one process", said["peak_mib"], 2048),
        Figure(
            "signatures", "accounts that share a signature, on average", options.accounts / said["signatures"], None
        ),
        Figure("night_wall", "s for the same a night later, when 2 % of the accounts changed", again, 60),
        Figure("night_memory", "MiB at most for that", later["peak_mib"], 2048),
        Figure("sql", "of the time is SQL, the rest Python", said["sql_share"], None),
        Figure(
            "floor",
            f"CPU {said['cpu_seconds']:.1f} s / {floor['cpu_seconds']:.1f} s of SQL that only reads the facts and "
            "writes as many rows",
            said["cpu_seconds"] / floor["cpu_seconds"],
            4,
        ),
        Figure("agreement", f"of {sample['compared']} accounts decided one by one differ", len(sample["different"]), 0),
    ]


def huge(folder, options):
    """One tenant."""
    config = build(folder / "huge", [options.huge], options.seed)
    wall, said = run("judge", config)
    return [
        Figure("huge_wall", f"s, one tenant of {options.huge:,} accounts, {said['signatures']:,} signatures", wall, 60),
        Figure("huge_cpu", "s of CPU for the same", said["cpu_seconds"], None),
        Figure("huge_memory", "MiB at most for the same", said["peak_mib"], 2048),
    ]


def classes(folder, options):
    """As many accounts in tenants of each size: an account costs less the larger its tenant."""
    figures, before = [], None
    for size in CLASSES:
        tenants = max(options.class_accounts // size, 1)
        config = build(folder / f"class-{size}", [size] * tenants, options.seed)
        _, said = run("judge", config)
        cost = 1e6 * said["cpu_seconds"] / (size * tenants)
        words = f"us of CPU an account, {tenants:,} tenants of {size:,} ({said['signatures']:,} signatures)"
        figures.append(Figure(f"tenants_{size}", words, cost, before))
        before = cost
    return figures


TEXT = """\
The real `judge`, over warehouse files that are written straight by SQL (`benchmarks/judge_fleet.sql`), the same for the
same seed. Each tenant has 30 policies out of a pool of 36 like those of the public baseline: for everybody, for roles,
for guests, for a staff group in which departments and teams are nested, each with a group of its own that is left out.
Of the accounts one in ten is a guest, one in twenty is disabled, half signed in, some hold or may activate roles;
per-user MFA, federated domains, GDAP and datasets that failed come up in some tenants.

* **wall, cpu, memory, signatures, sql**: {accounts:,} accounts in {tenants:,} tenants, few of which hold most.
* **night_wall, night_memory**: the same accounts a day later. What is so still is compared and not written again.
* **floor**: the CPU of the whole judgement beside that of two plain statements over the same file.
* **agreement**: accounts decided one at a time from all their facts: nothing is reduced, grouped or shared.
* **huge**: one tenant of {huge:,} accounts.
* **tenants_N**: about {class_accounts:,} accounts in tenants of N each. What is wanted is that each costs at most what
  the smaller size before it did.

Times depend on the machine, and on who else uses it; CPU seconds less, ratios least.
"""
PARTS = {"many": many, "huge": huge, "classes": classes}


def measure(folder, options):
    for name in options.only:
        yield from PARTS[name](folder, options)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tenants", type=int, default=1000)
    parser.add_argument("--accounts", type=int, default=1_000_000, help="of all tenants together")
    parser.add_argument("--huge", type=int, default=1_100_000, help="accounts of the huge tenant")
    parser.add_argument("--class-accounts", type=int, default=40_000, help="accounts for each size of tenant")
    parser.add_argument("--sample", type=int, default=300, help="accounts that are decided one by one, too")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="+", default=list(PARTS), choices=list(PARTS))
    options = parser.parse_args()
    page.run("judge", "judging", TEXT, measure, options, is_whole={*options.only} == {*PARTS})
