"""Access tokens for a tenant, of an application alone or of a user who signed in to it, through msal.

msal keeps the real authority (it refuses plain http and unknown hosts); where the configuration redirects the
login endpoint, only the requests' host is rewritten.
"""

from __future__ import annotations

import asyncio
import random
import ssl
import time
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx
import msal
from msal.exceptions import MsalServiceError

from collectors.advice import Place, token_error
from collectors.config import CLOUDS, Config, Partner
from collectors.credentials import Credential, resolve
from collectors.declare import Service
from collectors.errors import Throttled, Unreachable
from collectors.refresh_tokens import RefreshTokens

# Renew before a page could outlast the token.
RENEW_SECONDS = 300
ATTEMPTS = 5
FIRST_BACKOFF_SECONDS = 2.0


@dataclass(frozen=True)
class Services:
    """Base URLs of Microsoft for one partner. ``authority`` is the real login host, ``login`` where it is reached."""

    authority: str
    login: str
    graph: str
    partner_center: str | None
    scopes: Mapping[Service, str]

    @property
    def bases(self) -> dict[Service, str]:
        """The base URL of each service that the cloud has."""
        bases: dict[Service, str] = {"graph": self.graph}
        return bases | ({"partner_center": self.partner_center} if self.partner_center else {})

    @classmethod
    def of(cls, config: Config, partner: Partner) -> Services:
        """Return the services of the partner's cloud, redirected where the configuration says so."""
        authority, graph, partner_center = CLOUDS[partner.cloud]
        ends = config.endpoints
        return cls(
            authority=authority,
            login=ends.login or authority,
            graph=ends.graph or graph,
            partner_center=(ends.partner_center or partner_center) if partner_center else None,
            scopes={"graph": f"{graph}/.default", "partner_center": f"{partner_center}/.default"},
        )


class TokenSource(Protocol):
    """What fetches tokens for one service in one tenant: of a user, or of an application alone."""

    @property
    def is_delegated(self) -> bool:
        """Whether a user signs in, and not an application alone."""

    async def token(self, *, fresh: bool = False) -> str:
        """Return an access token; a ``fresh`` one if the last was refused. Raises :class:`ScanError`."""


def token_source(config: Config, partner: Partner, tenant_id: str, verify: ssl.SSLContext) -> AppTokens:
    """Return what fetches tokens for a tenant of the partner's: as a user if its connection holds a refresh token.

    Raises :class:`ConfigError` for a connection that is missing or incomplete.
    """
    credential = resolve(partner.credential)
    services = Services.of(config, partner)
    if credential.refresh_token is None:
        return AppTokens(services, credential, tenant_id, verify)
    store = RefreshTokens.of(config, credential.connection, credential.refresh_token)
    return DelegatedTokens(services, credential, tenant_id, verify, store)


class AppTokens:
    """App-only tokens in one tenant, each for one service."""

    is_delegated = False

    def __init__(self, services: Services, credential: Credential, tenant_id: str, verify: ssl.SSLContext) -> None:
        self._services = services
        self._credential = credential
        self._tenant_id = tenant_id
        self._verify = verify
        self._held: defaultdict[Service, _Held] = defaultdict(_Held)

    def of(self, service: Service) -> TokenSource:
        """Return what fetches tokens for one service."""
        return _ServiceTokens(self, service)

    @property
    def place(self) -> Place:
        """Whom a refusal concerns."""
        return Place(
            app_id=self._credential.app_id,
            connection=self._credential.connection,
            tenant_id=self._tenant_id,
            authority=self._services.authority,
            is_delegated=self.is_delegated,
        )

    async def token(self, service: Service = "graph", *, fresh: bool = False) -> str:
        """Return a token that lasts at least five minutes more. Raises :class:`ScanError`."""
        held = self._held[service]
        refused = held.token if fresh else None
        async with held.lock:
            if held.token == refused or time.monotonic() >= held.renew_at:
                answer = await self._patiently(service)
                held.token = answer["access_token"]
                held.renew_at = time.monotonic() + int(answer["expires_in"]) - RENEW_SECONDS
            return held.token

    async def _patiently(self, service: Service) -> dict[str, Any]:
        """Ask for a token; ask again if the service could not answer, but never if it said no."""
        for attempt in range(ATTEMPTS):
            try:
                # msal blocks; the pages of other datasets go on meanwhile.
                return await asyncio.to_thread(self.acquire, service)
            except (Unreachable, Throttled):
                if attempt == ATTEMPTS - 1:
                    raise
                await asyncio.sleep(random.uniform(0.5, 1) * FIRST_BACKOFF_SECONDS * 2**attempt)  # noqa: S311
        raise AssertionError

    def acquire(self, service: Service = "graph") -> dict[str, Any]:
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
                answer = self._ask(app, self._services.scopes[service])
            except ValueError as error:  # the tenant's discovery document said no; msal drops what it said
                refusal = http.refusal or {"error_description": str(error)}
                raise token_error(refusal, self.place) from None
            except (MsalServiceError, httpx.HTTPError) as error:
                msg = f"{self._services.login} did not give a token for tenant {self._tenant_id}: {error}"
                raise Unreachable(msg, type(error).__name__) from None
        if "access_token" not in answer:
            raise token_error(answer, self.place)
        return answer

    def _ask(self, app: Any, scope: str) -> dict[str, Any]:
        return dict(app.acquire_token_for_client([scope]))


class DelegatedTokens(AppTokens):
    """Tokens in one tenant of the user whose refresh token the connection holds."""

    is_delegated = True

    def __init__(
        self,
        services: Services,
        credential: Credential,
        tenant_id: str,
        verify: ssl.SSLContext,
        store: RefreshTokens,
    ) -> None:
        super().__init__(services, credential, tenant_id, verify)
        self._store = store

    def _ask(self, app: Any, scope: str) -> dict[str, Any]:
        # One after the other: whoever comes next redeems the token that this redemption gives.
        with self._store.rotation() as held:
            answer = dict(app.acquire_token_by_refresh_token(held.token, [scope]))
            if rotated := answer.pop("refresh_token", None):
                _mask(rotated)
                held.keep(rotated)
        return answer


@dataclass
class _Held:
    """The token of one service, until it is renewed."""

    token: str = ""
    renew_at: float = 0.0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(frozen=True)
class _ServiceTokens:
    """The tokens of one service."""

    tokens: AppTokens
    service: Service

    @property
    def is_delegated(self) -> bool:
        return self.tokens.is_delegated

    async def token(self, *, fresh: bool = False) -> str:
        return await self.tokens.token(self.service, fresh=fresh)


class _Redirected:
    """The http client msal asks: the same URLs, sent to where the configuration says Microsoft is."""

    def __init__(self, client: httpx.Client, services: Services) -> None:
        self._client = client
        self._services = services
        self.refusal: dict[str, Any] = {}

    def get(self, url: str, *, params: Any = None, headers: Any = None, **_: object) -> httpx.Response:
        answer = self._client.get(self._to(url), params=params, headers=headers)
        if answer.is_client_error:
            with suppress(ValueError, TypeError):
                self.refusal = dict(answer.json())
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
        if self._services.login == self._services.authority:
            return url
        # Discovery may name the token endpoint of any cloud: a sandbox stands in for all of them.
        for authority, _, _ in CLOUDS.values():
            if url.startswith(f"{authority}/"):
                return self._services.login + url.removeprefix(authority)
        return url


def _mask(token: str) -> None:
    """Have Airflow star a token out of every log, if we run in Airflow.

    Only what lasts: for each, Airflow compiles one pattern of all it knows, and there is an access token a tenant.
    """
    from airflow.sdk.log import mask_secret

    mask_secret(token)
