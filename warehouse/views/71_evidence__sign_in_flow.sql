-- One row per tenant_id, resource_id (an account that signed in with success in the window of the logs). By which flows that give a password or a session to another program.
-- Without an id the account goes by its name. The account that synchronizes the directory is not here: it can do nothing but hand in its password.
with
seen as (
    select
        tenant_id,
        coalesce(nullif(user_id, ''), nullif(lower(user_principal_name), ''), 'unknown') as resource_id,
        max(nullif(user_id, '')) as account_id,
        max(nullif(user_principal_name, '')) as user_principal_name,
        coalesce(bool_or(lower(authentication_protocol) = 'ropc'), false) as used_ropc,
        coalesce(bool_or(lower(authentication_protocol) = 'devicecode'), false) as used_device_code,
        list(distinct coalesce(nullif(app_display_name, ''), nullif(app_id, ''), 'an application without a name'))
            filter (where lower(authentication_protocol) = 'ropc') as ropc_apps,
        list(distinct coalesce(nullif(app_display_name, ''), nullif(app_id, ''), 'an application without a name'))
            filter (where lower(authentication_protocol) = 'devicecode') as device_code_apps
    from recent_sign_ins
    where error_code = 0
    group by tenant_id, coalesce(nullif(user_id, ''), nullif(lower(user_principal_name), ''), 'unknown')
)

select
    seen.tenant_id,  -- Tenant that was signed in to.
    'account' as resource_type,  -- What is judged.
    seen.resource_id,  -- Object id of the account, or its name where the logs have no id.
    coalesce(verdicts.user_principal_name, seen.user_principal_name, seen.resource_id)
        as resource_name,  -- Name the account signs in with.
    seen.account_id,  -- Object id of the account; null where the logs have none.
    case when verdicts.account_id is null then false else verdicts.is_admin end
        as is_admin,  -- Whether it is an administrator or agent of this tenant; null if unknown.
    seen.used_ropc,  -- Whether a program handed in its password (ROPC).
    coalesce(list_sort(seen.ropc_apps), []) as ropc_apps,  -- For which applications.
    seen.used_device_code,  -- Whether it approved a code that another device showed (device code flow).
    coalesce(list_sort(seen.device_code_apps), []) as device_code_apps  -- For which applications.
from seen
semi join tenants on seen.tenant_id = tenants.tenant_id
left join account_verdicts as verdicts
    on seen.tenant_id = verdicts.tenant_id and seen.account_id = verdicts.account_id
where not coalesce(list_contains(verdicts.reasons, 'SYNC_ACCOUNT'), false)
