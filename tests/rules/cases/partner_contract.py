"""The partner's contract: every account in scope really has to do MFA."""

from __future__ import annotations

from typing import Any

from tests.cover.make import policy
from tests.judge.orgs import DEFAULTS, LICENCE, Org
from tests.rules.case import Case, denied, good, refused

POL = "MFA.POL.1v1"
POLICIES = "v1.0/identity/conditionalAccess/policies"


def policies(*found: dict[str, Any], **more: Any) -> Org:
    """Return a partner without security defaults and with these policies."""
    return good(**{"has_defaults": False, "policies": found, **more})


CASES = [
    Case(name="security defaults", rule_id=POL, org=good(), result="pass", counts=(1, 0, 0)),
    Case(name="a policy", rule_id=POL, org=policies(policy()), result="pass", counts=(1, 0, 0)),
    Case(
        name="neither",
        rule_id=POL,
        org=policies(policy(state="disabled")),
        result="fail",
        counts=(1, 1, 0),
        findings=[
            (
                "Security defaults are off, and none of the enabled Conditional Access policies (0) names MFA for all "
                "users and all apps."
            )
        ],
    ),
    Case(
        name="a policy nobody understands",
        rule_id=POL,
        org=policies(policy(state="rehearsed")),
        result="not_assessed",
        counts=(1, 0, 1),
        reason=(
            "security defaults are not on, or unread, and a Conditional Access policy could not be read or understood"
        ),
    ),
    Case(
        name="security defaults prove it without the policies",
        rule_id=POL,
        org=good(failures={POLICIES: LICENCE}),
        result="pass",
        counts=(1, 0, 0),
    ),
    Case(
        name="policies prove it without security defaults",
        rule_id=POL,
        org=refused(DEFAULTS, of=policies(policy())),
        result="pass",
        counts=(1, 0, 0),
    ),
    Case(
        name="security defaults are off and the policies unread",
        rule_id=POL,
        org=refused(POLICIES, of=policies()),
        result="not_assessed",
        reason=denied("conditional_access_policies", POLICIES),
    ),
    Case(
        name="no policy and security defaults unread",
        rule_id=POL,
        org=refused(DEFAULTS),
        result="not_assessed",
        reason=denied("security_defaults", DEFAULTS),
    ),
]
