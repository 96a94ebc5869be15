"""A run of a benchmark: figures as they come, and benchmarks/<name>.md, the last whole run, for readers."""

import os
import platform
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

_HEAD = """# What {title} costs

Made by `make bench-{name}` on {day}: {cores} cores ({processor}), Python {python}. Load before the run: {load}.

| figure | value | wanted | what it is |
|---|---|---|---|
{rows}

# What was done

"""


def run(name, title, text, measure, options, *, is_whole=True):
    """Print the figures that ``measure(folder, options)`` yields, and end the process: with 1 if one was missed.

    A run that ``is_whole`` writes the page of ``make bench-<name>``. ``text`` says what was done, by the options.
    """
    load, figures = os.getloadavg(), []
    print(f"load {load}", flush=True)
    with tempfile.TemporaryDirectory(prefix="rollcall-bench-", dir=getattr(options, "folder", None)) as folder:
        for figure in measure(Path(folder), options):
            print(figure, flush=True)
            figures.append(figure)
    if is_whole:
        head = _head(name, title, load, figures)
        Path(__file__).with_name(f"{name}.md").write_text(head + text.format(**vars(options)), "utf-8")
    sys.exit(any(figure.is_missed for figure in figures))


def _head(name, title, load, figures):
    return _HEAD.format(
        title=title,
        name=name,
        day=datetime.now(UTC).date().isoformat(),
        cores=os.cpu_count(),
        processor=_processor(),
        python=platform.python_version(),
        load=", ".join(f"{each:.1f}" for each in load),
        rows="\n".join(
            f"| {f.name} | {f.value:.3g} | {f.demand}{' (**missed**)' if f.is_missed else ''} | {f.words} |"
            for f in figures
        ),
    )


def _processor():
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
