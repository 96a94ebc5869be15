"""The fleet, read from ``tenants.toml``: two partners, twelve customers, and what is special about each."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec

from sandbox.demo.model import Tenant, uid

TABLE = Path(__file__).with_name("tenants.toml")

EVERYONE = "CA001 Everyone: MFA for all resources"
"""The name of the policy that most tenants with Conditional Access call their baseline."""


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    tenant: tuple[Tenant, ...]


def _read() -> tuple[Tenant, ...]:
    """Return the table's tenants; customers get a fixed id and their partner's programme."""
    found = msgspec.convert(tomllib.loads(TABLE.read_text("utf-8")), _Table).tenant
    programs = {tenant.key: tenant.program for tenant in found}
    return tuple(
        msgspec.structs.replace(
            tenant,
            id=tenant.id or uid("tenant", tenant.key),
            program=tenant.program or programs[tenant.partner],
        )
        for tenant in found
    )


TENANTS: tuple[Tenant, ...] = _read()
PARTNERS: tuple[Tenant, ...] = tuple(tenant for tenant in TENANTS if tenant.kind == "partner")
CUSTOMERS: tuple[Tenant, ...] = tuple(tenant for tenant in TENANTS if tenant.kind == "customer")


def customers_of(partner: Tenant) -> tuple[Tenant, ...]:
    """Return the customers this partner manages, in the fleet's order."""
    return tuple(tenant for tenant in CUSTOMERS if tenant.partner == partner.key)
