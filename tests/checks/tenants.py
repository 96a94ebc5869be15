"""Tenants in which every rule passes, and what a case changes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from tests.checks.world import AS_OF, DATASETS, Row

GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
READER = "f2ef992c-3afb-46b9-b7cf-a126ee74c451"
SYNC = "d29b2b05-8046-44ba-8758-1e26182fcf32"
EVERYBODY = {"users": {"includeUsers": ["All"]}, "applications": {"includeApplications": ["All"]}}


def user(id_: str, **changes: Any) -> dict[str, Any]:
    return {"user_id": id_, "user_principal_name": f"{id_}@x.example", "is_enabled": True} | changes


def registered(id_: str, **changes: Any) -> dict[str, Any]:
    row = {
        "user_id": id_,
        "is_mfa_registered": True,
        "is_mfa_capable": True,
        "methods_registered": ["fido2SecurityKey"],
    }
    return row | changes


def policy(**changes: Any) -> dict[str, Any]:
    row = {
        "policy_id": "p1",
        "state": "enabled",
        "conditions": EVERYBODY,
        "grant_controls": {"operator": "OR", "builtInControls": ["mfa"]},
    }
    return row | changes


def sign_in(id_: str, **changes: Any) -> dict[str, Any]:
    row = {
        "sign_in_id": f"s-{id_}",
        "user_id": id_,
        "user_principal_name": f"{id_}@x.example",
        "signed_in_at": AS_OF - timedelta(days=3),
        "client_app_used": "Browser",
        "error_code": 0,
    }
    return row | changes


def relationship(id_: str = "r1", **changes: Any) -> dict[str, Any]:
    row = {
        "relationship_id": id_,
        "display_name": f"Relationship {id_}",
        "customer_name": "Cust",
        "status": "active",
        "auto_extend_duration": "PT0S",
        "roles": [{"roleDefinitionId": READER}],
        "end_at": AS_OF + timedelta(days=400),
    }
    return row | changes


GOOD: Mapping[str, Sequence[Row]] = {
    "users": [user("u1"), user("off", is_enabled=False)],
    "authentication_methods": [registered("u1")],
    "role_assignments": [],
    "security_defaults": [{"policy_id": "d", "is_enabled": True}],
    "conditional_access_policies": [],
    "sign_ins": [sign_in("u1")],
    "gdap_relationships": [relationship()],
}


def state(dataset: str, state_: str, message: str = "", kept: datetime | None = None) -> dict[str, Any]:
    """Say how a dataset's newest attempt went, and of when the rows of it are that the table still holds."""
    return {"dataset": dataset, "state": state_, "message": message, "kept": kept}


def tenant(
    tenant_id: str, *, kind: str = "partner", states: Sequence[Row] = (), **tables: Sequence[Row]
) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of a good tenant, with other ones in the tables that are named."""
    told = {row["dataset"]: row for row in states}
    rows = {table: [{"tenant_id": tenant_id, **row} for row in found] for table, found in {**GOOD, **tables}.items()}
    rows["tenants"] = [{"tenant_id": tenant_id, "kind": kind}]
    rows["source_status"], rows["slices"] = [], []
    for dataset in DATASETS:
        row = told.get(dataset, {"state": "complete", "message": "", "kept": AS_OF})
        common = {"tenant_id": tenant_id, "dataset": dataset}
        rows["source_status"].append(common | {"state": row["state"], "message": row["message"]})
        if row["kept"]:
            rows["slices"].append(common | {"collected_at": row["kept"]})
        elif dataset in rows:
            rows[dataset] = []
    return rows


def together(*tenants: Mapping[str, Sequence[Row]]) -> dict[str, list[Row]]:
    """Return the rows of several tenants as one warehouse."""
    tables: dict[str, list[Row]] = {}
    for rows in tenants:
        for table, found in rows.items():
            tables.setdefault(table, []).extend(found)
    return tables
