"""Starting and stopping the processes of the embedded default. Ends only what it started."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from embedded.rest import Airflow
from embedded.settings import ROOT, Embedded

READY_SECONDS = 180
STOP_SECONDS = 20


class StackError(Exception):
    """A process did not start or did not stay up."""


@contextmanager
def process(
    name: str, command: list[str], environment: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command in a session of its own, its output in ``log``; end it and its children at the end."""
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # The log may repeat what tasks print: for its owner alone.
    with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as output:
        started = subprocess.Popen(  # noqa: S603  (our own programs)
            command, env=dict(environment), stdout=output, stderr=subprocess.STDOUT, cwd=ROOT, start_new_session=True
        )
    try:
        yield started
    finally:
        _end(started)
        if started.returncode not in (0, -signal.SIGTERM, -signal.SIGINT, -signal.SIGKILL):
            print(f"{name} ended with {started.returncode}; see {log}", file=sys.stderr)  # noqa: T201


def _end(started: subprocess.Popen[bytes]) -> None:
    for signum, seconds in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, STOP_SECONDS)):
        with suppress(ProcessLookupError):
            # The session is ours alone: its group holds the process and all that it started.
            os.killpg(started.pid, signum)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            started.poll()
            try:
                os.killpg(started.pid, 0)
            except ProcessLookupError:
                return
            time.sleep(0.1)


def require_free(port: int, what: str) -> None:
    """Raise :class:`StackError` if something listens on a port already."""
    with socket.socket() as probe:
        probe.settimeout(1)
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            msg = f"port {port}, where {what} should listen, is taken. Stop what listens there, or choose another port."
            raise StackError(msg)


@contextmanager
def sandbox(data: Path, port: int, log: Path) -> Iterator[str]:
    """Run the sandbox over a folder of tenants; yield its base URL once it answers."""
    require_free(port, "the sandbox")
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "sandbox", "--data", str(data), "--port", str(port)]
    with process("the sandbox", command, os.environ, log) as started:

        def answers() -> bool:
            try:
                httpx.get(url, timeout=2)
            except httpx.HTTPError:
                return False
            return True

        _wait("the sandbox", started, log, answers, READY_SECONDS)
        yield url


@contextmanager
def airflow(embedded: Embedded, log: Path) -> Iterator[Airflow]:
    """Run Airflow standalone; yield a signed-in client once it is healthy and has read the DAG."""
    for port, what in ((embedded.port, "Airflow"), *((port, "Airflow's log server") for port in embedded.log_ports)):
        require_free(port, what)
    embedded.prepare()
    command = [str(Path(sys.executable).with_name("airflow")), "standalone"]
    client = Airflow(embedded)
    try:
        with process("Airflow", command, embedded.environment(), log) as started:
            _wait("Airflow", started, log, client.is_healthy, READY_SECONDS)
            client.sign_in()
            client.make_pool()

            def has_dag() -> bool:
                if errors := client.import_errors():
                    msg = f"Airflow cannot read a DAG file: {errors[0]}"
                    raise StackError(msg)
                return client.has_dag()

            _wait("Airflow's DAG processor", started, log, has_dag, READY_SECONDS)
            client.end_abandoned()
            yield client
    finally:
        client.close()


def _wait(what: str, started: subprocess.Popen[bytes], log: Path, is_ready: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not is_ready():
        if started.poll() is not None:
            msg = f"{what} ended with {started.returncode} before it was ready; see {log}"
            raise StackError(msg)
        if time.monotonic() > deadline:
            msg = f"{what} was not ready after {seconds:.0f} s; see {log}"
            raise StackError(msg)
        time.sleep(0.3)
