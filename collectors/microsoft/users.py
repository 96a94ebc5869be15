"""User objects in the tenant's directory, guests included."""

from collectors.declare import FLAG, JSON, TEXT, TIME, Collector, Column, GraphList, Table

USERS = Collector(
    name="users",
    doc="Every user object, guests included: who exists and who can sign in.",
    datasets=(
        GraphList(
            path="/users",
            permissions=("User.Read.All",),
            page_size=999,
            source="https://learn.microsoft.com/graph/api/user-list",
            table=Table(
                "users",
                doc="One row per user object.",
                key=("user_id",),
                is_tracked=True,
                columns=(
                    Column("user_id", TEXT, "id", "Object id.", required=True),
                    Column(
                        "user_principal_name",
                        TEXT,
                        "userPrincipalName",
                        "Name the user signs in with; a guest's holds #EXT#.",
                        required=True,
                    ),
                    Column("display_name", TEXT, "displayName", "Name shown to people."),
                    Column("mail", TEXT, "mail", "SMTP address; null without a mailbox or contact address."),
                    Column("is_enabled", FLAG, "accountEnabled", "Whether the user can sign in; null is unknown."),
                    Column("user_type", TEXT, "userType", "Member or Guest; null for some old objects."),
                    Column(
                        "creation_type",
                        TEXT,
                        "creationType",
                        "Invitation, EmailVerified, ...; null for ordinary users.",
                    ),
                    Column(
                        "external_user_state",
                        TEXT,
                        "externalUserState",
                        "PendingAcceptance or Accepted, for invited guests.",
                    ),
                    Column(
                        "created_at",
                        TIME,
                        "createdDateTime",
                        "When the object was made; null for some before June 2018.",
                    ),
                    Column(
                        "is_synced",
                        FLAG,
                        "onPremisesSyncEnabled",
                        "True if synced from on-premises; null if never.",
                    ),
                    Column("last_password_change_at", TIME, "lastPasswordChangeDateTime", "Last password change."),
                    Column(
                        "employee_type",
                        TEXT,
                        "employeeType",
                        "What the organization calls this kind of worker.",
                    ),
                    Column("department", TEXT, "department", "Department."),
                    Column("job_title", TEXT, "jobTitle", "Job title."),
                    Column(
                        "assigned_licenses",
                        JSON,
                        "assignedLicenses",
                        "Licences assigned to the user, as Graph gives them.",
                    ),
                    Column(
                        "identities",
                        JSON,
                        "identities",
                        "Identities the user can sign in with, as Graph gives them.",
                    ),
                ),
            ),
        ),
    ),
)
