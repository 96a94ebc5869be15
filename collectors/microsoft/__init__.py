"""The built-in collectors, one file each, registered through the same entry point as everybody's."""

from collectors.declare import Collector
from collectors.hookspecs import hookimpl
from collectors.microsoft.authentication_methods import AUTHENTICATION_METHODS
from collectors.microsoft.authentication_strengths import AUTHENTICATION_STRENGTHS
from collectors.microsoft.conditional_access import CONDITIONAL_ACCESS
from collectors.microsoft.cross_tenant_access import CROSS_TENANT_ACCESS
from collectors.microsoft.domains import DOMAINS
from collectors.microsoft.gdap import GDAP
from collectors.microsoft.groups import GROUPS
from collectors.microsoft.licences import LICENCES
from collectors.microsoft.organization import ORGANIZATION
from collectors.microsoft.per_user_mfa import PER_USER_MFA
from collectors.microsoft.roles import ROLES
from collectors.microsoft.security_defaults import SECURITY_DEFAULTS
from collectors.microsoft.sign_ins import SIGN_INS
from collectors.microsoft.users import USERS


@hookimpl
def rollcall_collectors() -> list[Collector]:
    """Return the collectors of Microsoft Graph."""
    return [
        ORGANIZATION,
        USERS,
        AUTHENTICATION_METHODS,
        SIGN_INS,
        CONDITIONAL_ACCESS,
        AUTHENTICATION_STRENGTHS,
        SECURITY_DEFAULTS,
        PER_USER_MFA,
        CROSS_TENANT_ACCESS,
        DOMAINS,
        LICENCES,
        ROLES,
        GROUPS,
        GDAP,
    ]
