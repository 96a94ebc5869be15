"""What is known of an account beside its verdict, read from the published file: the material of every sentence."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from checks.evaluate import evaluate
from checks.newest import newest_scan
from checks.verdict import Judged
from collectors.config import Config
from collectors.declare import Kind
from warehouse.engine import Connection

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


_ASKED = "(select unnest($tenants) as tenant_id, unnest($accounts) as account_id)"
_HOMES = """
    select tenant_id, name, tenants.kind, program, last_scan_at, security_defaults
    from tenants join judged_tenants using (tenant_id)
    where tenant_id in (select unnest($tenants))
"""
_POLICIES = """
    select tenant_id, policy_id, coalesce(display_name, policy_id) as name, coalesce(conditions->'users', '{}') as users
    from conditional_access_policies where tenant_id in (select unnest($tenants)) order by policy_id
"""
_GROUPS = "select tenant_id, lower(group_id), display_name from groups where tenant_id in (select unnest($tenants))"
_ROLE_NAMES = """
    select tenant_id, lower(coalesce(template_id, role_definition_id)), display_name
    from role_definitions where tenant_id in (select unnest($tenants)) and display_name is not null
"""
_READS = """
    select
        judged_sources.tenant_id, each.key as dataset, each.value as source, coalesce(code, '') as code,
        coalesce(message, '') as message, last_complete_at
    from (select tenant_id, unnest(map_entries(sources)) as each from judged_sources) as judged_sources
    left join source_state
        on judged_sources.tenant_id = source_state.tenant_id and each.key = source_state.dataset
    where judged_sources.tenant_id in (select unnest($tenants))
    order by dataset
"""
# The names of the report; where the tenant has no licence for it, the types that were read one account at a time.
_METHODS = f"""
    select tenant_id, user_id as account_id, unnest(methods_registered) as method
    from authentication_methods
    where (tenant_id, user_id) in {_ASKED}
    union
    select
        tenant_id, user_id,
        coalesce(
            if(method_type = '#microsoft.graph.phoneAuthenticationMethod', phone_type || 'Phone', null),
            regexp_extract(method_type, 'graph\\.(\\w+)AuthenticationMethod$', 1)
        )
    from registered_methods
    where (tenant_id, user_id) in {_ASKED}
    order by all
"""  # noqa: S608  (constants)
_SEEN = f"""
    select
        tenant_id, account_id, count(*) as successes, count_if(did_mfa) as mfa,
        count_if(brought_claim and not did_mfa) as claims, count_if(is_single_factor) as single_factor,
        count_if(is_legacy) as legacy
    from sign_in_proofs
    where (tenant_id, account_id) in {_ASKED} and (is_interactive or is_legacy)
    group by tenant_id, account_id
"""  # noqa: S608
_SIGN_INS = f"""
    select
        tenant_id, account_id, signed_in_at, app_display_name, client_app_used, authentication_protocol, methods,
        is_interactive, is_legacy, did_mfa, brought_claim, is_single_factor
    from sign_in_proofs
    where (tenant_id, account_id) in {_ASKED} and (is_interactive or is_legacy)
    qualify row_number() over (partition by tenant_id, account_id order by signed_in_at desc, sign_in_id) <= $most
    order by signed_in_at desc, sign_in_id
"""  # noqa: S608
_ROLES = f"""
    select
        tenant_id, account_id, coalesce(names.display_name, template_id) as name, is_active, is_tenant_wide
    from role_holders
    left join (
        select tenant_id, lower(coalesce(template_id, role_definition_id)) as template_id, min(display_name) as display_name
        from role_definitions group by all
    ) as names using (tenant_id, template_id)
    where (tenant_id, account_id) in {_ASKED}
    order by name, is_active desc, is_tenant_wide desc
"""  # noqa: S608, E501
_DELEGATIONS = f"""
    select
        tenant_id, account_id, coalesce(customer_name, customer_tenant_id) as customer,
        coalesce(list(distinct role_name order by role_name) filter (where role_name is not null), []) as roles
    from delegated_roles
    where (tenant_id, account_id) in {_ASKED}
    group by tenant_id, account_id, customer
    order by lower(customer), customer
"""  # noqa: S608
_NAMES = f"""
    select user_principal_name, display_name, tenant_id, user_id as account_id
    from users where (tenant_id, user_id) in {_ASKED}
"""  # noqa: S608


def dossiers(con: Connection, config: Config, accounts: Iterable[Account]) -> dict[Account, Dossier]:
    """Return what is known of each of these accounts, decided anew as of the newest scan; nobody else is decided about.

    The connection may be a reader's. An account that is in no list of users is left out.
    """
    asked = sorted(set(accounts))
    if not asked:
        return {}
    about = {"tenants": [tenant_id for tenant_id, _ in asked], "accounts": [account_id for _, account_id in asked]}
    judged = _judged(con, config, about)
    homes = _homes(con, config, {"tenants": about["tenants"]})
    methods = _by_account(con, _METHODS, about, dict[str, str])
    seen = _by_account(con, _SEEN, about, Seen)
    sign_ins = _by_account(con, _SIGN_INS, {**about, "most": SHOWN_SIGN_INS}, SignIn)
    roles = _by_account(con, _ROLES, about, Role)
    delegations = _by_account(con, _DELEGATIONS, about, Delegation)
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
        )
        for account, names in _by_account(con, _NAMES, about, dict[str, str | None]).items()
    }


def _judged(con: Connection, config: Config, about: Mapping[str, list[str]]) -> dict[Account, Judged]:
    found = evaluate(con, config, tenants=set(about["tenants"]), accounts=about["accounts"])
    judged = {signature.number: signature.judged for signature in found}
    whose = con.execute("select tenant_id, account_id, signature from judged_accounts").fetchall()
    return {(tenant_id, account_id): judged[signature] for tenant_id, account_id, signature in whose}


def _homes(con: Connection, config: Config, about: Mapping[str, list[str]]) -> dict[str, Home]:
    at = newest_scan(con).scanned_at
    policies: dict[str, dict[str, Policy]] = {}
    for tenant_id, policy_id, name, users in con.execute(_POLICIES, about).fetchall():
        said = json.loads(users)
        policy = Policy(policy_id=policy_id, name=name, users=said if isinstance(said, dict) else {})
        policies.setdefault(tenant_id, {})[policy_id] = policy
    groups, roles = _names(con, _GROUPS, about), _names(con, _ROLE_NAMES, about)
    reads: dict[str, dict[str, Read]] = {}
    for row in _rows(con, _READS, about):
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
        for row in _rows(con, _HOMES, about)
    }


def _names(con: Connection, sql: str, about: Mapping[str, list[str]]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for tenant_id, key, name in con.execute(sql, about).fetchall():
        found.setdefault(tenant_id, {})[key] = name or key
    return found


def _by_account(con: Connection, sql: str, about: Mapping[str, object], kind: type[_T]) -> dict[Account, list[_T]]:
    found: dict[Account, list[_T]] = {}
    for row in _rows(con, sql, about):
        account = row.pop("tenant_id"), row.pop("account_id")
        found.setdefault(account, []).append(msgspec.convert(row, kind))
    return found


def _rows(con: Connection, sql: str, about: Mapping[str, object]) -> list[dict[str, Any]]:
    cursor = con.execute(sql, about)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
