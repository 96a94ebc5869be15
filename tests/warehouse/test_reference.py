from __future__ import annotations

import re
from pathlib import Path

import pytest

from collectors.catalogue import Catalogue
from tests.warehouse.scans import MICROSOFT, SMALL
from warehouse.engine import Connection
from warehouse.reference import reference

PAGE = Path(__file__).parents[2] / "docs" / "reference.md"


def test_the_committed_page_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == reference(MICROSOFT) + "\n", "run `make reference`"


def test_every_table_view_and_column_is_on_the_page(con: Connection) -> None:
    page = reference(MICROSOFT)
    for schema, table, column in con.execute(
        "select schema_name, table_name, column_name from duckdb_columns() where not internal"
    ).fetchall():
        name = table if schema == "main" else f"{schema}.{table}"
        section = re.search(rf"^###+ {re.escape(name)}$(.*?)(?=^##|\Z)", page, re.MULTILINE | re.DOTALL)
        assert section, name
        assert f"| `{column}` | " in section[1], f"{name}.{column}"


def test_a_plugins_datasets_are_on_the_page() -> None:
    page = reference(Catalogue((*MICROSOFT.collectors, *SMALL.collectors)))
    assert "#### things\n\nOne row per owner's thing.\n" in page
    assert "* Source: `GET /v1.0/owners/{owner_id}/things`\n* Permission: `Thing.Read.All`\n" in page
    assert "* Asked once for each `owner_id` that `owners` names\n" in page
    assert "| `owner_id` | varchar, never null | the owner_id asked for | The owner. |" in page
    assert "| `count` | bigint | `status/count` | How many. |" in page


def test_making_the_page_prints_nothing_else(capfd: pytest.CaptureFixture[str]) -> None:
    """Its output is the page: a log line would be in the file."""
    reference(MICROSOFT)
    assert capfd.readouterr() == ("", "")


def test_the_page_names_path_permission_and_licence_of_each_dataset() -> None:
    page = reference(MICROSOFT)
    for dataset in MICROSOFT.datasets:
        assert f"[`GET /{dataset.version}{dataset.path}`]({dataset.source})" in page
    assert page.count("* Licence: Microsoft Entra ID P1") == sum(dataset.is_premium for dataset in MICROSOFT.datasets)
