"""A partner's own file holds its tenants only, whatever table, column, list or JSON one looks at."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from checks.judge import judge
from checks.scan import load_scan
from collectors.config import Config, Partner, Storage
from collectors.errors import ConfigError
from tests.warehouse.found import Finding
from tests.warehouse.found import found as as_sql
from tests.warehouse.scans import MICROSOFT, Scan, tenant, user
from warehouse.catalog import relations, tables
from warehouse.engine import reader, writer
from warehouse.export import SCANS, SHARED, WITHHELD, export
from warehouse.publish import publish
from warehouse.results import (
    RuleResult,
    Scorecard,
    record_findings,
    record_rule_results,
    record_scorecards,
)

A, A_CUSTOMER = "aaaaaaaa-0000-4000-8000-000000000001", "aaaaaaaa-0000-4000-8000-000000000002"
B, B_CUSTOMER = "bbbbbbbb-0000-4000-8000-000000000001", "bbbbbbbb-0000-4000-8000-000000000002"
PARTNER_OF = {A: A, A_CUSTOMER: A, B: B, B_CUSTOMER: B}
NAMES = {A: "Aurora GmbH", A_CUSTOMER: "Apfel AG", B: "Borealis Ltd", B_CUSTOMER: "Birnen <b>O'Ltd"}


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """Publish two partners with a customer each; every value of theirs names its tenant."""
    folder = tmp_path_factory.mktemp("two-partners")
    partners = tuple(Partner(tenant_id=one, name=NAMES[one], program="direct-bill", credential="c") for one in (A, B))
    storage = Storage(landing="landing", warehouse="in/w.duckdb", published="out/w.duckdb")
    config = Config(partner=partners, storage=storage, folder=str(folder))
    who = [
        tenant(one, name=NAMES[one], kind="partner" if one == of else "customer", partner_id=of)
        for one, of in PARTNER_OF.items()
    ]
    # A whole night, and a night of B alone.
    for night, planned in enumerate((who, [each for each in who if each.partner_id == B])):
        scan = Scan(folder, *planned, night=night)
        for each in planned:
            said = f"{each.name} {each.tenant_id}"
            people = [user(n, displayName=said, identities=[{"issuer": said}]) for n in range(5)]
            scan.land(each.tenant_id, MICROSOFT.dataset("users"), people)
            registered = {"id": "user-0001", "userPrincipalName": said, "methodsRegistered": [said]}
            scan.land(each.tenant_id, MICROSOFT.dataset("authentication_methods"), [registered])
            scan.note(each.tenant_id, "sign_ins", state="failed", code="x", message=f"no: {said}")
        scan.landing.write_plan(scan.plan)
        load_scan(config, scan.plan.scan_id)
        judge(config)
    with writer(config.warehouse) as con:
        scan_id = scan.plan.scan_id
        fields: dict[str, Any] = {"rule_id": "R", "result": "fail", "in_scope": 1, "failing": 1}
        record_rule_results(con, scan_id, [RuleResult(tenant_id=one, reason=NAMES[one], **fields) for one in NAMES])
        found = [
            Finding(rule_id="R", tenant_id=one, resource_type="account", resource_id=one, reason=name, remediation=name)
            for one, name in NAMES.items()
        ]
        record_findings(con, scan_id, as_sql(found), [("R", one) for one in NAMES])
        counts = dict.fromkeys(("in_scope", "compliant", "at_risk", "non_compliant", "indeterminate"), 0)
        cards = [Scorecard(tenant_id=one, score=1.0, coverage=1.0, **counts) for one in NAMES]
        record_scorecards(con, scan_id, cards)
    publish(config)
    return config


def found_in(path: Path, needles: list[str]) -> list[str]:
    """Return where any of the texts stands: in any column of any table or view, or in the file's bytes."""
    found = []
    with reader(path) as con:
        for each in relations(con):
            rows = con.execute(f"from {each.qualified}").fetchall()
            text = "\n".join(str(value) for row in rows for value in row).lower()
            found += [f"{each.called}: {needle}" for needle in needles if needle.lower() in text]
    content = path.read_bytes().lower()
    return found + [f"bytes: {needle}" for needle in needles if needle.lower().encode() in content]


@pytest.mark.parametrize(("mine", "other"), [(A, B), (B, A)])
def test_nothing_of_another_partner_is_in_it(config: Config, tmp_path: Path, mine: str, other: str) -> None:
    output = tmp_path / "mine.duckdb"
    assert export(config, mine, output) == (mine, NAMES[mine], 2)
    theirs = [text for one, of in PARTNER_OF.items() if of == other for text in (one, NAMES[one])]
    ours = [text for one, of in PARTNER_OF.items() if of == mine for text in (one, NAMES[one])]
    assert found_in(output, theirs) == []
    # The search does find what is there.
    assert len(found_in(output, ours)) > 20
    assert found_in(config.published, theirs)


JUNK = """
import sys
from pathlib import Path
from collectors.config import load
from warehouse.export import export
export(load(Path(sys.argv[1])), sys.argv[2], Path(sys.argv[3]))
"""


def test_no_byte_of_it_is_left_over_from_the_process_that_read_the_others(config: Config, tmp_path: Path) -> None:
    """DuckDB writes whole blocks, and what it does not fill is what its memory held before: here, a pattern."""
    partners = "".join(
        f'[[partner]]\ntenant_id = "{one}"\nname = "x"\nprogram = "direct-bill"\ncredential = "c"\n' for one in (A, B)
    )
    settings = tmp_path / "rollcall.toml"
    settings.write_text(f'{partners}[storage]\npublished = "{config.published}"\n')
    (tmp_path / "filled").mkdir()
    output = tmp_path / "filled" / "mine.duckdb"
    subprocess.run(
        [sys.executable, "-c", JUNK, str(settings), A, str(output)],
        check=True,
        env={**os.environ, "DUCKDB_JE_MALLOC_CONF": "junk:true"},
    )
    assert b"\xa5" * 16 not in output.read_bytes()
    with reader(output) as con:
        assert con.execute("select count(*) from users").fetchall() == [(10,)]


def test_every_row_of_the_partner_is_in_it(config: Config, tmp_path: Path) -> None:
    output = tmp_path / "mine.duckdb"
    export(config, NAMES[A].upper(), output)
    with reader(config.published) as whole, reader(output) as part:
        assert relations(part) == relations(whole)
        for each in relations(whole):
            if each.has("tenant_id"):
                query = f"select * from {each.qualified} where tenant_id in ('{A}', '{A_CUSTOMER}') order by all"
                assert part.execute(f"from {each.qualified} order by all").fetchall() == whole.execute(query).fetchall()
        for name in (*SHARED, *SCANS, "clock"):
            query = f"from {name} order by all"
            assert part.execute(query).fetchall() == whole.execute(query).fetchall(), name
        assert part.execute("select count(*) from users").fetchall() == [(10,)]
        assert part.execute("select count(*) from account_verdicts").fetchall() == [(10,)]
    assert [path.name for path in tmp_path.iterdir()] == ["mine.duckdb"]
    assert output.stat().st_mode & 0o777 == 0o600


def test_every_table_says_whose_its_rows_are(config: Config) -> None:
    """Else its rows are in nobody's export."""
    with reader(config.published) as con:
        unsaid = [each.called for each in tables(con) if not each.has("tenant_id")]
    assert sorted(unsaid) == sorted((*SHARED, *SCANS, *WITHHELD))


def test_a_failure_leaves_the_old_file(config: Config, tmp_path: Path) -> None:
    output = tmp_path / "mine.duckdb"
    output.write_text("old")
    with pytest.raises(ConfigError, match=r"no partner has the id or name 'nobody'\. There are: aaaa.*, bbbb"):
        export(config, "nobody", output)
    with pytest.raises(ConfigError, match="no partner"):
        export(config, A_CUSTOMER, output)
    with pytest.raises(ConfigError, match="is the warehouse itself"):
        export(config, A, config.published)
    assert output.read_text() == "old"
    export(config, A, output)
    with reader(output) as con:
        assert con.execute("select count(*) from tenants").fetchall() == [(2,)]
