"""``rollcall simulate`` in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from rich.console import Console

from checks.explain.find import find_tenant
from checks.explain.words import VERDICTS as NAMES
from checks.explain.words import capital, many, moment
from checks.report.explained import INDENT, STYLES, WIDEST, Line, wrapped
from checks.report.words import VERDICTS, word
from checks.simulate import change
from checks.simulate.change import ChangeError
from checks.simulate.simulate import Changed, Simulation, group_of, simulate
from collectors.config import Config
from warehouse.engine import reader

_SHOWN = 100


def simulated(
    config: Config,
    tenant: str,
    *,
    files: Iterable[Path] = (),
    remove: Iterable[str] = (),
    enable: Iterable[str] = (),
    include_group: str | None = None,
    drop_exclusion: str | None = None,
    policy_id: str | None = None,
) -> Simulation:
    """Return what these changes together would do to a tenant. Raises :class:`~checks.simulate.change.ChangeError`."""
    if include_group and not policy_id:
        raise ChangeError("--include-group needs --policy-id: the policy that is to apply to the group.")
    changes = [each for path in files for each in change.put(path)]
    changes += [*map(change.remove, remove), *map(change.enable, enable)]
    with reader(config.published) as con:
        tenant_id = find_tenant(con, tenant)
        if include_group and policy_id:
            changes.append(change.include_group(*group_of(con, tenant_id, include_group), policy_id))
        if drop_exclusion:
            changes.append(change.drop_exclusion(*group_of(con, tenant_id, drop_exclusion), policy_id))
        if not changes:
            msg = "nothing is to be changed. Give --policy, --remove, --enable, --include-group or --drop-exclusion."
            raise ChangeError(msg)
        return simulate(con, config, tenant_id, changes)


def print_simulation(simulation: Simulation, console: Console | None = None) -> None:
    """Print whose verdict would change: the first of them, counts of all."""
    console = console or Console()
    for line in _lines(simulation):
        console.print(wrapped(line, min(console.width, WIDEST)), soft_wrap=True, highlight=False)


def _lines(simulation: Simulation) -> Iterator[Line]:
    yield Line(f"{simulation.tenant_name}, as of {moment(simulation.scanned_at)}", style="bold")
    yield from (Line(f"{capital(change)}.", f"{INDENT}- ") for change in simulation.changes)
    yield Line()
    for verdict, name in NAMES.items():
        before, after = simulation.before[verdict], simulation.after[verdict]
        if before or after:
            difference = f"  ({after - before:+,})" if after != before else ""
            yield Line("", f"{INDENT}{name:<16}{before:>9,} -> {after:,}{difference}")
    yield Line()
    if not simulation.changed:
        yield Line("No verdict would change.", style="bold")
    else:
        yield Line(f"The verdict of {many(len(simulation.changed), 'account')} would change:", style="bold")
    for each in simulation.changed[:_SHOWN]:
        yield from _one(each)
    if len(simulation.changed) > _SHOWN:
        yield Line(f"And {len(simulation.changed) - _SHOWN:,} more: --json has them all.", INDENT)
    if simulation.undecided:
        yield Line()
        yield Line("What could not be decided:", style="bold")
        yield from (Line(each, f"{INDENT}- ") for each in simulation.undecided)


def _one(each: Changed) -> Iterator[Line]:
    shown = word(VERDICTS, each.after)
    name = f"{each.display_name} <{each.user_principal_name}>" if each.display_name else each.user_principal_name
    yield Line(f"{name}: {NAMES[each.before]} -> {NAMES[each.after]}", f"{INDENT}{shown.sign} ", STYLES[shown.tone])
    yield Line(each.why, f"{INDENT}  ")
    if each.counterexample:
        yield Line(f"This gets through: {each.counterexample}.", f"{INDENT}  ")
