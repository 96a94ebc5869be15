"""Where what is accepted is shown: beside a finding, and beside an account that is explained."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

from checks.check import check
from checks.explain.dossier import dossiers
from checks.explain.explain import explain
from checks.judge import judge
from checks.rules import rule
from tests.checks.tenants import tenant
from tests.checks.world import AS_OF, World, guid, only, waiver
from tests.waivers.test_exceptions import exception
from tests.waivers.test_waivers import REG, ROWS
from warehouse.engine import reader
from warehouse.publish import publish

A = guid(1)
TODAY = AS_OF.date()
FINDINGS = """
    select findings.account_id, is_whole, accepted_accounts, accepted_until, approver
    from waived_findings join findings using (finding_id) order by all
"""


def scanned(world: World, *waivers: Any, **changes: Any) -> World:
    world.config = msgspec.structs.replace(world.config, waiver=waivers, **changes)
    judge(world.config)
    check(world.config, only(rule(REG)))
    publish(world.config)
    return world


def test_a_finding_about_an_account_and_the_account_say_until_when_and_by_whom(tmp_path: Path) -> None:
    one = scanned(
        World(tmp_path, tenant(A, **ROWS)),
        waiver(REG, A, accounts=("u1",), reason="<b>keys</b>\u202e"),
        technical_exception=(exception(accounts=("u1",)),),
    )
    until = waiver(REG, A).until
    assert one.table(FINDINGS) == [("u1", True, 1, until, "Ann")]
    with reader(one.config.published) as con:
        known = dossiers(con, one.config, [(A, "u1"), (A, "u2")])
    told = {key[1]: [each for each in explain(of).answers if each.topic == "accepted"] for key, of in known.items()}
    assert told["u2"] == []
    [answer] = told["u1"]
    assert answer.short == "1 rule that it breaks and a technical exception"
    assert answer.points == (
        f"{REG}: accepted until {until} by Ann: <b>keys</b>",
        f"Microsoft's technical exception for V until {TODAY}: ticket T-1",
    )


def test_a_waiver_of_the_whole_rule_is_beside_every_finding_of_it(tmp_path: Path) -> None:
    one = scanned(World(tmp_path, tenant(A, **ROWS)), waiver(REG, A, until=TODAY), waiver(REG, A, accounts=("u2",)))
    assert one.table(FINDINGS) == [(each, True, 1, TODAY, "Ann") for each in ("u1", "u2")]
    with reader(one.config.published) as con:
        known = dossiers(con, one.config, [(A, "u1"), (A, "u2")])
    # Of two that accept it both are told.
    assert [len(known[A, each].accepted) for each in ("u1", "u2")] == [1, 2]


def test_a_finding_about_a_cause_is_whole_once_each_of_its_accounts_is(tmp_path: Path) -> None:
    world = World(tmp_path, tenant(A, **ROWS))
    at = f"timestamp '{AS_OF}'"
    world.execute(
        "insert into finding_history by name select 'f' as finding_id, 'R' as rule_id, "
        f"'{A}' as tenant_id, 'policy' as resource_type, 'p' as resource_id, 3 as accounts, '' as reason, "
        f"'' as remediation, {at} as first_seen_at, {at} as valid_from"
    )
    world.execute(
        "insert into finding_account_history by name select 'f' as finding_id, "
        f"'{A}' as tenant_id, unnest(['u1', 'u2', 'u3']) as account_id, {at} as valid_from"
    )

    def accept(account: str, days: int, approver: str) -> None:
        until = TODAY + timedelta(days=days)
        world.execute(
            "insert into waived_account_history by name select 'R' as rule_id, "
            f"'{A}' as tenant_id, '{account}' as account_id, 'w' as waiver_id, date '{until}' as accepted_until, "
            f"'{approver}' as approver, {at} as valid_from"
        )

    assert world.table(FINDINGS) == []
    accept("u1", 9, "Ann")
    accept("u2", 5, "Bo")
    assert world.table(FINDINGS) == [(None, False, 2, TODAY + timedelta(days=5), "Bo")]  # the first to end
    accept("u3", 7, "Ann")
    assert world.table(FINDINGS) == [(None, True, 3, TODAY + timedelta(days=5), "Bo")]
