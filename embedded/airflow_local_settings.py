"""Imported by Airflow at its start, because this folder is on PYTHONPATH and the file has the name it looks for."""

from __future__ import annotations

import sys
from typing import Any

if "scheduler" in sys.argv[1:3]:
    # LocalExecutor forks its tasks from the scheduler: what is imported here is shared by all of them. Importing
    # Great Expectations takes seconds and 200 MiB a task otherwise. No connection and no thread is opened by it.
    import duckdb  # noqa: F401
    import great_expectations  # noqa: F401


def configure_logging(*args: Any, **kwargs: Any) -> Any:
    """Configure logging as Airflow does, and mask secrets in what LocalExecutor copies to stdout, too.

    Airflow 3.3 masks a task's log file and the UI but not that copy. Airflow calls the function of this name, if
    there is one here, instead of its own.
    """
    import structlog
    from airflow.logging_config import configure_logging as original

    configured = original(*args, **kwargs)  # type: ignore[no-untyped-call]
    from airflow.sdk.log import mask_logs

    processors = list(structlog.get_config()["processors"])
    if mask_logs not in processors:
        processors.insert(len(processors) - 1, mask_logs)
        structlog.configure(processors=processors)
    return configured
