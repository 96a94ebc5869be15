-- One row per tenant_id, resource_id (an emergency account that can sign in). Whether it did in the window of the logs.
-- What makes it one is what rollcall.toml declares, else its employeeType or its name.
with
seen as (
    select
        tenant_id,
        user_id,
        list(distinct coalesce(nullif(app_display_name, ''), nullif(app_id, ''), 'an application without a name'))
            as apps
    from recent_sign_ins
    where error_code = 0 and user_id <> ''
    group by tenant_id, user_id
)

select
    verdicts.tenant_id,  -- Tenant the account belongs to.
    'account' as resource_type,  -- What is judged.
    verdicts.account_id as resource_id,  -- Object id of the account.
    verdicts.user_principal_name as resource_name,  -- Name the account signs in with.
    verdicts.account_id,  -- Object id of the account.
    verdicts.class_source,  -- What says that it is an emergency account: declared, employeeType or name.
    seen.user_id is not null as was_used,  -- Whether it signed in with success.
    coalesce(list_sort(seen.apps), []) as apps  -- To which applications.
from account_verdicts as verdicts
left join seen on verdicts.tenant_id = seen.tenant_id and verdicts.account_id = seen.user_id
where
    verdicts.account_class = 'break_glass'
    and coalesce(verdicts.customer_posture, verdicts.contract_verdict) <> 'not_applicable'
