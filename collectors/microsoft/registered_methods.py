"""Which authentication methods single users have registered, where the tenant lacks the licence for the report."""

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.declare import TEXT, TIME, Collector, Column, Each, GraphList, Table

_USER = "#microsoft.graph.user"
# Whose members hold a role, here or at customers. Members of groups that only policies name are not asked for.
_EMPOWERING = ("role_assignments", "role_eligibilities", "gdap_assignments", "agent_groups")
EVERYBODY = "registered_methods.everybody"


def _user_with_role(assignment: Mapping[str, Any]) -> Iterator[str]:
    if (assignment.get("principal") or {}).get("@odata.type") == _USER:
        yield assignment["principalId"]


def _member(member: Mapping[str, Any]) -> Iterator[str]:
    if member.get("@odata.type") == _USER:
        yield member["id"]


def _anybody(user: Mapping[str, Any]) -> Iterator[str]:
    yield user["id"]


REGISTERED_METHODS = Collector(
    name="registered_methods",
    doc=(
        "What the report of registered methods would tell, from a tenant without the licence for it: one request a "
        f"user, for administrators and agents only. `{EVERYBODY}` asks for everybody."
    ),
    datasets=(
        GraphList(
            path="/users/{user_id}/authentication/methods",
            permissions=("UserAuthenticationMethod.Read.All",),
            selects=False,
            each=(
                Each("role_assignments", "user_id", _user_with_role),
                Each("role_eligibilities", "user_id", _user_with_role),
                Each("group_members", "user_id", _member, through=_EMPOWERING),
                Each("users", "user_id", _anybody, opt_in=EVERYBODY),
            ),
            batched=True,
            # Whether it counts as a report is not documented: taken for one, the strictest.
            limit="reports",
            stands_in_for="authentication_methods",
            source="https://learn.microsoft.com/graph/api/authentication-list-methods",
            table=Table(
                "registered_methods",
                doc="One row per user and registered method, passwords included; a deleted user has none.",
                key=("user_id", "method_id"),
                is_tracked=True,
                columns=(
                    Column("user_id", TEXT, "{user_id}", "Object id of the user."),
                    Column(
                        "method_id", TEXT, "id", "Id of the method; a password's is the same for all.", required=True
                    ),
                    Column(
                        "method_type",
                        TEXT,
                        "@odata.type",
                        "#microsoft.graph.phoneAuthenticationMethod, ...; an open set. A password is no MFA.",
                    ),
                    Column("phone_type", TEXT, "phoneType", "mobile, alternateMobile or office, of a phone."),
                    Column("display_name", TEXT, "displayName", "Name of the device or key, where it has one."),
                    Column("created_at", TIME, "createdDateTime", "When it was registered, where that is told."),
                    Column(
                        "last_used_at",
                        TIME,
                        "lastUsedDateTime",
                        "When it was last used, where that is told.",
                        volatile=True,
                    ),
                ),
            ),
        ),
    ),
)
