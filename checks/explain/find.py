"""Which account does somebody mean? By object id, user principal name, mail or display name."""

from __future__ import annotations

import difflib
from typing import NamedTuple

from checks.cover.plain import plain, quoted
from checks.errors import CheckError
from checks.explain.dossier import Account
from warehouse.engine import Connection

_MOST_TOLD = 8


class NoSuchAccount(CheckError):  # noqa: N818  (an answer, not an accident)
    """Nobody, or more than one, has the name; the message says who comes close."""


class NoSuchTenant(CheckError):  # noqa: N818
    """No tenant, or more than one, has the id or name; the message says which there are."""


class _Found(NamedTuple):
    tenant_id: str
    tenant: str
    account_id: str
    user_principal_name: str
    display_name: str | None

    @property
    def words(self) -> str:
        name = f" ({quoted(self.display_name)})" if self.display_name else ""
        return f"{plain(self.user_principal_name, 120)}{name} in {quoted(self.tenant)}, id {plain(self.account_id)}"


# What is more exact decides: an id before a name to sign in with, that before a name shown to people.
_FIND = """
    select tenant_id, tenants.name, user_id, coalesce(user_principal_name, ''), display_name
    from (
        select *, list_position(
            [lower(user_id), lower(user_principal_name), lower(mail), lower(display_name)], lower($wanted)
        ) as exactness
        from users
    ) as users
    join tenants using (tenant_id)
    where exactness > 0 and ($tenant is null or tenant_id = $tenant)
    qualify exactness = min(exactness) over ()
    order by tenants.name, user_principal_name, user_id
"""
# Of many names only those that share some letters in a row are worth comparing.
_NEAR = """
    select user_principal_name
    from users
    where ($tenant is null or tenant_id = $tenant) and user_principal_name is not null
    order by greatest(
        jaro_winkler_similarity(lower(split_part(user_principal_name, '@', 1)), lower(split_part($wanted, '@', 1))),
        jaro_winkler_similarity(lower(coalesce(display_name, '')), lower($wanted))
    ) desc, user_principal_name
    limit 5
"""


def find(con: Connection, wanted: str, tenant: str | None = None) -> Account:
    """Return the one account that is meant. Raises :class:`NoSuchAccount` and :class:`NoSuchTenant`."""
    tenant_id = None if tenant is None else find_tenant(con, tenant)
    about = {"wanted": wanted.strip(), "tenant": tenant_id}
    rows = [_Found(*row) for row in con.execute(_FIND, about).fetchall()]
    if len(rows) == 1:
        return rows[0].tenant_id, rows[0].account_id
    if rows:
        told = "; ".join(row.words for row in rows[:_MOST_TOLD])
        more = f"; and {len(rows) - _MOST_TOLD} more" if len(rows) > _MOST_TOLD else ""
        msg = f"{len(rows)} accounts are called {quoted(wanted)}: {told}{more}. Give the id, or --tenant."
        raise NoSuchAccount(msg)
    near = [plain(name, 120) for [name] in con.execute(_NEAR, about).fetchall()]
    hint = f" The nearest: {', '.join(near)}." if near else " No account was read."
    msg = f"no account has the object id, user principal name, mail or display name {quoted(wanted)}.{hint}"
    raise NoSuchAccount(msg)


def find_tenant(con: Connection, wanted: str) -> str:
    """Return the id of the tenant that is meant, by id or name. Raises :class:`NoSuchTenant`."""
    tenants: list[tuple[str, str]] = con.execute("select tenant_id, name from tenants order by name").fetchall()
    found = [key for key, name in tenants if wanted.strip().casefold() in {key.casefold(), name.casefold()}]
    if len(found) == 1:
        return found[0]
    if found:
        msg = f"{len(found)} tenants are called {quoted(wanted)}. Give the id: {', '.join(found)}."
        raise NoSuchTenant(msg)
    near = difflib.get_close_matches(wanted, [name for _, name in tenants], 3, 0.4) or [name for _, name in tenants[:8]]
    msg = f"no tenant has the id or name {quoted(wanted)}. There are: {', '.join(map(quoted, near))}."
    raise NoSuchTenant(msg)
