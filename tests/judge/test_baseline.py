"""A public baseline of 36 policies, as exported, in a tenant of its own: what the scan finds of a handful of people.

Reviewed by hand, as in tests/cover/test_baseline.py, where each policy that decides is named. In short: CA000 demands
MFA of everybody but the members of its exclusion group, break-glass accounts and the synchronization role; CA002 blocks
legacy clients; CA200 asks the staff again, with browsers and apps only; the policies for agents meet no user.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.cover.make import GLOBAL_ADMIN
from tests.cover.test_baseline import GLASS, NO_CA000, NO_CA002, SERVICE, STAFF, SYNC_ROLE, read
from tests.judge.fleets import judged, scanned
from tests.judge.orgs import Org, guest, methods, user

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
    tenant = org(golden / "ConditionalAccessBaseline" / "Config")
    with scanned(tmp_path_factory.mktemp("baseline"), {"baseline": tenant}) as config:
        yield {account: row for (_, account), row in judged(config).items()}


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
