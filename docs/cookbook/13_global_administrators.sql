-- Who holds Global Administrator, directly or through a group, or may activate it?
select
    tenants.name as tenant,  -- The tenant.
    users.user_principal_name,  -- Who.
    users.is_enabled,  -- Whether it can sign in.
    holders.is_active,  -- Whether it holds the role now.
    holders.is_eligible,  -- Whether it may activate it.
    verdicts.registered  -- Whether it has a method to answer with.
from role_holders as holders
inner join tenants on holders.tenant_id = tenants.tenant_id
inner join users on holders.tenant_id = users.tenant_id and holders.account_id = users.user_id
left join account_verdicts as verdicts
    on holders.tenant_id = verdicts.tenant_id and holders.account_id = verdicts.account_id
where holders.template_id = '62e90394-69f5-4237-9190-012177145e10'
order by tenant, users.user_principal_name
