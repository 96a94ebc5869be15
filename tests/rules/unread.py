"""For each dataset that rules need, a tenant in which it could not be read."""

from __future__ import annotations

from collections.abc import Mapping

from tests.checks.world import CATALOGUE
from tests.judge.orgs import DEFAULTS, REPORT, ROLES, Org
from tests.rules.case import GLOBAL_READER, GROUP, RELATIONSHIPS, customer, gdap, refused
from tests.rules.microsoft import ADOPTION, CALLS, INSIGHTS, PRINCIPALS, REQUIREMENTS, SCORE, SUMMARY

# By dataset, what is refused.
PATHS: Mapping[str, str] = {
    "users": "v1.0/users",
    "authentication_methods": REPORT,
    "security_defaults": DEFAULTS,
    "conditional_access_policies": "v1.0/identity/conditionalAccess/policies",
    "sign_ins": "beta/auditLogs/signIns",
    "role_assignments": f"{ROLES}/roleAssignments",
    "groups": f"v1.0/groups/{GROUP}",
    "group_members": f"v1.0/groups/{GROUP}/transitiveMembers",
    "contracts": "v1.0/contracts",
    "gdap_relationships": RELATIONSHIPS,
    "gdap_assignments": f"{RELATIONSHIPS}/r1/accessAssignments",
    "mfa_sign_in_summary": SUMMARY,
    "partner_security_score": SCORE,
    "partner_security_requirements": REQUIREMENTS,
    "partner_customer_insights": INSIGHTS,
    "partner_requests": CALLS,
    "non_mfa_compliant_principals": PRINCIPALS,
    "application_mfa_adoption": ADOPTION,
}


def unread(dataset: str, kind: str) -> Org | None:
    """Return a tenant of the kind in which the dataset cannot be read; ``None`` where nobody asks for it."""
    if kind not in CATALOGUE.dataset(dataset).kinds:
        return None
    # A group holds a role, so that its members are asked for.
    holding = (GROUP, GLOBAL_READER, "/")
    org = gdap(roles=[holding]) if kind == "partner" else customer(members={GROUP: ["u1"]}, roles=[holding])
    return refused(PATHS[dataset], of=org)
