"""Evidence of data that nobody here wrote: a public baseline of policies, and Microsoft's own examples."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.checks.world import CATALOGUE, fill
from warehouse.engine import scratch
from warehouse.migrate import prepare


def rows_of(view: str, tables: dict[str, list[dict[str, Any]]], columns: str) -> dict[str, tuple[Any, ...]]:
    with scratch() as con:
        prepare(con, CATALOGUE)
        fill(con, tables)
        return {row[0]: row[1:] for row in con.execute(f"select resource_id, {columns} from {view}").fetchall()}


def baseline(golden: Path) -> dict[str, dict[str, Any]]:
    """Return the policies by the beginning of their file's name; the files are UTF-16, with or without a mark."""
    found = {}
    for path in sorted((golden / "ConditionalAccessBaseline/Config/ConditionalAccess").glob("*.json")):
        raw = path.read_bytes()
        text = raw.decode("utf-16" if raw[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig")
        found[path.name[:5]] = json.loads(text)
    return found


def test_of_a_public_baseline_one_policy_names_mfa_for_everybody(golden: Path) -> None:
    """Each policy alone in a tenant. The others are for some users or apps, for a risk, or demand no MFA."""
    found = baseline(golden)
    tables: dict[str, list[dict[str, Any]]] = {
        "tenants": [{"tenant_id": name} for name in found],
        "conditional_access_policies": [
            {
                "tenant_id": name,
                "policy_id": name,
                "state": policy["state"],
                "conditions": policy["conditions"],
                "grant_controls": policy["grantControls"],
            }
            for name, policy in found.items()
        ],
    }
    named = rows_of("evidence.mfa_policy", tables, "has_policy_naming_mfa")
    assert len(named) == len(found) > 30
    assert {name for name, (names,) in named.items() if names is not False} == {"CA000"}


def test_microsofts_example_of_relationships_is_understood(golden: Path) -> None:
    example = json.loads((golden / "graph-docs/delegatedAdminRelationships-list.v1.json").read_text("utf-8"))["value"]
    tables = {
        "tenants": [{"tenant_id": "t1", "kind": "partner"}],
        "gdap_relationships": [
            {
                "tenant_id": "t1",
                "relationship_id": item["id"],
                "display_name": item["displayName"],
                "status": item["status"],
                "roles": item["accessDetails"]["unifiedRoles"],
                "auto_extend_duration": item["autoExtendDuration"],
                "end_at": (item["endDateTime"] or "")[:19] or None,
            }
            for item in example
        ],
    }
    found = rows_of("evidence.gdap_relationship", tables, "status, has_global_admin, extends_itself, days_left < 31")
    assert set(found.values()) >= {("active", False, True, True)}
    assert all(has_global_admin is False for _, has_global_admin, *_ in found.values())
