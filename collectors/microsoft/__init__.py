"""The built-in collectors, one file each, registered through the same entry point as everybody's."""

from collectors.declare import Collector
from collectors.hookspecs import hookimpl
from collectors.microsoft.authentication_methods import AUTHENTICATION_METHODS
from collectors.microsoft.authentication_methods_policy import AUTHENTICATION_METHODS_POLICY
from collectors.microsoft.authentication_strengths import AUTHENTICATION_STRENGTHS
from collectors.microsoft.conditional_access import CONDITIONAL_ACCESS
from collectors.microsoft.contracts import CONTRACTS
from collectors.microsoft.cross_tenant_access import CROSS_TENANT_ACCESS
from collectors.microsoft.domains import DOMAINS
from collectors.microsoft.gdap import GDAP
from collectors.microsoft.groups import GROUPS
from collectors.microsoft.licences import LICENCES
from collectors.microsoft.mfa_sign_in_summary import MFA_SIGN_IN_SUMMARY
from collectors.microsoft.organization import ORGANIZATION
from collectors.microsoft.partner_center import PARTNER_CENTER
from collectors.microsoft.per_user_mfa import PER_USER_MFA
from collectors.microsoft.registered_methods import REGISTERED_METHODS
from collectors.microsoft.roles import ROLES
from collectors.microsoft.security_defaults import SECURITY_DEFAULTS
from collectors.microsoft.security_score import SECURITY_SCORE
from collectors.microsoft.sign_in_activity import SIGN_IN_ACTIVITY
from collectors.microsoft.sign_ins import NON_INTERACTIVE_SIGN_INS, SIGN_INS
from collectors.microsoft.users import USERS


@hookimpl
def rollcall_collectors() -> list[Collector]:
    """Return the collectors of Microsoft Graph and Partner Center."""
    return [
        ORGANIZATION,
        USERS,
        AUTHENTICATION_METHODS,
        SIGN_INS,
        MFA_SIGN_IN_SUMMARY,
        CONDITIONAL_ACCESS,
        AUTHENTICATION_STRENGTHS,
        SECURITY_DEFAULTS,
        PER_USER_MFA,
        CROSS_TENANT_ACCESS,
        DOMAINS,
        LICENCES,
        ROLES,
        GROUPS,
        REGISTERED_METHODS,
        AUTHENTICATION_METHODS_POLICY,
        GDAP,
        CONTRACTS,
        SECURITY_SCORE,
        PARTNER_CENTER,
        SIGN_IN_ACTIVITY,
        NON_INTERACTIVE_SIGN_INS,
    ]
