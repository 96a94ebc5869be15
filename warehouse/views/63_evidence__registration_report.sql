-- One row per tenant_id, resource_id (the tenant). How many rows the registration report has, and how many accounts can sign in.
with
reported as (
    select
        tenant_id,
        count(*) as report_rows
    from authentication_methods
    group by tenant_id
),

listed as (
    select
        tenant_id,
        count(*) filter (where is_enabled is not false) as enabled_accounts
    from users
    group by tenant_id
)

select
    tenants.tenant_id,  -- The tenant.
    'tenant' as resource_type,  -- What is judged.
    tenants.tenant_id as resource_id,  -- The tenant.
    tenants.name as resource_name,  -- Name of the tenant.
    null::varchar as account_id,  -- Always null: no account is judged.
    coalesce(reported.report_rows, 0) as report_rows,  -- Rows of the report.
    coalesce(listed.enabled_accounts, 0) as enabled_accounts,  -- Accounts that can sign in, or of which that is unknown.
    greatest(coalesce(reported.report_rows, 0) - coalesce(listed.enabled_accounts, 0), 0)
        as rows_too_many  -- Rows that cannot all be of accounts that can sign in.
from tenants
left join reported on tenants.tenant_id = reported.tenant_id
left join listed on tenants.tenant_id = listed.tenant_id
