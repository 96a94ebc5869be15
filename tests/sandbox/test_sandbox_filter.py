"""``$filter``, ``$select``, ``$expand``, ``$orderby``: what is understood, and that the rest is refused."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.odata_filter import FilterError, compile_filter, instant
from tests.sandbox.cloud import Cloud, people

TEXTS = st.text(alphabet="ab'éA /(),:%&", max_size=6)
NAMES = st.sampled_from(["s", "n", "b", "missing"])
ITEM = st.fixed_dictionaries(
    {"s": TEXTS | st.none(), "n": st.integers(-5, 5) | st.none(), "b": st.booleans() | st.none()},
    optional={"tags": st.lists(TEXTS, max_size=3), "deep": st.fixed_dictionaries({"n": st.integers(-5, 5)})},
)
LITERALS = TEXTS | st.integers(-5, 5) | st.booleans() | st.none()
OPERATORS = st.sampled_from(["eq", "ne", "gt", "ge", "lt", "le"])


def written(literal: Any) -> str:
    if isinstance(literal, str):
        return "'" + literal.replace("'", "''") + "'"
    if literal is None or isinstance(literal, bool):
        return {True: "true", False: "false", None: "null"}[literal]
    return str(literal)


# An expression beside the Python that means the same: (text, test).
def comparison(name: str, operator: str, literal: Any) -> tuple[str, Any]:
    def test(item: dict[str, Any]) -> bool:
        found = item.get(name)
        if isinstance(literal, str):
            found, wanted = found.casefold() if isinstance(found, str) else None, literal.casefold()
        elif literal is None:
            return operator in ("eq", "ne") and (found is None) == (operator == "eq")
        else:
            found, wanted = found if type(found) is type(literal) else None, literal
        if operator in ("eq", "ne"):
            return (found == wanted) == (operator == "eq")
        if found is None:
            return False
        return {"gt": found > wanted, "ge": found >= wanted, "lt": found < wanted, "le": found <= wanted}[operator]

    return f"{name} {operator} {written(literal)}", test


def any_tag(literal: str) -> tuple[str, Any]:
    return (
        f"tags/any(t:t eq {written(literal)})",
        lambda item: any(tag.casefold() == literal.casefold() for tag in item.get("tags", [])),
    )


def starts(name: str, literal: str) -> tuple[str, Any]:
    def test(item: dict[str, Any]) -> bool:
        found = item.get(name)
        return isinstance(found, str) and found.casefold().startswith(literal.casefold())

    return f"startsWith({name}, {written(literal)})", test


LEAVES = (
    st.builds(comparison, NAMES, OPERATORS, LITERALS)
    | st.builds(any_tag, TEXTS)
    | st.builds(starts, st.sampled_from(["s", "missing"]), TEXTS)
)


def joined(word: str, left: tuple[str, Any], right: tuple[str, Any]) -> tuple[str, Any]:
    both = {"and": lambda item: left[1](item) and right[1](item), "or": lambda item: left[1](item) or right[1](item)}
    return f"({left[0]}) {word} ({right[0]})", both[word]


EXPRESSIONS = st.recursive(
    LEAVES,
    lambda inner: (
        st.builds(joined, st.sampled_from(["and", "or"]), inner, inner)
        | inner.map(lambda one: (f"not ({one[0]})", lambda item: not one[1](item)))
    ),
    max_leaves=6,
)


@given(expression=EXPRESSIONS, item=ITEM)
def test_an_expression_means_what_it_says(expression: tuple[str, Any], item: dict[str, Any]) -> None:
    text, meaning = expression
    assert compile_filter(text).test(item) == meaning(item)


@given(leaves=st.lists(LEAVES, min_size=3, max_size=3), item=ITEM)
def test_and_binds_tighter_than_or_and_not_tighter_than_and(leaves: list[tuple[str, Any]], item: Any) -> None:
    (a, in_a), (b, in_b), (c, in_c) = leaves
    assert compile_filter(f"{a} or {b} and {c}").test(item) == (in_a(item) or (in_b(item) and in_c(item)))
    assert compile_filter(f"not {a} and {b}").test(item) == ((not in_a(item)) and in_b(item))


@given(
    left=st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)),
    right=st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)),
    hours=st.integers(-12, 12),
)
def test_times_compare_as_moments(left: datetime, right: datetime, hours: int) -> None:
    zone = timezone(timedelta(hours=hours))
    one, other = left.replace(tzinfo=UTC), right.replace(tzinfo=UTC).astimezone(zone)
    text = f"at ge {other.isoformat()}"
    assert compile_filter(text).test({"at": one.isoformat().replace("+00:00", "Z")}) == (one >= other)


@pytest.mark.parametrize(
    ("early", "late"),
    [
        ("2026-11-23T10:00:00.1234566Z", "2026-11-23T10:00:00.1234567Z"),  # seven digits, as Graph sends them
        ("2026-11-23T10:00:00Z", "2026-11-23T10:00:00.1Z"),
        ("2026-11-23", "2026-11-23T00:00:01Z"),
        ("2026-11-23T10:00Z", "2026-11-23T10:00:01Z"),
        ("2026-11-23T23:30:00+02:00", "2026-11-23T22:00:00Z"),
    ],
)
def test_fractions_and_offsets_count(early: str, late: str) -> None:
    assert (instant(early) or 0) < (instant(late) or 0)
    assert compile_filter(f"at lt {late}").test({"at": early})
    assert not compile_filter(f"at ge {late}").test({"at": early})


@pytest.mark.parametrize("text", ["2026-13-01", "2026-02-30T00:00:00Z", "yesterday", "", None, 7, "2026-11-23T25:00Z"])
def test_what_is_no_time_has_no_instant(text: Any) -> None:
    assert instant(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "displayName",
        "displayName eq",
        "displayName eq 'open",
        "eq 'x'",
        "displayName = 'x'",
        "displayName has 'x'",
        "contains(displayName,'x')",
        "endswith(displayName,'x')",
        "displayName eq 'a' or",
        "(displayName eq 'a'",
        "displayName eq 'a')",
        "displayName eq 'a' displayName eq 'b'",
        "'a' eq displayName",
        "displayName eq mail",
        "displayName in ('a','b')",
        "startsWith(displayName)",
        "startsWith(displayName,7)",
        "tags/any(t t eq 'x')",
        "tags/any(t: displayName eq 'x')",
        "tags/all(t: t eq 'x')",
        "createdDateTime ge 2026-02-30T00:00:00Z",
        "createdDateTime ge '2026-02-01T00:00:00Z'",
        "id eq 1x",
        "id eq ;",
        "not",
        "(" * 500 + "id eq '1'" + ")" * 500,
        "not " * 5000 + "id eq '1'",
    ],
)
def test_anything_else_is_refused(cloud: Cloud, text: str) -> None:
    with pytest.raises(FilterError):
        compile_filter(text)
    reply = cloud.get(f"/v1.0/users?$filter={quote(text)}")
    assert (reply.status, reply.code) == (400, "BadRequest")
    assert reply.json()["error"]["message"].startswith("Invalid filter clause: ")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("status eq 'active'", ["1", "3"]),
        ("STATUS EQ 'active'", None),
        ("status EQ 'ACTIVE' AND NOT(id eq '1')", ["3"]),
        ("customer/tenantId eq 52eaad04-13a2-4a2f-9ce8-93a294fadf36", ["2"]),
        ("endDateTime gt 2026-01-01", ["1"]),
        ("endDateTime eq null", ["3"]),
        ("endDateTime ne null", ["1", "2"]),
        ("accessDetails/unifiedRoles/any(r: r/roleDefinitionId eq 'x')", ["1"]),
        ("accessDetails/unifiedRoles/any()", ["1"]),
        ("displayName eq 'O''Brien & Söhne'", ["2"]),
    ],
)
def test_relationships_are_filtered(cloud: Cloud, text: str, wanted: list[str] | None) -> None:
    path = "v1.0/tenantRelationships/delegatedAdminRelationships"
    one = {"id": "1", "status": "active", "endDateTime": "2026-02-01T00:00:00.0000001Z"}
    two = {"id": "2", "status": "terminated", "endDateTime": "2025-02-01T00:00:00Z", "displayName": "O'Brien & Söhne"}
    cloud.put(
        path,
        [
            one | {"accessDetails": {"unifiedRoles": [{"roleDefinitionId": "X"}]}},
            two | {"customer": {"tenantId": "52eaad04-13a2-4a2f-9ce8-93a294fadf36"}},
            {"id": "3", "status": "active", "endDateTime": None},
        ],
    )
    reply = cloud.get(f"/{path}?$filter={quote(text)}")
    if wanted is None:  # property names are exact
        assert reply.status == 400
    else:
        assert [row["id"] for row in reply.value] == wanted


class TestSignIns:
    PATH = "beta/auditLogs/signIns"

    @pytest.fixture(autouse=True)
    def some(self, cloud: Cloud) -> None:
        kinds = {"1": ["interactiveUser"], "2": ["nonInteractiveUser"], "3": ["servicePrincipal"], "4": None}
        days = {"1": "21T10:00:00Z", "2": "22T10:00:00Z", "3": "23T10:00:00Z", "4": "20T10:00:00.0000001Z"}
        rows = [
            {"id": key, "createdDateTime": f"2026-11-{day}", **({"signInEventTypes": kinds[key]} if kinds[key] else {})}
            for key, day in days.items()
        ]
        cloud.put(self.PATH, [*rows, {"id": "5", "createdDateTime": "2026-11-24T10:00:00Z", **self.both()}])

    @staticmethod
    def both() -> dict[str, Any]:
        return {"signInEventTypes": ["interactiveUser", "nonInteractiveUser"]}

    @pytest.mark.parametrize(
        ("text", "wanted"),
        [
            ("", ["5", "1", "4"]),
            ("createdDateTime ge 2026-11-21T00:00:00Z", ["5", "1"]),
            ("signInEventTypes/any(t: t eq 'nonInteractiveUser')", ["5", "2"]),
            ("signInEventTypes/any(t: t eq 'interactiveUser' or t eq 'nonInteractiveUser')", ["5", "2", "1"]),
            ("signInEventTypes/any(t:t eq 'servicePrincipal') and createdDateTime lt 2026-11-24T00:00:00Z", ["3"]),
        ],
    )
    def test_interactive_ones_newest_first_unless_asked(self, cloud: Cloud, text: str, wanted: list[str]) -> None:
        assert [row["id"] for row in cloud.get(f"/{self.PATH}?$filter={quote(text)}").value] == wanted

    def test_an_order_may_be_asked_for(self, cloud: Cloud) -> None:
        found = cloud.get(f"/{self.PATH}?$orderby=createdDateTime%20asc&$top=1000").value
        assert [row["id"] for row in found] == ["4", "1", "5"]

    def test_v1_has_no_event_types_to_filter_by(self, cloud: Cloud) -> None:
        cloud.put("v1.0/auditLogs/signIns", [{"id": "1", "createdDateTime": "2026-11-21T10:00:00Z"}])
        expression = quote("signInEventTypes/any(t: t eq 'interactiveUser')")
        reply = cloud.get(f"/v1.0/auditLogs/signIns?$filter={expression}")
        assert reply.status == 400
        assert "'signInEventTypes' on type 'microsoft.graph.signIn'" in reply.json()["error"]["message"]


def test_select_keeps_what_was_asked_and_annotations(cloud: Cloud) -> None:
    cloud.put("v1.0/users", [{"@odata.type": "#microsoft.graph.user", "id": "1", "mail": None, "displayName": "A"}])
    assert cloud.get("/v1.0/users?$select=mail,%20displayName").value == [
        {"@odata.type": "#microsoft.graph.user", "mail": None, "displayName": "A"}
    ]
    assert cloud.get("/v1.0/users?$select=*").value[0]["id"] == "1"
    assert cloud.get("/v1.0/users?$select=").value[0]["id"] == "1"


def test_users_come_with_their_id_when_their_activity_is_asked(cloud: Cloud) -> None:
    cloud.put("v1.0/users", people(1))
    assert set(cloud.get("/v1.0/users?$select=displayName").value[0]) == {"displayName"}
    assert set(cloud.get("/v1.0/users?$select=signInActivity").value[0]) == {"id", "signInActivity"}


@pytest.mark.parametrize("target", ["/v1.0/users", "/v1.0/users/1"])
def test_a_property_that_nobody_knows_is_refused(cloud: Cloud, target: str) -> None:
    cloud.put("v1.0/users", [{"id": "1", "perUserMfaState": "enabled"}])
    assert cloud.get(f"{target}?$select=perUserMfaState").status == 200  # present in the data
    assert cloud.get(f"{target}?$select=employeeType").status == 200  # documented
    reply = cloud.get(f"{target}?$select=id,isAdmin")
    assert (reply.status, reply.code) == (400, "BadRequest")
    assert reply.json()["error"]["message"] == (
        "Parsing OData Select and Expand failed: "
        "Could not find a property named 'isAdmin' on type 'microsoft.graph.user'."
    )


def test_a_property_that_nobody_knows_cannot_filter_or_sort(cloud: Cloud) -> None:
    cloud.put("v1.0/users", people(1))
    assert cloud.get("/v1.0/users?$filter=isAdmin%20eq%20true").status == 400
    assert cloud.get("/v1.0/users?$orderby=isAdmin").status == 400
    assert cloud.get("/v1.0/users?$select=signInActivity/lastSignInDateTime").status == 400


def test_documented_properties_hold_for_an_empty_list(cloud: Cloud) -> None:
    assert cloud.get("/v1.0/users?$select=id,assignedLicenses").status == 200
    assert cloud.get("/v1.0/users?$select=id,isAdmin").status == 400
    assert cloud.get("/beta/auditLogs/signIns?$select=authenticationRequirement").status == 200
    assert cloud.get("/v1.0/auditLogs/signIns?$select=authenticationRequirement").status == 400
    assert cloud.get("/v1.0/groups/g/transitiveMembers?$select=id,appId,membershipRule").status == 200
    assert cloud.get("/v1.0/groups/g/transitiveMembers?$select=isAdmin").status == 400
    assert cloud.get("/v1.0/users/u/authentication/methods?$select=x").status == 200  # nothing is known of this type


@pytest.mark.parametrize(
    "query",
    [
        "$skip=5",
        "$search=%22x%22",
        "$format=json",
        "$apply=x",
        "$expand=manager",
        "$count=yes",
        "$orderby=displayName%20up",
        "$orderby=displayName%20asc%20desc",
        "$top=1&$top=2",
        "$filter=id%20eq%20'1'&%24filter=id%20eq%20'2'",
        "$nonsense",
    ],
)
def test_other_options_are_refused(cloud: Cloud, query: str) -> None:
    reply = cloud.get(f"/v1.0/users?{query}")
    assert (reply.status, reply.code) == (400, "BadRequest")


def test_an_option_can_be_refused_by_one_list_only(cloud: Cloud) -> None:
    assert cloud.get("/v1.0/subscribedSkus?$filter=id%20eq%20'1'").status == 400
    assert cloud.get("/v1.0/policies/identitySecurityDefaultsEnforcementPolicy?$top=1").status == 400
    assert cloud.get("/v1.0/users/x?$filter=id%20eq%20'1'").status == 400


def test_order_is_by_value_with_null_first(cloud: Cloud) -> None:
    times = ["2026-01-02T00:00:00Z", None, "2026-01-01T23:00:00.5Z", "2026-01-02T01:00:00+02:00"]
    cloud.put("v1.0/users", [{"id": str(place), "createdDateTime": time} for place, time in enumerate(times)])
    found = [row["id"] for row in cloud.get("/v1.0/users?$orderby=createdDateTime").value]
    assert found == ["1", "3", "2", "0"]
    found = [row["id"] for row in cloud.get("/v1.0/users?$orderby=createdDateTime%20desc,id").value]
    assert found == ["0", "2", "3", "1"]


class TestPrincipals:
    PATH = "v1.0/roleManagement/directory/roleAssignments"

    @pytest.fixture(autouse=True)
    def some(self, cloud: Cloud) -> None:
        rows = [{"id": str(place), "principalId": name} for place, name in enumerate(["u", "G", "s", "gone"])]
        own = {"id": "own", "principalId": "u", "principal": {"id": "u", "displayName": "As recorded"}}
        cloud.put(self.PATH, [*rows, own])
        cloud.put("v1.0/users", [{"id": "u", "displayName": "User"}])
        cloud.put("v1.0/groups", [{"id": "g", "displayName": "Group"}])
        cloud.put("v1.0/servicePrincipals", [{"@odata.type": "#microsoft.graph.servicePrincipal", "id": "s"}])

    def test_they_come_when_asked_for(self, cloud: Cloud) -> None:
        found = [row.get("principal") for row in cloud.get(f"/{self.PATH}?$expand=principal").value]
        assert found == [
            {"@odata.type": "#microsoft.graph.user", "id": "u", "displayName": "User"},
            {"@odata.type": "#microsoft.graph.group", "id": "g", "displayName": "Group"},
            {"@odata.type": "#microsoft.graph.servicePrincipal", "id": "s"},
            None,
            {"id": "u", "displayName": "As recorded"},
        ]

    def test_they_stay_away_otherwise(self, cloud: Cloud) -> None:
        assert all("principal" not in row for row in cloud.get(f"/{self.PATH}").value)

    def test_they_stay_beside_a_selection(self, cloud: Cloud) -> None:
        found = cloud.get(f"/{self.PATH}?$expand=principal&$select=id").value[0]
        assert set(found) == {"id", "principal"}

    def test_a_changed_user_changes_them(self, cloud: Cloud) -> None:
        target = f"/{self.PATH}?$expand=principal"
        assert cloud.get(target).value[0]["principal"]["displayName"] == "User"
        cloud.put("v1.0/users", [{"id": "u", "displayName": "Renamed"}])
        assert cloud.get(target).value[0]["principal"]["displayName"] == "Renamed"


def test_a_partner_score_comes_with_its_parts_when_asked(cloud: Cloud) -> None:
    path = "beta/security/partner/securityScore"
    cloud.put(path, {"id": "1", "currentScore": 14.29, "history": [{"id": "inline"}]})
    cloud.put(f"{path}/requirements", [{"id": "r"}])
    assert set(cloud.get(f"/{path}").json()) == {"@odata.context", "id", "currentScore"}
    found = cloud.get(f"/{path}?$expand=requirements,history").json()
    assert (found["requirements"], found["history"]) == ([{"id": "r"}], [{"id": "inline"}])
    assert "history" not in cloud.get(f"/{path}?$expand=requirements").json()
    assert cloud.get(f"/{path}?$expand=customerInsights").json()["customerInsights"] == []
    cloud.put(path, {"value": {"id": "1", "currentScore": 1}})  # as the documentation writes it
    found = cloud.get(f"/{path}?$expand=requirements&$select=id").json()
    assert found["value"] == {"id": "1", "requirements": [{"id": "r"}]}


def test_members_can_be_narrowed_to_users(cloud: Cloud) -> None:
    rows = [{"@odata.type": "#microsoft.graph.user", "id": "1"}, {"@odata.type": "#microsoft.graph.group", "id": "2"}]
    cloud.put("v1.0/groups/g/transitiveMembers", rows)
    target = "/v1.0/groups/g/transitiveMembers/microsoft.graph.user"
    reply = cloud.get(f"{target}?$count=true", ConsistencyLevel="eventual")
    assert (reply.value, reply.json()["@odata.count"]) == (rows[:1], 1)
    assert reply.json()["@odata.context"].endswith("$metadata#users")
    for refused in (cloud.get(f"{target}?$count=true"), cloud.get(target, ConsistencyLevel="eventual")):
        assert (refused.status, refused.code) == (400, "Request_UnsupportedQuery")
    cloud.fail("v1.0/groups/g/transitiveMembers", 404, {"error": {"code": "x", "message": "y"}})
    assert cloud.get(f"{target}?$count=true", ConsistencyLevel="eventual").status == 404
    assert cloud.get("/v1.0/users/microsoft.graph.user?$count=true", ConsistencyLevel="eventual").status == 400
