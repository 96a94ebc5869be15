"""Refusals of a token, by what to do about them. The numbers are those of Microsoft's list of AADSTS codes."""

from __future__ import annotations

from collectors.errors import ConfigError, CredentialError, NotPermitted, Throttled
from collectors.refusal import Advice

_CONSENT = "Have an administrator of tenant {tenant} consent to {app}: {consent_url}"
_SIGN_IN_AGAIN = (
    "Sign the service user of {app} in again, with MFA, and put the new refresh token into the connection {connection}."
)
_NO_GDAP = (
    "Check in tenant {tenant} that the GDAP relationship is active, that its role is assigned to a group the service "
    "user of {app} is in, and that the service user is no guest there; a guest object hides its GDAP roles."
)

TOKEN = (
    Advice(
        word="auth.mfa_required",
        codes=(50074, 50076),
        oauth=("interaction_required",),
        error=NotPermitted,
        meaning="MFA is required, or the challenge was not passed",
        sentence="The refresh token holds no MFA, or tenant {tenant} wants a fresh one. " + _SIGN_IN_AGAIN,
    ),
    Advice(
        word="auth.mfa_expired",
        codes=(50078,),
        error=NotPermitted,
        meaning="the MFA that was presented has expired by policy",
        sentence=_SIGN_IN_AGAIN + " If it happens again, exempt service providers from the sign-in frequency that "
        "tenant {tenant} demands.",
    ),
    Advice(
        word="auth.mfa_enrol",
        codes=(50072, 50079),
        error=NotPermitted,
        meaning="the service user must register MFA first, or its federation does not tell of it",
        sentence="Register MFA for the service user of {app} (federated: let it send the multipleauthn claim). Then: "
        + _SIGN_IN_AGAIN,
    ),
    Advice(
        word="auth.external_control",
        codes=(50158, 50161, 50177),
        error=NotPermitted,
        meaning="an external challenge (custom control) was not met",
        sentence="Ask tenant {tenant} to exclude service providers from its custom control, or to replace it by an "
        "external authentication method. If it has none: " + _NO_GDAP,
    ),
    Advice(
        word="auth.ca_block",
        codes=(50131, 53003, 530032),
        error=NotPermitted,
        meaning="blocked by Conditional Access or a security policy",
        sentence="Look up the sign-in with the correlation id {correlation} in tenant {tenant}, and ask for {app} (or "
        "the user type service provider) to be let through by the policy that blocks.",
    ),
    Advice(
        word="auth.ca_device",
        codes=(53000, 53001),
        error=NotPermitted,
        meaning="Conditional Access wants a compliant or joined device",
        sentence="An unattended scan has no managed device: ask tenant {tenant} to exclude service providers from that "
        "policy, or read it app-only with {app}.",
    ),
    Advice(
        word="auth.home_risk",
        codes=(530034,),
        error=NotPermitted,
        meaning="a delegated administrator is blocked for a risk in its home tenant",
        sentence="Remediate the risk of the service user of {app} in the partner's own tenant; tenant {tenant} cannot.",
    ),
    Advice(
        word="auth.sd_block",
        codes=(530035,),
        error=NotPermitted,
        meaning="blocked by security defaults",
        sentence="Security defaults of tenant {tenant} hold the sign-in of {app} unsafe. " + _SIGN_IN_AGAIN,
    ),
    Advice(
        word="auth.xtap",
        codes=(500212, 500213),
        error=NotPermitted,
        meaning="a cross-tenant access policy denies it: outbound of the partner (500212), inbound here (500213)",
        sentence="Allow the service user of {app} in the cross-tenant access settings: for 500212 outbound in the "
        "partner's tenant, for 500213 inbound in tenant {tenant}.",
    ),
    Advice(
        word="consent.missing",
        codes=(65001, 90008, 90094),
        oauth=("consent_required",),
        error=NotPermitted,
        meaning="nobody consented to the application, or an administrator must",
        sentence=_CONSENT,
        delegated=_CONSENT + " (or consent for this customer through the Partner Center API)",
    ),
    Advice(
        word="consent.cpv_missing",
        codes=(90099,),
        error=NotPermitted,
        meaning="the application must be authorised in the customer before delegated administrators can use it",
        sentence="Authorise {app} in tenant {tenant}: POST /v1/customers/{tenant}/applicationconsents of the Partner "
        "Center API, or have an administrator of the tenant consent: {consent_url}",
    ),
    Advice(
        word="consent.sp_missing",
        codes=(700011, 700016, 7000229),
        oauth=("unauthorized_client",),
        error=NotPermitted,
        meaning="the application is not in the tenant",
        sentence="Tenant {tenant} is not onboarded. " + _CONSENT,
    ),
    Advice(
        word="config.app",
        codes=(65005, 500011, 650052, 650056, 650057),
        oauth=("invalid_resource", "invalid_scope"),
        error=NotPermitted,
        meaning="the application's registration does not list the permission, or the service is not in the tenant",
        sentence="List the permissions of docs/configuration.md in the registration of {app}, then consent to them "
        "again in tenant {tenant}: {consent_url}",
    ),
    Advice(
        word="config.assignment",
        codes=(50105,),
        error=NotPermitted,
        meaning="the service user is not assigned to the application",
        sentence="Assign the service user to {app} in tenant {tenant}, or let its enterprise application need no "
        "assignment.",
    ),
    Advice(
        word="config.request",
        codes=(70003, 70011, 900144, 900561, 1002012),
        oauth=("invalid_request", "unsupported_grant_type"),
        error=ConfigError,
        meaning="Entra does not understand the request",
        sentence="Check `cloud` of the partner and [endpoints] in rollcall.toml: tenant {tenant} was asked for a token "
        "for {app} in a way its login service does not take.",
    ),
    Advice(
        word="gdap.missing_or_guest",
        codes=(16000, 50020, 50034, 51004),
        error=NotPermitted,
        meaning="the service user has no way into the tenant, or is also a guest there",
        sentence=_NO_GDAP,
    ),
    Advice(
        word="gdap.missing",
        codes=(90072,),
        texts=("User was not found",),
        error=NotPermitted,
        meaning="the tenant does not know the service user: no GDAP relationship, or it was dissolved",
        sentence=_NO_GDAP,
    ),
    Advice(
        word="token.expired",
        codes=(70008, 700082),
        error=CredentialError,
        meaning="the refresh token was not used for too long",
        sentence=_SIGN_IN_AGAIN,
    ),
    Advice(
        word="token.sif",
        codes=(70043,),
        error=CredentialError,
        meaning="a sign-in frequency policy ended the refresh token",
        sentence="Exempt the service user of {app} from the sign-in frequency policy of tenant {tenant}. Then: "
        + _SIGN_IN_AGAIN,
    ),
    Advice(
        word="token.revoked",
        codes=(50089, 50132, 50133, 50173),
        error=CredentialError,
        meaning="the sign-in was revoked, or the password changed",
        sentence=_SIGN_IN_AGAIN,
    ),
    Advice(
        word="token.invalid",
        codes=(50027, 70000),
        error=CredentialError,
        meaning="the refresh token is not one Entra gave to this application",
        sentence=_SIGN_IN_AGAIN,
    ),
    Advice(
        word="cred.wrong_secret",
        codes=(7000215,),
        error=CredentialError,
        meaning="the client secret is wrong",
        sentence="Correct or rotate the credential of {app}: the connection wants the secret's value, not its id. A "
        "new secret may need minutes until every server knows it.",
    ),
    Advice(
        word="cred.expired",
        codes=(7000222,),
        error=CredentialError,
        meaning="the client secret or key has expired",
        sentence="Make a new secret or certificate and rotate the credential of {app}.",
    ),
    Advice(
        word="cred.assertion",
        codes=(700021, 700023, 700024, 700025, 700027, 7000212, 7000216),
        error=CredentialError,
        meaning="the assertion signed with the certificate is not accepted",
        sentence="Upload the certificate of the connection {connection} to the registration of {app}, or correct or "
        "rotate the credential; after a rotation this passes within minutes. Check this machine's clock, too.",
    ),
    Advice(
        word="cred.subject",
        codes=(700030,),
        error=CredentialError,
        meaning="the subject of the certificate is not authorised",
        sentence="Correct or rotate the credential of {app}: use a certificate with a subject the registration trusts.",
    ),
    Advice(
        word="cred.missing",
        codes=(7000218,),
        oauth=("invalid_client",),
        error=CredentialError,
        meaning="no credential that Entra accepts came with the request",
        sentence="Correct or rotate the credential of {app}: put a client secret, or private_key and certificate, into "
        "the connection.",
    ),
    Advice(
        word="account.disabled",
        codes=(50057,),
        error=CredentialError,
        meaning="the service user is disabled",
        sentence="Enable the service user of {app}, or sign another one in and put its refresh token into the "
        "connection {connection}.",
    ),
    Advice(
        word="account.locked",
        codes=(50053,),
        error=CredentialError,
        meaning="the service user is locked",
        sentence="Find out in the sign-in log who tries the password of the service user of {app}; it unlocks itself.",
    ),
    Advice(
        word="account.password_expired",
        codes=(50055,),
        error=CredentialError,
        meaning="the password of the service user has expired",
        sentence="Set a new password for the service user of {app}. Then: " + _SIGN_IN_AGAIN,
    ),
    Advice(
        word="tenant.gone",
        codes=(50059, 90002, 900023, 5000224),
        oauth=("invalid_tenant",),
        texts=("unable to get authority configuration",),
        error=ConfigError,
        meaning="there is no such tenant (any more)",
        sentence="Check the tenant id {tenant}, or drop the tenant if it is gone.",
    ),
    Advice(
        word="tenant.cloud",
        codes=(90038, 1000104),
        error=ConfigError,
        meaning="the tenant belongs to another national cloud",
        sentence="Set `cloud` of its partner in rollcall.toml to the cloud of tenant {tenant}; a customer in another "
        "cloud needs a partner of its own.",
    ),
    Advice(
        word="throttle.sts",
        codes=(50196, 90055),
        oauth=("temporarily_unavailable", "server_error"),
        error=Throttled,
        meaning="too many requests for the tenant, or the same one in a loop",
        sentence="Nothing to change: Entra asked to wait. If it lasts, see who else asks for tokens of tenant {tenant} "
        "with {app}.",
    ),
)

UNKNOWN = Advice(
    word="auth.other",
    error=NotPermitted,
    meaning="anything else",
    sentence="No token for tenant {tenant} with {app}. Look up the sign-in with the correlation id {correlation}.",
    delegated="No token for tenant {tenant} with {app}. Look up the sign-in with the correlation id {correlation}; if "
    "that tells nothing: " + _SIGN_IN_AGAIN,
)
