"""Entra's token service: discovery, keys, and tokens for client credentials and refresh tokens."""

import hashlib
import hmac
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import parse_qsl

from sandbox.apps import App, Apps
from sandbox.assertions import TYPE, check_assertion
from sandbox.calls import Answer, Call, Headers, error_from_file, json_answer, new_id
from sandbox.entra_errors import CLOUD, RefusedError, refusal
from sandbox.paths import TENANT_ID
from sandbox.store import Store
from sandbox.tokens import AUDIENCES, GRAPH, LIFETIME_SECONDS, Tokens, find_refresh_token, rotated

_RESERVED_SCOPES: Final = frozenset({"openid", "profile", "offline_access", "email"})
_ALIASES: Final = ["login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"]


def read_form(body: bytes) -> dict[str, str]:
    """Return the fields of a form; the first of a repeated one."""
    return dict(reversed(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)))


class Login:
    """Answers below ``/{tenant}/``. It always names the real host: clients keep the real authority."""

    def __init__(self, store: Store, tokens: Tokens, clock: Callable[[], float]) -> None:
        self._store = store
        self._tokens = tokens
        self._clock = clock
        self._apps = Apps(store)

    def public(self, parts: tuple[str, ...], headers: dict[bytes, bytes]) -> Answer:
        """Answer what needs no credential: instance discovery, tenant discovery, keys."""
        if parts == ("common", "discovery", "instance"):
            return json_answer(200, _instances(), headers_for(headers))
        tenant, place = parts[0].lower(), "/".join(parts[1:])
        if place not in {"v2.0/.well-known/openid-configuration", "discovery/v2.0/keys", "oauth2/v2.0/token"}:
            return json_answer(404, {}, headers_for(headers))
        refused = None if self._is_tenant(tenant) else RefusedError(90002, tenant=tenant)
        if place == "oauth2/v2.0/token":
            refused = refused or RefusedError(900561, method="GET")
        if refused is not None:
            # Discovery has a word of its own for a tenant that is not there.
            error = "" if place == "oauth2/v2.0/token" else "invalid_tenant"
            return refusal(refused, correlation_of(headers, {}), headers_for(headers), error=error)
        found = {"keys": [self._tokens.published_key()]} if place.endswith("keys") else _discovery(tenant)
        return json_answer(200, found, headers_for(headers))

    def answer(self, call: Call) -> Answer:
        """Answer a token request. Raises ``DataError``."""
        correlation_id = correlation_of(call.headers, call.form)
        headers = headers_for(call.headers)
        try:
            if not self._is_tenant(call.tenant):
                return refusal(RefusedError(90002, tenant=call.tenant), correlation_id, headers)
            found = self._store.error(f"{call.tenant}/token")
            if found is not None:
                planned = error_from_file(found, f"{call.tenant}/token.error.json")
                planned.headers += headers
                return planned
            return json_answer(200, self._token(call), headers)
        except RefusedError as refused:
            return refusal(refused, correlation_id, headers)

    def _is_tenant(self, tenant: str) -> bool:
        return TENANT_ID.fullmatch(tenant) is not None and self._store.has_tenant(tenant)

    def _token(self, call: Call) -> dict[str, Any]:
        form = call.form
        grant = _required(form, "grant_type")
        if grant not in {"client_credentials", "refresh_token"}:
            raise RefusedError(70003, grant=grant)
        app_id = _required(form, "client_id")
        app = self._apps.find(app_id)
        if app is None:
            raise RefusedError(700016, app=app_id, tenant=call.tenant)
        self._check_credential(app, call)
        if grant == "refresh_token":
            return self._for_user(app, call)
        audience = _audience(_required(form, "scope"), call.tenant, needs_default=True)
        if not app.is_consented(call.tenant):
            raise RefusedError(700016, app=app_id, tenant=call.tenant)
        return self._granted(app, call, audience, user_id=None)

    def _check_credential(self, app: App, call: Call) -> None:
        form = call.form
        if form.get("client_assertion") and form.get("client_assertion_type") == TYPE:
            check_assertion(
                form["client_assertion"], app, tenant=call.tenant, base_url=call.base_url, now=self._clock()
            )
        elif form.get("client_secret"):
            digest = hashlib.sha256(form["client_secret"].encode()).hexdigest()
            if not any(hmac.compare_digest(digest, known) for known in app.secrets_sha256):
                raise RefusedError(7000215, app=app.app_id)
        else:
            raise RefusedError(7000218)

    def _for_user(self, app: App, call: Call) -> dict[str, Any]:
        registered = find_refresh_token(app, _required(call.form, "refresh_token"))
        if registered is None:
            raise RefusedError(70000)
        if registered.revoked:
            raise RefusedError(50173)
        scope = call.form.get("scope") or f"{GRAPH}/.default"
        audience = _audience(scope, call.tenant, needs_default=False)
        if call.tenant != registered.tenant_id.lower() and not app.is_consented(call.tenant):
            raise RefusedError(65001, app=app.app_id)
        granted = self._granted(app, call, audience, user_id=registered.user_id)
        return granted | {"scope": scope, "refresh_token": rotated(app, registered)}

    def _granted(self, app: App, call: Call, audience: str, *, user_id: str | None) -> dict[str, Any]:
        token = self._tokens.issue(
            tenant=call.tenant,
            audience=audience,
            app_id=app.app_id,
            user_id=user_id,
            is_certificate="client_assertion" in call.form,
        )
        return {
            "token_type": "Bearer",
            "expires_in": LIFETIME_SECONDS,
            "ext_expires_in": LIFETIME_SECONDS,
            "access_token": token,
        }


def _required(form: Any, name: str) -> str:
    if not form.get(name):
        raise RefusedError(900144, parameter=name)
    return str(form[name])


def _audience(scope: str, tenant: str, *, needs_default: bool) -> str:
    """Return the one resource that the scopes name."""
    asked = [name for name in scope.split() if name not in _RESERVED_SCOPES]
    if not asked or (needs_default and any(not name.endswith("/.default") for name in asked)):
        raise RefusedError(1002012 if needs_default else 70011, scope=scope)
    resources = {name.rpartition("/")[0] or GRAPH for name in asked}
    if len(resources) > 1:
        raise RefusedError(70011, scope=scope)
    resource = resources.pop()
    if resource not in AUDIENCES:
        raise RefusedError(500011, resource=resource, tenant=tenant)
    return AUDIENCES[resource]


def correlation_of(headers: Any, form: Any) -> str:
    """Return the correlation id of a request: the client's, or a new one."""
    given = headers.get(b"client-request-id", b"").decode("latin-1") or form.get("client-request-id", "")
    return given if TENANT_ID.fullmatch(given.lower()) else new_id()


def headers_for(headers: Any) -> Headers:
    """Return the headers that every answer of Entra carries."""
    echoed = headers.get(b"client-request-id")
    return (
        (b"Cache-Control", b"no-store, no-cache"),
        (b"Pragma", b"no-cache"),
        (b"Expires", b"-1"),
        (b"Strict-Transport-Security", b"max-age=31536000; includeSubDomains"),
        (b"X-Content-Type-Options", b"nosniff"),
        (b"x-ms-request-id", new_id().encode()),
        *(((b"client-request-id", echoed),) if echoed else ()),
    )


def _discovery(tenant: str) -> dict[str, Any]:
    base = f"{CLOUD}/{tenant}"
    return {
        "token_endpoint": f"{base}/oauth2/v2.0/token",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        "jwks_uri": f"{base}/discovery/v2.0/keys",
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": f"{base}/v2.0",
        "request_uri_parameter_supported": False,
        "userinfo_endpoint": "https://graph.microsoft.com/oidc/userinfo",
        "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
        "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
        "http_logout_supported": True,
        "frontchannel_logout_supported": True,
        "end_session_endpoint": f"{base}/oauth2/v2.0/logout",
        "tenant_region_scope": "EU",
        "cloud_instance_name": "microsoftonline.com",
        "cloud_graph_host_name": "graph.windows.net",
        "msgraph_host": "graph.microsoft.com",
        "rbac_url": "https://pas.windows.net",
    }


def _instances() -> dict[str, Any]:
    return {
        "tenant_discovery_endpoint": f"{CLOUD}/common/v2.0/.well-known/openid-configuration",
        "api-version": "1.1",
        "metadata": [
            {
                "preferred_network": "login.microsoftonline.com",
                "preferred_cache": "login.windows.net",
                "aliases": _ALIASES,
            }
        ],
    }
