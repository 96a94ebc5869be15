"""The kit for authors: ours pass it, the example plugin passes it, and each mistake is caught by the check for it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from collectors.catalogue import Catalogue, catalogue
from collectors.declare import (
    FLAG,
    JSON,
    TEXT,
    TIME,
    Collector,
    Column,
    ColumnType,
    Dataset,
    Each,
    GraphList,
    GraphObject,
    Table,
)
from collectors.errors import ConfigError
from kit.bench import Bench, bench, credential
from kit.check import check, check_dataset, summary
from kit.declared import check_declaration
from kit.finding import Checked, Finding
from kit.items import put
from kit.served import Case, Trial

EXAMPLE = Path(__file__).parent.parent / "example_plugin"
AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
# One of each kind: a list, a window, an object, asked for each item, batched. `make check-collectors` tries all.
OURS = ["users", "sign_ins", "security_defaults", "group_members", "per_user_mfa"]

TABLE = Table(
    "acme_things",
    doc="One row per thing.",
    key=("thing_id",),
    columns=(
        Column("thing_id", TEXT, "id", "Id of the thing.", required=True),
        Column("display_name", TEXT, "displayName", "Its name.", required=True),
        Column("is_odd", FLAG, "isOdd", "Whether it is odd."),
        Column("seen_at", TIME, "state/seenDateTime", "When it was last seen."),
    ),
)
THINGS = GraphList(
    table=TABLE,
    path="/acme/things",
    permissions=("Acme.Read.All",),
    page_size=50,
    source="https://acme.example/things",
)
PARTS = GraphList(
    table=Table(
        "acme_parts",
        doc="One row per thing and part.",
        key=("thing_id", "part_id"),
        columns=(
            Column("thing_id", TEXT, "{thing_id}", "The thing."),
            Column("part_id", TEXT, "id", "Id of the part.", required=True),
        ),
    ),
    path="/acme/things/{thing_id}/parts",
    permissions=("Acme.Read.All",),
    each=(Each("acme_things", "thing_id", lambda thing: [thing["id"]]),),
    source="https://acme.example/parts",
)


def having(*datasets: Dataset) -> Catalogue:
    return Catalogue((Collector(name="acme", doc="Acme's.", datasets=datasets),))


def problems(findings: list[Finding]) -> list[str]:
    return [str(finding) for finding in findings if finding.is_problem]


def declared(dataset: Dataset, *others: Dataset) -> list[Finding]:
    checked = Checked(dataset.name, [])
    check_declaration(checked, dataset, having(*others, dataset), AT)
    return checked.findings


@pytest.fixture(scope="module")
def findings() -> list[Finding]:
    with credential(), ThreadPoolExecutor(len(OURS)) as threads:
        found = threads.map(lambda name: check_dataset(catalogue(), catalogue().dataset(name)), OURS)
        return [finding for findings in found for finding in findings]


@pytest.mark.parametrize("name", OURS)
def test_our_own_datasets_pass(findings: list[Finding], name: str) -> None:
    mine = [finding for finding in findings if finding.dataset == name]
    assert problems(mine) == []
    every = {"permission", "source", "query", "rows", "nulls", "ddl", "throttling", "403", "malformed", "wrong type"}
    if isinstance(catalogue().dataset(name), GraphList):
        every |= {"keys", "failed page", "required"}
    assert every <= {finding.check for finding in mine}


def with_columns(**changes: Any) -> Table:
    """Return the table with one column changed: its name is the keyword."""
    columns = tuple(replace(c, **changes[c.name]) if c.name in changes else c for c in TABLE.columns)
    return replace(TABLE, columns=columns)


MISTAKES: list[tuple[str, Dataset, str]] = [
    ("permission", replace(THINGS, permissions=("Acme.ReadWrite.All",)), "only reads"),
    ("permission", replace(THINGS, permissions=("everything",)), "is no permission"),
    ("source", replace(THINGS, source=""), "https address"),
    ("words", replace(THINGS, table=with_columns(is_odd={"doc": " "})), "column is_odd has no doc"),
    ("words", replace(THINGS, table=replace(TABLE, doc="")), "Say what one row is"),
    ("key", replace(THINGS, table=replace(TABLE, key=())), "there is none"),
    ("types", replace(THINGS, table=with_columns(seen_at={"type": TEXT})), "Declare it as TIME"),
    ("types", replace(THINGS, table=with_columns(is_odd={"type": TEXT})), "Declare it as FLAG"),
    ("types", replace(THINGS, table=with_columns(is_odd={"type": ColumnType(bool, "BIGINT")})), "a type of its own"),
    ("columns", replace(THINGS, table=with_columns(is_odd={"source": "state"})), "another column takes whole"),
    ("columns", replace(THINGS, table=with_columns(is_odd={"source": "id"})), "two columns have the source"),
    ("columns", replace(THINGS, table=with_columns(is_odd={"source": "a//b"})), "is no path"),
    ("columns", replace(THINGS, table=with_columns(is_odd={"source": "{thing}"})), "is no parameter"),
    ("request", replace(THINGS, path="acme/things"), "is no path"),
    ("request", replace(THINGS, path="/acme/{thing_id}/things"), "which nothing fills"),
    ("request", replace(THINGS, query={"$filter": "at ge {window_start}"}), "window_start needs window"),
    ("request", replace(THINGS, query={"$select": "id"}), "which the columns decide"),
    ("request", replace(THINGS, query={"$select": "id,isOdd"}, selects=False), "leaves out displayName, state"),
    ("request", replace(THINGS, query={"$top": "5"}), "page_size does, too"),
    ("request", replace(THINGS, page_size=0), "page_size is 0"),
    ("microsoft", replace(THINGS, path="/users", table=with_columns()), "no user has isOdd: Graph refuses $select"),
    ("microsoft", replace(THINGS, path="/users", selects=False, page_size=1000), "refuses more than 999"),
    ("microsoft", replace(THINGS, path="/policies/authenticationMethodsPolicy", page_size=None), "as GraphObject"),
    ("microsoft", replace(THINGS, path="/security/partner/securityAlerts"), "in beta only"),
    ("microsoft", replace(THINGS, path="/subscribedSkus", selects=False, query={"$filter": "x"}), "refuses $filter"),
]


@pytest.mark.parametrize(("name", "dataset", "words"), MISTAKES, ids=[f"{m[0]}-{m[2]}" for m in MISTAKES])
def test_a_mistake_is_caught_by_the_check_that_names_it(name: str, dataset: Dataset, words: str) -> None:
    found = [finding for finding in declared(dataset) if finding.is_problem and finding.check == name]
    assert any(words in finding.text for finding in found), [str(finding) for finding in declared(dataset)]
    assert {finding.check for finding in declared(dataset) if finding.is_problem} <= {name, "rows"}


@pytest.mark.parametrize(
    ("name", "dataset", "words"),
    [
        ("key", replace(PARTS, table=replace(PARTS.table, key=("part_id",))), "to the key"),
        ("request", replace(PARTS, path="/acme/parts"), "neither the path nor the query holds {thing_id}"),
        ("any item", replace(PARTS, each=(Each("acme_things", "thing_id", lambda t: [t["isOdd"]]),)), "KeyError"),
        ("any item", replace(PARTS, each=(Each("acme_things", "thing_id", lambda t: [7]),)), "no text"),  # type: ignore[list-item]
    ],
)
def test_a_mistake_in_asking_for_each_is_caught(name: str, dataset: Dataset, words: str) -> None:
    found = [finding for finding in declared(dataset, THINGS) if finding.is_problem and finding.check == name]
    assert any(words in finding.text for finding in found), found


def test_what_only_partners_name_is_not_promised_to_customers() -> None:
    found = problems(declared(PARTS, replace(THINGS, kinds=frozenset({"partner"}))))
    assert any("is read in a customer" in text for text in found)


def test_a_single_object_cannot_name_values() -> None:
    one = GraphObject(table=TABLE, path="/acme/thing", permissions=("Acme.Read.All",), source="https://acme.example")
    assert any("single object" in text for text in problems(declared(PARTS, one)))


def test_a_key_that_does_not_tell_items_apart_loses_rows() -> None:
    dataset = replace(THINGS, table=replace(TABLE, key=("display_name",)))
    with credential():
        found = problems(check_dataset(having(dataset), dataset))
    assert len(found) == 1
    assert "keys: 3 different items were sent and 2 loaded" in found[0]


def test_a_dataset_asked_for_each_of_anothers_passes() -> None:
    found = [*check(having(THINGS, PARTS), "acme_parts")]
    assert problems(found) == []
    assert {finding.dataset for finding in found} == {"acme_parts"}
    assert summary(found) == f"ok       1 datasets, {len(found)} checks, 0 problems"


def test_a_dataset_whose_name_the_warehouse_uses_is_named() -> None:
    dataset = replace(THINGS, table=replace(TABLE, name="tenants"))
    with credential():
        assert any("Rename it" in text for text in problems(check_dataset(having(dataset), dataset)))


def test_a_name_nobody_has_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"no collector or dataset is called nobody. Installed are: acme"):
        [*check(having(THINGS), "nobody")]


@contextmanager
def trial(folder: Path, dataset: Dataset = THINGS) -> Iterator[tuple[Trial, Bench]]:
    with credential(), bench(dataset, having(dataset), folder, AT) as place:
        yield Trial(Checked(dataset.name, []), place), place


def scanned(one: Trial, place: Bench, case: Case, served: list[list[dict[str, Any]]]) -> None:
    """Serve other items than the case says, as a collector that loses or changes some would bring them."""
    place.put(case.tenant_id, served)
    one.after = dict(place.scan([case.tenant_id], []).outcomes)


def test_a_lost_item_is_noticed(tmp_path: Path) -> None:
    with trial(tmp_path) as (one, place):
        case = Case("whole", one._lists(7))
        scanned(one, place, case, [case.items[0][:-1]])
        one._rows(case, "rows", "")
    assert any("7 items in 3 pages were sent, 6 in 2 arrived" in text for text in problems(one.checked.findings))


def test_a_changed_value_is_noticed_with_its_column(tmp_path: Path) -> None:
    with trial(tmp_path) as (one, place):
        case, served = Case("whole", one._lists(2)), one._lists(2)
        put(served[0][1], TABLE.columns[2], None)
        scanned(one, place, case, served)
        one._rows(case, "rows", "")
    found = problems(one.checked.findings)
    assert len(found) == 2
    assert all("column is_odd was sent as False and" in text for text in found)


def test_another_query_than_the_declared_one_is_noticed(tmp_path: Path) -> None:
    with trial(tmp_path) as (one, place):
        case = Case("whole", one._lists(2))
        scanned(one, place, case, case.items)
        one.dataset = place.dataset = replace(THINGS, page_size=51, headers={"Prefer": "all"})
        one._asked(case)
    found = problems(one.checked.findings)
    assert any("$top is '50', expected '51'" in text for text in found)
    assert any("the header Prefer is None, expected 'all'" in text for text in found)


def test_a_table_that_differs_from_its_declaration_is_noticed(tmp_path: Path) -> None:
    with trial(tmp_path) as (one, place):
        place.con.execute("alter table acme_things alter column is_odd type varchar")
        one._ddl()
    assert any("column is_odd is ('VARCHAR', False) in the table" in text for text in problems(one.checked.findings))


def test_a_last_good_slice_that_does_not_stay_is_noticed(tmp_path: Path) -> None:
    with trial(tmp_path) as (one, place):
        # The second answer is good, where the check waits for a refusal.
        case = Case("refused", one._lists(2), [], one._lists(2, 100))
        scanned(one, place, case, case.items)
        one._keep({"refused": case})
    assert any("403: expected not_permitted, found complete" in text for text in problems(one.checked.findings))


def test_a_dataset_of_json_alone_has_no_type_to_mistake(tmp_path: Path) -> None:
    table = replace(TABLE, columns=(TABLE.columns[0], Column("all_of_it", JSON, "body", "Everything.")))
    assert problems(declared(replace(THINGS, table=table))) == []


def test_the_example_plugin_passes_as_a_person_would_check_it(tmp_path: Path) -> None:
    site = str(tmp_path / "site")
    uv = str(Path(sys.executable).with_name("uv"))
    command = [uv, "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    command += ["--offline", "--python", sys.executable, "--target", site, str(EXAMPLE)]
    subprocess.run(command, check=True, timeout=120)

    good = rollcall(tmp_path, site, "acme_domains")
    assert good.returncode == 0, good.stdout + good.stderr
    assert good.stdout.startswith("ok       1 datasets, ")
    assert "ok       acme_domains  permission: Domain.Read.All" in good.stdout
    assert "ok       acme_domains  rows: 7 items in 3 pages arrive, land and are loaded unchanged" in good.stdout
    assert "problem " not in good.stdout

    module = Path(site, "rollcall_acme_domains.py")
    module.write_text(module.read_text().replace('"isDefault"', '"isDefaultDomain"'))
    bad = rollcall(tmp_path, site, "acme_domains")
    assert bad.returncode == 1
    assert "problem  acme_domains  microsoft: no domain has isDefaultDomain: Graph refuses $select" in bad.stdout
    assert "Traceback" not in bad.stdout + bad.stderr

    nobody = rollcall(tmp_path, site, "nobody")
    assert nobody.returncode == 1
    assert "no collector or dataset is called nobody" in nobody.stderr


def rollcall(folder: Path, site: str, name: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("AIRFLOW_")}
    return subprocess.run(
        [str(Path(sys.executable).with_name("rollcall")), "check-collector", name],
        cwd=folder,
        env=kept | {"PYTHONPATH": site},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
