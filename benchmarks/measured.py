"""Processes that are measured: they get ready, wait for a word, do their work and say what it cost.

``measured`` is the side that works (it needs nothing but Python, so that a peer can use it in its own environment);
``start`` and ``together`` are the side that looks on.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent


def measured(work):
    """Say that we are ready, wait, do ``work`` and print its result with what it cost."""
    before = peak()
    print("ready", flush=True)
    sys.stdin.readline()
    started, spent = time.monotonic(), time.process_time()
    result = work()
    cost = {
        "wall_seconds": time.monotonic() - started,
        "cpu_seconds": time.process_time() - spent,
        "cpu_seconds_with_start": time.process_time(),
        "peak_mib": peak(),
        "peak_mib_before": before,
    }
    print(json.dumps(result | cost), flush=True)


def peak():
    """Return the most memory the process ever had, in MiB."""
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


def start(python, module, *arguments, environment):
    """Start a process that is measured and wait until it is ready."""
    command = [python, "-m", module, *map(str, arguments)]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=pipe, stdout=pipe, text=True)
    for line in process.stdout:
        if line == "ready\n":
            return process
    raise SystemExit(f"{' '.join(command)}: ended before it was ready; see above")


def together(*processes):
    """Let processes go at once; return the seconds until the last was done, and what each said."""
    started = time.monotonic()
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [last_line(process) for process in processes]
    took = time.monotonic() - started
    for process in processes:
        if process.wait():
            raise SystemExit(f"{process.args}: ended with {process.returncode}; see above")
    return took, [json.loads(words) for words in said]


def last_line(process):
    """Return the last line a process prints: what it says about itself comes after everything else."""
    last = "{}"
    for line in process.stdout:
        last = line
    return last
