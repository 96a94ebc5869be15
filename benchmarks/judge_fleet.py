"""Tenants to be judged, written straight into a warehouse file: the same file for the same sizes and seed."""

from datetime import datetime
from pathlib import Path

from benchmarks.judge_policies import ADMIN_ROLES, pool
from collectors.catalogue import catalogue
from collectors.config import load
from warehouse.engine import writer
from warehouse.migrate import prepare

AS_OF = datetime.fromisoformat("2026-11-23 02:00:00")
PARTNERS = 5  # at most; of all sizes
SQL = Path(__file__).with_name("judge_fleet.sql")


def sizes(tenants, accounts):
    """Return how many accounts each tenant has: few tenants hold most."""
    weights = [1 / (rank + 3) for rank in range(tenants)]
    least = min(20, accounts // tenants)
    rest = accounts - least * tenants
    found = [least + int(rest * weight / sum(weights)) for weight in weights]
    found[0] += accounts - sum(found)
    return found[::-1]


def build(folder, sizes, seed=1):
    """Make the folder, the warehouse and its configuration in it; return the path of the configuration."""
    folder.mkdir()
    path = folder / "rollcall.toml"
    partners = sorted({len(sizes) * place // PARTNERS for place in range(PARTNERS)})
    path.write_text("".join(_PARTNER.format(id=tenant_id(number), name=f"P{number}") for number in partners), "utf-8")
    with writer(load(path).warehouse) as con:
        prepare(con, catalogue())
        con.execute(
            f"create temp macro chance(number, salt) as (hash(number * 1000 + salt + {seed} * 104729) % 1000000) / 1e6"
        )
        con.execute("create temp table sized (tenant integer, size integer, partner integer)")
        con.execute(
            "insert into sized select unnest($tenants), unnest($sizes), unnest($partners)",
            {
                "tenants": list(range(len(sizes))),
                "sizes": list(sizes),
                "partners": [max(partner for partner in partners if partner <= at) for at in range(len(sizes))],
            },
        )
        con.execute(
            "create temp table pool (number integer, state varchar, conditions varchar, grant_controls varchar)"
        )
        con.executemany("insert into pool values (?, ?, ?, ?)", list(pool()))
        con.execute(
            "create temp table numbers as select $as_of::timestamp as as_of, $roles::varchar[] as roles",
            {"as_of": AS_OF, "roles": list(ADMIN_ROLES)},
        )
        for statement in SQL.read_text("utf-8").split(";\n"):
            if statement.strip():
                con.execute(statement)
    return path


def tenant_id(number):
    return f"{number:08x}-0000-4000-8000-000000000000"


_PARTNER = """
[[partner]]
tenant_id = "{id}"
name = "{name}"
program = "direct-bill"
credential = "none"
"""
