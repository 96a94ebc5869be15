-- One row per tenant_id, resource_id (an account that signed in with success in the window of the logs). By which flows that give a password or a session to another program.
-- Without an id the account goes by its name. The account that synchronizes the directory is not here: it can do nothing but hand in its password.
with
-- Few sign-ins are by such a flow: names of applications are looked at in those alone.
flows as (
    select
        tenant_id,
        coalesce(nullif(user_id, ''), nullif(lower(user_principal_name), ''), 'unknown') as resource_id,
        lower(authentication_protocol) as flow,
        list_sort(list(
            distinct coalesce(nullif(app_display_name, ''), nullif(app_id, ''), 'an application without a name')
        )) as apps
    from recent_sign_ins
    where error_code = 0 and lower(authentication_protocol) in ('ropc', 'devicecode')
    group by all
),

seen as (
    select
        tenant_id,
        user_id as resource_id,
        user_id as account_id,
        null::varchar as name
    from recent_sign_ins
    where error_code = 0 and user_id <> ''
    group by all
    union all
    select
        tenant_id,
        coalesce(nullif(lower(user_principal_name), ''), 'unknown') as resource_id,
        null as account_id,
        max(nullif(user_principal_name, '')) as name
    from recent_sign_ins
    where error_code = 0 and coalesce(user_id, '') = ''
    group by all
)

select
    seen.tenant_id,  -- Tenant that was signed in to.
    'account' as resource_type,  -- What is judged.
    seen.resource_id,  -- Object id of the account, or its name where the logs have no id.
    coalesce(verdicts.user_principal_name, seen.name, seen.resource_id)
        as resource_name,  -- Name the account signs in with, if it is still there.
    seen.account_id,  -- Object id of the account; null where the logs have none.
    case when verdicts.account_id is null then false else verdicts.is_admin end
        as is_admin,  -- Whether it is an administrator or agent of this tenant; null if unknown.
    ropc.apps is not null as used_ropc,  -- Whether a program handed in its password (ROPC).
    coalesce(ropc.apps, []) as ropc_apps,  -- For which applications.
    codes.apps is not null as used_device_code,  -- Whether it approved a code that another device showed (device code flow).
    coalesce(codes.apps, []) as device_code_apps  -- For which applications.
from seen
semi join tenants on seen.tenant_id = tenants.tenant_id
left join account_verdicts as verdicts
    on seen.tenant_id = verdicts.tenant_id and seen.account_id = verdicts.account_id
left join flows as ropc
    on seen.tenant_id = ropc.tenant_id and seen.resource_id = ropc.resource_id and ropc.flow = 'ropc'
left join flows as codes
    on seen.tenant_id = codes.tenant_id and seen.resource_id = codes.resource_id and codes.flow = 'devicecode'
where not coalesce(list_contains(verdicts.reasons, 'SYNC_ACCOUNT'), false)
