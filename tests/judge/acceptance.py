"""The acceptance cases about verdicts, each by its id: a tenant, and what must be found of its accounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from tests.cover.make import BLOCK, EXCHANGE, GLOBAL_ADMIN, HELPDESK, OFFICE_ID, OFFICE_LOCATION, PARTNER_CENTER
from tests.cover.make import policy as graph_policy
from tests.cover.make import strength as graph_strength
from tests.judge.orgs import (
    DEFAULTS,
    LICENCE,
    OTHER_TENANT,
    PERMISSION,
    REPORT,
    ROLES,
    Org,
    claimed,
    guest,
    methods,
    sign_in,
    tenant_id,
    user,
)

SYNC_ROLE = "d29b2b05-8046-44ba-8758-1e26182fcf32"
LEGACY = ["exchangeActiveSync", "other"]
MODERN = ["browser", "mobileAppsAndDesktopClients"]
NOBODY: dict[str, Any] = {"includeUsers": []}
OFFICE = {"includeLocations": [OFFICE_ID]}
OUTSIDE = {"includeLocations": ["All"], "excludeLocations": [OFFICE_ID]}
CUSTOM_STRENGTH = "c0ffee00-0000-4000-8000-000000000001"
FIDO = methods("fido2SecurityKey")
BARE = methods()
GROUP, NESTED = "60000000-0000-4000-8000-000000000001", "60000000-0000-4000-8000-000000000002"
UNIT = "/administrativeUnits/70000000-0000-4000-8000-000000000001"
P2 = {
    "skuId": "p",
    "skuPartNumber": "AAD_PREMIUM_P2",
    "id": "p",
    "capabilityStatus": "Enabled",
    "servicePlans": [{"servicePlanName": "AAD_PREMIUM_P2"}],
}
ROOM = {"skuId": "r", "skuPartNumber": "Microsoft_Teams_Rooms_Pro", "id": "s", "capabilityStatus": "Enabled"}


class Want(NamedTuple):
    """What must be found: the verdict, reasons among those found, reasons that are not, and columns as they are."""

    verdict: str
    reasons: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    columns: Mapping[str, Any] = {}


class Case(NamedTuple):
    """One tenant of a case. ``name`` tells the tenants of a case apart."""

    id: str
    org: Org
    wants: Mapping[str, Want]
    name: str = ""

    @property
    def key(self) -> str:
        return f"{self.id}-{self.name}" if self.name else self.id


def want(verdict: str, *reasons: str, without: tuple[str, ...] = (), **columns: Any) -> Want:
    return Want(verdict, reasons, without, columns)


def policies(*found: dict[str, Any], **more: Any) -> Org:
    """Return a tenant with these policies; each gets an id of its own."""
    return Org(
        policies=[{**each, "id": f"p{at}"} for at, each in enumerate(found, 1)], locations=[OFFICE_LOCATION], **more
    )


def policy(**more: Any) -> dict[str, Any]:
    return graph_policy(**more)


def controls(*built_in: str, operator: str = "OR", **more: Any) -> dict[str, Any]:
    return {"operator": operator, "builtInControls": list(built_in), **more}


def strength(strength_id: str) -> dict[str, Any]:
    return controls(authenticationStrength={"id": strength_id})


def guests(types: str, *tenants: str) -> dict[str, Any]:
    kind = {"membershipKind": "enumerated", "members": list(tenants)} if tenants else {"membershipKind": "all"}
    return {"guestOrExternalUserTypes": types, "externalTenants": kind}


COMPLIANT = want("compliant")
OPEN = want("non_compliant", "REGISTERED_NOT_ENFORCED", protected_by=[])
SESSION = {
    **policy(grant=None),
    "sessionControls": {"signInFrequency": {"value": 1, "type": "hours", "isEnabled": True}},
}

ACCESS = [
    Case(
        "A01",
        policies(policy(state="enabledForReportingButNotEnforced")),
        {"u1": want("non_compliant", "CA_REPORT_ONLY")},
    ),
    Case("A02", policies(SESSION), {"u1": OPEN}),
    Case("A03", policies(policy(signInRiskLevels=["medium", "high"])), {"u1": want("non_compliant", "CA_RISK_ONLY")}),
    Case("A04", policies(policy(grant=controls("mfa", "compliantDevice"))), {"u1": want("at_risk", "CA_MFA_OR_OTHER")}),
    # Anybody can accept terms of use: exact-cover.md says that such an alternative protects nothing.
    Case(
        "A04",
        policies(policy(grant=controls("mfa", termsOfUse=["t1"]))),
        {"u1": want("non_compliant", "CA_MFA_OR_OTHER")},
        "terms",
    ),
    Case(
        "A05",
        policies(policy(grant=controls("mfa", "compliantDevice", operator="AND"))),
        {"u1": want("compliant", protected_by=["ca_policy:p1"], required="full")},
    ),
    *(
        Case(
            "A06",
            policies(policy(grant=strength(f"00000000-0000-0000-0000-00000000000{digit}")), registered={"u1": FIDO}),
            {"u1": want("compliant", required="full")},
            str(digit),
        )
        for digit in (2, 3, 4)
    ),
    Case(
        "A07",
        policies(
            policy(grant=strength(CUSTOM_STRENGTH)),
            strengths=[graph_strength(CUSTOM_STRENGTH, "fido2", "x509CertificateMultiFactor")],
            registered={"u1": FIDO},
        ),
        {"u1": want("compliant", required="full")},
    ),
    Case(
        "A08",
        policies(
            policy(grant=strength(CUSTOM_STRENGTH)),
            strengths=[graph_strength(CUSTOM_STRENGTH, "sms", "password,sms", satisfied="none")],
        ),
        {"u1": want("non_compliant", "STRENGTH_NOT_MFA")},
    ),
    Case(
        "A09",
        policies(
            policy(grant=strength("00000000-0000-0000-0000-000000000004")),
            users=[guest("g1", issuer="mail"), guest("g2")],
            registered={"g1": BARE, "g2": FIDO},
        ),
        {"g1": want("non_compliant", "STRENGTH_NOT_MFA"), "g2": COMPLIANT},
    ),
    Case(
        "A10",
        policies(policy(locations={"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]})),
        {"u1": want("at_risk", "CA_LOCATION_GAP", strict_verdict="non_compliant")},
    ),
    Case(
        "A11",
        policies(policy(platforms={"includePlatforms": ["macOS"]})),
        {"u1": want("at_risk", "CA_PLATFORM_GAP")},
        "platform",
    ),
    Case(
        "A11",
        policies(policy(devices={"deviceFilter": {"mode": "include", "rule": 'device.model -eq "X"'}})),
        {"u1": want("at_risk", "CA_DEVICE_FILTER_GAP")},
        "device",
    ),
    Case("A11", policies(policy(clientAppTypes=["browser"])), {"u1": want("at_risk", "CA_CLIENT_SUBSET")}, "client"),
    Case(
        "A12",
        policies(
            policy(apps={"includeApplications": [], "includeUserActions": ["urn:user:registerdevice"]}),
        ),
        {"u1": OPEN},
    ),
    Case(
        "A13",
        policies(policy(apps={"includeApplications": [], "includeAuthenticationContextClassReferences": ["c1"]})),
        {"u1": OPEN},
    ),
    Case(
        "A14",
        policies(policy(apps={"includeApplications": ["MicrosoftAdminPortals"]})),
        {"u1": want("non_compliant", "CA_APP_SUBSET", required="partial")},
    ),
    Case(
        "A15",
        policies(policy(apps={"excludeApplications": [PARTNER_CENTER]})),
        {"u1": want("at_risk", "CA_APP_EXCLUDED", excluded_apps=[PARTNER_CENTER], severity="high")},
        "partner-center",
    ),
    Case(
        "A15",
        policies(policy(apps={"excludeApplications": ["Office365"]})),
        {"u1": want("at_risk", "CA_APP_EXCLUDED", excluded_apps=["Office365"], severity="medium")},
        "office",
    ),
    Case(
        "A16",
        policies(policy(users={"excludeUsers": ["u1"]}), users=[user("u1"), user("u2")]),
        {"u1": OPEN, "u2": COMPLIANT},
    ),
    Case(
        "A17",
        policies(
            policy(users={"excludeGroups": [GROUP]}),
            users=[user("u1"), user("u2")],
            members={GROUP: [NESTED, "u1"], NESTED: ["u1"]},
        ),
        {"u1": OPEN, "u2": COMPLIANT},
    ),
    Case(
        "A18",
        policies(
            policy(users={**NOBODY, "includeGroups": [GROUP]}),
            users=[user("u1"), user("u2")],
            members={GROUP: [NESTED, "u1"], NESTED: ["u1"]},
        ),
        {"u1": COMPLIANT, "u2": OPEN},
    ),
    Case(
        "A19",
        policies(
            policy(users={**NOBODY, "includeGroups": [GROUP]}),
            members={GROUP: ["u1"]},
            files={
                f"v1.0/groups/{GROUP}": {
                    "id": GROUP,
                    "displayName": "All",
                    "membershipRule": "user.accountEnabled -eq true",
                }
            },
        ),
        {"u1": COMPLIANT},
    ),
    Case(
        "A20",
        policies(
            policy(users={**NOBODY, "includeRoles": [HELPDESK]}),
            members={GROUP: ["u1"]},
            roles=[(GROUP, HELPDESK, "/")],
        ),
        {"u1": want("compliant", is_admin=True)},
    ),
    Case(
        "A21",
        policies(policy(users={**NOBODY, "includeRoles": [GLOBAL_ADMIN]}), eligible=[("u1", GLOBAL_ADMIN, "/")]),
        {"u1": want("non_compliant", "CA_ROLE_ELIGIBLE_ONLY", is_admin=True)},
    ),
    # Activated right now it is no standing protection; assigned for good it is, whatever may be activated besides.
    Case(
        "A21",
        policies(
            policy(users={**NOBODY, "includeRoles": [GLOBAL_ADMIN]}),
            users=[user("activated"), user("standing"), user("in-group")],
            members={GROUP: ["in-group"]},
            roles=[(who, GLOBAL_ADMIN, "/") for who in ("activated", "standing", GROUP)],
            activated=[("activated", GLOBAL_ADMIN, "/")],
            eligible=[(who, GLOBAL_ADMIN, "/") for who in ("activated", "standing", "in-group")],
        ),
        {
            "activated": want("non_compliant", "CA_ROLE_ELIGIBLE_ONLY", is_admin=True),
            "standing": want("compliant", without=("CA_ROLE_ELIGIBLE_ONLY",)),
            "in-group": want("compliant", without=("CA_ROLE_ELIGIBLE_ONLY",)),
        },
        "active",
    ),
    Case(
        "A21",
        policies(
            policy(users={"excludeRoles": [GLOBAL_ADMIN]}),
            users=[user("activated"), user("standing")],
            roles=[(who, GLOBAL_ADMIN, "/") for who in ("activated", "standing")],
            activated=[("activated", GLOBAL_ADMIN, "/")],
            eligible=[(who, GLOBAL_ADMIN, "/") for who in ("activated", "standing")],
        ),
        {"activated": want("at_risk", "CA_ROLE_EXCLUSION_WHEN_ACTIVE"), "standing": OPEN},
        "excluded",
    ),
    # The activation is known although the eligibility was not read.
    Case(
        "A21",
        policies(
            policy(users={**NOBODY, "includeRoles": [GLOBAL_ADMIN]}),
            users=[user("activated"), user("standing")],
            roles=[(who, GLOBAL_ADMIN, "/") for who in ("activated", "standing")],
            activated=[("activated", GLOBAL_ADMIN, "/")],
            files={"v1.0/subscribedSkus": [P2]},
            failures={f"{ROLES}/roleEligibilityScheduleInstances": PERMISSION},
        ),
        {"activated": want("non_compliant"), "standing": COMPLIANT},
        "eligible-unread",
    ),
    # Neither was read: whether the role was activated nobody knows. Who holds none is judged.
    Case(
        "A21",
        policies(
            policy(users={**NOBODY, "includeRoles": [GLOBAL_ADMIN]}),
            users=[user("u1"), user("other")],
            roles=[("u1", GLOBAL_ADMIN, "/")],
            files={"v1.0/subscribedSkus": [P2]},
            failures={
                f"{ROLES}/roleEligibilityScheduleInstances": PERMISSION,
                f"{ROLES}/roleAssignmentScheduleInstances": PERMISSION,
            },
        ),
        {
            "u1": want(
                "indeterminate",
                "SOURCE_UNAVAILABLE(role_eligibilities,not_permitted)",
                "SOURCE_UNAVAILABLE(role_assignment_instances,not_permitted)",
            ),
            "other": OPEN,
        },
        "both-unread",
    ),
    Case(
        "A22",
        policies(policy(users={**NOBODY, "includeRoles": [HELPDESK]}), roles=[("u1", HELPDESK, UNIT)]),
        {"u1": want("non_compliant", "CA_ROLE_AU_SCOPED", "REGISTERED_NOT_ENFORCED", protected_by=[])},
    ),
    # A role that is excluded leaves out nobody who has it in part of the tenant.
    Case(
        "A22",
        policies(policy(users={"excludeRoles": [HELPDESK]}), roles=[("u1", HELPDESK, UNIT)]),
        {"u1": want("compliant", "CA_ROLE_AU_SCOPED")},
        "excluded",
    ),
    # Held in the whole tenant, too; and a role that no policy names.
    Case(
        "A22",
        policies(
            policy(users={**NOBODY, "includeRoles": [HELPDESK]}),
            users=[user("both"), user("other")],
            roles=[("both", HELPDESK, UNIT), ("both", HELPDESK, "/"), ("other", GLOBAL_ADMIN, UNIT)],
        ),
        {
            "both": want("compliant", without=("CA_ROLE_AU_SCOPED",)),
            "other": want("non_compliant", without=("CA_ROLE_AU_SCOPED",)),
        },
        "not",
    ),
    # Through a group that has the role, and for one object instead of a unit.
    Case(
        "A22",
        policies(
            policy(users={**NOBODY, "includeRoles": [HELPDESK]}),
            members={GROUP: ["u1"]},
            roles=[(GROUP, HELPDESK, "/80000000-0000-4000-8000-000000000001")],
        ),
        {"u1": want("non_compliant", "CA_ROLE_AU_SCOPED")},
        "group",
    ),
    Case(
        "A23",
        policies(policy(users={"includeUsers": ["GuestsOrExternalUsers"]}), users=[guest(), user()]),
        {"g1": COMPLIANT, "u1": OPEN},
    ),
    Case(
        "A24",
        policies(
            policy(users={**NOBODY, "includeGuestsOrExternalUsers": guests("b2bCollaborationGuest")}), users=[guest()]
        ),
        {"g1": COMPLIANT},
        "b2b",
    ),
    Case(
        "A24",
        policies(policy(users={**NOBODY, "includeGuestsOrExternalUsers": guests("internalGuest")}), users=[guest()]),
        {"g1": OPEN},
        "internal",
    ),
    Case(
        "A25",
        policies(
            policy(users={"excludeGuestsOrExternalUsers": guests("b2bCollaborationMember")}),
            users=[{**guest(), "userType": "Member"}],
        ),
        {"g1": want("non_compliant", "GUEST_EXCLUDED", protected_by=[])},
    ),
    Case(
        "A26",
        policies(
            policy(users={**NOBODY, "includeGuestsOrExternalUsers": guests("b2bCollaborationGuest", OTHER_TENANT)}),
            users=[guest("g1"), guest("g2"), guest("g3")],
            sign_ins=[
                sign_in("g1", "multiFactorAuthentication", homeTenantId=OTHER_TENANT),
                sign_in("g2", homeTenantId="b2b2b2b2-0000-4000-8000-000000000002"),
            ],
        ),
        # Where the third is at home nothing says.
        {"g1": COMPLIANT, "g2": OPEN, "g3": want("indeterminate", "SOURCE_UNAVAILABLE(users,homeTenantId)")},
    ),
    Case(
        "A27",
        policies(
            policy(users={"excludeGroups": [GROUP]}),
            failures={
                f"v1.0/groups/{GROUP}": (404, "Request_ResourceNotFound", "Resource does not exist."),
                f"v1.0/groups/{GROUP}/transitiveMembers": (404, "Request_ResourceNotFound", "Resource does not exist."),
            },
        ),
        {"u1": want("indeterminate", f"SOURCE_UNAVAILABLE(group_members,{GROUP})")},
        "deleted",
    ),
    Case(
        "A27",
        policies(
            policy(users={**NOBODY, "includeGroups": [GROUP]}),
            members={GROUP: ["u1"]},
            failures={f"v1.0/groups/{GROUP}/transitiveMembers": PERMISSION},
        ),
        {"u1": want("indeterminate", f"SOURCE_UNAVAILABLE(group_members,{GROUP})")},
        "refused",
    ),
    Case(
        "A28",
        policies(policy(grant={"operator": "OR", "customAuthenticationFactors": ["RequireDuoMfa"]})),
        {"u1": want("non_compliant", "CUSTOM_CONTROL_NOT_MFA", protected_by=["custom_control"])},
    ),
    Case(
        "A29",
        policies(policy(), registered={"u1": methods("externalAuthMethod", is_registered=False)}),
        {"u1": want("compliant", registered="external_unknown", protected_by=["ca_policy:p1", "external_mfa"])},
    ),
    Case(
        "A30",
        policies(policy(), federated="enforceMfaByFederatedIdp", registered={"u1": BARE}, sign_ins=[claimed()]),
        {"u1": want("compliant", protected_by=["ca_policy:p1", "federated_idp"])},
        "policy",
    ),
    Case(
        "A30",
        Org(federated="enforceMfaByFederatedIdp", registered={"u1": BARE}, sign_ins=[claimed()]),
        {"u1": want("at_risk", "FEDERATED_MFA_NOT_ENFORCED_IN_ENTRA")},
        "seen",
    ),
    Case(
        "A30",
        Org(federated="enforceMfaByFederatedIdp", registered={"u1": BARE}),
        {"u1": want("indeterminate", "FEDERATED_UNOBSERVED")},
        "unseen",
    ),
    Case(
        "A31",
        policies(policy(locations=OUTSIDE, grant=BLOCK), policy(locations=OFFICE)),
        {"u1": want("compliant", required="full")},
    ),
    Case(
        "A32",
        policies(policy(grant=controls("mfa", "unknownFutureValue", operator="AND"))),
        {"u1": want("non_compliant", "CA_UNKNOWN_VALUE")},
        "new",
    ),
    Case("A32", policies(policy(grant=controls("riskRemediation"))), {"u1": OPEN}, "remediation"),
    Case(
        "A33",
        policies(
            policy(state="disabled"),
            policy(users={**NOBODY, "includeRoles": [GLOBAL_ADMIN]}),
            policy(users={**NOBODY, "includeGroups": [GROUP]}),
            policy(users={"includeUsers": ["GuestsOrExternalUsers"]}),
            users=[user("admin"), user("staff"), guest("g1")],
            members={GROUP: ["staff"]},
            roles=[("admin", GLOBAL_ADMIN, "/")],
        ),
        {"admin": COMPLIANT, "staff": COMPLIANT, "g1": COMPLIANT},
    ),
    Case("A34", policies(policy(users={"excludeUsers": ["u1"]}), SESSION), {"u1": OPEN}),
    Case(
        "A35",
        policies(policy(locations=OUTSIDE), policy(locations=OFFICE)),
        {"u1": want("compliant", "CA_COMPLEMENT", required="full")},
    ),
    Case(
        "A36",
        policies(policy(clientAppTypes=MODERN), policy(clientAppTypes=LEGACY, grant=BLOCK)),
        {"u1": want("compliant", required="full")},
    ),
    Case(
        "A37",
        policies(
            policy(users={"excludeGuestsOrExternalUsers": {"guestOrExternalUserTypes": None, "externalTenants": None}}),
            users=[guest()],
        ),
        {"g1": COMPLIANT},
    ),
    Case(
        "A38",
        policies(
            policy(users={"excludeRoles": [HELPDESK], "excludeGroups": [GROUP]}),
            users=[user("admin"), user("helper"), user("member")],
            members={GROUP: ["member"]},
            roles=[("admin", GLOBAL_ADMIN, "/"), ("helper", HELPDESK, "/")],
        ),
        {"admin": want("compliant", is_admin=True), "helper": OPEN, "member": OPEN},
    ),
]


def method(kind: str, **more: Any) -> dict[str, Any]:
    return {"id": f"m-{kind}", "@odata.type": f"#microsoft.graph.{kind}AuthenticationMethod", **more}


PASSWORD, PASS, KEY = method("password"), method("temporaryAccessPass"), method("fido2")
PHONE, AUTHENTICATOR = method("phone", phoneType="mobile"), method("microsoftAuthenticator")


def unlicensed(*registered: dict[str, Any]) -> Org:
    """Return a tenant without P1, under security defaults, whose one administrator has these methods and a password.

    Everybody may use the Authenticator and SMS; keys only some.
    """
    everybody, some = [{"targetType": "group", "id": "all_users"}], [{"targetType": "group", "id": GROUP}]
    settings = [
        {"id": "MicrosoftAuthenticator", "state": "enabled", "includeTargets": everybody, "excludeTargets": []},
        {"id": "Sms", "state": "enabled", "includeTargets": everybody},
        {"id": "Fido2", "state": "enabled", "includeTargets": some},
    ]
    return Org(
        has_defaults=True,
        failures={REPORT: LICENCE},
        roles=[("u1", HELPDESK, "/")],
        files={
            "v1.0/users/u1/authentication/methods": [PASSWORD, *registered],
            "v1.0/policies/authenticationMethodsPolicy": {
                "id": "authenticationMethodsPolicy",
                "authenticationMethodConfigurations": settings,
            },
        },
    )


MECHANISMS = [
    Case(
        "B01",
        Org(has_defaults=True, failures={REPORT: LICENCE}),
        {
            "u1": want(
                "indeterminate",
                "SOURCE_UNAVAILABLE(authentication_methods,not_licensed)",
                without=("NO_MFA", "REGISTERED_NOT_ENFORCED"),
                protected_by=["security_defaults"],
                required="full",
            )
        },
    ),
    # Whose own methods can be read: by default those of administrators are asked for.
    Case(
        "B01",
        unlicensed(PHONE, AUTHENTICATOR),
        {"u1": want("compliant", registered="capable", protected_by=["security_defaults"])},
        "methods",
    ),
    Case(
        "B01",
        unlicensed(PHONE),
        {"u1": want("compliant", registered="weak_only")},
        "phone",
    ),
    Case(
        "B01",
        unlicensed(),
        {"u1": want("at_risk", "SD_NOT_REGISTERED", registered="none")},
        "password",
    ),
    Case(
        "B01",
        unlicensed(PASS),
        {"u1": want("at_risk", "SD_NOT_REGISTERED", "TEMPORARY_PASS_ONLY", registered="none")},
        "pass",
    ),
    # Registered, and whether the tenant allows it nothing tells.
    Case(
        "B01",
        unlicensed(KEY),
        {"u1": want("indeterminate", "SOURCE_UNAVAILABLE(authentication_methods,not_licensed)", registered="unknown")},
        "not-for-all",
    ),
    Case(
        "B01",
        unlicensed({"id": "m", "@odata.type": "#microsoft.graph.tomorrowsAuthenticationMethod"}),
        {"u1": want("indeterminate", "SOURCE_UNAVAILABLE(authentication_methods,not_licensed)", registered="unknown")},
        "new-kind",
    ),
    Case(
        "B01",
        replace(unlicensed(AUTHENTICATOR), roles=()),
        {"u1": want("indeterminate", "SOURCE_UNAVAILABLE(authentication_methods,not_licensed)", registered="unknown")},
        "not-asked-for",
    ),
    Case(
        "B02",
        Org(has_defaults=True, roles=[("u1", SYNC_ROLE, "/")]),
        {"u1": want("not_applicable", "SYNC_ACCOUNT", contract_scope="out_sync_account", protected_by=[])},
    ),
    Case(
        "B03",
        Org(failures={DEFAULTS: PERMISSION}),
        {"u1": want("indeterminate", "SOURCE_UNAVAILABLE(security_defaults,not_permitted)")},
    ),
    Case(
        "B04",
        Org(has_defaults=True, sign_ins=[sign_in()]),
        {"u1": want("compliant", without=("EVIDENCE_CONTRADICTS_POLICY",), proof="single_factor_seen")},
    ),
    Case(
        "B05",
        policies(policy(), failures={REPORT: PERMISSION}),
        {
            "u1": want(
                "indeterminate",
                "SOURCE_UNAVAILABLE(authentication_methods,not_permitted)",
                protected_by=["ca_policy:p1"],
            )
        },
    ),
    Case("B06", policies(policy(), has_defaults=True), {"u1": want("compliant", "SD_AND_CA")}),
    Case("B07", Org(), {"u1": OPEN}, "off"),
    Case("B07", Org(has_defaults=True), {"u1": COMPLIANT}, "on"),
    Case(
        "C01",
        Org(per_user={"u1": "enabled"}, registered={"u1": BARE}),
        {"u1": want("at_risk", "PERUSER_ENABLED_NOT_ENFORCED", protected_by=["per_user"])},
    ),
    Case("C02", policies(policy()), {"u1": want("compliant", severity=None)}),
    Case("C03", Org(registered={"u1": methods("mobilePhone")}), {"u1": OPEN}),
]

REGISTRATION = [
    Case("D01", Org(), {"u1": OPEN}),
    Case(
        "D02",
        policies(policy(), registered={"u1": methods("mobilePhone", is_capable=False)}),
        {"u1": want("at_risk", "ENFORCED_NOT_REGISTERED", "METHOD_NOT_ALLOWED", registered="registered_not_allowed")},
    ),
    Case(
        "D03",
        policies(policy(), registered={"u1": None}),
        {"u1": want("indeterminate", "REPORT_LATENCY", registered="unknown")},
    ),
    Case(
        "D04",
        policies(policy(), registered={"u1": methods("email", "securityQuestion", is_registered=False)}),
        {"u1": want("at_risk", "ENFORCED_NOT_REGISTERED", registered="none")},
    ),
    Case(
        "D05",
        policies(policy(), registered={"u1": methods("temporaryAccessPassOneTime")}),
        {"u1": want("at_risk", "ENFORCED_NOT_REGISTERED", "TEMPORARY_PASS_ONLY", registered="none")},
    ),
    Case(
        "D06",
        policies(
            policy(grant=strength("00000000-0000-0000-0000-000000000004")),
            users=[user(f"u{at}") for at in range(1, 6)],
            registered={
                "u1": methods("fido2SecurityKey"),
                "u2": methods("passKeyDeviceBound"),
                "u3": methods("x509Certificate"),
                "u4": methods("windowsHelloForBusiness"),
                "u5": methods("mobilePhone"),
            },
        ),
        {**{f"u{at}": COMPLIANT for at in range(1, 5)}, "u5": want("at_risk", "METHOD_NOT_ALLOWED")},
    ),
    Case(
        "D07",
        policies(
            policy(grant=strength("00000000-0000-0000-0000-000000000004")),
            users=[user("u1"), user("u2")],
            registered={"u1": methods("fido2SecurityKey", "password"), "u2": methods("password", "fido2SecurityKey")},
        ),
        {"u1": want("compliant", registered="capable"), "u2": want("compliant", registered="capable")},
    ),
    Case(
        "D08",
        Org(users=[user("u1"), user("u2"), user("u3")], registered={"u2": BARE, "u3": None}),
        {
            "u1": want("non_compliant", registered="capable"),
            "u2": want("non_compliant", "NO_MFA", registered="none"),
            "u3": want("non_compliant", "NO_MFA", registered="unknown"),
        },
    ),
    Case(
        "D09",
        policies(policy(), registered={"u1": {**methods("mobilePhone"), "userPrincipalName": "before@x.example"}}),
        {"u1": want("compliant", registered="weak_only")},
    ),
    Case(
        "D10",
        policies(
            policy(), users=[user("u1"), user("new", createdDateTime="2026-11-22T20:00:00Z")], registered={"new": None}
        ),
        {
            "u1": COMPLIANT,
            "new": want(
                "indeterminate", "REPORT_LATENCY", "NEW_ACCOUNT(until 2026-11-23T20:00Z)", registered="unknown"
            ),
        },
    ),
]

PEOPLE = [
    Case(
        "E01",
        Org(users=[user(accountEnabled=False)], roles=[("u1", GLOBAL_ADMIN, "/")]),
        {"u1": want("not_applicable", "DISABLED", "DISABLED_HAS_ADMIN_ROLE", contract_scope="out_disabled")},
    ),
    Case(
        "E02",
        Org(users=[guest()], registered={"g1": BARE}),
        {"g1": want("non_compliant", "NO_MFA", contract_scope="in_scope")},
    ),
    Case(
        "E03",
        policies(
            policy(),
            users=[user(displayName="Shared mailbox Info", assignedLicenses=[])],
            registered={"u1": BARE},
        ),
        {
            "u1": want(
                "at_risk",
                "SHARED_MAILBOX_SIGNS_IN",
                contract_scope="in_scope",
                account_class="shared_mailbox",
                class_source="name",
            )
        },
    ),
    Case(
        "E04",
        policies(
            policy(apps={"includeApplications": [EXCHANGE]}, grant=controls("compliantDevice")),
            users=[user(assignedLicenses=[{"skuId": "r", "disabledPlans": []}])],
            registered={"u1": BARE},
            files={"v1.0/subscribedSkus": [ROOM]},
        ),
        {
            "u1": want(
                "non_compliant", "ROOM_NO_MFA", contract_scope="in_scope", account_class="room", class_source="licence"
            )
        },
    ),
    Case(
        "E05",
        Org(users=[user(displayName="On-Premises Directory Synchronization Service Account")]),
        {"u1": want("non_compliant", contract_scope="in_scope")},
    ),
    Case(
        "E06",
        Org(users=[user(mail=None, assignedLicenses=[])], roles=[("u1", GLOBAL_ADMIN, "/")]),
        {"u1": want("non_compliant", contract_scope="in_scope", is_admin=True, severity="high")},
    ),
    Case(
        "E07",
        policies(policy(), users=[user(createdDateTime="2026-11-22T20:00:00Z")], registered={"u1": None}),
        {"u1": want("indeterminate", "NEW_ACCOUNT(until 2026-11-23T20:00Z)", proof="no_signin")},
        "no-row",
    ),
    Case(
        "E07",
        policies(policy(), users=[user(createdDateTime="2026-11-22T20:00:00Z")], registered={"u1": BARE}),
        {"u1": want("at_risk", "ENFORCED_NOT_REGISTERED", proof="no_signin")},
        "row",
    ),
    Case(
        "E08",
        policies(
            policy(users={"excludeUsers": ["glass1", "glass2"]}),
            policy(users={"includeUsers": ["glass1"]}, grant=strength("00000000-0000-0000-0000-000000000004")),
            users=[user("glass1", displayName="Break-glass 1"), user("glass2", displayName="Break-glass 2")],
            registered={"glass1": FIDO, "glass2": BARE},
        ),
        {
            "glass1": want("compliant", account_class="break_glass"),
            "glass2": want("non_compliant", "BREAKGLASS_NO_MFA", severity="high"),
        },
    ),
    Case(
        "E09",
        Org(users=[user("jit", displayName="JIT Admin")], roles=[("jit", GLOBAL_ADMIN, "/")]),
        {"jit": want("non_compliant", contract_scope="in_scope", is_admin=True)},
    ),
    # More than the 999 that a page holds.
    Case(
        "E10",
        Org(users=[user(f"u{at}") for at in range(1, 1006)], has_defaults=True),
        {f"u{at}": COMPLIANT for at in (1, 999, 1000, 1005)},
    ),
    Case(
        "E11",
        Org(users=[{key: value for key, value in user().items() if key != "accountEnabled"}]),
        {"u1": want("indeterminate", "SOURCE_UNAVAILABLE(users.accountEnabled,missing)")},
    ),
    Case(
        "E12",
        Org(files={REPORT: [{"id": name, **FIDO} for name in ("u1", "gone")]}, sign_ins=[sign_in("gone")]),
        {"u1": OPEN},
    ),
    # When it was enabled again nothing says, so a grace has no end that could be shown: the verdict stands.
    Case(
        "E13",
        policies(policy(), registered={"u1": BARE}),
        {"u1": want("at_risk", "ENFORCED_NOT_REGISTERED", contract_scope="in_scope")},
    ),
]


def technicians(customer: str) -> Org:
    """Return a partner whose only person reaches a customer through GDAP."""
    path = "v1.0/tenantRelationships/delegatedAdminRelationships"
    roles = [{"roleDefinitionId": HELPDESK}]
    group = {"accessContainerId": GROUP, "accessContainerType": "securityGroup"}
    return Org(
        has_defaults=True,
        members={GROUP: ["u1"]},
        files={
            path: [{"id": "r1", "status": "active", "customer": {"tenantId": customer, "displayName": "Customer"}}],
            f"{path}/r1/accessAssignments": [
                {"id": "a1", "status": "active", "accessContainer": group, "accessDetails": {"unifiedRoles": roles}}
            ],
        },
    )


PROGRAMME = [
    Case(
        "F01", technicians(tenant_id("F01-customer")), {"u1": want("compliant", exposure=["customer_delegated_admin"])}
    ),
    Case(
        "F01",
        Org(kind="customer", partner="F01", users=[user("u2")], roles=[(GROUP, HELPDESK, "/")]),
        {"u2": want("not_applicable", "CUSTOMER_RECOMMENDED", customer_posture="non_compliant", is_admin=False)},
        "customer",
    ),
    Case(
        "F05", technicians(tenant_id("F05-customer")), {"u1": want("compliant", exposure=["customer_delegated_admin"])}
    ),
    Case(
        "F05",
        policies(
            policy(users={"excludeGuestsOrExternalUsers": guests("serviceProvider")}),
            kind="customer",
            partner="F05",
            users=[user("u2")],
        ),
        {"u2": want("not_applicable", customer_posture="compliant")},
        "customer",
    ),
    Case(
        "F06",
        policies(policy(), users=[guest()], registered={"g1": BARE}, trusts=True),
        {"g1": want("compliant", registered="external_unknown")},
        "trusted",
    ),
    Case(
        "F06",
        policies(policy(), users=[guest()], registered={"g1": BARE}),
        {"g1": want("at_risk", "ENFORCED_NOT_REGISTERED", registered="none")},
        "untrusted",
    ),
]

EVIDENCE = [
    Case(
        "G01",
        policies(policy(), sign_ins=[sign_in(conditionalAccessStatus="notApplied")]),
        {"u1": want("compliant", "EVIDENCE_CONTRADICTS_POLICY", confidence="medium", severity="medium")},
    ),
    Case(
        "G02",
        policies(policy(), sign_ins=[sign_in(conditionalAccessStatus="notApplied")], roles=[("u1", GLOBAL_ADMIN, "/")]),
        {"u1": want("compliant", "EVIDENCE_CONTRADICTS_POLICY", severity="high")},
    ),
    Case(
        "G03",
        policies(policy(), sign_ins=[sign_in(isInteractive=False, signInEventTypes=["nonInteractiveUser"])]),
        {"u1": want("compliant", without=("EVIDENCE_CONTRADICTS_POLICY",), proof="no_signin")},
    ),
    Case(
        "G04",
        policies(policy(), sign_ins=[sign_in("u1", "multiFactorAuthentication", status={"errorCode": 50074})]),
        {"u1": want("compliant", proof="no_signin")},
    ),
    Case(
        "G05",
        policies(policy(), sign_ins=[sign_in(clientAppUsed="IMAP4")]),
        {"u1": want("compliant", "LEGACY_SUCCESS", proof="single_factor_seen", severity="medium")},
        "imap",
    ),
    Case(
        "G05",
        policies(policy(), sign_ins=[sign_in(authenticationProtocol="ropc")]),
        {"u1": want("compliant", "LEGACY_SUCCESS", proof="single_factor_seen")},
        "ropc",
    ),
]

CASES = (*ACCESS, *MECHANISMS, *REGISTRATION, *PEOPLE, *PROGRAMME, *EVIDENCE)

# Cases that take more than a verdict, by the test of test_programme.py or test_microsoft.py that tries each.
BESIDE: Mapping[str, str] = {
    "D11": "test_d11_each_percentage_names_its_numerator_and_denominator",
    "F02": "test_f02_a_customer_whose_relationship_ended_stays_and_says_since_when",
    "F03": "test_f03_a_tenant_that_fails_again_and_again_is_shown_and_counted",
    "F04": "test_f04_a_relationship_that_microsoft_made_is_one_like_any_other",
    "F07": "test_f07_the_three_percentages_are_those_that_microsoft_publishes",
    "F08": "test_f08_what_contradicts_itself_is_a_fault_of_the_data_and_passed_on_nowhere",
    "F09": "test_f09_what_microsoft_does_not_say_of_a_customer_is_unknown",
    "F10": "test_f10_a_token_without_mfa_is_told_before_the_scan",
    "G06": "test_g06_a_sum_that_is_not_the_sum_of_its_parts_is_a_fault_of_the_data",
}
# Cases that are not shown, and why.
LEFT: Mapping[str, str] = {
    "H01": "a rule about nothing is for the rules; a verdict is of an account that is there",
    "H02": "answers inside a batch are for the collectors",
    "H03": "tokens are for the collectors",
    "H04": "a lost page is for the collectors; judging what is partial is tried with every dataset of the demo fleet",
    "H05": "policies from a file, as one object: tests/cover; Graph never sends them so",
    "H06": "policies from a file, in UTF-16: the baseline in tests/judge is read so",
    "H07": "an unreachable tenant is an outcome of its collection",
    "H08": "the age of what was read is shown by scorecards",
    "H09": "memory with very large tenants is for the benchmarks",
    "H10": "types of columns come from declarations",
    "H11": "the number of calls is for the collectors",
}
