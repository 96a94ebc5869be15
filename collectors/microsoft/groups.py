"""The groups that decide something here, and their members, however deeply nested."""

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.declare import FLAG, TEXT, Collector, Column, Each, GraphList, GraphObject, Table
from collectors.microsoft.gdap import PARTNERS


def _named_by_policy(policy: Mapping[str, Any]) -> Iterator[str]:
    users = (policy.get("conditions") or {}).get("users") or {}
    for side in ("includeGroups", "excludeGroups"):
        yield from users.get(side) or ()


def _holding_a_role(assignment: Mapping[str, Any]) -> Iterator[str]:
    principal = assignment.get("principal") or {}
    if principal.get("@odata.type") == "#microsoft.graph.group":
        yield assignment["principalId"]


def _given_access(assignment: Mapping[str, Any]) -> Iterator[str]:
    container = assignment.get("accessContainer") or {}
    if container.get("accessContainerId"):
        yield container["accessContainerId"]


def _of_agents(group: Mapping[str, Any]) -> Iterator[str]:
    yield group["id"]


NAMED = (
    Each("conditional_access_policies", "group_id", _named_by_policy),
    Each("role_assignments", "group_id", _holding_a_role),
    Each("role_eligibilities", "group_id", _holding_a_role),
    Each("gdap_assignments", "group_id", _given_access),
    Each("agent_groups", "group_id", _of_agents),
)

# Roles of Partner Center. Microsoft makes a group of this name for each.
_AGENTS = ("AdminAgents", "HelpdeskAgents", "SalesAgents")

GROUPS = Collector(
    name="groups",
    doc="The groups that policies, roles, GDAP and Partner Center name, and their members.",
    datasets=(
        GraphList(
            path="/groups",
            permissions=("GroupMember.Read.All",),
            query={"$filter": " or ".join(f"displayName eq '{name}'" for name in _AGENTS)},
            kinds=PARTNERS,
            source="https://learn.microsoft.com/graph/api/group-list",
            table=Table(
                "agent_groups",
                doc="One row per group that stands for a role in Partner Center. Others may bear the same name.",
                key=("group_id",),
                is_tracked=True,
                columns=(
                    Column("group_id", TEXT, "id", "Object id of the group.", required=True),
                    Column("display_name", TEXT, "displayName", "AdminAgents, HelpdeskAgents or SalesAgents."),
                ),
            ),
        ),
        GraphObject(
            path="/groups/{group_id}",
            permissions=("GroupMember.Read.All",),
            each=NAMED,
            source="https://learn.microsoft.com/graph/api/group-get",
            table=Table(
                "groups",
                doc="One row per group that something here names and that exists; a deleted one has no row.",
                key=("group_id",),
                is_tracked=True,
                columns=(
                    Column("group_id", TEXT, "id", "Object id of the group.", required=True),
                    Column("display_name", TEXT, "displayName", "Name of the group."),
                    Column("is_security_enabled", FLAG, "securityEnabled", "Whether access can be given to it."),
                    Column("is_assignable_to_role", FLAG, "isAssignableToRole", "Whether it can hold a role."),
                    Column("membership_rule", TEXT, "membershipRule", "Rule of a dynamic group."),
                ),
            ),
        ),
        GraphList(
            path="/groups/{group_id}/transitiveMembers",
            permissions=("GroupMember.Read.All",),
            page_size=999,
            each=NAMED,
            source="https://learn.microsoft.com/graph/api/group-list-transitivemembers",
            table=Table(
                "group_members",
                doc="One row per group and member, direct or nested, of the groups that something here names.",
                key=("group_id", "member_id"),
                is_tracked=True,
                columns=(
                    Column("group_id", TEXT, "{group_id}", "The group."),
                    Column("member_id", TEXT, "id", "Object id of the member.", required=True),
                    Column("member_type", TEXT, "@odata.type", "#microsoft.graph.user, .group, .device, ..."),
                ),
            ),
        ),
    ),
)
