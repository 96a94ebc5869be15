"""Technicians in their customers' tenants: one event, two logs.

The partner's log shows it with the customer as resource tenant, the customer's with the partner as home tenant, both as
``serviceProvider`` and demanded by ``enforcedForCspAdmins``.
"""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.demo.cases import cases_of
from sandbox.demo.conditional_access import policy_id
from sandbox.demo.model import Account, Directory, Json
from sandbox.demo.sign_in_kinds import ADMIN_APPS, KINDS
from sandbox.demo.sign_ins import SignIns
from sandbox.demo.tenants import customers_of

CUSTOMERS_EACH = 3
BLOCKING = "Service providers: only from Japan"
BLOCKED_AT = "sakura"
BLOCKED: tuple[str, ...] = ("blocked", "blocked")
PROVED: tuple[str, ...] = ("mfa", "claim", "claim")


def add_visits(partner: Directory, makers: Mapping[str, SignIns]) -> None:
    """Let each technician of the partner visit some customers, and the cases the customers they name."""
    home = makers[partner.tenant.key]
    customers = [tenant.key for tenant in customers_of(partner.tenant)]
    ordinary = [account for account in partner.of_kind("technician") if not account.case]
    for index, account in enumerate(ordinary):
        for offset in range(CUSTOMERS_EACH):
            there = makers[customers[(index + offset) % len(customers)]]
            _visit(account, home, there, BLOCKED if there.tenant.key == BLOCKED_AT else PROVED)
    by_name = {account.case: account for account in partner.accounts if account.case}
    for case in cases_of(partner.tenant):
        for key in case.visits:
            _visit(by_name[case.name], home, makers[key], BLOCKED if key == BLOCKED_AT else PROVED)


def _visit(account: Account, home: SignIns, there: SignIns, kinds: tuple[str, ...]) -> None:
    for name in kinds:
        app = home.rng.choice(ADMIN_APPS[:2])
        event = home.record(account, KINDS[name], app, home.moment(account), home.person(account))
        event |= {"resourceTenantId": there.tenant.id, "crossTenantAccessType": "serviceProvider"}
        if KINDS[name].demanded:
            demand = {"requirementProvider": "enforcedForCspAdmins", "detail": "Delegated administration"}
            event["authenticationRequirementPolicies"] = [demand]
        home.add(event)
        there.add(_seen_there(event, there))


def _seen_there(event: Json, there: SignIns) -> Json:
    """Return the event as the customer logs it: its own id, the same correlation id, not the partner's policies."""
    identity = there.new_id()
    is_blocked = event["status"]["errorCode"] == 53003
    block = {
        "id": policy_id(there.tenant.key, BLOCKING),
        "displayName": BLOCKING,
        "enforcedGrantControls": ["Block"],
        "enforcedSessionControls": [],
        "result": "failure",
        "conditionsSatisfied": "application,users,location",
        "conditionsNotSatisfied": "none",
    }
    return event | {
        "id": identity,
        "originalRequestId": identity,
        "userType": "guest",
        "appliedConditionalAccessPolicies": [block] if is_blocked else [],
        "conditionalAccessStatus": "failure" if is_blocked else "notApplied",
    }
