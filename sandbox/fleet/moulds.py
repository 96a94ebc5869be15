"""The mould tenants: those of the demo fleet whose reports can be read, made with as many accounts as are asked for."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec

from sandbox.demo.accounts import build_accounts
from sandbox.demo.build import files_of
from sandbox.demo.gdap import relationship_id, relationships_of
from sandbox.demo.groups import build_groups
from sandbox.demo.model import Directory, Files, Json, Tenant
from sandbox.demo.roles import build_roles
from sandbox.demo.sign_ins import PATH, SignIns, add_ordinary
from sandbox.demo.tenants import TENANTS, customers_of
from sandbox.fleet.mark import Marker, encoded_name, mould_path
from sandbox.fleet.rows import Moulds

SIGN_INS: Final = PATH
USERS: Final = "v1.0/users"
REPORT: Final = "v1.0/reports/authenticationMethods/userRegistrationDetails"
RELATIONSHIPS: Final = "v1.0/tenantRelationships/delegatedAdminRelationships"
FEWEST_ACCOUNTS: Final = 60  # the partner has technicians, guests and hard cases
_MOST_ACCOUNTS: Final = 200  # of a mould; larger tenants repeat them
_BY_KEY: Final = {tenant.key: tenant for tenant in TENANTS}
_PARTNER: Final = _BY_KEY["nordlicht"]
# Every customer of the fleet's partner is described to it as this one is.
_EXAMPLE: Final = next(tenant for tenant in customers_of(_PARTNER) if tenant.licence != "free")
# A partner's lists with a row for each customer, and the member that holds the rows.
_OF_CUSTOMERS: Final = {
    RELATIONSHIPS: "value",
    "v1.0/tenantRelationships/delegatedAdminCustomers": "value",
    "v1.0/contracts": "value",
    "beta/security/partner/securityScore/customerInsights": "value",
    "partner-center/v1/customers": "items",
}


@dataclass(frozen=True)
class PerCustomer:
    """A partner's list: what stands around the rows, and the row of one customer."""

    head: bytes
    row: bytes
    tail: bytes


@dataclass(frozen=True)
class MouldTenant:
    """What every tenant cast from it answers, by path.

    ``of_copies``: once for each copy of an account, or for each customer. ``places``: an account's place in the list
    of users by its id (see ``mould_path``). ``reported``: the places of those that are in the registration report.
    """

    name: bytes
    domain: bytes
    answers: dict[str, bytes]
    of_copies: dict[str, bytes]
    of_customers: dict[str, PerCustomer]
    lists: dict[str, Moulds]
    places: dict[str, int]
    reported: list[int]


def build_moulds(customers: int, accounts: int, as_of: datetime, seed: int) -> tuple[MouldTenant, list[MouldTenant]]:
    """Return the mould of the partner, and those of so many customers or of all kinds there are.

    A mould has ``accounts`` users, or 200 if that is less.
    Raises ``ValueError`` for fewer accounts than the partner needs.
    """
    if accounts < FEWEST_ACCOUNTS:
        raise ValueError(f"users={accounts}: a tenant of the fleet has at least {FEWEST_ACCOUNTS}.")
    accounts = min(accounts, _MOST_ACCOUNTS)
    readable = [tenant for tenant in TENANTS if tenant.kind == "customer" and tenant.licence != "free"][:customers]
    directories = {tenant.key: _directory(tenant, accounts, as_of, seed) for tenant in (_PARTNER, _EXAMPLE, *readable)}
    partner = _mould(directories[_PARTNER.key], [directories[_EXAMPLE.key]])
    return partner, [_mould(directories[tenant.key], []) for tenant in readable]


def _directory(tenant: Tenant, accounts: int, as_of: datetime, seed: int) -> Directory:
    directory = Directory(tenant=msgspec.structs.replace(tenant, accounts=accounts), as_of=as_of, seed=seed)
    build_accounts(directory)
    build_groups(directory)
    build_roles(directory)
    return directory


def _mould(directory: Directory, customers: list[Directory]) -> MouldTenant:
    tenant = directory.tenant
    maker = SignIns(directory)
    add_ordinary(maker)
    files = files_of(directory, maker, customers)
    marker = Marker(tenant, _BY_KEY[tenant.partner or tenant.key])
    accounts = {account.id: account for account in directory.accounts}
    users, report, log = (files.pop(path)["value"] for path in (USERS, REPORT, SIGN_INS))
    places = {mould_path(user["id"]): place for place, user in enumerate(users)}
    reported = [row for row in report if mould_path(row["id"]) in places]
    lists = {
        USERS: Moulds([marker.account_row(user, accounts[user["id"]]) for user in users]),
        REPORT: Moulds([marker.account_row(row, accounts[row["id"]]) for row in reported]),
        SIGN_INS: Moulds(_sign_ins(marker, log, directory)),
    }
    of_customers, of_copies = _partner_answers(files, marker) if customers else ({}, {})
    of_copies |= {path: marker.answer_of_copy(files.pop(path)) for path in list(files) if "/users/" in path}
    return MouldTenant(
        name=encoded_name(tenant),
        domain=tenant.domain.encode(),
        answers={mould_path(path): marker.answer(body) for path, body in files.items()},
        of_copies={mould_path(path): text for path, text in of_copies.items()},
        of_customers=of_customers,
        lists=lists,
        places=places,
        reported=[places[mould_path(row["id"])] for row in reported],
    )


def _sign_ins(marker: Marker, log: list[msgspec.Raw], directory: Directory) -> list[bytes]:
    """Return the interactive sign-ins, shuffled: the first few are of many people."""
    accounts = {account.id: account for account in directory.accounts}
    records: list[Json] = [msgspec.json.decode(record) for record in log]
    rows = [marker.sign_in_row(one, accounts[one["userId"]]) for one in records if one["isInteractive"]]
    random.Random(f"{directory.seed}/{directory.tenant.key}/fleet").shuffle(rows)
    return rows


def _partner_answers(files: Files, marker: Marker) -> tuple[dict[str, PerCustomer], dict[str, bytes]]:
    """Take from the files what a partner says of each customer; return the lists, and the answers for each."""
    lists = {}
    for path, member in _OF_CUSTOMERS.items():
        body = files.pop(path)
        row = next(row for row in body[member] if _EXAMPLE.id in msgspec.json.encode(row).decode())
        text = marker.answer(body | {member: []})
        head, tail = text.split(f'"{member}":[]'.encode())
        lists[path] = PerCustomer(head + f'"{member}":['.encode(), marker.customer_row(row, _EXAMPLE), b"]" + tail)
    standard = relationship_id(next(one for one in relationships_of(_PARTNER) if one.customer == _EXAMPLE.key))
    path = f"{RELATIONSHIPS}/{standard}/accessAssignments"
    body = files[path]
    rows = b",".join(marker.customer_row(row, _EXAMPLE) for row in body["value"])
    head, tail = marker.answer_of_copy(body | {"value": []}).split(b"[]")
    for other in [name for name in files if name.startswith(f"{RELATIONSHIPS}/")]:
        del files[other]
    return lists, {path: head + b"[" + rows + b"]" + tail}
