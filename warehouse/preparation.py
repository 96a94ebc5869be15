"""Whether a file has been made ready by this very program for these very declarations, so that it need not be again.

Two hashes are kept in the file: of everything its tables and views are made from, and of what it holds of them.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from collectors.catalogue import Catalogue
from warehouse.catalog import shape
from warehouse.engine import Connection

_TABLE = """
create table if not exists preparation (
    program varchar not null,
    file varchar not null
);
comment on table preparation is 'One row. By it a program sees that it has nothing to bring up to date in this file.';
comment on column preparation.program is 'Hash of what they are made from: the program, and what collectors declare.';
comment on column preparation.file is 'Hash of the tables, views, columns and comments that were there then.';
"""


def is_ready(con: Connection, catalogue: Catalogue) -> bool:
    """Whether nothing is to be done. False for a file in which nothing says so."""
    con.execute(_TABLE)
    return con.execute("from preparation").fetchall() == [(_program(catalogue), shape(con))]


def note(con: Connection, catalogue: Catalogue) -> None:
    """Note that the file is ready. Call it last."""
    con.execute("delete from preparation")
    con.execute("insert into preparation values (?, ?)", [_program(catalogue), shape(con)])


def _program(catalogue: Catalogue) -> str:
    declared = [
        repr((collector.name, dataset.name, sorted(dataset.kinds), dataset.window, dataset.table))
        for collector in catalogue.collectors
        for dataset in collector.datasets
    ]
    return hashlib.sha256("\n".join((_code(), *declared)).encode()).hexdigest()


@cache
def _code() -> str:
    """Return the hash of the files of this package: of its SQL, and of what makes SQL."""
    folder = Path(__file__).parent
    texts = [path.read_bytes() for path in sorted(folder.rglob("*")) if path.suffix in {".py", ".sql"}]
    return hashlib.sha256(b"\0".join(texts)).hexdigest()
