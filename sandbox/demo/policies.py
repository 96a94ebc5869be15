"""The policies of a tenant as files: security defaults, Conditional Access, strengths, methods, cross-tenant access."""

from __future__ import annotations

from sandbox.demo import conditional_access
from sandbox.demo.model import V1, Directory, Files, Json, collection, group_id, opaque, stamp, uid
from sandbox.demo.policy_table import locations_of, policies_of
from sandbox.demo.tenants import PARTNERS

EXTERNAL_MFA_APP = uid("application", "External MFA provider")
EXTERNAL_MFA = uid("externalAuthenticationMethodConfiguration")

METHOD_STATES: tuple[tuple[str, str, str], ...] = (
    ("Fido2", "fido2", "enabled"),
    ("MicrosoftAuthenticator", "microsoftAuthenticator", "enabled"),
    ("Sms", "sms", "enabled"),
    ("TemporaryAccessPass", "temporaryAccessPass", "enabled"),
    ("SoftwareOath", "softwareOath", "enabled"),
    ("Voice", "voice", "disabled"),
    ("Email", "email", "enabled"),
    ("X509Certificate", "x509Certificate", "disabled"),
)


def policy_files(directory: Directory) -> Files:
    """Return every policy file of the tenant."""
    answers = [conditional_access.answer(directory, policy) for policy in policies_of(directory)]
    cross = "v1.0/policies/crossTenantAccessPolicy"
    files: Files = {
        "v1.0/policies/identitySecurityDefaultsEnforcementPolicy": _security_defaults(directory),
        "v1.0/identity/conditionalAccess/policies": collection(f"{V1}identity/conditionalAccess/policies", answers),
        "v1.0/identity/conditionalAccess/namedLocations": collection(
            f"{V1}identity/conditionalAccess/namedLocations", locations_of(directory)
        ),
        "v1.0/policies/authenticationStrengthPolicies": conditional_access.strengths(),
        "v1.0/policies/authenticationMethodsPolicy": _methods_policy(directory),
        f"{cross}/default": _cross_tenant_default(),
        f"{cross}/partners": collection(
            f"{V1}policies/crossTenantAccessPolicy/partners", _service_providers(directory)
        ),
        "v1.0/domains": collection(f"{V1}domains", _domains(directory)),
    }
    for federated in directory.tenant.federated:
        domain = federated.domain
        answer = collection(
            f"{V1}domains('{domain}')/federationConfiguration", [_federation(directory, domain, federated.mfa_behavior)]
        )
        files[f"v1.0/domains/{domain}/federationConfiguration"] = answer
    return files


def _security_defaults(directory: Directory) -> Json:
    return {
        "@odata.context": f"{V1}policies/identitySecurityDefaultsEnforcementPolicy",
        "id": "00000000-0000-0000-0000-000000000005",
        "deletedDateTime": None,
        "displayName": "Security Defaults",
        "description": (
            "Security defaults is a set of basic identity security mechanisms recommended by Microsoft. "
            "When enabled, these recommendations will be automatically enforced in your organization."
        ),
        "isEnabled": directory.tenant.security_defaults,
    }


def _targets(*group_ids: str) -> list[Json]:
    return [{"targetType": "group", "id": one, "isRegistrationRequired": False} for one in group_ids or ("all_users",)]


def _methods_policy(directory: Directory) -> Json:
    configurations: list[Json] = [
        {
            "@odata.type": f"#microsoft.graph.{kind}AuthenticationMethodConfiguration",
            "id": name,
            "state": state,
            "excludeTargets": [],
            "includeTargets": _targets(),
        }
        for name, kind, state in METHOD_STATES
    ]
    if directory.tenant.key == "kestrel":
        external = {
            "@odata.type": "#microsoft.graph.externalAuthenticationMethodConfiguration",
            "id": EXTERNAL_MFA,
            "state": "enabled",
            "appId": EXTERNAL_MFA_APP,
            "displayName": "Harrier MFA",
            "openIdConnectSetting": {
                "clientId": "kestrel",
                "discoveryUrl": "https://mfa.kestrel.example/.well-known/openid-configuration",
            },
            "excludeTargets": [],
            "includeTargets": _targets(group_id("kestrel", "External MFA users")),
        }
        configurations.append(external)
    campaign = {
        "snoozeDurationInDays": 1,
        "state": "default",
        "excludeTargets": [],
        "includeTargets": [],
    }
    return {
        "@odata.context": f"{V1}authenticationMethodsPolicy",
        "id": "authenticationMethodsPolicy",
        "displayName": "Authentication Methods Policy",
        "description": "Which authentication methods people of this tenant may register and use.",
        "lastModifiedDateTime": stamp(directory.ago(days=300)),
        "policyVersion": "1.5",
        "policyMigrationState": "migrationComplete" if directory.tenant.licence == "P2" else "preMigration",
        "registrationEnforcement": {"authenticationMethodsRegistrationCampaign": campaign},
        "authenticationMethodConfigurations": configurations,
    }


def _trust() -> Json:
    return {
        "isMfaAccepted": False,
        "isCompliantDeviceAccepted": False,
        "isHybridAzureADJoinedDeviceAccepted": False,
    }


def _cross_tenant_default() -> Json:
    context = f"{V1}policies/crossTenantAccessPolicy/default/$entity"
    return {"@odata.context": context, "isServiceDefault": True, "inboundTrust": _trust()}


def _service_providers(directory: Directory) -> list[Json]:
    """Return the partner as a customer knows it: a service provider, with no MFA trust of its own."""
    providers = [partner.id for partner in PARTNERS if partner.key == directory.tenant.partner]
    return [{"tenantId": one, "isServiceProvider": True, "inboundTrust": None} for one in providers]


def _domains(directory: Directory) -> list[Json]:
    tenant = directory.tenant
    federated = {one.domain for one in tenant.federated}
    names = [tenant.domain, tenant.initial_domain, *sorted(federated - {tenant.domain})]
    return [
        {
            "id": name,
            "authenticationType": "Federated" if name in federated else "Managed",
            "availabilityStatus": None,
            "isAdminManaged": True,
            "isDefault": name == tenant.domain,
            "isInitial": name == tenant.initial_domain,
            "isRoot": not name.endswith(f".{tenant.domain}"),
            "isVerified": True,
            "manufacturer": None,
            "model": None,
            "passwordNotificationWindowInDays": None,
            "passwordValidityPeriodInDays": 2147483647,
            "state": None,
            "supportedServices": ["Email", "OfficeCommunicationsOnline"],
        }
        for name in names
    ]


def _federation(directory: Directory, domain: str, mfa_behavior: str | None) -> Json:
    return {
        "@odata.type": "#microsoft.graph.internalDomainFederation",
        "id": uid(directory.tenant.key, "federation", domain),
        "displayName": f"{directory.tenant.name} AD FS",
        "issuerUri": f"http://{domain}/adfs/services/trust/",
        "metadataExchangeUri": f"https://sts.{domain}/adfs/services/trust/mex",
        "signingCertificate": opaque(domain, "signing"),
        "nextSigningCertificate": None,
        "passiveSignInUri": f"https://sts.{domain}/adfs/ls/",
        "activeSignInUri": f"https://sts.{domain}/adfs/services/trust/2005/usernamemixed",
        "signOutUri": f"https://sts.{domain}/adfs/ls/?wa=wsignout1.0",
        "preferredAuthenticationProtocol": "wsFed",
        "promptLoginBehavior": "nativeSupport",
        "isSignedAuthenticationRequestRequired": None,
        "federatedIdpMfaBehavior": mfa_behavior,
        "passwordResetUri": None,
    }
