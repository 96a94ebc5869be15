"""Products and their service plans: what a tenant bought, what an account holds.

Ids are Microsoft's own. AAD_PREMIUM is Entra ID P1, AAD_PREMIUM_P2 is P2.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sandbox.demo.model import V1, Directory, Json, collection, stamp

EXCHANGE = ("9aaf7827-d63c-4b61-89c3-182f06f82e5c", "EXCHANGE_S_STANDARD", "exchange")
TEAMS = ("57ff2da0-773e-42df-b2af-ffb7a2317929", "TEAMS1", "TeamspaceAPI")
INTUNE = ("c1ec4a95-1f05-45b3-a911-aa3fa01094f5", "INTUNE_A", "SCO")
P1 = ("41781fb2-bc02-4b7c-bd55-b576c07bb09d", "AAD_PREMIUM", "AADPremiumService")
P2 = ("eec0eb4f-6444-4f95-aba0-50c24d67f998", "AAD_PREMIUM_P2", "AADPremiumService")

BASIC = ("3b555118-da6a-4418-894f-7df1e2096870", "O365_BUSINESS_ESSENTIALS", (EXCHANGE, TEAMS))
PREMIUM = ("cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46", "SPB", (EXCHANGE, TEAMS, INTUNE, P1))
E5 = ("06ebc4ee-1bb5-47dd-8120-11324bc54e06", "SPE_E5", (EXCHANGE, TEAMS, INTUNE, P1, P2))
ROOMS = ("4cde982a-ede4-4409-9ae6-b003453c8ea6", "Microsoft_Teams_Rooms_Pro", (TEAMS, INTUNE, P1))

MAIN = {"free": BASIC, "P1": PREMIUM, "P2": E5}
"""The product that people of a tenant hold, by the tenant's licence."""


def assigned(sku: tuple[str, str, tuple[tuple[str, str, str], ...]] | None, since: datetime) -> Json:
    """Return ``assignedLicenses`` and ``assignedPlans`` of an account that holds this product, or none."""
    if sku is None:
        return {"assignedLicenses": [], "assignedPlans": []}
    plans = [
        {
            "assignedDateTime": stamp(since),
            "capabilityStatus": "Enabled",
            "service": service,
            "servicePlanId": plan_id,
        }
        for plan_id, _, service in sku[2]
    ]
    return {"assignedLicenses": [{"disabledPlans": [], "skuId": sku[0]}], "assignedPlans": plans}


def subscribed_skus(directory: Directory) -> Json:
    """Return the tenant's subscriptions with as many consumed units as accounts hold them."""
    tenant = directory.tenant
    holders: dict[str, int] = {}
    for account in directory.accounts:
        for licence in account.user["assignedLicenses"]:
            holders[licence["skuId"]] = holders.get(licence["skuId"], 0) + 1
    value = [
        {
            "accountId": tenant.id,
            "accountName": tenant.initial_domain.partition(".")[0],
            "appliesTo": "User",
            "capabilityStatus": "Enabled",
            "consumedUnits": holders[sku_id],
            "id": f"{tenant.id}_{sku_id}",
            "prepaidUnits": {"enabled": holders[sku_id] + 5, "lockedOut": 0, "suspended": 0, "warning": 0},
            "servicePlans": [
                {
                    "appliesTo": "User",
                    "provisioningStatus": "Success",
                    "servicePlanId": plan_id,
                    "servicePlanName": name,
                }
                for plan_id, name, _ in plans
            ],
            "skuId": sku_id,
            "skuPartNumber": part,
            "subscriptionIds": [],
        }
        for sku_id, part, plans in (BASIC, PREMIUM, E5, ROOMS)
        if sku_id in holders
    ]
    return collection(f"{V1}subscribedSkus", value)


def organization(directory: Directory) -> Json:
    """Return the tenant itself. ``partnerTenantType`` says partner or not; Microsoft does not map it to programmes."""
    tenant = directory.tenant
    since = directory.as_of - timedelta(days=2600)
    domains = [(tenant.domain, True, False), (tenant.initial_domain, False, True)]
    federated = {one.domain for one in tenant.federated}
    domains += [(name, False, False) for name in sorted(federated) if name != tenant.domain]
    organization = {
        "id": tenant.id,
        "deletedDateTime": None,
        "businessPhones": [],
        "city": tenant.city,
        "country": None,
        "countryLetterCode": tenant.country,
        "createdDateTime": stamp(since),
        "defaultUsageLocation": tenant.country,
        "displayName": tenant.name,
        "marketingNotificationEmails": [],
        "onPremisesLastSyncDateTime": stamp(directory.ago(minutes=22)) if tenant.synced else None,
        "onPremisesSyncEnabled": True if tenant.synced else None,
        "partnerTenantType": "resellerPartnerDelegatedAdmin" if tenant.kind == "partner" else None,
        "preferredLanguage": tenant.people,
        "securityComplianceNotificationMails": [f"security@{tenant.domain}"],
        "securityComplianceNotificationPhones": [],
        "technicalNotificationMails": [f"it@{tenant.domain}"],
        "tenantType": "AAD",
        "assignedPlans": assigned(MAIN[tenant.licence], since)["assignedPlans"],
        "provisionedPlans": [],
        "verifiedDomains": [
            {
                "capabilities": "Email, OfficeCommunicationsOnline",
                "isDefault": default,
                "isInitial": initial,
                "name": name,
                "type": "Federated" if name in federated else "Managed",
            }
            for name, default, initial in domains
        ],
    }
    return collection(f"{V1}organization", [organization])
