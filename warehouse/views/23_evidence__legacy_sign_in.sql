-- One row per tenant_id, resource_id (an account seen in the window of the sign-in logs). Whether a legacy client let it in.
-- Accounts that were seen only failing are here, too. Without an id the account goes by its name.
with
attempts as (
    select
        sign_ins.tenant_id,
        coalesce(nullif(sign_ins.user_id, ''), nullif(lower(sign_ins.user_principal_name), ''), 'unknown') as resource_id,
        nullif(sign_ins.user_id, '') as account_id,
        nullif(sign_ins.user_principal_name, '') as user_principal_name,
        sign_ins.sign_in_id,
        sign_ins.signed_in_at,
        case
            when lower(sign_ins.authentication_protocol) = 'ropc' then 'ROPC'
            else nullif(trim(sign_ins.client_app_used), '')
        end as client,
        -- SQL's own logic: a failure is no success whatever the client was; ROPC is legacy whatever the client's name.
        sign_ins.error_code = 0
        and (coalesce(lower(sign_ins.authentication_protocol) = 'ropc', false) or client_apps.is_legacy) as is_legacy_success
    from sign_ins
    semi join tenants on sign_ins.tenant_id = tenants.tenant_id
    left join evidence.client_apps
        on lower(trim(split_part(sign_ins.client_app_used, ';', 1))) = client_apps.client_app
)

select
    tenant_id,
    'account' as resource_type,
    resource_id,
    last(user_principal_name order by signed_in_at, sign_in_id)
        filter (where user_principal_name is not null) as resource_name,
    max(account_id) as account_id,
    case
        when bool_or(coalesce(is_legacy_success, false)) then 'seen'
        when bool_or(is_legacy_success is null) then 'unknown'
        else 'none'
    end as legacy_success,
    count(*) filter (where is_legacy_success) as legacy_successes,
    coalesce(list_sort(list(distinct client) filter (where is_legacy_success)), []) as legacy_clients,
    max(signed_in_at) filter (where is_legacy_success) as last_legacy_at,
    coalesce(list_sort(list(distinct coalesce(client, '(none)')) filter (where is_legacy_success is null)), [])
        as unknown_clients
from attempts
group by tenant_id, resource_id
