-- When did each account last get in without MFA, and with what?
select
    tenants.name as tenant,  -- The tenant.
    users.user_principal_name,  -- Who.
    max(proofs.signed_in_at) as last_at,  -- The last sign-in that only a first factor opened.
    arg_max(proofs.app_display_name, proofs.signed_in_at) as app,  -- The app of that sign-in.
    arg_max(proofs.client_app_used, proofs.signed_in_at) as client,  -- Its client.
    count(*) as sign_ins  -- How many there were in the window of the logs.
from sign_in_proofs as proofs
inner join tenants on proofs.tenant_id = tenants.tenant_id
inner join users on proofs.tenant_id = users.tenant_id and proofs.account_id = users.user_id
where proofs.is_single_factor
group by tenant, users.user_principal_name
order by last_at desc, tenant, users.user_principal_name
