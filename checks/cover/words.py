"""Uncovered sign-ins as plain sentences.

What comes from the tenant (names of policies, locations, apps and roles, rules of filters) is hostile: it is cut short,
loses its control characters, and stands in the text as it is. It is never markup: whoever shows the text escapes it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import NamedTuple

import msgspec

from checks.cover.boxes import Box
from checks.cover.grant import Grant
from checks.cover.locations import ELSEWHERE
from checks.cover.match import Match
from checks.cover.place_words import PlaceWords
from checks.cover.plain import either, plain, quoted
from checks.cover.policy import Policy
from checks.cover.space import NO, OTHER_APP, YES, Dimension, Space
from checks.cover.suites import NAMES, SUITES

_MOST_NEAR = 3
_PLACES = ("address", "country", "location")
_APPS = ("app", "app_set", "app_filter")
_USUAL = {"app": OTHER_APP, "client": "browser", "platform": "windows", "address": ELSEWHERE, "country": "other"}
_CLIENTS = {
    "browser": "a browser",
    "mobileAppsAndDesktopClients": "an app",
    "exchangeActiveSync": "Exchange ActiveSync",
    "other": "another legacy client",
}
_PLATFORMS = {
    "android": "Android",
    "windows": "Windows",
    "windowsPhone": "Windows Phone",
    "linux": "Linux",
    "unknown": "an unknown platform",
}
_FLOWS = {"deviceCodeFlow": "the device code flow", "authenticationTransfer": "authentication transfer"}
_CONTROLS = {
    "compliantDevice": ("a compliant device", "a device that is not compliant"),
    "domainJoinedDevice": ("a hybrid joined device", "a device that is not hybrid joined"),
    "approvedApplication": ("an approved app", "an app that is not approved"),
    "compliantApplication": ("an app under app protection", "an app without app protection"),
}
_ALWAYS_MET = {
    "termsOfUse": "accepting terms of use",
    "passwordChange": "a password change",
    "riskRemediation": "risk remediation",
}


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """Names of apps by app id and of roles by template id, as the tenant gives them."""

    apps: Mapping[str, str]
    roles: Mapping[str, str]


class Near(msgspec.Struct, frozen=True, kw_only=True):
    """A policy that comes close to protecting a sign-in, and what lets it through. ``name`` is hostile text."""

    policy_id: str
    name: str
    because: str


class Candidate(NamedTuple):
    """A policy that looks like MFA, how it matches the account, and the boxes where its conditions hold."""

    policy: Policy
    matched: Match
    is_strength_hollow: bool
    boxes: tuple[Box, ...]


class Words:
    """The words of one tenant's space."""

    def __init__(self, space: Space, names: Names) -> None:
        self._space = space
        self._names = names
        self._examples = {cell.atom: cell.example for cell in space.locations.cells}
        self._known_against: dict[tuple[Box, int, Match, bool], list[str]] = {}
        places = PlaceWords(space.locations)
        self._phrases: Mapping[str, Callable[[Dimension, Collection[str]], str]] = {
            "app": self._app,
            "app_set": lambda each, atoms: f"to {_one_of(atoms)} the apps of {quoted(each.key)}",
            "app_filter": lambda each, atoms: f"to an app that {_matches(atoms)} the filter {quoted(each.key)}",
            "client": _client,
            "address": places.address,
            "country": places.country,
            "location": places.location,
            "platform": _platform,
            "device_filter": lambda each, atoms: f"from a device that {_matches(atoms)} the filter {quoted(each.key)}",
            "user_risk": lambda _, atoms: f"at user risk {either(atoms)}",
            "sign_in_risk": lambda _, atoms: f"at sign-in risk {either(atoms)}",
            "insider_risk": lambda _, atoms: f"at insider risk {either(atoms)}",
            "flow": _flow,
            "control": lambda each, atoms: f"from {_CONTROLS[each.key][YES not in atoms]}",
            "role": self._role,
        }

    def sentence(self, box: Box) -> str:
        """Return what these sign-ins are: "A sign-in from Linux, anywhere, to any app needs no MFA"."""
        said = [(each.kind, self._phrase(each, box)) for each in self._space.narrowed(box)]

        def of(*kinds: str) -> str:
            return ", ".join(words for kind, words in said if kind in kinds)

        parts = [
            f"A sign-in {of('platform') or 'from any platform'}",
            of(*_PLACES) or "anywhere",
            of(*_APPS) or "to any app",
        ]
        extras = [words for kind, words in said if kind not in {"platform", *_PLACES, *_APPS}]
        return ", ".join([*parts, *extras]) + ("," if extras else "") + " needs no MFA"

    def witness(self, box: Box) -> tuple[tuple[str, str], ...]:
        """Return one sign-in of a box: a value for each dimension, the most usual one it allows, and an address."""
        point = []
        for each in self._space.dimensions:
            allowed = each.atoms_of(box & self._space.ordinary) or each.atoms_of(box)
            usual = _USUAL.get(each.kind)
            point.append((each.name, usual if usual in allowed else allowed[0]))
            if each.kind == "address":
                point.append(("example_address", self._examples[point[-1][1]]))
        return tuple(point)

    def nearest(self, box: Box, candidates: Iterable[Candidate]) -> tuple[Near, ...]:
        """Return up to three of the policies that come closest to a box.

        Those that apply to the account come before those that exclude it, these before those for others; then those
        with the fewest reasons against them.
        """
        found = [(_distance(each.matched), self._against(box, each), each.policy) for each in candidates]
        closest = min(((distance, len(reasons)) for distance, reasons, _ in found), default=None)
        return tuple(
            Near(policy_id=policy.policy_id, name=plain(policy.name), because=" and ".join(reasons))
            for distance, reasons, policy in found
            if (distance, len(reasons)) == closest
        )[:_MOST_NEAR]

    def _against(self, box: Box, candidate: Candidate) -> list[str]:
        """Return why a policy does not protect a box: worked out once for all who are matched alike."""
        key = box, id(candidate.policy), candidate.matched, candidate.is_strength_hollow
        if key not in self._known_against:
            self._known_against[key] = self._reasons_against(box, candidate)
        return self._known_against[key]

    def _reasons_against(self, box: Box, candidate: Candidate) -> list[str]:
        policy, matched, is_strength_hollow, boxes = candidate
        reasons = [*_about_policy(policy), *self._about_account(matched)]
        reasons += self._about_grant(policy.grant, box, is_strength_hollow)
        missed = [[each for each in self._space.narrowed(other) if box & each.field & ~other] for other in boxes]
        if not boxes:
            reasons.append("it applies to no sign-in")
        else:
            closest = min(zip(missed, boxes, strict=True), key=lambda each: len(each[0]))
            outside = self._space.full & ~closest[1]
            reasons += [f"it does not apply {self._phrase(each, box & outside)}" for each in closest[0]]
        return reasons or ["it is not certain to apply"]

    def _about_account(self, matched: Match) -> list[str]:
        if matched.is_excluded is True:
            return ["it excludes this account"]
        if matched.is_included is False and not matched.when:
            return ["it does not include this account"]
        if matched.is_included is False:
            return [f"it applies only while the role {self._role_names(matched.when)} is active"]
        if matched.unless:
            return [f"it excludes this account while the role {self._role_names(matched.unless)} is active"]
        return ["whether it applies to this account could not be read"] if matched.missing else []

    def _about_grant(self, grant: Grant, box: Box, is_strength_hollow: bool) -> list[str]:
        alternatives = grant.protected_unless(strength_counts=not is_strength_hollow)
        if not alternatives:
            if "customAuthenticationFactors" in grant.always_met:
                return ["its custom control is not MFA"]
            if is_strength_hollow:
                return ["its authentication strength does not demand MFA of this account"]
            return [f"{either(_ALWAYS_MET[each] for each in sorted(grant.always_met))} satisfies it without MFA"]
        if frozenset() in alternatives:
            return []
        named = sorted(control for controls in alternatives for control in controls)
        satisfied = [_CONTROLS[control][0] for control in named if self._is_satisfied(box, control)]
        return [f"{either(satisfied)} satisfies it without MFA"] if satisfied else []

    def _is_satisfied(self, box: Box, control: str) -> bool:
        """Whether every sign-in of a box satisfies a control."""
        dimension = self._space.find("control", control)
        return dimension is not None and dimension.atoms_of(box) == (YES,)

    def _phrase(self, dimension: Dimension, box: Box) -> str:
        return self._phrases[dimension.kind](dimension, dimension.atoms_of(box))

    def _app(self, dimension: Dimension, atoms: Collection[str]) -> str:
        def names(apps: Iterable[str]) -> str:
            listed = list(apps)
            suites = [SUITES[app] for app in listed if app in SUITES]
            told = [app for app in listed if not any(app in suite for suite in suites)]
            return either(plain(self._names.apps.get(app) or NAMES.get(app, app)) for app in told)

        if OTHER_APP in atoms:
            return f"to any app but {names(atom for atom in dimension.atoms if atom not in atoms)}"
        return f"to {names(atoms)}"

    def _role(self, dimension: Dimension, atoms: Collection[str]) -> str:
        return f"while the role {self._role_names([dimension.key])} is {'active' if YES in atoms else 'not activated'}"

    def _role_names(self, roles: Iterable[str]) -> str:
        return either(quoted(self._names.roles.get(role, role)) for role in sorted(roles))


def _distance(matched: Match) -> int:
    """Return how far a policy is from an account: whom it applies to, whom it excludes, whom it never meant."""
    if matched.is_excluded is True:
        return 1
    return 2 if matched.is_out else 0


def _about_policy(policy: Policy) -> list[str]:
    reasons = ["it is report-only"] if policy.state == "report_only" else []
    if not policy.is_understood:
        reasons.append(f"it holds something that is not known here ({plain(policy.notices[0].where)})")
    return reasons


def _client(_: Dimension, atoms: Collection[str]) -> str:
    if set(atoms) == {"exchangeActiveSync", "other"}:
        return "with a legacy client"
    return f"with {either(_CLIENTS[atom] for atom in atoms)}"


def _platform(dimension: Dimension, atoms: Collection[str]) -> str:
    others = [atom for atom in dimension.atoms if atom not in atoms]
    if len(others) < len(atoms):
        return f"from any platform but {either(_PLATFORMS.get(atom, atom) for atom in others)}"
    return f"from {either(_PLATFORMS.get(atom, atom) for atom in atoms)}"


def _flow(dimension: Dimension, atoms: Collection[str]) -> str:
    if "none" in atoms:
        return f"without {either(_FLOWS[atom] for atom in dimension.atoms if atom not in atoms)}"
    return f"by {either(_FLOWS[atom] for atom in atoms)}"


def _matches(atoms: Collection[str]) -> str:
    return "matches" if YES in atoms else "does not match"


def _one_of(atoms: Collection[str]) -> str:
    return "one of" if NO not in atoms else "none of"
