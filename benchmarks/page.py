"""benchmarks/<name>.md: the last whole run, for readers."""

import os
import platform
from datetime import UTC, datetime
from pathlib import Path

_HEAD = """# What {title} costs

Made by `make bench-{name}` on {day}: {cores} cores ({processor}), Python {python}. Load before the run: {load}.

| figure | value | wanted | what it is |
|---|---|---|---|
{rows}

# What was done

"""


def write(title, text, figures, options):
    """Write the page of ``make bench-<name>``; ``text`` says what was done, in terms of the options."""
    name = options.name
    given = {key: value for key, value in vars(options).items() if key not in {"load", "name"}}
    head = _HEAD.format(
        title=title,
        name=name,
        day=datetime.now(UTC).date().isoformat(),
        cores=os.cpu_count(),
        processor=_processor(),
        python=platform.python_version(),
        load=", ".join(f"{load:.1f}" for load in options.load),
        rows="\n".join(
            f"| {f.name} | {f.value:.3g} | {f.demand}{' (**missed**)' if f.is_missed else ''} | {f.words} |"
            for f in figures
        ),
    )
    Path(__file__).with_name(f"{name}.md").write_text(head + text.format(**given), "utf-8")


def _processor():
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
