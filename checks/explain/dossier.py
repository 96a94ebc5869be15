"""What is known of an account beside its verdict, read from the published file: the material of every sentence."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

import msgspec

from checks.among import among
from checks.evaluate import evaluate
from checks.explain.accepted import QUERY, Accepted
from checks.newest import newest_scan
from checks.verdict import Judged
from collectors.config import Config
from collectors.declare import Kind
from warehouse.engine import Connection
from warehouse.views import views

SHOWN_SIGN_INS = 5
Account = tuple[str, str]  # tenant id, account id
_T = TypeVar("_T")


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """How the newest attempt to read a dataset ended; ``source`` is ``usable``, or the state that keeps it silent."""

    dataset: str
    source: str
    code: str
    message: str
    last_complete_at: datetime | None


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """A Conditional Access policy by its names; ``users`` are whom it includes and excludes, as Graph gives them."""

    policy_id: str
    name: str
    users: dict[str, Any]

    def excluded(self, kind: str) -> frozenset[str]:
        """Return the ids of the users, groups or roles that it excludes, in lower case."""
        return frozenset(each.lower() for each in self.users.get(f"exclude{kind}") or ())


class SignIn(msgspec.Struct, frozen=True, kw_only=True):
    """A sign-in that succeeded, and what it shows of MFA."""

    signed_in_at: datetime
    app_display_name: str | None
    client_app_used: str | None
    authentication_protocol: str | None
    methods: tuple[str | None, ...]
    is_interactive: bool
    is_legacy: bool
    did_mfa: bool
    brought_claim: bool
    is_single_factor: bool


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """How many sign-ins succeeded in the window, and how many of them showed what."""

    successes: int = 0
    mfa: int = 0
    claims: int = 0
    single_factor: int = 0
    legacy: int = 0


class Role(msgspec.Struct, frozen=True, kw_only=True):
    """A directory role of the account in its own tenant."""

    name: str
    is_active: bool
    is_tenant_wide: bool


class Delegation(msgspec.Struct, frozen=True, kw_only=True):
    """A customer that the account can act in through GDAP, and with which roles."""

    customer: str
    roles: tuple[str, ...]


class Home(msgspec.Struct, frozen=True, kw_only=True):
    """The tenant of the account, as of the newest scan."""

    scanned_at: datetime
    tenant_id: str
    name: str
    kind: Kind
    program: str | None
    last_scan_at: datetime
    security_defaults: bool | None
    is_strict: bool = False
    policies: dict[str, Policy] = {}
    groups: dict[str, str] = {}
    roles: dict[str, str] = {}
    reads: dict[str, Read] = {}

    def read(self, dataset: str) -> Read | None:
        """Return how a dataset was read; ``None`` if the tenant has none of that name."""
        return self.reads.get(dataset)


class Dossier(msgspec.Struct, frozen=True, kw_only=True):
    """An account. Its names are the tenant's text as it stands."""

    home: Home
    account_id: str
    user_principal_name: str
    display_name: str | None
    judged: Judged
    methods: tuple[str, ...] = ()
    seen: Seen = Seen()
    sign_ins: tuple[SignIn, ...] = ()
    roles: tuple[Role, ...] = ()
    delegations: tuple[Delegation, ...] = ()
    accepted: tuple[Accepted, ...] = ()


# Where a query names ``{tenants}``, ``{users}`` or ``{accounts}``, it is kept to those that are asked about.
_HOMES = """
    select tenant_id, name, tenants.kind, program, last_scan_at, security_defaults
    from tenants join judged_tenants using (tenant_id)
    where {tenants}
"""
_POLICIES = """
    select
        tenant_id, policy_id, coalesce(display_name, policy_id) as name, coalesce(conditions->'users', '{{}}') as users
    from conditional_access_policies where {tenants} order by policy_id
"""
_GROUPS = "select tenant_id, lower(group_id), display_name from groups where {tenants}"
_ROLE_NAMES = """
    select tenant_id, lower(coalesce(template_id, role_definition_id)), display_name
    from role_definitions where {tenants} and display_name is not null
"""
_READS = """
    select
        judged_sources.tenant_id, each.key as dataset, each.value as source, coalesce(code, '') as code,
        coalesce(message, '') as message, last_complete_at
    from (select tenant_id, unnest(map_entries(sources)) as each from judged_sources) as judged_sources
    left join source_state
        on judged_sources.tenant_id = source_state.tenant_id and each.key = source_state.dataset
    where {sources}
    order by dataset
"""
# The names of the report; where the tenant has no licence for it, the types that were read one account at a time.
_METHODS = """
    select tenant_id, user_id as account_id, unnest(methods_registered) as method
    from authentication_methods
    where {users}
    union
    select
        tenant_id, user_id,
        coalesce(
            if(method_type = '#microsoft.graph.phoneAuthenticationMethod', phone_type || 'Phone', null),
            regexp_extract(method_type, 'graph\\.(\\w+)AuthenticationMethod$', 1)
        )
    from registered_methods
    where {users}
    order by all
"""
# What sign-ins show costs most of it, and of nobody else's it is worked out: the view reads these in place of all.
_PROOFS = """
    create or replace temp table asked_sign_ins as
    with recent_sign_ins as (select * from recent_sign_ins where {{users}})
    select * from ({view}) where is_interactive or is_legacy
"""
_SEEN = """
    select
        tenant_id, account_id, count(*) as successes, count_if(did_mfa) as mfa,
        count_if(brought_claim and not did_mfa) as claims, count_if(is_single_factor) as single_factor,
        count_if(is_legacy) as legacy
    from asked_sign_ins
    group by tenant_id, account_id
"""
_SIGN_INS = """
    select
        tenant_id, account_id, signed_in_at, app_display_name, client_app_used, authentication_protocol, methods,
        is_interactive, is_legacy, did_mfa, brought_claim, is_single_factor
    from asked_sign_ins
    qualify row_number() over (partition by tenant_id, account_id order by signed_in_at desc, sign_in_id) <= {most}
    order by signed_in_at desc, sign_in_id
"""
_ROLES = """
    select
        tenant_id, account_id, coalesce(names.display_name, template_id) as name, is_active, is_tenant_wide
    from role_holders
    left join (
        select tenant_id, lower(coalesce(template_id, role_definition_id)) as template_id, min(display_name) as display_name
        from role_definitions group by all
    ) as names using (tenant_id, template_id)
    where {accounts}
    order by name, is_active desc, is_tenant_wide desc
"""  # noqa: E501
_DELEGATIONS = """
    select
        tenant_id, account_id, coalesce(customer_name, customer_tenant_id) as customer,
        coalesce(list(distinct role_name order by role_name) filter (where role_name is not null), []) as roles
    from delegated_roles
    where {accounts}
    group by tenant_id, account_id, customer
    order by lower(customer), customer
"""
_NAMES = """
    select user_principal_name, display_name, tenant_id, user_id as account_id
    from users where {users}
"""


def dossiers(con: Connection, config: Config, accounts: Iterable[Account]) -> dict[Account, Dossier]:
    """Return what is known of each of these accounts, decided anew as of the newest scan; nobody else is decided about.

    The connection may be a reader's. An account that is in no list of users is left out.
    """
    asked = sorted(set(accounts))
    if not asked:
        return {}
    judged = _judged(con, config, asked)
    homes = _homes(con, config, asked)
    methods = _by_account(con, _METHODS, asked, dict[str, str])
    con.execute(*_about(_proofs(), asked))
    seen = _by_account(con, _SEEN, asked, Seen)
    sign_ins = _by_account(con, _SIGN_INS, asked, SignIn)
    roles = _by_account(con, _ROLES, asked, Role)
    delegations = _by_account(con, _DELEGATIONS, asked, Delegation)
    accepted = _by_account(con, QUERY, asked, Accepted)
    return {
        account: Dossier(
            home=homes[account[0]],
            account_id=account[1],
            user_principal_name=names[0]["user_principal_name"] or "",
            display_name=names[0]["display_name"],
            judged=judged[account],
            methods=tuple(each["method"] for each in methods.get(account, ()) if each["method"]),
            seen=seen.get(account, [Seen()])[0],
            sign_ins=tuple(sign_ins.get(account, ())),
            roles=tuple(roles.get(account, ())),
            delegations=tuple(delegations.get(account, ())),
            accepted=tuple(accepted.get(account, ())),
        )
        for account, names in _by_account(con, _NAMES, asked, dict[str, str | None]).items()
    }


@cache
def _proofs() -> str:
    [view] = [each.sql for each in views() if each.name == "sign_in_proofs"]
    return _PROOFS.format(view=view.replace("{", "{{").replace("}", "}}"))


def _judged(con: Connection, config: Config, asked: Sequence[Account]) -> dict[Account, Judged]:
    tenants, accounts = ({each[at] for each in asked} for at in (0, 1))
    found = evaluate(con, config, tenants=tenants, accounts=accounts)
    judged = {signature.number: signature.judged for signature in found}
    whose = con.execute("select tenant_id, account_id, signature from judged_accounts").fetchall()
    return {(tenant_id, account_id): judged[signature] for tenant_id, account_id, signature in whose}


def _homes(con: Connection, config: Config, asked: Sequence[Account]) -> dict[str, Home]:
    at = newest_scan(con).scanned_at
    policies: dict[str, dict[str, Policy]] = {}
    for tenant_id, policy_id, name, users in con.execute(*_about(_POLICIES, asked)).fetchall():
        said = json.loads(users)
        policy = Policy(policy_id=policy_id, name=name, users=said if isinstance(said, dict) else {})
        policies.setdefault(tenant_id, {})[policy_id] = policy
    groups, roles = _names(con, _GROUPS, asked), _names(con, _ROLE_NAMES, asked)
    reads: dict[str, dict[str, Read]] = {}
    for row in _rows(con, _READS, asked):
        reads.setdefault(row["tenant_id"], {})[row["dataset"]] = msgspec.convert(row, Read)
    return {
        row["tenant_id"]: msgspec.structs.replace(
            msgspec.convert({**row, "scanned_at": at}, Home),
            is_strict=config.reading.strict,
            policies=policies.get(row["tenant_id"], {}),
            groups=groups.get(row["tenant_id"], {}),
            roles=roles.get(row["tenant_id"], {}),
            reads=reads.get(row["tenant_id"], {}),
        )
        for row in _rows(con, _HOMES, asked)
    }


def _about(sql: str, asked: Sequence[Account]) -> tuple[str, dict[str, object]]:
    """Return a query kept to these accounts, or to their tenants, with its parameters."""
    tenant_ids, account_ids = [each[0] for each in asked], [each[1] for each in asked]
    is_one = len(set(tenant_ids)) == 1
    of_tenants, tenants = among("tenant_id", "tenants", tenant_ids)

    def pairs(column: str) -> str:
        if is_one:
            return f"{of_tenants} and {among(column, 'accounts', account_ids)[0]}"
        return f"(tenant_id, {column}) in (select unnest($tenants::varchar[]), unnest($accounts::varchar[]))"

    accounts = among("account_id", "accounts", account_ids)[1] if is_one else {"accounts": account_ids}
    is_of_accounts = "{users}" in sql or "{accounts}" in sql
    written = sql.format(
        tenants=of_tenants,
        sources=among("judged_sources.tenant_id", "tenants", tenant_ids)[0],
        users=pairs("user_id"),
        accounts=pairs("account_id"),
        most=SHOWN_SIGN_INS,
    )
    if not is_of_accounts:
        return written, tenants if "{tenants}" in sql or "{sources}" in sql else {}
    return written, {**(tenants if is_one else {"tenants": tenant_ids}), **accounts}


def _names(con: Connection, sql: str, asked: Sequence[Account]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for tenant_id, key, name in con.execute(*_about(sql, asked)).fetchall():
        found.setdefault(tenant_id, {})[key] = name or key
    return found


def _by_account(con: Connection, sql: str, asked: Sequence[Account], kind: type[_T]) -> dict[Account, list[_T]]:
    found: dict[Account, list[_T]] = {}
    for row in _rows(con, sql, asked):
        account = row.pop("tenant_id"), row.pop("account_id")
        found.setdefault(account, []).append(msgspec.convert(row, kind))
    return found


def _rows(con: Connection, sql: str, asked: Sequence[Account]) -> list[dict[str, Any]]:
    cursor = con.execute(*_about(sql, asked))
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
