"""The cookbook: one question a file of ``docs/cookbook``, written as views are, and the page made of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from warehouse.views import View

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "cookbook.md"

_HEAD = """\
# Cookbook

Questions and the queries that answer them. `rollcall sql --file docs/cookbook/01_owes_mfa_without_proof.sql` runs one;
with `--format csv`, `json` or `parquet` and `--output FILE` the answer becomes a file. CSV is exact: text of a tenant
that looks like a formula stays as it is. Read it with a program; for a spreadsheet take the scorecards' CSV files,
which are made safe. [The reference](reference.md) has every table and column. This page is generated.

`rollcall export --partner ID --output FILE.duckdb` writes a file that holds one partner's tenants only, from every
table and view. A run id that a person chose is in it as it was chosen.

What was found is kept: `account_verdict_history`, `rule_result_history`, `scorecard_history` and `finding_history` have
a row per change, not per scan. `valid_from` is the first scan that found it so, `valid_until` the first that found it
otherwise or no longer; null while it is so. At any time it was so where
`valid_from <= time and (valid_until is null or valid_until > time)`, and what a scan changed are the rows in which one
of the two is the scan's time. `recordings` names the scans of which there are results, those that changed nothing, too.
"""


class Recipe(NamedTuple):
    """A question, what else there is to say, the query, and its columns with what they mean, in order."""

    path: Path
    question: str
    more: str
    sql: str
    columns: dict[str, str]


def recipes() -> list[Recipe]:
    """Return the recipes in the order of their files. Raises ``ValueError`` for one that is begun wrongly."""
    found = []
    for path in sorted((DOCS / "cookbook").glob("*.sql")):
        view = View("main", path.stem, path.read_text("utf-8").rstrip())
        question, mark, more = view.doc.partition("?")
        if not mark or not re.fullmatch(r"\d\d_[a-z0-9_]+", path.stem):
            msg = f"{path}: expected a name like 01_guests.sql and a first line that asks something."
            raise ValueError(msg)
        lines = view.sql.splitlines()
        while lines[0].startswith("--"):
            del lines[0]
        found.append(Recipe(path, f"{question}?", more.strip(), "\n".join(lines), view.meanings))
    return found


def page() -> str:
    """Return the page in Markdown."""
    return "\n".join([_HEAD, *(line for recipe in recipes() for line in _section(recipe))])


def _section(recipe: Recipe) -> Iterator[str]:
    yield f"## {recipe.question}\n"
    if recipe.more:
        yield f"{recipe.more}\n"
    yield f"```sql\n{recipe.sql}\n```\n"
