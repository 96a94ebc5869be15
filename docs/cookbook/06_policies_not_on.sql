-- Which Conditional Access policies that name MFA are switched off or only report?
select
    tenants.name as tenant,  -- The tenant.
    policies.display_name as policy,  -- The policy.
    policies.state,  -- disabled, or enabledForReportingButNotEnforced.
    policies.modified_at  -- When it was last changed.
from conditional_access_policies as policies
inner join tenants on policies.tenant_id = tenants.tenant_id
where policies.state <> 'enabled' and contains(policies.grant_controls::varchar, '"mfa"')
order by tenant, policy
