-- When did each account last get in without MFA, and with what?
select
    tenants.name as tenant,  -- The tenant.
    users.user_principal_name,  -- Who.
    seen.last_single_factor_at as last_at,  -- The last sign-in that only a first factor opened.
    seen.last_single_factor.app,  -- The app of that sign-in.
    seen.last_single_factor.client,  -- Its client.
    seen.single_factor_sign_ins as sign_ins  -- How many there were in the thirty days before the scan.
from account_sign_ins as seen
inner join tenants on seen.tenant_id = tenants.tenant_id
inner join users on seen.tenant_id = users.tenant_id and seen.account_id = users.user_id
where seen.single_factor_sign_ins > 0
order by last_at desc, tenant, users.user_principal_name
