"""The limits are the documented ones, and a request is charged for what the documentation says."""

from __future__ import annotations

import pytest

from collectors.limiter import Charge, Charges, charges_of
from collectors.limiter.limits import CLASSES, CONDITIONAL_ACCESS, GLOBAL, REPORTS, directory_of

GROUP = "00000000-0000-4000-8000-000000000001"


def test_the_limits_are_those_of_the_documentation() -> None:
    found = {(limit.name, limit.scope, limit.capacity, limit.window_seconds) for c in CLASSES for limit in c.limits}
    assert found == {
        ("reports", "app", 122, 10),
        ("reports", "app+tenant", 5, 10),
        ("signInActivity", "app", 10, 60),
        ("signInActivity", "tenant", 10, 60),
        ("conditionalAccess", "tenant", 1, 1),
        ("directory", "app", 150_000, 20),
        ("directory", "app+tenant", 3_500, 10),
        ("directory", "app+tenant", 5_000, 10),
        ("directory", "app+tenant", 8_000, 10),
        ("global", "app", 130_000, 10),
    }


def test_every_limit_names_its_source() -> None:
    assert all(limit.source.startswith("https://learn.microsoft.com/graph/") for c in CLASSES for limit in c.limits)


@pytest.mark.parametrize(
    ("url", "classes"),
    [
        ("https://graph.microsoft.com/beta/auditLogs/signIns?$top=1000", ["reports", "global"]),
        ("/v1.0/reports/authenticationMethods/userRegistrationDetails?$top=999", ["reports", "global"]),
        (f"/v1.0/users/{GROUP}/authentication/methods", ["reports", "global"]),
        (f"/v1.0/users/{GROUP}/authentication/fido2Methods/{GROUP}", ["reports", "global"]),
        (f"/beta/users/{GROUP}/authentication/requirements", ["directory", "global"]),
        ("/v1.0/users?$select=id,signInActivity&$top=120", ["signInActivity", "directory", "global"]),
        (
            "/v1.0/users?$filter=signInActivity/lastSignInDateTime le 2026-01-01T00:00:00Z",
            ["signInActivity", "directory", "global"],
        ),
        ("/v1.0/users?$select=id", ["directory", "global"]),
        ("/v1.0/identity/conditionalAccess/policies", ["conditionalAccess", "global"]),
        ("/v1.0/identity/conditionalAccess/namedLocations?$top=100", ["conditionalAccess", "global"]),
        ("/v1.0/identityProtection/riskyUsers", ["conditionalAccess", "global"]),
        ("/v1.0/policies/identitySecurityDefaultsEnforcementPolicy", ["directory", "global"]),
        ("/v1.0/tenantRelationships/delegatedAdminRelationships", ["directory", "global"]),
    ],
)
def test_a_request_falls_under_the_classes_of_its_resource(url: str, classes: list[str]) -> None:
    assert [charge.limit_class.name for charge in charges_of(url).charges] == classes


@pytest.mark.parametrize(
    ("url", "units"),
    [
        ("/v1.0/users?$top=999", 2),
        ("/v1.0/users?$select=id&$top=999", 1),
        ("/v1.0/users?%24select=id&%24top=999", 1),
        ("/v1.0/users?$expand=manager", 3),
        ("/v1.0/users?$top=5", 1),
        ("/v1.0/users?$select=id&$top=5", 1),
        (f"/v1.0/groups/{GROUP}/transitiveMembers?$top=999", 5),
        (f"/v1.0/groups/{GROUP}/members?$select=id", 2),
        ("/v1.0/subscribedSkus", 3),
        ("/v1.0/contracts", 3),
        ("/v1.0/organization", 1),
    ],
)
def test_resource_units_are_counted_as_documented(url: str, units: float) -> None:
    assert [charge.cost for charge in charges_of(url).charges if charge.limit_class.name == "directory"] == [units]


@pytest.mark.parametrize(
    ("users", "capacity"), [(None, 3_500), (49, 3_500), (50, 5_000), (500, 5_000), (501, 8_000), (90_000, 8_000)]
)
def test_a_larger_tenant_is_allowed_more(users: int | None, capacity: float) -> None:
    tenant = directory_of(users).tenant
    assert tenant
    assert tenant.capacity == capacity
    assert charges_of("/v1.0/organization", users).first is directory_of(users)


def test_who_shares_a_bucket_is_its_scope() -> None:
    assert REPORTS.app
    assert REPORTS.tenant
    assert CONDITIONAL_ACCESS.tenant
    assert REPORTS.app.key("a", "t1") == REPORTS.app.key("a", "t2") != REPORTS.app.key("b", "t1")
    assert len({REPORTS.tenant.key(app, tenant) for app in "ab" for tenant in "tu"}) == 4
    assert CONDITIONAL_ACCESS.tenant.key("a", "t") == CONDITIONAL_ACCESS.tenant.key("b", "t")


def test_the_same_request_has_the_same_charges() -> None:
    assert charges_of("/v1.0/users?$select=id") is charges_of("/v1.0/users?$select=mail")


def test_a_cost_that_never_fits_is_refused() -> None:
    with pytest.raises(ValueError, match="a cost of 6 never fits a bucket of 5"):
        Charge(REPORTS, 6)


def test_a_bucket_is_charged_once() -> None:
    with pytest.raises(ValueError, match=r"global \(app\) is charged twice"):
        Charges((Charge(REPORTS), Charge(GLOBAL), Charge(GLOBAL)))
    with pytest.raises(ValueError, match="at least one class"):
        Charges(())
