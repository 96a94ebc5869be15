"""Whether Conditional Access demands MFA of all accounts of a tenant, as far as that is certain without matching users.

Two answers are certain: nothing can demand it, or one policy demands it of everybody, everywhere, always. Whatever
lies between is ``unknown``. Deciding it for each account takes the exact cover, which replaces
:func:`conditional_access_cover` and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import msgspec

Reach = Literal["full", "partial", "none", "unknown"]
NOT_EVALUATED = "CA_NOT_EVALUATED"


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """A Conditional Access policy; ``conditions`` and ``grant_controls`` as Graph gives them."""

    policy_id: str
    state: str
    conditions: Mapping[str, Any] = {}
    grant_controls: Mapping[str, Any] = {}

    @classmethod
    def read(cls, policy_id: str, state: str, conditions: str | None, grant_controls: str | None) -> Policy:
        """Make one from a row of the table; a part may be null. One that is no object: state ``unreadable``."""
        parts = [json.loads(text or "null") for text in (conditions, grant_controls)]
        if any(part is not None and not isinstance(part, dict) for part in parts):
            return cls(policy_id=policy_id, state="unreadable")
        return cls(policy_id=policy_id, state=state, conditions=parts[0] or {}, grant_controls=parts[1] or {})


class Cover(msgspec.Struct, frozen=True, kw_only=True):
    """What Conditional Access does to an account.

    ``policy_ids`` protect it. ``gaps`` are the codes of a partial cover. ``hollow`` are the codes of policies that look
    like MFA for the account and are none (report-only, custom controls); they count only where nothing else protects.
    """

    reach: Reach
    policy_ids: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    hollow: tuple[str, ...] = ()


def conditional_access_cover(policies: Iterable[Policy]) -> Cover:
    """Return what is certain of every account of the tenant whose policies these are.

    * ``full``: an enabled policy for all users and all apps, without an exclusion or a condition, grants on ``mfa``
      alone or with AND. It names every such policy.
    * ``none``: no enabled policy could demand MFA of anyone: none has the ``mfa`` control or an authentication strength
      in a region that is not empty. A policy that blocks demands no MFA and changes nothing here.
    * ``unknown``: anything else, including a state or a condition that we do not know.
    """
    ordered = sorted(policies, key=lambda policy: policy.policy_id)
    enabled = [policy for policy in ordered if policy.state == "enabled"]
    if whole := tuple(p.policy_id for p in enabled if _demands_of_everybody(p)):
        return Cover(reach="full", policy_ids=whole)
    known = {"enabled", "disabled", "enabledForReportingButNotEnforced"}
    if any(_may_demand(policy) for policy in enabled) or any(policy.state not in known for policy in ordered):
        return Cover(reach="unknown", gaps=(NOT_EVALUATED,))
    return Cover(reach="none", hollow=_hollow(ordered))


def _hollow(policies: Sequence[Policy]) -> tuple[str, ...]:
    """Return why policies for everybody protect nobody. Only those: who matches the others is not known here."""
    everybody = [policy for policy in policies if _is_for_all_users(policy)]
    codes = []
    if any(p.state == "enabled" and p.grant_controls.get("customAuthenticationFactors") for p in everybody):
        codes.append("CUSTOM_CONTROL_NOT_MFA")
    if any(p.state == "enabledForReportingButNotEnforced" and _may_demand(p) for p in everybody):
        codes.append("CA_REPORT_ONLY")
    return tuple(codes)


def _may_demand(policy: Policy) -> bool:
    """Whether somebody somewhere might be asked for MFA by this policy, were it enabled."""
    grant = policy.grant_controls
    if "mfa" not in _texts(grant.get("builtInControls")) and not grant.get("authenticationStrength"):
        return False
    applications = _object(policy.conditions.get("applications"))
    # A policy for workload identities, or for user actions and authentication contexts only, meets no sign-in.
    elsewhere = ("includeUserActions", "includeAuthenticationContextClassReferences")
    is_elsewhere = not _is_empty(policy.conditions.get("clientApplications")) or (
        _is_empty([applications.get("includeApplications"), applications.get("applicationFilter")])
        and not _is_empty([applications.get(name) for name in elsewhere])
    )
    return not is_elsewhere


def _demands_of_everybody(policy: Policy) -> bool:
    grant = policy.grant_controls
    alternatives = sum(
        len(value) if isinstance(value, list) else not _is_empty(value)
        for name, value in grant.items()
        if name != "operator" and "@" not in name
    )
    demands = "mfa" in _texts(grant.get("builtInControls")) and (grant.get("operator") == "AND" or alternatives == 1)
    return demands and _is_for_all_users(policy) and _is_for_all_apps(policy) and _has_no_condition(policy)


def _is_for_all_users(policy: Policy) -> bool:
    users = _object(policy.conditions.get("users"))
    narrowing = [value for name, value in users.items() if not name.startswith("include")]
    return "All" in _texts(users.get("includeUsers")) and _is_empty(narrowing)


def _is_for_all_apps(policy: Policy) -> bool:
    applications = _object(policy.conditions.get("applications"))
    narrowing = [value for name, value in applications.items() if name != "includeApplications"]
    return "All" in _texts(applications.get("includeApplications")) and _is_empty(narrowing)


def _has_no_condition(policy: Policy) -> bool:
    conditions = policy.conditions
    if not set(_texts(conditions.get("clientAppTypes"))) <= {"all"}:
        return False
    aside = {"users", "applications", "clientAppTypes"}
    narrowing = [value for name, value in conditions.items() if name not in aside and not name.startswith("@")]
    return _is_empty(narrowing)


def _is_empty(value: object) -> bool:
    """Whether nothing is said: null, empty, or an object or list of such (some exports write every key as null)."""
    if isinstance(value, Mapping):
        return all(_is_empty(inner) for name, inner in value.items() if not str(name).startswith("@"))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return all(map(_is_empty, value))
    return value is None or value == ""


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _texts(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
