# ruff: noqa: N802  (a test bears the id of its case as the specification spells it)
"""The acceptance cases about Conditional Access, each by its id; those end to end carry the same ids."""

from __future__ import annotations

from typing import Any

import pytest

from checks.cover import Missing, Person, build
from tests.cover.make import (
    BLOCK,
    EXCHANGE,
    GLOBAL_ADMIN,
    GUEST,
    HOME,
    MEMBER,
    MFA,
    OFFICE_ID,
    PARTNER_CENTER,
    cover,
    policy,
    strength,
)

LEGACY = ["exchangeActiveSync", "other"]
MODERN = ["browser", "mobileAppsAndDesktopClients"]
FIDO = "c0ffee00-0000-4000-8000-000000000001"


def controls(*built_in: str, operator: str = "OR", **more: Any) -> dict[str, Any]:
    return {"operator": operator, "builtInControls": list(built_in), **more}


def test_A01_report_only_protects_nothing() -> None:
    found = cover(policy(state="enabledForReportingButNotEnforced"))
    assert (found.state, found.hollow) == ("none", ("CA_REPORT_ONLY",))
    assert "report-only" in found.nearest[0].because


@pytest.mark.parametrize("grant", [None, {}, {"operator": "OR", "builtInControls": []}, {"operator": "AND"}])
def test_A02_session_controls_alone_protect_nothing(grant: dict[str, Any] | None) -> None:
    session = {"signInFrequency": {"value": 1, "type": "hours", "isEnabled": True}}
    found = cover({**policy(grant=grant), "sessionControls": session})
    assert (found.state, found.hollow, found.policy_ids) == ("none", (), ())


@pytest.mark.parametrize(
    ("condition", "value"),
    [
        ("signInRiskLevels", ["medium", "high"]),
        ("userRiskLevels", ["high"]),
        ("insiderRiskLevels", "moderate,elevated"),
    ],
)
def test_A03_mfa_at_risk_only_is_a_partial_cover_that_never_asks_ordinarily(condition: str, value: Any) -> None:
    found = cover(policy(grant=MFA, **{condition: value}))
    assert (found.state, found.gaps, found.asks_ordinarily) == ("partial", ("CA_RISK_ONLY",), False)


def test_A03_a_block_of_legacy_clients_beside_it_changes_nothing() -> None:
    found = cover(policy(signInRiskLevels=["high"]), policy("p2", clientAppTypes=LEGACY, grant=BLOCK))
    assert "CA_RISK_ONLY" in found.gaps
    assert not found.asks_ordinarily


def test_A04_mfa_or_compliant_device() -> None:
    found = cover(policy(grant=controls("mfa", "compliantDevice")))
    assert (found.state, found.gaps) == ("partial", ("CA_MFA_OR_OTHER",))
    assert found.sentence == (
        "A sign-in from any platform, anywhere, to any app, from a compliant device, needs no MFA"
    )
    assert found.nearest[0].because == "a compliant device satisfies it without MFA"


@pytest.mark.parametrize(
    "grant",
    [
        controls("mfa", termsOfUse=["t1"]),
        controls("mfa", "passwordChange"),
        controls("mfa", "riskRemediation"),
        controls("mfa", "compliantDevice", termsOfUse=["t1"]),
    ],
)
def test_A04_what_anybody_can_do_makes_an_alternative_worthless(grant: dict[str, Any]) -> None:
    found = cover(policy(grant=grant))
    assert (found.state, found.hollow) == ("none", ("CA_MFA_OR_OTHER",))


def test_A04_the_alternative_is_closed_by_mfa_for_compliant_devices() -> None:
    """Either-or beside a policy that demands MFA of who satisfies the other: nothing is left."""
    rule = "device.isCompliant -eq True"
    outside = {"deviceFilter": {"mode": "exclude", "rule": rule}}
    inside = {"deviceFilter": {"mode": "include", "rule": rule}}
    found = cover(policy(devices=outside), policy("p2", devices=inside))
    assert (found.state, found.remarks) == ("covered", ("CA_COMPLEMENT",))
    both = cover(policy(grant=controls("mfa", "compliantDevice")), policy("p2"))
    assert both.state == "covered"


def test_A05_mfa_and_compliant_device() -> None:
    found = cover(policy(grant=controls("mfa", "compliantDevice", operator="AND")))
    assert (found.state, found.gaps, found.policy_ids) == ("covered", (), ("p1",))


def test_A05_and_without_mfa_protects_where_a_control_is_not_satisfied() -> None:
    found = cover(policy(grant=controls("compliantDevice", "compliantApplication", operator="AND")))
    assert (found.state, found.gaps, found.asks_ordinarily) == ("partial", ("CA_MFA_OR_OTHER",), False)
    [box] = found.boxes
    assert dict(box.narrowed) == {"control:compliantDevice": ("yes",), "control:compliantApplication": ("yes",)}


@pytest.mark.parametrize("digit", [2, 3, 4])
@pytest.mark.parametrize("strengths", [None, []])
def test_A06_built_in_strengths(digit: int, strengths: list[object] | None) -> None:
    grant = controls(authenticationStrength={"id": f"00000000-0000-0000-0000-00000000000{digit}"})
    assert cover(policy(grant=grant), strengths=strengths).state == "covered"


def test_A07_custom_strength() -> None:
    full = strength(FIDO, "fido2", "x509CertificateMultiFactor", "password,sms")
    by_id = controls(authenticationStrength={"id": FIDO.upper()})
    assert cover(policy(grant=by_id), strengths=[full]).state == "covered"
    inline = controls(authenticationStrength=full)
    assert cover(policy(grant=inline), strengths=None).state == "covered"


def test_A07_a_strength_that_could_not_be_read_is_unknown() -> None:
    found = cover(policy(grant=controls(authenticationStrength={"id": FIDO})), strengths=None)
    assert (found.state, found.missing) == ("unknown", (Missing("authentication_strengths", FIDO),))
    assert [each.state for each in found.could_be] == ["none", "covered"]
    half = {"id": FIDO, "requirementsSatisfied": "mfa"}
    assert cover(policy(grant=controls(authenticationStrength=half)), strengths=None).state == "unknown"


@pytest.mark.parametrize(
    "weak",
    [
        strength(FIDO, "sms", "password,sms", satisfied="none"),
        strength(FIDO, "sms", "password,sms", satisfied="mfa"),
        strength(FIDO, "fido2", satisfied="none"),
        strength(FIDO, "fido2", "qrCodePin"),
    ],
)
def test_A08_a_strength_with_a_single_factor_is_no_mfa(weak: dict[str, Any]) -> None:
    grant = controls(authenticationStrength=weak)
    found = cover(policy(grant=grant), strengths=[weak])
    assert (found.state, found.hollow) == ("none", ("STRENGTH_NOT_MFA",))
    # As an alternative to MFA it opens the door; beside MFA it does no harm.
    assert cover(policy(grant=controls("mfa", authenticationStrength=weak))).state == "none"
    assert cover(policy(grant=controls("mfa", operator="AND", authenticationStrength=weak))).state == "covered"


def test_A08_an_unknown_single_mode_does_not_count_and_is_told() -> None:
    odd = strength(FIDO, "fido2", "mindReading")
    model = build([policy(grant=controls(authenticationStrength=odd))])
    assert model.cover(MEMBER).state == "none"
    assert [notice.value for notice in model.notices] == ["mindReading"]


def test_A09_a_strength_does_not_bind_guests_without_an_entra_account() -> None:
    by_strength = policy(grant=controls(authenticationStrength={"id": "00000000-0000-0000-0000-000000000002"}))
    mailed = Person(account_id="g2", user_type="Guest", is_external=True, has_entra_account=False)
    unclear = Person(account_id="g3", user_type="Guest", is_external=True, has_entra_account=None)
    assert cover(by_strength, person=GUEST).state == "covered"
    found = cover(by_strength, person=mailed)
    assert (found.state, found.hollow) == ("none", ("STRENGTH_NOT_MFA",))
    assert cover(by_strength, person=unclear).missing == (Missing("users", "identities"),)
    assert cover(policy(), person=mailed).state == "covered"


def test_A10_trusted_locations_excluded() -> None:
    found = cover(policy(locations={"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}))
    assert (found.state, found.gaps, found.asks_ordinarily) == ("partial", ("CA_LOCATION_GAP",), True)
    assert found.sentence == "A sign-in from any platform, at a trusted location, to any app needs no MFA"
    assert found.nearest[0].because == "it does not apply at a trusted location"
    # Even without a trusted named location, the trusted IPs of the legacy settings may hold addresses.
    assert cover(policy(locations={"excludeLocations": ["AllTrusted"]}), locations=[]).state == "partial"


@pytest.mark.parametrize(
    ("condition", "codes"),
    [
        ({"platforms": {"includePlatforms": ["macOS"]}}, ("CA_PLATFORM_GAP",)),
        ({"platforms": {"includePlatforms": ["all"], "excludePlatforms": ["linux"]}}, ("CA_PLATFORM_GAP",)),
        ({"devices": {"deviceFilter": {"mode": "include", "rule": "device.x -eq 1"}}}, ("CA_DEVICE_FILTER_GAP",)),
        ({"devices": {"deviceFilter": {"mode": "exclude", "rule": "device.x -eq 1"}}}, ("CA_DEVICE_FILTER_GAP",)),
        ({"clientAppTypes": ["browser"]}, ("CA_CLIENT_SUBSET", "LEGACY_AUTH_GAP")),
        ({"clientAppTypes": MODERN}, ("LEGACY_AUTH_GAP",)),
        ({"clientAppTypes": LEGACY}, ("CA_CLIENT_SUBSET",)),
        ({"clientAppTypes": [*MODERN, "easSupported", "other"]}, ("LEGACY_AUTH_GAP",)),
        ({"locations": {"includeLocations": [OFFICE_ID]}}, ("CA_LOCATION_GAP",)),
        ({"authenticationFlows": {"transferMethods": "deviceCodeFlow"}}, ("CA_FLOW_GAP",)),
    ],
)
def test_A11_what_narrows_it_gives_the_gap(condition: dict[str, Any], codes: tuple[str, ...]) -> None:
    found = cover(policy(**condition))
    assert (found.state, found.gaps) == ("partial", codes)


@pytest.mark.parametrize(
    "apps",
    [
        {"includeApplications": [], "includeUserActions": ["urn:user:registerdevice"]},  # A12
        {"includeApplications": [], "includeAuthenticationContextClassReferences": ["c1"]},  # A13
        {"includeApplications": ["None"]},
        {"includeApplications": None},
    ],
)
def test_A12_A13_user_actions_and_authentication_contexts_are_no_sign_in(apps: dict[str, Any]) -> None:
    found = cover(policy(apps=apps))
    assert (found.state, found.policy_ids, found.hollow) == ("none", (), ())


@pytest.mark.parametrize("app", ["MicrosoftAdminPortals", "Office365", PARTNER_CENTER])
def test_A14_some_apps_only(app: str) -> None:
    found = cover(policy(apps={"includeApplications": [app]}))
    assert (found.state, found.gaps, found.asks_ordinarily) == ("partial", ("CA_APP_SUBSET",), False)


def test_A14_a_refusal_elsewhere_does_not_make_other_apps_ask() -> None:
    """Legacy clients are blocked everywhere; a browser still opens every other app with a password."""
    found = cover(
        policy(apps={"includeApplications": ["MicrosoftAdminPortals"]}),
        policy("p2", clientAppTypes=LEGACY, grant=BLOCK),
    )
    assert "CA_APP_SUBSET" in found.gaps


@pytest.mark.parametrize("app", [PARTNER_CENTER, "Office365"])
def test_A15_all_apps_but_some(app: str) -> None:
    found = cover(policy(apps={"excludeApplications": [app]}))
    assert (found.state, found.gaps, found.excluded_apps) == ("partial", ("CA_APP_EXCLUDED",), (app,))
    assert (found.asks_ordinarily, found.remarks) == (True, ("CA_LEGACY_SCOPE_BYPASS",))


def test_A15_an_excluded_suite_is_closed_by_a_policy_for_it_but_not_without_its_members() -> None:
    outside = policy(apps={"excludeApplications": ["Office365"]})
    assert cover(outside, policy("p2", apps={"includeApplications": ["Office365"]})).state == "covered"
    hole = {"includeApplications": ["Office365"], "excludeApplications": [EXCHANGE]}
    found = cover(outside, policy("p2", apps=hole))
    assert (found.gaps, found.excluded_apps) == (("CA_APP_EXCLUDED",), (EXCHANGE,))
    assert found.sentence == ("A sign-in from any platform, anywhere, to Office 365 Exchange Online needs no MFA")


def test_A15_an_app_that_is_asked_for_somewhere_is_no_subset() -> None:
    """Every app asks away from the trusted locations; at them only Office 365 does."""
    found = cover(
        policy(locations={"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}),
        policy("p2", apps={"includeApplications": ["Office365"]}, locations={"includeLocations": ["AllTrusted"]}),
    )
    assert (found.gaps, found.asks_ordinarily) == (("CA_APP_EXCLUDED", "CA_LOCATION_GAP"), True)
    assert found.excluded_apps == ()  # it is every app but one


@pytest.mark.parametrize(
    ("mode", "codes", "asks"),
    [("include", ("CA_APP_FILTER", "CA_APP_SUBSET"), False), ("exclude", ("CA_APP_FILTER",), True)],
)
def test_A15_a_filter_for_apps_is_a_subset_or_an_exclusion(mode: str, codes: tuple[str, ...], asks: bool) -> None:
    apps = {"applicationFilter": {"mode": mode, "rule": "CustomSecurityAttribute.x -eq 1"}}
    found = cover(policy(apps=apps))
    assert (found.gaps, found.asks_ordinarily) == (codes, asks)


def test_A16_direct_exclusion() -> None:
    model = build([policy(users={"excludeUsers": ["U1"]})])
    found = model.cover(MEMBER)
    assert (found.state, found.nearest[0].because) == ("none", "it excludes this account")
    assert model.cover(Person(account_id="u2")).state == "covered"


def test_A17_A18_A19_groups_count_however_the_account_got_in() -> None:
    """Nested and dynamic membership arrive as the same fact: the transitive members of the group."""
    inside = Person(account_id="u1", groups=frozenset({"G1"}))
    for users, state in (
        ({"excludeGroups": ["g1"]}, "none"),
        ({"includeUsers": [], "includeGroups": ["g1"]}, "covered"),
    ):
        assert cover(policy(users=users), person=inside).state == state
        assert cover(policy(users=users)).state != state


def test_A20_a_role_through_a_group_is_a_role() -> None:
    users = {"includeUsers": [], "includeRoles": [GLOBAL_ADMIN]}
    admin = Person(account_id="u1", groups=frozenset({"role-group"}), active_roles=frozenset({GLOBAL_ADMIN}))
    assert cover(policy(users=users), person=admin).state == "covered"
    assert cover(policy(users=users)).state == "none"


def test_A21_an_eligible_role_protects_only_once_it_is_active() -> None:
    eligible = Person(account_id="u1", eligible_roles=frozenset({GLOBAL_ADMIN}))
    found = cover(policy(users={"includeUsers": [], "includeRoles": [GLOBAL_ADMIN]}), person=eligible)
    assert (found.state, found.gaps, found.asks_ordinarily) == ("partial", ("CA_ROLE_ELIGIBLE_ONLY",), False)
    out = cover(policy(users={"excludeRoles": [GLOBAL_ADMIN]}), person=eligible)
    assert (out.state, out.gaps, out.asks_ordinarily) == ("partial", ("CA_ROLE_EXCLUSION_WHEN_ACTIVE",), True)
    assert dict(out.boxes[0].narrowed) == {f"role:{GLOBAL_ADMIN}": ("yes",)}


def test_A21_a_role_that_is_active_anyway_is_not_only_eligible() -> None:
    both = Person(account_id="u1", active_roles=frozenset({GLOBAL_ADMIN}), eligible_roles=frozenset({GLOBAL_ADMIN}))
    assert cover(policy(users={"excludeRoles": [GLOBAL_ADMIN]}), person=both).state == "none"


def test_A22_a_role_for_a_unit_is_not_given_as_active() -> None:
    """Only roles held for the whole tenant are facts of a person, so a scoped one matches nothing."""
    scoped = Person(account_id="u1", active_roles=frozenset())
    assert cover(policy(users={"includeUsers": [], "includeRoles": [GLOBAL_ADMIN]}), person=scoped).state == "none"


INTERNAL_GUEST = Person(account_id="g2", user_type="Guest", is_external=False)
B2B_MEMBER = Person(account_id="m1", user_type="Member", is_external=True, has_entra_account=True)
PROVIDER = Person(account_id="s1", user_type=None, is_service_provider=True, home_tenant_id=HOME)


@pytest.mark.parametrize("guest", [GUEST, INTERNAL_GUEST, B2B_MEMBER, PROVIDER])
def test_A23_the_literal_for_guests_names_every_kind(guest: Person) -> None:
    assert cover(policy(users={"includeUsers": ["GuestsOrExternalUsers"]}), person=guest).state == "covered"
    assert cover(policy(users={"excludeUsers": ["GuestsOrExternalUsers"]}), person=guest).state == "none"
    assert cover(policy(users={"includeUsers": ["GuestsOrExternalUsers"]})).state == "none"


def guests(types: str | None, tenants: list[str] | None = None) -> dict[str, Any]:
    if tenants is None:
        return {"guestOrExternalUserTypes": types, "externalTenants": {"membershipKind": "all"}}
    return {"guestOrExternalUserTypes": types, "externalTenants": {"membershipKind": "enumerated", "members": tenants}}


@pytest.mark.parametrize(
    ("types", "person", "state"),
    [
        ("b2bCollaborationGuest", GUEST, "covered"),
        ("internalGuest", GUEST, "none"),
        ("internalGuest", INTERNAL_GUEST, "covered"),
        ("b2bCollaborationGuest", INTERNAL_GUEST, "none"),
        ("b2bCollaborationGuest,b2bCollaborationMember", B2B_MEMBER, "covered"),
        ("b2bDirectConnectUser,otherExternalUser,serviceProvider", B2B_MEMBER, "none"),
        ("serviceProvider", PROVIDER, "covered"),
        ("internalGuest,b2bCollaborationGuest", MEMBER, "none"),
        ("none", GUEST, "none"),
    ],
)
def test_A24_guest_types(types: str, person: Person, state: str) -> None:
    users = {"includeUsers": [], "includeGuestsOrExternalUsers": guests(types)}
    assert cover(policy(users=users), person=person).state == state


def test_A25_a_b2b_member_excluded_by_type() -> None:
    users = {"excludeGuestsOrExternalUsers": guests("b2bCollaborationMember")}
    user = {"id": "m1", "userType": "Member", "userPrincipalName": "ann_fabrikam.example#EXT#@contoso.example"}
    assert cover(policy(users=users), person=Person.of_user(user)).state == "none"
    assert cover(policy(users=users), person=GUEST).state == "covered"


def test_A26_enumerated_tenants() -> None:
    users = {"includeUsers": [], "includeGuestsOrExternalUsers": guests("b2bCollaborationGuest", [HOME.upper()])}
    other = Person(account_id="g2", user_type="Guest", is_external=True, home_tenant_id="other")
    unclear = Person(account_id="g3", user_type="Guest", is_external=True)
    mailed = Person(account_id="g4", user_type="Guest", is_external=True, has_entra_account=False)
    model = build([policy(users=users)])
    assert [model.cover(each).state for each in (GUEST, other, mailed)] == ["covered", "none", "none"]
    assert model.cover(unclear).missing == (Missing("users", "homeTenantId"),)


@pytest.mark.parametrize("users", [{"excludeGroups": ["g1"]}, {"includeUsers": [], "includeGroups": ["G1"]}])
def test_A27_a_group_that_could_not_be_read_is_named(users: dict[str, Any]) -> None:
    unread = Person(account_id="u1", unread_groups=frozenset({"g1", "g2"}))
    found = cover(policy(users=users), person=unread)
    assert (found.state, found.missing) == ("unknown", (Missing("group_members", "g1"),))
    assert (found.sentence, found.witness, found.boxes) == (None, None, ())


def test_A27_an_unread_group_that_changes_nothing_is_no_matter() -> None:
    unread = Person(account_id="u1", unread_groups=frozenset({"g1"}))
    covered = cover(policy(), policy("p2", users={"excludeGroups": ["g1"]}), person=unread)
    assert (covered.state, covered.missing) == ("covered", ())
    excluded = cover(policy(users={"excludeUsers": ["u1"], "excludeGroups": ["g1"]}), person=unread)
    assert excluded.state == "none"


def test_A27_an_unread_group_behind_what_changes_no_verdict_is_no_matter() -> None:
    unread = Person(account_id="u1", unread_groups=frozenset({"g1"}))
    shut = cover(policy(grant=BLOCK), policy("p2", users={"excludeGroups": ["g1"]}), person=unread)
    assert (shut.state, shut.asks_ordinarily) == ("covered", False)
    # One of two excluded apps may be closed by another policy: an app stays excluded either way.
    closing = policy("p2", apps={"includeApplications": [EXCHANGE]}, users={"excludeGroups": ["g1"]})
    found = cover(policy(apps={"excludeApplications": [EXCHANGE, PARTNER_CENTER]}), closing, person=unread)
    assert (found.state, found.excluded_apps) == ("partial", (PARTNER_CENTER,))


def test_A27_of_two_unread_groups_only_the_one_it_hinges_on_is_named() -> None:
    unread = Person(account_id="u1", unread_groups=frozenset({"g1", "g2"}))
    found = cover(
        policy(users={"excludeGroups": ["g1"]}),
        policy("p2", users={"excludeGroups": ["g2"]}, clientAppTypes=LEGACY, grant=BLOCK),
        policy("p3", clientAppTypes=LEGACY, grant=BLOCK),
        person=unread,
    )
    assert found.missing == (Missing("group_members", "g1"),)


def test_A28_a_custom_control_is_no_mfa() -> None:
    duo = {"operator": "OR", "builtInControls": [], "customAuthenticationFactors": ["RequireDuoMfa"]}
    found = cover(policy(grant=duo))
    assert (found.state, found.hollow) == ("none", ("CUSTOM_CONTROL_NOT_MFA",))
    assert cover(policy(grant={**duo, "builtInControls": ["mfa"]})).hollow == ("CUSTOM_CONTROL_NOT_MFA",)
    assert cover(policy(grant={**duo, "builtInControls": ["mfa"], "operator": "AND"})).state == "covered"


def test_A31_what_is_blocked_needs_no_mfa() -> None:
    outside = {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}
    found = cover(policy(locations=outside, grant=BLOCK), policy("p2", locations={"includeLocations": ["AllTrusted"]}))
    assert (found.state, found.asking_policy_ids) == ("covered", ("p2",))


@pytest.mark.parametrize("control", ["unknownFutureValue", "telepathy"])
def test_A32_a_control_we_do_not_know_protects_nothing_and_is_told(control: str) -> None:
    model = build([policy(grant=controls("mfa", control, operator="AND"))])
    found = model.cover(MEMBER)
    assert (found.state, found.hollow) == ("none", ("CA_UNKNOWN_VALUE",))
    [notice] = model.notices
    assert (notice.policy_id, notice.where, notice.value) == ("p1", "grantControls.builtInControls", control)


def test_A32_risk_remediation_never_counts_as_mfa() -> None:
    model = build([policy(grant=controls("riskRemediation"))])
    assert (model.cover(MEMBER).state, model.notices) == ("none", ())
    assert cover(policy(grant=controls("mfa", "riskRemediation", operator="AND"))).state == "covered"


def test_A33_each_person_is_judged_by_the_policies_that_match() -> None:
    model = build(
        [
            policy("all", state="disabled"),
            policy("admins", users={"includeUsers": [], "includeRoles": [GLOBAL_ADMIN]}),
            policy("staff", users={"includeUsers": [], "includeGroups": ["staff"]}),
            policy("guests", users={"includeUsers": ["GuestsOrExternalUsers"]}),
        ]
    )
    admin = Person(account_id="u1", active_roles=frozenset({GLOBAL_ADMIN}))
    staff = Person(account_id="u2", groups=frozenset({"staff"}))
    assert [model.cover(each).policy_ids for each in (admin, staff, GUEST)] == [("admins",), ("staff",), ("guests",)]
    assert model.cover(Person(account_id="u3")).state == "none"


def test_A34_a_policy_without_mfa_is_no_cover_for_an_exclusion() -> None:
    found = cover(policy(users={"excludeUsers": ["u1"]}), policy("p2", grant=None))
    assert found.state == "none"


def test_A35_two_that_complete_each_other_cover() -> None:
    outside = {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}
    found = cover(policy(locations=outside), policy("p2", locations={"includeLocations": ["AllTrusted"]}))
    assert (found.state, found.remarks, found.policy_ids) == ("covered", ("CA_COMPLEMENT",), ("p1", "p2"))


def test_A36_legacy_blocked_and_modern_challenged() -> None:
    found = cover(policy(clientAppTypes=MODERN), policy("p2", clientAppTypes=LEGACY, grant=BLOCK))
    assert (found.state, found.gaps) == ("covered", ())


@pytest.mark.parametrize(
    "nulls",
    [
        {"guestOrExternalUserTypes": None, "externalTenants": None},
        {"guestOrExternalUserTypes": None, "externalTenants": {"membershipKind": None}},
        {"guestOrExternalUserTypes": "", "externalTenants": {"@odata.type": "#x", "membershipKind": "all"}},
        {},
        None,
    ],
)
def test_A37_a_guest_exclusion_of_nulls_excludes_nobody(nulls: dict[str, Any] | None) -> None:
    model = build([policy(users={"excludeGuestsOrExternalUsers": nulls})])
    assert model.cover(GUEST).state == "covered"
    assert model.notices == ()


def test_A38_a_policy_for_all_covers_admins_but_not_an_excluded_role() -> None:
    admin = Person(account_id="u1", active_roles=frozenset({GLOBAL_ADMIN}))
    assert cover(policy(), person=admin).state == "covered"
    assert cover(policy(users={"excludeRoles": [GLOBAL_ADMIN.upper()]}), person=admin).state == "none"


def test_B07_no_policies_at_all() -> None:
    found = cover()
    assert (found.state, found.gaps, found.hollow, found.nearest) == ("none", (), (), ())
    assert found.sentence == "A sign-in from any platform, anywhere, to any app needs no MFA"


def test_E08_a_break_glass_account_needs_a_policy_of_its_own() -> None:
    everyone = policy(users={"excludeGroups": ["glass"]})
    own = policy(
        "p2",
        users={"includeUsers": [], "includeGroups": ["glass"]},
        grant=controls(authenticationStrength={"id": "00000000-0000-0000-0000-000000000004"}),
    )
    glass = Person(account_id="b1", groups=frozenset({"glass"}))
    assert [cover(everyone, person=glass).state, cover(everyone, own, person=glass).state] == ["none", "covered"]


def test_F05_service_providers_excluded_by_the_customer() -> None:
    users = {"excludeGuestsOrExternalUsers": guests("serviceProvider")}
    assert cover(policy(users=users), person=PROVIDER).state == "none"
    assert cover(policy(users=users), person=GUEST).state == "covered"


def test_H05_one_object_counts_as_a_list_of_one() -> None:
    assert build(policy()).cover(MEMBER).state == "covered"


def test_mfa_for_workload_identities_and_agents_meets_no_user() -> None:
    for condition in (
        {"clientApplications": {"includeServicePrincipals": ["ServicePrincipalsInMyTenant"]}},
        {"servicePrincipalRiskLevels": ["high"]},
        {"agents": {"includeAgentUsers": ["All"]}},
        {"agentIdRiskLevels": "high"},
    ):
        model = build([policy(grant=MFA, **condition)])
        assert (model.cover(MEMBER).state, model.notices) == ("none", ())
    assert cover(policy(clientApplications={"includeServicePrincipals": []})).state == "covered"
