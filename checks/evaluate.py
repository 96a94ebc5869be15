"""Decide about the accounts of the warehouse and write nothing down: for ``judge``, ``explain`` and ``simulate``.

SQL gathers the facts of all accounts at once and reduces them to what the policies of their tenant tell apart. What is
left falls into two: traits, which decide the cover, and the rest, in which the accounts of different tenants are alike
by the thousand. The cost of deciding grows with the distinct ones of each, hardly with accounts.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import structlog

from checks.among import among
from checks.cover import CoverModel
from checks.declared import declare, nobody
from checks.facts import Facts, Traits
from checks.named import Named
from checks.place import Place
from checks.places import Objects, places
from checks.verdict import Judged, Own, Ruling, decide, likeness, own_of, rule
from collectors.config import Config
from warehouse.engine import Connection

log = structlog.get_logger(__name__)

_BATCH = 1000
_TRAITS = Traits.__struct_fields__
_REST = tuple(name for name in Facts.__struct_fields__ if name not in _TRAITS)
# Of what the view tells of an account, what no policy of its tenant asks for would only tell equals apart.
REDUCED: Mapping[str, str] = {
    "named_as": "if(list_contains(watched.user_ids, lower(account_id)), lower(account_id), '')",
    "home_tenant_id": (
        "if(home_tenant_id is null or list_contains(watched.tenant_ids, home_tenant_id), home_tenant_id, '')"
    ),
    "groups": "list_filter(groups, lambda id: list_contains(watched.group_ids, lower(id)))",
    "active_roles": "list_filter(active_roles, lambda id: list_contains(watched.role_ids, id))",
    "eligible_roles": "list_filter(eligible_roles, lambda id: list_contains(watched.role_ids, id))",
    # Held in the whole tenant or eligible there as well, it is no matter that it is also held in part.
    "scoped_roles": (
        "list_filter(scoped_roles, lambda id: list_contains(watched.role_ids, id)"
        " and not list_contains(coalesce(active_roles, []) || coalesce(eligible_roles, []), id))"
    ),
    "account_class": "coalesce(declared_class, account_class)",
    "class_source": "if(declared_class is null, class_source, 'declared')",
    "methods": "if(watched.has_strengths, methods, [])",
}
_WATCHED = """
    create or replace temp table watched (
        tenant_id varchar, user_ids varchar[], group_ids varchar[], role_ids varchar[], tenant_ids varchar[],
        has_strengths boolean
    )
"""


def _packed(names: Collection[str]) -> str:
    """Return these facts as one value, so that null equals null when accounts are grouped and joined by them."""
    return f"struct_pack({', '.join(f'{name} := {REDUCED.get(name, name)}' for name in names)})"


_GATHER = f"""
    create or replace temp table judged_facts as
    select
        tenant_id, account_id, user_principal_name, display_name,
        {_packed(_TRAITS)} as traits, {_packed(_REST)} as rest
    from account_facts
    join watched using (tenant_id)
    left join declared_classes
        on
            account_facts.tenant_id = declared_classes.declared_tenant_id
            and account_facts.account_id = declared_classes.declared_account_id
"""  # noqa: S608  (names of fields)
_TABLES = (
    """
    create or replace temp table judged_traits as
    select row_number() over (order by tenant_id) as number, tenant_id, traits
    from (select distinct tenant_id, traits from judged_facts)
    """,
    """
    create or replace temp table judged_rest as
    select row_number() over () - 1 as number, rest
    from (select distinct rest from judged_facts)
    """,
    # A signature is a pair of both, and one number.
    """
    create or replace temp table judged_accounts as
    select
        facts.* exclude (traits, rest),
        judged_traits.number * (select count(*) from judged_rest) + judged_rest.number as signature
    from judged_facts as facts
    join judged_traits on facts.tenant_id = judged_traits.tenant_id and facts.traits = judged_traits.traits
    join judged_rest on facts.rest = judged_rest.rest
    """,
    "drop table judged_facts",
    """
    create or replace temp table judged_signatures as
    select signature, signature // width as traits, signature % width as rest
    from (select distinct signature from judged_accounts), (select count(*) as width from judged_rest)
    """,
)


_BY_TRAITS = """
    select tenant_id, any_value(judged_traits.traits), list(signature), list(judged_signatures.rest)
    from judged_signatures
    join judged_traits on judged_signatures.traits = judged_traits.number
    group by tenant_id, judged_traits.number
    order by judged_traits.number
"""
_BY_SIGNATURE = """
    select tenant_id, judged_traits.traits, signature, judged_rest.rest
    from judged_signatures
    join judged_traits on judged_signatures.traits = judged_traits.number
    join judged_rest on judged_signatures.rest = judged_rest.number
    order by signature
"""


class Signature(NamedTuple):
    """Accounts of a tenant that cannot be told apart, and what was decided about them."""

    number: int
    tenant_id: str
    judged: Judged


class Part(msgspec.Struct, frozen=True):
    """Of what the decision of a signature is made: numbers of a ruling and of what is its tenant's own."""

    signature: int
    ruling: int
    own: int


class Parts:
    """The decisions about all accounts, in parts: what several signatures share is worked out and held once.

    Put together, they are what :func:`evaluate` yields.
    """

    def __init__(self) -> None:
        self.rulings: dict[Ruling, int] = {}
        self.owns: dict[Own, int] = {}

    def all(self, con: Connection, config: Config) -> Iterator[Part]:
        """Yield the parts of each signature, as of the newest scan. See :func:`evaluate` about the connection."""
        found = _gather(con, config)
        for each in nobody(con, config):
            named = each.accounts or each.group
            log.warning("declared nobody", tenant=each.tenant, account_class=each.class_, named=named)
        rest = [row for (row,) in con.execute("select rest from judged_rest order by number").fetchall()]
        alike: dict[Hashable, int] = {}
        known: dict[tuple[int, int], int] = {}
        for (_, packed, numbers, kinds), place in _placed(con, found, _BY_TRAITS):
            traits = msgspec.convert(packed, Traits)
            cover = place.cover(traits)
            like = alike.setdefault(likeness(traits, cover, place), len(alike))
            own = self.owns.setdefault(own_of(cover), len(self.owns))
            for number, kind in zip(numbers, kinds, strict=True):
                ruling = known.get((like, kind))
                if ruling is None:
                    facts = msgspec.convert({**packed, **rest[kind]}, Facts)
                    ruling = self.rulings.setdefault(rule(facts, cover, place), len(self.rulings))
                    known[like, kind] = ruling
                yield Part(number, ruling, own)


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
    found = _gather(con, config, tenants=tenants, accounts=accounts, policies=policies)
    for (tenant_id, traits, number, rest), place in _placed(con, found, _BY_SIGNATURE):
        yield Signature(number, tenant_id, decide(msgspec.convert({**traits, **rest}, Facts), place))


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


def _gather(
    con: Connection,
    config: Config,
    *,
    tenants: Collection[str] | None = None,
    accounts: Collection[str] | None = None,
    policies: Mapping[str, Objects] | None = None,
) -> dict[str, Place]:
    """Make the temporary tables of everything that is to be decided; return the place of each tenant."""
    found = places(con, config, tenants=tenants, policies=policies)
    watch(con, {tenant_id: (place.model,) for tenant_id, place in found.items()})
    declare(con, config)
    _gather_facts(con, tenants, accounts)
    for statement in _TABLES:
        con.execute(statement)
    return found


def _gather_facts(con: Connection, tenants: Collection[str] | None, accounts: Collection[str] | None) -> None:
    """Put the facts of the accounts that are asked for into a temporary table, those of all without either."""
    conditions: list[str] = []
    about: dict[str, object] = {}
    for column, asked in (("account_facts.tenant_id", tenants), ("account_id", accounts)):
        if asked is not None:
            condition, values = among(column, f"asked_{len(conditions)}", asked)
            conditions.append(condition)
            about |= values
    con.execute(f"{_GATHER} where {' and '.join(conditions)}" if conditions else _GATHER, about)


def _placed(con: Connection, found: dict[str, Place], query: str) -> Iterator[tuple[Any, Place]]:
    """Yield each row of a query that is ordered by tenant, whose id comes first, with the tenant's place."""
    con.execute(query)
    here: Place | None = None
    while rows := con.fetchmany(_BATCH):
        for row in rows:
            if here is None or here.tenant_id != row[0]:
                here = found.pop(row[0])  # what a model has worked out is of no use to the next tenant
            yield row, here


def watch(con: Connection, models: Mapping[str, Sequence[CoverModel | Named | None]]) -> None:
    """Make the table ``watched``: the users, groups, roles and home tenants that any of these names, by tenant."""
    con.execute(_WATCHED)
    names = ("user_ids", "group_ids", "role_ids", "tenant_ids")
    lists = {
        name: [sorted({each for model in found if model for each in getattr(model, name)}) for found in models.values()]
        for name in names
    }
    con.execute(
        "insert into watched select unnest($tenants::varchar[]), "
        + ", ".join(f"unnest(${name}::varchar[][])" for name in names)
        + ", unnest($strengths::boolean[])",
        {
            "tenants": list(models),
            **lists,
            "strengths": [any(model and model.has_strengths for model in found) for found in models.values()],
        },
    )
