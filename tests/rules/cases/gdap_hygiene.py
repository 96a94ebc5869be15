"""GDAP hygiene: what a partner may do in its customers."""

from __future__ import annotations

from typing import Any

from tests.judge.orgs import Org
from tests.rules.case import (
    GLOBAL_ADMINISTRATOR,
    GLOBAL_READER,
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

GA, END, EXT = "GDAP.GA.1v1", "GDAP.END.1v1", "GDAP.EXT.1v1"
ROLES, USED, MLT = "GDAP.ROLES.1v1", "GDAP.USED.1v1", "GDAP.MLT.1v1"
PRIVILEGED_ROLE_ADMINISTRATOR = "e8611ab8-c189-46e8-94e1-60213ab1f814"
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

EXTENDING = [
    Case(name="ends by itself", rule_id=EXT, org=gdap(grants(GLOBAL_ADMINISTRATOR)), result="pass", counts=(1, 0, 0)),
    Case(
        name="extends itself without",
        rule_id=EXT,
        org=gdap(relationship(autoExtendDuration="P180D")),
        result="pass",
        counts=(1, 0, 0),
    ),
    Case(
        name="is to extend itself with it",
        rule_id=EXT,
        org=gdap(grants(GLOBAL_ADMINISTRATOR, autoExtendDuration="P180D")),
        result="fail",
        counts=(1, 1, 0),
        findings=[
            (
                "The relationship Relationship r1 with Cust (active) is set to extend itself and holds Global "
                "Administrator: it ends at 2028-01-02 00:00 UTC."
            )
        ],
    ),
    Case(
        name="an extension nobody knows",
        rule_id=EXT,
        org=gdap(grants(GLOBAL_ADMINISTRATOR, autoExtendDuration="P365D")),
        result="not_assessed",
        counts=(1, 0, 1),
        reason="1 of 1 relationships: the roles, the extension or the status could not be understood",
    ),
    Case(name="a customer", rule_id=EXT, org=customer(), result="not_applicable", reason=PARTNERS_ONLY),
]

LEAST = [
    Case(name="a helpdesk", rule_id=ROLES, org=gdap(), result="pass", counts=(1, 0, 0)),
    Case(
        name="a role that leads to Global Administrator",
        rule_id=ROLES,
        org=gdap(grants(HELPDESK, PRIVILEGED_ROLE_ADMINISTRATOR)),
        result="fail",
        counts=(1, 1, 0),
        findings=[
            (
                "The relationship Relationship r1 with Cust (active) holds 2 roles; of those that lead to Global "
                "Administrator it holds: Privileged Role Administrator."
            )
        ],
    ),
    Case(
        name="thirteen roles",
        rule_id=ROLES,
        org=gdap(grants(*(f"00000000-0000-4000-8000-{number:012}" for number in range(13)))),
        result="fail",
        counts=(1, 1, 0),
        findings=[
            (
                "The relationship Relationship r1 with Cust (active) holds 13 roles; of those that lead to Global "
                "Administrator it holds: none."
            )
        ],
    ),
    Case(
        name="roles nobody told",
        rule_id=ROLES,
        org=gdap(relationship(accessDetails=None)),
        result="not_assessed",
        counts=(1, 0, 1),
        reason="1 of 1 relationships: the roles or the status could not be understood",
    ),
    Case(name="a customer", rule_id=ROLES, org=customer(), result="not_applicable", reason=PARTNERS_ONLY),
]

IN_USE = [
    Case(name="a group has its role", rule_id=USED, org=gdap(), result="pass", counts=(1, 0, 0)),
    Case(
        name="not active yet",
        rule_id=USED,
        org=gdap(relationship(status="activating"), assignments={}),
        result="pass",
        counts=(1, 0, 0),
    ),
    Case(
        name="no group",
        rule_id=USED,
        org=gdap(assignments={}),
        result="fail",
        counts=(1, 1, 0),
        findings=[
            (
                "The relationship Relationship r1 with Cust (active) gives roles to groups: 0; roles of it that no "
                "group "
                "has: 0."
            )
        ],
    ),
    Case(
        name="a role that no group has",
        rule_id=USED,
        org=gdap(grants(HELPDESK, GLOBAL_READER)),
        result="fail",
        counts=(1, 1, 0),
        findings=[
            (
                "The relationship Relationship r1 with Cust (active) gives roles to groups: 1; roles of it that no "
                "group "
                "has: 1."
            )
        ],
    ),
    Case(
        name="a status nobody knows",
        rule_id=USED,
        org=gdap(relationship(status="hibernating"), assignments={}),
        result="not_assessed",
        counts=(1, 0, 1),
        reason="1 of 1 relationships: the roles, the assignments or the status could not be understood",
    ),
    Case(name="a customer", rule_id=USED, org=customer(), result="not_applicable", reason=PARTNERS_ONLY),
]

LEFT_BY_MICROSOFT = [
    Case(name="the partner's own", rule_id=MLT, org=gdap(), result="pass", counts=(1, 0, 0)),
    Case(
        name="Microsoft's",
        rule_id=MLT,
        org=gdap(relationship(displayName="MLT_Cust")),
        result="fail",
        counts=(1, 1, 0),
        findings=["The relationship MLT_Cust with Cust (active) is one that Microsoft made."],
    ),
    Case(
        name="a status nobody knows",
        rule_id=MLT,
        org=gdap(relationship(displayName="MLT_Cust", status="hibernating"), assignments={}),
        result="not_assessed",
        counts=(1, 0, 1),
        reason="1 of 1 relationships: the status could not be understood",
    ),
    Case(name="a customer", rule_id=MLT, org=customer(), result="not_applicable", reason=PARTNERS_ONLY),
]

CASES = [*GLOBAL, *ENDING, *EXTENDING, *LEAST, *IN_USE, *LEFT_BY_MICROSOFT]
