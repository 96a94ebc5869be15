-- One row per tenant_id, resource_id (a tenant of which sign-ins are known). Whether each of them lies before its own collection.
-- Older ones than the window may be kept: they are not judged.
select
    sign_ins.tenant_id,  -- The tenant.
    'tenant' as resource_type,  -- What is judged.
    sign_ins.tenant_id as resource_id,  -- The tenant.
    any_value(tenants.name) as resource_name,  -- Name of the tenant.
    null::varchar as account_id,  -- Always null: no account is judged.
    count(*) as sign_ins,  -- Sign-ins that are kept.
    count(*) filter (where sign_ins.signed_in_at > source_state.last_complete_at)
        as after_collection,  -- Those that would have been after they were collected.
    max(sign_ins.signed_in_at) as last_at  -- When the newest one was.
from sign_ins
inner join tenants on sign_ins.tenant_id = tenants.tenant_id
inner join source_state on sign_ins.tenant_id = source_state.tenant_id and source_state.dataset = 'sign_ins'
group by sign_ins.tenant_id
