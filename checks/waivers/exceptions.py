"""Microsoft's technical exceptions as they stand in a scan: shown beside the exposure, they change no verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from checks.waivers import people
from checks.waivers.matching import Known, nearest
from checks.waivers.people import Asked, People
from checks.waivers.state import State
from collectors.accepted import TechnicalException, scenario_of
from collectors.config import Config
from warehouse.engine import Connection
from warehouse.validity import EXCEPTIONS
from warehouse.waivers import Exceptional, known_in_time, record_exceptions


def record(con: Connection, scan_id: str, config: Config, known: Known) -> tuple[str, ...]:
    """Record every technical exception; return a sentence for each that somebody should look at."""
    found = standings(con, config, known)
    record_exceptions(con, scan_id, found)
    return tuple(
        sentence(each, row) for each, row in zip(config.technical_exception, found, strict=True) if row.problem
    )


def sentence(exception: TechnicalException, row: Exceptional) -> str:
    """Return what is wrong, for a list of problems. It names the line of the file."""
    line = f"line {exception.line}: " if exception.line else ""
    return f"{line}the technical exception for {exception.tenant} {row.problem}"


def standings(con: Connection, config: Config, known: Known) -> list[Exceptional]:
    """Return how every exception stands, in the order of the file. Only temporary tables are made."""
    if not config.technical_exception:
        return []
    last_days = {each.exception_id: each.until for each in config.technical_exception}
    in_time = known_in_time(con, EXCEPTIONS, "exception_id", known.as_of, last_days)
    found = people.find(con, [Asked(each.tenant, each.accounts) for each in config.technical_exception])
    unread = people.unread(con)
    made = []
    for exception, who in zip(config.technical_exception, found, strict=True):
        is_known = exception.exception_id in in_time
        problems = tuple(_problems(con, exception, who, known, unread, is_known=is_known))
        made.append(_row(exception, who, *_state(exception, known, problems)))
    return made


def _problems(
    con: Connection,
    exception: TechnicalException,
    who: People,
    known: Known,
    unread: Mapping[str, Mapping[str, str]],
    *,
    is_known: bool,
) -> Iterator[str]:
    today = known.as_of.date()
    if exception.tenant not in known.kinds:
        yield f"names a tenant that no scan has seen. {nearest(exception.tenant, known.kinds)}"
        return
    if exception.until < today and not is_known:
        yield f"had ended on {exception.until} when a scan first saw it. Give a later last day, or remove it."
    elif exception.until >= today and "users" not in unread.get(exception.tenant, {}):
        for name in exception.accounts:
            if name.lower() not in who.by_name:
                yield people.nobody(con, exception.tenant, name)


def _state(exception: TechnicalException, known: Known, problems: tuple[str, ...]) -> tuple[State, str]:
    today = known.as_of.date()
    if problems:
        return State.BROKEN, " It also ".join(problems)
    if today < exception.from_:
        return State.PENDING, ""
    if today > exception.until:
        return State.EXPIRED, f"ended on {exception.until}. Ask Microsoft for another, or remove it."
    return State.ACTIVE, ""


def _row(exception: TechnicalException, who: People, state: State, problem: str) -> Exceptional:
    return Exceptional(
        exception_id=exception.exception_id,
        tenant_id=exception.tenant,
        scenario=scenario_of(exception.scenario) or str(exception.scenario),
        reason=exception.reason,
        vendor=exception.vendor,
        ticket=exception.ticket,
        integration=exception.integration or "",
        begins_on=exception.from_,
        ends_on=exception.until,
        accounts=exception.accounts,
        account_ids=tuple(sorted(who.ids)),
        state=state.value,
        problem=problem,
    )
