-- One row per tenant_id, resource_id (an emergency account that can sign in). Whether it did in the window of the logs.
-- What makes it one is what rollcall.toml declares, else its employeeType or its name.
with
verdicts as (
    select
        tenant_id,
        account_id,
        user_principal_name,
        class_source
    from account_verdicts
    where account_class = 'break_glass' and coalesce(customer_posture, contract_verdict) <> 'not_applicable'
),

seen as (
    select
        sign_ins.tenant_id,
        sign_ins.user_id,
        list(distinct coalesce(
            nullif(sign_ins.app_display_name, ''), nullif(sign_ins.app_id, ''), 'an application without a name'
        )) as apps
    from recent_sign_ins as sign_ins
    inner join verdicts on sign_ins.tenant_id = verdicts.tenant_id and sign_ins.user_id = verdicts.account_id
    where sign_ins.error_code = 0
    group by sign_ins.tenant_id, sign_ins.user_id
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
from verdicts
left join seen on verdicts.tenant_id = seen.tenant_id and verdicts.account_id = seen.user_id
