"""A client of the sandbox over real HTTP: tokens, pages and batches, with nothing between it and the bytes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Unpack

import httpx

from sandbox.server import Options, running
from tests.sandbox.cloud import APP, GRAPH, PARTNER, SECRET, Cloud


@dataclass
class Served:
    """The sandbox at ``url``; a path is asked with a token of the tenant, which is fetched once."""

    url: str
    client: httpx.Client
    _tokens: dict[tuple[str, str, str], str] = field(default_factory=dict)

    def login(self, tenant: str = PARTNER, app_id: str = APP, audience: str = GRAPH) -> httpx.Response:
        form = {"grant_type": "client_credentials", "client_id": app_id, "client_secret": SECRET}
        return self.client.post(
            f"{self.url}/{tenant}/oauth2/v2.0/token", data={**form, "scope": f"{audience}/.default"}
        )

    def headers(self, tenant: str = PARTNER, app_id: str = APP, audience: str = GRAPH) -> dict[str, str]:
        key = (tenant, app_id, audience)
        if key not in self._tokens:
            self._tokens[key] = self.login(*key).json()["access_token"]
        return {"Authorization": f"Bearer {self._tokens[key]}"}

    def get(self, path: str, tenant: str = PARTNER, app_id: str = APP, audience: str = GRAPH) -> httpx.Response:
        url = path if path.startswith("http") else f"{self.url}/{path}"
        return self.client.get(url, headers=self.headers(tenant, app_id, audience))

    def value(self, path: str, tenant: str = PARTNER) -> list[dict[str, Any]]:
        answer = self.get(path, tenant)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["value"]
        return found

    def batch(self, *paths: str, tenant: str = PARTNER) -> list[dict[str, Any]]:
        requests = [{"id": str(place), "method": "GET", "url": path} for place, path in enumerate(paths, 1)]
        answer = self.client.post(f"{self.url}/v1.0/$batch", json={"requests": requests}, headers=self.headers(tenant))
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["responses"]
        return found


@contextmanager
def served(cloud: Cloud, **options: Unpack[Options]) -> Iterator[Served]:
    """Serve the cloud's folder, and ask it through one client."""
    with running(cloud.data, **options) as url, httpx.Client(timeout=5) as client:
        yield Served(url, client)
