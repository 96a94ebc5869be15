"""A sandbox that serves a fleet, in a process of its own; and the configuration that reads it."""

import json
import subprocess
import sys
import urllib.parse
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
# Written out: the application of every fleet (docs/sandbox.md). Who measures imports nothing of what is measured.
APP_ID = "f1ee7000-0000-4000-8000-000000000001"
SECRET = "fleet"
AS_OF = "2026-11-23T02:00:00Z"
CONNECTION = {"AIRFLOW_CONN_FLEET": json.dumps({"conn_type": "entra", "login": APP_ID, "password": SECRET})}


@dataclass(frozen=True)
class Fleet:
    tenants: int
    users: int
    sign_ins: int
    seed: int = 1

    def __str__(self):
        return f"tenants={self.tenants},users={self.users},sign_ins={self.sign_ins},seed={self.seed},as_of={AS_OF}"

    @property
    def partner(self):
        """The partner's tenant id: the first of the fleet."""
        text = "from sandbox.fleet import parse_fleet; import sys; print(parse_fleet(sys.argv[1]).partner.tenant_id)"
        return subprocess.check_output([sys.executable, "-c", text, str(self)], cwd=ROOT, text=True).strip()


@contextmanager
def sandbox(fleet, *, limits=False, latency=0.0):
    """Serve the fleet; gives the base URL."""
    command = [sys.executable, "-m", "sandbox", "--fleet", str(fleet), "--port", "0", "--statistics"]
    command += ["--latency", str(latency), *(["--limits"] if limits else [])]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        ready = process.stdout.readline().split()
        if not ready:
            raise SystemExit("the sandbox did not start; see above")
        yield ready[1]
    finally:
        process.terminate()
        process.wait()


def statistics(url):
    """Return what the server was asked and what it refused since it started."""
    with urllib.request.urlopen(f"{url}/_sandbox/statistics") as answer:
        return json.load(answer)


def token(url, tenant_id):
    """Return an access token of Graph, as a peer without our code gets it."""
    form = {
        "client_id": APP_ID,
        "client_secret": SECRET,
        "scope": "https://graph.microsoft.com/.default",
        "grant_type": "client_credentials",
    }
    asked = urllib.request.Request(
        f"{url}/{tenant_id}/oauth2/v2.0/token", urllib.parse.urlencode(form).encode(), method="POST"
    )
    with urllib.request.urlopen(asked) as answer:
        return json.load(answer)["access_token"]


def write_config(folder, fleet, url):
    """Write a configuration that reads the fleet at ``url`` into ``folder``; return its path."""
    file = folder / "rollcall.toml"
    file.write_text(
        f"""
        [endpoints]
        login = "{url}"
        graph = "{url}"
        partner_center = "{url}"
        [[partner]]
        tenant_id = "{fleet.partner}"
        name = "Fleet"
        program = "direct-bill"
        credential = "fleet"
        """,
        "utf-8",
    )
    return file
