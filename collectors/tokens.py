"""Access tokens of an application in a tenant, through msal.

msal keeps the real authority (it refuses plain http and unknown hosts); where the configuration redirects the
login endpoint, only the requests' host is rewritten.
"""

from __future__ import annotations

import asyncio
import random
import re
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

import httpx
import msal
from msal.exceptions import MsalServiceError

from collectors.config import CLOUDS, Config, Partner
from collectors.credentials import Credential
from collectors.errors import ConfigError, CredentialError, NotPermitted, ScanError, Unreachable

# Renew before a page could outlast the token.
RENEW_SECONDS = 300
ATTEMPTS = 5
FIRST_BACKOFF_SECONDS = 2.0

# AADSTS numbers, by what to do about them. Microsoft warns that they change: anything else falls back on its own words.
_CREDENTIAL = {7000215, 7000222, 7000218, 700027, 700030, 7000216, 700025, 7000212, 700024}
_CONSENT = {65001, 90008, 90094, 90099, 700016, 700011, 7000229, 650052, 650056, 650057, 500011}
_TENANT = {90002, 50059, 5000224, 900023}


@dataclass(frozen=True)
class Services:
    """Base URLs of Microsoft for one partner. ``authority`` is the real login host, ``login`` where it is reached."""

    authority: str
    login: str
    graph_scope: str
    graph: str
    partner_center: str | None

    @classmethod
    def of(cls, config: Config, partner: Partner) -> Services:
        """Return the services of the partner's cloud, redirected where the configuration says so."""
        authority, graph, partner_center = CLOUDS[partner.cloud]
        ends = config.endpoints
        return cls(
            authority=authority,
            login=ends.login or authority,
            graph_scope=f"{graph}/.default",
            graph=ends.graph or graph,
            partner_center=(ends.partner_center or partner_center) if partner_center else None,
        )


class TokenSource(Protocol):
    """What fetches tokens for one tenant."""

    async def token(self, *, fresh: bool = False) -> str:
        """Return an access token; a ``fresh`` one if the last was refused. Raises :class:`ScanError`."""


class AppTokens:
    """App-only tokens for Graph in one tenant."""

    def __init__(self, services: Services, credential: Credential, tenant_id: str, verify: ssl.SSLContext) -> None:
        self._services = services
        self._credential = credential
        self._tenant_id = tenant_id
        self._verify = verify
        self._token = ""
        self._renew_at = 0.0
        self._lock = asyncio.Lock()

    async def token(self, *, fresh: bool = False) -> str:
        """Return a token that lasts at least five minutes more. Raises :class:`ScanError`."""
        refused = self._token if fresh else None
        async with self._lock:
            if self._token == refused or time.monotonic() >= self._renew_at:
                answer = await self._patiently()
                self._token = answer["access_token"]
                self._renew_at = time.monotonic() + int(answer["expires_in"]) - RENEW_SECONDS
            return self._token

    async def _patiently(self) -> dict[str, Any]:
        """Ask for a token; ask again if the service could not answer, but never if it said no."""
        for attempt in range(ATTEMPTS):
            try:
                # msal blocks; the pages of other datasets go on meanwhile.
                return await asyncio.to_thread(self.acquire)
            except Unreachable:
                if attempt == ATTEMPTS - 1:
                    raise
                await asyncio.sleep(random.uniform(0.5, 1) * FIRST_BACKOFF_SECONDS * 2**attempt)  # noqa: S311
        raise AssertionError

    def acquire(self) -> dict[str, Any]:
        """Ask for a token once and return msal's answer. Raises :class:`ScanError`."""
        authority = f"{self._services.authority}/{self._tenant_id}"
        with httpx.Client(verify=self._verify, timeout=30) as client:
            http = _Redirected(client, self._services)
            try:
                app = msal.ConfidentialClientApplication(
                    self._credential.app_id,
                    client_credential=self._credential.for_msal(f"{authority}/oauth2/v2.0/token"),
                    authority=authority,
                    http_client=http,
                    instance_discovery=False,
                )
                answer = app.acquire_token_for_client([self._services.graph_scope])
            except ValueError as error:  # the tenant's discovery document said no; msal drops what it said
                raise _explain(self._tenant_id, self._credential, http.refusal or str(error), []) from None
            except (MsalServiceError, httpx.HTTPError) as error:
                msg = f"{self._services.login} did not give a token for tenant {self._tenant_id}: {error}"
                raise Unreachable(msg, type(error).__name__) from None
        if "access_token" not in answer:
            words = str(answer.get("error_description") or answer.get("error"))
            raise _explain(self._tenant_id, self._credential, words, answer.get("error_codes") or [])
        _mask(answer["access_token"])
        return dict(answer)


def _explain(tenant_id: str, credential: Credential, words: str, codes: list[int]) -> ScanError:
    """Return the error that says what Entra said and what to do about it."""
    number = next(iter(codes), None) or int(next(iter(re.findall(r"AADSTS(\d+)", words)), 0))
    code = f"AADSTS{number}" if number else "token"
    said = re.split(r"\s*Trace ID:", words.replace("\r\n", " "))[0].strip().rstrip(".")
    app = f"application {credential.app_id} (connection {credential.connection!r})"
    if number in _CREDENTIAL:
        return CredentialError(f"{said}. Correct or rotate the credential of {app}.", code)
    if number in _CONSENT:
        return NotPermitted(f"{said}. Have an administrator of tenant {tenant_id} consent to {app}.", code)
    if number in _TENANT or "tenant" in words.lower():
        return ConfigError(f"{said}. Check the tenant id {tenant_id}, or drop the tenant if it is gone.", code)
    return NotPermitted(f"{said}. No token for tenant {tenant_id} with {app}.", code)


class _Redirected:
    """The http client msal asks: the same URLs, sent to where the configuration says Microsoft is."""

    def __init__(self, client: httpx.Client, services: Services) -> None:
        self._client = client
        self._services = services
        self.refusal = ""

    def get(self, url: str, *, params: Any = None, headers: Any = None, **_: object) -> httpx.Response:
        answer = self._client.get(self._to(url), params=params, headers=headers)
        if answer.is_client_error:
            with suppress(ValueError, AttributeError):
                self.refusal = str(answer.json().get("error_description", ""))
        return answer

    def post(
        self, url: str, *, params: Any = None, data: Any = None, headers: Any = None, **_: object
    ) -> httpx.Response:
        # msal passes a client assertion as bytes, which httpx would form-encode as "b'...'".
        form = (
            {k: v.decode() if isinstance(v, bytes) else v for k, v in data.items()} if isinstance(data, dict) else data
        )
        return self._client.post(self._to(url), params=params, data=form, headers=headers)

    def close(self) -> None:
        """Do nothing: the caller closes its client."""

    def _to(self, url: str) -> str:
        rest = url.removeprefix(self._services.authority)
        return self._services.login + rest if rest != url else url


def _mask(token: str) -> None:
    """Have Airflow star the token out of every log, if we run in Airflow."""
    from airflow.sdk.log import mask_secret

    mask_secret(token)
