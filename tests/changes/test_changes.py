"""Two scans with something changed between them: it is named for exactly the accounts that it changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from checks.changes.record import record
from checks.judge import judge
from tests.changes.cases import CASES, people
from tests.changes.conftest import Nights, nights, rows
from tests.cover.make import policy
from tests.judge.orgs import Org, methods, tenant_id


@pytest.mark.parametrize("name", CASES)
def test_what_did_it_is_named_for_exactly_the_accounts_it_changed(name: str, cases: Nights) -> None:
    said = {
        row["account_id"]: (row["direction"], row["how"], tuple(row["change_ids"]))
        for row in cases.rows("verdict_changes", name)
    }
    assert said == CASES[name].said


@pytest.mark.parametrize("name", CASES)
def test_every_edit_is_told_in_words_with_how_many_accounts_it_changed(name: str, cases: Nights) -> None:
    edits = {row["change_id"]: (row["what"], row["accounts_changed"]) for row in cases.rows("changes", name)}
    assert edits == CASES[name].edits


def test_every_change_is_that_of_the_verdicts(cases: Nights) -> None:
    """What stands before and after is what the history of verdicts says as of both scans."""
    for row in cases.rows("verdict_changes"):
        about = f"tenant_id = '{row['tenant_id']}' and account_id = '{row['account_id']}'"
        said = "coalesce(customer_posture, contract_verdict) as verdict, required, registered, proof, reasons"
        for side, at in (("before", row["earlier_at"]), ("after", row["scanned_at"])):
            found = rows(
                cases.config,
                f"select {said} from account_verdict_history where {about} "
                f"and valid_from <= '{at}' and coalesce(valid_until > '{at}', true)",
            )
            verdict = found[0] if found else dict.fromkeys(("verdict", "required", "registered", "proof", "reasons"))
            told = {name: row[f"{name}_{side}"] for name in ("required", "registered", "proof", "reasons")}
            assert {"verdict": row[side], **told} == verdict


def test_nothing_is_left_unexplained(cases: Nights) -> None:
    assert [row for row in cases.rows("verdict_changes") if row["confidence"] != "high"] == []


def test_a_thing_of_the_accounts_own_is_named_by_the_account(cases: Nights) -> None:
    [row] = cases.rows("verdict_changes", "registration")
    assert (row["cause_type"], row["cause_id"], row["cause_name"]) == ("registration", "u1", "u1@x.example")
    what = "registered - Microsoft Authenticator, notification; registered for MFA yes -> no; can do MFA yes -> no"
    assert row["what"] == what
    assert (row["aspect"], row["is_worse"]) == ("verdict", True)


def test_several_things_are_told_together(cases: Nights) -> None:
    [row] = cases.rows("verdict_changes", "two_edits_needed")
    assert (row["cause_type"], row["cause_id"]) == ("several", "policy:p1 + policy:p2")
    assert row["cause_name"] == "Policy p1 and Policy p2"
    assert row["what"] == "Policy p1: state enabled -> disabled; Policy p2: state enabled -> disabled"


def test_a_hostile_name_is_text_without_control_characters(cases: Nights) -> None:
    [row] = cases.rows("verdict_changes", "hostile")
    assert row["cause_name"] == '=cmd|"<script>alert(1)</script>'


def test_a_second_time_gives_the_same(cases: Nights) -> None:
    before = [cases.rows(table) for table in ("verdict_changes", "changes", "judgements")]
    judge(cases.config)
    record(cases.config)
    assert [cases.rows(table) for table in ("verdict_changes", "changes", "judgements")] == before


def test_what_is_concluded_is_what_judging_again_says(cases: Nights) -> None:
    """Where one thing changed alone nobody is judged again, and it would say the same."""
    before = [cases.rows(table) for table in ("verdict_changes", "changes")]
    record(cases.config, is_thorough=True)
    assert [cases.rows(table) for table in ("verdict_changes", "changes")] == before


def test_of_a_first_scan_there_is_nothing_to_tell(tmp_path: Path) -> None:
    with nights(tmp_path, {"one": Org()}) as found:
        assert found.rows("verdict_changes") == found.rows("changes") == []
        assert [row["is_strict"] for row in found.rows("judgements")] == [False]


def test_night_after_night(tmp_path: Path) -> None:
    """A new tenant, a scan that nobody compared, another reading of the contract, and what was found stays."""
    partial = policy(
        users={"includeUsers": ["All"]}, apps={"includeApplications": ["All"], "excludeApplications": ["x"]}
    )
    one = Org(users=people("u1"), policies=[partial])
    two = Org(users=people("u1"), policies=[policy()], kind="customer", partner="one")
    with nights(tmp_path, {"one": one}) as found:
        found.scan({"one": one, "two": replace(two, users=people("u1", "u2"))})
        assert found.rows("verdict_changes") == []
        [told] = found.rows("changes")
        assert (told["tenant_id"], told["change_id"]) == (tenant_id("two"), "tenant")
        assert told["what"] == "judged for the first time, with 2 accounts"

        # What was judged and not compared is compared with the scan after it, not again.
        found.scan({"one": one, "two": two}, is_recorded=False)
        found.scan({"one": one, "two": replace(two, registered={"u1": methods()})})
        assert [row["change_ids"] for row in found.rows("verdict_changes")] == [["registration"]]

        config = tmp_path / "rollcall.toml"
        config.write_text(config.read_text("utf-8") + "\n[reading]\nstrict = true\n", "utf-8")
        found.scan({"one": one})
        [row] = found.rows("verdict_changes", "one")
        assert (row["cause_type"], row["direction"], row["what"]) == (
            "configuration",
            "worse",
            "[reading] strict no -> yes",
        )
        assert len(rows(found.config, "from changes")) > len(found.rows("changes"))
