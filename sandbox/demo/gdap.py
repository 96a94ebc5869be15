"""What the partners may do in their customers: relationships, access assignments, customers, contracts.

Every customer has one living relationship from the table's defaults; ``EXTRA`` adds the ones worth looking at, so that
every status occurs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sandbox.demo.model import V1, Directory, Files, Json, Tenant, collection, etag, group_id, stamp7, uid
from sandbox.demo.roles import ROLES
from sandbox.demo.tenants import CUSTOMERS, customers_of

READ = ("Directory Readers", "Global Reader")
OPERATE = ("Helpdesk Administrator", "Service Support Administrator", "User Administrator")
FULL = ("Global Administrator", "Privileged Role Administrator")
MICROSOFT_LED = (
    "Directory Readers",
    "Directory Writers",
    "License Administrator",
    "Service Support Administrator",
    "User Administrator",
    "Privileged Role Administrator",
    "Helpdesk Administrator",
    "Privileged Authentication Administrator",
)
"""The eight roles of the relationships that Microsoft made when it took delegated administration away."""

FORMER = "former"
"""A customer that left: it stands in old relationships and nowhere else."""

STANDARD_GROUPS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "nordlicht": (
        ("GDAP Tier 1 - Readers", READ),
        ("GDAP Tier 2 - Operators", OPERATE),
        ("GDAP Automation", READ[1:]),
    ),
    "kestrel": (("GDAP Support Desk", (*READ, "Helpdesk Administrator")), ("GDAP Engineers", OPERATE)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Relationship:
    """One relationship as data. Days count back from the fleet's time; ``customer`` is a key, or empty for a draft."""

    partner: str
    customer: str
    name: str
    status: str = "active"
    roles: tuple[str, ...] = READ + OPERATE
    activated_days: int | None = 240
    duration_days: int = 730
    auto_extend: str = "PT0S"
    assignments: tuple[tuple[str, tuple[str, ...], str], ...] = ()
    is_reseller: bool = False


def _standard(partner: Tenant, customer: Tenant) -> Relationship:
    activated, duration, extend = ENDINGS.get(customer.key, (240, 730, "P180D"))
    return Relationship(
        partner=partner.key,
        customer=customer.key,
        name=f"{customer.name} - Standard",
        activated_days=activated,
        duration_days=duration,
        auto_extend=extend,
        assignments=tuple((group, roles, "active") for group, roles in STANDARD_GROUPS[partner.key]),
    )


ENDINGS: dict[str, tuple[int, int, str]] = {
    "nakhla": (353, 365, "PT0S"),  # ends in 12 days, and nothing extends it
    "brightwater": (710, 730, "P180D"),  # ends in 20 days, and extends itself
}

EXTRA: tuple[Relationship, ...] = (
    Relationship(
        partner="kestrel",
        customer="ellinika",
        name="Full administration (migration project)",
        roles=FULL,
        activated_days=600,
        assignments=(("GDAP Engineers", FULL, "active"), ("GDAP Billing", FULL[1:], "error")),
    ),
    Relationship(
        partner="kestrel",
        customer="fjaellraev",
        name="Through reseller Nordan IT",
        is_reseller=True,
        activated_days=90,
        duration_days=365,
        assignments=(("GDAP Support Desk", READ, "active"), ("GDAP Billing", READ, "deleting")),
    ),
    Relationship(
        partner="nordlicht",
        customer="krueger",
        name=f"MLT_6f1d0c52_{uid('tenant', 'krueger')[:8]}_4471",
        roles=MICROSOFT_LED,
        status="expired",
        activated_days=1200,
        duration_days=365,
    ),
    Relationship(
        partner="nordlicht",
        customer="stadtwerke",
        name=f"MLT_6f1d0c52_{uid('tenant', 'stadtwerke')[:8]}_9032",
        roles=MICROSOFT_LED,
        activated_days=400,
        assignments=(("AdminAgents", MICROSOFT_LED, "active"),),
    ),
    Relationship(
        partner="nordlicht",
        customer="mueller",
        name="Projekt Hallenumzug",
        status="expiring",
        activated_days=29,
        duration_days=30,
        assignments=(("GDAP Tier 2 - Operators", OPERATE, "active"),),
    ),
    Relationship(
        partner="nordlicht",
        customer="lodz",
        name="Exchange migration",
        status="terminationRequested",
        activated_days=120,
        duration_days=365,
        assignments=(("GDAP Tier 2 - Operators", OPERATE, "pending"),),
    ),
    Relationship(partner="nordlicht", customer="", name="Entwurf Neukunde", status="created", activated_days=None),
    Relationship(
        partner="nordlicht", customer="weiss", name="Anfrage Intune", status="approvalPending", activated_days=None
    ),
    Relationship(partner="kestrel", customer="sakura", name="Security review", status="approved", activated_days=None),
    Relationship(partner="kestrel", customer="nakhla", name="Renewal", status="activating", activated_days=None),
    Relationship(
        partner="kestrel",
        customer="ellinika",
        name="Old helpdesk",
        status="terminating",
        activated_days=300,
        duration_days=365,
        assignments=(("GDAP Support Desk", READ, "deleting"),),
    ),
    Relationship(
        partner="kestrel",
        customer=FORMER,
        name="Harbour Foods - Standard",
        status="terminated",
        activated_days=800,
        duration_days=400,
    ),
)


def relationships_of(partner: Tenant) -> list[Relationship]:
    """Return the partner's relationships: one per customer, then the special ones."""
    standard = [_standard(partner, customer) for customer in customers_of(partner)]
    return standard + [extra for extra in EXTRA if extra.partner == partner.key]


def gdap_files(directory: Directory) -> Files:
    """Return relationships, assignments, customers and contracts; nothing for a customer tenant."""
    tenant = directory.tenant
    if tenant.kind != "partner":
        return {}
    base = "v1.0/tenantRelationships"
    context = "https://graph.microsoft.com/v1.0/tenantRelationships/$metadata#"
    relationships = relationships_of(tenant)
    files: Files = {
        f"{base}/delegatedAdminRelationships": collection(
            f"{context}delegatedAdminRelationships", [_relationship(directory, one) for one in relationships]
        ),
        f"{base}/delegatedAdminCustomers": collection(
            f"{context}delegatedAdminCustomers", [_customer(one) for one in customers_of(tenant)]
        ),
        "v1.0/contracts": collection(f"{V1}contracts", [_contract(tenant, one) for one in customers_of(tenant)]),
    }
    for one in relationships:
        if one.activated_days is not None:
            assignments = [_assignment(directory, one, *given) for given in one.assignments]
            path = f"{base}/delegatedAdminRelationships/{relationship_id(one)}/accessAssignments"
            files[path] = collection(f"{context}accessAssignments", assignments)
    return files


def relationship_id(one: Relationship) -> str:
    """Return the id: two GUIDs joined, as Graph makes them."""
    return f"{uid('relationship', one.partner, one.name)}-{uid('relationship', one.partner, one.name, 'partner')}"


def _roles(names: tuple[str, ...]) -> Json:
    return {"unifiedRoles": [{"roleDefinitionId": ROLES[name]} for name in names]}


def _participant(key: str) -> Json | None:
    if not key:
        return None
    found = next((tenant for tenant in CUSTOMERS if tenant.key == key), None)
    name = found.name if found else "Harbour Foods Ltd"
    return {"tenantId": found.id if found else uid("tenant", key), "displayName": name}


def _relationship(directory: Directory, one: Relationship) -> Json:
    activated = None if one.activated_days is None else directory.ago(days=one.activated_days)
    ends = None if activated is None else activated + timedelta(days=one.duration_days)
    created = directory.ago(days=12) if activated is None else activated - timedelta(hours=30)
    kind = "resellerDelegatedAdminRelationship" if one.is_reseller else "delegatedAdminRelationship"
    body: Json = {
        "@odata.type": f"#microsoft.graph.{kind}",
        "@odata.etag": etag(one.partner, one.name),
        "id": relationship_id(one),
        "displayName": one.name,
        "duration": f"P{one.duration_days}D",
        "customer": _participant(one.customer),
        "accessDetails": _roles(one.roles),
        "status": one.status,
        "autoExtendDuration": one.auto_extend,
        "createdDateTime": stamp7(created),
        "lastModifiedDateTime": stamp7(activated or created),
        "activatedDateTime": stamp7(activated) if activated else None,
        "endDateTime": stamp7(ends) if ends else None,
    }
    if one.is_reseller:
        body |= {"isPartnerConsentPending": False, "indirectProviderTenantId": directory.tenant.id}
    return body


def _assignment(directory: Directory, one: Relationship, group: str, roles: tuple[str, ...], status: str) -> Json:
    created = directory.ago(days=max((one.activated_days or 1) - 1, 0))
    return {
        "@odata.type": "#microsoft.graph.delegatedAdminAccessAssignment",
        "@odata.etag": etag(one.partner, one.name, group),
        "id": uid("assignment", one.partner, one.name, group),
        "status": status,
        "createdDateTime": stamp7(created),
        "lastModifiedDateTime": stamp7(created + timedelta(minutes=4)),
        "accessContainer": {
            "accessContainerId": group_id(one.partner, group),
            "accessContainerType": "securityGroup",
        },
        "accessDetails": _roles(roles),
    }


def _customer(customer: Tenant) -> Json:
    return {
        "@odata.type": "#microsoft.graph.delegatedAdminCustomer",
        "@odata.etag": etag("customer", customer.key),
        "id": customer.id,
        "tenantId": customer.id,
        "displayName": customer.name,
    }


def _contract(partner: Tenant, customer: Tenant) -> Json:
    return {
        "id": uid("contract", partner.key, customer.key),
        "deletedDateTime": None,
        "contractType": "ResellerPartner" if partner.program == "direct-bill" else "BreadthPartner",
        "customerId": customer.id,
        "defaultDomainName": customer.domain,
        "displayName": customer.name,
    }
