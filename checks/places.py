"""The tenants of the warehouse as places to judge accounts in: their policies as a model, and what was read of them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec
import structlog

from checks.among import among
from checks.cover import CoverModel, ShapeError, build
from checks.place import POLICIES, Place
from collectors.config import Config
from collectors.declare import Kind
from warehouse.engine import Connection

log = structlog.get_logger(__name__)

Objects = Sequence[Mapping[str, Any]]

# The columns of each dataset under the names that Graph gave them, as objects again.
_GRAPH: Mapping[str, tuple[str, str]] = {
    POLICIES: (
        "policy_id",
        """
        json_object('id', policy_id, 'displayName', display_name, 'state', state, 'conditions', conditions,
            'grantControls', grant_controls)
    """,
    ),
    "named_locations": (
        "location_id",
        """
        json_object('@odata.type', location_type, 'id', location_id, 'displayName', display_name,
            'isTrusted', is_trusted, 'ipRanges', ip_ranges, 'countriesAndRegions', countries,
            'includeUnknownCountriesAndRegions', includes_unknown, 'countryLookupMethod', lookup_method)
    """,
    ),
    "authentication_strengths": (
        "strength_id",
        """
        json_object('id', strength_id, 'displayName', display_name, 'requirementsSatisfied', requirements_satisfied,
            'allowedCombinations', allowed_combinations)
    """,
    ),
}


# A tenant's own roles never stand in a policy; Microsoft's are named alike everywhere.
_ROLE_NAMES = """
    select lower(coalesce(template_id, role_definition_id)) as role, min(display_name)
    from role_definitions
    join judged_sources using (tenant_id)
    where sources['role_definitions'] = 'usable' and is_built_in and display_name is not null
    group by role
"""


class _Row(msgspec.Struct):
    """A row of ``judged_tenants``, as far as it is for Python."""

    tenant_id: str
    kind: str
    partner_id: str
    sources: dict[str, str]
    security_defaults: bool | None
    is_old: bool


class Material(msgspec.Struct, frozen=True, kw_only=True):
    """Of what a place is made: what was read of a tenant, and how the configuration says to judge it.

    ``objects`` are those of a dataset by its name, as Graph gives them; a dataset that does not tell is not in it.
    """

    tenant_id: str
    kind: Kind
    sources: Mapping[str, str]
    security_defaults: bool | None
    known_groups: frozenset[str]
    objects: Mapping[str, Objects]
    is_sovereign: bool
    is_strict: bool
    is_old: bool


def places(
    con: Connection,
    config: Config,
    *,
    tenants: Collection[str] | None = None,
    policies: Mapping[str, Objects] | None = None,
) -> dict[str, Place]:
    """Return the place of each tenant (or of those in ``tenants``) by tenant id.

    ``policies`` are conditionalAccessPolicy objects that take the place of what was read, by tenant.
    """
    found = materials(con, config, tenants=tenants)
    for tenant_id, given in (policies or {}).items():
        if tenant_id in found:
            objects = {**found[tenant_id].objects, POLICIES: given}
            found[tenant_id] = msgspec.structs.replace(found[tenant_id], objects=objects)
    roles = role_names(con)
    made = {tenant_id: place(material, roles) for tenant_id, material in found.items()}
    for each in made.values():
        for notice in each.model.notices if each.model else ():
            log.warning(
                "policy holds something unknown", tenant=each.tenant_id, policy=notice.policy_id, where=notice.where
            )
    return made


def materials(
    con: Connection,
    config: Config,
    *,
    tenants: Collection[str] | None = None,
    known: dict[str, Any] | None = None,
) -> dict[str, Material]:
    """Return of what the place of each tenant (or of those in ``tenants``) is made, by tenant id.

    ``known`` keeps objects by their text: given twice, they are read and held once. Nobody may change them.
    """
    clouds = {partner.tenant_id: partner.cloud for partner in config.partner}
    columns = ", ".join(_Row.__struct_fields__)
    wanted, about = _only(tenants)
    rows = con.execute(f"select {columns} from judged_tenants {wanted} order by tenant_id", about).fetchall()  # noqa: S608
    objects = {dataset: _objects(con, dataset, wanted, about, known) for dataset in _GRAPH}
    groups: dict[str, list[str]] = dict(
        con.execute(f"select tenant_id, list(group_id) from read_groups {wanted} group by tenant_id", about).fetchall()  # noqa: S608
    )
    return {
        row.tenant_id: Material(
            tenant_id=row.tenant_id,
            kind="partner" if row.kind == "partner" else "customer",
            sources=row.sources,
            security_defaults=row.security_defaults,
            known_groups=frozenset(groups.get(row.tenant_id, ())),
            objects={
                dataset: by_tenant.get(row.tenant_id, [])
                for dataset, by_tenant in objects.items()
                if row.sources.get(dataset) == "usable"
            },
            is_sovereign=clouds.get(row.partner_id, "global") != "global",
            is_strict=config.reading.strict,
            is_old=row.is_old,
        )
        for row in (_Row(*values) for values in rows)
    }


def role_names(con: Connection) -> dict[str, str]:
    """Return the names of Microsoft's own directory roles by template id, as far as they were read anywhere."""
    return dict(con.execute(_ROLE_NAMES).fetchall())


def place(material: Material, roles: Mapping[str, str], model: CoverModel | None = None) -> Place:
    """Return the place that is made of it; a ``model`` that was built of the same objects need not be built again."""
    strengths = material.objects.get("authentication_strengths")
    return Place(
        material.tenant_id,
        kind=material.kind,
        model=model or _model(material.tenant_id, material.objects, roles),
        sources=material.sources,
        security_defaults=material.security_defaults,
        known_groups=material.known_groups,
        strengths={str(each["id"]): tuple(each["allowedCombinations"] or ()) for each in strengths or ()},
        is_sovereign=material.is_sovereign,
        is_strict=material.is_strict,
        is_old=material.is_old,
    )


def policies_of(con: Connection, tenant_id: str) -> list[dict[str, Any]]:
    """Return the Conditional Access policies that were read in a tenant, as far as they decide, as Graph gives them."""
    found = _objects(con, POLICIES, *_only([tenant_id]))
    return [dict(policy) for policy in found.get(tenant_id, ())]


def _only(tenants: Collection[str] | None) -> tuple[str, dict[str, object]]:
    """Return the clause, and its parameters, that keeps a query to these tenants; to all if there is none."""
    if tenants is None:
        return "", {}
    condition, about = among("tenant_id", "tenants", tenants)
    return f"where {condition}", about


def _objects(
    con: Connection, dataset: str, wanted: str, about: Mapping[str, object], known: dict[str, Any] | None = None
) -> dict[str, Objects]:
    key, graph = _GRAPH[dataset]
    sql = f"select tenant_id, list({graph} order by {key}) from {dataset} {wanted} group by tenant_id"  # noqa: S608
    rows: list[tuple[str, list[str]]] = con.execute(sql, about).fetchall()
    if known is None:
        return {tenant_id: [json.loads(text) for text in texts] for tenant_id, texts in rows}
    for _, texts in rows:
        known.update((text, json.loads(text)) for text in texts if text not in known)
    return {tenant_id: [known[text] for text in texts] for tenant_id, texts in rows}


def _model(tenant_id: str, given: Mapping[str, Objects], roles: Mapping[str, str]) -> CoverModel | None:
    """Return the tenant's Conditional Access; ``None`` if its policies were not read or understood."""
    if POLICIES not in given:
        return None
    try:
        return build(
            given[POLICIES], given.get("named_locations"), given.get("authentication_strengths"), role_names=roles
        )
    except ShapeError as error:
        log.warning("did not understand the policies", tenant=tenant_id, problem=str(error))
        return None
