-- Which tenants rely on security defaults, which on policies, and which on neither?
select
    resource_name as tenant,  -- The tenant.
    has_security_defaults,  -- Whether they are on; null is unknown.
    has_policy_naming_mfa,  -- Whether a policy names MFA for all users and all apps; null is unknown.
    enabled_policies  -- How many policies are on.
from evidence.mfa_policy
order by has_security_defaults, has_policy_naming_mfa, tenant
