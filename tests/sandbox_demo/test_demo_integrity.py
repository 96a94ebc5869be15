"""Whatever is named exists (groups, members, roles, locations, access containers), unless being gone is the point."""

from __future__ import annotations

import pytest

from sandbox.demo.tenants import TENANTS
from tests.sandbox_demo.conftest import AS_OF, Reader

KEYS = [tenant.key for tenant in TENANTS]
PARTNERS = [tenant.key for tenant in TENANTS if tenant.kind == "partner"]
POLICIES = "v1.0/identity/conditionalAccess/policies"
RELATIONSHIPS = "v1.0/tenantRelationships/delegatedAdminRelationships"
ROLES = "v1.0/roleManagement/directory"
GONE = {("lodz", "Stara grupa")}
"""Groups that a policy names although they were deleted."""

STATUSES = {
    "created",
    "approvalPending",
    "approved",
    "activating",
    "active",
    "expiring",
    "expired",
    "terminationRequested",
    "terminating",
    "terminated",
}
GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"


def ids(reader: Reader, key: str, path: str) -> set[str]:
    return {row["id"] for row in reader.rows(key, path)}


@pytest.mark.parametrize("key", KEYS)
def test_ids_are_unique(reader: Reader, key: str) -> None:
    for path in ("v1.0/users", "v1.0/groups", POLICIES, f"{ROLES}/roleAssignments", f"{ROLES}/roleDefinitions"):
        rows = reader.rows(key, path)
        assert len({row["id"] for row in rows}) == len(rows)
    names = [user["userPrincipalName"].lower() for user in reader.rows(key, "v1.0/users")]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("key", KEYS)
def test_policies_name_what_exists(reader: Reader, key: str) -> None:
    groups, users = ids(reader, key, "v1.0/groups"), ids(reader, key, "v1.0/users")
    roles = ids(reader, key, f"{ROLES}/roleDefinitions")
    locations = ids(reader, key, "v1.0/identity/conditionalAccess/namedLocations")
    missing = set()
    for policy in reader.rows(key, POLICIES):
        named = policy["conditions"]["users"]
        for side in ("include", "exclude"):
            assert set(named[f"{side}Users"]) <= users | {"All"}
            assert set(named[f"{side}Roles"]) <= roles
            missing |= set(named[f"{side}Groups"]) - groups
        places = policy["conditions"]["locations"] or {"includeLocations": [], "excludeLocations": []}
        assert set(places["includeLocations"] + places["excludeLocations"]) <= locations | {"All", "AllTrusted"}
    assert len(missing) == sum(tenant == key for tenant, _ in GONE)
    for group in missing:
        assert reader.body(key, f"v1.0/groups/{group}/transitiveMembers.error")["status"] == 404


@pytest.mark.parametrize("key", KEYS)
def test_group_members_exist(reader: Reader, key: str) -> None:
    known = ids(reader, key, "v1.0/users") | ids(reader, key, "v1.0/groups")
    deleted = {reader.cases["deleted-mid-scan"]["account_id"]}
    for group in ids(reader, key, "v1.0/groups"):
        assert reader.members(key, group) <= known | deleted


@pytest.mark.parametrize("key", KEYS)
def test_transitive_members_are_those_of_every_level(reader: Reader, key: str) -> None:
    direct = {group: ids(reader, key, f"v1.0/groups/{group}/members") for group in ids(reader, key, "v1.0/groups")}

    def below(group: str) -> set[str]:
        return direct[group].union(*(below(member) for member in direct[group] if member in direct))

    for group in direct:
        assert reader.members(key, group) == below(group)


@pytest.mark.parametrize("key", KEYS)
def test_role_holders_exist_or_are_the_partners(reader: Reader, key: str) -> None:
    known = ids(reader, key, "v1.0/users") | ids(reader, key, "v1.0/groups")
    for held in reader.rows(key, f"{ROLES}/roleAssignments"):
        assert held["roleDefinitionId"] in ids(reader, key, f"{ROLES}/roleDefinitions")
        if held["principalOrganizationId"] == reader.tenants[key].id:
            assert held["principalId"] in known
            assert held["principal"]["id"] == held["principalId"]
        else:
            assert held["principalId"] in ids(reader, reader.tenants[key].partner, "v1.0/groups")
            assert "principal" not in held
    for name in ("roleEligibilityScheduleInstances", "roleAssignmentScheduleInstances"):
        assert all(held["principalId"] in known for held in reader.rows(key, f"{ROLES}/{name}"))


@pytest.mark.parametrize("key", KEYS)
def test_sign_ins_are_by_known_people(reader: Reader, key: str) -> None:
    partner = reader.tenants[key].partner
    own = ids(reader, key, "v1.0/users") | {reader.cases["deleted-mid-scan"]["account_id"]}
    policies = ids(reader, key, POLICIES)
    for row in reader.rows(key, "beta/auditLogs/signIns"):
        if row["crossTenantAccessType"] == "serviceProvider" and partner:
            assert row["userId"] in ids(reader, partner, "v1.0/users")
        else:
            assert row["userId"] in own
        assert {one["id"] for one in row["appliedConditionalAccessPolicies"]} <= policies


@pytest.mark.parametrize("key", KEYS)
def test_every_account_has_a_per_user_state_or_a_refusal(reader: Reader, key: str) -> None:
    for user in ids(reader, key, "v1.0/users"):
        path = f"beta/users/{user}/authentication/requirements"
        assert reader.path(key, path).exists() != reader.path(key, f"{path}.error").exists()


@pytest.mark.parametrize("key", KEYS)
def test_federated_domains_say_how(reader: Reader, key: str) -> None:
    for domain in reader.rows(key, "v1.0/domains"):
        configured = reader.rows(key, f"v1.0/domains/{domain['id']}/federationConfiguration")
        assert len(configured) == (domain["authenticationType"] == "Federated")


@pytest.mark.parametrize("key", PARTNERS)
def test_access_containers_are_groups_of_the_partner(reader: Reader, key: str) -> None:
    groups, roles = ids(reader, key, "v1.0/groups"), ids(reader, key, f"{ROLES}/roleDefinitions")
    for relationship in reader.rows(key, RELATIONSHIPS):
        allowed = {role["roleDefinitionId"] for role in relationship["accessDetails"]["unifiedRoles"]}
        assert allowed <= roles
        for given in reader.rows(key, f"{RELATIONSHIPS}/{relationship['id']}/accessAssignments"):
            assert given["accessContainer"]["accessContainerId"] in groups
            assert {role["roleDefinitionId"] for role in given["accessDetails"]["unifiedRoles"]} <= allowed


@pytest.mark.parametrize("key", PARTNERS)
def test_every_customer_has_a_living_relationship_and_stands_in_every_list(reader: Reader, key: str) -> None:
    customers = {tenant.id for tenant in reader.tenants.values() if tenant.partner == key}
    living = {row["customer"]["tenantId"] for row in reader.rows(key, RELATIONSHIPS) if row["status"] == "active"}
    assert living == customers
    listed = reader.rows(key, "v1.0/tenantRelationships/delegatedAdminCustomers")
    assert {row["tenantId"] for row in listed} == customers
    assert {row["customerId"] for row in reader.rows(key, "v1.0/contracts")} == customers
    assert {row["id"] for row in reader.body(key, "partner-center/v1/customers")["items"]} == customers


def test_relationships_of_every_status_and_kind_occur(reader: Reader) -> None:
    rows = [row for key in PARTNERS for row in reader.rows(key, RELATIONSHIPS)]
    given = [
        one["status"]
        for key in PARTNERS
        for row in reader.rows(key, RELATIONSHIPS)
        for one in reader.rows(key, f"{RELATIONSHIPS}/{row['id']}/accessAssignments")
    ]
    assert {row["status"] for row in rows} == STATUSES
    assert set(given) == {"active", "pending", "deleting", "error"}
    assert any(row["displayName"].startswith("MLT_") for row in rows)
    assert any(row["@odata.type"] == "#microsoft.graph.resellerDelegatedAdminRelationship" for row in rows)


def test_some_living_relationships_end_within_a_month(reader: Reader) -> None:
    soon = f"{AS_OF.replace(month=12).isoformat()[:10]}"
    living = [row for key in PARTNERS for row in reader.rows(key, RELATIONSHIPS) if row["status"] == "active"]
    ending = {row["autoExtendDuration"] for row in living if row["endDateTime"][:10] < soon}
    assert ending == {"PT0S", "P180D"}
    full = [
        row
        for row in living
        if GLOBAL_ADMINISTRATOR in {role["roleDefinitionId"] for role in row["accessDetails"]["unifiedRoles"]}
    ]
    assert len(full) == 1
    assert full[0]["autoExtendDuration"] == "PT0S"  # Microsoft does not extend these


@pytest.mark.parametrize("key", PARTNERS)
def test_the_score_counts_what_the_directory_holds(reader: Reader, key: str) -> None:
    enabled = {user["id"] for user in reader.rows(key, "v1.0/users") if user["accountEnabled"]}
    requirements = reader.rows(key, "beta/security/partner/securityScore/requirements")
    admins = next(row for row in requirements if row["requirementType"] == "mfaEnforcedForAdmins")
    assert admins["totalUsersCount"] == len(enabled)
    holders = {held["principalId"] for held in reader.rows(key, f"{ROLES}/roleAssignments")}
    through_groups = set().union(*(reader.members(key, one) for one in holders & ids(reader, key, "v1.0/groups")))
    sync = {reader.cases["entra-connect-sync"]["account_id"]}
    assert admins["totalAdminsCount"] == len((holders | through_groups) & enabled - sync)
    for insight in reader.rows(key, "beta/security/partner/securityScore/customerInsights"):
        customer = next(one.key for one in reader.tenants.values() if one.id == insight["tenantId"])
        living = [user for user in reader.rows(customer, "v1.0/users") if user["accountEnabled"]]
        assert insight["mfa"]["totalUsersCount"] == len(living)


@pytest.mark.parametrize("key", PARTNERS)
def test_partner_center_knows_its_callers(reader: Reader, key: str) -> None:
    users = ids(reader, key, "v1.0/users")
    requests = reader.body(key, "partner-center/v1/partnerRequests")
    portal = reader.body(key, "partner-center/v1/nonMfaCompliantPartnerPrincipals")
    days = reader.body(key, "partner-center/v1/applicationmfaadoptionstatus")
    assert requests["totalCount"] == len(requests["items"]) > 0
    assert portal["totalCount"] == len(portal["items"])
    assert {row["objectId"] for row in requests["items"] + portal["items"]} <= users
    assert sum(day["totalRequestCount"] for day in days) == len(requests["items"])
    assert sum(day["mfaCompliantRequestCount"] for day in days) == sum(row["mfaCompliant"] for row in requests["items"])
