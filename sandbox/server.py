"""Start the sandbox: in the foreground, or beside a test."""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypedDict, Unpack

import uvicorn

from sandbox.app import Sandbox
from sandbox.calls import Hook
from sandbox.faults import Faults
from sandbox.limits import Limits
from sandbox.sending import Protocol
from sandbox.store import Folder, Store

__all__ = ["Faults", "Hook", "Limits", "Options", "create_app", "running", "serve"]


class Options(TypedDict, total=False):
    """What is not as usual: all of it is off when left out.

    Every call passes ``hooks`` in their order; ``clock`` (Unix seconds) decides when a token has expired. ``limits``
    are Microsoft's when true. ``faults`` come before those of ``faults.json``; give a ``Faults`` to read later what
    happened. Every HTTP request takes ``latency_seconds`` longer. ``statistics`` lets ``/_sandbox/statistics`` answer.
    """

    hooks: Iterable[Hook]
    clock: Callable[[], float]
    limits: Limits | bool
    faults: Faults | Iterable[Mapping[str, Any]]
    latency_seconds: float
    statistics: bool


def create_app(data: Path | Store, **options: Unpack[Options]) -> Sandbox:
    """Return the ASGI app over a data folder, or over another store of tenants.

    Raises ``NotADirectoryError`` if there is no such folder and ``DataError`` for a plan of faults that cannot be one.
    """
    limits, faults = options.get("limits", False), options.get("faults", ())
    return Sandbox(
        data if isinstance(data, Store) else Folder(data),
        options.get("hooks", ()),
        options.get("clock", time.time),
        limits=limits if isinstance(limits, Limits) else Limits() if limits else None,
        faults=faults if isinstance(faults, Faults) else Faults(faults),
        latency_seconds=options.get("latency_seconds", 0.0),
        publishes_statistics=options.get("statistics", False),
    )


def serve(data: Path | Store, port: int, host: str = "127.0.0.1", **options: Unpack[Options]) -> None:
    """Serve until interrupted. Prints one line with the address when ready; port 0 takes any free one."""
    store = data if isinstance(data, Store) else Folder(data)
    app = create_app(store, **options)
    with _listening(host, port) as listener:
        url = _url(host, listener)
        server = _Server(app, lambda: print(f"sandbox: {url} serves {store}", flush=True))
        try:
            server.run(sockets=[listener])
        except KeyboardInterrupt:
            return


@contextmanager
def running(data: Path | Store, *, port: int = 0, **options: Unpack[Options]) -> Iterator[str]:
    """Serve from a thread for as long as the block runs; gives the base URL (``http://127.0.0.1:54321``)."""
    host = "127.0.0.1"
    ready = threading.Event()
    app = create_app(data, **options)
    with _listening(host, port) as listener:
        server = _Server(app, ready.set)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="sandbox", daemon=True)
        thread.start()
        while not ready.wait(0.05):
            if not thread.is_alive():
                raise RuntimeError("The sandbox did not start; its thread has ended. See the log above.")
        try:
            yield _url(host, listener)
        finally:
            server.should_exit = True
            thread.join(timeout=10)


class _Server(uvicorn.Server):
    """Uvicorn that says when it listens."""

    def __init__(self, app: Sandbox, on_ready: Callable[[], object]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                loop="uvloop",
                http=Protocol,
                ws="none",
                lifespan="off",
                log_level="warning",
                access_log=False,
                server_header=False,
                date_header=False,
                timeout_graceful_shutdown=1,
            )
        )
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._on_ready()


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as problem:
            message = f"{host}:{port}: cannot listen there ({problem.strerror}). Give another port, or 0 for any."
            raise OSError(problem.errno, message) from None
        listener.listen(1024)
        yield listener


def _url(host: str, listener: socket.socket) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{listener.getsockname()[1]}"
