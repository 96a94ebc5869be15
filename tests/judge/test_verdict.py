"""The ordered table of domain.md 5.4, row by row, and the laws that hold of every account."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.conditional_access import Cover
from checks.facts import Facts, Place
from checks.report.words import explain
from checks.verdict import decide
from tests.judge.make import (
    FULL,
    NO_DEFAULTS,
    NOT_EVALUATED,
    NOT_REGISTERED,
    PER_USER_UNREAD,
    UNREAD,
    facts,
    place,
)

PER_USER = "SOURCE_UNAVAILABLE(per_user_mfa,not_collected)"


@pytest.mark.parametrize(
    ("changes", "where", "scope", "verdict", "reasons"),
    [
        # 6
        ({}, {}, "in_scope", "compliant", ()),
        ({**NO_DEFAULTS}, {"cover": FULL}, "in_scope", "compliant", ()),
        ({**NO_DEFAULTS, "per_user": "enforced"}, {}, "in_scope", "compliant", ()),
        ({"has_external_method": True, **NOT_REGISTERED}, {}, "in_scope", "compliant", ()),
        ({"has_only_phone": True}, {}, "in_scope", "compliant", ()),
        # 0 and 1
        ({"kind": "customer"}, {}, "out_customer_tenant", "not_applicable", ("CUSTOMER_RECOMMENDED",)),
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
        (
            {"is_enabled": None},
            {},
            "in_scope",
            "indeterminate",
            ("SOURCE_UNAVAILABLE(users.accountEnabled,missing)",),
        ),
        (
            {"is_enabled": None, "users_source": "partial"},
            {},
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
            {"is_sync_account": None, "is_named_like_sync": True, "roles_source": "not_permitted"},
            {},
            "in_scope",
            "indeterminate",
            ("SOURCE_UNAVAILABLE(role_assignments,not_permitted)",),
        ),
        # 7
        (NOT_REGISTERED, {}, "in_scope", "at_risk", ("SD_NOT_REGISTERED",)),
        (
            {"is_mfa_capable": False},
            {},
            "in_scope",
            "at_risk",
            ("SD_NOT_REGISTERED", "METHOD_NOT_ALLOWED"),
        ),
        ({"has_only_pass": True}, {}, "in_scope", "at_risk", ("SD_NOT_REGISTERED",)),
        ({"is_guest": True, **NOT_REGISTERED}, {}, "in_scope", "at_risk", ("SD_NOT_REGISTERED",)),
        # 8
        (
            {**NO_DEFAULTS, **NOT_REGISTERED},
            {"cover": FULL},
            "in_scope",
            "at_risk",
            ("ENFORCED_NOT_REGISTERED",),
        ),
        # 9
        (
            {**NO_DEFAULTS, "per_user": "enabled"},
            {},
            "in_scope",
            "at_risk",
            ("PERUSER_ENABLED_NOT_ENFORCED",),
        ),
        # 10
        (
            NO_DEFAULTS,
            {"cover": Cover(reach="partial", gaps=("CA_LOCATION_GAP",))},
            "in_scope",
            "at_risk",
            ("CA_LOCATION_GAP",),
        ),
        (
            NO_DEFAULTS,
            {"cover": Cover(reach="partial", gaps=("CA_LOCATION_GAP",)), "is_strict": True},
            "in_scope",
            "non_compliant",
            ("CA_LOCATION_GAP",),
        ),
        (
            NO_DEFAULTS,
            {"cover": Cover(reach="partial", gaps=("CA_APP_SUBSET",))},
            "in_scope",
            "non_compliant",
            ("CA_APP_SUBSET",),
        ),
        # 11
        (
            NO_DEFAULTS,
            {"cover": Cover(reach="none", hollow=("CA_REPORT_ONLY",))},
            "in_scope",
            "non_compliant",
            ("CA_REPORT_ONLY",),
        ),
        # 12
        (
            {**NO_DEFAULTS, **NOT_REGISTERED, "is_federated": True, "has_success": True, "has_single_factor": True},
            {},
            "in_scope",
            "non_compliant",
            ("FEDERATED_NO_MFA_CLAIM",),
        ),
        (
            {**NO_DEFAULTS, **NOT_REGISTERED, "is_federated": True, "has_success": True, "has_claim": True},
            {},
            "in_scope",
            "at_risk",
            ("FEDERATED_MFA_NOT_ENFORCED_IN_ENTRA",),
        ),
        (
            {**NO_DEFAULTS, **NOT_REGISTERED, "is_federated": True},
            {},
            "in_scope",
            "indeterminate",
            ("FEDERATED_UNOBSERVED",),
        ),
        # 13 and 14
        (NO_DEFAULTS, {}, "in_scope", "non_compliant", ("REGISTERED_NOT_ENFORCED",)),
        ({**NO_DEFAULTS, **NOT_REGISTERED}, {}, "in_scope", "non_compliant", ("NO_MFA",)),
    ],
)
def test_each_row_of_the_table(
    changes: dict[str, Any], where: dict[str, Any], scope: str, verdict: str, reasons: tuple[str, ...]
) -> None:
    found = decide(facts(**changes), place(**where))
    assert (found.contract_scope, found.contract_verdict, found.reasons) == (scope, verdict, reasons)


@pytest.mark.parametrize(
    ("changes", "where", "reasons"),
    [
        ({**NO_DEFAULTS, **PER_USER_UNREAD}, {}, (PER_USER,)),
        ({**NO_DEFAULTS, **PER_USER_UNREAD, **NOT_REGISTERED}, {}, (PER_USER,)),
        (NO_DEFAULTS, {"cover": NOT_EVALUATED}, ("CA_NOT_EVALUATED",)),
        (
            NO_DEFAULTS,
            {"cover": UNREAD, "cover_source": "not_permitted"},
            ("SOURCE_UNAVAILABLE(conditional_access_policies,not_permitted)",),
        ),
        (
            {"security_defaults": None, "security_defaults_source": "failed"},
            {},
            ("SOURCE_UNAVAILABLE(security_defaults,failed)",),
        ),
        ({"has_registration_row": False}, {}, ("REPORT_LATENCY",)),
        (
            {"has_registration_row": False, "registration_source": "not_licensed"},
            {},
            ("SOURCE_UNAVAILABLE(authentication_methods,not_licensed)",),
        ),
        ({"is_mfa_capable": None}, {}, ("SOURCE_UNAVAILABLE(authentication_methods,unclear)",)),
        (
            {**NO_DEFAULTS, **NOT_REGISTERED, "is_guest": True},
            {"cover": FULL},
            ("SOURCE_UNAVAILABLE(cross_tenant_access,not_collected)",),
        ),
        (
            {**NOT_REGISTERED, "is_federated": True},
            {},
            ("SOURCE_UNAVAILABLE(federation_configuration,not_collected)",),
        ),
        (
            {**NOT_REGISTERED, "is_federated": None, "organization_source": "failed"},
            {},
            (
                "SOURCE_UNAVAILABLE(organization,failed)",
                "SOURCE_UNAVAILABLE(federation_configuration,not_collected)",
            ),
        ),
        (
            {**NO_DEFAULTS, **NOT_REGISTERED, "is_federated": True, "sign_ins_source": "not_licensed"},
            {},
            ("SOURCE_UNAVAILABLE(sign_ins,not_licensed)",),
        ),
    ],
)
def test_a_verdict_that_hinges_on_something_unread_is_indeterminate_and_names_it(
    changes: dict[str, Any], where: dict[str, Any], reasons: tuple[str, ...]
) -> None:
    found = decide(facts(**changes), place(**where))
    assert (found.contract_verdict, found.reasons, found.confidence) == ("indeterminate", reasons, "low")


@pytest.mark.parametrize(
    ("changes", "where", "verdict"),
    [
        (PER_USER_UNREAD, {"cover": UNREAD, "cover_source": "failed"}, "compliant"),
        ({**PER_USER_UNREAD, **NOT_REGISTERED}, {"cover": UNREAD, "cover_source": "failed"}, "at_risk"),
        ({"security_defaults": None, **PER_USER_UNREAD}, {"cover": FULL}, "compliant"),
        ({"security_defaults": None, **PER_USER_UNREAD, **NOT_REGISTERED}, {"cover": FULL}, "at_risk"),
        ({"is_federated": None}, {}, "compliant"),
        ({"is_sync_account": None, "roles_source": "failed"}, {}, "compliant"),
    ],
)
def test_a_fact_that_decides_alone_is_not_blocked_by_what_is_unread(
    changes: dict[str, Any], where: dict[str, Any], verdict: str
) -> None:
    assert decide(facts(**changes), place(**where)).contract_verdict == verdict


def test_a_customer_gets_its_posture_and_no_verdict() -> None:
    found = decide(facts(kind="customer", **NO_DEFAULTS, **NOT_REGISTERED), place())
    assert (found.contract_verdict, found.customer_posture) == ("not_applicable", "non_compliant")
    assert found.reasons == ("CUSTOMER_RECOMMENDED", "NO_MFA")
    assert decide(facts(), place()).customer_posture is None


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({}, "capable"),
        ({"has_only_phone": True}, "weak_only"),
        ({"is_mfa_capable": False}, "registered_not_allowed"),
        ({"is_mfa_capable": False, "has_only_phone": True}, "registered_not_allowed"),
        (NOT_REGISTERED, "none"),
        ({"has_only_pass": True}, "none"),
        ({**NOT_REGISTERED, "is_federated": True}, "external_unknown"),
        ({**NOT_REGISTERED, "is_federated": None}, "unknown"),
        ({**NOT_REGISTERED, "has_external_method": True}, "external_unknown"),
        ({"has_registration_row": False}, "unknown"),
        ({"is_mfa_registered": None, "is_mfa_capable": None}, "unknown"),
        ({"registration_source": "failed"}, "unknown"),
    ],
)
def test_registered(changes: dict[str, Any], word: str) -> None:
    assert decide(facts(**changes), place()).registered == word


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"has_success": True, "has_mfa_step": True}, "mfa_proven"),
        ({"has_success": True, "has_claim": True}, "claim_only"),
        ({"has_success": True, "has_mfa_step": True, "has_single_factor": True}, "single_factor_seen"),
        ({}, "no_signin"),
        ({"has_success": True}, "unknown"),
        ({"sign_ins_source": "not_licensed"}, "not_observable"),
        ({"sign_ins_source": "failed"}, "unknown"),
    ],
)
def test_proof(changes: dict[str, Any], word: str) -> None:
    assert decide(facts(**changes), place()).proof == word


@pytest.mark.parametrize(
    ("changes", "surfaces"),
    [
        ({}, ()),
        ({"is_portal_user": True, "is_delegated": True}, ("pc_portal", "customer_delegated_admin")),
        (
            {"is_portal_user": None, "is_delegated": None},
            ("pc_portal(possible)", "customer_delegated_admin(possible)"),
        ),
        ({"used_azure_portals": True, "used_azure_cli": True}, ("azure_portals", "azure_cli_iac")),
        ({"is_enabled": False, "is_portal_user": True}, ()),
        ({"kind": "customer", "is_portal_user": True, "is_delegated": None}, ()),
    ],
)
def test_exposure(changes: dict[str, Any], surfaces: tuple[str, ...]) -> None:
    assert decide(facts(**changes), place()).exposure == surfaces


def test_exposure_changes_no_verdict() -> None:
    exposed = facts(**NO_DEFAULTS, is_portal_user=True, is_delegated=True, used_azure_portals=True)
    hidden = facts(**NO_DEFAULTS)
    assert decide(exposed, place()).contract_verdict == decide(hidden, place()).contract_verdict == "non_compliant"


@pytest.mark.parametrize(
    ("changes", "where", "required", "protected_by"),
    [
        ({}, {"cover": FULL}, "full", ("security_defaults", "ca_policy:p1")),
        ({**NO_DEFAULTS, "per_user": "enforced"}, {}, "full", ("per_user",)),
        (NO_DEFAULTS, {}, "none", ()),
        ({**NO_DEFAULTS, **PER_USER_UNREAD}, {}, "unknown", ()),
        (NO_DEFAULTS, {"cover": NOT_EVALUATED}, "unknown", ()),
        ({"is_sync_account": True}, {}, "none", ()),
        ({"has_external_method": True}, {}, "full", ("security_defaults", "external_mfa")),
        (
            NO_DEFAULTS,
            {"cover": Cover(reach="none", hollow=("CUSTOM_CONTROL_NOT_MFA",))},
            "none",
            ("custom_control",),
        ),
    ],
)
def test_what_requires_mfa(
    changes: dict[str, Any], where: dict[str, Any], required: str, protected_by: tuple[str, ...]
) -> None:
    found = decide(facts(**changes), place(**where))
    assert (found.required, found.protected_by) == (required, protected_by)


@pytest.mark.parametrize(
    ("changes", "where", "confidence"),
    [
        ({}, {"cover": FULL}, "high"),
        ({}, {}, "medium"),
        ({"is_old": True}, {"cover": FULL}, "medium"),
        ({"has_single_factor": True, "has_success": True}, {"cover": FULL}, "medium"),
        ({**NO_DEFAULTS, **NOT_REGISTERED}, {}, "high"),
    ],
)
def test_confidence(changes: dict[str, Any], where: dict[str, Any], confidence: str) -> None:
    assert decide(facts(**changes), place(**where)).confidence == confidence


def test_one_factor_contradicts_a_policy_for_everybody_but_not_security_defaults() -> None:
    seen = {"has_success": True, "has_single_factor": True}
    assert "EVIDENCE_CONTRADICTS_POLICY" in decide(facts(**seen), place(cover=FULL)).reasons
    assert "EVIDENCE_CONTRADICTS_POLICY" not in decide(facts(**seen), place()).reasons


flags = st.booleans()
maybe = st.none() | flags
states = st.sampled_from(["usable", "failed", "not_licensed", "not_permitted", "not_collected"])
any_facts = st.builds(
    Facts,
    kind=st.sampled_from(["partner", "customer"]),
    users_source=states,
    is_enabled=maybe,
    is_guest=flags,
    is_federated=maybe,
    is_sync_account=maybe,
    is_named_like_sync=flags,
    holds_other_role=maybe,
    is_portal_user=maybe,
    is_delegated=maybe,
    security_defaults=maybe,
    security_defaults_source=states,
    per_user=st.sampled_from([None, "disabled", "enabled", "enforced"]),
    per_user_source=states,
    has_registration_row=flags,
    is_mfa_registered=maybe,
    is_mfa_capable=maybe,
    has_only_pass=flags,
    has_only_phone=flags,
    has_external_method=flags,
    registration_source=states,
    roles_source=states,
    organization_source=states,
    sign_ins_source=states,
    has_success=flags,
    has_mfa_step=flags,
    has_claim=flags,
    has_single_factor=flags,
    has_legacy_success=flags,
    used_azure_portals=flags,
    used_azure_cli=flags,
    is_old=flags,
)
covers = st.sampled_from(
    [
        FULL,
        NOT_EVALUATED,
        UNREAD,
        Cover(reach="none"),
        Cover(reach="none", hollow=("CA_REPORT_ONLY", "CUSTOM_CONTROL_NOT_MFA")),
        Cover(reach="partial", gaps=("CA_APP_SUBSET",)),
    ]
)


@st.composite
def any_place(draw: st.DrawFn) -> Place:
    cover = draw(covers)
    source = "usable" if cover is not UNREAD else draw(st.sampled_from(["failed", "not_permitted"]))
    return Place(is_sovereign=draw(flags), cover=cover, cover_source=source, is_strict=draw(flags))


def judged(known: Facts, where: Place) -> str:
    found = decide(known, where)
    return found.customer_posture or found.contract_verdict


@given(known=any_facts, where=any_place())
def test_nobody_is_compliant_without_a_mechanism_that_protects(known: Facts, where: Place) -> None:
    found = decide(known, where)
    if judged(known, where) == "compliant":
        assert found.required == "full"
        assert set(found.protected_by) - {"custom_control", "external_mfa"}


@given(known=any_facts, where=any_place(), data=st.data())
def test_forgetting_a_fact_never_turns_one_verdict_into_another(
    known: Facts, where: Place, data: st.DataObject
) -> None:
    """What is not known may make a verdict indeterminate. It never makes it compliant, or not compliant, or better."""
    forgotten: dict[str, Any] = data.draw(
        st.sampled_from([
            {"is_enabled": None},
            {"is_federated": None},
            {"security_defaults": None, "security_defaults_source": "failed"},
            {"per_user": None, "per_user_source": "not_collected"},
            {"registration_source": "failed"},
            {"registration_source": "not_licensed"},
            {"has_registration_row": False},
            {"is_mfa_registered": None, "is_mfa_capable": None, "has_external_method": False, "has_only_pass": False},
            {"sign_ins_source": "failed"},
            {"sign_ins_source": "not_licensed"},
        ])
    )  # fmt: skip
    less = Facts(**{**{name: getattr(known, name) for name in Facts.__struct_fields__}, **forgotten})
    assert judged(less, where) in {judged(known, where), "indeterminate"}


@given(known=any_facts, where=any_place())
def test_an_unread_policy_list_never_turns_one_verdict_into_another(known: Facts, where: Place) -> None:
    blind = Place(is_sovereign=where.is_sovereign, cover=UNREAD, cover_source="failed", is_strict=where.is_strict)
    assert judged(known, blind) in {judged(known, where), "indeterminate"}


@given(known=any_facts, where=any_place())
def test_every_reason_is_explained_to_people(known: Facts, where: Place) -> None:
    for reason in decide(known, where).reasons:
        assert explain(reason) != reason


@given(known=any_facts, where=any_place())
def test_an_indeterminate_verdict_says_why(known: Facts, where: Place) -> None:
    if judged(known, where) == "indeterminate":
        assert set(decide(known, where).reasons) - {"CUSTOMER_RECOMMENDED", "SOVEREIGN_RECOMMENDED"}
