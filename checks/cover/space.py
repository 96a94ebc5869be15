"""The sign-in space of a tenant: its dimensions, and the atoms that its enabled policies tell apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from checks.cover.boxes import Box
from checks.cover.grant import OTHER_CONTROLS
from checks.cover.locations import ALL_TRUSTED, Locations, cut
from checks.cover.policy import CLIENTS, FLOWS, INSIDER_RISKS, PLATFORMS, RISKS, Choice, Policy
from checks.cover.suites import SUITES, is_app_id, shared_members

OTHER_APP = "other"
NO, YES = "no", "yes"
RISK_KINDS = frozenset({"user_risk", "sign_in_risk", "insider_risk"})
# The dimensions that every tenant has; the rest are a yes or no each, named by kind and key.
_FIXED: Mapping[str, tuple[str, ...]] = {
    "client": CLIENTS,
    "platform": PLATFORMS,
    "user_risk": RISKS,
    "sign_in_risk": RISKS,
    "insider_risk": INSIDER_RISKS,
    "flow": FLOWS,
}


class Dimension(NamedTuple):
    """A dimension and the bits of its atoms. ``key`` tells dimensions of one kind apart; it may be hostile text."""

    kind: str
    key: str
    atoms: tuple[str, ...]
    shift: int

    @property
    def field(self) -> Box:
        """All its bits."""
        return ((1 << len(self.atoms)) - 1) << self.shift

    @property
    def name(self) -> str:
        """Its name for people who look a box up: the kind, and the key if there is one."""
        return f"{self.kind}:{self.key}" if self.key else self.kind

    def bits(self, atoms: Iterable[str]) -> Box:
        """Return the bits of these atoms."""
        return sum(1 << (self.shift + self.atoms.index(atom)) for atom in set(atoms))

    def atoms_of(self, box: Box) -> tuple[str, ...]:
        """Return the atoms that a box allows here."""
        return tuple(atom for at, atom in enumerate(self.atoms) if box >> (self.shift + at) & 1)


class Space:
    """All sign-ins that the enabled policies of a tenant can tell apart. See ``boxes`` for what a box is.

    The kinds of dimension: app, app_set (a literal that stands for apps we do not know), app_filter, client, address,
    country (one for each lookup method), location (one that is not in the list), platform, device_filter, user_risk,
    sign_in_risk, insider_risk, flow, control, role (whether an eligible one is activated).
    """

    def __init__(self, policies: Sequence[Policy], named_locations: Sequence[Mapping[str, Any]] | None) -> None:
        self.locations: Locations = cut(named_locations, _named(policy.conditions.locations for policy in policies))
        self.are_locations_read = named_locations is not None
        self.dimensions = _dimensions(policies, self.locations)
        self._by_name = {(dimension.kind, dimension.key): dimension for dimension in self.dimensions}
        self.fields = tuple(dimension.field for dimension in self.dimensions)
        self.full: Box = sum(self.fields)
        self.ordinary = self._ordinary()

    def of(self, kind: str, key: str = "") -> Dimension:
        """Return a dimension. Raises ``KeyError`` if no enabled policy gave rise to it."""
        return self._by_name[kind, key]

    def find(self, kind: str, key: str = "") -> Dimension | None:
        """Return a dimension, or ``None`` if no enabled policy gave rise to it."""
        return self._by_name.get((kind, key))

    def only(self, kind: str, key: str, atoms: Iterable[str]) -> Box:
        """Return the whole space, narrowed to these atoms in one dimension."""
        dimension = self.of(kind, key)
        return self.full & ~dimension.field | dimension.bits(atoms)

    def narrowed(self, box: Box) -> tuple[Dimension, ...]:
        """Return the dimensions in which a box is narrower than the space."""
        missing = self.full & ~box
        return tuple(dimension for dimension in self.dimensions if missing & dimension.field)

    def _ordinary(self) -> Box:
        """Return the sign-ins of every day: an app that nobody named, a modern client, no risk, no special flow."""
        box = self.full
        for dimension in self.dimensions:
            usual = {
                "app": [OTHER_APP],
                "client": ["browser", "mobileAppsAndDesktopClients"],
                "app_set": [NO],
                "app_filter": [NO],
                "flow": ["none"],
                "role": [NO],
                **{kind: ["none"] for kind in RISK_KINDS},
            }.get(dimension.kind)
            if usual is not None:
                box &= ~dimension.field | dimension.bits(usual)
        return box


def apps_in(atoms: Iterable[str], chosen: frozenset[str]) -> frozenset[str]:
    """Return the atoms of the app dimension that a list of apps takes in."""
    if "All" in chosen:
        return frozenset(atoms)
    suites = [SUITES[app] for app in chosen if app in SUITES]
    return frozenset(atom for atom in atoms if atom in chosen or any(atom in suite for suite in suites))


def app_sets(chosen: frozenset[str]) -> tuple[str, ...]:
    """Return the literals in a list of apps that stand for apps we do not know."""
    return tuple(
        sorted(app for app in chosen if not is_app_id(app) and app not in SUITES and app not in {"All", "None"})
    )


def _named(choices: Iterable[Choice | None]) -> frozenset[str]:
    return frozenset(item for choice in choices if choice for item in (choice.include or frozenset()) | choice.exclude)


def _dimensions(policies: Sequence[Policy], locations: Locations) -> tuple[Dimension, ...]:
    conditions = [policy.conditions for policy in policies]
    apps = _named(condition.apps for condition in conditions)
    single = frozenset(app for app in apps if is_app_id(app) or app in SUITES)
    roles = {
        role for policy in policies for side in (policy.users.include, policy.users.exclude) for role in side.roles
    }
    found: list[tuple[str, str, tuple[str, ...]]] = [
        ("app", "", (*sorted(single | shared_members(single)), OTHER_APP)),
        ("address", "", tuple(cell.atom for cell in locations.cells)),
        *(("country", method, cells) for method, cells in locations.countries.items()),
        *((kind, "", atoms) for kind, atoms in _FIXED.items()),
    ]
    yes_or_no: dict[str, Iterable[str]] = {
        "app_set": app_sets(apps),
        "app_filter": {condition.app_filter.rule for condition in conditions if condition.app_filter},
        "location": locations.unresolved,
        "device_filter": {condition.device_filter.rule for condition in conditions if condition.device_filter},
        "control": {control for policy in policies for control in policy.grant.others & set(OTHER_CONTROLS)},
        "role": roles,
    }
    found += [(kind, key, (NO, YES)) for kind, keys in yes_or_no.items() for key in sorted(keys)]
    dimensions = []
    shift = 0
    for kind, key, atoms in found:
        dimensions.append(Dimension(kind, key, atoms, shift))
        shift += len(atoms)
    return tuple(dimensions)


def region(space: Space, policy: Policy, *, is_hopeful: bool) -> tuple[Box, ...]:
    """Return the boxes that together are where the conditions of a policy hold; none if they hold nowhere.

    Named locations that could not be read hold nothing certain: ``is_hopeful`` reads them so that most is protected.
    """
    conditions = policy.conditions
    box = space.full
    for kind, chosen in (
        ("client", conditions.clients),
        ("platform", conditions.platforms),
        ("user_risk", conditions.user_risks),
        ("sign_in_risk", conditions.sign_in_risks),
        ("insider_risk", conditions.insider_risks),
        ("flow", conditions.flows),
    ):
        if chosen is not None:
            box &= space.only(kind, "", chosen)
    for kind, rule in (("device_filter", conditions.device_filter), ("app_filter", conditions.app_filter)):
        if rule is not None:
            box &= space.only(kind, rule.rule, [YES if rule.is_include else NO])
    boxes = [
        box & apps & places for apps in _apps(space, policy) for places in _places(space, policy, is_hopeful=is_hopeful)
    ]
    return tuple(sorted({each for each in boxes if all(each & field for field in space.fields)}))


def _apps(space: Space, policy: Policy) -> list[Box]:
    chosen, rule = policy.conditions.apps, policy.conditions.app_filter
    include = chosen.include or frozenset()
    atoms = space.of("app").atoms
    if not include and rule is not None and rule.is_include:
        boxes = [space.full]  # the filter alone says which apps
    else:
        boxes = [space.only("app", "", apps_in(atoms, include))]
        boxes += [space.only("app_set", literal, [YES]) for literal in app_sets(include)]
    out = space.only("app", "", frozenset(atoms) - apps_in(atoms, chosen.exclude))
    for literal in app_sets(chosen.exclude):
        out &= space.only("app_set", literal, [NO])
    return [box & out for box in boxes]


def _places(space: Space, policy: Policy, *, is_hopeful: bool) -> list[Box]:
    chosen = policy.conditions.locations
    if chosen is None:
        return [space.full]
    include, exclude = chosen
    if is_hopeful and not space.are_locations_read:
        include, exclude = None, exclude & {ALL_TRUSTED}
    boxes = [space.full]
    if include is not None:
        allowed: dict[tuple[str, str], set[str]] = {}
        for part in (part for key in include for part in space.locations.parts[key]):
            allowed.setdefault((part.kind, part.key), set()).update(part.atoms)
        boxes = [space.only(kind, key, atoms) for (kind, key), atoms in sorted(allowed.items())]
    out = space.full
    for part in (part for key in exclude for part in space.locations.parts[key]):
        if part.kind == "location" and part.key == ALL_TRUSTED and is_hopeful:
            continue
        dimension = space.of(part.kind, part.key)
        out &= ~dimension.bits(part.atoms)
    return [box & out for box in boxes]
