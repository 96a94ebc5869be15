"""Waivers in the real check: what they accept, until when, and what is said of those that do not fit."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checks.check import Summary, check
from checks.rules import rule
from checks.scorecards import record
from checks.waivers.listing import listing
from tests.checks.tenants import policy, registered, relationship, state, tenant, together, user
from tests.checks.world import AS_OF, World, guid, only, waiver
from warehouse.publish import publish

A, B = guid(1), guid(2)
REG, POL, GA = "MFA.REG.1v1", "MFA.POL.1v1", "GDAP.GA.1v1"
RULES = (rule(REG), rule(POL), rule(GA))
TODAY = AS_OF.date()
DAY = timedelta(days=1)
GROUP = guid(77)
PEOPLE = ("u1", "u2", "u3")


# u1 and u2 have no method, u3 has one, and off is disabled.
ROWS: dict[str, Any] = {
    "users": [*(user(one) for one in PEOPLE), user("off", is_enabled=False)],
    "authentication_methods": [
        *(registered(one, is_mfa_registered=False, is_mfa_capable=False) for one in ("u1", "u2")),
        registered("u3"),
    ],
    "groups": [{"group_id": GROUP, "display_name": "Emergency"}],
    "group_members": [{"group_id": GROUP, "member_id": one} for one in PEOPLE],
}


def world(folder: Path, *waivers: Any, **changes: Any) -> World:
    """Make a tenant of these rows, with other ones in the tables that are named."""
    return World(folder, tenant(A, **{**ROWS, **changes}), waivers)


def judge(one: World, *waivers: Any) -> Summary:
    if waivers:
        one.config = msgspec.structs.replace(one.config, waiver=waivers)
    return check(one.config, only(*RULES))


def result(one: World, rule_id: str = REG) -> tuple[Any, ...]:
    [row] = one.table(
        "select result, true_result, in_scope, failing, accepted, reason from rule_results "
        f"where rule_id = '{rule_id}' and tenant_id = '{A}'"
    )
    return row


def states(one: World) -> list[tuple[Any, ...]]:
    return one.table("select state, covers, problem from waivers order by waiver_id")


def next_scan(one: World, days: int) -> None:
    """Record a scan some days later in which everything is as before."""
    at = AS_OF + days * DAY
    one.execute(f"insert into scans values ('scan+{days}', '{at}', [])")
    one.execute(
        f"insert into source_status select * replace ('scan+{days}' as scan_id) from source_status "
        "where scan_id = 'scan-1'"
    )


ACCEPTED = "accepted until 2026-11-23 by Ann: being replaced"


def test_it_counts_on_its_last_day_and_not_on_the_day_after(tmp_path: Path) -> None:
    one = world(tmp_path, waiver(REG, A, until=TODAY))
    assert judge(one).problems == ()
    assert result(one) == ("waived", "fail", 3, 2, 2, ACCEPTED)
    assert states(one) == [("active", 2, "")]
    findings = one.table("select * from findings")
    next_scan(one, 1)
    [problem] = judge(one).problems
    assert problem == (
        f"the waiver of {REG} for {A} ended on 2026-11-23: what it accepted counts again. "
        "Renew it with a new approval, or remove it."
    )
    assert result(one) == ("fail", "fail", 3, 2, 0, "")
    assert [row[:2] for row in states(one)] == [("expired", 0)]
    assert len(findings) == len(one.table("select * from findings"))
    history = one.table("select state, valid_from::date, valid_until::date from waiver_history order by valid_from")
    assert history == [("active", TODAY, TODAY + DAY), ("expired", TODAY + DAY, None)]


def test_one_that_ended_the_day_before_counts_no_more_and_one_that_begins_tomorrow_not_yet(tmp_path: Path) -> None:
    one = world(tmp_path, waiver(REG, A, from_=TODAY + DAY), waiver(REG, A, from_=TODAY - 9 * DAY, until=TODAY - DAY))
    judge(one)
    assert result(one)[:5] == ("fail", "fail", 3, 2, 0)
    assert {row[0] for row in states(one)} == {"pending", "broken"}


def test_one_that_is_over_when_a_scan_first_sees_it_is_an_error(tmp_path: Path) -> None:
    one = world(tmp_path, waiver(REG, A, until=TODAY - DAY, line=12))
    for _ in range(2):  # again gives the same
        [problem] = judge(one).problems
        assert problem == (
            f"line 12: the waiver of {REG} for {A} had ended on 2026-11-22 when a scan first saw it: nothing is "
            "accepted for the past. Give a later last day, or remove it."
        )
        assert result(one)[0] == "fail"


def test_an_end_moved_into_the_past_ends_it_and_an_extension_goes_on(tmp_path: Path) -> None:
    one = world(tmp_path, waiver(REG, A))
    judge(one)
    next_scan(one, 3)
    judge(one, waiver(REG, A, until=TODAY + DAY))
    assert [row[0] for row in states(one)] == ["expired"]
    judge(one, waiver(REG, A, until=TODAY + 3 * DAY, approver="Bo", reason="moved"))
    assert [row[0] for row in states(one)] == ["active"]
    assert len(one.table("select distinct waiver_id from waiver_history")) == 1


@pytest.mark.parametrize("name", ["u1", "U1@X.example"])
def test_one_account_accepted_leaves_the_others_failing(tmp_path: Path, name: str) -> None:
    one = world(tmp_path, waiver(REG, A, accounts=(name,)))
    assert judge(one).problems == ()
    assert states(one) == [("active", 1, "")]
    assert result(one) == ("fail", "fail", 3, 2, 1, "")
    assert one.table("select account_id, accepted_until, approver from waived_accounts") == [
        ("u1", date(2026, 12, 31), "Ann")
    ]
    assert len(one.table("select * from findings")) >= 1


def test_a_rule_is_waived_once_every_account_that_fails_is(tmp_path: Path) -> None:
    one = world(
        tmp_path,
        waiver(REG, A, accounts=("u1",), until=TODAY + 5 * DAY),
        waiver(REG, A, accounts=("u2", "u1"), until=TODAY + 9 * DAY, approver="Bo"),
    )
    judge(one)
    assert result(one)[:5] == ("waived", "fail", 3, 2, 2)
    assert result(one)[5] == "accepted until 2026-12-02 by Bo: being replaced"  # the last to end counts for both
    next_scan(one, 6)
    judge(one)
    assert result(one)[:5] == ("waived", "fail", 3, 2, 2)


def test_members_of_a_group_are_accepted_as_they_were_read(tmp_path: Path) -> None:
    one = world(tmp_path, waiver(REG, A, group=GROUP.upper()))
    assert judge(one).problems == ()
    assert result(one)[:5] == ("waived", "fail", 3, 2, 2)
    one.execute("delete from group_members where member_id = 'u2'")
    judge(one)
    assert result(one)[:5] == ("fail", "fail", 3, 2, 1)


def test_a_group_that_could_not_be_read_accepts_nobody(tmp_path: Path) -> None:
    one = world(tmp_path, waiver(REG, A, group=GROUP), states=[state("group_members", "failed", "503", AS_OF)])
    [problem] = judge(one).problems
    assert "group_members: failed" in problem
    assert result(one)[0] == "fail"


# What a waiver says otherwise than one of REG in A, and what is said of it.
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"rule": "MFA.RGE.1v1"}, "names no rule. Did you mean MFA.REG.1v1?"),
    ({"tenant": guid(9)}, "names a tenant that no scan has seen. Did you mean 0000000"),
    ({"tenant": B, "rule": GA}, "is for a customer, whom the rule does not concern. Remove it."),
    ({"accounts": ("u4@x.example",)}, "names the account u4@x.example, which is not in the tenant. Did you mean u"),
    ({"accounts": ("nobody-at-all@elsewhere.test",)}, "which is not in the tenant. Correct or remove it."),
    (
        {"accounts": ("off",)},
        "names the account off, which is not in the scope of the rule (it is disabled). Remove it.",
    ),
    ({"rule": POL, "accounts": ("u1",)}, "names accounts, but the rule judges none. Accept the whole rule"),
    ({"group": guid(78)}, "of which no account is known as a member. Scans read the members of groups that"),
    ({"group": guid(79)}, "none of whose 1 accounts the rule judges."),
]


def test_what_does_not_fit_is_a_problem_each_and_the_check_goes_on(tmp_path: Path) -> None:
    wrong = [
        msgspec.structs.replace(waiver(REG, A, line=number), **changes) for number, (changes, _) in enumerate(WRONG, 1)
    ]
    rows = tenant(A, **{**ROWS, "group_members": [{"group_id": guid(79), "member_id": "off"}]})
    one = World(tmp_path, together(rows, tenant(B, kind="customer")), wrong)
    problems = judge(one).problems
    assert len(problems) == len(WRONG)
    for given_, problem, (_, words) in zip(wrong, problems, WRONG, strict=True):
        assert problem.startswith(f"line {given_.line}: the waiver of {given_.rule} for {given_.tenant} ")
        assert words in problem
    assert one.table("select distinct state, covers from waivers") == [("broken", 0)]
    assert result(one)[:5] == ("fail", "fail", 3, 2, 0)
    # The command says the same, also before a scan does.
    publish(one.config)
    listed = listing(one.config)
    assert listed.is_broken
    said = " ".join(" ".join(listed.lines).split())
    assert [words for _, words in WRONG if words not in said] == []


def test_the_part_that_fits_counts_whatever_is_wrong_with_the_rest(tmp_path: Path) -> None:
    one = world(tmp_path, waiver(REG, A, accounts=("u1", "u2", "gone@x.example")))
    [problem] = judge(one).problems
    assert "gone@x.example" in problem
    assert result(one)[0] == "waived"
    assert states(one)[0][:2] == ("broken", 2)


def test_several_rules_in_several_tenants(tmp_path: Path) -> None:
    none = [registered("u1", is_mfa_registered=False, is_mfa_capable=False)]
    off = [{"policy_id": "d", "is_enabled": False}]
    rows = [tenant(each, authentication_methods=none, security_defaults=off) for each in (A, B)]
    many = msgspec.structs.replace(waiver(REG, A), rule=None, tenant=None, rules=(REG, POL), tenants=(A, B))
    one = World(tmp_path, together(*rows), [many])
    assert judge(one).problems == ()
    found = one.table("select rule_id, tenant_id, state, covers from waivers order by all")
    assert found == [(rule_id, each, "active", 1) for rule_id in (POL, REG) for each in (A, B)]
    assert one.table(
        f"select count(*) from rule_results where result = 'waived' and rule_id in ('{REG}', '{POL}')"
    ) == [(4,)]


def test_one_that_covers_nothing_is_unused(tmp_path: Path) -> None:
    one = world(tmp_path, waiver(REG, A, accounts=("u3",)), waiver(GA, A))
    problems = judge(one).problems
    assert [problem.split(" is not used")[0] for problem in problems] == [
        f"the waiver of {REG} for {A}",
        f"the waiver of {GA} for {A}",
    ]
    assert result(one)[0] == "fail"
    assert result(one, GA)[:2] == ("waived", "pass")  # never green while it stands there


@pytest.mark.parametrize("accounts", [(), ("u1",)])
def test_while_nothing_can_be_told_no_waiver_is_unused_or_out_of_scope(
    tmp_path: Path, accounts: tuple[str, ...]
) -> None:
    unread = [state("users", "failed", "503 all night.")]
    one = world(tmp_path, waiver(REG, A, accounts=accounts), states=unread)
    assert judge(one).problems == ()
    assert states(one) == [("active", 0, "")]
    assert result(one)[:2] == ("not_assessed" if accounts else "waived", "not_assessed")


def test_waivers_move_neither_score_nor_coverage(tmp_path: Path) -> None:
    """A law: whatever is accepted, by whom and for how long."""
    one = world(
        tmp_path,
        security_defaults=[{"policy_id": "d", "is_enabled": False}],
        conditional_access_policies=[policy(state="disabled")],
        gdap_relationships=[relationship()],
    )
    query = "select score, coverage from scorecards"

    def numbers(*waivers: Any) -> list[tuple[Any, ...]]:
        judge(one, *(waivers or (waiver(REG, guid(9)),)))
        record(one.config)
        return one.table(query)

    before = numbers()
    some = st.builds(
        lambda rule_id, accounts, days: waiver(rule_id, A, accounts=accounts, until=TODAY + days * DAY),
        st.sampled_from([REG, POL, GA]),
        st.sampled_from([(), ("u1",), ("u1", "u2"), ("u3",), ("off",)]),
        st.integers(-3, 30),
    )

    @settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
    @given(waivers=st.lists(some, min_size=1, max_size=3, unique_by=lambda each: each.waiver_id))
    def holds(waivers: list[Any]) -> None:
        assert numbers(*waivers) == before

    holds()


def test_the_list_says_how_each_stands(tmp_path: Path) -> None:
    one = world(
        tmp_path,
        waiver(REG, A, accounts=("u1",), line=3, reason="[red]\x1b[31m=1+1\u202e"),
        waiver(REG, A, from_=TODAY + DAY, line=13),
    )
    judge(one)
    publish(one.config)
    found = listing(one.config)
    assert not found.is_broken
    assert found.lines[0] == "2 waivers, 0 technical exceptions as of 2026-11-23 02:00 UTC: 1 active, 1 pending"
    assert found.lines[1] == (
        f"active   line 3: {REG} in {A}, 1 accounts, 2026-11-01 to 2026-12-31, by Ann, owner Ola, "
        "covers 1 that fail: [red] [31m=1+1"
    )
    assert found.lines[2].startswith(f"pending  line 13: {REG} in {A}, all that breaks it, 2026-11-24 to 2026-12-31")
