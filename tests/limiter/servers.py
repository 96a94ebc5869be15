"""A Redis and a PostgreSQL of our own, on a port of this machine and on a Unix socket."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

UP_SECONDS = 20


def binary(name: str) -> str:
    """Return the path of a server's program, or skip."""
    found = shutil.which(name) or next(iter(sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))), None)
    if found is None:
        pytest.skip(f"{name} is not installed (Debian packages: redis-server, postgresql)")
    return str(found)


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """Run a Redis that keeps nothing and yield its URL."""
    program = binary("redis-server")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        _wait(lambda: socket.create_connection(("127.0.0.1", port), 1).close(), process)
        yield f"redis://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


@contextmanager
def postgres_server() -> Iterator[str]:
    """Run a PostgreSQL in a folder that is deleted afterwards and yield its URL."""
    initdb, program = binary("initdb"), binary("postgres")
    # It refuses to run as root, and its socket's path must be short and open to its user.
    user = pwd.getpwnam("postgres") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    as_user: dict[str, Any] = {"user": user.pw_uid, "group": user.pw_gid} if os.geteuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="rollcall-pg-", dir="/tmp"))
    try:
        os.chown(folder, user.pw_uid, user.pw_gid)
        data = folder / "data"
        subprocess.run(
            [initdb, "--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "-D", data],
            check=True,
            capture_output=True,
            cwd=folder,
            **as_user,
        )
        settings = {"listen_addresses": "", "unix_socket_directories": str(folder), "fsync": "off"}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        process = subprocess.Popen([program, "-D", data, *options], stderr=subprocess.DEVNULL, cwd=folder, **as_user)
        try:
            _wait(lambda: _ask(folder / ".s.PGSQL.5432"), process)
            yield f"postgresql://postgres@/postgres?host={quote(str(folder), safe='')}"
        finally:
            process.send_signal(signal.SIGINT)  # does not wait for connections to end
            process.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _ask(path: Path) -> None:
    """Ask a PostgreSQL whether it speaks TLS: it answers when it is up."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        probe.connect(str(path))
        probe.sendall(bytes([0, 0, 0, 8, 4, 210, 22, 47]))
        if probe.recv(1) not in {b"N", b"S"}:
            raise OSError("not ready")


def _wait(attempt: Callable[[], None], process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + UP_SECONDS
    while True:
        try:
            attempt()
        except OSError:
            assert process.poll() is None, f"{process.args!r} ended with {process.returncode}"
            assert time.monotonic() < deadline, f"{process.args!r} did not come up in {UP_SECONDS} s"
            time.sleep(0.05)
        else:
            return
