"""The hard cases of domain.md 5.7, read from ``cases.toml``: what each account is, and what must be found about it.

The table is data. ``accounts.py`` makes the accounts from it, ``policy_table.py`` the policies around them.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from sandbox.demo.model import Json, Tenant, account_id, uid

SOURCE = "domain.md 5.7"
TABLE = Path(__file__).with_name("cases.toml")


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One row of domain.md 5.7: an account, the expectation, and the argument from one to the other.

    ``scope`` and ``verdict`` are None where no verdict is due. Each of ``reasons`` must be found; others may be too.
    ``also`` holds what else the row says: registered, proof, protected_by, exposure, confidence, and a customer's
    posture.
    """

    row: int
    name: str
    short: str
    title: str
    tenant: str
    kind: str
    why: str
    scope: str | None = None
    verdict: str | None = None
    reasons: tuple[str, ...] = ()
    also: dict[str, str] = {}
    local: str = ""
    domain: str = ""
    home: str = ""
    user: dict[str, Any] = {}
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    eligible: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    is_registered: bool | None = None
    has_report_row: bool = True
    is_listed: bool = True
    per_user: str = "disabled"
    created_hours: float | None = None
    habit: str = "single"
    policy: str = ""
    sign_ins: int = 0
    visits: tuple[str, ...] = ()

    def local_part(self) -> str:
        """Return what stands before the domain in the user principal name."""
        local = self.local or f"case-{self.name}"
        return f"{local}_{self.home}" if self.home else local

    def upn(self, tenant: Tenant) -> str | None:
        """Return the user principal name; None for a workload identity, which has none."""
        if self.kind == "principal":
            return None
        if self.home:
            return f"{self.local_part()}#EXT#@{tenant.initial_domain}"
        return f"{self.local_part()}@{self.domain or tenant.domain}"

    def id(self, tenant: Tenant) -> str:
        """Return the object id, the same in every fleet."""
        if self.kind == "principal":
            return uid(tenant.key, "servicePrincipal", self.name)
        return account_id(tenant.key, self.local_part())

    def expectation(self, tenant: Tenant) -> Json:
        """Return the entry of ``cases.json``."""
        return {
            "case": self.name,
            "row": self.row,
            "title": self.title,
            "tenant_id": tenant.id,
            "account_id": self.id(tenant),
            "userPrincipalName": self.upn(tenant),
            "expected_scope": self.scope,
            "expected_verdict": self.verdict,
            "expected_reasons": list(self.reasons),
            "expected_also": dict(self.also),
            "why": " ".join(self.why.split()),
            "source": SOURCE,
        }


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    case: tuple[Case, ...]


@cache
def all_cases() -> tuple[Case, ...]:
    """Return every case in the order of domain.md. Raises msgspec.ValidationError if the table has an unknown key."""
    return msgspec.convert(tomllib.loads(TABLE.read_text("utf-8")), _Table).case


def cases_of(tenant: Tenant) -> tuple[Case, ...]:
    """Return the cases that live in this tenant."""
    return tuple(case for case in all_cases() if case.tenant == tenant.key)
