"""The fleet as a whole: the same every time, as many as promised, replaced in one piece."""

from __future__ import annotations

import hashlib
import json
import random
import re
import resource
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.demo import Fleet, FleetError, write_fleet
from sandbox.demo.__main__ import main, table
from sandbox.demo.build import tenant_files
from sandbox.demo.names import HOSTILE, people
from sandbox.demo.sign_ins import WINDOW_DAYS
from tests.sandbox_demo.conftest import AS_OF, Reader

SIGN_INS = "beta/auditLogs/signIns"
REPORT = "v1.0/reports/authenticationMethods/userRegistrationDetails"
SUMMARY = "beta/reports/authenticationMethods/userMfaSignInSummary"
LEGACY = {"IMAP4", "Authenticated SMTP"}


def digest(root: Path) -> dict[str, str]:
    """Return the hash of each file that a seed decides: not the credentials, nor what is made from them."""
    files = [path for path in root.rglob("*") if path.is_file()]
    random = {"apps.json", "credentials"}
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.relative_to(root).parts[0] not in random
    }


def test_the_same_seed_and_time_give_the_same_bytes(fleet: Fleet, twin: Fleet) -> None:
    assert digest(twin.root) == digest(fleet.root)
    assert twin.cases == fleet.cases


def test_another_seed_gives_other_people_and_the_same_cases(reader: Reader) -> None:
    cases = {case["account_id"]: case["userPrincipalName"] for case in reader.fleet.cases}
    for tenant, files in tenant_files(AS_OF, seed=8):
        found = {user["id"]: user["userPrincipalName"] for user in files["v1.0/users"]["value"]}
        before = {user["id"]: user["userPrincipalName"] for user in reader.rows(tenant.key, "v1.0/users")}
        assert found != before
        assert {one: found[one] for one in cases if one in found} == {one: cases[one] for one in cases if one in before}


def test_sign_ins_move_with_the_time() -> None:
    moment = datetime(2028, 3, 1, 0, 0, 59, tzinfo=UTC)
    for _, files in tenant_files(moment, seed=7):
        rows = [json.loads(bytes(row)) for row in files.get(SIGN_INS, {"value": []})["value"]]
        times = [datetime.fromisoformat(row["createdDateTime"]) for row in rows]
        assert all(moment - timedelta(days=WINDOW_DAYS) <= time < moment for time in times)


def test_a_time_without_a_zone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        write_fleet(tmp_path / "fleet", as_of=datetime(2026, 11, 23))


def test_two_partners_and_twelve_customers(reader: Reader) -> None:
    partners = [tenant for tenant in reader.tenants.values() if tenant.kind == "partner"]
    customers = [tenant for tenant in reader.tenants.values() if tenant.kind == "customer"]
    assert {tenant.id: tenant.program for tenant in partners} == {
        "6f1d0c52-8a3e-4b7c-9d21-0a5b7e3c1f01": "direct-bill",
        "a2c94e17-5b60-4f38-8e4d-7c1b9f2d6e02": "distributor",
    }
    assert [sum(one.partner == partner.key for one in customers) for partner in partners] == [7, 5]
    folders = {path.name for path in reader.root.iterdir()} - {"apps.json", "cases.json", "credentials"}
    assert folders == {tenant.id for tenant in reader.tenants.values()}


def test_counts_are_those_of_the_files(reader: Reader) -> None:
    for one in reader.fleet.tenants:
        assert one.accounts == one.tenant.accounts == len(reader.rows(one.tenant.key, "v1.0/users"))
        assert one.sign_ins == len(reader.rows(one.tenant.key, SIGN_INS))
        assert 20 <= one.accounts <= 400
    assert 20_000 <= sum(one.sign_ins for one in reader.fleet.tenants) <= 40_000


def test_every_address_ends_in_example(reader: Reader) -> None:
    for key in reader.tenants:
        domains = [one["id"] for one in reader.rows(key, "v1.0/domains")]
        domains += [one["name"] for one in reader.rows(key, "v1.0/organization")[0]["verifiedDomains"]]
        for user in reader.rows(key, "v1.0/users"):
            addresses = [user["userPrincipalName"], user["mail"], *user["otherMails"]]
            domains += [address.rpartition("@")[2] for address in addresses if address]
        assert all(domain.endswith(".example") for domain in domains)


def test_sign_ins_are_newest_first_in_the_window_and_unique(reader: Reader) -> None:
    start = (AS_OF - timedelta(days=WINDOW_DAYS)).strftime("%Y-%m-%dT%H:%M:%SZ")
    seen: set[str] = set()
    for key in reader.tenants:
        rows = reader.rows(key, SIGN_INS)
        times = [row["createdDateTime"] for row in rows]
        assert times == sorted(times, reverse=True)
        assert all(start <= time < AS_OF.strftime("%Y-%m-%dT%H:%M:%SZ") for time in times)
        ids = {row["id"] for row in rows}
        assert len(ids) == len(rows)
        assert not ids & seen
        seen |= ids


def test_the_sums_by_day_are_those_of_the_log(reader: Reader) -> None:
    for key, tenant in reader.tenants.items():
        if tenant.licence == "free":
            continue
        log = Counter(
            (row["createdDateTime"][:10], row["authenticationRequirement"])
            for row in reader.rows(key, SIGN_INS)
            if row["isInteractive"]
        )
        sums = reader.rows(key, SUMMARY)
        days = [row["createdDateTime"][:10] for row in sums]
        assert days == [f"{AS_OF - timedelta(days=ago):%Y-%m-%d}" for ago in range(1, WINDOW_DAYS)]
        for day, row in zip(days, sums, strict=True):
            assert row["singleFactorSignIns"] == log[day, "singleFactorAuthentication"]
            assert row["multiFactorSignIns"] == log[day, "multiFactorAuthentication"]
            assert row["totalSignIns"] == row["singleFactorSignIns"] + row["multiFactorSignIns"]
        assert sum(row["totalSignIns"] for row in sums) > 0


def test_every_kind_of_sign_in_occurs(reader: Reader) -> None:
    rows = [row for key in reader.tenants for row in reader.rows(key, SIGN_INS)]
    assert {row["status"]["errorCode"] for row in rows} >= {0, 50126, 50074, 50079, 53003}
    assert {row["clientAppUsed"] for row in rows} >= LEGACY | {"Browser", "Mobile Apps and Desktop clients"}
    assert {row["authenticationProtocol"] for row in rows} >= {"oAuth2", "ropc", "wsFederation"}
    assert {row["crossTenantAccessType"] for row in rows} == {"none", "b2bCollaboration", "serviceProvider"}
    assert {event for row in rows for event in row["signInEventTypes"]} == {"interactiveUser", "nonInteractiveUser"}
    providers = {one["requirementProvider"] for row in rows for one in row["authenticationRequirementPolicies"]}
    assert providers == {"multiConditionalAccess", "securityDefaults", "user", "enforcedForCspAdmins"}


@pytest.mark.parametrize("key", ["krueger", "zahnarzt"])
def test_a_tenant_without_p1_refuses_its_reports(reader: Reader, key: str) -> None:
    for path in (SIGN_INS, REPORT, SUMMARY):
        assert not reader.path(key, path).exists()
        refusal = reader.body(key, f"{path}.error")
        assert refusal["status"] == 403
        assert "premium license" in refusal["body"]["error"]["message"]
    plans = {plan["servicePlanName"] for sku in reader.rows(key, "v1.0/subscribedSkus") for plan in sku["servicePlans"]}
    assert not plans & {"AAD_PREMIUM", "AAD_PREMIUM_P2"}
    for user in reader.rows(key, "v1.0/users"):
        assert reader.rows(key, f"v1.0/users/{user['id']}/authentication/methods")


def test_one_customer_is_entirely_fine(reader: Reader) -> None:
    enabled = {user["id"] for user in reader.rows("weiss", "v1.0/users") if user["accountEnabled"]}
    capable = {row["id"] for row in reader.rows("weiss", REPORT) if row["isMfaCapable"]}
    successes = [row for row in reader.rows("weiss", SIGN_INS) if row["status"]["errorCode"] == 0]
    policies = reader.rows("weiss", "v1.0/identity/conditionalAccess/policies")
    assert capable == enabled
    assert not {row["clientAppUsed"] for row in successes} & LEGACY
    assert all(
        any(
            step["authenticationStepRequirement"] == "Multifactor authentication"
            for step in row["authenticationDetails"]
        )
        for row in successes
    )
    assert {policy["state"] for policy in policies} == {"enabled"}
    assert not any(
        policy["conditions"]["users"][f"exclude{what}"] for policy in policies for what in ("Users", "Groups")
    )


def test_one_customer_has_no_mechanism_at_all(reader: Reader) -> None:
    assert not reader.body("ellinika", "v1.0/policies/identitySecurityDefaultsEnforcementPolicy")["isEnabled"]
    assert reader.rows("ellinika", "v1.0/identity/conditionalAccess/policies") == []
    assert {domain["authenticationType"] for domain in reader.rows("ellinika", "v1.0/domains")} == {"Managed"}
    states = {
        reader.body("ellinika", f"beta/users/{user['id']}/authentication/requirements")["perUserMfaState"]
        for user in reader.rows("ellinika", "v1.0/users")
    }
    assert states == {"disabled"}


def test_some_enabled_people_are_missing_from_the_report_and_no_disabled_one_is_in_it(reader: Reader) -> None:
    for key, missing in (("kestrel", 3), ("nordlicht", 2), ("weiss", 0)):
        users = reader.rows(key, "v1.0/users")
        rows = {row["id"] for row in reader.rows(key, REPORT)}
        new = {reader.cases["created-today"]["account_id"]}
        assert len({user["id"] for user in users if user["accountEnabled"]} - rows - new) == missing
        assert not {user["id"] for user in users if not user["accountEnabled"]} & rows


def test_names_that_break_pages_are_among_the_people(reader: Reader) -> None:
    shown = {user["displayName"] for user in reader.rows("brightwater", "v1.0/users")}
    assert set(HOSTILE) <= shown
    assert HOSTILE[0] in {user["displayName"] for user in reader.rows("kestrel", "v1.0/users")}


def test_a_fleet_is_replaced_whole_and_leaves_nothing_behind(tmp_path: Path) -> None:
    out = tmp_path / "fleet"
    out.mkdir()
    mode = out.stat().st_mode
    for path in ("stale.json", "cases.json"):
        (out / path).write_text("[]")
    fleet = write_fleet(out, as_of=AS_OF.astimezone(timezone(timedelta(hours=9))))
    assert not (out / "stale.json").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["fleet"]
    assert fleet.root == out
    assert fleet.as_of == AS_OF
    assert out.stat().st_mode == mode  # only the credentials are private; the umask decides about the rest


def test_a_folder_with_other_files_is_not_replaced(tmp_path: Path) -> None:
    out = tmp_path / "mine"
    out.mkdir()
    (out / "thesis.txt").write_text("years of work")
    with pytest.raises(FleetError, match="Name another folder"):
        write_fleet(out, as_of=AS_OF)
    assert (out / "thesis.txt").read_text() == "years of work"
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_file_or_a_link_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to(tmp_path)
    for name in ("file", "link"):
        with pytest.raises(FleetError, match="expected a folder or nothing"):
            write_fleet(tmp_path / name, as_of=AS_OF)


@pytest.fixture
def full_disk() -> Iterator[None]:
    """Let no file grow beyond 100 kB, so that the first long list cannot be written."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.usefixtures("full_disk")
def test_a_fleet_that_cannot_be_written_leaves_the_old_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "fleet"
    out.mkdir()
    (out / "cases.json").write_text('"the old one"')
    assert main(["--out", str(out)]) == 2
    assert "could not be written" in capsys.readouterr().err
    assert (out / "cases.json").read_text() == '"the old one"'
    assert [path.name for path in tmp_path.iterdir()] == ["fleet"]


def test_the_command_writes_and_names_every_tenant(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--out", str(tmp_path / "fleet"), "--as-of", "2026-11-23T06:00:00", "--seed", "7"]) == 0
    printed = capsys.readouterr().out
    for domain in ("nordlicht.example", "kestrel.example", "kanzlei-weiss.example"):
        assert domain in printed
    assert "40 hard cases" in printed


def test_the_command_refuses_a_strange_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "thesis.txt").write_text("")
    assert main(["--out", str(tmp_path)]) == 2
    assert "found other files" in capsys.readouterr().err


def test_the_command_refuses_a_time_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--out", "unused", "--as-of", "yesterday"])
    assert "expected an ISO 8601 time, found 'yesterday'" in capsys.readouterr().err


def test_the_table_has_a_line_for_each_tenant(fleet: Fleet) -> None:
    assert len(table(fleet).splitlines()) == 1 + len(fleet.tenants) + 2


@given(
    language=st.sampled_from(["de", "en", "da", "pl", "sv", "ja", "el", "ar"]),
    count=st.integers(0, 900),
    seed=st.integers(),
)
def test_any_number_of_people_have_addresses_of_their_own(language: str, count: int, seed: int) -> None:
    locals_ = [local for _, _, local in people(language, count, random.Random(seed))]
    assert len(locals_) == count
    assert len(set(locals_)) == count
    assert all(re.fullmatch(r"[a-z]+\.[a-z]+\d*", local) for local in locals_)


def test_the_list_has_one_object_a_line(reader: Reader) -> None:
    """So that a person can grep a sign-in out of it."""
    lines = reader.path("weiss", SIGN_INS).read_text("utf-8").splitlines()
    assert len(lines) == len(reader.rows("weiss", SIGN_INS)) + 2
    assert json.loads(lines[1].rstrip(","))["createdDateTime"]
