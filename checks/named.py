"""Whom and what the policies of a tenant name, in whatever state they are: found more cheaply than a model is built."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple


class Named(NamedTuple):
    """All that policies may tell accounts apart by, and more: ids in lower case, and words such as ``all``."""

    user_ids: frozenset[str]
    group_ids: frozenset[str]
    role_ids: frozenset[str]
    tenant_ids: frozenset[str]
    has_strengths: bool


def named(policies: Iterable[Mapping[str, Any]]) -> Named:
    """Return what these policies name, as Graph gives them; what is shaped otherwise names nothing."""
    listed = list(policies)
    users = [_at(policy, "conditions", "users") for policy in listed]
    sides = ("include", "exclude")
    tenants = (
        _at(each, f"{side}GuestsOrExternalUsers", "externalTenants", "members") for each in users for side in sides
    )
    user_ids, group_ids, role_ids = (
        frozenset(name for each in users for side in sides for name in _texts(_at(each, f"{side}{kind}")))
        for kind in ("Users", "Groups", "Roles")
    )
    return Named(
        user_ids,
        group_ids,
        role_ids,
        tenant_ids=frozenset(name for members in tenants for name in _texts(members)),
        has_strengths=any(_at(policy, "grantControls", "authenticationStrength") for policy in listed),
    )


def _at(given: Any, *keys: str) -> Any:
    for key in keys:
        given = given.get(key) if isinstance(given, Mapping) else None
    return given


def _texts(given: Any) -> Iterator[str]:
    if isinstance(given, list):
        yield from (each.lower() for each in given if isinstance(each, str))
