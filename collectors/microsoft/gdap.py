"""Granular delegated admin privileges: what the partner may do in its customers, and which groups may do it."""

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.declare import JSON, TEXT, TIME, Collector, Column, Each, GraphList, Kind, Table

PARTNERS: frozenset[Kind] = frozenset({"partner"})

CUSTOMERS = GraphList(
    path="/tenantRelationships/delegatedAdminCustomers",
    permissions=("DelegatedAdminRelationship.Read.All",),
    page_size=300,
    selects=False,
    limit="none",
    kinds=PARTNERS,
    source="https://learn.microsoft.com/graph/api/tenantrelationship-list-delegatedadmincustomers",
    table=Table(
        "gdap_customers",
        doc="One row per customer with a GDAP relationship.",
        key=("customer_tenant_id",),
        columns=(
            Column("customer_tenant_id", TEXT, "tenantId", "Tenant id of the customer.", required=True),
            Column("display_name", TEXT, "displayName", "Name of the customer."),
        ),
    ),
)

RELATIONSHIPS = GraphList(
    path="/tenantRelationships/delegatedAdminRelationships",
    permissions=("DelegatedAdminRelationship.Read.All",),
    page_size=300,
    selects=False,
    limit="none",
    kinds=PARTNERS,
    source="https://learn.microsoft.com/graph/api/tenantrelationship-list-delegatedadminrelationships",
    table=Table(
        "gdap_relationships",
        doc="One row per GDAP relationship, whatever its status.",
        key=("relationship_id",),
        is_tracked=True,
        columns=(
            Column("relationship_id", TEXT, "id", "Id of the relationship.", required=True),
            Column("relationship_type", TEXT, "@odata.type", "Delegated, or through an indirect provider."),
            Column("display_name", TEXT, "displayName", "Name the partner gave it."),
            Column(
                "status",
                TEXT,
                "status",
                "created, approvalPending, approved, activating, active, expiring, ...",
                required=True,
            ),
            Column("customer_tenant_id", TEXT, "customer/tenantId", "The customer; null until one is chosen."),
            Column("customer_name", TEXT, "customer/displayName", "Name of the customer."),
            Column("duration", TEXT, "duration", "ISO 8601 duration, P1D to P2Y."),
            Column(
                "auto_extend_duration",
                TEXT,
                "autoExtendDuration",
                "P180D extends by itself; PT0S and P0D do not.",
            ),
            Column("roles", JSON, "accessDetails/unifiedRoles", "Roles it may grant, as Graph gives them."),
            Column("created_at", TIME, "createdDateTime", "When it was made."),
            Column("activated_at", TIME, "activatedDateTime", "When the customer's approval took effect."),
            Column("end_at", TIME, "endDateTime", "When it ends."),
        ),
    ),
)


def _living(relationship: Mapping[str, Any]) -> Iterator[str]:
    # Only these can hold an assignment that still gives access; the others answer 404 or an old list.
    if relationship["status"] in {
        "approved",
        "activating",
        "active",
        "expiring",
        "terminationRequested",
        "terminating",
    }:
        yield relationship["id"]


ASSIGNMENTS = GraphList(
    path="/tenantRelationships/delegatedAdminRelationships/{relationship_id}/accessAssignments",
    permissions=("DelegatedAdminRelationship.Read.All",),
    page_size=300,
    selects=False,
    limit="none",
    kinds=PARTNERS,
    each=(Each("gdap_relationships", "relationship_id", _living),),
    source="https://learn.microsoft.com/graph/api/delegatedadminrelationship-list-accessassignments",
    table=Table(
        "gdap_assignments",
        doc="One row per group that a living GDAP relationship gives roles to.",
        key=("relationship_id", "assignment_id"),
        is_tracked=True,
        columns=(
            Column("relationship_id", TEXT, "{relationship_id}", "The relationship."),
            Column("assignment_id", TEXT, "id", "Id of the assignment.", required=True),
            Column("status", TEXT, "status", "pending, active, deleting, deleted or error."),
            Column(
                "group_id",
                TEXT,
                "accessContainer/accessContainerId",
                "The partner's group that gets the roles.",
            ),
            Column("container_type", TEXT, "accessContainer/accessContainerType", "securityGroup."),
            Column("roles", JSON, "accessDetails/unifiedRoles", "Roles the group gets, as Graph gives them."),
            Column("created_at", TIME, "createdDateTime", "When it was made."),
            Column("modified_at", TIME, "lastModifiedDateTime", "When it was last changed."),
        ),
    ),
)

GDAP = Collector(
    name="gdap",
    doc="GDAP relationships, the groups they give roles to, and the customers. Partner tenants only.",
    datasets=(CUSTOMERS, RELATIONSHIPS, ASSIGNMENTS),
)
