"""What a declaration promises is what is asked for and what lands."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.catalogue import Catalogue, catalogue
from collectors.declare import TEXT, Collector, Column, Each, GraphList, Table
from collectors.errors import ConfigError
from collectors.journal import RowWriter
from collectors.landing import Landing, Outcome, read_rows
from collectors.microsoft.sign_ins import SIGN_INS
from collectors.microsoft.users import USERS
from collectors.shape import row_type, tree

DATASETS = catalogue().datasets
TENANT = "0f0f0f0f-0000-4000-8000-000000000001"
NOW = datetime(2026, 11, 23, tzinfo=UTC)


def dataset(name: str, *each: Each) -> GraphList:
    table = Table(name, "One row per thing.", ("thing_id",), (Column("thing_id", TEXT, "id", "Id.", required=True),))
    return GraphList(path=f"/{name}", permissions=("X.Read.All",), table=table, each=each)


def of(*datasets: GraphList) -> Catalogue:
    return Catalogue(tuple(Collector(name=d.name, doc="x", datasets=(d,)) for d in datasets))


def test_the_built_in_collectors_load_through_the_entry_point() -> None:
    assert catalogue().broken == ()
    assert {c.name for c in catalogue().collectors} >= {"users", "sign_ins", "gdap", "conditional_access", "groups"}


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda d: d.name)
def test_every_declaration_says_what_a_reader_needs(dataset: GraphList) -> None:
    assert dataset.table.doc.endswith(".")
    assert dataset.source.startswith("https://learn.microsoft.com/")
    for column in dataset.table.columns:
        assert column.doc.endswith("."), column.name
    assert tree(dataset.table)


def test_select_asks_for_just_the_declared_properties() -> None:
    options = SIGN_INS.datasets[0].options({"window_start": "A", "window_end": "B"})
    assert options["$filter"] == "createdDateTime ge A and createdDateTime lt B"
    asked = options["$select"].split(",")
    assert asked.count("status") == 1
    assert {"id", "location", "authenticationDetails"} <= set(asked)
    assert options["$top"] == "1000"


def test_a_dataset_comes_after_those_it_asks_for() -> None:
    first, second = dataset("first"), dataset("second", Each("first", "x", lambda _: ()))
    assert [d.name for d in of(second, first).datasets] == ["first", "second"]


@pytest.mark.parametrize(
    ("datasets", "words"),
    [
        ((dataset("a"), dataset("a")), "two collectors declare the dataset a"),
        ((dataset("a", Each("b", "x", lambda _: ())),), "dataset a needs b, which no collector declares"),
        ((dataset("a", Each("b", "x", lambda _: ())), dataset("b", Each("a", "x", lambda _: ()))), "circle"),
    ],
)
def test_declarations_that_cannot_work_together_are_refused(datasets: Any, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        _ = of(*datasets).datasets


def test_choosing_a_collector_reads_what_it_asks_for_and_skips_the_rest() -> None:
    read, skipped = catalogue().chosen(["groups"], "customer")
    asked_for = {"conditional_access_policies", "role_assignments", "role_eligibilities"}
    assert {d.name for d in read} == {"groups", "group_members", *asked_for}
    assert not {"gdap_assignments", "group_members"} & {d.name for d in skipped}
    with pytest.raises(ConfigError, match="no collector is called nope"):
        catalogue().chosen(["nope"], "partner")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"key": ("missing",)}, "key column 'missing'"),
        ({"name": "Users; drop"}, "cannot name a table"),
        ({"columns": (Column("tenant_id", TEXT, "id", "x"),), "key": ()}, "stands twice"),
    ],
)
def test_a_table_that_cannot_be_is_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        dataclasses.replace(dataset("fine").table, **change)


def test_a_dataset_without_permission_is_refused() -> None:
    with pytest.raises(ValueError, match="declares no permission"):
        dataclasses.replace(dataset("fine"), permissions=())


USER = st.fixed_dictionaries(
    {"id": st.text(min_size=1), "userPrincipalName": st.text()},
    optional={
        "displayName": st.none() | st.text(),
        "accountEnabled": st.none() | st.booleans(),
        "createdDateTime": st.none() | st.datetimes(timezones=st.just(UTC)).map(lambda t: t.isoformat()),
        "assignedLicenses": st.none() | st.lists(st.dictionaries(st.text(), st.integers() | st.text())),
        "somethingNew": st.integers(),
    },
)


@given(pages=st.lists(st.lists(USER, max_size=5), max_size=4))
def test_each_row_survives_landing(tmp_path_factory: pytest.TempPathFactory, pages: list[list[dict[str, Any]]]) -> None:
    kind = row_type(USERS.datasets[0].table)
    folder = tmp_path_factory.mktemp("landing")
    rows = [msgspec.convert(msgspec.json.decode(msgspec.json.encode(page)), list[dict[str, Any]]) for page in pages]
    with RowWriter(folder, "users") as writer:
        for page in rows:
            writer.write(msgspec.json.decode(msgspec.json.encode(page), type=list[kind]))  # type: ignore[valid-type]
        name, _ = writer.keep()
    assert writer.rows == sum(map(len, pages))
    for written, item in zip(read_rows(folder / name, kind), [i for page in pages for i in page], strict=True):
        landed = msgspec.json.decode(msgspec.json.encode(written))
        assert landed["id"] == item["id"]
        assert landed["userPrincipalName"] == item["userPrincipalName"]
        assert landed["assignedLicenses"] == item.get("assignedLicenses")
        assert "somethingNew" not in landed


def outcome(**change: Any) -> Outcome:
    fields = {"scan_id": "s", "tenant_id": TENANT, "dataset": "users", "state": "complete", "collected_at": NOW}
    return msgspec.convert(fields | change, Outcome)


def test_a_manifest_names_the_newest_file_and_older_ones_go(tmp_path: Path) -> None:
    landing = Landing(tmp_path, "manual__2026-11-23T02:00:00+00:00")
    names = []
    for n in range(2):
        with RowWriter(landing.tenant(TENANT), "users") as writer:
            writer.write([row_type(USERS.datasets[0].table)(f"u{n}", "x")])
            name, sha256 = writer.keep()
        names.append(name)
        landing.write_outcomes(TENANT, [outcome(file=name, sha256=sha256)])
    assert [p.name for p in landing.tenant(TENANT).glob("*.zst")] == [names[1]]
    [found] = landing.outcomes(TENANT)
    assert landing.is_whole(found)
    landing.path(found).write_bytes(b"torn")
    assert not landing.is_whole(found)


@pytest.mark.parametrize("tenant_id", ["..", "../x", "", TENANT.upper() + "/..", "users"])
def test_only_a_tenant_id_names_a_folder(tmp_path: Path, tenant_id: str) -> None:
    with pytest.raises(ValueError, match="is not a tenant id"):
        Landing(tmp_path, "s").tenant(tenant_id)


@pytest.mark.parametrize("scan_id", [".", "..", ""])
def test_a_scan_id_that_names_no_folder_is_refused(tmp_path: Path, scan_id: str) -> None:
    with pytest.raises(ConfigError):
        Landing(tmp_path, scan_id)


def test_a_scan_id_stays_in_its_folder(tmp_path: Path) -> None:
    assert Landing(tmp_path, "../../etc").folder.parent == tmp_path


@pytest.mark.parametrize("file", ["../x", "/etc/passwd", None])
def test_a_manifest_cannot_name_a_file_elsewhere(tmp_path: Path, file: str | None) -> None:
    with pytest.raises(ValueError, match="names no file of its folder"):
        Landing(tmp_path, "s").path(outcome(file=file))
