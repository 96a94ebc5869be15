"""The words the generator speaks: a tenant, an account, a group, and how ids and times are made.

Ids are uuid5 of a path of names, so an account keeps its id whatever the seed and the date. Only sign-ins draw theirs
from the seeded generator.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

Json = dict[str, Any]
Files = dict[str, Json]
"""Answers by their path inside the tenant folder, without ``.json``."""

NAMESPACE = uuid.UUID("5b1f6a5e-0c0d-5f3a-9b57-d2e1c7a40b11")

V1 = "https://graph.microsoft.com/v1.0/$metadata#"
BETA = "https://graph.microsoft.com/beta/$metadata#"


def uid(*parts: str) -> str:
    """Return the id that belongs to a path of names, the same in every run."""
    return str(uuid.uuid5(NAMESPACE, "/".join(parts)))


def account_id(tenant_key: str, local: str) -> str:
    """Return the object id of the account with this local part (a guest's: the part before ``#EXT#``)."""
    return uid(tenant_key, "account", local)


def group_id(tenant_key: str, name: str) -> str:
    """Return the object id of a group."""
    return uid(tenant_key, "group", name)


def opaque(*parts: str) -> str:
    """Return 40 characters that mean nothing, as Graph uses for ids of assignments and certificates."""
    return (
        base64.b64encode(hashlib.sha256("/".join(parts).encode()).digest())
        .decode()[:40]
        .replace("/", "-")
        .replace("+", "_")
    )


def etag(*parts: str) -> str:
    """Return an ``@odata.etag`` as the delegated admin endpoints send it."""
    return 'W/"' + base64.b64encode(opaque(*parts)[:37].encode()).decode() + '"'


def stamp(moment: datetime) -> str:
    """Return a UTC time to the second: ``2026-10-24T08:11:03Z``."""
    return moment.isoformat(timespec="seconds")[:19] + "Z"


def stamp7(moment: datetime) -> str:
    """Return a UTC time with seven digits of a second, as half of Graph sends it."""
    return moment.isoformat(timespec="microseconds")[:26] + "7Z"


def collection(context: str, value: list[Json]) -> Json:
    """Return a list as Graph answers it."""
    return {"@odata.context": context, "value": value}


def failure(status: int, code: str, message: str, moment: datetime) -> Json:
    """Return what an ``.error.json`` file holds: status, headers and the body of a Graph error."""
    request_id = uid("request", code, message)
    inner = {
        "date": moment.strftime("%Y-%m-%dT%H:%M:%S"),
        "request-id": request_id,
        "client-request-id": request_id,
    }
    return {
        "status": status,
        "headers": {},
        "body": {"error": {"code": code, "message": message, "innerError": inner}},
    }


class Federated(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A federated domain. ``mfa_behavior`` is its ``federatedIdpMfaBehavior``; None leaves it unset."""

    domain: str
    mfa_behavior: str | None = None


class Tenant(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One tenant of the fleet, as data. Counts are accounts; ``accounts`` is all of them, cases included."""

    key: str
    id: str = ""
    name: str
    domain: str
    special: str
    kind: Literal["partner", "customer"] = "customer"
    partner: str = ""
    program: str = ""
    accounts: int
    people: str
    country: str
    city: str
    utc_offset: int = 1
    network: str
    licence: Literal["free", "P1", "P2"] = "P2"
    security_defaults: bool = False
    per_user_readable: bool = True
    lists_per_user: bool = True
    per_user: dict[str, float] = {}
    policy: str = ""
    habit: str = "single"
    guest_habit: str = "single"
    registered: float = 0.9
    missing_rows: int = 0
    admins: int = 2
    technicians: int = 0
    guests: int = 0
    disabled: int = 0
    shared: int = 0
    services: int = 0
    rooms: int = 0
    synced: bool = False
    federated: tuple[Federated, ...] = ()
    hostile: int = 0
    sign_ins_each: int = 16

    @property
    def initial_domain(self) -> str:
        """The domain the tenant was born with."""
        return f"{self.domain.removesuffix('.example')}.onmicrosoft.example"


@dataclass(slots=True, kw_only=True)
class Account:
    """A user object as Graph gives it, and what the other endpoints know about it."""

    user: Json
    kind: str = "person"
    methods: tuple[str, ...] = ()
    is_registered: bool | None = None
    has_report_row: bool = True
    is_listed: bool = True
    per_user: str = "disabled"
    is_per_user_readable: bool = True
    habit: str = "single"
    policy: str = ""
    sign_ins: int = 0
    case: str = ""
    is_admin: bool = False

    @property
    def id(self) -> str:
        """Object id."""
        return str(self.user["id"])

    @property
    def upn(self) -> str:
        """User principal name."""
        return str(self.user["userPrincipalName"])

    @property
    def is_enabled(self) -> bool:
        """Whether sign-in is allowed."""
        return bool(self.user["accountEnabled"])


@dataclass(slots=True, kw_only=True)
class Group:
    """A security group: its direct members, people by id and groups by name."""

    name: str
    id: str
    members: list[str] = field(default_factory=list)
    nested: tuple[str, ...] = ()
    role_assignable: bool = False
    rule: str | None = None
    is_deleted: bool = False


@dataclass(slots=True, kw_only=True)
class Directory:
    """Everything one tenant holds, before it becomes files."""

    tenant: Tenant
    as_of: datetime
    seed: int
    accounts: list[Account] = field(default_factory=list)
    groups: dict[str, Group] = field(default_factory=dict)
    roles: list[tuple[str, str, str]] = field(default_factory=list)
    eligible: list[tuple[str, str]] = field(default_factory=list)

    def ago(self, **span: float) -> datetime:
        """Return the moment so long before ``as_of``."""
        return self.as_of - timedelta(**span)

    def of_kind(self, kind: str) -> list[Account]:
        """Return the accounts of one kind, in order."""
        return [account for account in self.accounts if account.kind == kind]
