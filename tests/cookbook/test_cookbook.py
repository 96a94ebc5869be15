"""Every recipe runs over the demo tenants' published file and answers what it promises."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from collectors.config import Config
from tests.cookbook.page import PAGE, Recipe, page, recipes
from tests.warehouse.test_export import found_in
from warehouse import query
from warehouse.catalog import relations
from warehouse.engine import reader
from warehouse.export import export

REFERENCE = PAGE.with_name("reference.md")


def test_the_committed_page_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == page(), "run `make reference`"


def test_there_are_at_least_twenty_questions_and_no_two_alike() -> None:
    questions = [recipe.question for recipe in recipes()]
    assert len(questions) == len(set(questions)) >= 20


@pytest.mark.parametrize("recipe", recipes(), ids=lambda recipe: recipe.path.stem)
def test_a_recipe_answers_with_the_columns_it_explains(demo: Config, recipe: Recipe) -> None:
    """The demo tenants have a case for each question."""
    with reader(demo.published) as con:
        names, batches = query.rows(con, recipe.path.read_text("utf-8"))
        rows = [row for batch in batches for row in batch]
    assert names == list(recipe.columns)
    assert rows
    empty = [name for at, name in enumerate(names) if all(row[at] is None for row in rows)]
    assert empty == []


def test_every_table_and_column_of_a_published_file_is_in_the_reference(demo: Config) -> None:
    sections = dict(re.findall(r"^###+ (\S+)$(.*?)(?=^##|\Z)", REFERENCE.read_text("utf-8"), re.MULTILINE | re.DOTALL))
    with reader(demo.published) as con:
        missing = [
            f"{each.called}.{column.name}"
            for each in relations(con)
            for column in each.columns
            if not re.search(rf"^\| `{column.name}` \| .* \S.* \|$", sections.get(each.called, ""), re.MULTILINE)
        ]
    assert missing == []


def test_a_demo_partners_export_names_no_tenant_of_the_other(demo: Config, tmp_path: Path) -> None:
    with reader(demo.published) as con:
        tenants = con.execute("select tenant_id, name, partner_id from tenants").fetchall()
    assert len({partner for *_, partner in tenants}) == 2
    for mine in {partner for *_, partner in tenants}:
        export(demo, mine, tmp_path / "mine.duckdb")
        theirs = [text for tenant_id, name, partner in tenants if partner != mine for text in (tenant_id, name)]
        assert found_in(tmp_path / "mine.duckdb", theirs) == []
