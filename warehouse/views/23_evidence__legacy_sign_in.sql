-- One row per tenant_id, resource_id (an account seen in the window of the logs). Whether a legacy client let it in.
-- Accounts that were seen only failing are here, too. Without an id the account goes by its name.
with
attempts as (
    select
        sign_ins.tenant_id,
        coalesce(
            nullif(sign_ins.user_id, ''), nullif(lower(sign_ins.user_principal_name), ''), 'unknown'
        ) as resource_id,
        nullif(sign_ins.user_id, '') as account_id,
        nullif(sign_ins.user_principal_name, '') as user_principal_name,
        sign_ins.sign_in_id,
        sign_ins.signed_in_at,
        nullif(trim(sign_ins.client_app_used), '') as client,
        -- SQL's own logic: a failure is no success whatever the client was. ROPC is a flow of modern clients, and judged
        -- by itself.
        sign_ins.error_code = 0
        and case
            when client_apps.is_legacy is not null then client_apps.is_legacy
            when lower(sign_ins.authentication_protocol) = 'ropc' then false
        end as is_legacy_success
    from recent_sign_ins as sign_ins
    semi join tenants on sign_ins.tenant_id = tenants.tenant_id
    left join evidence.client_apps
        on lower(trim(split_part(sign_ins.client_app_used, ';', 1))) = client_apps.client_app
)

select
    tenant_id,  -- Tenant that was signed in to.
    'account' as resource_type,  -- What is judged.
    resource_id,  -- Object id of the account, or its name where the logs have no id.
    coalesce(
        last(user_principal_name order by signed_in_at, sign_in_id) filter (where user_principal_name is not null),
        resource_id
    ) as resource_name,  -- Name the account last signed in with.
    max(account_id) as account_id,  -- Object id of the account; null where the logs have none.
    case
        when bool_or(coalesce(is_legacy_success, false)) then 'seen'
        when bool_or(is_legacy_success is null) then 'unknown'
        else 'none'
    end as legacy_success,  -- seen, none or unknown.
    count(*) filter (where is_legacy_success) as legacy_successes,  -- How many.
    coalesce(
        list_sort(list(distinct client) filter (where is_legacy_success)), []
    ) as legacy_clients,  -- With which clients.
    max(signed_in_at) filter (where is_legacy_success) as last_legacy_at,  -- When the last one was.
    coalesce(list_sort(list(distinct coalesce(client, '(none)')) filter (where is_legacy_success is null)), [])
        as unknown_clients  -- Clients that may be legacy.
from attempts
group by tenant_id, resource_id
