"""``rollcall changes`` in a terminal, and as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from rich.console import Console

from checks.cover.plain import plain
from checks.errors import CheckError
from checks.explain.find import find_tenant
from checks.explain.words import VERDICTS as NAMES
from checks.explain.words import capital, many, moment
from checks.report.explained import INDENT, STYLES, WIDEST, Line, wrapped
from checks.report.words import VERDICTS, word
from collectors.config import Config
from warehouse.engine import Connection, reader
from warehouse.validity import VERDICTS as RECORDED_VERDICTS
from warehouse.validity import recorded_before

_THINGS_SHOWN = 40
_ACCOUNTS_SHOWN = 8
_BATCH = 1000


class Thing(msgspec.Struct, frozen=True, kw_only=True):
    """A row of ``changes``: something that is otherwise than before, and of how many accounts it is a cause."""

    tenant_id: str
    tenant_name: str
    change_id: str
    change_type: str
    name: str
    what: str
    edited_at: datetime | None
    accounts_changed: int
    accounts_together: int
    worse: int
    better: int
    unclear: int


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A row of ``verdict_changes``: an account that is otherwise than before, and what did it."""

    tenant_id: str
    account_id: str
    user_principal_name: str
    before: str | None
    after: str | None
    direction: str
    aspect: str
    cause_type: str
    cause_name: str
    what: str
    how: str
    change_ids: tuple[str, ...]
    confidence: str


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """What changed since the scan before: the data of ``rollcall changes --json`` (docs/changes.md).

    Things and accounts stand worst first. ``earlier_at`` is ``None`` where there is no scan before. ``version`` becomes
    another one when a key goes away or means something else; new keys may come. All text is harmless to show.
    """

    version: Literal[1] = 1

    scanned_at: datetime
    earlier_at: datetime | None
    directions: dict[str, int]
    unexplained: int
    changes: tuple[Thing, ...]
    accounts: tuple[Account, ...]


_DIRECTIONS = ("worse", "unclear", "better", "same", "new", "gone")
_THINGS = """
    select {columns}
    from changes join (select tenant_id, name as tenant_name from tenants) as tenants using (tenant_id)
    where scanned_at = $at and ($tenant is null or tenant_id = $tenant)
    order by worse desc, unclear desc, accounts_changed desc, tenant_name, tenant_id, change_id
"""
_ACCOUNTS = """
    select {columns}
    from verdict_changes
    where scanned_at = $at and ($tenant is null or tenant_id = $tenant) {some}
    order by list_position($directions, direction), tenant_id, user_principal_name, account_id
"""
_SOME = f"""
    qualify row_number() over (
        partition by tenant_id, change_ids
        order by list_position($directions, direction), user_principal_name, account_id
    ) <= {_ACCOUNTS_SHOWN}
"""
_COUNTS = """
    select direction, count(*), count(*) filter (how = 'unknown') from verdict_changes
    where scanned_at = $at and ($tenant is null or tenant_id = $tenant) group by direction
"""


def changed(config: Config, tenant: str | None = None, *, is_whole: bool = True) -> Changes:
    """Return what changed between the two newest recorded scans, in one tenant (id or name) or in all.

    Unless it ``is_whole``, of the accounts only the first for each cause are in it. Raises
    :class:`~checks.errors.CheckError` where no scan was compared, and
    :class:`~checks.explain.find.NoSuchTenant`.
    """
    with reader(config.published) as con:
        tenant_id = None if tenant is None else find_tenant(con, tenant)
        [[at]] = con.execute("select max(scanned_at) from judgements").fetchall()
        if at is None:
            msg = "no scan was compared with the one before yet. Run `rollcall scan`: it is done before publishing."
            raise CheckError(msg)
        before = recorded_before(con, RECORDED_VERDICTS, at)
        about = {"at": at, "tenant": tenant_id}
        things = tuple(_rows(con, Thing, _THINGS, about))
        asked = _ACCOUNTS.replace("{some}", "" if is_whole else _SOME)
        accounts = tuple(_rows(con, Account, asked, about | {"directions": list(_DIRECTIONS)}))
        counts = con.execute(_COUNTS, about).fetchall()
    return Changes(
        scanned_at=at,
        earlier_at=before and before[1],
        directions=dict.fromkeys(_DIRECTIONS, 0) | {direction: count for direction, count, _ in counts},
        unexplained=sum(unknown for *_, unknown in counts),
        changes=things,
        accounts=accounts,
    )


def _rows(con: Connection, kind: type[Any], query: str, about: dict[str, Any]) -> Iterator[Any]:
    con.execute(query.format(columns=", ".join(kind.__struct_fields__)), about)
    while rows := con.fetchmany(_BATCH):
        for row in rows:
            yield kind(**dict(zip(kind.__struct_fields__, map(_harmless, row), strict=True)))


def _harmless(value: Any) -> Any:
    return plain(value, 400) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value


def print_changes(found: Changes, console: Console | None = None) -> None:
    """Print what changed, worst first: the things that did most, and of each the first accounts."""
    console = console or Console()
    for line in _lines(found):
        console.print(wrapped(line, min(console.width, WIDEST)), soft_wrap=True, highlight=False)


def _lines(found: Changes) -> Iterator[Line]:
    if found.earlier_at is None:
        yield Line(f"The scan of {moment(found.scanned_at)} is the first: there is nothing to compare it with.")
        return
    yield Line(f"From {moment(found.earlier_at)} to {moment(found.scanned_at)}", style="bold")
    yield Line(_counted(found.directions))
    for each in found.changes[:_THINGS_SHOWN]:
        yield Line()
        yield from _thing(each, found.accounts)
    if len(found.changes) > _THINGS_SHOWN:
        yield Line()
        yield Line(f"And {many(len(found.changes) - _THINGS_SHOWN, 'change')} more: --json has them all.")
    if found.unexplained:
        yield Line()
        yield Line("Nobody can tell what did it:", style="bold")
        yield from _accounts([each for each in found.accounts if each.how == "unknown"], found.unexplained)


def _counted(directions: dict[str, int]) -> str:
    words = {
        "worse": "worse",
        "unclear": "to or from indeterminate",
        "better": "better",
        "same": "otherwise with the same verdict",
        "new": "new",
        "gone": "gone",
    }
    told = [f"{directions[name]:,} {words[name]}" for name in _DIRECTIONS if directions[name]]
    return f"Accounts: {', '.join(told)}." if told else "No account is otherwise than it was."


def _thing(each: Thing, accounts: Sequence[Account]) -> Iterator[Line]:
    tone = "bad" if each.worse else "open" if each.unclear else "good" if each.better else "quiet"
    yield Line(f"{each.tenant_name}: {each.name}: {each.what}", style=STYLES[tone])
    if each.change_type == "tenant":
        return
    if not each.accounts_changed:
        yield Line("It changed nobody's verdict.", INDENT)
        return
    told = [f"{count:,} {name}" for name in ("worse", "unclear", "better") if (count := getattr(each, name))]
    together = f"; of {each.accounts_together:,} not the only one" if each.accounts_together else ""
    yield Line(
        f"The cause of {many(each.accounts_changed, 'account')}{': ' + ', '.join(told) if told else ''}{together}.",
        INDENT,
    )
    mine = [one for one in accounts if one.tenant_id == each.tenant_id and each.change_id in one.change_ids]
    yield from _accounts(mine, each.accounts_changed)


def _accounts(accounts: Sequence[Account], count: int) -> Iterator[Line]:
    for each in accounts[:_ACCOUNTS_SHOWN]:
        shown = word(VERDICTS, each.after or "not_applicable")
        if each.before is None or each.after is None:
            moved = NAMES.get(each.after or each.before or "", "")
        elif each.before == each.after:
            moved = f"{NAMES.get(each.after, each.after)} as before, {each.aspect} is otherwise"
        else:
            moved = f"{NAMES.get(each.before, each.before)} -> {NAMES.get(each.after, each.after)}"
        yield Line(f"{each.user_principal_name}: {moved}", f"{INDENT}{shown.sign} ")
        if each.how in {"each", "together"} or each.cause_type in {"account", "registration", "roles", "unknown"}:
            yield Line(f"{capital(each.what)}.", f"{INDENT}  ", "dim")
    if count > _ACCOUNTS_SHOWN:
        yield Line(f"and {count - _ACCOUNTS_SHOWN:,} more", f"{INDENT}  ", "dim")
