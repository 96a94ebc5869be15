"""What was edited in each tenant between two scans: every setting that verdicts hang on, whether or not one changed."""

from __future__ import annotations

import json
from collections import ChainMap
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from checks.among import among
from checks.changes import words
from checks.changes.things import Thing
from checks.cover.plain import plain
from checks.explain.words import DATASETS, many
from checks.place import POLICIES
from checks.places import role_names
from warehouse.engine import Connection, literal
from warehouse.moments import changed_rows, first_read, membership_changes

_TEXT = 200


class Edit(NamedTuple):
    """A thing of a tenant that is otherwise than before. All of its text is harmless to show."""

    tenant_id: str
    thing: Thing
    name: str
    what: str
    edited_at: datetime | None = None


class _Setting(NamedTuple):
    """A dataset whose rows are settings. The rest is SQL: id and name of a row, what it says as Graph has it, when."""

    dataset: str
    type: str
    key: str
    name: str
    said: str
    edited_at: str = "null::timestamp"
    of: str = ""  # what is said before the words, where a thing has several


_SETTINGS = (
    _Setting(
        POLICIES,
        "policy",
        "policy_id",
        "display_name",
        "json_object('displayName', display_name, 'state', state, 'conditions', conditions, "
        "'grantControls', grant_controls, 'sessionControls', session_controls)",
        "modified_at",
    ),
    _Setting(
        "named_locations",
        "named_location",
        "location_id",
        "display_name",
        "json_object('displayName', display_name, 'isTrusted', is_trusted, 'ipRanges', ip_ranges, "
        "'countriesAndRegions', countries, 'includeUnknownCountriesAndRegions', includes_unknown, "
        "'countryLookupMethod', lookup_method)",
        "modified_at",
    ),
    _Setting(
        "authentication_strengths",
        "authentication_strength",
        "strength_id",
        "display_name",
        "json_object('displayName', display_name, 'requirementsSatisfied', requirements_satisfied, "
        "'allowedCombinations', allowed_combinations)",
        "modified_at",
    ),
    _Setting("security_defaults", "security_defaults", "''", "'security defaults'", "json_object('on', is_enabled)"),
    _Setting(
        "authentication_methods_policy",
        "authentication_methods_policy",
        "''",
        "'authentication methods policy'",
        "json_object('migration', policy_migration_state, 'methods', "
        "map_from_entries(list_transform(from_json(coalesce(authentication_method_configurations, '[]'), "
        """'[{"id": "VARCHAR", "state": "VARCHAR", "includeTargets": "JSON", "excludeTargets": "JSON"}]'), """
        "lambda one: (one.id, one))))",
        "modified_at",
    ),
    _Setting(
        "cross_tenant_access_default",
        "cross_tenant_access",
        "''",
        "'trust in MFA of other tenants'",
        "json_object('isServiceDefault', is_service_default, 'isMfaAccepted', is_mfa_accepted)",
    ),
    _Setting(
        "cross_tenant_access_partners",
        "cross_tenant_access",
        "lower(other_tenant_id)",
        "other_tenant_id",
        "json_object('isMfaAccepted', is_mfa_accepted)",
    ),
    _Setting(
        "domains",
        "domain",
        "lower(domain_name)",
        "domain_name",
        "json_object('authenticationType', authentication_type)",
    ),
    _Setting(
        "federation_configurations",
        "domain",
        "lower(domain_name)",
        "domain_name",
        "json_object('federatedIdpMfaBehavior', federated_idp_mfa_behavior)",
        of="federation ",
    ),
)
# What a dataset is for, a verdict hangs on.
_SOURCES = f"""
    with attempts as (
        select
            source_status.tenant_id, source_status.dataset, source_status.state, source_status.code,
            scans.scanned_at > $earlier as is_new, struct_pack(at := scans.scanned_at, id := scans.scan_id) as place
        from source_status
        join scans on source_status.scan_id = scans.scan_id
        where source_status.state <> 'skipped' and source_status.dataset in ({", ".join(map(literal, DATASETS))})
    ),
    newest as (
        select
            tenant_id, dataset,
            arg_max(state, place) filter (not is_new) as before,
            arg_max(state, place) filter (is_new) as after,
            arg_max(code, place) filter (is_new) as code
        from attempts
        group by tenant_id, dataset
    )
    select tenant_id, dataset, before, after, code
    from newest
    where before <> after
    order by tenant_id, dataset
"""  # noqa: S608  (names of ours)
_NAMES = """
    -- What an edit no longer names is often read no longer: it goes by the name it had.
    select tenant_id, id, arg_max(name, valid_from)
    from (
        select tenant_id, lower(group_id) as id, display_name as name, valid_from from groups_history
        union all
        select tenant_id, lower(location_id), display_name, valid_from from named_locations_history
        union all
        select tenant_id, lower(strength_id), display_name, valid_from from authentication_strengths_history
    )
    where name is not null
    group by tenant_id, id
"""


def edits(con: Connection, earlier: datetime) -> Iterator[Edit]:
    """Yield what was edited since an earlier scan; what was never read before is no edit."""
    new = first_read(con, earlier)
    names = _Names(con)
    for setting in _SETTINGS:
        said = (setting.key, setting.name, setting.said, setting.edited_at)
        for tenant_id, key, name, *both, edited_at in changed_rows(con, setting.dataset, said, earlier):
            before, after = (None if text is None else json.loads(text) for text in both)
            if (tenant_id, setting.dataset) not in new and before != after:
                what = words.edit(before, after, names.of(tenant_id, before, after))
                thing = Thing(setting.type, key)
                yield Edit(tenant_id, thing, plain(name or key, _TEXT) or setting.type, setting.of + what, edited_at)
    for tenant_id, group, joined, gone in membership_changes(con, earlier):
        if (tenant_id, "group_members") not in new:
            told = [many(joined, "member") + " joined"] if joined else []
            told += [many(gone, "member") + " left"] if gone else []
            name = names.of(tenant_id).get(group.lower()) or plain(group, _TEXT)
            yield Edit(tenant_id, Thing("group", group), name, ", ".join(told))
    for tenant_id, dataset, before, after, code in con.execute(_SOURCES, {"earlier": earlier}).fetchall():
        usable = ["usable" if state == "complete" else state for state in (before, after)]
        what = words.source(dataset, *usable) + (f" ({plain(code, 80)})" if code else "")
        yield Edit(tenant_id, Thing("source", dataset), DATASETS[dataset], what)


class _Names:
    """What ids stand for in each tenant. All of them are hostile text."""

    def __init__(self, con: Connection) -> None:
        self._con = con
        self._roles = {key.lower(): name for key, name in role_names(con).items()}
        self._named: dict[str, dict[str, str]] = {}
        for tenant_id, key, name in con.execute(_NAMES).fetchall():
            self._named.setdefault(tenant_id, {})[key] = name

    def of(self, tenant_id: str, *said: Any) -> words.Names:
        """Return the names by id in lower case, those of the users whom a policy names among them."""
        users = {str(each) for one in said for each in _users(one)}
        found = {}
        if users:
            condition, about = among("user_id", "users", users)
            found = dict(
                self._con.execute(
                    f"select lower(user_id), user_principal_name from users where tenant_id = $tenant and {condition}",  # noqa: S608
                    {"tenant": tenant_id, **about},
                ).fetchall()
            )
        return ChainMap(found, self._named.get(tenant_id, {}), self._roles)


def _users(said: Any) -> Iterator[Any]:
    for key in ("conditions", "users"):
        said = said.get(key) if isinstance(said, dict) else None
    for side in ("includeUsers", "excludeUsers"):
        yield from (said.get(side) or ()) if isinstance(said, dict) else ()
