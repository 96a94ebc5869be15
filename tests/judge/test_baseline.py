"""A public baseline of 36 policies, as exported, in a tenant of its own: what the scan finds of a handful of people.

Reviewed by hand, as in tests/cover/test_baseline.py, where each policy that decides is named. In short: CA000 demands
MFA of everybody but the members of its exclusion group, break-glass accounts and the synchronization role; CA002 blocks
legacy clients; CA200 asks the staff again, with browsers and apps only; the policies for agents meet no user.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from collectors.config import Tenant, load
from sandbox.server import running
from tests.cloud import APP, CONNECTION, SECRET
from tests.cover.make import GLOBAL_ADMIN
from tests.cover.test_baseline import GLASS, NO_CA000, NO_CA002, SERVICE, STAFF, SYNC_ROLE, read
from tests.judge.fleets import scan
from tests.judge.orgs import Org, guest, methods, tenant_id, user
from warehouse.engine import writer

ME = tenant_id("baseline")
BARE = methods()
PEOPLE: Mapping[str, tuple[str, ...]] = {
    "member": (STAFF,),
    "unregistered": (STAFF,),
    "left-out": (STAFF, NO_CA000),
    "legacy": (STAFF, NO_CA000, NO_CA002),
    "stranger": (NO_CA000,),
    "robot": (SERVICE,),
    "glass": (GLASS,),
    "sync": (),
    "admin": (STAFF,),
}


def org(folder: Path) -> Org:
    """Return the exported tenant with these people in it: the policies as they are, annotations and all."""
    groups = {each["DisplayName"]: each["Id"] for each in read(folder / "MigrationTable.json")["Objects"]}
    return Org(
        users=[*(user(name, displayName=f"Person {name}") for name in PEOPLE), guest()],
        policies=[read(path) for path in sorted((folder / "ConditionalAccess").glob("*.json"))],
        locations=[read(path) for path in sorted((folder / "NamedLocations").glob("*.json"))],
        members={group: [name for name, names in PEOPLE.items() if label in names] for label, group in groups.items()},
        registered={"unregistered": BARE, "glass": BARE},
        roles=[("sync", SYNC_ROLE, "/"), ("admin", GLOBAL_ADMIN, "/")],
    )


@pytest.fixture(scope="module")
def verdicts(golden: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("baseline")
    org(golden / "ConditionalAccessBaseline" / "Config").write(folder / "cloud" / ME)
    app = {"app_id": APP, "secrets_sha256": [hashlib.sha256(SECRET.encode()).hexdigest()], "certificates": []}
    apps = {"apps": [{**app, "refresh_tokens": [], "tenants": ["*"]}]}
    (folder / "cloud" / "apps.json").write_text(json.dumps(apps), "utf-8")
    with pytest.MonkeyPatch.context() as patch, running(folder / "cloud") as url:
        connection = {"conn_type": "entra", "login": APP, "password": SECRET}
        patch.setenv(f"AIRFLOW_CONN_{CONNECTION.upper()}", json.dumps(connection))
        (folder / "rollcall.toml").write_text(
            f"""
            [endpoints]
            login = "{url}"
            graph = "{url}"
            partner_center = "{url}"
            [[partner]]
            tenant_id = "{ME}"
            name = "Baseline"
            program = "direct-bill"
            credential = "{CONNECTION}"
            """,
            "utf-8",
        )
        config = load(folder / "rollcall.toml")
        scan(config, [Tenant(tenant_id=ME, name="Baseline", kind="partner", partner_id=ME)])
    with writer(config.warehouse) as con:
        answer = con.execute("select * from account_verdicts")
        names = [column[0] for column in answer.description or ()]
        yield {row["account_id"]: row for row in (dict(zip(names, each, strict=True)) for each in answer.fetchall())}


@pytest.mark.parametrize(
    ("account", "verdict", "strict", "reasons"),
    [
        ("member", "compliant", "compliant", []),
        ("unregistered", "at_risk", "at_risk", ["ENFORCED_NOT_REGISTERED"]),
        ("robot", "compliant", "compliant", []),
        # CA105 would ask for more, were it on; CA000 asks already.
        ("admin", "compliant", "compliant", []),
        ("g1", "compliant", "compliant", []),
        # CA200 asks staff with browsers and apps, CA002 blocks the rest.
        ("left-out", "compliant", "compliant", ["CA_COMPLEMENT"]),
        # Out of CA002 too, old clients get in with a password from the countries that CA001 lets through.
        ("legacy", "at_risk", "non_compliant", None),
        # In no group that a policy includes: blocked here and there, asked nowhere.
        ("stranger", "non_compliant", "non_compliant", ["REGISTERED_NOT_ENFORCED"]),
        ("glass", "non_compliant", "non_compliant", ["NO_MFA"]),
        ("sync", "not_applicable", "not_applicable", ["SYNC_ACCOUNT", "SYNC_ACCOUNT_UNEXPECTED"]),
    ],
)
def test_people_of_the_baseline(
    verdicts: dict[str, dict[str, Any]], account: str, verdict: str, strict: str, reasons: list[str] | None
) -> None:
    found = verdicts[account]
    assert (found["contract_verdict"], found["strict_verdict"]) == (verdict, strict)
    if reasons is not None:
        assert found["reasons"] == reasons


def test_what_gets_through_is_said(verdicts: dict[str, dict[str, Any]]) -> None:
    assert "LEGACY_AUTH_GAP" in verdicts["legacy"]["reasons"]
    assert "with a legacy client" in verdicts["legacy"]["counterexample"]
    assert verdicts["glass"]["counterexample"] == "A sign-in from any platform, anywhere, to any app needs no MFA"
    assert verdicts["stranger"]["protected_by"] == verdicts["glass"]["protected_by"] == []
    assert verdicts["admin"]["is_admin"]
    assert verdicts["stranger"]["counterexample"] == (
        "A sign-in from any platform but Android or iOS, in BE, LU or NL, to any app, with a browser or an app, "
        "without the device code flow or authentication transfer, needs no MFA"
    )
