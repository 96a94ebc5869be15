"""The warehouse as it was as of a scan, for some accounts: a database in memory with the same views over less.

What judges reads views, and the views of a database read that database's tables. So the same SQL tells the past, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import NamedTuple

from warehouse.catalog import Relation, tables
from warehouse.datasets import history_of, past_of
from warehouse.engine import Connection, beside, identifier, using
from warehouse.validity import HELD
from warehouse.views import View, views

# What a table holds of the accounts in question: those of its rows whose tenant and account are here.
_OF_ACCOUNTS: Mapping[str, tuple[str, str]] = {
    # Who holds a role or may activate one is known only where it is known to be a user.
    "users": (
        "user_id",
        "from {accounts} union select tenant_id, principal_id from {moment}.main.role_eligibilities",
    ),
    "authentication_methods": ("user_id", "from {accounts}"),
    "registered_methods": ("user_id", "from {accounts}"),
    "per_user_mfa": ("user_id", "from {accounts}"),
    # That somebody is in a group tells that its members were read, where nothing else does: one of each is enough.
    "group_members": (
        "member_id",
        """
            from {accounts}
            union
            select tenant_id, min(member_id) from ({rows}) as members group by tenant_id, group_id
        """,
    ),
    "sign_ins": ("user_id", "from {accounts}"),
}
# They tell of what never changes a verdict, or (what an account seems to be) is kept with it.
_EMPTY = frozenset({"partner_requests", "gdap_relationships", "gdap_assignments", "agent_groups"})


class Moment(NamedTuple):
    """A scan's own time, and the name of the database in memory."""

    name: str
    at: datetime


@contextmanager
def moments(con: Connection, accounts: str, *wanted: Moment, roots: tuple[str, ...]) -> Iterator[None]:
    """Attach a database for each moment, with the views in ``roots`` and all that they read; drop them at the end.

    ``accounts`` is a table with the columns tenant_id and account_id: of nobody else there is anything, and nothing of
    other tenants but what was read of each dataset. Of sign-ins only those of guests are there, and of GDAP, Partner
    Center and its groups nothing. Call it outside of a transaction, with the warehouse in use.
    """
    stored = {table.name: table for table in tables(con) if table.schema == "main"}
    needed = _needed(stored, roots)
    with ExitStack() as attached:
        for moment in wanted:
            attached.enter_context(beside(con, moment.name))
            for table in needed.tables:
                _fill(con, moment, table, accounts)
            _create_views(con, moment, needed.views)
        yield


class _Needed(NamedTuple):
    tables: list[Relation]
    views: list[View]


def _needed(stored: Mapping[str, Relation], roots: tuple[str, ...]) -> _Needed:
    """Return the tables and views that these read, the views in the order in which they can be made."""
    defined = {view.name: view for view in views()}
    found: set[str] = set()
    open_ = [*roots]
    while open_:
        name = open_.pop()
        if name not in found:
            found.add(name)
            if name in defined:
                words = set(re.findall(r"[a-z_][a-z0-9_]*", re.sub(r"--.*", "", defined[name].sql)))
                open_ += sorted(words & (defined.keys() | stored.keys()))
    # What an account's rows are chosen by comes before them.
    return _Needed(
        [stored[name] for name in sorted(found - defined.keys(), key=lambda name: (name in _OF_ACCOUNTS, name))],
        [view for view in defined.values() if view.name in found],
    )


def _create_views(con: Connection, moment: Moment, needed: list[View]) -> None:
    with using(con, moment.name):
        for view in needed:
            con.execute(f"create schema if not exists {identifier(view.schema)}")
            con.execute(f"create view {view.qualified} as\n{view.sql}")


def _fill(con: Connection, moment: Moment, table: Relation, accounts: str) -> None:
    """Put into a moment's table what the warehouse held of it then."""
    target = f"{identifier(moment.name)}.{table.qualified}"
    source = f"warehouse.{table.qualified}"
    con.execute(f"create table {target} as from {source} limit 0")
    if table.name in _EMPTY:
        return
    rows, about = f"select * from {source}", {}  # noqa: S608  (names are quoted)
    if table.name in _AT:
        rows, about = _AT[table.name], {"at": moment.at}
    elif table.has("valid_from"):
        rows, about = _as_of(table), {"at": moment.at}
    con.execute(f"insert into {target} by name {_kept(moment, table, accounts, rows)}", about)


# One row of each tenant and dataset: how the newest attempt went, and what the newest complete one brought.
_AT: Mapping[str, str] = {
    "scans": "select * from warehouse.main.scans where scanned_at <= $at",
    # Of what they signed in to nothing is told here, only where a guest is at home.
    "sign_ins": """
        select * from warehouse.main.sign_ins
        where home_tenant_id <> '' and lower(home_tenant_id) <> lower(tenant_id) and signed_in_at <= $at
    """,
    "source_status": """
        select source_status.*
        from warehouse.main.source_status as source_status
        inner join warehouse.main.scans as scans on source_status.scan_id = scans.scan_id
        where source_status.state <> 'skipped' and scans.scanned_at <= $at
        qualify row_number() over (
            partition by source_status.tenant_id, source_status.dataset
            order by scans.scanned_at desc, scans.scan_id desc
        ) = 1
    """,
    "slices": """
        select
            source_status.tenant_id, source_status.dataset, source_status.scan_id, source_status.rows,
            '' as sha256, source_status.collected_at
        from warehouse.main.source_status as source_status
        inner join warehouse.main.scans as scans on source_status.scan_id = scans.scan_id
        -- What is in no slice now was lost, whenever that was.
        semi join warehouse.main.slices as slices
            on source_status.tenant_id = slices.tenant_id and source_status.dataset = slices.dataset
        where source_status.state = 'complete' and scans.scanned_at <= $at
        qualify row_number() over (
            partition by source_status.tenant_id, source_status.dataset
            order by scans.scanned_at desc, scans.scan_id desc
        ) = 1
    """,
}


def _as_of(table: Relation) -> str:
    history = f"warehouse.main.{identifier(history_of(table.name))}"
    return f"select * exclude (valid_until) from {history} where {HELD}"  # noqa: S608  (names of ours)


def _kept(moment: Moment, table: Relation, accounts: str, rows: str) -> str:
    """Return SQL for those of some rows that are of the accounts in question, or of their tenants."""
    if table.name in _OF_ACCOUNTS:
        column, asked = _OF_ACCOUNTS[table.name]
        about = asked.format(accounts=accounts, rows=rows, moment=identifier(moment.name))
        return (
            f"select kept.* from ({rows}) as kept semi join ({about}) as asked "  # noqa: S608  (SQL of ours)
            f"on kept.tenant_id = asked.tenant_id and kept.{column} = asked.account_id"
        )
    if table.has("tenant_id") and table.name != "tenants":
        return f"select * from ({rows}) where tenant_id in (select tenant_id from {accounts})"  # noqa: S608  (the same)
    return rows


def changed_rows(
    con: Connection, dataset: str, said: tuple[str, str, str, str], earlier: datetime
) -> list[tuple[str, str, str | None, str | None, str | None, datetime | None]]:
    """Return the rows of a tracked dataset that are otherwise than as of an earlier scan.

    ``said`` is SQL for the key of a row in its tenant, its name, what it says, and when it was edited. Of each there
    are: tenant, key, name (the newest), what it said then (``None`` if it was not there), what it says now (the same),
    and when it was edited.
    """
    key, name, says, edited_at = said
    now = f"select tenant_id, {key} as key, {name} as name, {says} as said, {edited_at} as edited_at"
    return con.execute(
        f"""
        with was as (
            {now} from {identifier(past_of(dataset))} where valid_from <= $earlier and valid_until > $earlier
        ),
        is_now as ({now} from {identifier(dataset)} where valid_from > $earlier)
        select
            coalesce(is_now.tenant_id, was.tenant_id) as tenant_id, coalesce(is_now.key, was.key) as key,
            coalesce(is_now.name, was.name), was.said, is_now.said, is_now.edited_at
        from was
        full join is_now on was.tenant_id = is_now.tenant_id and was.key = is_now.key
        order by tenant_id, key
        """,  # noqa: S608  (SQL of ours)
        {"earlier": earlier},
    ).fetchall()


def first_read(con: Connection, earlier: datetime) -> set[tuple[str, str]]:
    """Return the tenants and datasets of which nothing was there yet as of an earlier scan."""
    rows = con.execute(
        """
        select source_status.tenant_id, source_status.dataset
        from source_status
        inner join scans on source_status.scan_id = scans.scan_id
        where source_status.state = 'complete'
        group by all
        having min(scans.scanned_at) > $earlier
        """,
        {"earlier": earlier},
    ).fetchall()
    return {(tenant_id, dataset) for tenant_id, dataset in rows}


def membership_changes(con: Connection, earlier: datetime) -> list[tuple[str, str, int, int]]:
    """Return tenant and group of those that have other members than as of an earlier scan: how many joined and left.

    Groups that were not read in both are not among them.
    """
    return con.execute(
        """
        select tenant_id, group_id, sum(joined)::bigint, sum(gone)::bigint
        from (
            select tenant_id, group_id, 1 as joined, 0 as gone from group_members where valid_from > $earlier
            union all
            select tenant_id, group_id, 0 as joined, 1 as gone
            from group_members_past where valid_until > $earlier and valid_from <= $earlier
        ) as members
        semi join groups using (tenant_id, group_id)
        semi join (
            from groups_history where valid_from <= $earlier and (valid_until is null or valid_until > $earlier)
        ) as before using (tenant_id, group_id)
        group by tenant_id, group_id
        order by tenant_id, group_id
        """,
        {"earlier": earlier},
    ).fetchall()
