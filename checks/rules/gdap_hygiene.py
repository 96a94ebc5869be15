"""Rules about granular delegated admin privileges (GDAP): what a partner may do in its customers."""

from datetime import date

from checks.rule import Pack, Rule, Severity, Source, all_of, any_of, at_least, at_most, is_false, is_true
from checks.rules.gdap_people import GROUPS, REACHED, SHADOWS
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

EXTENDING = Rule(
    id="GDAP.EXT.1v1",
    title="No GDAP relationship with Global Administrator is set to extend itself",
    description=(
        "Microsoft extends no relationship that holds Global Administrator: one that is set to extend itself ends all "
        f"the same, and nobody expects it. {LIVING}"
    ),
    severity=Severity.MEDIUM,
    weight=1,
    recommended_to=PARTNER,
    evidence="gdap_relationship",
    expect=any_of(is_false("has_global_admin"), is_false("extends_itself")),
    needs=("gdap_relationships",),
    source=Source(
        document="Microsoft Partner Center, expiring GDAP relationships and auto extend GDAP",
        url="https://learn.microsoft.com/en-us/partner-center/expiring-gdap-relationships-and-auto-extend-gdap",
        clause="A relationship with the role Global Administrator cannot extend itself.",
        read_on=date(2026, 11, 23),
    ),
    reason=(
        "The relationship {resource_name} with {customer_name} ({status}) is set to extend itself and holds Global "
        "Administrator: it ends at {end_at}."
    ),
    unknown="{count} of {in_scope} relationships: the roles, the extension or the status could not be understood",
    remediation=(
        "Take the role out: Partner Center > Customers > (the customer) > Admin relationships > (the relationship) > "
        "Remove Global Administrator; then it extends itself (Graph: PATCH "
        "/tenantRelationships/delegatedAdminRelationships/{id})."
    ),
)

# Microsoft gave eight roles to each relationship that it made in place of full administrator rights.
MOST_ROLES = 12

LEAST = Rule(
    id="GDAP.ROLES.1v1",
    title=f"GDAP relationships hold at most {MOST_ROLES} roles, and none that leads to Global Administrator",
    description=(
        "Roles that lead to Global Administrator are Privileged Role Administrator, Privileged Authentication "
        "Administrator, Partner Tier2 Support, Application Administrator, Cloud Application Administrator and Hybrid "
        "Identity Administrator; Global Administrator itself has a rule of its own. The number is ours, not "
        f"Microsoft's, who gave eight to each relationship it made itself. {LIVING}"
    ),
    severity=Severity.MEDIUM,
    weight=2,
    recommended_to=PARTNER,
    evidence="gdap_access",
    expect=all_of(at_most("powerful_role_count", 0), at_most("role_count", MOST_ROLES)),
    needs=("gdap_relationships",),
    source=Source(
        document="Microsoft Partner Center, GDAP role guidance: least-privileged roles by task",
        url="https://learn.microsoft.com/en-us/partner-center/gdap-least-privileged-roles-by-task",
        clause="For each task the guidance names the least privileged role that can do it.",
        read_on=date(2026, 11, 23),
    ),
    reason=(
        "The relationship {resource_name} with {customer_name} ({status}) holds {role_count} roles; of those that "
        "lead to Global Administrator it holds: {powerful_roles}."
    ),
    unknown="{count} of {in_scope} relationships: the roles or the status could not be understood",
    remediation=(
        "Ask the customer for a relationship with the roles that the work needs: Partner Center > Customers > (the "
        "customer) > Admin relationships > Request new relationship (Graph: POST "
        "/tenantRelationships/delegatedAdminRelationships). Once it is active, end this one: Admin relationships > "
        "(the relationship) > Terminate."
    ),
)

USED = Rule(
    id="GDAP.USED.1v1",
    title="Every GDAP relationship gives its roles to a group, all of them",
    description=(
        "A relationship that gives access and assigns no role to any group serves nobody, and may be given to anybody "
        "tomorrow; so may a role that no group has. Relationships that are not active yet, or about to end, need no "
        f"group. {LIVING}"
    ),
    severity=Severity.LOW,
    weight=1,
    recommended_to=PARTNER,
    evidence="gdap_access",
    expect=all_of(any_of(is_false("gives_access"), at_least("assignment_count", 1)), at_most("unused_role_count", 0)),
    needs=("gdap_relationships", "gdap_assignments"),
    source=Source(
        document="Microsoft Graph documentation, delegatedAdminAccessAssignment",
        url="https://learn.microsoft.com/en-us/graph/api/resources/delegatedadminaccessassignment",
        clause="What a relationship may grant is used only through assignments of roles to security groups.",
        read_on=date(2026, 11, 23),
    ),
    reason=(
        "The relationship {resource_name} with {customer_name} ({status}) gives roles to groups: {assignment_count}; "
        "roles of it that no group has: {unused_role_count}."
    ),
    unknown="{count} of {in_scope} relationships: the roles, the assignments or the status could not be understood",
    remediation=(
        "Give its roles to a group: Partner Center > Customers > (the customer) > Admin relationships > (the "
        "relationship) > Add security groups (Graph: POST "
        "/tenantRelationships/delegatedAdminRelationships/{id}/accessAssignments). One that nobody needs: Terminate "
        "(Graph: POST /tenantRelationships/delegatedAdminRelationships/{id}/requests with "
        '{"action": "terminate"}); one with more roles than are needed: ask for a new one, then end this one.'
    ),
)

MICROSOFT_LED = Rule(
    id="GDAP.MLT.1v1",
    title="No relationship is left of those that Microsoft made in place of full administrator rights",
    description=(
        "In 2023 Microsoft replaced delegated admin privileges (DAP) by GDAP relationships whose names begin with "
        f"MLT_, with eight roles of its own choice. They were meant for the time until the partner asks for its own. "
        f"{LIVING}"
    ),
    severity=Severity.LOW,
    weight=1,
    recommended_to=PARTNER,
    evidence="gdap_access",
    expect=is_false("is_microsoft_led"),
    needs=("gdap_relationships",),
    source=Source(
        document="Microsoft Partner Center, Microsoft-led transition from DAP to GDAP",
        url="https://learn.microsoft.com/en-us/partner-center/gdap-microsoft-led-transition",
        clause="Microsoft made relationships named MLT_ with eight default roles; the partner may replace them.",
        read_on=date(2026, 11, 23),
    ),
    reason="The relationship {resource_name} with {customer_name} ({status}) is one that Microsoft made.",
    unknown="{count} of {in_scope} relationships: the status could not be understood",
    remediation=(
        "Ask the customer for a relationship with the roles that the work needs: Partner Center > Customers > (the "
        "customer) > Admin relationships > Request new relationship; once it is active, end this one: Terminate."
    ),
)

GDAP_HYGIENE = Pack(
    name="gdap_hygiene",
    title="GDAP hygiene",
    description="Whether the partner holds no more than it needs in its customers, for no longer than it needs it.",
    rules=(GLOBAL_ADMINISTRATOR, ENDING, EXTENDING, LEAST, USED, MICROSOFT_LED, GROUPS, SHADOWS, REACHED),
)
