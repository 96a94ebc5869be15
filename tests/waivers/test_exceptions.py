"""Technical exceptions: shown beside the exposure, and nothing that is judged changes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from checks.check import check
from checks.judge import judge
from checks.rules import rule
from checks.waivers.listing import listing
from collectors.accepted import TechnicalException
from tests.checks.tenants import tenant
from tests.checks.world import AS_OF, World, guid, only
from tests.waivers.test_waivers import ROWS, next_scan
from warehouse.publish import publish

A = guid(1)
TODAY = AS_OF.date()
DAY = timedelta(days=1)
RULES = only(rule("MFA.REG.1v1"))


def exception(**changes: Any) -> TechnicalException:
    base: dict[str, Any] = {
        "tenant": A,
        "scenario": 6,
        "reason": "The vendor's MFA emits no claim.",
        "from_": TODAY - DAY,
        "until": TODAY,
        "ticket": "T-1",
        "vendor": "V",
        "vendor_confirmation": "D1",
        "configuration": "D2",
        "test_output": "D3",
        "purchase_order": "D4",
        "integration": "federation",
        "accounts": ("u1", "U2@x.example"),
    }
    return TechnicalException(**(base | changes))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, tenant(A, **ROWS))


def scanned(world: World, *exceptions: TechnicalException) -> tuple[str, ...]:
    world.config = msgspec.structs.replace(world.config, technical_exception=exceptions)
    judge(world.config)
    return check(world.config, RULES).problems


def test_it_stands_beside_the_exposure_and_changes_no_verdict_and_no_result(world: World) -> None:
    verdicts, results = "from account_verdict_history order by all", "from rule_result_history order by all"
    scanned(world)
    before = world.table(verdicts), world.table(results)
    assert scanned(world, exception()) == ()
    assert (world.table(verdicts), world.table(results)) == before
    assert world.table("select scenario, state, accounts, account_ids, problem from technical_exceptions") == [
        ("third_party_mfa", "active", ["u1", "U2@x.example"], ["u1", "u2"], "")
    ]
    assert world.table("select account_id, vendor, ticket, ends_on from excepted_accounts order by all") == [
        (one, "V", "T-1", TODAY) for one in ("u1", "u2")
    ]


def test_without_accounts_it_is_for_the_whole_tenant(world: World) -> None:
    scanned(world, exception(accounts=()))
    [[accounts]] = world.table("select count(*) from account_verdicts")
    assert world.table("select count(*) from excepted_accounts") == [(accounts,)]


def test_the_day_after_it_is_over(world: World) -> None:
    scanned(world, exception())
    next_scan(world, 1)
    assert scanned(world, exception()) == (
        f"the technical exception for {A} ended on 2026-11-23. Ask Microsoft for another, or remove it.",
    )
    assert world.table("from excepted_accounts") == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"tenant": guid(9)}, "names a tenant that no scan has seen. Did you mean 0000"),
        ({"accounts": ("u9@x.example",)}, "names the account u9@x.example, which is not in the tenant. Did you mean u"),
        ({"from_": TODAY - 9 * DAY, "until": TODAY - DAY}, "had ended on 2026-11-22 when a scan first saw it."),
    ],
    ids=["tenant", "account", "past"],
)
def test_what_does_not_fit_is_a_problem(world: World, changes: dict[str, Any], words: str) -> None:
    [problem] = scanned(world, exception(line=8, **changes))
    assert problem.startswith("line 8: the technical exception for ")
    assert words in problem
    publish(world.config)
    found = listing(world.config)
    assert found.is_broken
    assert found.lines[0].endswith("1 technical exceptions as of 2026-11-23 02:00 UTC: 1 broken")
    assert words in " ".join(" ".join(found.lines).split())
