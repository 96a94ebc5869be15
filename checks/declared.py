"""What the operator declares accounts to be ([[account_class]] of ``rollcall.toml``): a table beside the facts."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.config import AccountClass, Config
from warehouse.engine import Connection

# Of two declarations a name beats a group, and the one that stands first in the file beats the other.
_ASKED = """
    create or replace temp table declarations as
    select
        unnest($places::integer[]) as place, unnest($tenants::varchar[]) as tenant_id,
        unnest($accounts::varchar[]) as account, unnest($groups::varchar[]) as group_id,
        unnest($classes::varchar[]) as account_class
"""
_FOUND = """
    create or replace temp table declared_classes as
    with found as (
        select place, false as is_group, account_class, users.tenant_id, users.user_id as account_id
        from declarations
        join users on declarations.tenant_id = users.tenant_id and declarations.account = lower(users.user_id)
        union all
        select place, false, account_class, users.tenant_id, users.user_id
        from declarations
        join users
            on declarations.tenant_id = users.tenant_id and declarations.account = lower(users.user_principal_name)
        union all
        select place, true, account_class, group_members.tenant_id, group_members.member_id
        from declarations
        join group_members
            on
                declarations.tenant_id = group_members.tenant_id
                and declarations.group_id = lower(group_members.group_id)
        join judged_sources
            on
                group_members.tenant_id = judged_sources.tenant_id
                and judged_sources.sources['group_members'] = 'usable'
    )
    select
        tenant_id as declared_tenant_id, account_id as declared_account_id,
        arg_min(account_class, {'is_group': is_group, 'place': place}) as declared_class,
        list(distinct place) as places
    from found
    group by tenant_id, account_id
"""


def declare(con: Connection, config: Config) -> None:
    """Make the temporary table ``declared_classes``: one row per account that a declaration names, with its class."""
    named = [(at, each, account) for at, each in enumerate(config.account_class) for account in (*each.accounts, None)]
    rows = [(at, each, account) for at, each, account in named if account is not None or each.group is not None]
    con.execute(
        _ASKED,
        {
            "places": [at for at, _, _ in rows],
            "tenants": [each.tenant for _, each, _ in rows],
            "accounts": [account and account.lower() for _, _, account in rows],
            "groups": [each.group.lower() if each.group and account is None else None for _, each, account in rows],
            "classes": [each.class_ for _, each, _ in rows],
        },
    )
    con.execute(_FOUND)


def nobody(con: Connection, config: Config) -> Iterator[AccountClass]:
    """Yield the declarations of tenants in the warehouse that name no account of theirs, once :func:`declare` ran.

    The name is misspelt, the account is gone, or the group is none whose members scans read.
    """
    met = {at for [at] in con.execute("select distinct unnest(places) from declared_classes").fetchall()}
    read = {tenant for [tenant] in con.execute("select tenant_id from tenants").fetchall()}
    yield from (each for at, each in enumerate(config.account_class) if each.tenant in read and at not in met)
