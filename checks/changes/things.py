"""What can change between two scans and be put back by itself, and which facts of an account hang on what."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from checks.place import POLICIES

# Datasets whose objects are put back one by one, by the type of thing that each is.
OBJECTS: Mapping[str, str] = {
    POLICIES: "policy",
    "named_locations": "named_location",
    "authentication_strengths": "authentication_strength",
}
# Things that are an account's own; of all other types, one is the same thing for every account of its tenant.
OWN = frozenset({"account", "registration", "per_user_mfa", "roles", "sign_ins"})
_ROLE_SOURCES = (
    "role_assignments",
    "role_eligibilities",
    "role_assignment_instances",
    "role_definitions",
    "subscribed_skus",
    "group_members",
    "groups",
)
_SIGN_IN_FLAGS = ("has_success", "has_mfa_step", "has_claim", "has_single_factor", "has_legacy_success")


class Thing(NamedTuple):
    """One thing that changed in a tenant. ``object_id`` is empty where there is but one of its type."""

    type: str
    object_id: str = ""

    @property
    def change_id(self) -> str:
        """How the tables name it."""
        return f"{self.type}:{self.object_id}" if self.object_id else self.type


TIME, CONFIGURATION, PROGRAM = Thing("time"), Thing("configuration"), Thing("program")


class _Group(NamedTuple):
    """Facts that have one origin: the thing that it is, and the datasets without which they are unknown."""

    fields: tuple[str, ...]
    type: str
    sources: tuple[str, ...] = ()


_GROUPS = (
    _Group(("user_type", "is_external", "issuers", "named_as", "is_named_like_sync"), "account"),
    _Group(("is_enabled",), "account", ("users",)),
    _Group(("home_tenant_id", *_SIGN_IN_FLAGS), "sign_ins", ("sign_ins",)),
    _Group(("called_without_mfa",), "sign_ins", ("partner_requests",)),
    _Group(
        ("active_roles", "eligible_roles", "scoped_roles", "is_sync_account", "holds_other_role"),
        "roles",
        _ROLE_SOURCES,
    ),
    _Group(("per_user",), "per_user_mfa", ("per_user_mfa",)),
    _Group(
        (
            "has_registration_row",
            "is_mfa_registered",
            "is_mfa_capable",
            "methods",
            "has_only_pass",
            "has_only_phone",
            "has_external_method",
        ),
        "registration",
        ("authentication_methods", "registered_methods", "authentication_methods_policy"),
    ),
)
# Everything of an account that may differ and by which its verdict or what is shown beside it is decided.
FIELDS = (
    *(field for group in _GROUPS for field in group.fields),
    "groups",
    "is_federated",
    "is_mfa_accepted",
    "account_class",
    "class_source",
    "grace_ends_at",
)
Facts = Mapping[str, Any]


class Context(NamedTuple):
    """What must be known beside the facts to say where they come from.

    ``sources`` are the datasets whose state is another one, ``edited`` the settings of the tenant that are, domains and
    what is trusted of other tenants among them. ``home`` is where a guest comes from.
    """

    sources: frozenset[str]
    edited: frozenset[Thing]
    home: str | None


def inputs(then: Facts, now: Facts, context: Context) -> dict[str, frozenset[Thing]]:
    """Return, for each fact that differs, the things that it comes from: never none.

    Both hold :data:`FIELDS` and, where who signs the account in differs, the ``domain`` that its name ends in.
    """
    found: dict[str, frozenset[Thing]] = {}
    for group in _GROUPS:
        differing = [field for field in group.fields if then[field] != now[field]]
        found |= dict.fromkeys(differing, _origin(group, context))
    if then["is_mfa_capable"] != now["is_mfa_capable"] and then["methods"] == now["methods"]:
        policy = Thing("authentication_methods_policy")
        if policy in context.edited and found["is_mfa_capable"] == {Thing("registration")}:
            found["is_mfa_capable"] = frozenset({policy})
    if then["groups"] != now["groups"]:
        unread = _sources(("group_members",), context)
        found["groups"] = unread or frozenset(
            Thing("group", group) for group in set(then["groups"]) ^ set(now["groups"])
        )
    for field in ("is_federated", "is_mfa_accepted"):
        if then[field] != now[field]:
            found[field] = _of_federation(field, then, now, context)
    if (then["account_class"], then["class_source"]) != (now["account_class"], now["class_source"]):
        is_declared = "declared" in {then["class_source"], now["class_source"]}
        thing = CONFIGURATION if is_declared else Thing("account")
        found |= {"account_class": frozenset({thing}), "class_source": frozenset({thing})}
    if then["grace_ends_at"] != now["grace_ends_at"]:
        # It ends by itself, or with the first row in the report.
        found["grace_ends_at"] = found.get("has_registration_row", frozenset({TIME}))
    return found


def _origin(group: _Group, context: Context) -> frozenset[Thing]:
    return _sources(group.sources, context) or frozenset({Thing(group.type)})


def _sources(datasets: Collection[str], context: Context) -> frozenset[Thing]:
    return frozenset(Thing("source", dataset) for dataset in datasets if dataset in context.sources)


def _of_federation(field: str, then: Facts, now: Facts, context: Context) -> frozenset[Thing]:
    """Return what changed who signs an account in, or whether MFA done there counts."""
    if then["is_external"] != now["is_external"] or then["domain"] != now["domain"]:
        return frozenset({Thing("account")})
    if not now["is_external"]:
        datasets = ("domains", "organization", *(("federation_configurations",) if field == "is_mfa_accepted" else ()))
        return _sources(datasets, context) or frozenset({Thing("domain", now["domain"])})
    unread = _sources(("cross_tenant_access_default", "cross_tenant_access_partners", "sign_ins"), context)
    trusts = {Thing("cross_tenant_access"), *([Thing("cross_tenant_access", context.home)] if context.home else [])}
    return unread or frozenset(trusts & context.edited) or frozenset({Thing("sign_ins")})


def put_back(then: Facts, now: Facts, origins: Mapping[str, frozenset[Thing]], undone: frozenset[Thing]) -> Facts:
    """Return the facts of now, but with those that come from ``undone`` as they were.

    A fact that comes from several things is as it was once all of them are put back; where it was unknown, each of them
    made it so, and any one put back makes it unknown again.
    """
    facts = {**now}
    for field, things in origins.items():
        if field == "groups" and all(thing.type == "group" for thing in things):
            facts["groups"] = tuple(_groups(then["groups"], now["groups"], undone))
        elif things <= undone or (then[field] is None and not things.isdisjoint(undone)):
            facts[field] = then[field]
    return facts


def _groups(then: Collection[str], now: Collection[str], undone: frozenset[Thing]) -> Iterator[str]:
    for group in sorted({*then, *now}):
        if group in (then if Thing("group", group) in undone else now):
            yield group
