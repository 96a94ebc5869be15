"""The AADSTS codes a token request can be refused with: OAuth word, suberror, status and text.

Numbers and meanings are those of Microsoft's list of Entra error codes; a few numbers that tools have met and the list
lacks have a text of the same kind. Words in braces are filled in when the refusal is given.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple


class Refusal(NamedTuple):
    """How a code is told. ``error`` is the OAuth word."""

    error: str
    text: str
    suberror: str = ""
    status: int = 400


_STRANGER: Final = (
    "User account '{{EmailHidden}}' from identity provider '{issuer}' does not exist in tenant '{tenant}' and cannot "
    "access the application '{app}' in that tenant. The account needs to be added as an external user in the tenant "
    "first. Sign out and sign in again with a different Microsoft Entra user account."
)
_NOT_INSTALLED: Final = (
    "This can happen if the application has not been installed by the administrator of the tenant or consented to by "
    "any user in the tenant."
)
_NEEDS_MFA: Final = (
    "Due to a configuration change made by your administrator, or because you moved to a new location, you must "
)
_OLD_SESSION: Final = "The session is not valid due to password expiration or recent password change."

_MFA: Final = {
    50072: Refusal("invalid_grant", _NEEDS_MFA + "enroll in multi-factor authentication to access '{resource}'."),
    50074: Refusal(
        "invalid_grant",
        "Strong authentication is required and the user did not pass the MFA challenge.",
        "basic_action",
    ),
    50076: Refusal(
        "invalid_grant", _NEEDS_MFA + "use multi-factor authentication to access '{resource}'.", "basic_action"
    ),
    50078: Refusal(
        "invalid_grant",
        "Presented multi-factor authentication has expired due to policies configured by your administrator, you must "
        "refresh your multi-factor authentication to access '{resource}'.",
        "basic_action",
    ),
    50079: Refusal(
        "invalid_grant", _NEEDS_MFA + "enroll in multi-factor authentication to access '{resource}'.", "basic_action"
    ),
    50158: Refusal(
        "invalid_grant",
        "External security challenge not satisfied. User will be redirected to another page.",
        "basic_action",
    ),
    50161: Refusal("invalid_grant", "Validating external claims failed: claims sent by the provider are not enough."),
    50177: Refusal("invalid_grant", "External challenge is not supported for passthrough users. " + _STRANGER),
}
_CONDITIONAL_ACCESS: Final = {
    50131: Refusal("invalid_grant", "The device or the request does not meet a Conditional Access policy."),
    53000: Refusal(
        "invalid_grant",
        "Device is not in required device state: compliant. Conditional Access policy requires a compliant device.",
        "message_only",
    ),
    53001: Refusal(
        "invalid_grant",
        "Device is not in required device state: domain_joined. Conditional Access policy requires a joined device.",
        "message_only",
    ),
    53003: Refusal(
        "invalid_grant",
        "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.",
        "message_only",
    ),
    530032: Refusal(
        "invalid_grant",
        "Blocked by security policy. The tenant admin has configured a policy that blocks this request.",
    ),
    530034: Refusal(
        "invalid_grant",
        "A delegated administrator was blocked from accessing the tenant due to account risk in their home tenant.",
    ),
    530035: Refusal(
        "invalid_grant", "Access has been blocked by security defaults. The request is deemed unsafe by them."
    ),
    500212: Refusal(
        "invalid_grant",
        "The user's administrator has set an outbound access policy that does not allow access to the resource tenant.",
    ),
    500213: Refusal(
        "invalid_grant",
        "The resource tenant's cross-tenant access policy does not allow this user to access this tenant.",
    ),
}
_CONSENT: Final = {
    65001: Refusal(
        "invalid_grant",
        "The user or administrator has not consented to use the application with ID '{app}'. Send an interactive "
        "authorization request for this user and resource.",
        "consent_required",
    ),
    65005: Refusal(
        "unauthorized_client",
        "The application '{app}' asked for a resource that its required resource access list does not contain.",
    ),
    90008: Refusal(
        "invalid_grant",
        "The user or administrator has not consented to use the application '{app}'. It requires access to Microsoft "
        "Entra ID at the least.",
    ),
    90094: Refusal(
        "invalid_grant", "An administrator of tenant '{tenant}' has to grant the permissions '{app}' asks for."
    ),
    90099: Refusal(
        "invalid_grant",
        "The application '{app}' has not been authorized in the tenant '{tenant}'. Applications must be authorized to "
        "access the external tenant before partner delegated administrators can use them. Provide pre-consent or "
        "execute the appropriate Partner Center API to authorize the application.",
    ),
    500011: Refusal(
        "invalid_resource",
        "The resource principal named {resource} was not found in the tenant named {tenant}. " + _NOT_INSTALLED,
    ),
    650052: Refusal(
        "invalid_resource",
        "The app '{app}' needs access to a service ('{resource}') that your organization '{tenant}' has not subscribed "
        "to or enabled.",
    ),
    650056: Refusal(
        "unauthorized_client",
        "Misconfigured application. The client '{app}' has not listed any permissions for '{resource}' in its "
        "registration, or the admin has not consented in the tenant.",
    ),
    650057: Refusal(
        "invalid_resource",
        "Invalid resource. The client '{app}' has requested access to a resource which is not listed in the requested "
        "permissions in its registration. Resource value from request: {resource}.",
    ),
    700011: Refusal("unauthorized_client", "Application with identifier '{app}' was not found in the directory."),
    700016: Refusal(
        "unauthorized_client",
        "Application with identifier '{app}' was not found in the directory '{tenant}'. " + _NOT_INSTALLED + " You may "
        "have sent your authentication request to the wrong tenant.",
    ),
    7000229: Refusal(
        "unauthorized_client",
        "The client application '{app}' is missing service principal in the tenant '{tenant}'.",
        "",
        401,
    ),
}
_ACCOUNT: Final = {
    16000: Refusal("interaction_required", _STRANGER),
    50020: Refusal("invalid_grant", _STRANGER),
    50034: Refusal(
        "invalid_grant",
        "The user account {{EmailHidden}} does not exist in the {tenant} directory. To sign into this "
        "application, the account must be added to the directory.",
    ),
    50053: Refusal("invalid_grant", "The account is locked, you have tried to sign in too many times."),
    50055: Refusal("invalid_grant", "The password is expired.", "user_password_expired"),
    50057: Refusal("invalid_grant", "The user account is disabled."),
    50105: Refusal("invalid_grant", "The signed in user is not assigned to a role for the application '{app}'."),
    51004: Refusal("invalid_grant", "The user account does not exist in the '{tenant}' directory."),
    90072: Refusal("invalid_grant", _STRANGER),
}
_TOKEN: Final = {
    50027: Refusal("invalid_request", "JWT token is invalid or malformed."),
    50089: Refusal("invalid_grant", "Authentication failed due to flow token expired."),
    50132: Refusal("invalid_grant", _OLD_SESSION, "bad_token"),
    50133: Refusal("invalid_grant", _OLD_SESSION, "bad_token"),
    50173: Refusal(
        "invalid_grant",
        "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have "
        "changed or reset their password.",
        "bad_token",
    ),
    70000: Refusal("invalid_grant", "Provided grant is invalid or malformed."),
    70008: Refusal("invalid_grant", "The refresh token has expired due to inactivity.", "bad_token"),
    70043: Refusal(
        "invalid_grant",
        "The refresh token has expired or is invalid due to sign-in frequency checks by Conditional Access.",
        "bad_token",
    ),
    700082: Refusal(
        "invalid_grant",
        "The refresh token has expired due to inactivity. The token was inactive for 90.00:00:00.",
        "bad_token",
    ),
}
_CREDENTIAL: Final = {
    700021: Refusal(
        "invalid_client", "Client assertion application identifier doesn't match 'client_id' parameter.", "", 401
    ),
    700023: Refusal("invalid_client", "Client assertion audience claim does not match Realm issuer: {found}.", "", 401),
    700024: Refusal(
        "invalid_client",
        "Client assertion is not within its valid time range. Current time: {now}, {found}.",
        "",
        401,
    ),
    700027: Refusal("invalid_client", "Client assertion failed signature validation. [Reason - {reason}]", "", 401),
    700030: Refusal("invalid_client", "Invalid certificate - subject name in certificate is not authorized.", "", 401),
    7000215: Refusal(
        "invalid_client",
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not "
        "the client secret ID, for a secret added to app '{app}'.",
        "",
        401,
    ),
    7000218: Refusal(
        "invalid_client",
        "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
        "",
        401,
    ),
    7000222: Refusal("invalid_client", "The provided client secret keys for app '{app}' are expired.", "", 401),
}
_REQUEST: Final = {
    70003: Refusal("unsupported_grant_type", "The app requested an unsupported grant type '{grant}'."),
    70011: Refusal(
        "invalid_scope",
        "The provided request must include a 'scope' input parameter. The provided value for the input parameter "
        "'scope' is not valid. The scope {scope} is not valid.",
    ),
    900144: Refusal("invalid_request", "The request body must contain the following parameter: '{parameter}'."),
    900561: Refusal("invalid_request", "The endpoint only accepts POST requests. Received a {method} request."),
    1002012: Refusal(
        "invalid_scope",
        "The provided value for scope {scope} is not valid. Client credential flows must have a scope value with "
        "/.default suffixed to the resource identifier (application ID URI).",
    ),
}
_TENANT: Final = {
    50059: Refusal("invalid_request", "No tenant-identifying information found in the request or its credentials."),
    50196: Refusal("invalid_grant", "The server terminated an operation because it encountered a client request loop."),
    90002: Refusal(
        "invalid_request",
        "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the "
        "correct cloud. Check with your subscription administrator, this may happen if there are no active "
        "subscriptions for the tenant.",
    ),
    90038: Refusal(
        "invalid_request", "Tenant '{tenant}' belongs to another national cloud, which this one does not federate with."
    ),
    90055: Refusal("temporarily_unavailable", "There are too many incoming requests for tenant '{tenant}'."),
    1000104: Refusal("invalid_request", "The resource cloud is not allowed on the identity tenant '{tenant}'."),
    5000224: Refusal(
        "invalid_request", "We are sorry, the tenant '{tenant}' is not available: it was deleted or blocked."
    ),
}

REFUSALS: Final[Mapping[int, Refusal]] = {
    **_MFA,
    **_CONDITIONAL_ACCESS,
    **_CONSENT,
    **_ACCOUNT,
    **_TOKEN,
    **_CREDENTIAL,
    **_REQUEST,
    **_TENANT,
}
"""Refusals by number."""
