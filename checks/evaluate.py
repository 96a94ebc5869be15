"""Decide about the accounts of the warehouse and write nothing down: for ``judge``, ``explain`` and ``simulate``.

SQL gathers the facts of all accounts at once and reduces them to what the policies of their tenant tell apart. Python
decides once for each distinct set of facts of a tenant: the cost of deciding grows with signatures, not with accounts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

import msgspec

from checks.facts import Facts
from checks.place import Place
from checks.places import Objects, places
from checks.verdict import Judged, decide
from collectors.config import Config
from warehouse.engine import Connection

_BATCH = 1000
# Of what the view tells of an account, what no policy of its tenant asks for would only tell equals apart.
_REDUCED: Mapping[str, str] = {
    "named_as": "if(list_contains(watched.user_ids, lower(account_id)), lower(account_id), '')",
    "home_tenant_id": (
        "if(home_tenant_id is null or list_contains(watched.tenant_ids, home_tenant_id), home_tenant_id, '')"
    ),
    "groups": "list_filter(groups, lambda id: list_contains(watched.group_ids, lower(id)))",
    "active_roles": "list_filter(active_roles, lambda id: list_contains(watched.role_ids, id))",
    "eligible_roles": "list_filter(eligible_roles, lambda id: list_contains(watched.role_ids, id))",
    "methods": "if(watched.has_strengths, methods, [])",
}
_FACTS = ", ".join(f"{name} := {_REDUCED.get(name, name)}" for name in Facts.__struct_fields__)
_WATCHED = """
    create or replace temp table watched (
        tenant_id varchar, user_ids varchar[], group_ids varchar[], role_ids varchar[], tenant_ids varchar[],
        has_strengths boolean
    )
"""
# Facts as one value, so that null equals null when accounts are grouped and joined by them.
_GATHER = f"""
    create or replace temp table judged_facts as
    select tenant_id, account_id, user_principal_name, display_name, struct_pack({_FACTS}) as facts
    from account_facts
    join watched using (tenant_id)
    where $accounts is null or account_id in (select unnest($accounts::varchar[]))
"""  # noqa: S608  (names of fields)
_TABLES = (
    """
    create or replace temp table judged_signatures as
    select row_number() over (order by tenant_id) as signature, tenant_id, facts
    from (select distinct tenant_id, facts from judged_facts)
    """,
    """
    create or replace temp table judged_accounts as
    select accounts.* exclude (facts), signatures.signature
    from judged_facts as accounts
    join judged_signatures as signatures
        on accounts.tenant_id = signatures.tenant_id and accounts.facts = signatures.facts
    """,
    "drop table judged_facts",
)


class Signature(NamedTuple):
    """Accounts of a tenant that cannot be told apart, and what was decided about them."""

    number: int
    tenant_id: str
    judged: Judged


def evaluate(
    con: Connection,
    config: Config,
    *,
    tenants: Collection[str] | None = None,
    accounts: Collection[str] | None = None,
    policies: Mapping[str, Objects] | None = None,
) -> Iterator[Signature]:
    """Yield a decision for each signature of each tenant (or of those in ``tenants``), as of the newest scan.

    With ``accounts`` (object ids) nobody else is decided about.
    ``policies`` are Conditional Access policies, as Graph gives them, that take the place of what was read in a tenant.
    The connection may be a reader's: nothing but temporary tables is made, of which ``judged_accounts`` says whose
    signature each is. Run no other query on it before the last one is yielded.
    """
    found = places(con, config, tenants=tenants, policies=policies)
    _watch(con, found)
    con.execute(_GATHER, {"accounts": None if accounts is None else sorted(set(accounts))})
    for statement in _TABLES:
        con.execute(statement)
    con.execute("select signature, tenant_id, facts from judged_signatures order by signature")
    here: Place | None = None
    while rows := con.fetchmany(_BATCH):
        for number, tenant_id, facts in rows:
            if here is None or here.tenant_id != tenant_id:
                here = found.pop(tenant_id)  # what a model has worked out is of no use to the next tenant
            yield Signature(number, tenant_id, decide(msgspec.convert(facts, Facts), here))


def evaluate_accounts(
    con: Connection,
    config: Config,
    tenant_id: str,
    *,
    policies: Objects | None = None,
) -> dict[str, Judged]:
    """Return what was decided about each account of one tenant by account id; ``policies`` replace those it has."""
    replaced = None if policies is None else {tenant_id: policies}
    judged = {each.number: each.judged for each in evaluate(con, config, tenants=[tenant_id], policies=replaced)}
    whose = con.execute("select account_id, signature from judged_accounts").fetchall()
    return {account_id: judged[signature] for account_id, signature in whose}


def _watch(con: Connection, found: Mapping[str, Place]) -> None:
    """Tell SQL which users, groups, roles and home tenants the policies of each tenant name."""
    con.execute(_WATCHED)
    models = [place.model for place in found.values()]
    names = ("user_ids", "group_ids", "role_ids", "tenant_ids")
    lists = {name: [sorted(getattr(model, name)) if model else [] for model in models] for name in names}
    con.execute(
        "insert into watched select unnest($tenants::varchar[]), "
        + ", ".join(f"unnest(${name}::varchar[][])" for name in names)
        + ", unnest($strengths::boolean[])",
        {"tenants": list(found), **lists, "strengths": [bool(model and model.has_strengths) for model in models]},
    )
