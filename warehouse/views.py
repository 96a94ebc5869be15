"""Views: one ``select`` a file, run in the order of their names. ``20_evidence__x.sql`` is ``evidence.x``.

The comment a file begins with says what a row is; a comment after an item of the list says what that column means. One
without it means what it means in the table or view it is taken from. All of it becomes the view's own comments, where
any SQL client shows them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from warehouse.catalog import relations
from warehouse.engine import Connection, Error, WarehouseError, identifier, literal

VIEWS = Path(__file__).parent / "views"


@dataclass(frozen=True)
class View:
    """One file of ``views``."""

    schema: str
    name: str
    sql: str
    is_table: bool = False

    @property
    def qualified(self) -> str:
        """Its name as SQL spells it."""
        return f"{identifier(self.schema)}.{identifier(self.name)}"

    @property
    def doc(self) -> str:
        """What a row is: the comment at the top, as one line."""
        lines = []
        for line in self.sql.splitlines():
            if not line.startswith("--"):
                break
            lines.append(line.removeprefix("--").strip())
        return " ".join(lines)

    @property
    def meanings(self) -> dict[str, str]:
        """What stands behind a name at the end of a line; only names of its columns count."""
        return dict(re.findall(r"^.*?\b([a-z_][a-z0-9_]*),?[ \t]+-- (.+)$", self.sql, re.MULTILINE))


def views(folder: Path = VIEWS) -> list[View]:
    """Read the views in the order they are made. Raises ``ValueError`` for a file that is named or begun wrongly."""
    found = []
    for path in sorted(folder.glob("*.sql")):
        named = re.fullmatch(r"\d+_(?:([a-z][a-z0-9]*)__)?([a-z][a-z0-9_]*)(\.table)?", path.stem)
        if not named:
            msg = f"{path}: expected a name like 20_schema__view.sql or 20_view.sql."
            raise ValueError(msg)
        sql = path.read_text("utf-8").rstrip().removesuffix(";")
        view = View(named[1] or "main", named[2], sql, is_table=named[3] is not None)
        if not view.doc:
            msg = f"{path}: expected a first line `-- One row per ...`."
            raise ValueError(msg)
        found.append(view)
    return found


def drop_stale_views(con: Connection, folder: Path = VIEWS, made: Collection[tuple[str, str]] = ()) -> None:
    """Drop the views that no file describes any more, but for those ``made``: their names may be a table's now."""
    wanted = {(view.schema, view.name) for view in views(folder) if not view.is_table}.union(made)
    for stored in relations(con):
        if stored.is_view and (stored.schema, stored.name) not in wanted:
            con.execute(f"drop view {stored.qualified}")


def create_views(con: Connection, folder: Path = VIEWS, made: Collection[tuple[str, str]] = ()) -> None:
    """Make every view anew, and drop those that no file describes and that nobody ``made``.

    Raises :class:`WarehouseError`.
    """
    drop_stale_views(con, folder, made)
    given = [each for each in relations(con) if not each.is_view or (each.schema, each.name) in made]
    known = {each.name: {column.name: column.doc for column in each.columns if column.doc} for each in given}
    for view in views(folder):
        known[view.name] = _create(con, view, known)


def evidence_names(folder: Path = VIEWS) -> set[str]:
    """Return the names of our views of the schema ``evidence``."""
    return {view.name for view in views(folder) if view.schema == "evidence"}


def create_evidence(con: Connection, selects: Mapping[str, str], folder: Path = VIEWS) -> dict[str, str]:
    """Let the schema ``evidence`` have these views besides ours, by name, and no others; return what is wrong, by name.

    One that is wrong is not made, and the others are. None may be called like one of ours. Call it in a transaction.
    """
    ours = evidence_names(folder)
    wrong: dict[str, str] = {}
    for stored in relations(con):
        if stored.schema == "evidence" and stored.name not in ours | selects.keys():
            con.execute(f"drop view {stored.qualified}")
    for name, sql in selects.items():
        try:
            _create(con, View("evidence", name, sql.strip().removesuffix(";")), {})
        except WarehouseError as error:
            wrong[name] = str(error)
    return wrong


def refresh_tables(con: Connection, folder: Path = VIEWS) -> None:
    """Work out anew what is kept as a table. Call it in a transaction, when what it is made of has changed."""
    for view in views(folder):
        if view.is_table:
            con.execute(f"delete from {view.qualified}")  # noqa: S608  (SQL of ours)
            con.execute(f"insert into {view.qualified} by name\n{view.sql}")


def _create(con: Connection, view: View, known: dict[str, dict[str, str]]) -> dict[str, str]:
    """Make one view and return what its columns mean."""
    if len(con.extract_statements(view.sql)) != 1:
        msg = f"the view {view.name} holds more than one statement. Give each select a file."
        raise WarehouseError(msg)
    try:
        con.execute(f"create schema if not exists {identifier(view.schema)}")
        if view.is_table:
            con.execute(f"create or replace table {view.qualified} as from (\n{view.sql}\n) limit 0")
        else:
            con.execute(f"create or replace view {view.qualified} as\n{view.sql}")
    except Error as error:
        raise WarehouseError(_explained(view, str(error))) from None
    meanings = _inherited(view, known) | view.meanings
    columns = [column for column, *_ in con.execute(f"describe {view.qualified}").fetchall()]
    found = {column: meanings[column] for column in columns if column in meanings}
    kind = "table" if view.is_table else "view"
    comments = [f"comment on {kind} {view.qualified} is {literal(view.doc)}"]
    comments += [f"comment on column {view.qualified}.{identifier(c)} is {literal(m)}" for c, m in found.items()]
    con.execute("; ".join(comments))
    return found


def _inherited(view: View, known: dict[str, dict[str, str]]) -> dict[str, str]:
    """Return what columns mean in the tables and views a view reads: of the one it names, or of all if they agree."""
    sql = re.sub(r"--.*", "", view.sql)
    found: dict[str, set[str]] = {}
    for name in set(re.findall(r"[a-z_][a-z0-9_]*", sql)) & known.keys():
        for column, meaning in known[name].items():
            found.setdefault(column, set()).add(meaning)
    agreed = {column: meanings.pop() for column, meanings in found.items() if len(meanings) == 1}
    items = re.findall(r"^ *(\w+)\.(\w+)(?: as (\w+))?,? *$", sql, re.MULTILINE)
    named = {alias or column: known.get(table, {}).get(column) for table, column, alias in items}
    return agreed | {column: meaning for column, meaning in named.items() if meaning}


def _explained(view: View, error: str) -> str:
    if missing := re.search(r'Table with name "?([\w.]+)"? does not exist', error):
        return (
            f"the view {view.name} reads {missing[1]}, which no installed collector declares and no earlier view is. "
            "Install the plugin that has it (`rollcall doctor` names those that did not load)."
        )
    return f"the view {view.name} does not fit its tables: {error.splitlines()[0]}"
