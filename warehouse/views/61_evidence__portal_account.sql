-- One row per tenant_id (a partner), resource_id (an account that the Partner Center portal is open to, or that was there). Whether Partner Center names it among those who came without MFA in the last seven days.
with
open_to as (
    select
        tenant_id,
        lower(account_id) as account_id,
        user_principal_name
    from account_verdicts
    where list_contains(exposure, 'pc_portal')
),

named as (
    select
        principals.tenant_id,
        lower(principals.user_id) as account_id,
        max(principals.user_principal_name) as user_principal_name,
        max(coalesce(principals.last_login_without_mfa_at, principals.last_request_without_mfa_at)) as last_at
    from non_mfa_compliant_principals as principals
    semi join tenants on principals.tenant_id = tenants.tenant_id
    inner join clock on true
    where
        coalesce(
            coalesce(principals.last_login_without_mfa_at, principals.last_request_without_mfa_at)
            >= clock.as_of - interval 7 days,
            true
        )
    group by principals.tenant_id, lower(principals.user_id)
)

select
    coalesce(open_to.tenant_id, named.tenant_id) as tenant_id,  -- The partner.
    'account' as resource_type,  -- What is judged.
    coalesce(open_to.account_id, named.account_id) as resource_id,  -- Object id of the account.
    coalesce(open_to.user_principal_name, nullif(named.user_principal_name, ''), named.account_id)
        as resource_name,  -- Name the account signs in with.
    coalesce(open_to.account_id, named.account_id) as account_id,  -- Object id of the account.
    named.account_id is not null as came_without_mfa,  -- Whether Partner Center names it.
    named.last_at as last_without_mfa_at  -- When it last came so; null if it did not, or that is not said.
from open_to
full join named on open_to.tenant_id = named.tenant_id and open_to.account_id = named.account_id
