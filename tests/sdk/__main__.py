"""Serve the demo tenants and let Microsoft's clients, in an environment of their own, read them."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from collectors.catalogue import catalogue
from sandbox.demo import write_fleet
from sandbox.server import running

ROOT = Path(__file__).parent.parent.parent
PYTHON = ROOT / "benchmarks" / ".venv-sdk" / "bin" / "python"
APP = "5dc00000-0000-4000-8000-000000000001"
SECRET = "referee"
GRAPH = ("v1.0", "beta")


def main() -> int:
    """Return 0 if everything read is what is in the folder."""
    with tempfile.TemporaryDirectory(prefix="rollcall-sdk-") as text:
        folder = Path(text)
        fleet = write_fleet(folder / "demo", as_of=datetime(2026, 11, 23, 2, 0, tzinfo=UTC))
        _trust(folder / "demo" / "apps.json")
        with running(folder / "demo") as url:
            job = {
                "url": url,
                "folder": str(folder / "demo"),
                "app": APP,
                "secret": SECRET,
                "tenants": [one.tenant.id for one in fleet.tenants],
                # Partner Center is no part of Graph: Microsoft has no client for it.
                "wanted": sorted({f"{one.version}{one.path}" for one in catalogue().datasets if one.version in GRAPH}),
            }
            (folder / "job.json").write_text(json.dumps(job), "utf-8")
            environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
            command = [str(PYTHON), "-W", "ignore", "-m", "tests.sdk.read", str(folder / "job.json")]
            return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def _trust(file: Path) -> None:
    """Let an app of our own into every tenant of ``apps.json``."""
    apps = json.loads(file.read_text("utf-8"))
    secret = hashlib.sha256(SECRET.encode()).hexdigest()
    apps["apps"].append({"app_id": APP, "secrets_sha256": [secret], "tenants": ["*"]})
    file.write_text(json.dumps(apps), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
