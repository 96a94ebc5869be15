"""benchmarks/judge.md: the last whole run, for readers."""

import os
import platform
from datetime import UTC, datetime

TEXT = """# What judging costs

Made by `make bench-judge` on {day}: {cores} cores, Python {python}. Load before the run: {load}.

| figure | value | wanted | what it is |
|---|---|---|---|
{rows}

# What was done

The real `judge`, over warehouse files that are written straight by SQL (`benchmarks/judge_fleet.sql`), the same for the
same seed. Each tenant has 30 policies out of a pool of 36 like those of the public baseline: for everybody, for roles,
for guests, for a staff group in which departments and teams are nested, each with a group of its own that is left out.
Of the accounts one in ten is a guest, one in twenty is disabled, half signed in, some hold or may activate roles;
per-user MFA, federated domains, GDAP and datasets that failed come up in some tenants.

* **wall, cpu, memory, signatures, sql**: {accounts:,} accounts in {tenants:,} tenants, few of which hold most.
* **floor**: the CPU of the whole judgement beside that of two plain statements over the same file.
* **agreement**: accounts decided one at a time from all their facts: nothing is reduced, grouped or shared.
* **huge**: one tenant of {huge:,} accounts.
* **tenants_N**: about {class_accounts:,} accounts in tenants of N each. What is wanted is that each costs at most what
  the smaller size before it did.

Times depend on the machine, and on who else uses it; CPU seconds less, ratios least.
"""


def write(path, figures, options):
    rows = (
        f"| {f.name} | {f.value:.3g} | {f.demand}{' (**missed**)' if f.is_missed else ''} | {f.words} |"
        for f in figures
    )
    path.write_text(
        TEXT.format(
            day=datetime.now(UTC).date().isoformat(),
            cores=os.cpu_count(),
            python=platform.python_version(),
            load=", ".join(f"{load:.1f}" for load in options.load),
            rows="\n".join(rows),
            **{name: value for name, value in vars(options).items() if name != "load"},
        ),
        "utf-8",
    )
