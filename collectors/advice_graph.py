"""Refusals of Microsoft Graph, by what to do about them."""

from __future__ import annotations

from collectors.errors import NotFound, NotLicensed, NotPermitted, Throttled, Unreachable, Unreadable
from collectors.refusal import Advice

_ROLE = (
    "Give the service user of {app} the role {role} in tenant {tenant} (in a customer: a GDAP relationship with that "
    "role, assigned to a group the service user is in)"
)

GRAPH = (
    Advice(
        word="graph.not_licensed",
        codes=("Authentication_RequestFromNonPremiumTenantOrB2CTenant",),
        texts=("premium license", "premium licence", "NonPremiumTenant"),
        error=NotLicensed,
        meaning="the tenant lacks the licence that this data needs",
        sentence="Tenant {tenant} has no Microsoft Entra ID P1 (or P2): without the licence this cannot be read, and "
        "what needs it is not assessed.",
    ),
    Advice(
        word="graph.role_missing",
        texts=("is not present in the role definition of the current user",),
        error=NotPermitted,
        meaning="no role of the service user allows this",
        sentence=_ROLE + ".",
    ),
    Advice(
        word="gdap.no_access",
        texts=("Unable to initialize the authorization context",),
        error=NotPermitted,
        meaning="GDAP does not let the service user into the tenant",
        sentence="Check that the GDAP relationship with tenant {tenant} is active. " + _ROLE + ".",
    ),
    Advice(
        word="graph.permission_missing",
        codes=("Authorization_RequestDenied", "Authentication_MSGraphPermissionMissing", "AccessDenied"),
        texts=(
            "Insufficient privileges to complete the operation",
            "required scopes are missing",
            "does not have required MSGraph permissions",
        ),
        statuses=(403,),
        error=NotPermitted,
        meaning="a permission is missing (or, where a user signs in, a role)",
        sentence="Permission missing: give {app} the application permission {permission}, then have an administrator "
        "of tenant {tenant} consent: {consent_url}",
        delegated="Permission or role missing: give {app} the delegated permission {permission} and have an "
        "administrator of tenant {tenant} consent: {consent_url} " + _ROLE + ".",
    ),
    Advice(
        word="graph.token_refused",
        codes=("InvalidAuthenticationToken",),
        texts=("claims challenge", "TokenIssuedBeforeRevocationTimestamp"),
        statuses=(401,),
        error=NotPermitted,
        meaning="the token was revoked, or Conditional Access wants more than it holds",
        sentence="Graph refused two tokens of {app} in turn: look for a Conditional Access policy on workload "
        "identities in tenant {tenant}.",
        delegated="Sign the service user of {app} in again, with MFA, and put the new refresh token into the "
        "connection {connection}; look for a Conditional Access policy of tenant {tenant} that stops it.",
    ),
    Advice(
        word="graph.not_found",
        codes=("Request_ResourceNotFound", "ResourceNotFound"),
        statuses=(404,),
        error=NotFound,
        meaning="there is no such thing: a user or group that is gone, or an address this cloud lacks",
        sentence="Check that `cloud` of the partner of tenant {tenant} is right; data of what was deleted is gone.",
    ),
    Advice(
        word="throttle.graph",
        codes=("TooManyRequests",),
        statuses=(429,),
        error=Throttled,
        meaning="too many requests",
        sentence="Nothing to change: Graph asked to wait. If it lasts, see who else uses {app} in tenant {tenant}.",
    ),
    Advice(
        word="graph.unavailable",
        statuses=(408, 500, 502, 503, 504, 509),
        error=Unreachable,
        meaning="the service cannot answer now",
        sentence="Try again later; if it lasts, see Microsoft's service health for tenant {tenant}.",
    ),
)

UNEXPECTED = Advice(
    word="graph.unexpected",
    error=Unreadable,
    meaning="anything else",
    sentence="Graph did not answer as documented for {app} in tenant {tenant}.",
)
