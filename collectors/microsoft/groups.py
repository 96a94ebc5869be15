"""The members, however deeply nested, of just the groups that decide something here."""

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.declare import TEXT, Collector, Column, Each, GraphList, Table


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


GROUPS = Collector(
    name="groups",
    doc="Transitive members of the groups that policies, role assignments and GDAP name.",
    datasets=(
        GraphList(
            path="/groups/{group_id}/transitiveMembers",
            permissions=("GroupMember.Read.All",),
            page_size=999,
            each=(
                Each("conditional_access_policies", "group_id", _named_by_policy),
                Each("role_assignments", "group_id", _holding_a_role),
                Each("gdap_assignments", "group_id", _given_access),
            ),
            source="https://learn.microsoft.com/graph/api/group-list-transitivemembers",
            table=Table(
                "group_members",
                doc="One row per group and member, direct or nested, of the groups that something here names.",
                key=("group_id", "member_id"),
                columns=(
                    Column("group_id", TEXT, "{group_id}", "The group."),
                    Column("member_id", TEXT, "id", "Object id of the member.", required=True),
                    Column("member_type", TEXT, "@odata.type", "#microsoft.graph.user, .group, .device, ..."),
                ),
            ),
        ),
    ),
)
