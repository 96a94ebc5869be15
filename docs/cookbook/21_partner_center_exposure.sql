-- Which accounts meet Partner Center's own enforcement, and would it stop them?
-- Exposure is shown beside the verdict and never changes it.
select
    tenants.name as tenant,  -- The tenant.
    verdicts.user_principal_name,  -- Who.
    verdicts.exposure,  -- Where Microsoft itself demands MFA of it.
    verdicts.registered,  -- Whether it has a method to answer with.
    verdicts.contract_verdict  -- Its verdict.
from account_verdicts as verdicts
inner join tenants on verdicts.tenant_id = tenants.tenant_id
where list_has_any(verdicts.exposure, ['pc_portal', 'pc_api', 'pc_api_app_user', 'customer_delegated_admin'])
order by verdicts.registered = 'capable', tenant, verdicts.user_principal_name
