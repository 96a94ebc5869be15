"""Running the scan in this process: the same DAG, without server, scheduler or workers."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from embedded.settings import ROOT


def run(conf: dict[str, Any], *, verbose: bool = False) -> str:
    """Run the DAG once with ``conf`` as parameters and return the run's state (success or failed).

    Says on the terminal what ends, and why if it failed; Airflow's own log goes to ``$AIRFLOW_HOME/scan.log``, or
    to the terminal if ``verbose``. The environment must hold the settings (``settings.Embedded``) before anything
    imports Airflow.
    """
    home = Path(os.environ["AIRFLOW_HOME"])
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _log(None if verbose else home / "scan.log") as terminal:
        from airflow.dag_processing.dagbag import DagBag
        from airflow.sdk.listener import get_listener_manager
        from airflow.utils import db

        db.initdb()
        bag = DagBag(dag_folder=ROOT / "dags" / "scan.py")
        if bag.import_errors:
            terminal.write("\n".join(bag.import_errors.values()))
            return "failed"
        listener = _listener(terminal)
        get_listener_manager().add_listener(listener)  # type: ignore[no-untyped-call]
        try:
            return str(bag.dags["mfa_scan"].test(run_conf=conf).state)
        finally:
            get_listener_manager().pm.unregister(listener)


def _listener(terminal: TextIO) -> object:
    """Return a listener that says on ``terminal`` what ends, as Airflow tells its listeners."""
    from airflow.listeners import hookimpl

    def say(task_instance: Any, what: str) -> None:
        label = getattr(task_instance, "rendered_map_index", None) or ""
        print(f"{task_instance.task_id:<9} {label:<28} {what}".rstrip(), file=terminal, flush=True)

    class Listener:
        @hookimpl
        def on_task_instance_success(self, task_instance: Any) -> None:
            say(task_instance, "done")

        @hookimpl
        def on_task_instance_failed(self, task_instance: Any, error: Any) -> None:
            say(task_instance, f"failed: {error}")

    return Listener()


@contextlib.contextmanager
def _log(path: Path | None) -> Iterator[TextIO]:
    """Send all that this process prints to a file; yield the terminal."""
    if path is None:
        yield sys.stdout
        return
    sys.stdout.flush()
    sys.stderr.flush()
    saved = [os.dup(1), os.dup(2)]
    # Whatever library prints, and through whatever handle it kept, ends up in these two descriptors.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)
    try:
        with os.fdopen(os.dup(saved[0]), "w") as terminal:
            yield terminal
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for number, copy in enumerate(saved, 1):
            os.dup2(copy, number)
            os.close(copy)
