"""A Conditional Access policy as Graph sends it, made regular: what is absent, null or empty reads the same.

What we do not know never makes a policy protect more. A policy with a condition, a control or a value that is not
known here protects nothing, a state that is not known is not enabled, and each is told as a :class:`Notice`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import msgspec

from checks.cover import shape
from checks.cover.grant import Grant, parse_grant
from checks.cover.shape import ShapeError, Unknown
from checks.cover.suites import canonical, is_odd
from checks.cover.users import NOBODY, Users, parse_users

State = Literal["enabled", "report_only", "off"]
CLIENTS = ("browser", "mobileAppsAndDesktopClients", "exchangeActiveSync", "other")
LEGACY_CLIENTS = frozenset({"exchangeActiveSync", "other"})
PLATFORMS = ("android", "iOS", "windows", "windowsPhone", "macOS", "linux", "unknown")
RISKS = ("none", "low", "medium", "high")
INSIDER_RISKS = ("none", "minor", "moderate", "elevated")
FLOWS = ("none", "deviceCodeFlow", "authenticationTransfer")

_STATES: Mapping[str, State] = {
    "enabled": "enabled",
    "enabledForReportingButNotEnforced": "report_only",
    "disabled": "off",
}
# What is said of the policy itself and narrows nothing.
_ABOUT = frozenset(
    {"id", "displayName", "description", "createdDateTime", "modifiedDateTime", "templateId", "sessionControls"}
)
# Conditions of workload identities and agents: such a policy meets no sign-in of a user.
_OF_OTHERS = frozenset(
    {"clientApplications", "servicePrincipalRiskLevels", "agentIdRiskLevels", "agents", "agentContext"}
)


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """Something in a policy that we do not know. ``value`` is the tenant's text."""

    policy_id: str
    where: str
    value: str


class Filter(NamedTuple):
    """A rule over attributes; ``is_include`` if the policy applies to what matches, else to what does not."""

    rule: str
    is_include: bool


class Choice(NamedTuple):
    """What is included, ``None`` for everything, and what is taken out again."""

    include: frozenset[str] | None = None
    exclude: frozenset[str] = frozenset()


class Conditions(msgspec.Struct, frozen=True, kw_only=True):
    """When a policy applies. ``None`` is no condition. The values are those of Graph, ids in lower case."""

    apps: Choice = Choice(frozenset())
    app_filter: Filter | None = None
    locations: Choice | None = None
    device_filter: Filter | None = None
    clients: frozenset[str] | None = None
    platforms: frozenset[str] | None = None
    user_risks: frozenset[str] | None = None
    sign_in_risks: frozenset[str] | None = None
    insider_risks: frozenset[str] | None = None
    flows: frozenset[str] | None = None

    @property
    def is_risk_limited(self) -> bool:
        """Whether it applies at some risk only."""
        return any(risks is not None for risks in (self.user_risks, self.sign_in_risks, self.insider_risks))


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """A policy. ``name`` is hostile text.

    ``is_elsewhere``: it meets no sign-in of a user. ``is_understood``: nothing in it is unknown to us; if not, it
    protects nothing. ``doubts`` are keys beside the conditions that might narrow it: it may or may not protect.
    """

    policy_id: str
    name: str
    state: State
    users: Users = Users()
    conditions: Conditions = Conditions()
    grant: Grant = Grant()
    is_elsewhere: bool = False
    is_understood: bool = True
    doubts: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()

    @property
    def can_protect(self) -> bool:
        """Whether it is enabled, understood, and meets sign-ins of users."""
        return self.state == "enabled" and self.is_understood and not self.is_elsewhere


def parse_policy(raw: object, strengths: Mapping[str, Mapping[str, Any]] | None) -> Policy:
    """Return the policy. Raises ``ShapeError`` if one that may be enabled is not shaped as Graph documents it.

    ``strengths`` are the authentication strengths of the tenant by id, ``None`` if they could not be read.
    """
    if not isinstance(raw, Mapping) or not isinstance(raw.get("id"), str) or not raw["id"]:
        raise ShapeError("a Conditional Access policy without an id. Expected an object as Graph sends it; read again.")
    policy_id = raw["id"]
    unknown, doubts = Unknown(), Unknown()
    where = f"policy {policy_id}"
    name = shape.text(raw.get("displayName"), f"{where}: displayName") or policy_id
    state = _state(raw, where, unknown)
    if state == "off":
        return Policy(policy_id=policy_id, name=name, state=state, notices=_notices(policy_id, unknown))
    rest = {key: value for key, value in shape.members(raw, where).items() if key not in _ABOUT}
    for key in ("state", "conditions", "grantControls"):
        rest.pop(key, None)
    doubts.keys(where, rest)
    try:
        parts = _parts(raw, strengths, where, unknown)
    except ShapeError as error:
        if state == "enabled":
            raise
        unknown.each(where, {str(error)})
        parts = (NOBODY, Conditions(), Grant(), False)
    users, conditions, grant, is_elsewhere = parts
    if not is_elsewhere:
        odd = {app for app in conditions.apps.exclude | (conditions.apps.include or set()) if is_odd(app)}
        doubts.each(f"{where}: conditions.applications", odd)
    return Policy(
        policy_id=policy_id,
        name=name,
        state=state,
        users=users,
        conditions=conditions,
        grant=grant,
        is_elsewhere=is_elsewhere,
        is_understood=is_elsewhere or not unknown.found,
        doubts=tuple(sorted(rest)),
        notices=_notices(policy_id, unknown, doubts),
    )


def _state(raw: Mapping[str, object], where: str, unknown: Unknown) -> State:
    said = raw.get("state")
    if shape.is_said(raw.get("deletedDateTime")):
        return "off"
    if isinstance(said, str) and said in _STATES:
        return _STATES[said]
    unknown.each(f"{where}: state", {str(said)})
    return "off"


def _notices(policy_id: str, *unknowns: Unknown) -> tuple[Notice, ...]:
    return tuple(
        Notice(policy_id=policy_id, where=where.removeprefix(f"policy {policy_id}").lstrip(":. "), value=value)
        for unknown in unknowns
        for where, value in unknown.found
    )


def _parts(
    raw: Mapping[str, object], strengths: Mapping[str, Mapping[str, Any]] | None, where: str, unknown: Unknown
) -> tuple[Users, Conditions, Grant, bool]:
    said = shape.members(raw.get("conditions"), f"{where}: conditions")
    of_others = [key for key in _OF_OTHERS if said.pop(key, None) is not None]
    users = parse_users(said.pop("users", None), unknown, f"{where}: conditions.users")
    applications = shape.members(said.pop("applications", None), f"{where}: conditions.applications")
    conditions, is_targeting = _conditions(said, applications, f"{where}: conditions", unknown)
    grant = parse_grant(raw.get("grantControls"), strengths, unknown, f"{where}: grantControls")
    return users, conditions, grant, bool(of_others) or not is_targeting


def _conditions(
    said: dict[str, Any], applications: dict[str, Any], where: str, unknown: Unknown
) -> tuple[Conditions, bool]:
    """Return the conditions, and whether they target apps at all: not only user actions or authentication contexts."""

    def enum(key: str, known: tuple[str, ...], *silent: str) -> frozenset[str] | None:
        """Return the members of a list, ``None`` if there is none. ``silent`` are known and match no atom."""
        if key not in said:
            return None
        found = shape.texts(said.pop(key), f"{where}.{key}")
        unknown.each(f"{where}.{key}", found - set(known) - set(silent))
        return found & set(known)

    def flags(value: object, key: str, known: tuple[str, ...]) -> frozenset[str] | None:
        found = shape.flags(value, f"{where}.{key}")
        unknown.each(f"{where}.{key}", found - set(known))
        return found & set(known) if found else None

    is_every_client = "all" in shape.texts(said.get("clientAppTypes"), f"{where}.clientAppTypes")
    # A part of Exchange ActiveSync is not all of it: easSupported covers no whole atom.
    clients = enum("clientAppTypes", CLIENTS, "all", "easSupported")
    flow = shape.members(said.pop("authenticationFlows", None), f"{where}.authenticationFlows")
    devices = shape.members(said.pop("devices", None), f"{where}.devices")
    conditions = Conditions(
        apps=Choice(
            *(
                frozenset(map(canonical, shape.texts(applications.pop(key, None), f"{where}.applications.{key}")))
                for key in ("includeApplications", "excludeApplications")
            )
        ),
        app_filter=_filter(
            applications.pop("applicationFilter", None), f"{where}.applications.applicationFilter", unknown
        ),
        locations=_locations(said.pop("locations", None), f"{where}.locations", unknown),
        device_filter=_filter(devices.pop("deviceFilter", None), f"{where}.devices.deviceFilter", unknown),
        clients=None if is_every_client else clients,
        platforms=_platforms(said.pop("platforms", None), f"{where}.platforms", unknown),
        user_risks=enum("userRiskLevels", RISKS, "hidden"),
        sign_in_risks=enum("signInRiskLevels", RISKS, "hidden"),
        insider_risks=flags(said.pop("insiderRiskLevels", None), "insiderRiskLevels", INSIDER_RISKS),
        flows=flags(flow.pop("transferMethods", None), "authenticationFlows.transferMethods", FLOWS),
    )
    for key in ("includeUserActions", "includeAuthenticationContextClassReferences"):
        applications.pop(key, None)
    for part, rest in (("applications", applications), ("devices", devices), ("authenticationFlows", flow)):
        unknown.keys(f"{where}.{part}", rest)
    unknown.keys(where, said)
    is_filtering = conditions.app_filter is not None and conditions.app_filter.is_include
    return conditions, bool(conditions.apps.include) or is_filtering


def _filter(value: object, where: str, unknown: Unknown) -> Filter | None:
    said = shape.members(value, where)
    rule, mode = (
        shape.text(said.pop("rule", None), f"{where} rule"),
        shape.text(said.pop("mode", None), f"{where} mode"),
    )
    unknown.keys(where, said)
    if not rule.strip():
        return None
    if mode not in {"include", "exclude"}:
        unknown.each(f"{where}.mode", {mode})
    return Filter(rule.strip(), mode == "include")


def _locations(value: object, where: str, unknown: Unknown) -> Choice | None:
    said = shape.members(value, where)
    include = shape.ids(said.pop("includeLocations", None), f"{where}.includeLocations")
    exclude = shape.ids(said.pop("excludeLocations", None), f"{where}.excludeLocations")
    unknown.keys(where, said)
    if not include and not exclude:
        return None
    return Choice(None if "all" in include or not include else include, exclude)


def _platforms(value: object, where: str, unknown: Unknown) -> frozenset[str] | None:
    said = shape.members(value, where)
    include = shape.texts(said.pop("includePlatforms", None), f"{where}.includePlatforms")
    exclude = shape.texts(said.pop("excludePlatforms", None), f"{where}.excludePlatforms")
    unknown.keys(where, said)
    named = set(PLATFORMS) - {"unknown"}
    unknown.each(where, (include | exclude) - named - {"all"})
    if not include and not exclude:
        return None
    found = set(PLATFORMS) if "all" in include or not include else include & named
    return frozenset() if "all" in exclude else frozenset(found - exclude)
