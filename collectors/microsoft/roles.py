"""Who holds which directory role now, and what the roles are."""

from collectors.declare import FLAG, TEXT, TIME, Collector, Column, GraphList, Table

ASSIGNMENTS = GraphList(
    path="/roleManagement/directory/roleAssignments",
    permissions=("RoleManagement.Read.Directory",),
    query={"$expand": "principal"},
    selects=False,  # $select would drop the principal's @odata.type
    source="https://learn.microsoft.com/graph/api/rbacapplication-list-roleassignments",
    table=Table(
        "role_assignments",
        doc="One row per active assignment of a directory role; eligible ones are not here.",
        key=("assignment_id",),
        is_tracked=True,
        columns=(
            Column("assignment_id", TEXT, "id", "Id of the assignment.", required=True),
            Column("principal_id", TEXT, "principalId", "Who holds the role.", required=True),
            Column(
                "principal_type",
                TEXT,
                "principal/@odata.type",
                "#microsoft.graph.user, .group or .servicePrincipal.",
            ),
            Column("principal_name", TEXT, "principal/displayName", "Name of who holds the role."),
            Column(
                "role_definition_id",
                TEXT,
                "roleDefinitionId",
                "The role; its template id if built in.",
                required=True,
            ),
            Column(
                "directory_scope_id",
                TEXT,
                "directoryScopeId",
                "/ is the whole tenant; else an administrative unit or object.",
            ),
        ),
    ),
)

DEFINITIONS = GraphList(
    path="/roleManagement/directory/roleDefinitions",
    permissions=("RoleManagement.Read.Directory",),
    selects=False,
    source="https://learn.microsoft.com/graph/api/rbacapplication-list-roledefinitions",
    table=Table(
        "role_definitions",
        doc="One row per directory role.",
        key=("role_definition_id",),
        is_tracked=True,
        columns=(
            Column("role_definition_id", TEXT, "id", "Id that assignments name it by.", required=True),
            Column("template_id", TEXT, "templateId", "Id that Conditional Access names it by."),
            Column("display_name", TEXT, "displayName", "Name of the role."),
            Column("is_built_in", FLAG, "isBuiltIn", "Whether it is Microsoft's own."),
            Column("is_enabled", FLAG, "isEnabled", "Whether it can be assigned."),
        ),
    ),
)

ELIGIBILITIES = GraphList(
    path="/roleManagement/directory/roleEligibilityScheduleInstances",
    permissions=("RoleEligibilitySchedule.Read.Directory",),
    query={"$expand": "principal"},
    selects=False,
    is_premium=True,
    source="https://learn.microsoft.com/graph/api/rbacapplication-list-roleeligibilityscheduleinstances",
    table=Table(
        "role_eligibilities",
        doc="One row per role that somebody may activate (Privileged Identity Management).",
        key=("eligibility_id",),
        is_tracked=True,
        columns=(
            Column("eligibility_id", TEXT, "id", "Id of the eligibility.", required=True),
            Column("principal_id", TEXT, "principalId", "Who may activate the role.", required=True),
            Column(
                "principal_type",
                TEXT,
                "principal/@odata.type",
                "#microsoft.graph.user or .group.",
            ),
            Column("role_definition_id", TEXT, "roleDefinitionId", "The role.", required=True),
            Column("directory_scope_id", TEXT, "directoryScopeId", "/ is the whole tenant."),
            Column("member_type", TEXT, "memberType", "Direct, or through a Group."),
            Column("start_at", TIME, "startDateTime", "From when it may be activated."),
            Column("end_at", TIME, "endDateTime", "Until when; null is for good."),
        ),
    ),
)

INSTANCES = GraphList(
    path="/roleManagement/directory/roleAssignmentScheduleInstances",
    permissions=("RoleAssignmentSchedule.Read.Directory",),
    is_premium=True,
    source="https://learn.microsoft.com/graph/api/rbacapplication-list-roleassignmentscheduleinstances",
    table=Table(
        "role_assignment_instances",
        doc="One row per active assignment of a directory role, and whether it was activated and ends again.",
        key=("instance_id",),
        is_tracked=True,
        columns=(
            Column("instance_id", TEXT, "id", "Id of the assignment, another than in role_assignments.", required=True),
            Column("principal_id", TEXT, "principalId", "Who holds the role.", required=True),
            Column("role_definition_id", TEXT, "roleDefinitionId", "The role.", required=True),
            Column("directory_scope_id", TEXT, "directoryScopeId", "/ is the whole tenant."),
            Column("assignment_type", TEXT, "assignmentType", "Assigned; or Activated, out of an eligibility."),
            Column("member_type", TEXT, "memberType", "Direct, or through a Group."),
            Column("start_at", TIME, "startDateTime", "Since when it is held."),
            Column("end_at", TIME, "endDateTime", "Until when; null is for good."),
        ),
    ),
)

ROLES = Collector(
    name="roles",
    doc="Active and eligible role assignments, and the roles.",
    datasets=(ASSIGNMENTS, ELIGIBILITIES, INSTANCES, DEFINITIONS),
)
