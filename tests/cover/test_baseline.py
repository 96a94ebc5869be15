"""A public baseline of 36 policies, as exported, and what it does to a handful of people: reviewed by hand.

Which policies decide, read in the JSON (names begin with the number):

* CA000 MFA, all users, all apps, no condition; excludes the exclusion groups of several policies, the break-glass group
  and the role Directory Synchronization Accounts.
* CA002 blocks legacy clients for all but its exclusion group and break-glass. CA001 blocks countries other than BE, LU
  and NL. CA004 blocks device code and authentication transfer.
* CA101 MFA for admin roles, CA200 for the group of E5 licences, CA300 for the group of service accounts: each for
  browsers and apps only, so that CA002 must complete them. CA400 MFA for all kinds of guests, all clients.
* CA100 the built-in MFA strength for the admin portals; CA105 phishing-resistant, report-only.
* CA005 an app under protection, for Office 365 on phones. CA205, CA208 compliant devices on Windows and macOS.
* CA501 to CA505 name agents; none of them meets a user.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from checks.cover import Cover, CoverModel, Missing, Person, build
from tests.cover.make import GLOBAL_ADMIN, MEMBER

SYNC_ROLE = "d29b2b05-8046-44ba-8758-1e26182fcf32"


def read(path: Path) -> Any:
    """Read an export: UTF-16 with a byte order mark, or UTF-8 with one."""
    raw = path.read_bytes()
    return json.loads(raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"))


class Baseline:
    """The exported tenant."""

    def __init__(self, folder: Path) -> None:
        self.policies = [read(path) for path in sorted((folder / "ConditionalAccess").glob("*.json"))]
        self.locations = [read(path) for path in sorted((folder / "NamedLocations").glob("*.json"))]
        self.groups = {each["DisplayName"]: each["Id"] for each in read(folder / "MigrationTable.json")["Objects"]}

    def model(self, *without: str) -> CoverModel:
        """Return the model of the tenant, some of whose policies are off."""
        return build(
            [{**each, "state": "disabled"} if each["displayName"][:5] in without else each for each in self.policies],
            self.locations,
            [],
        )

    def person(self, *groups: str, **facts: Any) -> Person:
        return Person(account_id="u1", groups=frozenset(self.groups[name] for name in groups), **facts)

    def names(self, found: Cover) -> set[str]:
        return {each["displayName"][:5] for each in self.policies if each["id"] in found.policy_ids}


@pytest.fixture(scope="module")
def baseline(golden: Path) -> Baseline:
    return Baseline(golden / "ConditionalAccessBaseline" / "Config")


STAFF, SERVICE = "APP_Microsoft365_E5", "CA-ServiceAccounts"
GLASS = "CA-BreakGlassAccounts - Exclude"
NO_CA000 = "CA000-Global-IdentityProtection-AnyApp-AnyPlatform-MFA - Exclude"
NO_CA002 = "CA002-Global-IdentityProtection-AnyApp-AnyPlatform-Block-LegacyAuthentication - Exclude"
GUEST: dict[str, Any] = {"user_type": "Guest", "is_external": True, "has_entra_account": True}


def test_all_of_it_is_read_and_nothing_in_it_is_unknown(baseline: Baseline) -> None:
    model = baseline.model()
    assert len(model.policies) == 36
    assert (model.notices, model.location_notices) == ((), ())
    assert sum(policy.state == "report_only" for policy in model.policies) == 5
    agents = {policy.name[:5] for policy in model.policies if policy.is_elsewhere}
    assert agents == {"CA003", "CA501", "CA502", "CA503", "CA504", "CA505"}  # CA003: a user action only


def test_an_internal_member_is_covered_by_the_policy_for_all(baseline: Baseline) -> None:
    found = baseline.model().cover(baseline.person(STAFF))
    assert (found.state, found.gaps, found.remarks) == ("covered", (), ())  # CA000 alone
    assert {"CA000", "CA200", "CA203"} <= baseline.names(found)


def test_an_admin_is_covered_and_told_of_the_report_only_policy(baseline: Baseline) -> None:
    found = baseline.model().cover(baseline.person(STAFF, active_roles=frozenset({GLOBAL_ADMIN})))
    assert (found.state, found.hollow) == ("covered", ("CA_REPORT_ONLY",))  # CA105


def test_a_guest_is_covered(baseline: Baseline) -> None:
    found = baseline.model().cover(baseline.person(**GUEST))
    assert found.state == "covered"
    assert {"CA000", "CA400", "CA401", "CA404"} <= baseline.names(found)


def test_a_service_account_is_covered(baseline: Baseline) -> None:
    assert baseline.model().cover(baseline.person(SERVICE)).state == "covered"


def test_break_glass_is_left_out_of_every_policy_that_could_protect_it(baseline: Baseline) -> None:
    found = baseline.model().cover(baseline.person(GLASS))
    assert (found.state, found.policy_ids) == ("none", ())
    assert {near.because for near in found.nearest} == {"it excludes this account"}


def test_the_synchronization_account_is_left_out_of_mfa_only(baseline: Baseline) -> None:
    """CA000 excludes its role. Blocks of legacy clients, countries and flows remain, and ask for nothing."""
    found = baseline.model().cover(baseline.person(active_roles=frozenset({SYNC_ROLE})))
    assert (found.state, found.asks_ordinarily, found.asking_policy_ids) == ("partial", False, ())
    assert baseline.names(found) == {"CA001", "CA002", "CA004", "CA005"}


def test_agents_have_no_policy_as_people_and_are_judged_like_any_user(baseline: Baseline) -> None:
    """An agent's user object is in "all users"; the policies for agents themselves count for nobody."""
    alone = build([each for each in baseline.policies if each["displayName"].startswith("CA50")], baseline.locations)
    assert alone.cover(MEMBER).state == "none"
    assert baseline.model().cover(baseline.person()).state == "covered"


def test_without_the_policy_for_all_each_persona_has_its_own(baseline: Baseline) -> None:
    """Case A33. Members, admins and service accounts need CA002 beside theirs, guests do not."""
    model = baseline.model("CA000")
    staff = model.cover(baseline.person(STAFF))
    admin = model.cover(baseline.person(active_roles=frozenset({GLOBAL_ADMIN})))
    service = model.cover(baseline.person(SERVICE))
    guest = model.cover(baseline.person(**GUEST))
    assert [each.state for each in (staff, admin, service, guest)] == ["covered"] * 4
    assert [each.remarks for each in (staff, admin, service, guest)] == [*[("CA_COMPLEMENT",)] * 3, ()]


def test_without_the_policy_for_all_a_member_in_no_group_is_never_asked(baseline: Baseline) -> None:
    """Only refusals are left: legacy clients, other countries, flows, and Office 365 on phones without protection."""
    found = baseline.model("CA000").cover(baseline.person())
    assert (found.state, found.asks_ordinarily, found.asking_policy_ids) == ("partial", False, ())
    assert found.sentence == (
        "A sign-in from any platform but Android or iOS, in BE, LU or NL, to any app, with a browser or an app, "
        "without the device code flow or authentication transfer, needs no MFA"
    )
    # Which is why the codes name an app subset: no app that nobody named ever asks.
    assert "CA_APP_SUBSET" in found.gaps


def test_without_the_policy_for_all_an_eligible_admin_is_asked_only_once_active(baseline: Baseline) -> None:
    found = baseline.model("CA000").cover(baseline.person(eligible_roles=frozenset({GLOBAL_ADMIN})))
    assert (found.state, found.asks_ordinarily) == ("partial", False)
    assert "CA_ROLE_ELIGIBLE_ONLY" in found.gaps
    assert all(dict(box.narrowed)[f"role:{GLOBAL_ADMIN}"] == ("no",) for box in found.boxes)


def test_two_exclusions_open_legacy_clients(baseline: Baseline) -> None:
    """Out of CA000 and of CA002: CA200 asks browsers and apps, and old clients get in with a password.

    CA201 and CA210 block high risk, CA204 unknown platforms, CA205 and CA208 ask for compliant devices on Windows and
    macOS: what is open is old clients from BE, LU or NL at lower risk, from a phone, or from a compliant device.
    """
    found = baseline.model().cover(baseline.person(STAFF, NO_CA000, NO_CA002))
    assert (found.state, found.asks_ordinarily) == ("partial", True)
    assert "LEGACY_AUTH_GAP" in found.gaps
    assert "CA_CLIENT_SUBSET" not in found.gaps
    for box in found.boxes:
        narrowed = dict(box.narrowed)
        assert narrowed["client"] == ("exchangeActiveSync", "other")
        assert narrowed["country:clientIpAddress"] == ("BE+LU", "NL")
        assert narrowed["sign_in_risk"] == ("none", "low", "medium")


def test_an_unread_exclusion_group_leaves_a_member_unknown(baseline: Baseline) -> None:
    glass = baseline.groups[GLASS]
    found = baseline.model().cover(baseline.person(STAFF, unread_groups=frozenset({glass})))
    assert (found.state, found.missing) == ("unknown", (Missing("group_members", glass),))
    assert [each.state for each in found.could_be] == ["none", "covered"]


def test_published_what_if_answers_are_all_report_only_and_protect_nobody(golden: Path) -> None:
    """Microsoft's What If says that these policies apply; it does not say that they are enforced."""
    condensed = read(golden / "graph-docs-mfa" / "conditionalAccess-evaluate.condensed.json")
    policies = condensed["response"]["value"]
    model = build(policies)
    admin = model.cover(Person(account_id="u1", active_roles=frozenset({GLOBAL_ADMIN})))
    assert (admin.state, admin.hollow) == ("none", ("CA_REPORT_ONLY",))
    assert {notice.where for notice in model.notices} == {"analysisReasons", "policyApplies"}
    enforced = build([{**each, "state": "enabled"} for each in policies])
    found = enforced.cover(Person(account_id="u1", active_roles=frozenset({GLOBAL_ADMIN})))
    # Whether the keys of a What If answer narrow a policy we do not know: it could be either.
    assert (found.state, [each.state for each in found.could_be]) == ("unknown", ["none", "covered"])


def test_the_policies_of_the_documentation_are_read(golden: Path) -> None:
    listed = read(golden / "graph-docs" / "conditionalAccess-policies-list.v1.json")
    model = build(listed["value"])
    assert (model.cover(MEMBER).state, model.notices) == ("none", ())
