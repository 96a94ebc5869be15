"""Refusals of Partner Center's own API, by what to do about them. Its codes are numbers of its own."""

from __future__ import annotations

from collectors.errors import ConfigError, NotPermitted, ScanError
from collectors.refusal import Advice

PARTNER_CENTER = (
    Advice(
        word="partner_center.mfa_missing",
        codes=("900421",),
        error=NotPermitted,
        meaning="the token holds no proof of MFA, and Partner Center demands it",
        sentence="Sign the service user of {app} in again, with MFA, and put the new refresh token into the connection "
        "{connection}: Partner Center takes no token without it.",
    ),
    Advice(
        word="partner_center.user_needed",
        codes=("900329",),
        error=NotPermitted,
        meaning="an application alone may not read this",
        sentence="Sign a user of tenant {tenant} in to {app}, with MFA, and put the refresh token into the connection "
        "{connection}.",
    ),
    Advice(
        word="partner_center.role_missing",
        codes=("900308",),
        error=NotPermitted,
        meaning="the user or the application may not read this in Partner Center",
        sentence="Give the service user of {app} a role in Partner Center that may read it (Admin agent), or register "
        "the application there; give it the permission {permission} and have an administrator of tenant {tenant} "
        "consent: {consent_url}",
    ),
    Advice(
        word="partner_center.blocked",
        codes=("900309",),
        error=NotPermitted,
        meaning="Conditional Access of the partner stops it",
        sentence="Find the policy in the sign-in log of tenant {tenant}, and let the service user of {app} meet it.",
    ),
    Advice(
        word="partner_center.audience",
        codes=("900420",),
        error=ConfigError,
        meaning="the token is for another service",
        sentence="Leave `partner_center` of [endpoints] unset for {app}: Partner Center takes only tokens for itself.",
    ),
    Advice(
        word="partner_center.tenant_unknown",
        codes=("60003",),
        error=ConfigError,
        meaning="Partner Center knows no such tenant",
        sentence="Check that {tenant} is the tenant that is enrolled in the partner program, and `program` beside it.",
    ),
)

REFUSED: dict[str, type[ScanError]] = {str(code): advice.error for advice in PARTNER_CENTER for code in advice.codes}
"""What each code is raised as, whatever the HTTP status."""
