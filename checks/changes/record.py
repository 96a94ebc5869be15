"""Record what the newest scan found otherwise than the recorded scan before it, and what did it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec
import structlog

from checks.changes import words
from checks.changes.edits import Edit, edits
from checks.changes.explain import ROOTS, Explained, explain
from checks.changes.judgement import Judgement, judged_by, judgement
from checks.changes.moved import find_moved
from checks.changes.telling import OWN_NAMES, Scans, Told
from checks.changes.things import Thing
from checks.cover.plain import plain
from checks.explain.words import many
from checks.newest import Scan, newest_scan
from collectors.config import Config
from warehouse import bulk
from warehouse.engine import Connection, transaction, writer
from warehouse.moments import Moment, moments
from warehouse.validity import VERDICTS, recorded_before

Edits = dict[tuple[str, Thing], Edit]
log = structlog.get_logger(__name__)


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """How much is otherwise than before: accounts, those of them that are worse, things that were edited."""

    scan_id: str
    accounts: int
    worse: int
    unexplained: int
    edits: int


class _Change(msgspec.Struct, frozen=True, kw_only=True):
    """A row of ``changes`` without its scan."""

    tenant_id: str
    change_id: str
    change_type: str
    object_id: str
    name: str
    what: str
    edited_at: datetime | None = None
    accounts_changed: int = 0
    accounts_together: int = 0
    worse: int = 0
    better: int = 0
    unclear: int = 0


def record(config: Config, *, is_thorough: bool = False) -> Summary:
    """Record what changed between the newest scan and the recorded one before; a second time gives the same.

    Call it when the newest scan was judged. Of a first scan there is nothing to tell. If it ``is_thorough``, every
    account is judged again, and not only those of which several things changed. Raises
    :class:`~checks.errors.CheckError` where no scan was loaded.
    """
    with writer(config.warehouse) as con:
        scan = newest_scan(con)
        found = recorded_before(con, VERDICTS, scan.scanned_at)
        before = Scan(*found) if found else None
        edited: Edits = {}
        _stage(con)
        if before is not None:
            edited = _merged(edits(con, before.scanned_at))
            _explain(con, config, (before, scan), edited, is_thorough=is_thorough)
        with transaction(con):
            _take_back(con, scan)
            _note(con, scan, judgement(config))
            if before is not None:
                _write(con, scan, before, edited)
        summary = _summary(con, scan)
    log.info("recorded changes", **msgspec.structs.asdict(summary))
    return summary


def _merged(found: Iterable[Edit]) -> Edits:
    """Return each edit by its tenant and thing; what several datasets tell of one thing becomes one."""
    merged: Edits = {}
    for each in found:
        key = each.tenant_id, each.thing
        if key in merged:
            what = plain(f"{merged[key].what}; {each.what}", words.MOST)
            each = each._replace(what=what, edited_at=each.edited_at or merged[key].edited_at)  # noqa: PLW2901
        merged[key] = each
    return merged


def _stage(con: Connection) -> None:
    con.execute(
        """
        create or replace temp table causes as
        select 0::bigint as number, aspect, cause_type, cause_id, cause_name, what, how, change_ids, confidence
        from verdict_changes limit 0
        """
    )


def _explain(con: Connection, config: Config, compared: tuple[Scan, Scan], edited: Edits, *, is_thorough: bool) -> None:
    """Put into ``causes`` what did it, for each number of the table ``pairs``."""
    before, scan = compared
    tenants = find_moved(con, scan.scanned_at, before.scanned_at)
    then, now = Moment("as_before", before.scanned_at), Moment("as_now", scan.scanned_at)
    told: dict[str, dict[Thing, Told]] = {}
    for (tenant_id, thing), edit in edited.items():
        told.setdefault(tenant_id, {})[thing] = Told(edit.name, edit.what)
    scans = Scans(then, now, judged_by(con, before.scan_id), judgement(config), told)
    if tenants:
        with moments(con, "explained", then, now, roots=ROOTS):
            bulk.insert(con, "causes", Explained, explain(con, config, tenants, scans, is_thorough=is_thorough))
    for tenant_id, things in told.items():
        for thing, (name, what) in things.items():
            edited.setdefault((tenant_id, thing), Edit(tenant_id, thing, name, what))


def _take_back(con: Connection, scan: Scan) -> None:
    for table in ("verdict_changes", "changes", "judgements"):
        con.execute(f"delete from {table} where scanned_at = ?", [scan.scanned_at])  # noqa: S608  (names of ours)


def _note(con: Connection, scan: Scan, judged: Judgement) -> None:
    con.execute(
        "insert into judgements values (?, ?, ?, ?, ?)",
        [scan.scan_id, scan.scanned_at, judged.program, judged.is_strict, list(judged.sovereign_partners)],
    )


# Indeterminate is neither better nor worse than anything; out of scope is as good as compliant.
_BADNESS = "list_position(['compliant', 'at_risk', 'non_compliant'], replace(%s, 'not_applicable', 'compliant'))"
_DIRECTION = f"""
    case
        when moved.before is null then 'new'
        when moved.after is null then 'gone'
        when moved.before.verdict = moved.after.verdict then 'same'
        when 'indeterminate' in (moved.before.verdict, moved.after.verdict) then 'unclear'
        when {_BADNESS % "moved.after.verdict"} > {_BADNESS % "moved.before.verdict"} then 'worse'
        when {_BADNESS % "moved.after.verdict"} < {_BADNESS % "moved.before.verdict"} then 'better'
        else 'same'
    end
"""
_CHANGES = f"""
    insert into verdict_changes by name
    select
        $scan_id as scan_id, $at as scanned_at, $earlier as earlier_at,
        moved.tenant_id, moved.account_id, moved.user_principal_name, moved.display_name,
        moved.before.verdict as before, moved.after.verdict as after,
        {_DIRECTION} as direction,
        case direction when 'worse' then true when 'better' then false when 'same' then false end as is_worse,
        moved.before.required as required_before, moved.after.required as required_after,
        moved.before.registered as registered_before, moved.after.registered as registered_after,
        moved.before.proof as proof_before, moved.after.proof as proof_after,
        moved.before.reasons as reasons_before, moved.after.reasons as reasons_after,
        moved.aspect,
        -- Whose facts of before are lost is not explained.
        case
            when direction = 'new' then 'new_account' when direction = 'gone' then 'gone_account'
            else coalesce(causes.cause_type, 'unknown')
        end as cause_type,
        coalesce(causes.cause_id, moved.account_id) as cause_id,
        coalesce(causes.cause_name, moved.user_principal_name) as cause_name,
        case
            when direction = 'new' then 'the account was not there before'
            when direction = 'gone' then 'the account is no longer there'
            else coalesce(causes.what, 'what was known of the account before is no longer known')
        end as what,
        if(direction in ('new', 'gone'), 'alone', coalesce(causes.how, 'unknown')) as how,
        case
            when direction = 'new' then ['new_account'] when direction = 'gone' then ['gone_account']
            else coalesce(causes.change_ids, [])
        end as change_ids,
        if(direction in ('new', 'gone'), 'high', coalesce(causes.confidence, 'low')) as confidence
    from moved
    left join pairs on moved.tenant_id = pairs.tenant_id and moved.account_id = pairs.account_id
    left join causes on pairs.number = causes.number
    where moved.is_known
"""  # noqa: S608  (SQL of ours)
_COUNTED = """
    select
        tenant_id, change_id, count(*), count(*) filter (len(change_ids) > 1),
        count(*) filter (direction = 'worse'), count(*) filter (direction = 'better'),
        count(*) filter (direction = 'unclear')
    from (select *, unnest(change_ids) as change_id from verdict_changes where scanned_at = $at)
    group by tenant_id, change_id
    order by tenant_id, change_id
"""
_NEW_TENANTS = """
    select moved.tenant_id, tenants.name, count(*)
    from moved join tenants using (tenant_id)
    where not moved.is_known
    group by moved.tenant_id, tenants.name
    order by moved.tenant_id
"""
# What accounts have of their own is told of each; here only of how many it is.
_OF_MANY = {
    **{type_: f"{name.removeprefix('its ').removeprefix('the ')}" for type_, name in OWN_NAMES.items()},
    "new_account": "new accounts",
    "gone_account": "accounts that are gone",
}


def _write(con: Connection, scan: Scan, before: Scan, edited: Edits) -> None:
    about = {"scan_id": scan.scan_id, "at": scan.scanned_at, "earlier": before.scanned_at}
    con.execute(_CHANGES, about)
    rows = {(each.tenant_id, each.thing.change_id): _row(each) for each in edited.values()}
    for tenant_id, change_id, *counts in con.execute(_COUNTED, {"at": scan.scanned_at}).fetchall():
        row = rows.get((tenant_id, change_id))
        if row is None:
            of_many = _OF_MANY[change_id]
            row = _Change(
                tenant_id=tenant_id,
                change_id=change_id,
                change_type=change_id,
                object_id="",
                name=of_many,
                what=f"of {many(counts[0], 'account')}",
            )
        names = ("accounts_changed", "accounts_together", "worse", "better", "unclear")
        rows[tenant_id, change_id] = msgspec.structs.replace(row, **dict(zip(names, counts, strict=True)))
    for tenant_id, name, accounts in con.execute(_NEW_TENANTS).fetchall():
        what = f"judged for the first time, with {many(accounts, 'account')}"
        rows[tenant_id, "tenant"] = _Change(
            tenant_id=tenant_id, change_id="tenant", change_type="tenant", object_id="", name=plain(name), what=what
        )
    bulk.insert(
        con,
        "changes",
        _Change,
        (rows[key] for key in sorted(rows)),
        scan_id=scan.scan_id,
        scanned_at=scan.scanned_at,
        earlier_at=before.scanned_at,
    )


def _row(edit: Edit) -> _Change:
    return _Change(
        tenant_id=edit.tenant_id,
        change_id=edit.thing.change_id,
        change_type=edit.thing.type,
        object_id=edit.thing.object_id,
        name=edit.name,
        what=edit.what,
        edited_at=edit.edited_at and edit.edited_at.replace(tzinfo=UTC),
    )


def _summary(con: Connection, scan: Scan) -> Summary:
    [[accounts, worse, unexplained]] = con.execute(
        """
        select count(*), count(*) filter (is_worse), count(*) filter (how = 'unknown')
        from verdict_changes where scanned_at = ?
        """,
        [scan.scanned_at],
    ).fetchall()
    [[edited]] = con.execute("select count(*) from changes where scanned_at = ?", [scan.scanned_at]).fetchall()
    return Summary(scan_id=scan.scan_id, accounts=accounts, worse=worse, unexplained=unexplained, edits=edited)
