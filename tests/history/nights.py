"""Nights of scans with changes between them, all through the real steps, and what was published after each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec

from checks.scan import check_scan, collect_batch, judge_scan, load_scan, plan_scan, publish_scan
from collectors.discover import Discovery
from tests.cloud import CUSTOMER, NOW, PARTNER, Cloud
from tests.cover.make import policy
from warehouse import validity
from warehouse.engine import reader

LEAVER = "44444444-0000-4000-8000-000000000004"
TENANTS = (PARTNER, CUSTOMER, LEAVER)
VIEWS = ("account_verdicts", "rule_results", "scorecards", "findings")
HISTORIES = (*(history.table for history in validity.HISTORIES), "recordings")
REGISTRATION = "v1.0/reports/authenticationMethods/userRegistrationDetails"
Rows = list[tuple[Any, ...]]


@dataclass
class People:
    """The accounts of a tenant: what a test changes from night to night."""

    one: Cloud
    tenant_id: str
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    registered: set[str] = field(default_factory=set)

    def add(self, *names: str, registered: bool = True) -> None:
        for name in names:
            self.users[name] = {
                "id": f"{name}-{self.tenant_id[:4]}",
                "userPrincipalName": f"{name}@{self.tenant_id[:4]}.example",
                "displayName": name.title(),
                "accountEnabled": True,
                "userType": "Member",
                "createdDateTime": "2020-01-01T00:00:00Z",
            }
            if registered:
                self.registered.add(name)
        self.write()

    def change(self, name: str, **change: Any) -> None:
        self.users[name] |= change
        self.write()

    def remove(self, name: str) -> None:
        del self.users[name]
        self.write()

    def write(self) -> None:
        methods = ["microsoftAuthenticatorPush"]
        self.one.put(self.tenant_id, "v1.0/users", {"value": [*self.users.values()]})
        report = [
            {
                "id": user["id"],
                "userPrincipalName": user["userPrincipalName"],
                "isMfaRegistered": name in self.registered,
                "isMfaCapable": name in self.registered,
                "methodsRegistered": methods if name in self.registered else [],
            }
            for name, user in self.users.items()
        ]
        self.one.put(self.tenant_id, REGISTRATION, {"value": report})


@dataclass(frozen=True)
class Night:
    """A scan's time, and the rows of each view that was published after it, with the names of their columns."""

    scan_id: str
    at: datetime
    views: dict[str, tuple[tuple[str, ...], Rows]]


def scan(one: Cloud, number: int, present: Sequence[str] = TENANTS, *, late: str = "", **params: Any) -> Night:
    """Scan the tenants that the partner has, judge, publish, and return what was published.

    ``late`` is a tenant whose collecting did not come to its end until the rest was published; then it is run again.
    """
    scan_id, at = f"scan-{number}", NOW + timedelta(days=number)
    found = msgspec.to_builtins([Discovery(partner_id=PARTNER, tenants=tuple(one.tenant(each) for each in present))])
    batches = plan_scan(one.config, scan_id=scan_id, scanned_at=at, discovered=found, params=params, tasks=99)
    first = [batch for batch in batches if batch[0]["tenant_id"] != late]
    for batches_now in (first, [batch for batch in batches if batch not in first]):
        for batch in batches_now:
            collect_batch(one.config, scan_id, batch)
        if batches_now:
            load_scan(one.config, scan_id)
            finish(one)
    return Night(scan_id, at.replace(tzinfo=None), {view: content(one, view) for view in VIEWS})


def finish(one: Cloud) -> None:
    """Judge, check and publish what was loaded."""
    judge_scan(one.config)
    check_scan(one.config)
    publish_scan(one.config)


def content(one: Cloud, table: str) -> tuple[tuple[str, ...], Rows]:
    """Return the columns and rows of a table of the published file."""
    return asked(one, f"select * from {table} order by all")


def asked(one: Cloud, query: str, **values: Any) -> tuple[tuple[str, ...], Rows]:
    with reader(one.config.published) as con:
        cursor = con.execute(query, values)
        return tuple(column[0] for column in cursor.description or ()), cursor.fetchall()


def live(one: Cloud) -> list[Night]:
    """Let seven nights go by; return what each of them published."""
    partner, customer, leaver = (People(one, tenant_id) for tenant_id in TENANTS)
    partner.add("ann", "bob", "carl", "dora")
    partner.add("emil", "olga", registered=False)
    customer.add("kim", "lou")
    customer.add("max", registered=False)
    leaver.add("ned")
    for tenant_id in (CUSTOMER, LEAVER):
        one.put(tenant_id, "v1.0/policies/identitySecurityDefaultsEnforcementPolicy", {"id": "sd", "isEnabled": False})
        one.put(tenant_id, "v1.0/identity/conditionalAccess/policies", {"value": [policy()]})
    ending = {
        "id": "r1",
        "displayName": "Ending",
        "status": "active",
        "customer": {"tenantId": CUSTOMER, "displayName": "Customer"},
        "duration": "P90D",
        "autoExtendDuration": "PT0S",
        "endDateTime": "2026-12-10T00:00:00Z",
        "accessDetails": {"unifiedRoles": []},
    }
    one.put(PARTNER, "v1.0/tenantRelationships/delegatedAdminRelationships", {"value": [ending]})
    legacy = {
        "id": "s1",
        "createdDateTime": (NOW - timedelta(hours=9)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "userId": f"lou-{CUSTOMER[:4]}",
        "userPrincipalName": f"lou@{CUSTOMER[:4]}.example",
        "clientAppUsed": "IMAP4",
        "status": {"errorCode": 0},
        "signInEventTypes": ["interactiveUser"],
        "authenticationRequirement": "singleFactorAuthentication",
    }
    one.put(CUSTOMER, "beta/auditLogs/signIns", {"value": [legacy]})
    nights = [scan(one, 0)]

    # Somebody comes, somebody is disabled, somebody is called otherwise, somebody registers.
    partner.add("yan")
    partner.add("zoe", registered=False)
    partner.change("carl", accountEnabled=False)
    partner.change("bob", displayName="Bob B.", userPrincipalName="bobby@1111.example")
    partner.registered.add("emil")
    partner.write()
    nights.append(scan(one, 1))

    # The registration cannot be read; the customer's policy leaves somebody out.
    failing = one.fail(PARTNER, REGISTRATION, 403, "Authorization_RequestDenied", "no")
    edited = policy(users={"includeUsers": ["All"], "excludeUsers": [f"kim-{CUSTOMER[:4]}"]})
    one.put(CUSTOMER, "v1.0/identity/conditionalAccess/policies", {"value": [edited]})
    nights.append(scan(one, 2))

    # One has left; it still cannot be read; somebody is deleted. The scan is judged twice.
    partner.remove("dora")
    night = scan(one, 3, (PARTNER, CUSTOMER))
    before = [content(one, table) for table in HISTORIES]
    finish(one)
    assert [content(one, table) for table in HISTORIES] == before
    nights.append(night)

    # All can be read, the customer only when it is run again. Who had registered has lost it: what was mended is back.
    failing.unlink()
    partner.registered.discard("emil")
    partner.write()
    customer.add("pia")
    nights.append(scan(one, 4, (PARTNER, CUSTOMER), late=CUSTOMER))

    # Nothing at all happens, and then one tenant alone is scanned.
    nights.append(scan(one, 5, (PARTNER, CUSTOMER)))
    customer.remove("max")
    partner.remove("ann")  # nobody sees it
    nights.append(scan(one, 6, (PARTNER, CUSTOMER), tenants=[CUSTOMER]))
    return nights
