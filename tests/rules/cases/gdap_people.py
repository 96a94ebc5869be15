"""GDAP hygiene: who has access, and to which customers."""

from __future__ import annotations

from tests.judge.orgs import Org, guest, tenant_id
from tests.rules.case import (
    GROUP,
    NOTHING,
    PARTNERS_ONLY,
    RELATIONSHIPS,
    Case,
    customer,
    denied,
    gdap,
    good,
    refused,
    relationship,
)

GROUPS, SHADOW, CUST = "GDAP.GROUP.1v1", "GDAP.SHADOW.1v1", "GDAP.CUST.1v1"

FILLED = [
    Case(name="one member", rule_id=GROUPS, org=gdap(), result="pass", counts=(1, 0, 0)),
    Case(
        name="a group that is deleted",
        rule_id=GROUPS,
        org=gdap(members={}),
        result="fail",
        counts=(1, 1, 0),
        findings=[f"The group {GROUP} does not exist any more, and GDAP gives it roles in customers: 1."],
    ),
    Case(
        name="nobody",
        rule_id=GROUPS,
        org=gdap(members={GROUP: []}),
        result="fail",
        counts=(1, 1, 0),
        findings=[f"The group {GROUP} has no members, and GDAP gives it roles in customers: 1."],
    ),
    Case(
        name="everybody",
        rule_id=GROUPS,
        org=gdap(members={GROUP: [f"u{number}" for number in range(51)]}),
        result="fail",
        counts=(1, 1, 0),
        findings=[f"The group {GROUP} has members: 51, and GDAP gives it roles in customers: 1."],
    ),
    Case(
        name="members unread",
        rule_id=GROUPS,
        org=refused(f"v1.0/groups/{GROUP}/transitiveMembers", of=gdap()),
        result="not_assessed",
        reason=denied("group_members", f"v1.0/groups/{GROUP}/transitiveMembers"),
    ),
    Case(name="no access", rule_id=GROUPS, org=gdap(assignments={}), result="not_applicable", reason=NOTHING),
    Case(name="a customer", rule_id=GROUPS, org=customer(), result="not_applicable", reason=PARTNERS_ONLY),
]


def leading_to(name: str) -> Org:
    """Return a partner whose technician u1 may enter the customer of that name."""
    return gdap(relationship(customer={"tenantId": tenant_id(name), "displayName": "Cust"}))


SHADOWS = [
    Case(
        name="a guest of somebody else",
        rule_id=SHADOW,
        tenant="technician",
        org=leading_to("entered"),
        beside={"entered": customer(partner="technician", users=[guest("g1", mail="else@home.example")])},
        result="pass",
        counts=(1, 0, 0),
    ),
    Case(
        name="a guest of the same person",
        rule_id=SHADOW,
        tenant="shadowed",
        org=leading_to("shadow"),
        beside={"shadow": customer(partner="shadowed", users=[guest("g1", mail="U1@x.example")])},
        result="fail",
        counts=(1, 1, 0),
        findings=["u1@x.example has GDAP access and is a guest, too, in: Cust."],
    ),
    Case(
        name="a customer that nobody scans",
        rule_id=SHADOW,
        org=gdap(),
        result="not_assessed",
        counts=(1, 0, 1),
        reason="1 of 1 accounts: of a customer that they may enter the users are not read",
    ),
    Case(name="a customer", rule_id=SHADOW, org=customer(), result="not_applicable", reason=PARTNERS_ONLY),
]

CONTRACT = {"v1.0/contracts": [{"id": "k1", "customerId": "other", "displayName": "Other"}]}
REACHED = [
    Case(name="a living relationship", rule_id=CUST, org=gdap(), result="pass", counts=(1, 0, 0)),
    Case(
        name="a contract alone",
        rule_id=CUST,
        org=gdap(files=CONTRACT),
        result="fail",
        counts=(2, 1, 0),
        findings=["No living GDAP relationship leads to Other."],
    ),
    Case(
        name="a relationship that is over",
        rule_id=CUST,
        org=gdap(relationship(status="terminated"), assignments={}),
        result="fail",
        counts=(1, 1, 0),
        findings=["No living GDAP relationship leads to Cust."],
    ),
    Case(
        name="a status nobody knows",
        rule_id=CUST,
        org=gdap(relationship(status="hibernating"), assignments={}),
        result="not_assessed",
        counts=(1, 0, 1),
        reason="1 of 1 customers: the status of a relationship could not be understood",
    ),
    Case(
        name="relationships unread",
        rule_id=CUST,
        org=refused(RELATIONSHIPS),
        result="not_assessed",
        reason=denied("gdap_relationships", RELATIONSHIPS),
    ),
    Case(name="no customer", rule_id=CUST, org=good(), result="not_applicable", reason=NOTHING),
    Case(name="a customer", rule_id=CUST, org=customer(), result="not_applicable", reason=PARTNERS_ONLY),
]

CASES = [*FILLED, *SHADOWS, *REACHED]
