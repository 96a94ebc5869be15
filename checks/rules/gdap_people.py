"""Rules of the pack of GDAP hygiene about people: who has access, and to which customers."""

from datetime import date

from checks.rule import Rule, Severity, Source, all_of, at_least, at_most, is_false, is_true
from checks.rules.kinds import PARTNER

MOST_MEMBERS = 50

GROUPS = Rule(
    id="GDAP.GROUP.1v1",
    title=f"Every group with GDAP access exists and has 1 to {MOST_MEMBERS} members",
    description=(
        "In scope are the groups to which a living relationship gives roles. Who is deleted leaves its assignments "
        "behind; an empty group gives access to whoever is put in next; and a group of everybody is no least "
        "privilege. Members of nested groups count. The number is ours, not Microsoft's."
    ),
    severity=Severity.MEDIUM,
    weight=2,
    recommended_to=PARTNER,
    evidence="gdap_group",
    expect=all_of(is_true("exists_still"), at_least("member_count", 1), at_most("member_count", MOST_MEMBERS)),
    needs=("gdap_relationships", "gdap_assignments", "groups", "group_members"),
    source=Source(
        document="Microsoft Partner Center, introduction to granular delegated admin privileges (GDAP)",
        url="https://learn.microsoft.com/en-us/partner-center/gdap-introduction",
        clause=(
            "Access is partitioned by customer and by security group of the partner, so that each has the least "
            "privilege that its work needs."
        ),
        read_on=date(2026, 11, 23),
    ),
    reason="The group {resource_name} {state}, and GDAP gives it roles in customers: {customer_count}.",
    unknown="{count} of {in_scope} groups: who is in them is not known",
    remediation=(
        "One that does not exist or is empty: take its access away: Partner Center > Customers > (the customer) > "
        "Admin relationships > (the relationship) > (the security group) > Remove (Graph: DELETE "
        "/tenantRelationships/delegatedAdminRelationships/{id}/accessAssignments/{id}). An over-full one: split it by "
        "task, or make its membership eligible only: Microsoft Entra admin center > ID Governance > Privileged "
        "Identity Management > Groups."
    ),
)

SHADOWS = Rule(
    id="GDAP.SHADOW.1v1",
    title="Nobody who has GDAP access to a customer is a guest there, too",
    description=(
        "Judged are all enabled accounts that GDAP lets into a customer. A guest object of the same person signs in "
        "past GDAP, with roles and a registration of its own, outlives the relationship, and keeps the GDAP sign-in "
        "from working (AADSTS50020, AADSTS50177). A guest is known by the mail it was invited by or by its name "
        "before #EXT#. In a customer whose users are not read nobody can tell."
    ),
    severity=Severity.MEDIUM,
    weight=1,
    recommended_to=PARTNER,
    evidence="guest_shadow",
    expect=is_false("is_shadowed"),
    needs=("users", "gdap_relationships", "gdap_assignments", "group_members"),
    source=Source(
        document="Microsoft Partner Center, granular delegated admin privileges (GDAP) frequently asked questions",
        url="https://learn.microsoft.com/en-us/partner-center/gdap-faq",
        clause="Partner users sign in to customers by GDAP from their own tenant; no object of them is needed there.",
        read_on=date(2026, 11, 23),
    ),
    reason="{resource_name} has GDAP access and is a guest, too, in: {shadow_customers}.",
    unknown="{count} of {in_scope} accounts: of a customer that they may enter the users are not read",
    remediation=(
        "Ask the customer to delete the guest: Microsoft Entra admin center of the customer > Entra ID > Users > All "
        "users > (the guest) > Delete (Graph, in the customer: DELETE /users/{id})."
    ),
)

REACHED = Rule(
    id="GDAP.CUST.1v1",
    title="A living GDAP relationship leads to every customer",
    description=(
        "Customers are those with a contract, with any relationship, or scanned as this partner's. Where none is "
        "living the partner cannot help, and its scans of the tenant end. A customer whom the partner only bills needs "
        "none: a waiver says so."
    ),
    severity=Severity.LOW,
    weight=1,
    recommended_to=PARTNER,
    evidence="gdap_customer",
    expect=is_true("has_living_relationship"),
    needs=("gdap_relationships", "contracts"),
    source=Source(
        document="Microsoft Partner Center, expiring GDAP relationships and auto extend GDAP",
        url="https://learn.microsoft.com/en-us/partner-center/expiring-gdap-relationships-and-auto-extend-gdap",
        clause="A relationship that has expired cannot be restored: the customer must approve a new one.",
        read_on=date(2026, 11, 23),
    ),
    reason="No living GDAP relationship leads to {resource_name}.",
    unknown="{count} of {in_scope} customers: the status of a relationship could not be understood",
    remediation=(
        "Partner Center > Customers > (the customer) > Admin relationships > Request new relationship (Graph: POST "
        "/tenantRelationships/delegatedAdminRelationships), and send the customer the link for its approval."
    ),
)
