"""Who holds which directory role now, and what the roles are."""

from collectors.declare import FLAG, TEXT, Collector, Column, GraphList, Table

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
        columns=(
            Column("role_definition_id", TEXT, "id", "Id that assignments name it by.", required=True),
            Column("template_id", TEXT, "templateId", "Id that Conditional Access names it by."),
            Column("display_name", TEXT, "displayName", "Name of the role."),
            Column("is_built_in", FLAG, "isBuiltIn", "Whether it is Microsoft's own."),
            Column("is_enabled", FLAG, "isEnabled", "Whether it can be assigned."),
        ),
    ),
)

ROLES = Collector(
    name="roles",
    doc="Active role assignments and the roles they assign.",
    datasets=(ASSIGNMENTS, DEFINITIONS),
)
