"""Client assertions: only a key of the app, for this tenant, for now."""

from typing import Any

import jwt
import pytest

from tests.sandbox.cloud import APP, BASE, CUSTOMER, PARTNER, STRANGER, Cloud, Reply
from tests.sandbox.keys import b64, pair
from tests.sandbox.test_sandbox_login import claims, refused

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
HOUR = 3600


@pytest.fixture(autouse=True)
def registered(cloud: Cloud) -> None:
    pems = [pair(name).pem for name in ("old", "expired", "ours")]
    cloud.apps([{"app_id": APP, "certificates": pems, "tenants": ["*"]}])


def send(cloud: Cloud, assertion: str, **form: str) -> Reply:
    return cloud.login(client_secret=None, client_assertion=assertion, client_assertion_type=TYPE, **form)


@pytest.mark.parametrize("algorithm", ["RS256", "PS256"])
def test_a_registered_key_is_worth_a_token(cloud: Cloud, algorithm: str) -> None:
    reply = send(cloud, pair("ours").sign(cloud.now, algorithm))
    assert reply.status == 200
    assert claims(reply.json()["access_token"])["appidacr"] == "2"


@pytest.mark.parametrize(
    "header",
    [
        lambda key: {"x5t": b64(key.sha1)},
        lambda key: {"x5t#S256": b64(key.sha256)},
        lambda key: {"kid": key.sha1.hex().upper()},
        lambda key: {"kid": b64(key.sha256), "x5t": b64(key.sha1)},
        lambda key: {"x5t": b64(key.sha1) + "="},
    ],
)
def test_the_header_may_name_the_certificate(cloud: Cloud, header: Any) -> None:
    ours = pair("ours")
    assert send(cloud, ours.sign(cloud.now, header=header(ours))).status == 200
    other = header(pair("old"))
    refused(send(cloud, ours.sign(cloud.now, header=other)), 700027, "invalid_client", 401)


@pytest.mark.parametrize(
    ("signer", "header", "reason"),
    [
        ("stranger", {}, "did not match"),
        ("stranger", {"kid": "unknown"}, "not found"),
        ("expired", {}, "expired"),
    ],
)
def test_any_other_key_is_refused(cloud: Cloud, signer: str, header: dict[str, str], reason: str) -> None:
    reply = send(cloud, pair(signer).sign(cloud.now, header=header))
    assert reason in refused(reply, 700027, "invalid_client", 401)["error_description"]


def test_a_signature_is_not_taken_from_a_weaker_algorithm(cloud: Cloud) -> None:
    body = jwt.decode(pair("ours").sign(cloud.now), options={"verify_signature": False})
    unsigned = jwt.encode(body, "", algorithm="none")
    refused(send(cloud, unsigned), 700027, "invalid_client", 401)
    shared = jwt.encode(body, "k" * 32, algorithm="HS256")
    refused(send(cloud, shared), 700027, "invalid_client", 401)


def test_a_changed_assertion_is_refused(cloud: Cloud) -> None:
    head, _, seal = pair("ours").sign(cloud.now).split(".")
    _, other, _ = pair("ours").sign(cloud.now, jti="two").split(".")
    refused(send(cloud, f"{head}.{other}.{seal}"), 700027, "invalid_client", 401)


@pytest.mark.parametrize("assertion", ["x", "a.b.c", "e30.e30.", "...."])
def test_what_is_no_jwt_is_malformed(cloud: Cloud, assertion: str) -> None:
    reply = send(cloud, assertion)
    assert reply.status in {400, 401}
    assert reply.json()["error_codes"] in ([50027], [700027])


@pytest.mark.parametrize(
    "aud",
    [
        f"https://login.microsoftonline.com/{PARTNER}/oauth2/v2.0/token",
        f"https://login.microsoftonline.com/{PARTNER}/v2.0",
        f"{BASE}/{PARTNER}/oauth2/v2.0/token",
    ],
)
def test_the_audience_is_the_token_endpoint_there_or_here(cloud: Cloud, aud: str) -> None:
    assert send(cloud, pair("ours").sign(cloud.now, aud=aud)).status == 200


@pytest.mark.parametrize(
    "aud",
    [
        f"https://login.microsoftonline.com/{CUSTOMER}/oauth2/v2.0/token",
        "https://login.microsoftonline.com/common/oauth2/v2.0/token",
        f"https://evil.example/{PARTNER}/oauth2/v2.0/token",
        "",
        None,
    ],
)
def test_an_assertion_for_elsewhere_is_refused(cloud: Cloud, aud: str | None) -> None:
    refused(send(cloud, pair("ours").sign(cloud.now, aud=aud)), 700023, "invalid_client", 401)


@pytest.mark.parametrize("name", ["iss", "sub"])
@pytest.mark.parametrize("value", [STRANGER, None])
def test_issuer_and_subject_are_the_app(cloud: Cloud, name: str, value: str | None) -> None:
    refused(send(cloud, pair("ours").sign(cloud.now, **{name: value})), 700021, "invalid_client", 401)


@pytest.mark.parametrize("name", ["jti", "exp"])
def test_it_needs_an_id_and_an_end(cloud: Cloud, name: str) -> None:
    refused(send(cloud, pair("ours").sign(cloud.now, **{name: None})), 50027, "invalid_request")


@pytest.mark.parametrize(
    ("begins", "ends", "is_good"),
    [
        (0, 600, True),
        (-HOUR, -200, True),  # five minutes of skew
        (-HOUR, -400, False),
        (200, 600, True),
        (400, 800, False),
        (0, 24 * HOUR, True),
        (0, 25 * HOUR, False),
    ],
)
def test_it_is_for_now_and_not_for_ever(cloud: Cloud, begins: int, ends: int, is_good: bool) -> None:
    now = int(cloud.now)
    reply = send(cloud, pair("ours").sign(now, nbf=now + begins, exp=now + ends))
    if is_good:
        assert reply.status == 200
    else:
        refused(reply, 700024, "invalid_client", 401)


def test_its_id_must_be_that_of_the_request(cloud: Cloud) -> None:
    pem = pair("ours").pem
    cloud.apps([{"app_id": name, "certificates": [pem], "tenants": ["*"]} for name in (APP, STRANGER)])
    refused(send(cloud, pair("ours").sign(cloud.now), client_id=STRANGER), 700021, "invalid_client", 401)
