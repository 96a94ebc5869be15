"""Landing files into the warehouse: what arrived whole replaces the last good slice, the rest is only noted.

``collected_at`` of a row is when all of its dataset was last collected in its tenant, whether or not that changed the
row. It is the same for the whole slice; one whose file has not changed is not written again but for that time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import msgspec
import structlog

from collectors.catalogue import Catalogue
from collectors.config import Tenant
from collectors.declare import Dataset
from collectors.errors import State
from collectors.landing import Landing, Outcome, Plan
from warehouse import bulk, slices
from warehouse.engine import Connection, WarehouseError, share_work, transaction
from warehouse.retention import Retention, drop_expired
from warehouse.slices import Arrival

log = structlog.get_logger(__name__)

LONGEST_MESSAGE = 500


@dataclass
class _Work:
    """The datasets by name, what each came to by (tenant, dataset), and by dataset what there is to bring in."""

    datasets: Mapping[str, Dataset]
    outcomes: dict[tuple[str, str], Outcome] = field(default_factory=dict)
    arrived: dict[str, dict[str, Arrival]] = field(default_factory=dict)

    def fail(self, tenant_id: str, dataset: str, code: str, message: str) -> None:
        """Make a dataset of a tenant failed, so that its last good slice stays."""
        self.arrived.get(dataset, {}).pop(tenant_id, None)
        reason = message[:LONGEST_MESSAGE]
        self.outcomes[tenant_id, dataset] = msgspec.structs.replace(
            self.outcomes[tenant_id, dataset], state="failed", code=code, message=reason
        )
        log.warning("refused", tenant=tenant_id, dataset=dataset, code=code, reason=reason)


def load(
    con: Connection, landing: Landing, plan: Plan, catalogue: Catalogue, kept: Retention | None = None
) -> list[Outcome]:
    """Load what a scan landed, in one transaction; return what every dataset of every planned tenant came to.

    A second time gives the same. A file that is not the one its manifest describes, or that does not fit its table,
    makes its dataset failed in its tenant and touches nothing else. What was collected before the slice that is
    already there stays out, and what is over for longer than it is ``kept`` goes. The warehouse must have been
    prepared with the same catalogue. Raises :class:`WarehouseError` where files that fit, each by itself, still cannot
    be written.
    """
    kept = kept or Retention()
    work = _Work({dataset.name: dataset for dataset in catalogue.datasets})
    for tenant in plan.tenants:
        for outcome in _outcomes(landing, plan, tenant, catalogue):
            work.outcomes[outcome.tenant_id, outcome.dataset] = outcome
    _choose(con, landing, plan, kept, work)
    share_work(con, sum(each.rows for arrived in work.arrived.values() for each in arrived.values() if each.is_new))
    while True:
        try:
            with transaction(con):
                for dataset in catalogue.datasets:
                    if arrived := work.arrived.get(dataset.name):
                        slices.replace(con, dataset, [*arrived.values()], plan.scanned_at)
                drop_expired(con, catalogue, kept, plan.scanned_at)
                _note(con, plan, work)
        except slices.Unfit as unfit:
            if not _fail_misfits(con, catalogue, work):
                msg = f"the scan {plan.scan_id} could not be loaded, though each of its files can: {unfit}"
                raise WarehouseError(msg) from None
        else:
            return [work.outcomes[key] for key in sorted(work.outcomes)]


def _outcomes(landing: Landing, plan: Plan, tenant: Tenant, catalogue: Catalogue) -> Iterable[Outcome]:
    """Yield an outcome for each dataset a tenant should have: its manifest's, or that there is none."""
    chosen, skipped = catalogue.chosen(list(plan.collectors) or None, tenant.kind)
    found: dict[str, Outcome] = {}
    missing = ("NoOutcome", "collect did not finish for this tenant")
    try:
        found = {outcome.dataset: outcome for outcome in landing.outcomes(tenant.tenant_id)}
    except (msgspec.DecodeError, ValueError, OSError) as error:
        missing = ("BadManifest", f"a manifest cannot be read, so collect this tenant again: {error}")
    if any((outcome.scan_id, outcome.tenant_id) != (plan.scan_id, tenant.tenant_id) for outcome in found.values()):
        found, missing = {}, ("BadManifest", "a manifest is another scan's or tenant's, so collect this tenant again")
    for dataset in chosen:
        yield found.get(dataset.name) or _none(plan, tenant, dataset.name, "failed", missing)
    for dataset in skipped:
        yield _none(plan, tenant, dataset.name, "skipped", ("NotChosen", "the scan was not asked to read it"))


def _none(plan: Plan, tenant: Tenant, dataset: str, state: State, why: tuple[str, str]) -> Outcome:
    code, message = why
    return Outcome(
        scan_id=plan.scan_id,
        tenant_id=tenant.tenant_id,
        dataset=dataset,
        state=state,
        code=code,
        message=message[:LONGEST_MESSAGE],
        collected_at=plan.scanned_at,
    )


class _Slice(NamedTuple):
    """What the warehouse holds of a dataset in a tenant; the defaults are those of nothing."""

    sha256: str = ""
    collected_at: datetime = datetime.min.replace(tzinfo=UTC)
    read_until: datetime | None = None
    scanned_at: datetime = datetime.min.replace(tzinfo=UTC)


def _choose(con: Connection, landing: Landing, plan: Plan, kept: Retention, work: _Work) -> None:
    """Put into ``arrived`` each complete dataset that is not older than the slice in its place.

    Of a tracked dataset neither is a scan that was planned before the one that brought the slice: it may have been
    collected again since, but what is known of the time after it is known already.
    """
    known = {
        (tenant_id, dataset): _Slice(sha256, *map(_aware, (collected_at, read_until, scanned_at)))
        for tenant_id, dataset, sha256, collected_at, read_until, scanned_at in con.execute(
            """
            select tenant_id, dataset, sha256, collected_at, read_until, coalesce(scanned_at, collected_at)
            from slices
            left join scans on slices.scan_id = scans.scan_id
            """
        ).fetchall()
    }
    for key, outcome in list(work.outcomes.items()):
        if outcome.state != "complete":
            continue
        before = known.get(key, _Slice())
        dataset = work.datasets[outcome.dataset]
        is_late = dataset.table.is_tracked and plan.scanned_at < before.scanned_at
        if is_late or outcome.collected_at < before.collected_at:
            log.info("kept newer slice", tenant=outcome.tenant_id, dataset=outcome.dataset)
            continue
        is_new = not before.sha256 or before.sha256 != outcome.sha256
        try:
            window = _windowed(dataset, kept, outcome, before)
            file = _file(landing, outcome) if is_new else ""
        except (ValueError, OSError) as error:
            work.fail(*key, "BadFile", str(error))
            continue
        work.arrived.setdefault(outcome.dataset, {})[outcome.tenant_id] = Arrival(
            tenant_id=outcome.tenant_id,
            file=file,
            scan_id=outcome.scan_id,
            rows=outcome.rows,
            sha256=outcome.sha256,
            collected_at=outcome.collected_at,
            is_new=is_new,
            **window,
        )


def _windowed(dataset: Dataset, kept: Retention, outcome: Outcome, before: _Slice) -> dict[str, Any]:
    """Return the fields of an :class:`Arrival` that a window decides. Raises ``ValueError`` if it leaves a gap."""
    window, start, end = dataset.window, outcome.window_start, outcome.window_end
    if window is None or start is None or end is None:
        return {}
    first = window.start(end, None)
    is_joined = before.read_until is not None and start <= before.read_until
    if start > first and not is_joined:
        goes = f"goes only to {before.read_until:%Y-%m-%d %H:%M}" if before.read_until else "has none before"
        msg = f"it was read from {start:%Y-%m-%d %H:%M} on, but the table {goes}. The next scan reads all of it"
        raise ValueError(msg)
    # Of an older scan that was repeated, too, the rest of the slice stays.
    is_increment = is_joined and (start > first or (before.read_until or end) > end)
    until = max(end, before.read_until) if is_increment and before.read_until else end
    return {
        "is_increment": is_increment,
        "read_from": start,
        "first_kept": until - timedelta(days=kept.days(dataset)),
        "read_until": until,
    }


def _aware(at: Any) -> Any:
    return at and at.replace(tzinfo=UTC)


def _file(landing: Landing, outcome: Outcome) -> str:
    """Return the path of an outcome's file, empty if nothing is in it. Raises ``ValueError`` if it is not that file."""
    if outcome.file is None and not outcome.rows:
        return ""
    path = landing.path(outcome)
    if not landing.is_whole(outcome):
        msg = f"the file {outcome.file} is missing or not the one its manifest describes, so collect it again"
        raise ValueError(msg)
    # DuckDB takes a file without a single byte for no zstd file at all.
    return str(path.absolute()) if path.stat().st_size else ""


def _fail_misfits(con: Connection, catalogue: Catalogue, work: _Work) -> bool:
    """Find the files that do not fit, make their datasets failed, and return whether there were any."""
    before = sum(map(len, work.arrived.values()))
    for dataset in catalogue.datasets:
        arrived = [*work.arrived.get(dataset.name, {}).values()]
        for tenant_id, reason in slices.misfits(con, dataset.table, arrived).items():
            work.fail(tenant_id, dataset.name, "BadRows", reason)
    return sum(map(len, work.arrived.values())) < before


class _Tenant(msgspec.Struct):
    tenant_id: str
    kind: str
    name: str
    partner_id: str
    program: str | None
    onboarded_on: date | None


class _Status(msgspec.Struct):
    scan_id: str
    tenant_id: str
    dataset: str
    state: State
    code: str
    message: str
    rows: int
    pages: int
    collected_at: datetime


def _note(con: Connection, plan: Plan, work: _Work) -> None:
    """Write down the scan, its tenants, and what became of each dataset."""
    con.execute("delete from scans where scan_id = ?", [plan.scan_id])
    con.execute("insert into scans values (?, ?, ?)", [plan.scan_id, bulk.utc(plan.scanned_at), list(plan.collectors)])
    con.execute("create or replace temp table _planned as from tenants limit 0")
    tenants = {
        t.tenant_id: _Tenant(t.tenant_id, t.kind, t.name, t.partner_id, t.program, t.onboarded) for t in plan.tenants
    }
    bulk.insert(con, "_planned", _Tenant, tenants.values(), last_scan_id=plan.scan_id, last_scan_at=plan.scanned_at)
    con.execute(
        "delete from source_status where scan_id = ? and tenant_id in (select tenant_id from _planned)", [plan.scan_id]
    )
    statuses = (_Status(*(getattr(o, name) for name in _Status.__struct_fields__)) for o in work.outcomes.values())
    bulk.insert(con, "source_status", _Status, statuses)
    # An older scan that is loaded again does not tell what a tenant is called now.
    con.execute(
        "delete from tenants using _planned "
        "where tenants.tenant_id = _planned.tenant_id and tenants.last_scan_at <= _planned.last_scan_at"
    )
    con.execute("insert into tenants by name from _planned where tenant_id not in (select tenant_id from tenants)")
