-- Whom did a legacy client let in, which cannot ask for MFA?
select
    tenants.name as tenant,  -- The tenant.
    users.user_principal_name,  -- Who.
    seen.legacy_clients,  -- With which clients.
    seen.legacy_sign_ins as legacy_successes,  -- How often.
    seen.last_legacy_at  -- When the last time was.
from account_sign_ins as seen
inner join tenants on seen.tenant_id = tenants.tenant_id
inner join users on seen.tenant_id = users.tenant_id and seen.account_id = users.user_id
where seen.has_legacy_success
order by seen.last_legacy_at desc, tenant, users.user_principal_name
