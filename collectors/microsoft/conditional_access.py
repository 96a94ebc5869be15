"""Conditional Access policies and the named locations they speak of."""

from collectors.declare import FLAG, JSON, TEXT, TEXTS, TIME, Collector, Column, GraphList, Table

POLICIES = GraphList(
    path="/identity/conditionalAccess/policies",
    permissions=("Policy.Read.All",),
    selects=False,  # the whole object: a condition we do not know must still be seen
    limit="conditionalAccess",
    source="https://learn.microsoft.com/graph/api/conditionalaccessroot-list-policies",
    table=Table(
        "conditional_access_policies",
        doc="One row per Conditional Access policy, whatever its state.",
        key=("policy_id",),
        is_tracked=True,
        columns=(
            Column("policy_id", TEXT, "id", "Id of the policy.", required=True),
            Column("display_name", TEXT, "displayName", "Name of the policy."),
            Column(
                "state",
                TEXT,
                "state",
                "enabled, disabled or enabledForReportingButNotEnforced.",
                required=True,
            ),
            Column("conditions", JSON, "conditions", "When it applies, as Graph gives it."),
            Column(
                "grant_controls",
                JSON,
                "grantControls",
                "What it demands, as Graph gives it; null demands nothing.",
            ),
            Column("session_controls", JSON, "sessionControls", "What it does to the session, as Graph gives it."),
            Column("template_id", TEXT, "templateId", "Template it was made from."),
            Column("created_at", TIME, "createdDateTime", "When it was made."),
            Column("modified_at", TIME, "modifiedDateTime", "When it was last changed."),
        ),
    ),
)

NAMED_LOCATIONS = GraphList(
    path="/identity/conditionalAccess/namedLocations",
    permissions=("Policy.Read.All",),
    selects=False,
    limit="conditionalAccess",
    source="https://learn.microsoft.com/graph/api/conditionalaccessroot-list-namedlocations",
    table=Table(
        "named_locations",
        doc="One row per named location.",
        key=("location_id",),
        is_tracked=True,
        columns=(
            Column("location_id", TEXT, "id", "Id that policies name it by.", required=True),
            Column("location_type", TEXT, "@odata.type", "Address ranges, countries, or a newer kind."),
            Column("display_name", TEXT, "displayName", "Name of the location."),
            Column(
                "is_trusted",
                FLAG,
                "isTrusted",
                "Whether addresses here count as trusted; null for countries.",
            ),
            Column("ip_ranges", JSON, "ipRanges", "The address ranges, as Graph gives them."),
            Column("countries", TEXTS, "countriesAndRegions", "Two-letter country codes."),
            Column(
                "includes_unknown",
                FLAG,
                "includeUnknownCountriesAndRegions",
                "Whether addresses of no known country belong.",
            ),
            Column("lookup_method", TEXT, "countryLookupMethod", "clientIpAddress or authenticatorAppGps."),
            Column("modified_at", TIME, "modifiedDateTime", "When it was last changed."),
        ),
    ),
)

CONDITIONAL_ACCESS = Collector(
    name="conditional_access",
    doc="Conditional Access policies and named locations.",
    datasets=(POLICIES, NAMED_LOCATIONS),
)
