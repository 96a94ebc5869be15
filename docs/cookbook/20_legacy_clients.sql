-- Whom did a legacy client let in, which cannot ask for MFA?
select
    tenants.name as tenant,  -- The tenant.
    seen.resource_name as user_principal_name,  -- Who.
    seen.legacy_clients,  -- With which clients.
    seen.legacy_successes,  -- How often.
    seen.last_legacy_at  -- When the last time was.
from evidence.legacy_sign_in as seen
inner join tenants on seen.tenant_id = tenants.tenant_id
where seen.legacy_success = 'seen'
order by seen.last_legacy_at desc, tenant, user_principal_name
