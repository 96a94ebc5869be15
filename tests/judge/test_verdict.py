"""The ordered table of domain.md 5.4, row by row, and the laws that hold of every account."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.explain.reasons import explain
from checks.facts import Facts
from checks.place import Place
from checks.verdict import Decision, decide
from tests.cover.make import BLOCK, GLOBAL_ADMIN, PARTNER_CENTER, policy
from tests.judge.make import (
    FEDERATED,
    FULL,
    GUEST,
    NO_DEFAULTS,
    NOT_CERTAIN,
    NOT_REGISTERED,
    PER_USER_UNREAD,
    UNREAD,
    facts,
    judged,
    place,
)

LEGACY = ["exchangeActiveSync", "other"]
CUSTOM = {"operator": "OR", "customAuthenticationFactors": ["RequireDuoMfa"]}
SEEN = {"has_success": True}


def under(*policies: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**NO_DEFAULTS, "policies": policies, **more}


OFFICE_LEFT_OUT = under(policy(locations={"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}))
PORTALS_ONLY = under(policy(apps={"includeApplications": ["MicrosoftAdminPortals"]}))
REPORT_ONLY = under(policy(state="enabledForReportingButNotEnforced"))


@pytest.mark.parametrize(
    ("changes", "where", "scope", "verdict", "reasons"),
    [
        # 6
        ({}, {}, "in_scope", "compliant", ()),
        ({}, FULL, "in_scope", "compliant", ()),
        ({"per_user": "enforced"}, NO_DEFAULTS, "in_scope", "compliant", ()),
        ({"has_external_method": True, **NOT_REGISTERED}, {}, "in_scope", "compliant", ()),
        ({"has_only_phone": True}, {}, "in_scope", "compliant", ()),
        ({**FEDERATED, **SEEN, "has_claim": True}, FULL, "in_scope", "compliant", ()),
        ({**GUEST, **NOT_REGISTERED, "is_mfa_accepted": True}, FULL, "in_scope", "compliant", ()),
        # 0 and 1
        ({}, {"kind": "customer"}, "out_customer_tenant", "not_applicable", ("CUSTOMER_RECOMMENDED",)),
        ({}, {"is_sovereign": True}, "out_cloud", "not_applicable", ("SOVEREIGN_RECOMMENDED",)),
        # 3
        ({"is_enabled": False}, {}, "out_disabled", "not_applicable", ("DISABLED",)),
        (
            {"is_enabled": False, "holds_other_role": True},
            {},
            "out_disabled",
            "not_applicable",
            ("DISABLED", "DISABLED_HAS_ADMIN_ROLE"),
        ),
        ({"is_enabled": None}, {}, "in_scope", "indeterminate", ("SOURCE_UNAVAILABLE(users.accountEnabled,missing)",)),
        (
            {"is_enabled": None},
            {"unread": {"users": "partial"}},
            "in_scope",
            "indeterminate",
            ("SOURCE_UNAVAILABLE(users,partial)",),
        ),
        # 4
        (
            {"is_sync_account": True, "is_named_like_sync": True},
            {},
            "out_sync_account",
            "not_applicable",
            ("SYNC_ACCOUNT",),
        ),
        ({"is_named_like_sync": True}, {}, "in_scope", "compliant", ()),
        (
            {"is_sync_account": True},
            {},
            "out_sync_account",
            "not_applicable",
            ("SYNC_ACCOUNT", "SYNC_ACCOUNT_UNEXPECTED"),
        ),
        (
            {"is_sync_account": True, "is_named_like_sync": True, "holds_other_role": True},
            {},
            "out_sync_account",
            "not_applicable",
            ("SYNC_ACCOUNT", "SYNC_ACCOUNT_UNEXPECTED"),
        ),
        (
            {"is_sync_account": None, "is_named_like_sync": True},
            {"unread": {"role_assignments": "not_permitted"}},
            "in_scope",
            "indeterminate",
            ("SOURCE_UNAVAILABLE(role_assignments,not_permitted)",),
        ),
        # 7
        (NOT_REGISTERED, {}, "in_scope", "at_risk", ("SD_NOT_REGISTERED",)),
        ({"is_mfa_capable": False}, {}, "in_scope", "at_risk", ("SD_NOT_REGISTERED", "METHOD_NOT_ALLOWED")),
        ({"has_only_pass": True}, {}, "in_scope", "at_risk", ("SD_NOT_REGISTERED", "TEMPORARY_PASS_ONLY")),
        ({**GUEST, **NOT_REGISTERED}, {}, "in_scope", "at_risk", ("SD_NOT_REGISTERED",)),
        ({**GUEST, **NOT_REGISTERED, "is_mfa_accepted": True}, {}, "in_scope", "at_risk", ("SD_NOT_REGISTERED",)),
        # 8
        (NOT_REGISTERED, FULL, "in_scope", "at_risk", ("ENFORCED_NOT_REGISTERED",)),
        ({**FEDERATED, "is_mfa_accepted": False}, FULL, "in_scope", "at_risk", ("ENFORCED_NOT_REGISTERED",)),
        # 9
        ({"per_user": "enabled"}, NO_DEFAULTS, "in_scope", "at_risk", ("PERUSER_ENABLED_NOT_ENFORCED",)),
        # 10
        ({}, OFFICE_LEFT_OUT, "in_scope", "at_risk", ("CA_LOCATION_GAP",)),
        ({}, {**OFFICE_LEFT_OUT, "is_strict": True}, "in_scope", "non_compliant", ("CA_LOCATION_GAP",)),
        ({}, PORTALS_ONLY, "in_scope", "non_compliant", ("CA_APP_SUBSET",)),
        # 11
        ({}, REPORT_ONLY, "in_scope", "non_compliant", ("CA_REPORT_ONLY",)),
        ({}, under(policy(grant=CUSTOM)), "in_scope", "non_compliant", ("CUSTOM_CONTROL_NOT_MFA",)),
        ({}, under(policy(signInRiskLevels=["high"])), "in_scope", "non_compliant", ("CA_RISK_ONLY",)),
        # 12
        (
            {**FEDERATED, **SEEN, "has_single_factor": True},
            NO_DEFAULTS,
            "in_scope",
            "non_compliant",
            ("FEDERATED_NO_MFA_CLAIM",),
        ),
        (
            {**FEDERATED, **SEEN, "has_claim": True},
            NO_DEFAULTS,
            "in_scope",
            "at_risk",
            ("FEDERATED_MFA_NOT_ENFORCED_IN_ENTRA",),
        ),
        (FEDERATED, NO_DEFAULTS, "in_scope", "indeterminate", ("FEDERATED_UNOBSERVED",)),
        (FEDERATED, FULL, "in_scope", "indeterminate", ("FEDERATED_UNOBSERVED",)),
        # 13 and 14
        ({}, NO_DEFAULTS, "in_scope", "non_compliant", ("REGISTERED_NOT_ENFORCED",)),
        (NOT_REGISTERED, NO_DEFAULTS, "in_scope", "non_compliant", ("NO_MFA",)),
        # What is only refused somewhere asks nobody.
        (NOT_REGISTERED, under(policy(clientAppTypes=LEGACY, grant=BLOCK)), "in_scope", "non_compliant", ("NO_MFA",)),
    ],
)
def test_each_row_of_the_table(
    changes: dict[str, Any], where: dict[str, Any], scope: str, verdict: str, reasons: tuple[str, ...]
) -> None:
    found = judged(changes, where)
    assert (found.contract_scope, found.contract_verdict, found.reasons) == (scope, verdict, reasons)


def test_both_readings_stand_side_by_side() -> None:
    for is_strict in (False, True):
        found = judged({}, {**OFFICE_LEFT_OUT, "is_strict": is_strict})
        assert (found.pragmatic_verdict, found.strict_verdict) == ("at_risk", "non_compliant")
    same = judged({}, FULL)
    assert same.pragmatic_verdict == same.strict_verdict == same.contract_verdict == "compliant"
    customer = judged({}, {**OFFICE_LEFT_OUT, "kind": "customer"})
    assert (customer.contract_verdict, customer.pragmatic_verdict) == ("not_applicable", "at_risk")


@pytest.mark.parametrize(
    ("changes", "where", "reasons"),
    [
        (
            PER_USER_UNREAD,
            {**NO_DEFAULTS, "unread": {"per_user_mfa": "failed"}},
            ("SOURCE_UNAVAILABLE(per_user_mfa,failed)",),
        ),
        (PER_USER_UNREAD, NO_DEFAULTS, ("SOURCE_UNAVAILABLE(per_user_mfa,unclear)",)),
        ({}, NOT_CERTAIN, ("SOURCE_UNAVAILABLE(group_members,g1)",)),
        ({}, UNREAD, ("SOURCE_UNAVAILABLE(conditional_access_policies,not_permitted)",)),
        ({}, {**NO_DEFAULTS, "policies": None}, ("SOURCE_UNAVAILABLE(conditional_access_policies,unclear)",)),
        (
            {},
            {"security_defaults": None, "unread": {"security_defaults": "failed"}},
            ("SOURCE_UNAVAILABLE(security_defaults,failed)",),
        ),
        ({"has_registration_row": False}, {}, ("REPORT_LATENCY",)),
        (
            {"has_registration_row": False, "grace_ends_at": "2026-11-24T00:00Z"},
            {},
            ("REPORT_LATENCY", "NEW_ACCOUNT(until 2026-11-24T00:00Z)"),
        ),
        (
            {"has_registration_row": False},
            {"unread": {"authentication_methods": "not_licensed"}},
            ("SOURCE_UNAVAILABLE(authentication_methods,not_licensed)",),
        ),
        ({"is_mfa_capable": None}, {}, ("SOURCE_UNAVAILABLE(authentication_methods,unclear)",)),
        (
            {**GUEST, **NOT_REGISTERED, "is_mfa_accepted": None},
            {**FULL, "unread": {"cross_tenant_access_default": "failed"}},
            ("SOURCE_UNAVAILABLE(cross_tenant_access_default,failed)",),
        ),
        (
            {**FEDERATED, **SEEN, "has_claim": True, "is_mfa_accepted": None},
            {"unread": {"federation_configurations": "failed"}},
            ("SOURCE_UNAVAILABLE(federation_configurations,failed)",),
        ),
        (
            {**FEDERATED, "is_federated": None, "is_mfa_accepted": None},
            {"unread": {"domains": "failed", "organization": "failed"}},
            (
                "SOURCE_UNAVAILABLE(domains,failed)",
                "SOURCE_UNAVAILABLE(organization,failed)",
                "SOURCE_UNAVAILABLE(federation_configurations,unclear)",
            ),
        ),
        (
            FEDERATED,
            {**NO_DEFAULTS, "unread": {"sign_ins": "not_licensed"}},
            ("SOURCE_UNAVAILABLE(sign_ins,not_licensed)",),
        ),
    ],
)
def test_a_verdict_that_hinges_on_something_unread_is_indeterminate_and_names_it(
    changes: dict[str, Any], where: dict[str, Any], reasons: tuple[str, ...]
) -> None:
    found = judged(changes, where)
    assert (found.contract_verdict, found.reasons, found.confidence) == ("indeterminate", reasons, "low")


@pytest.mark.parametrize(
    ("changes", "where", "verdict"),
    [
        (PER_USER_UNREAD, {"policies": None}, "compliant"),
        ({**PER_USER_UNREAD, **NOT_REGISTERED}, {"policies": None}, "at_risk"),
        (PER_USER_UNREAD, {**FULL, "security_defaults": None}, "compliant"),
        ({**PER_USER_UNREAD, **NOT_REGISTERED}, {**FULL, "security_defaults": None}, "at_risk"),
        ({"is_federated": None, "is_mfa_accepted": None}, {}, "compliant"),
        ({"is_sync_account": None}, {"unread": {"role_assignments": "failed"}}, "compliant"),
        # Both that an unread group makes of a cover are gaps: which one changes nothing.
        (
            {},
            under(
                policy(platforms={"includePlatforms": ["all"], "excludePlatforms": ["linux"]}),
                policy("p2", users={"excludeGroups": ["g1"]}, platforms={"includePlatforms": ["android"]}),
            ),
            "at_risk",
        ),
    ],
)
def test_a_fact_that_decides_alone_is_not_blocked_by_what_is_unread(
    changes: dict[str, Any], where: dict[str, Any], verdict: str
) -> None:
    assert judged(changes, where).contract_verdict == verdict


def test_a_customer_gets_its_posture_and_no_verdict() -> None:
    found = judged(NOT_REGISTERED, {**NO_DEFAULTS, "kind": "customer"})
    assert (found.contract_verdict, found.customer_posture) == ("not_applicable", "non_compliant")
    assert found.reasons == ("CUSTOMER_RECOMMENDED", "NO_MFA")
    assert judged().customer_posture is None


@pytest.mark.parametrize(
    ("changes", "where", "word"),
    [
        ({}, {}, "capable"),
        ({"has_only_phone": True}, {}, "weak_only"),
        ({"is_mfa_capable": False}, {}, "registered_not_allowed"),
        ({"is_mfa_capable": False, "has_only_phone": True}, {}, "registered_not_allowed"),
        (NOT_REGISTERED, {}, "none"),
        ({"has_only_pass": True}, {}, "none"),
        (FEDERATED, {}, "external_unknown"),
        ({**FEDERATED, "is_mfa_accepted": None}, {}, "external_unknown"),
        ({**FEDERATED, "is_mfa_accepted": False}, {}, "none"),
        ({**NOT_REGISTERED, "is_federated": None}, {}, "unknown"),
        ({**NOT_REGISTERED, "has_external_method": True}, {}, "external_unknown"),
        ({**GUEST, **NOT_REGISTERED}, {}, "none"),
        ({**GUEST, **NOT_REGISTERED, "is_mfa_accepted": True}, {}, "external_unknown"),
        ({"has_registration_row": False}, {}, "unknown"),
        ({"is_mfa_registered": None, "is_mfa_capable": None}, {}, "unknown"),
        ({}, {"unread": {"authentication_methods": "failed"}}, "unknown"),
    ],
)
def test_registered(changes: dict[str, Any], where: dict[str, Any], word: str) -> None:
    assert judged(changes, where).registered == word


@pytest.mark.parametrize(
    ("changes", "where", "word"),
    [
        ({**SEEN, "has_mfa_step": True}, {}, "mfa_proven"),
        ({**SEEN, "has_claim": True}, {}, "claim_only"),
        ({**SEEN, "has_mfa_step": True, "has_single_factor": True}, {}, "single_factor_seen"),
        ({}, {}, "no_signin"),
        (SEEN, {}, "unknown"),
        ({}, {"unread": {"sign_ins": "not_licensed"}}, "not_observable"),
        ({}, {"unread": {"sign_ins": "failed"}}, "unknown"),
    ],
)
def test_proof(changes: dict[str, Any], where: dict[str, Any], word: str) -> None:
    assert judged(changes, where).proof == word


@pytest.mark.parametrize(
    ("changes", "where", "surfaces"),
    [
        ({}, {}, ()),
        ({"is_portal_user": True, "is_delegated": True}, {}, ("pc_portal", "customer_delegated_admin")),
        (
            {"is_portal_user": None, "is_delegated": None},
            {},
            ("pc_portal(possible)", "customer_delegated_admin(possible)"),
        ),
        (
            {"used_azure_portals": True, "used_m365_admin": True, "used_azure_cli": True},
            {},
            ("azure_portals", "m365_admin", "azure_cli_iac"),
        ),
        ({"used_partner_center_api": True}, {}, ("pc_api_app_user",)),
        ({"is_enabled": False, "is_portal_user": True}, {}, ()),
        ({"is_portal_user": True, "is_delegated": None}, {"kind": "customer"}, ()),
    ],
)
def test_exposure(changes: dict[str, Any], where: dict[str, Any], surfaces: tuple[str, ...]) -> None:
    assert judged(changes, where).exposure == surfaces


def test_exposure_changes_no_verdict() -> None:
    exposed = judged({"is_portal_user": True, "is_delegated": True, "used_azure_portals": True}, NO_DEFAULTS)
    assert exposed.contract_verdict == judged({}, NO_DEFAULTS).contract_verdict == "non_compliant"


@pytest.mark.parametrize(
    ("changes", "where", "required", "protected_by"),
    [
        ({}, {**FULL, "security_defaults": True}, "full", ("security_defaults", "ca_policy:p1")),
        ({"per_user": "enforced"}, FULL, "full", ("ca_policy:p1", "per_user")),
        (
            {},
            under(policy(), policy("p2", clientAppTypes=LEGACY, grant=BLOCK)),
            "full",
            ("ca_policy:p1", "ca_policy:p2"),
        ),
        ({}, OFFICE_LEFT_OUT, "partial", ("ca_policy:p1",)),
        ({}, under(policy(clientAppTypes=LEGACY, grant=BLOCK)), "none", ()),
        ({}, NO_DEFAULTS, "none", ()),
        (PER_USER_UNREAD, NO_DEFAULTS, "unknown", ()),
        ({}, NOT_CERTAIN, "unknown", ()),
        ({"is_sync_account": True}, {}, "none", ()),
        ({"has_external_method": True}, {}, "full", ("security_defaults", "external_mfa")),
        ({**FEDERATED, **SEEN, "has_mfa_step": True}, FULL, "full", ("ca_policy:p1", "federated_idp")),
        (FEDERATED, FULL, "full", ("ca_policy:p1",)),
        ({}, under(policy(grant=CUSTOM)), "none", ("custom_control",)),
    ],
)
def test_what_requires_mfa(
    changes: dict[str, Any], where: dict[str, Any], required: str, protected_by: tuple[str, ...]
) -> None:
    found = judged(changes, where)
    assert (found.required, found.protected_by) == (required, protected_by)


@pytest.mark.parametrize(
    ("changes", "where", "confidence"),
    [
        ({}, FULL, "high"),
        ({}, {}, "medium"),
        ({}, {**FULL, "is_old": True}, "medium"),
        ({"has_single_factor": True, "has_success": True}, FULL, "medium"),
        (NOT_REGISTERED, NO_DEFAULTS, "high"),
    ],
)
def test_confidence(changes: dict[str, Any], where: dict[str, Any], confidence: str) -> None:
    assert judged(changes, where).confidence == confidence


@pytest.mark.parametrize(
    ("changes", "where", "severity"),
    [
        ({}, {}, None),
        ({"is_enabled": False, "is_admin": True}, {}, None),
        ({}, NO_DEFAULTS, "medium"),
        ({"is_admin": True}, NO_DEFAULTS, "high"),
        ({"account_class": "break_glass"}, NO_DEFAULTS, "high"),
        ({"is_admin": True, **SEEN, "has_single_factor": True}, FULL, "high"),
        ({**SEEN, "has_single_factor": True}, FULL, "medium"),
        ({}, under(policy(apps={"excludeApplications": [PARTNER_CENTER]})), "high"),
    ],
)
def test_how_urgent_it_is(changes: dict[str, Any], where: dict[str, Any], severity: str | None) -> None:
    assert judged(changes, where).severity == severity


@pytest.mark.parametrize(
    ("account_class", "reason"),
    [
        ("service", "SERVICE_ACCOUNT_NO_MFA"),
        ("room", "ROOM_NO_MFA"),
        ("break_glass", "BREAKGLASS_NO_MFA"),
        ("shared_mailbox", "SHARED_MAILBOX_SIGNS_IN"),
        ("guest_shadow", "GUEST_SHADOWS_GDAP"),
    ],
)
def test_a_class_adds_a_reason_and_changes_nothing(account_class: str, reason: str) -> None:
    found = judged({"account_class": account_class, "class_source": "name"}, NO_DEFAULTS)
    plain = judged({}, NO_DEFAULTS)
    assert set(found.reasons) - set(plain.reasons) == {reason}
    assert (found.account_class, found.class_source) == (account_class, "name")
    assert (found.contract_scope, found.contract_verdict) == (plain.contract_scope, plain.contract_verdict)


def strength(digit: int) -> dict[str, Any]:
    return under(policy(grant={"authenticationStrength": {"id": f"00000000-0000-0000-0000-00000000000{digit}"}}))


@pytest.mark.parametrize(
    ("methods", "digit", "verdict"),
    [
        (("mobilePhone",), 4, "at_risk"),
        (("mobilePhone",), 2, "compliant"),
        (("microsoftAuthenticatorPasswordless",), 3, "compliant"),
        (("microsoftAuthenticatorPasswordless",), 4, "at_risk"),
        (("mobilePhone", "fido2SecurityKey"), 4, "compliant"),
        (("mobilePhone", "somethingNew"), 4, "indeterminate"),
        ((), 4, "indeterminate"),
    ],
)
def test_a_strength_asks_for_a_method_that_satisfies_it(methods: tuple[str, ...], digit: int, verdict: str) -> None:
    assert judged({"methods": methods}, strength(digit)).contract_verdict == verdict


def test_a_strength_for_some_apps_keeps_nobody_from_the_others() -> None:
    grant = {"authenticationStrength": {"id": "00000000-0000-0000-0000-000000000004"}}
    portals = policy("p2", apps={"includeApplications": ["MicrosoftAdminPortals"]}, grant=grant)
    assert judged({"methods": ("mobilePhone",)}, under(policy(), portals)).contract_verdict == "compliant"


def test_a_counterexample_is_shown_only_where_nothing_asks() -> None:
    sentence = "A sign-in from any platform, anywhere, to any app needs no MFA"
    assert judged({}, NO_DEFAULTS).counterexample == sentence
    assert judged({}, OFFICE_LEFT_OUT).counterexample == (
        "A sign-in from any platform, at a trusted location, to any app needs no MFA"
    )
    for changes, where in (
        ({}, {}),
        ({"per_user": "enforced"}, NO_DEFAULTS),
        (PER_USER_UNREAD, NO_DEFAULTS),
        ({}, {**NO_DEFAULTS, "security_defaults": None}),
        ({"is_enabled": False}, NO_DEFAULTS),
        ({}, FULL),
    ):
        assert judged(changes, where).counterexample is None


def test_a_guest_is_told_that_guests_are_left_out() -> None:
    guests = {"excludeGuestsOrExternalUsers": {"guestOrExternalUserTypes": "b2bCollaborationGuest"}}
    assert judged({**GUEST, **NOT_REGISTERED}, under(policy(users=guests))).reasons == ("NO_MFA", "GUEST_EXCLUDED")
    assert judged(NOT_REGISTERED, under(policy(users=guests))).reasons == ("ENFORCED_NOT_REGISTERED",)


def test_security_defaults_beside_policies_are_odd() -> None:
    assert judged({}, {"policies": [policy()]}).reasons == ("SD_AND_CA",)


# Laws

maybe = st.none() | st.booleans()
flags = st.booleans()
states = st.sampled_from(["usable", "failed", "not_licensed", "not_permitted", "not_collected"])
any_facts = st.builds(
    facts,
    is_enabled=maybe,
    user_type=st.sampled_from(["Member", "Guest", ""]),
    is_external=flags,
    issuers=st.sampled_from([(), ("externalazuread",), ("mail",)]),
    groups=st.sampled_from([(), ("g2",)]),
    active_roles=st.sampled_from([None, (), (GLOBAL_ADMIN,)]),
    eligible_roles=st.sampled_from([None, (), (GLOBAL_ADMIN,)]),
    scoped_roles=st.sampled_from([(), (GLOBAL_ADMIN,)]),
    is_federated=maybe,
    is_mfa_accepted=maybe,
    is_sync_account=maybe,
    is_named_like_sync=flags,
    holds_other_role=maybe,
    is_admin=maybe,
    is_portal_user=maybe,
    is_delegated=maybe,
    per_user=st.sampled_from([None, "disabled", "enabled", "enforced"]),
    has_registration_row=flags,
    is_mfa_registered=maybe,
    is_mfa_capable=maybe,
    methods=st.sampled_from([(), ("mobilePhone",), ("fido2SecurityKey",), ("somethingNew",)]),
    has_only_pass=flags,
    has_only_phone=flags,
    has_external_method=flags,
    has_success=flags,
    has_mfa_step=flags,
    has_claim=flags,
    has_single_factor=flags,
    has_legacy_success=flags,
    used_azure_portals=flags,
    called_without_mfa=flags,
    account_class=st.sampled_from([None, "service", "room", "break_glass", "shared_mailbox", "guest_shadow"]),
    grace_ends_at=st.sampled_from([None, "2026-11-24T00:00Z"]),
)
POLICIES: tuple[tuple[dict[str, Any], ...] | None, ...] = (
    None,
    (),
    (policy(),),
    (policy(users={"excludeGroups": ["g1"]}),),
    (policy(users={"excludeGroups": ["g2"]}), policy("p2", clientAppTypes=LEGACY, grant=BLOCK)),
    (policy(users={"includeUsers": [], "includeRoles": [GLOBAL_ADMIN]}),),
    (policy(users={"excludeRoles": [GLOBAL_ADMIN]}),),
    (policy(users={"includeUsers": ["GuestsOrExternalUsers"]}),),
    (policy(signInRiskLevels=["high"]), policy("p2", state="enabledForReportingButNotEnforced")),
    (policy(grant=CUSTOM),),
    tuple(strength(4)["policies"]),
    tuple(PORTALS_ONLY["policies"]),
    tuple(OFFICE_LEFT_OUT["policies"]),
)


@st.composite
def any_where(draw: st.DrawFn) -> dict[str, Any]:
    policies = draw(st.sampled_from(POLICIES))
    unread = draw(st.dictionaries(st.sampled_from(["authentication_methods", "sign_ins", "role_assignments"]), states))
    if policies is None:
        unread["conditional_access_policies"] = draw(st.sampled_from(["failed", "not_permitted"]))
    return {
        "policies": policies,
        "unread": unread,
        "kind": draw(st.sampled_from(["partner", "customer"])),
        "security_defaults": draw(maybe),
        "is_sovereign": draw(flags),
        "is_strict": draw(flags),
        "is_old": draw(flags),
        "known_groups": frozenset({"g2"}),
    }


def decided(known: Facts, where: dict[str, Any]) -> Decision:
    return decide(known, place(**where)).decision


def verdict_of(found: Decision) -> str:
    return found.customer_posture or found.contract_verdict


@given(known=any_facts, where=any_where())
def test_nobody_is_compliant_without_a_mechanism_that_protects(known: Facts, where: dict[str, Any]) -> None:
    found = decided(known, where)
    if verdict_of(found) == "compliant":
        assert found.required == "full"
        assert set(found.protected_by) - {"custom_control", "external_mfa", "federated_idp"}
        assert found.counterexample is None


@given(known=any_facts, where=any_where(), data=st.data())
def test_forgetting_a_fact_never_turns_one_verdict_into_another(
    known: Facts, where: dict[str, Any], data: st.DataObject
) -> None:
    """What is not known may make a verdict indeterminate. It never makes it compliant, or not compliant, or better."""
    forgotten: dict[str, Any] = data.draw(
        st.sampled_from([
            {"is_enabled": None},
            {"is_federated": None, "is_mfa_accepted": None},
            {"is_mfa_accepted": None},
            {"per_user": None},
            {"active_roles": None},
            {"eligible_roles": None},
            {"has_registration_row": False},
            {"is_mfa_registered": None, "is_mfa_capable": None, "has_external_method": False, "has_only_pass": False},
        ])
    )  # fmt: skip
    less = msgspec.structs.replace(known, **forgotten)
    assert verdict_of(decided(less, where)) in {verdict_of(decided(known, where)), "indeterminate"}


@given(
    known=any_facts,
    where=any_where(),
    unread=st.sampled_from(
        [
            {"unread": {"conditional_access_policies": "failed"}},
            {"unread": {"sign_ins": "failed"}},
            {"unread": {"authentication_methods": "not_licensed"}},
            {"security_defaults": None},
            {"known_groups": frozenset()},
        ]
    ),
)
def test_an_unread_dataset_never_turns_one_verdict_into_another(
    known: Facts, where: dict[str, Any], unread: dict[str, Any]
) -> None:
    blind = {**where, **unread, "unread": {**where["unread"], **unread.get("unread", {})}}
    assert verdict_of(decided(known, blind)) in {verdict_of(decided(known, where)), "indeterminate"}


@given(known=any_facts, where=any_where())
def test_the_strict_reading_is_never_milder(known: Facts, where: dict[str, Any]) -> None:
    found = decided(known, where)
    if found.pragmatic_verdict != found.strict_verdict:
        assert (found.pragmatic_verdict, found.strict_verdict) in {
            ("at_risk", "non_compliant"),
            ("at_risk", "indeterminate"),
            ("indeterminate", "non_compliant"),
        }


@given(known=any_facts, where=any_where())
def test_every_reason_is_explained_to_people(known: Facts, where: dict[str, Any]) -> None:
    for reason in decided(known, where).reasons:
        assert explain(reason) != reason


@given(known=any_facts, where=any_where())
def test_an_indeterminate_verdict_says_why(known: Facts, where: dict[str, Any]) -> None:
    found = decided(known, where)
    if verdict_of(found) == "indeterminate":
        assert set(found.reasons) - {"CUSTOMER_RECOMMENDED", "SOVEREIGN_RECOMMENDED"}


def test_a_place_knows_whether_a_policy_is_on() -> None:
    policies: tuple[list[dict[str, Any]] | None, ...] = (None, [], [policy(state="disabled")], [policy()])
    assert [place(each).has_policies for each in policies] == [
        False,
        False,
        False,
        True,
    ]


def test_of_a_dataset_that_is_not_there_nothing_is_known() -> None:
    here = Place("t", kind="customer", model=None, sources={}, security_defaults=None)
    assert here.source("users") == "not_collected"
