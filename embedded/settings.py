"""The settings under which Airflow runs embedded, as environment variables. ``docs/airflow.md`` says why each."""

from __future__ import annotations

import json
import os
import secrets
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
WRITER_POOL = "warehouse"


@dataclass(frozen=True)
class Embedded:
    """Where the embedded Airflow keeps its things and listens. ``connections`` is a file of Airflow connections."""

    home: Path
    config: Path
    connections: Path | None = None
    port: int = 8080
    log_ports: tuple[int, int] = (8793, 8794)

    @property
    def url(self) -> str:
        """Base URL of the UI and the API."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def passwords(self) -> Path:
        """The file with the password of ``admin``, readable by its owner alone."""
        return self.home / "passwords.json"

    def environment(self) -> dict[str, str]:
        """Return the environment for every Airflow process, ours included."""
        settings = {
            "CORE__DAGS_FOLDER": ROOT / "dags",
            "CORE__PLUGINS_FOLDER": ROOT / "plugins",
            "CORE__LOAD_EXAMPLES": False,
            "CORE__EXECUTOR": "LocalExecutor",
            # SQLite stands four writers well and dies of thirty-two, the default. Four keep two cores busy.
            "CORE__PARALLELISM": 4,
            "CORE__MAX_MAP_LENGTH": 2000,
            "CORE__DAGS_ARE_PAUSED_AT_CREATION": False,
            "CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin",
            "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": self.passwords,
            "CORE__EXECUTION_API_SERVER_URL": f"{self.url}/execution/",
            "DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{self.home / 'airflow.db'}?timeout=60",
            # A short task idles until its supervisor's next heartbeat: 5 s by default.
            "WORKERS__MIN_HEARTBEAT_INTERVAL": 1,
            "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": 0.2,
            "API__HOST": "127.0.0.1",
            "API__PORT": self.port,
            "API__BASE_URL": self.url,
            "LOGGING__WORKER_LOG_SERVER_PORT": self.log_ports[0],
            "LOGGING__TRIGGER_LOG_SERVER_PORT": self.log_ports[1],
            "USAGE_DATA_COLLECTION__ENABLED": False,
        }
        if self.connections:
            settings["SECRETS__BACKEND"] = "airflow.secrets.local_filesystem.LocalFilesystemBackend"
            settings["SECRETS__BACKEND_KWARGS"] = json.dumps({"connections_file_path": str(self.connections)})
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        paths = [str(ROOT / "embedded"), str(ROOT), environment.get("PYTHONPATH", "")]
        return environment | {
            "AIRFLOW_HOME": str(self.home),
            "ROLLCALL_CONFIG": str(self.config),
            # `airflow standalone` starts its parts by the name `airflow`.
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), environment.get("PATH", os.defpath)]),
            "PYTHONPATH": os.pathsep.join(path for path in paths if path),
            **{f"AIRFLOW__{name}": str(value) for name, value in settings.items()},
        }

    def prepare(self) -> None:
        """Make the home folder, and the password file unless there is one."""
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self.passwords.exists():
            descriptor = os.open(self.passwords, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                json.dump({"admin": secrets.token_urlsafe(16)}, file)

    def password(self) -> str:
        """Return the password of ``admin``."""
        text: str = json.loads(self.passwords.read_text("utf-8"))["admin"]
        return text
