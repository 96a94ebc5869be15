"""The codes of ``domain.md`` for what the uncovered boxes leave open, and for policies that only look like MFA."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from checks.cover.boxes import Box, meets
from checks.cover.policy import LEGACY_CLIENTS, Policy
from checks.cover.space import NO, OTHER_APP, RISK_KINDS, YES, Dimension, Space

_CODES = {
    "address": "CA_LOCATION_GAP",
    "country": "CA_LOCATION_GAP",
    "location": "CA_LOCATION_GAP",
    "platform": "CA_PLATFORM_GAP",
    "device_filter": "CA_DEVICE_FILTER_GAP",
    "flow": "CA_FLOW_GAP",
    "control": "CA_MFA_OR_OTHER",
    "app_filter": "CA_APP_FILTER",
}


class Protection(NamedTuple):
    """The boxes that a policy protects for an account. ``asks``: MFA opens the door there, it is not only shut."""

    policy: Policy
    boxes: tuple[Box, ...]
    asks: bool


def asks_ordinarily(space: Space, protections: Sequence[Protection]) -> bool:
    """Whether MFA is ever asked for at a sign-in of every day: to an app that nobody named, at no risk, and so on."""
    return any(meets(box, space.ordinary, space.fields) for each in protections if each.asks for box in each.boxes)


def gap_codes(space: Space, boxes: Sequence[Box], protections: Sequence[Protection]) -> tuple[str, ...]:
    """Return the codes of what is left uncovered, sorted.

    * ``CA_APP_SUBSET`` instead of ``CA_APP_EXCLUDED``: an app that nobody named is left out, and no policy asks for MFA
      there at an ordinary sign-in. What is only refused (legacy clients, a country) is not asked.
    * ``CA_RISK_ONLY``: a risk is what narrows it, and of the policies that ask for MFA none asks without a risk.
    """
    is_ordinary = asks_ordinarily(space, protections)
    asks_at_risk_only = all(each.policy.conditions.is_risk_limited for each in protections if each.asks)
    codes: set[str] = set()
    for box in boxes:
        narrowed = space.narrowed(box)
        if any(dimension.kind in {"app", "app_set", "app_filter"} for dimension in narrowed):
            codes.add(_app_code(space, box, narrowed, is_ordinary=is_ordinary))
        for dimension in narrowed:
            if dimension.kind in RISK_KINDS and asks_at_risk_only:
                codes.add("CA_RISK_ONLY")
            elif dimension.kind in _CODES:
                codes.add(_CODES[dimension.kind])
            elif dimension.kind == "client":
                clients = frozenset(dimension.atoms_of(box))
                codes |= {"LEGACY_AUTH_GAP"} if clients & LEGACY_CLIENTS else set()
                codes |= {"CA_CLIENT_SUBSET"} if clients - LEGACY_CLIENTS else set()
            elif dimension.kind == "role":
                is_active = dimension.atoms_of(box) == (YES,)
                codes.add("CA_ROLE_EXCLUSION_WHEN_ACTIVE" if is_active else "CA_ROLE_ELIGIBLE_ONLY")
    return tuple(sorted(codes))


def _app_code(space: Space, box: Box, narrowed: Sequence[Dimension], *, is_ordinary: bool) -> str:
    named = [dimension for dimension in narrowed if dimension.kind in {"app", "app_set"}]
    is_open = meets(box, _unnamed_app(space), space.fields)
    if is_open and not is_ordinary:
        return "CA_APP_SUBSET"
    return "CA_APP_EXCLUDED" if named else "CA_APP_FILTER"


def _unnamed_app(space: Space) -> Box:
    box = space.full
    for dimension in space.dimensions:
        usual = {"app": OTHER_APP, "app_set": NO, "app_filter": NO}.get(dimension.kind)
        if usual is not None:
            box &= ~dimension.field | dimension.bits([usual])
    return box


def excluded_apps(space: Space, boxes: Sequence[Box]) -> tuple[str, ...]:
    """Return the apps, app groups and literals that boxes leave out by name: not those of "every app but some"."""
    found: set[str] = set()
    for box in boxes:
        for dimension in space.narrowed(box):
            atoms = dimension.atoms_of(box)
            if dimension.kind == "app" and OTHER_APP not in atoms:
                found.update(atoms)
            elif dimension.kind == "app_set" and atoms == (YES,):
                found.add(dimension.key)
    return tuple(sorted(found))


def hollow_code(policy: Policy, *, is_strength_hollow: bool) -> str | None:
    """Return why a policy that applies to an account and looks like MFA is none, ``None`` if that is not the case.

    ``is_strength_hollow``: it is certain that its authentication strength does not demand MFA of the account.
    """
    grant = policy.grant
    if policy.is_elsewhere or policy.state == "off" or not grant.looks_like_mfa:
        return None
    strength_counts = not is_strength_hollow
    is_real = grant.asks(strength_counts=strength_counts) and grant.protected_unless(strength_counts=strength_counts)
    if policy.state == "report_only":
        return "CA_REPORT_ONLY" if is_real and policy.is_understood else None
    if not policy.is_understood:
        return "CA_UNKNOWN_VALUE"
    if is_real:
        return None
    if "customAuthenticationFactors" in grant.always_met:
        return "CUSTOM_CONTROL_NOT_MFA"
    return "STRENGTH_NOT_MFA" if grant.strength is not None and is_strength_hollow else "CA_MFA_OR_OTHER"
