"""Whom a policy applies to: exclusion first, three answers, and every kind of account."""

from __future__ import annotations

from typing import Any

import pytest

from checks.cover import Missing, Person, ShapeError, build
from checks.cover.match import match
from checks.cover.shape import Unknown
from checks.cover.users import parse_users
from tests.cover.make import GLOBAL_ADMIN, GUEST, HELPDESK, HOME, MEMBER, cover, policy

UNREAD = Person(account_id="u1", unread_groups=frozenset({"g1"}))
NO_ROLES = Person(account_id="u1", active_roles=None)


def answer(users: dict[str, Any], person: Person) -> str:
    found = match(parse_users(users, Unknown(), "users"), person)
    if found.is_out:
        return "no"
    return "yes" if (found.is_excluded, found.is_included) == (False, True) else "unknown"


@pytest.mark.parametrize(
    ("users", "person", "expected"),
    [
        ({"includeUsers": ["All"]}, MEMBER, "yes"),
        ({"includeUsers": ["all"]}, MEMBER, "yes"),
        ({"includeUsers": ["None"]}, MEMBER, "no"),
        ({}, MEMBER, "no"),
        ({"includeUsers": ["U1"]}, MEMBER, "yes"),
        ({"includeUsers": ["All"], "excludeUsers": ["All"]}, MEMBER, "no"),
        ({"includeUsers": ["u1"], "excludeUsers": ["u1"]}, MEMBER, "no"),
        ({"includeUsers": ["All"], "excludeUsers": ["None"]}, MEMBER, "yes"),
        ({"includeGroups": ["g1"]}, UNREAD, "unknown"),
        ({"includeGroups": ["g1"], "includeUsers": ["u1"]}, UNREAD, "yes"),
        ({"includeUsers": ["All"], "excludeGroups": ["g1"]}, UNREAD, "unknown"),
        ({"includeUsers": ["u2"], "excludeGroups": ["g1"]}, UNREAD, "no"),
        ({"includeUsers": ["All"], "excludeGroups": ["g1"], "excludeUsers": ["u1"]}, UNREAD, "no"),
        ({"includeRoles": [GLOBAL_ADMIN]}, NO_ROLES, "unknown"),
        ({"includeUsers": ["All"], "excludeRoles": [GLOBAL_ADMIN]}, NO_ROLES, "unknown"),
        ({"includeUsers": ["All"]}, NO_ROLES, "yes"),
    ],
)
def test_exclusion_comes_first_and_what_is_unread_is_neither(
    users: dict[str, Any], person: Person, expected: str
) -> None:
    assert answer(users, person) == expected


@pytest.mark.parametrize(
    ("facts", "kinds"),
    [
        ({}, {"internal"}),
        ({"user_type": ""}, {"internal"}),
        ({"user_type": "Guest"}, {"internalGuest"}),
        ({"user_type": "Guest", "is_external": True}, {"b2bCollaborationGuest"}),
        ({"is_external": True}, {"b2bCollaborationMember"}),
        (
            {"user_type": "", "is_external": True},
            {"b2bCollaborationGuest", "b2bCollaborationMember", "otherExternalUser"},
        ),
        ({"user_type": None}, {"internal", "internalGuest"}),
        ({"user_type": "Guest", "is_external": None}, {"internalGuest", "b2bCollaborationGuest"}),
        ({"user_type": "Member", "is_external": None}, {"internal", "b2bCollaborationMember"}),
        ({"is_service_provider": True, "user_type": None, "is_external": None}, {"serviceProvider"}),
    ],
)
def test_the_kind_of_guest_follows_from_type_and_credentials(facts: dict[str, Any], kinds: set[str]) -> None:
    assert Person(account_id="u1", **facts).external_types == kinds


def test_a_guest_of_unknown_kind_matches_a_policy_for_all_kinds_it_may_be() -> None:
    unclear = Person(account_id="g1", user_type="Guest", is_external=None)
    both = {"includeGuestsOrExternalUsers": {"guestOrExternalUserTypes": "internalGuest,b2bCollaborationGuest"}}
    one = {"includeGuestsOrExternalUsers": {"guestOrExternalUserTypes": "internalGuest"}}
    assert [answer(both, unclear), answer(one, unclear), answer({"includeUsers": ["All"]}, unclear)] == [
        "yes",
        "unknown",
        "yes",
    ]


def test_whether_a_list_of_tenants_takes_in_a_local_guest_is_unknown() -> None:
    users = {
        "includeUsers": ["All"],
        "excludeGuestsOrExternalUsers": {
            "guestOrExternalUserTypes": "internalGuest,b2bCollaborationGuest",
            "externalTenants": {"membershipKind": "enumerated", "members": [HOME]},
        },
    }
    local = Person(account_id="g1", user_type="Guest")
    assert [answer(users, local), answer(users, GUEST), answer(users, MEMBER)] == ["unknown", "no", "yes"]


@pytest.mark.parametrize(
    ("user", "kinds", "uses_strengths"),
    [
        ({"userType": "Member", "userPrincipalName": "ann@contoso.example"}, {"internal"}, True),
        ({"userType": "Guest", "userPrincipalName": "ann@contoso.example"}, {"internalGuest"}, True),
        (
            {
                "userType": "Guest",
                "userPrincipalName": "bob_fabrikam.example#EXT#@contoso.example",
                "creationType": "Invitation",
                "identities": [{"signInType": "federated", "issuer": "ExternalAzureAD"}],
            },
            {"b2bCollaborationGuest"},
            True,
        ),
        (
            {
                "userType": "Guest",
                "userPrincipalName": "bob_mail.example#ext#@contoso.example",
                "identities": [
                    {"signInType": "federated", "issuer": "mail", "issuerAssignedId": "bob@mail.example"},
                    {"signInType": "userPrincipalName", "issuer": "contoso.example"},
                ],
            },
            {"b2bCollaborationGuest"},
            False,
        ),
        (
            {"userType": "Member", "userPrincipalName": "renamed@x", "creationType": "Invitation"},
            {"b2bCollaborationMember"},
            None,
        ),
        ({"userType": None, "userPrincipalName": "old@contoso.example"}, {"internal"}, True),
        ({"userPrincipalName": "old@contoso.example"}, {"internal", "internalGuest"}, True),
        ({"userType": "Guest"}, {"internalGuest", "b2bCollaborationGuest"}, None),
        (
            {
                "userType": "Guest",
                "userPrincipalName": "b#EXT#@x",
                "identities": [{"signInType": "federated", "issuer": "https://idp.fabrikam.example"}, "odd", None],
            },
            {"b2bCollaborationGuest"},
            None,
        ),
    ],
)
def test_a_person_of_a_user_as_graph_sends_it(
    user: dict[str, Any], kinds: set[str], uses_strengths: bool | None
) -> None:
    found = Person.of_user({"id": "U1", **user}, groups=frozenset({"G1"}))
    assert (found.account_id, found.groups) == ("u1", frozenset({"g1"}))
    assert found.external_types == kinds
    assert found.can_use_strengths is uses_strengths


def test_a_user_whose_fields_are_of_another_type_is_an_error() -> None:
    with pytest.raises(ShapeError, match=r"users\.userType: found a number"):
        Person.of_user({"id": "u1", "userType": 3, "userPrincipalName": "a@b"})


def test_eligibility_that_could_not_be_read_matters_only_where_a_role_is_excluded() -> None:
    unclear = Person(account_id="u1", eligible_roles=None)
    excluding = policy(users={"excludeRoles": [GLOBAL_ADMIN]})
    found = cover(excluding, person=unclear)
    assert (found.state, found.missing) == ("unknown", (Missing("role_eligibilities"),))
    assert [(each.state, each.gaps) for each in found.could_be] == [
        ("partial", ("CA_ROLE_EXCLUSION_WHEN_ACTIVE",)),
        ("covered", ()),
    ]
    assert cover(excluding, policy("p2"), person=unclear).state == "covered"
    assert cover(policy(users={"includeRoles": [GLOBAL_ADMIN]}), person=unclear).state == "covered"


def test_a_role_that_lets_in_and_another_that_takes_out() -> None:
    users = {"includeUsers": [], "includeRoles": [GLOBAL_ADMIN], "excludeRoles": [HELPDESK]}
    both = Person(account_id="u1", eligible_roles=frozenset({GLOBAL_ADMIN, HELPDESK}))
    found = cover(policy(users=users), person=both)
    assert found.gaps == ("CA_ROLE_ELIGIBLE_ONLY", "CA_ROLE_EXCLUSION_WHEN_ACTIVE")
    assert cover(policy(users={**users, "excludeRoles": [GLOBAL_ADMIN]}), person=both).state == "none"


def test_two_roles_each_of_which_lets_in_leave_only_the_sign_in_with_neither() -> None:
    users = {"includeUsers": [], "includeRoles": [GLOBAL_ADMIN, HELPDESK]}
    both = Person(account_id="u1", eligible_roles=frozenset({GLOBAL_ADMIN, HELPDESK}))
    [box] = cover(policy(users=users), person=both).boxes
    assert dict(box.narrowed) == {f"role:{GLOBAL_ADMIN}": ("no",), f"role:{HELPDESK}": ("no",)}


def test_the_model_tells_what_it_needs_of_a_person() -> None:
    model = build(
        [
            policy(users={"excludeGroups": ["G1"], "excludeRoles": [GLOBAL_ADMIN]}),
            policy("p2", users={"includeGroups": ["g2"]}, state="enabledForReportingButNotEnforced"),
            policy("p3", users={"includeGroups": ["g3"]}, state="disabled"),
        ]
    )
    assert model.group_ids == {"g1", "g2"}
    assert model.role_ids == {GLOBAL_ADMIN}
