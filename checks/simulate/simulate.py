"""Judge a tenant as it is and as it would be, and tell the two apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from checks.cover import CoverModel, build
from checks.cover.plain import plain, quoted
from checks.evaluate import evaluate_accounts
from checks.explain.find import find_tenant
from checks.explain.reasons import explain as reason_in_words
from checks.explain.words import SOURCES, VERDICTS, many
from checks.newest import newest_scan
from checks.place import POLICIES
from checks.places import policies_of
from checks.simulate.change import Change, ChangeError, apply
from checks.verdict import Judged
from collectors.config import Config
from warehouse.engine import Connection


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """An account whose verdict would be another. All its text is harmless to show.

    ``before`` and ``after`` are verdicts (of a customer's account its posture), ``reasons_before`` and
    ``reasons_after`` codes, ``why`` the first of them in words, ``counterexample`` a sign-in that gets through then.
    """

    account_id: str
    user_principal_name: str
    display_name: str | None
    before: str
    after: str
    reasons_before: tuple[str, ...]
    reasons_after: tuple[str, ...]
    why: str
    counterexample: str | None


class Simulation(msgspec.Struct, frozen=True, kw_only=True):
    """What a change would do to a tenant: the data of ``rollcall simulate --json`` (docs/explain.md).

    ``before`` and ``after`` count the accounts by verdict, every verdict among them; ``changes`` says what was changed
    and ``undecided`` what could not be decided, in sentences. ``version`` becomes another one when a key goes away or
    means something else; new keys may come.
    """

    version: Literal[1] = 1

    tenant_id: str
    tenant_name: str
    scanned_at: datetime
    changes: tuple[str, ...]
    before: dict[str, int]
    after: dict[str, int]
    changed: tuple[Changed, ...]
    undecided: tuple[str, ...]


def group_of(con: Connection, tenant_id: str, wanted: str) -> tuple[str, str]:
    """Return id and name of a group by either; one that was not read goes by the id alone. Raises ``ChangeError``."""
    rows: list[tuple[str, str]] = con.execute(
        """
        select group_id, coalesce(display_name, group_id) from groups
        where tenant_id = $tenant and lower($wanted) in (lower(group_id), lower(display_name)) order by group_id
        """,
        {"tenant": tenant_id, "wanted": wanted.strip()},
    ).fetchall()
    if len(rows) > 1:
        msg = f"{len(rows)} groups are called {quoted(wanted)}. Give the id: {', '.join(key for key, _ in rows)}."
        raise ChangeError(msg)
    return rows[0] if rows else (wanted.strip(), wanted.strip())


def simulate(con: Connection, config: Config, tenant: str, changes: Sequence[Change]) -> Simulation:
    """Return whose verdict the changes would change in a tenant (id or name), as of the newest scan.

    Raises :class:`~checks.simulate.change.ChangeError` where its policies were not read or lack what is to be changed.
    """
    tenant_id = find_tenant(con, tenant)
    [[name, source]] = con.execute(
        "select name, sources[$policies] from tenants join judged_tenants using (tenant_id) where tenant_id = $tenant",
        {"tenant": tenant_id, "policies": POLICIES},
    ).fetchall()
    if source != "usable":
        told = SOURCES.get(source, source)
        msg = f"the policies of {quoted(name)} {told}, so nobody can tell what a change would do. Scan it first."
        raise ChangeError(msg)
    policies, done = apply(policies_of(con, tenant_id), changes)
    model = build(policies, None, None)
    before = evaluate_accounts(con, config, tenant_id)
    after = evaluate_accounts(con, config, tenant_id, policies=policies)
    moved = [account for account in before if _verdict(before[account]) != _verdict(after[account])]
    names = _names(con, tenant_id, moved)
    return Simulation(
        tenant_id=tenant_id,
        tenant_name=plain(name),
        scanned_at=newest_scan(con).scanned_at,
        changes=done,
        before=_counts(before),
        after=_counts(after),
        changed=tuple(
            _changed(account, names[account], before[account], after[account])
            for account in sorted(moved, key=lambda account: (names[account][0].casefold(), account))
        ),
        undecided=tuple(_undecided(con, tenant_id, model, after)),
    )


def _verdict(judged: Judged) -> str:
    return judged.decision.customer_posture or judged.decision.contract_verdict


def _counts(judged: Mapping[str, Judged]) -> dict[str, int]:
    counts = Counter(map(_verdict, judged.values()))
    return {verdict: counts[verdict] for verdict in VERDICTS}


def _changed(account: str, names: tuple[str, str | None], before: Judged, after: Judged) -> Changed:
    said = [code for code in after.decision.reasons if not code.endswith("_RECOMMENDED")]
    is_well = _verdict(after) == "compliant" or not said
    return Changed(
        account_id=account,
        user_principal_name=plain(names[0], 120),
        display_name=plain(names[1]) if names[1] else None,
        before=_verdict(before),
        after=_verdict(after),
        reasons_before=tuple(plain(code, 200) for code in before.decision.reasons),
        reasons_after=tuple(plain(code, 200) for code in after.decision.reasons),
        why="MFA is demanded of the account, and it can do it." if is_well else plain(reason_in_words(said[0]), 400),
        counterexample=None if (sentence := after.decision.counterexample) is None else plain(sentence, 400),
    )


def _names(con: Connection, tenant_id: str, accounts: Collection[str]) -> dict[str, tuple[str, str | None]]:
    rows = con.execute(
        """
        select user_id, coalesce(user_principal_name, user_id), display_name from users
        where tenant_id = $tenant and user_id in (select unnest($accounts::varchar[]))
        """,
        {"tenant": tenant_id, "accounts": list(accounts)},
    ).fetchall()
    return {account: (upn, name) for account, upn, name in rows}


def _undecided(con: Connection, tenant_id: str, model: CoverModel, after: Mapping[str, Judged]) -> Iterator[str]:
    """Yield what keeps the answer open: what could not be read or understood, and how many accounts that leaves."""
    open_ = sum(_verdict(judged) == "indeterminate" for judged in after.values())
    if open_:
        yield f"{many(open_, 'account')} would be indeterminate: `rollcall explain` says what each hinges on."
    known = {
        group.lower()
        for [group] in con.execute("select group_id from read_groups where tenant_id = ?", [tenant_id]).fetchall()
    }
    for group in sorted(model.group_ids - known):
        yield f"Who is in the group {quoted(group)} was not read, or it does not exist: the policies that name it "
        "may or may not apply."
    for notice in model.notices:
        yield f"The policy {quoted(notice.policy_id)} holds something that is not known here, and counts for "
        f"nothing: {quoted(notice.where)}."
