-- One row per tenant_id (a partner), resource_id (an account that Microsoft's own enforcement for partners asked for MFA in the window of the logs). Whether it could answer, and whether the tenant itself asks it, too.
-- The logs name what asked: enforcedForCspAdmins is Microsoft; anything else (a policy, security defaults, per-user MFA) is the tenant.
with
asked as (
    select
        sign_ins.tenant_id,
        sign_ins.user_id,
        sign_ins.user_principal_name,
        sign_ins.sign_in_id,
        sign_ins.signed_in_at,
        sign_ins.error_code,
        list_filter(
            json_extract_string(sign_ins.authentication_requirement_policies, '$[*].requirementProvider'),
            lambda provider: provider <> 'enforcedForCspAdmins'
        ) as others
    from recent_sign_ins as sign_ins
    semi join tenants on sign_ins.tenant_id = tenants.tenant_id and tenants.kind = 'partner'
    where
        sign_ins.user_id <> ''
        -- Parsing costs: most sign-ins do not hold the word.
        and contains(sign_ins.authentication_requirement_policies::varchar, 'enforcedForCspAdmins')
),

seen as (
    select
        tenant_id,
        user_id,
        last(nullif(user_principal_name, '') order by signed_in_at, sign_in_id) filter (where user_principal_name <> '')
            as user_principal_name,
        bool_or(error_code = 0) as got_in,
        bool_or(len(others) > 0) as is_asked_besides,
        count(*) as sign_ins,
        max(signed_in_at) as last_at
    from asked
    group by tenant_id, user_id
),

judged as (
    select
        seen.*,
        -- Not every sign-in names everything that asks.
        seen.is_asked_besides or coalesce(verdicts.required = 'full', false) as is_asked_by_tenant
    from seen
    left join account_verdicts as verdicts on seen.tenant_id = verdicts.tenant_id and seen.user_id = verdicts.account_id
)

select
    tenant_id,  -- The partner.
    'account' as resource_type,  -- What is judged.
    user_id as resource_id,  -- Object id of the account.
    coalesce(user_principal_name, user_id) as resource_name,  -- Name the account last signed in with.
    user_id as account_id,  -- Object id of the account.
    got_in,  -- Whether it answered at least once; null where the logs do not say.
    is_asked_by_tenant,  -- Whether the tenant asked it, too, in one of these sign-ins, or asks it at every sign-in.
    sign_ins,  -- How many.
    last_at,  -- When the last one was.
    'enforcement' as cause_type,  -- What Microsoft's enforcement shows.
    case
        when not got_in then 'not_answered'
        when not is_asked_by_tenant then 'not_asked_by_tenant'
    end as cause_id,  -- not_answered or not_asked_by_tenant; null where neither.
    case
        when not got_in then 'they did not get in'
        when not is_asked_by_tenant then 'nothing of the tenant asks them'
    end as cause_name  -- The same in words.
from judged
