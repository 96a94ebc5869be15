"""The accounts that waivers and technical exceptions name, or whose group they name: SQL over users and groups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from checks.rule import Rule
from warehouse.engine import Connection

_ALIKE = 0.85  # of Jaro and Winkler: a misspelt name, not just another one of the same domain


class Asked(NamedTuple):
    """Accounts of a tenant by object id or user principal name, and a group whose members are meant."""

    tenant_id: str
    accounts: tuple[str, ...]
    group: str | None = None


@dataclass
class People:
    """Who was found: object ids ``by_name`` (as asked for, in lower case) and the ``members`` of the group."""

    by_name: dict[str, str] = field(default_factory=dict)
    members: set[str] = field(default_factory=set)

    @property
    def ids(self) -> set[str]:
        """Every account that is meant."""
        return {*self.by_name.values(), *self.members}


_ASKED = """
    create or replace temp table asked_accounts as
    select
        unnest($places::integer[]) as place, unnest($tenants::varchar[]) as tenant_id,
        unnest($accounts::varchar[]) as account, unnest($groups::varchar[]) as group_id
"""
_FOUND = """
    create or replace temp table meant_accounts as
    select place, account, users.tenant_id, users.user_id as account_id
    from asked_accounts as asked
    join users on asked.tenant_id = users.tenant_id and asked.account = lower(users.user_id)
    union
    select place, account, users.tenant_id, users.user_id
    from asked_accounts as asked
    join users on asked.tenant_id = users.tenant_id and asked.account = lower(users.user_principal_name)
    union
    select place, null, members.tenant_id, members.member_id
    from asked_accounts as asked
    join group_members as members on asked.tenant_id = members.tenant_id and asked.group_id = lower(members.group_id)
    join users on members.tenant_id = users.tenant_id and members.member_id = users.user_id
    join judged_sources
        on members.tenant_id = judged_sources.tenant_id and judged_sources.sources['group_members'] = 'usable'
"""


def find(con: Connection, asked: Sequence[Asked]) -> list[People]:
    """Return who is meant by each, and make the temporary table ``meant_accounts`` of all of them.

    Members of a group are those that scans read, however deeply nested; nobody's while the newest attempt to read them
    was not complete: whoever left the group since would be accepted still.
    """
    rows: list[tuple[int, str, str | None, str | None]] = []
    for place, each in enumerate(asked):
        rows += [(place, each.tenant_id, account.lower(), None) for account in each.accounts]
        rows += [(place, each.tenant_id, None, each.group.lower())] if each.group else []
    names = ("places", "tenants", "accounts", "groups")
    con.execute(_ASKED, {name: [row[at] for row in rows] for at, name in enumerate(names)})
    con.execute(_FOUND)
    found = [People() for _ in asked]
    for place, account, account_id in con.execute("select place, account, account_id from meant_accounts").fetchall():
        if account is None:
            found[place].members.add(account_id)
        else:
            found[place].by_name[account] = account_id
    return found


class Judged(NamedTuple):
    """Rows of evidence about an account: all of them, and those that break the rule."""

    rows: int
    failing: int


def judged(con: Connection, rule: Rule) -> dict[str, dict[str, Judged]]:
    """Return by tenant and account what a rule's evidence says of those in ``meant_accounts``."""
    found: dict[str, dict[str, Judged]] = defaultdict(dict)
    rows = con.execute(
        f"""
        select tenant_id, account_id, count(*), count(*) filter ({rule.expect.fails})
        from evidence.{rule.evidence}
        where (tenant_id, account_id) in (select (tenant_id, account_id) from meant_accounts)
        group by tenant_id, account_id
        """  # noqa: S608  (names and conditions of ours, checked when the rule was declared)
    ).fetchall()
    for tenant_id, account_id, count, failing in rows:
        found[tenant_id][account_id] = Judged(count, failing)
    return found


def judges_accounts(con: Connection, rule: Rule) -> bool:
    """Return whether the rule's evidence is about accounts in any tenant."""
    [[names]] = con.execute(
        f"select count(*) > 0 from (from evidence.{rule.evidence} where account_id is not null limit 1)"  # noqa: S608
    ).fetchall()
    return bool(names)


def unread(con: Connection) -> dict[str, dict[str, str]]:
    """Return by tenant those of ``users`` and ``group_members`` that the newest attempt did not read whole, and why."""
    rows = con.execute("select tenant_id, sources['users'], sources['group_members'] from judged_sources").fetchall()
    return {
        tenant_id: {name: state for name, state in (("users", users), ("group_members", members)) if state != "usable"}
        for tenant_id, users, members in rows
    }


def nobody(con: Connection, tenant_id: str, account: str) -> str:
    """Return what is wrong with naming ``account``, whom the tenant does not have, and whom it may have meant."""
    found = con.execute(
        """
        select user_principal_name
        from (
            select user_principal_name, jaro_winkler_similarity(lower(user_principal_name), $account) as likeness
            from users where tenant_id = $tenant
        )
        where likeness >= $alike order by likeness desc, user_principal_name limit 1
        """,
        {"tenant": tenant_id, "account": account.lower(), "alike": _ALIKE},
    ).fetchone()
    hint = f"Did you mean {found[0]}?" if found else "Correct or remove it."
    return f"names the account {account}, which is not in the tenant. {hint}"


def is_enabled(con: Connection, tenant_id: str, account_id: str) -> bool | None:
    """Return whether an account can sign in; None where it is not known."""
    found = con.execute(
        "select is_enabled from users where tenant_id = ? and user_id = ?", [tenant_id, account_id]
    ).fetchone()
    return None if found is None else found[0]
