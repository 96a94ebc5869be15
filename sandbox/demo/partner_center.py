"""Partner Center's own view: customers, requests with and without MFA, and the partner security score.

The score counts what the fleet holds, so that reconciling it with the directory comes out even. The documented
oddities are kept: the score object once bare and once wrapped in ``value``, ``noncomplaint`` beside ``nonCompliant``,
and an insight without the fields that may be absent.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sandbox.demo.credentials import APPS
from sandbox.demo.model import BETA, Account, Directory, Files, Json, collection, stamp, stamp7, uid
from sandbox.demo.policy_table import policies_of
from sandbox.demo.registration import is_registered
from sandbox.demo.tenants import customers_of

NAMESPACE = "#microsoft.graph.partner.security"
SPARSE_INSIGHT = "sakura"
WITHOUT_MFA = frozenset({"federated-no-claim", "duo-custom-control"})
"""Cases that come to Partner Center without the MFA claim."""

OPERATIONS = ("GetCustomers", "GetCustomerSubscriptions", "GetCustomerUsers", "GetInvoices")


def partner_files(directory: Directory, customers: Sequence[Directory]) -> Files:
    """Return the Partner Center files of a partner; nothing for a customer tenant."""
    if directory.tenant.kind != "partner":
        return {}
    requests = _requests(directory)
    portal = [account for account in directory.accounts if account.case in WITHOUT_MFA]
    score = "beta/security/partner/securityScore"
    requirements = _requirements(directory, customers)
    history = _history(directory)
    insights = [_insight(one) for one in customers]
    body = _score(directory, requirements) | {"requirements": requirements, "history": history}
    context = f"{BETA}security/partner/securityScore"
    return {
        "partner-center/v1/customers": _customers(directory),
        "partner-center/v1/nonMfaCompliantPartnerPrincipals": {
            "totalCount": len(portal),
            "items": [_principal(directory, account) for account in portal],
        },
        "partner-center/v1/partnerRequests": {"totalCount": len(requests), "items": requests},
        "partner-center/v1/applicationmfaadoptionstatus": _adoption(directory, requests),  # type: ignore[dict-item]
        score: {"@odata.context": f"{context}/$entity"}
        | (body if directory.tenant.key == "nordlicht" else {"value": body}),
        f"{score}/requirements": collection(f"{context}/requirements", requirements),
        f"{score}/history": collection(f"{context}/history", history),
        f"{score}/customerInsights": collection(f"{context}/customerInsights", insights),
    }


def _customers(directory: Directory) -> Json:
    items = [
        {
            "id": customer.id,
            "commerceId": uid("commerce", customer.key),
            "companyProfile": {
                "tenantId": customer.id,
                "domain": customer.domain,
                "companyName": customer.name,
                "attributes": {"objectType": "CustomerCompanyProfile"},
            },
            "relationshipToPartner": "reseller",
            "attributes": {"objectType": "Customer"},
        }
        for customer in customers_of(directory.tenant)
    ]
    links = {"self": {"uri": "/customers?size=500", "method": "GET", "headers": []}}
    return {"totalCount": len(items), "items": items, "links": links, "attributes": {"objectType": "Collection"}}


def _requests(directory: Directory) -> list[Json]:
    """App+User requests of the last week: the service user's with MFA, the cases' without, newest first."""
    callers = [a for a in directory.accounts if a.case in {"secure-app-model-user", *WITHOUT_MFA}]
    callers = callers or [a for a in directory.of_kind("technician") if a.is_enabled][:1]
    found = []
    for number in range(12):
        caller = callers[number % len(callers)]
        request_id = uid(directory.tenant.key, "partnerRequest", str(number))
        found.append(
            {
                "requestId": request_id,
                "correlationId": uid(request_id),
                "operationName": OPERATIONS[number % len(OPERATIONS)],
                "requestDateTime": stamp7(directory.ago(hours=3 + 13 * number)),
                "ipAddress": f"{directory.tenant.network}.{70 + number}",
                "objectId": caller.id,
                "tenantId": directory.tenant.id,
                "upn": caller.upn,
                "applicationId": APPS[directory.tenant.key].app_id,
                "mfaCompliant": caller.case not in WITHOUT_MFA,
            }
        )
    return found


def _principal(directory: Directory, account: Account) -> Json:
    return {
        "objectId": account.id,
        "tenantId": directory.tenant.id,
        "upn": account.upn,
        "lastNonMfaCompliantLoginDateTime": stamp7(directory.ago(days=2, hours=5)),
    }


def _adoption(directory: Directory, requests: list[Json]) -> list[Json]:
    days: dict[str, list[bool]] = {}
    for request in requests:
        days.setdefault(request["requestDateTime"][:10], []).append(request["mfaCompliant"])
    app = APPS[directory.tenant.key]
    return [
        {
            "loginDate": day,
            "mfaCompliantRequestCount": sum(outcomes),
            "totalRequestCount": len(outcomes),
            "applicationId": app.app_id,
            "applicationName": app.name,
        }
        for day, outcomes in days.items()
    ]


def _policy_states(directory: Directory) -> Json:
    enabled = any(policy.state == "enabled" and "mfa" in policy.grant for policy in policies_of(directory))
    per_user = any(account.per_user != "disabled" for account in directory.accounts)
    return {
        "securityDefaultsStatus": _state(directory.tenant.security_defaults),
        "mfaConditionalAccessPolicyStatus": _state(enabled),
        "legacyPerUserMfaStatus": _state(per_user),
    }


def _state(is_enabled: bool) -> str:
    return "enabled" if is_enabled else "disabled"


def _enabled(directory: Directory) -> list[Account]:
    return [account for account in directory.accounts if account.is_enabled and account.is_listed]


def _insight(directory: Directory) -> Json:
    users = _enabled(directory)
    ready = [account for account in users if is_registered(account)]
    admins = sum(account.is_admin for account in ready)
    mfa = {
        "@odata.type": f"{NAMESPACE}.customerMfaInsight",
        "compliantAdminsCount": admins,
        "compliantNonAdminsCount": len(ready) - admins,
        "totalUsersCount": len(users),
    }
    if directory.tenant.key != SPARSE_INSIGHT:
        mfa |= _policy_states(directory)
    return {"@odata.type": f"{NAMESPACE}.customerInsight", "tenantId": directory.tenant.id, "mfa": mfa}


def _requirements(directory: Directory, customers: Sequence[Directory]) -> list[Json]:
    users = _enabled(directory)
    ready = [account for account in users if is_registered(account)]
    admins = [account for account in users if account.is_admin]
    ready_admins = [account for account in admins if is_registered(account)]
    protected = [one for one in customers if one.tenant.security_defaults or one.tenant.habit == "covered"]
    bad = "noncomplaint" if directory.tenant.key == "nordlicht" else "nonCompliant"
    is_done = len(ready_admins) == len(admins)
    rows: list[tuple[str, str, bool, int, Json]] = [
        (
            "adminsMfaEnforcedSecurityRequirement",
            "mfaEnforcedForAdmins",
            is_done,
            20,
            {
                "totalAdminsCount": len(admins),
                "mfaEnabledAdminsCount": len(ready_admins),
                "adminsRequiredNotUsingMfaCount": len(admins) - len(ready_admins),
                "totalUsersCount": len(users),
                "mfaEnabledUsersCount": len(ready),
                "usersRequiredNotUsingMfaCount": len(users) - len(ready),
                **_policy_states(directory),
            },
        ),
        (
            "customersMfaEnforcedSecurityRequirement",
            "mfaEnforcedForAdminsOfCustomers",
            len(protected) == len(customers),
            20,
            {"compliantTenantCount": len(protected), "totalTenantCount": len(customers)},
        ),
        (
            "responseTimeSecurityRequirement",
            "securityAlertsPromptlyResolved",
            True,
            20,
            {"averageResponseTimeInHours": 7.5},
        ),
        (
            "customersSpendingBudgetSecurityRequirement",
            "spendingBudgetSetForCustomerAzureSubscriptions",
            False,
            10,
            {"customersWithSpendBudgetCount": 1, "totalCustomersCount": len(customers)},
        ),
        ("securityRequirement", "securityContactProvided", True, 10, {}),
    ]
    return [
        {
            "@odata.type": f"{NAMESPACE}.{kind}",
            "id": uid(directory.tenant.key, "requirement", name),
            "requirementType": name,
            "complianceStatus": "compliant" if done else bad,
            "actionUrl": "https://aka.ms/M365MFAWizard",
            "helpUrl": "https://aka.ms/partner-center-security-dashboard-require-mfa",
            "score": points if done else 0,
            "maxScore": points,
            "state": "active",
            "updatedDateTime": stamp7(directory.ago(days=1)),
            **more,
        }
        for kind, name, done, points, more in rows
    ]


def _score(directory: Directory, requirements: list[Json]) -> Json:
    reached = sum(requirement["score"] for requirement in requirements)
    possible = sum(requirement["maxScore"] for requirement in requirements)
    return {
        "@odata.type": f"{NAMESPACE}.partnerSecurityScore",
        "id": uid(directory.tenant.key, "securityScore"),
        "currentScore": round(100 * reached / possible, 2),
        "maxScore": 100.0,
        "lastRefreshDateTime": stamp(directory.ago(hours=9)),
        "updatedDateTime": stamp(directory.ago(days=4)),
    }


def _history(directory: Directory) -> list[Json]:
    return [
        {
            "id": uid(directory.tenant.key, "scoreHistory", str(week)),
            "createdDateTime": stamp(directory.as_of - timedelta(weeks=week)),
            "score": 37.5 if week > 2 else 62.5,
            "compliantRequirementsCount": 2 if week > 2 else 3,
            "totalRequirementsCount": 5,
        }
        for week in range(1, 7)
    ]
