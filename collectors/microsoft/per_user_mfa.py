"""Per-user MFA: the state that an administrator set for each user, outside of any policy."""

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.declare import TEXT, Collector, Column, Each, GraphObject, Table


def _every_user(user: Mapping[str, Any]) -> Iterator[str]:
    yield user["id"]


PER_USER_MFA = Collector(
    name="per_user_mfa",
    doc="The per-user MFA state of every user, from beta: v1.0 does not have it.",
    datasets=(
        GraphObject(
            path="/users/{user_id}/authentication/requirements",
            version="beta",
            permissions=("Policy.Read.All",),
            selects=False,
            each=(Each("users", "user_id", _every_user),),
            batched=True,
            source="https://learn.microsoft.com/graph/api/authentication-get?view=graph-rest-beta",
            table=Table(
                "per_user_mfa",
                doc="One row per user; a user deleted during the scan has none.",
                key=("user_id",),
                columns=(
                    Column("user_id", TEXT, "{user_id}", "Object id of the user."),
                    Column(
                        "per_user_mfa_state",
                        TEXT,
                        "perUserMfaState",
                        "disabled, enabled (asked to register; passwords still do) or enforced.",
                    ),
                ),
            ),
        ),
    ),
)
