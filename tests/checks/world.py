"""A warehouse made of rows: only what a test is about has to be said."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from checks.rule import Pack, Rule
from collectors.accepted import Waiver
from collectors.catalogue import Catalogue
from collectors.config import Config, Partner, Storage
from collectors.microsoft import rollcall_collectors
from warehouse.engine import Connection, reader, transaction, writer
from warehouse.migrate import prepare
from warehouse.views import refresh_tables

AS_OF = datetime.fromisoformat("2026-11-23 02:00:00")  # UTC, as the warehouse has it
CATALOGUE = Catalogue(tuple(rollcall_collectors()))
DATASETS = tuple(dataset.name for dataset in CATALOGUE.datasets)
Row = Mapping[str, Any]
Rows = Mapping[str, Sequence[Row]]

# What every row has unless it says otherwise.
DEFAULTS: dict[str, dict[str, Any]] = {
    "scans": {"scan_id": "scan-1", "scanned_at": AS_OF, "collectors": []},
    "tenants": {"kind": "customer", "partner_id": "p", "last_scan_id": "scan-1", "last_scan_at": AS_OF},
    "source_status": {
        "scan_id": "scan-1",
        "state": "complete",
        "code": "",
        "message": "",
        "rows": 0,
        "pages": 1,
        "collected_at": AS_OF,
    },
    "slices": {"scan_id": "scan-1", "rows": 0, "sha256": "", "collected_at": AS_OF},
    # An account of a partner with which all is well.
    "account_verdict_history": {
        "user_principal_name": "u@x.example",
        "contract_scope": "in_scope",
        "contract_verdict": "compliant",
        "exposure": [],
        "protected_by": ["security_defaults"],
        "required": "full",
        "registered": "capable",
        "proof": "mfa_proven",
        "reasons": [],
        "confidence": "high",
        "is_admin": False,
        "valid_from": AS_OF,
    },
}


def fill(con: Connection, rows: Rows) -> None:
    """Insert the rows. Without ``source_status`` every dataset of every tenant was read completely by the one scan.

    Without ``slices`` there is one for each complete row of ``source_status``.
    """
    tables: dict[str, Sequence[Row]] = {"scans": [{}], **rows}
    if "source_status" not in rows:
        pairs = [{"tenant_id": t["tenant_id"], "dataset": name} for t in rows.get("tenants", ()) for name in DATASETS]
        tables |= {"source_status": pairs}
    read = [row for row in tables["source_status"] if row.get("state", "complete") == "complete"]
    tables.setdefault("slices", [{name: row[name] for name in ("tenant_id", "dataset")} for row in read])
    for table, inserted in tables.items():
        types = {name: type_ for name, type_, *_ in con.execute(f"describe {table}").fetchall()}
        insert(con, table, types, inserted)
    refresh_tables(con)


def insert(con: Connection, table: str, types: Mapping[str, str], rows: Iterable[Row]) -> None:
    alike: dict[tuple[str, ...], list[list[Any]]] = {}
    for row in rows:
        full = {"name": row["tenant_id"]} if table == "tenants" else {}
        full |= {**DEFAULTS.get(table, {"collected_at": AS_OF}), **row}
        values = [
            json.dumps(value) if types[name] == "JSON" and value is not None else value for name, value in full.items()
        ]
        alike.setdefault(tuple(full), []).append(values)
    for names, found in alike.items():
        for some in batched(found):  # a statement for each row would take longer than the test
            marks = ", ".join([f"({', '.join('?' * len(names))})"] * len(some))
            given = [value for values in some for value in values]
            con.execute(f"insert into {table} ({', '.join(names)}) values {marks}", given)


def batched(rows: Sequence[list[Any]], size: int = 200) -> Iterator[Sequence[list[Any]]]:
    for first in range(0, len(rows), size):
        yield rows[first : first + size]


@cache
def _blank() -> bytes:
    """Return the file of a warehouse without rows: making one takes longer than most tests."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "blank.duckdb")
        with writer(path) as con:
            prepare(con, CATALOGUE)
        return path.read_bytes()


class World:
    """A configuration and its warehouse, filled once."""

    def __init__(self, folder: Path, rows: Rows, waivers: Sequence[Waiver] = ()) -> None:
        self.config = Config(
            partner=(Partner(tenant_id=guid(1), name="P", program="direct-bill", credential="c"),),
            storage=Storage(warehouse="writer/rollcall.duckdb", published="published/rollcall.duckdb"),
            waiver=tuple(waivers),
            folder=str(folder),
        )
        self.config.warehouse.parent.mkdir()
        self.config.warehouse.write_bytes(_blank())
        with writer(self.config.warehouse) as con, transaction(con):
            fill(con, rows)

    def table(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with reader(self.config.warehouse) as con:
            return con.execute(query).fetchall()

    def execute(self, statement: str) -> None:
        """Change the warehouse."""
        with writer(self.config.warehouse) as con:
            con.execute(statement)


def guid(number: int) -> str:
    """Return a tenant id."""
    return f"{number:08x}-0000-4000-8000-000000000000"


def only(*rules: Rule) -> list[Pack]:
    """Return these rules as packs for a check of nothing else."""
    return [Pack(name="tried", title="Tried", description="What a test is about.", rules=rules)]


def waiver(rule: str, tenant: str, **changes: Any) -> Waiver:
    """Return a waiver that counts on the day of the scan."""
    base: dict[str, Any] = {
        "rule": rule,
        "tenant": tenant,
        "owner": "Ola",
        "reason": "being replaced",
        "approver": "Ann",
        "from_": date(2026, 11, 1),
        "until": date(2026, 12, 31),
    }
    return Waiver(**(base | changes))
