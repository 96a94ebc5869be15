"""Tenants as of two scans: what is changed in each between them, and what is said to have done it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.cover.make import GLOBAL_ADMIN, policy, strength
from tests.judge.orgs import DEFAULTS, DOMAIN, PERMISSION, REPORT, Org, guest, methods, sign_in, user

STAFF, SALES = "5a1e5000-0000-4000-8000-000000000001", "5a1e5000-0000-4000-8000-000000000002"
NOBODY: Mapping[str, Any] = {"excludeGroups": [STAFF]}
# What a row of verdict_changes must say of an account: its direction, how, and the things that did it.
Said = tuple[str, str, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class Case:
    """A tenant before and after. ``said`` is of every account that is otherwise, by object id; of all others nothing.

    ``edits`` are the rows of ``changes`` by id: what happened, and of how many accounts it is a cause.
    """

    before: Org
    after: Org
    said: Mapping[str, Said] = field(default_factory=dict)
    edits: Mapping[str, tuple[str, int]] = field(default_factory=dict)


def people(*names: str) -> list[dict[str, Any]]:
    return [user(name) for name in names]


_COVERED = Org(users=people("u1", "u2", "u3"), policies=[policy()], members={STAFF: ["u2"], SALES: ["u3"]})
_NAMING = replace(_COVERED, policies=[policy(users=dict(NOBODY))])
_GONE = methods()
_OFF = policy(state="disabled")
_STRONG = policy(grant={"operator": "OR", "authenticationStrength": {"id": "s1"}})
_ROLED = Org(
    users=people("u1", "u2"),
    policies=[policy(users={"includeUsers": [], "includeRoles": [GLOBAL_ADMIN]})],
    roles=[("u1", GLOBAL_ADMIN, "/"), ("u2", GLOBAL_ADMIN, "/")],
)
_HOSTILE = '=cmd|"<script>alert(1)</script>\u202e'

CASES: Mapping[str, Case] = {
    "policy_edit": Case(
        # Of the same night: a registration that is gone, and a policy that is renamed.
        before=replace(_COVERED, policies=[policy(), policy("p2", state="disabled")]),
        after=replace(
            _COVERED,
            policies=[policy(users=dict(NOBODY)), policy("p2", state="disabled") | {"displayName": "Renamed"}],
            registered={"u3": _GONE},
        ),
        said={"u2": ("worse", "alone", ("policy:p1",)), "u3": ("worse", "alone", ("registration",))},
        edits={
            "policy:p1": (f'users.excludeGroups + "{STAFF}"', 1),
            "policy:p2": ("displayName Policy p2 -> Renamed", 0),
            "registration": ("of 1 account", 1),
        },
    ),
    "mended": Case(
        before=_NAMING,
        after=replace(_NAMING, policies=[policy()]),
        said={"u2": ("better", "alone", ("policy:p1",))},
        edits={"policy:p1": (f'users.excludeGroups - "{STAFF}"', 1)},
    ),
    "two_edits_needed": Case(
        before=Org(policies=[policy(), policy("p2")]),
        after=Org(policies=[_OFF, policy("p2", state="disabled")]),
        said={"u1": ("worse", "each", ("policy:p1", "policy:p2"))},
        edits={
            "policy:p1": ("state enabled -> disabled", 1),
            "policy:p2": ("state enabled -> disabled", 1),
        },
    ),
    "only_together": Case(
        before=Org(policies=[policy()]),
        after=Org(policies=[_OFF], registered={"u1": _GONE}),
        said={"u1": ("worse", "together", ("policy:p1", "registration"))},
        edits={"policy:p1": ("state enabled -> disabled", 1), "registration": ("of 1 account", 1)},
    ),
    "no_effect": Case(
        before=_COVERED,
        after=replace(_COVERED, policies=[policy(), policy("p2", state="enabledForReportingButNotEnforced")]),
        edits={"policy:p2": ("added; state enabledForReportingButNotEnforced", 0)},
    ),
    "policy_removed": Case(
        before=Org(policies=[policy()]),
        after=Org(),
        said={"u1": ("worse", "alone", ("policy:p1",))},
        edits={"policy:p1": ("removed; state enabled", 1)},
    ),
    "controls": Case(
        before=Org(policies=[policy()]),
        after=Org(policies=[policy(grant={"operator": "OR", "builtInControls": ["passwordChange"]})]),
        said={"u1": ("worse", "alone", ("policy:p1",))},
        edits={"policy:p1": ("grantControls.builtInControls + passwordChange - mfa", 1)},
    ),
    "group": Case(
        before=_NAMING,
        after=replace(_NAMING, members={STAFF: ["u2", "u1"], SALES: []}),
        said={"u1": ("worse", "alone", (f"group:{STAFF}",))},
        edits={f"group:{STAFF}": ("1 member joined", 1)},
    ),
    "group_gone": Case(
        # Nobody can tell who is in it: whether the policy applies to anybody is unknown.
        before=_NAMING,
        after=replace(_NAMING, members={}),
        said=dict.fromkeys(("u1", "u2", "u3"), ("unclear", "alone", (f"group:{STAFF}",))),
        edits={f"group:{STAFF}": ("nobody can tell any longer who is in it", 3)},
    ),
    "half_read": Case(
        # Who is in a group is known without the group itself: whom the policy leaves out, too.
        before=replace(_NAMING, failures={f"v1.0/groups/{STAFF}": PERMISSION}),
        after=replace(_NAMING, failures={f"v1.0/groups/{STAFF}": PERMISSION}, registered={"u1": _GONE}),
        said={"u1": ("worse", "alone", ("registration",))},
        edits={"registration": ("of 1 account", 1)},
    ),
    "registration": Case(
        before=_COVERED,
        after=replace(_COVERED, registered={"u1": _GONE}),
        said={"u1": ("worse", "alone", ("registration",))},
        edits={"registration": ("of 1 account", 1)},
    ),
    "defaults": Case(
        before=Org(users=people("u1", "u2"), has_defaults=True),
        after=Org(users=people("u1", "u2")),
        said=dict.fromkeys(("u1", "u2"), ("worse", "alone", ("security_defaults",))),
        edits={"security_defaults": ("on yes -> no", 2)},
    ),
    "unread": Case(
        before=Org(has_defaults=True),
        after=Org(has_defaults=True, failures={DEFAULTS: PERMISSION}),
        said={"u1": ("unclear", "alone", ("source:security_defaults",))},
        edits={
            "source:security_defaults": (
                (
                    "the setting of security defaults: read -> could not be read, permission is missing "
                    "(Authorization_RequestDenied)"
                ),
                1,
            )
        },
    ),
    "unread_report": Case(
        before=_COVERED,
        after=replace(_COVERED, failures={REPORT: PERMISSION}),
        said=dict.fromkeys(("u1", "u2", "u3"), ("unclear", "alone", ("source:authentication_methods",))),
        edits={
            "source:authentication_methods": (
                (
                    "the registration report: read -> could not be read, permission is missing "
                    "(Authorization_RequestDenied)"
                ),
                3,
            )
        },
    ),
    "comes_and_goes": Case(
        before=replace(_COVERED, users=people("u1", "u2")),
        after=replace(_COVERED, users=people("u1", "u3")),
        said={"u2": ("gone", "alone", ("gone_account",)), "u3": ("new", "alone", ("new_account",))},
        edits={"new_account": ("of 1 account", 1), "gone_account": ("of 1 account", 1)},
    ),
    "enabled": Case(
        before=Org(users=[user(accountEnabled=False)]),
        after=Org(users=[user()]),
        said={"u1": ("worse", "alone", ("account",))},
        edits={"account": ("of 1 account", 1)},
    ),
    "role": Case(
        before=_ROLED,
        after=replace(_ROLED, roles=[("u1", GLOBAL_ADMIN, "/")]),
        said={"u2": ("worse", "alone", ("roles",))},
        edits={"roles": ("of 1 account", 1)},
    ),
    "per_user": Case(
        before=Org(per_user={"u1": "enforced"}),
        after=Org(per_user={"u1": "disabled"}),
        said={"u1": ("worse", "alone", ("per_user_mfa",))},
        edits={"per_user_mfa": ("of 1 account", 1)},
    ),
    "sign_ins": Case(
        before=Org(policies=[policy()]),
        after=Org(policies=[policy()], sign_ins=[sign_in()]),
        said={"u1": ("same", "alone", ("sign_ins",))},
        edits={"sign_ins": ("of 1 account", 1)},
    ),
    "domain": Case(
        before=Org(federated="acceptIfMfaDoneByFederatedIdp", registered={"u1": _GONE}),
        after=Org(registered={"u1": _GONE}),
        said={"u1": ("unclear", "alone", (f"domain:{DOMAIN}",))},
        edits={f"domain:{DOMAIN}": ("authenticationType Federated -> Managed; federation removed", 1)},
    ),
    "strength": Case(
        before=Org(
            policies=[_STRONG],
            strengths=[strength("s1", "password,microsoftAuthenticatorPush")],
            registered={"u1": methods("microsoftAuthenticatorPush")},
        ),
        after=Org(
            policies=[_STRONG],
            strengths=[strength("s1", "fido2")],
            registered={"u1": methods("microsoftAuthenticatorPush")},
        ),
        said={"u1": ("worse", "alone", ("authentication_strength:s1",))},
        edits={
            "authentication_strength:s1": (
                "allowedCombinations + fido2 - password,microsoftAuthenticatorPush",
                1,
            )
        },
    ),
    "trust": Case(
        before=Org(users=[guest()], policies=[policy()], trusts=True, registered={"g1": _GONE}),
        after=Org(users=[guest()], policies=[policy()], registered={"g1": _GONE}),
        said={"g1": ("worse", "alone", ("cross_tenant_access",))},
        edits={"cross_tenant_access": ("isServiceDefault no -> yes; isMfaAccepted yes -> no", 1)},
    ),
    "hostile": Case(
        before=Org(policies=[policy()]),
        after=Org(policies=[policy(state="disabled") | {"displayName": _HOSTILE}]),
        said={"u1": ("worse", "alone", ("policy:p1",))},
        edits={
            "policy:p1": (
                'displayName Policy p1 -> =cmd|"<script>alert(1)</script>; state enabled -> disabled',
                1,
            )
        },
    ),
    "customer": Case(
        before=Org(kind="customer", partner="registration", policies=[policy()]),
        after=Org(kind="customer", partner="registration", policies=[_OFF]),
        said={"u1": ("worse", "alone", ("policy:p1",))},
        edits={"policy:p1": ("state enabled -> disabled", 1)},
    ),
    "quiet": Case(before=_COVERED, after=_COVERED),
}
