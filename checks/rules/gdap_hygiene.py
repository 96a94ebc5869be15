"""Rules about granular delegated admin privileges (GDAP): what a partner may do in its customers."""

from datetime import date

from checks.rule import Pack, Rule, Severity, Source, any_of, at_least, is_false, is_true
from checks.rules.kinds import PARTNER

LIVING = (
    "Living are relationships that give access now or are about to: approved, activating, active, expiring, "
    "terminationRequested and terminating. Created and approvalPending ones are offers, expired and terminated ones "
    "are over. A status that we do not know may be living."
)

GLOBAL_ADMINISTRATOR = Rule(
    id="GDAP.GA.1v1",
    title="No GDAP relationship holds Global Administrator",
    description=f"No living relationship may grant the role Global Administrator, assigned to a group or not. {LIVING}",
    severity=Severity.HIGH,
    weight=3,
    recommended_to=PARTNER,
    evidence="gdap_relationship",
    expect=is_false("has_global_admin"),
    needs=("gdap_relationships",),
    source=Source(
        document="Microsoft Graph documentation, granular delegated admin privileges (GDAP) API overview",
        url="https://learn.microsoft.com/en-us/graph/api/resources/delegatedadminrelationships-api-overview",
        clause=(
            "Partners ask for the least privileged roles that a task needs, for a definite time; Global "
            "Administrator in the customer's tenant is no longer needed."
        ),
        read_on=date(2026, 11, 23),
    ),
    reason="The relationship {resource_name} with {customer_name} ({status}) holds Global Administrator.",
    unknown="{count} of {in_scope} relationships: the roles or the status could not be understood",
    remediation=(
        "Ask the customer for a relationship with the roles that the work needs, then take the role out of this one: "
        "Partner Center > Customers > (the customer) > Admin relationships > (the relationship) > Remove Global "
        "Administrator (Graph: PATCH /tenantRelationships/delegatedAdminRelationships/{id}, only while it is active)."
    ),
)

ENDING = Rule(
    id="GDAP.END.1v1",
    title="No GDAP relationship ends within 30 days unless it extends itself",
    description=(
        "Days are counted from the scan's own time, in calendar days of UTC; a relationship that ends on the 30th "
        f"day counts. P180D extends by itself; PT0S, P0D and no value do not; any other value is unknown. {LIVING}"
    ),
    severity=Severity.MEDIUM,
    weight=2,
    recommended_to=PARTNER,
    evidence="gdap_relationship",
    expect=any_of(is_true("extends_itself"), at_least("days_left", 31)),
    needs=("gdap_relationships",),
    source=Source(
        document="Microsoft Graph documentation, delegatedAdminRelationship",
        url="https://learn.microsoft.com/en-us/graph/api/resources/delegatedadminrelationship",
        clause=(
            "A relationship expires when endDateTime is reached unless autoExtendDuration is P180D. One that has "
            "expired cannot be restored: the customer must approve a new one."
        ),
        read_on=date(2026, 11, 23),
    ),
    # The day, not the days left: what is told must not change from night to night while nothing happens.
    reason=(
        "The relationship {resource_name} with {customer_name} ({status}) ends at {end_at} and does not extend itself."
    ),
    unknown="{count} of {in_scope} relationships: the end, the extension or the status could not be understood",
    remediation=(
        "Partner Center > Customers > (the customer) > Admin relationships > (the relationship) > Auto extend > "
        'Enabled (Graph: PATCH /tenantRelationships/delegatedAdminRelationships/{id} with {"autoExtendDuration": '
        '"P180D"}). One that holds Global Administrator cannot extend itself: take the role out first, or ask for a '
        "new relationship."
    ),
)

GDAP_HYGIENE = Pack(
    name="gdap_hygiene",
    title="GDAP hygiene",
    description="Whether the partner holds no more than it needs in its customers, for no longer than it needs it.",
    rules=(GLOBAL_ADMINISTRATOR, ENDING),
)
