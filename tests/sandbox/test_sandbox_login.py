"""Tokens: who gets one, and how the others are told."""

import base64
import json
import re
from typing import Any

import jwt
import pytest
from jwt.types import Options

from tests.sandbox.cloud import (
    APP,
    CUSTOMER,
    GRAPH,
    PARTNER,
    PARTNER_CENTER,
    SECRET,
    STRANGER,
    Cloud,
    Reply,
    ask,
    digest,
    settle,
)

GUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
RT = "0.refresh-token-as-first-given-out"
USER = "99999999-0000-4000-8000-000000000009"


def refused(reply: Reply, code: int, error: str, status: int = 400) -> dict[str, Any]:
    body: dict[str, Any] = reply.json()
    assert (reply.status, body["error"], body["error_codes"]) == (status, error, [code])
    form = rf"AADSTS{code}: .+ Trace ID: {GUID} Correlation ID: {GUID} Timestamp: \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\dZ"
    assert re.fullmatch(form, body["error_description"], re.DOTALL)
    assert body["trace_id"] in body["error_description"]
    assert body["correlation_id"] in body["error_description"]
    assert body["timestamp"] in body["error_description"]
    assert body["error_uri"] == f"https://login.microsoftonline.com/error?code={code}"
    assert reply.headers["content-type"].startswith("application/json")
    return body


def claims(token: str) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return found


def test_discovery_names_the_real_hosts(cloud: Cloud) -> None:
    reply = ask(cloud.app, "GET", f"/{PARTNER}/v2.0/.well-known/openid-configuration", {})
    body = reply.json()
    assert reply.status == 200
    assert body["token_endpoint"] == f"https://login.microsoftonline.com/{PARTNER}/oauth2/v2.0/token"
    assert body["issuer"] == f"https://login.microsoftonline.com/{PARTNER}/v2.0"
    assert body["jwks_uri"] == f"https://login.microsoftonline.com/{PARTNER}/discovery/v2.0/keys"
    assert "sandbox" not in reply.content.decode()


def test_instance_discovery_names_the_real_cloud(cloud: Cloud) -> None:
    reply = ask(cloud.app, "GET", "/common/discovery/instance?api-version=1.1", {})
    [metadata] = reply.json()["metadata"]
    assert metadata["preferred_network"] == "login.microsoftonline.com"
    assert metadata["preferred_network"] in metadata["aliases"]


@pytest.mark.parametrize("tenant", [STRANGER, "contoso.example", "apps.json", "common", ".."])
def test_a_tenant_without_a_folder_is_unknown(cloud: Cloud, tenant: str) -> None:
    reply = ask(cloud.app, "GET", f"/{tenant}/v2.0/.well-known/openid-configuration", {})
    if tenant == "..":
        assert reply.status == 404
        return
    refused(reply, 90002, "invalid_tenant")
    refused(cloud.login(tenant), 90002, "invalid_request")


def test_an_access_token_verifies_with_the_published_key(cloud: Cloud) -> None:
    token = cloud.token()
    keys = ask(cloud.app, "GET", f"/{PARTNER}/discovery/v2.0/keys", {}).json()["keys"]
    [key] = [key for key in keys if key["kid"] == jwt.get_unverified_header(token)["kid"]]
    any_time: Options = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
    found = jwt.decode(token, jwt.PyJWK(key).key, algorithms=["ES256"], audience=GRAPH, options=any_time)
    assert (found["tid"], found["appid"], found["idtyp"], found["appidacr"]) == (PARTNER, APP, "app", "1")
    assert found["exp"] - found["iat"] == 3599
    assert "d" not in key


def test_a_secret_is_worth_a_token(cloud: Cloud) -> None:
    body = cloud.login().json()
    assert body.pop("access_token")
    assert body == {"token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599}


@pytest.mark.parametrize(
    ("scope", "audience"),
    [
        (f"{GRAPH}/.default", GRAPH),
        ("00000003-0000-0000-c000-000000000000/.default", GRAPH),
        (f"{PARTNER_CENTER}/.default", PARTNER_CENTER),
        ("https://graph.windows.net/.default", "https://graph.windows.net"),
        (f"{GRAPH}/.default openid profile offline_access", GRAPH),
    ],
)
def test_the_scope_decides_the_audience(cloud: Cloud, scope: str, audience: str) -> None:
    assert claims(cloud.login(scope=scope).json()["access_token"])["aud"] == audience


@pytest.mark.parametrize("parameter", ["grant_type", "client_id", "scope"])
def test_a_missing_parameter_is_named(cloud: Cloud, parameter: str) -> None:
    body = refused(cloud.login(**{parameter: None}), 900144, "invalid_request")
    assert f"'{parameter}'" in body["error_description"]


@pytest.mark.parametrize(
    ("form", "code", "error", "status"),
    [
        ({"client_secret": "wrong"}, 7000215, "invalid_client", 401),
        ({"client_secret": digest(SECRET)}, 7000215, "invalid_client", 401),
        ({"client_secret": None}, 7000218, "invalid_client", 401),
        ({"client_secret": ""}, 7000218, "invalid_client", 401),
        ({"client_secret": None, "client_assertion": "a.b.c"}, 7000218, "invalid_client", 401),
        ({"client_id": STRANGER}, 700016, "unauthorized_client", 400),
        ({"grant_type": "password"}, 70003, "unsupported_grant_type", 400),
        ({"scope": "https://graph.microsoft.com/User.Read.All"}, 1002012, "invalid_scope", 400),
        ({"scope": "openid"}, 1002012, "invalid_scope", 400),
        ({"scope": f"{GRAPH}/.default {PARTNER_CENTER}/.default"}, 70011, "invalid_scope", 400),
        ({"scope": "https://vault.azure.net/.default"}, 500011, "invalid_resource", 400),
    ],
)
def test_refusals_have_entras_code_word_and_status(
    cloud: Cloud, form: dict[str, str | None], code: int, error: str, status: int
) -> None:
    refused(cloud.login(**form), code, error, status)


def test_an_app_that_is_not_consented_is_not_found_in_the_tenant(cloud: Cloud) -> None:
    cloud.apps([{"app_id": APP, "secrets_sha256": [digest(SECRET)], "tenants": [PARTNER.upper()]}])
    assert cloud.login(PARTNER).status == 200
    assert CUSTOMER in refused(cloud.login(CUSTOMER), 700016, "unauthorized_client")["error_description"]


def test_a_wrong_secret_is_told_before_missing_consent(cloud: Cloud) -> None:
    cloud.apps([{"app_id": APP, "secrets_sha256": [digest(SECRET)], "tenants": []}])
    refused(cloud.login(client_secret="wrong"), 7000215, "invalid_client", 401)


def test_the_correlation_id_is_the_clients(cloud: Cloud) -> None:
    mine = "12345678-1234-4234-8234-123456789012"
    reply = cloud.login(headers={"client-request-id": mine}, client_secret="wrong")
    assert reply.json()["correlation_id"] == mine
    assert reply.headers["client-request-id"] == mine


def test_the_token_endpoint_only_takes_posts(cloud: Cloud) -> None:
    refused(ask(cloud.app, "GET", f"/{PARTNER}/oauth2/v2.0/token", {}), 900561, "invalid_request")


@pytest.mark.parametrize("target", ["/", "//", f"/{PARTNER}", f"/{PARTNER}/v2.0/logout", "/favicon.ico"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_other_places_are_not_found(cloud: Cloud, target: str, method: str) -> None:
    assert ask(cloud.app, method, target, {}).status == 404


def test_a_planned_failure_wins(cloud: Cloud) -> None:
    body = {"error": "invalid_grant", "error_description": "AADSTS50076: ...", "error_codes": [50076]}
    file = cloud.fail("token", 400, body, CUSTOMER, Retry_After="7")
    reply = cloud.login(CUSTOMER)
    assert (reply.status, reply.json(), reply.headers["retry-after"]) == (400, body, "7")
    assert cloud.login(PARTNER).status == 200
    file.unlink()
    assert cloud.login(CUSTOMER).status == 200


def test_apps_json_takes_effect_while_the_server_runs(cloud: Cloud) -> None:
    file = cloud.data / "apps.json"
    settle(file)
    assert cloud.login().status == 200
    assert cloud.login().status == 200
    cloud.apps([{"app_id": APP, "secrets_sha256": [digest("another")], "tenants": ["*"]}])
    refused(cloud.login(), 7000215, "invalid_client", 401)
    file.unlink()
    refused(cloud.login(), 700016, "unauthorized_client")


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        '{"apps": [{"app_id": "x", "secrets": []}]}',
        '{"apps": [{"app_id": "x", "certificates": ["not PEM"]}]}',
        '{"apps": {}}',
    ],
)
def test_a_broken_apps_json_is_named(cloud: Cloud, text: str) -> None:
    (cloud.data / "apps.json").write_text(text)
    reply = cloud.login()
    assert reply.status == 500
    assert "apps.json" in reply.json()["error"]["message"]


class TestRefreshTokens:
    @pytest.fixture(autouse=True)
    def registered(self, cloud: Cloud) -> None:
        self.register(cloud)

    @staticmethod
    def register(cloud: Cloud, *, revoked: bool = False, tenants: tuple[str, ...] = ("*",)) -> None:
        token = {"sha256": digest(RT), "tenant_id": PARTNER, "user_id": USER, "revoked": revoked}
        other = {"app_id": STRANGER, "secrets_sha256": [digest(SECRET)], "tenants": ["*"]}
        mine = {"app_id": APP, "secrets_sha256": [digest(SECRET)], "refresh_tokens": [token], "tenants": list(tenants)}
        cloud.apps([mine, other])

    @staticmethod
    def redeem(cloud: Cloud, token: str = RT, tenant: str = CUSTOMER, **form: str | None) -> Reply:
        return cloud.login(tenant, grant_type="refresh_token", refresh_token=token, **form)

    def test_it_is_redeemed_at_the_customer(self, cloud: Cloud) -> None:
        body = self.redeem(cloud).json()
        found = claims(body["access_token"])
        assert (found["tid"], found["oid"], found["idtyp"], found["aud"]) == (CUSTOMER, USER, "user", GRAPH)
        assert body["refresh_token"] != RT

    def test_it_rotates_and_the_old_one_stays_valid(self, cloud: Cloud) -> None:
        seen = {RT}
        for _ in range(3):
            for known in sorted(seen):
                body = self.redeem(cloud, known).json()
                assert body["refresh_token"] not in seen
                seen.add(body["refresh_token"])

    def test_a_rotated_one_survives_a_restart(self, cloud: Cloud) -> None:
        rotated = self.redeem(cloud).json()["refresh_token"]
        (cloud.data / PARTNER).rmdir()
        (cloud.data / CUSTOMER).rmdir()
        again = Cloud(cloud.data)
        self.register(again)
        assert self.redeem(again, rotated).status == 200

    def test_revoking_ends_all_of_its_line(self, cloud: Cloud) -> None:
        rotated = self.redeem(cloud).json()["refresh_token"]
        self.register(cloud, revoked=True)
        for token in (RT, rotated):
            refused(self.redeem(cloud, token), 50173, "invalid_grant")
        cloud.apps([{"app_id": APP, "secrets_sha256": [digest(SECRET)], "tenants": ["*"]}])
        for token in (RT, rotated):
            refused(self.redeem(cloud, token), 70000, "invalid_grant")

    def test_it_needs_consent_in_the_customer_but_not_at_home(self, cloud: Cloud) -> None:
        self.register(cloud, tenants=())
        assert refused(self.redeem(cloud), 65001, "invalid_grant")["suberror"] == "consent_required"
        assert self.redeem(cloud, tenant=PARTNER).status == 200

    def test_it_belongs_to_its_app(self, cloud: Cloud) -> None:
        rotated = self.redeem(cloud).json()["refresh_token"]
        for token in (RT, rotated):
            refused(self.redeem(cloud, token, client_id=STRANGER), 70000, "invalid_grant")

    def test_it_takes_delegated_scopes_of_one_resource(self, cloud: Cloud) -> None:
        body = self.redeem(cloud, scope=f"{PARTNER_CENTER}/user_impersonation offline_access").json()
        assert claims(body["access_token"])["aud"] == PARTNER_CENTER
        assert claims(self.redeem(cloud, scope="User.Read").json()["access_token"])["aud"] == GRAPH
        refused(self.redeem(cloud, scope=f"{GRAPH}/.default {PARTNER_CENTER}/.default"), 70011, "invalid_scope")

    def test_it_still_needs_the_apps_credential(self, cloud: Cloud) -> None:
        refused(self.redeem(cloud, client_secret="wrong"), 7000215, "invalid_client", 401)
        refused(self.redeem(cloud, ""), 900144, "invalid_request")

    def test_nothing_else_is_one(self, cloud: Cloud) -> None:
        rotated = self.redeem(cloud).json()["refresh_token"]
        _, body, seal = rotated.split(".")
        forged = base64.urlsafe_b64encode(f"{digest(RT)}{'0' * 36}".encode()).decode().rstrip("=")
        for token in ("x", "1.x.y", f"1.{body}.{seal[:-1]}x", f"1.{forged}.{seal}", digest(RT), "1.\udcff.x", "1.é.x"):
            text = token.encode("utf-8", "replace").decode()
            refused(self.redeem(cloud, text), 70000, "invalid_grant")


def test_a_body_beyond_all_bounds_is_refused(cloud: Cloud) -> None:
    reply = ask(cloud.app, "POST", f"/{PARTNER}/oauth2/v2.0/token", {}, b"x" * (5 << 20))
    assert reply.status == 413
    assert json.loads(reply.content)["error"]["code"] == "RequestEntityTooLarge"
