"""Evidence worked out once to be counted: what requirements read, as tables of a file that lives as long as a check.

A view is worked out anew for every statement about it, and each of Great Expectations' suites asks. Besides, Great
Expectations opens files by itself, and the warehouse that is being written is nobody else's to see.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warehouse.engine import Connection, Error, beside, file_of, identifier, lacks_room, sqlalchemy_source

CATALOG = "kept_evidence"


@dataclass(frozen=True)
class Kept:
    """The file. ``broken`` are evidences that could not be worked out, with what was said."""

    file: Path
    broken: Mapping[str, str]

    @property
    def source(self) -> tuple[str, dict[str, Any]]:
        """What SQLAlchemy opens it by, to read. Not while it is attached."""
        return sqlalchemy_source(self.file)

    @contextmanager
    def attached(self, con: Connection) -> Iterator[None]:
        """Let the connection read it: its tables are those of :func:`table`."""
        with beside(con, CATALOG, self.file, is_read_only=True):
            yield


def table(name: str) -> str:
    """Return an evidence's table as SQL spells it, while the file is attached."""
    return f"{CATALOG}.{identifier(name)}"


@contextmanager
def kept(con: Connection, selects: Mapping[str, Sequence[str]]) -> Iterator[Kept]:
    """Work out every evidence, by name, and yield the file with a table of each. Not in a transaction.

    Of its selects the first that can be asked counts. One of which none can is ``broken``, and the others are there.
    Raises the database's error where the disk takes no more.
    """
    beside_what = file_of(con)
    folder = tempfile.TemporaryDirectory(
        prefix=f"{beside_what.name}.evidence-" if beside_what else None, dir=beside_what and beside_what.parent
    )
    with folder as name:
        file = Path(name, "evidence.duckdb")
        broken: dict[str, str] = {}
        with beside(con, CATALOG, file):
            for evidence, ways in selects.items():
                for select in ways:
                    try:
                        con.execute(f"create table {table(evidence)} as {select}")
                    except Error as error:
                        if lacks_room(error):
                            raise
                        broken[evidence] = str(error).partition("\n")[0]
                    else:
                        broken.pop(evidence, None)
                        break
        yield Kept(file, broken)
