-- One row per tenant_id, resource_id (the tenant). How many accounts that can sign in are or may become Global Administrator.
with
holders as (
    select distinct
        role_holders.tenant_id,
        role_holders.account_id
    from role_holders
    inner join users
        on role_holders.tenant_id = users.tenant_id and role_holders.account_id = users.user_id
    where
        role_holders.template_id = '62e90394-69f5-4237-9190-012177145e10'
        and role_holders.is_tenant_wide
        and users.is_enabled is not false
),

counted as (
    select
        tenant_id,
        count(*) as accounts
    from holders
    group by tenant_id
)

select
    judged_tenants.tenant_id,  -- The tenant.
    'tenant' as resource_type,  -- What is judged.
    judged_tenants.tenant_id as resource_id,  -- The tenant.
    tenants.name as resource_name,  -- Name of the tenant.
    null::varchar as account_id,  -- Always null: no account is judged.
    case
        when judged_tenants.are_roles_known and judged_tenants.are_eligibilities_known
            then coalesce(counted.accounts, 0)
    end as account_count  -- How many; null where not everybody who holds or may activate a role is known.
from judged_tenants
inner join tenants on judged_tenants.tenant_id = tenants.tenant_id
left join counted on judged_tenants.tenant_id = counted.tenant_id
