-- When did each account last get in without MFA, and with what?
with
seen as (
    select
        tenant_id,
        account_id,
        max(signed_in_at) as last_at,
        arg_max({'app': app_display_name, 'client': client_app_used}, signed_in_at) as last,
        count(*) as sign_ins
    from sign_in_proofs
    where is_single_factor and (is_single or is_legacy)
    group by tenant_id, account_id
)

select
    tenants.name as tenant,  -- The tenant.
    users.user_principal_name,  -- Who.
    seen.last_at,  -- The last sign-in that only a first factor opened.
    seen.last.app,  -- The app of that sign-in.
    seen.last.client,  -- Its client.
    seen.sign_ins  -- How many there were in the thirty days before the scan.
from seen
inner join tenants on seen.tenant_id = tenants.tenant_id
inner join users on seen.tenant_id = users.tenant_id and seen.account_id = users.user_id
order by seen.last_at desc, tenant, users.user_principal_name
