"""What a rule must say of a tenant, and good tenants, of which a case changes one thing."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tests.judge.orgs import PERMISSION, Org, methods, sign_in, user

GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
GLOBAL_READER = "f2ef992c-3afb-46b9-b7cf-a126ee74c451"
HELPDESK = "729827e3-9c14-49f7-bb1b-9608f156bbb8"
SYNC = "d29b2b05-8046-44ba-8758-1e26182fcf32"
RELATIONSHIPS = "v1.0/tenantRelationships/delegatedAdminRelationships"
GROUP = "60000000-0000-4000-8000-000000000001"
CUSTOMER_ID = "c0000000-0000-4000-8000-000000000001"
FIDO = methods("fido2SecurityKey")
BARE = methods()
NOTHING = "there is nothing to judge"
PARTNERS_ONLY = "concerns partner tenants only"
CUSTOMERS_ONLY = "concerns customer tenants only"
# A customer needs a partner that scans it; this one has no other part.
HOME = "home"


@dataclass(frozen=True, kw_only=True)
class Case:
    """What the rule ``rule_id`` says of the tenant ``org``: ``counts`` are in scope, failing and unknown.

    ``findings`` are the texts of its findings, in the order of what they are about. ``tenant`` names the tenant where
    others must know its name (a customer its partner); ``beside`` are other tenants by their names. Cases with equal
    tenants share one. ``damage`` is SQL about $tenant that does to the warehouse what only a fault of ours could.
    """

    name: str
    rule_id: str
    org: Org
    result: str
    counts: tuple[int, int, int] = (0, 0, 0)
    reason: str = ""
    findings: Sequence[str] = ()
    tenant: str = ""
    beside: Mapping[str, Org] = field(default_factory=dict)
    damage: str = ""

    @property
    def key(self) -> str:
        """The name of its tenant."""
        return self.tenant or f"t{hashlib.sha256(f'{self.org!r}{self.damage}'.encode()).hexdigest()[:12]}"


def relationship(id_: str = "r1", **changes: Any) -> dict[str, Any]:
    """Return a living GDAP relationship with one role, which ends in more than a year."""
    return {
        "id": id_,
        "displayName": f"Relationship {id_}",
        "status": "active",
        "customer": {"tenantId": CUSTOMER_ID, "displayName": "Cust"},
        "duration": "P730D",
        "autoExtendDuration": "PT0S",
        "accessDetails": {"unifiedRoles": [{"roleDefinitionId": HELPDESK}]},
        "createdDateTime": "2026-01-01T00:00:00Z",
        "activatedDateTime": "2026-01-02T00:00:00Z",
        "endDateTime": "2028-01-02T00:00:00Z",
        **changes,
    }


def assignment(id_: str = "a1", group: str = GROUP, *roles: str, **changes: Any) -> dict[str, Any]:
    """Return what gives a group the roles (one, if none is named) of a relationship."""
    return {
        "id": id_,
        "status": "active",
        "accessContainer": {"accessContainerId": group, "accessContainerType": "securityGroup"},
        "accessDetails": {"unifiedRoles": [{"roleDefinitionId": role} for role in roles or (HELPDESK,)]},
        "createdDateTime": "2026-01-02T00:00:00Z",
        **changes,
    }


def gdap(
    *relationships: Mapping[str, Any], assignments: Mapping[str, Sequence[Mapping[str, Any]]] | None = None, **more: Any
) -> Org:
    """Return a good partner with these relationships (one, if none is named), and ``assignments`` by relationship.

    Without ``assignments`` each relationship gives its role to a group with one member.
    """
    found = relationships or (relationship(),)
    given = assignments if assignments is not None else {each["id"]: [assignment()] for each in found}
    files = {RELATIONSHIPS: list(found)}
    files |= {f"{RELATIONSHIPS}/{id_}/accessAssignments": list(each) for id_, each in given.items()}
    return good(**{"files": files | more.pop("files", {}), "members": {GROUP: ["u1"]}, **more})


def good(**changes: Any) -> Org:
    """Return a partner in which no rule is broken: one person with a key, security defaults, one sign-in with MFA."""
    base: dict[str, Any] = {
        "has_defaults": True,
        "registered": {"u1": FIDO},
        "sign_ins": [sign_in("u1", "multiFactorAuthentication")],
    }
    return Org(**(base | changes))


def customer(**changes: Any) -> Org:
    """Return a customer in which no rule is broken."""
    return good(**{"kind": "customer", "partner": HOME, **changes})


def refused(*paths: str, of: Org | None = None) -> Org:
    """Return a tenant that lets nobody read these paths; without ``of`` a good one otherwise."""
    return replace(of or good(), failures=dict.fromkeys(paths, PERMISSION))


def denied(dataset: str, path: str) -> str:
    """Return the reason of a result for which a dataset was needed that could not be read."""
    said = "403 Authorization_RequestDenied: Insufficient privileges to complete the operation"
    return f"{dataset}: not_permitted: GET /{path}: {said}"


def people(*names: str, **more: Any) -> list[dict[str, Any]]:
    """Return enabled members with these ids, alike otherwise."""
    return [user(name, **more) for name in names]
