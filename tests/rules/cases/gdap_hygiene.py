"""GDAP hygiene: what a partner may do in its customers."""

from __future__ import annotations

from typing import Any

from tests.judge.orgs import Org
from tests.rules.case import (
    GLOBAL_ADMINISTRATOR,
    HELPDESK,
    NOTHING,
    PARTNERS_ONLY,
    RELATIONSHIPS,
    Case,
    customer,
    denied,
    gdap,
    refused,
    relationship,
)

GA, END = "GDAP.GA.1v1", "GDAP.END.1v1"
DENIED = denied("gdap_relationships", RELATIONSHIPS)


def grants(*roles: str, id_: str = "r1", **changes: Any) -> dict[str, Any]:
    return relationship(id_, accessDetails={"unifiedRoles": [{"roleDefinitionId": role} for role in roles]}, **changes)


GLOBAL = [
    Case(name="a helpdesk", rule_id=GA, org=gdap(), result="pass", counts=(1, 0, 0)),
    Case(
        name="a global administrator",
        rule_id=GA,
        org=gdap(relationship(), grants(HELPDESK, GLOBAL_ADMINISTRATOR, id_="r2")),
        result="fail",
        counts=(2, 1, 0),
        findings=["The relationship Relationship r2 with Cust (active) holds Global Administrator."],
    ),
    Case(
        name="a global administrator that is over",
        rule_id=GA,
        org=gdap(grants(GLOBAL_ADMINISTRATOR, status="expired"), assignments={}),
        result="not_applicable",
        reason=NOTHING,
    ),
    Case(
        name="roles nobody told",
        rule_id=GA,
        org=gdap(relationship(accessDetails=None)),
        result="not_assessed",
        counts=(1, 0, 1),
        reason="1 of 1 relationships: the roles or the status could not be understood",
    ),
    Case(name="relationships unread", rule_id=GA, org=refused(RELATIONSHIPS), result="not_assessed", reason=DENIED),
    Case(name="a customer", rule_id=GA, org=customer(), result="not_applicable", reason=PARTNERS_ONLY),
]


def ends(day: str, extension: str | None = "PT0S") -> Org:
    return gdap(relationship(endDateTime=f"2026-12-{day}T02:00:00Z", autoExtendDuration=extension))


ENDS_SOON = (
    "The relationship Relationship r1 with Cust (active) ends at 2026-12-23 02:00 UTC and does not extend itself."
)
ENDING = [
    Case(name="ends in a year", rule_id=END, org=gdap(), result="pass", counts=(1, 0, 0)),
    Case(name="ends on the 31st day", rule_id=END, org=ends("24"), result="pass", counts=(1, 0, 0)),
    Case(
        name="ends on the 30th day",
        rule_id=END,
        org=ends("23"),
        result="fail",
        counts=(1, 1, 0),
        findings=[ENDS_SOON],
    ),
    Case(name="soon, and extends itself", rule_id=END, org=ends("23", "P180D"), result="pass", counts=(1, 0, 0)),
    *(
        Case(
            name=f"soon, with {extension}",
            rule_id=END,
            org=ends("23", extension),
            result="fail",
            counts=(1, 1, 0),
            findings=[ENDS_SOON],
        )
        for extension in ("P0D", None)
    ),
    Case(
        name="soon, with an extension nobody knows",
        rule_id=END,
        org=ends("23", "P365D"),
        result="not_assessed",
        counts=(1, 0, 1),
        reason="1 of 1 relationships: the end, the extension or the status could not be understood",
    ),
    Case(name="relationships unread", rule_id=END, org=refused(RELATIONSHIPS), result="not_assessed", reason=DENIED),
    Case(name="a customer", rule_id=END, org=customer(), result="not_applicable", reason=PARTNERS_ONLY),
]

CASES = [*GLOBAL, *ENDING]
