-- One row per tenant_id, resource_id (the tenant). Whether its verdicts are whole: one for each account, none without grounds, few left open.
with
listed as (
    select
        tenant_id,
        count(*) as accounts
    from users
    group by tenant_id
),

judged as (
    select
        verdicts.tenant_id,
        count(*) as verdicts,
        count(distinct users.user_id) as judged_accounts,
        count(*) filter (
            where coalesce(verdicts.customer_posture, verdicts.contract_verdict) = 'compliant'
            and (
                len(verdicts.protected_by) = 0
                or len(list_filter(
                    verdicts.reasons, lambda reason: starts_with(reason, 'SOURCE_UNAVAILABLE(')
                )) > 0
            )
        ) as groundless,
        count(*) filter (
            where coalesce(verdicts.customer_posture, verdicts.contract_verdict) <> 'not_applicable'
        ) as assessed,
        count(*) filter (
            where coalesce(verdicts.customer_posture, verdicts.contract_verdict) = 'indeterminate'
        ) as indeterminate
    from account_verdicts as verdicts
    left join users on verdicts.tenant_id = users.tenant_id and verdicts.account_id = users.user_id
    group by verdicts.tenant_id
)

select
    tenants.tenant_id,  -- The tenant.
    'tenant' as resource_type,  -- What is judged.
    tenants.tenant_id as resource_id,  -- The tenant.
    tenants.name as resource_name,  -- Name of the tenant.
    null::varchar as account_id,  -- Always null: no single account is judged.
    coalesce(listed.accounts, 0) as accounts,  -- User objects of the tenant.
    coalesce(judged.verdicts, 0) as verdicts,  -- Verdicts of its accounts.
    coalesce(listed.accounts, 0) - coalesce(judged.judged_accounts, 0) as without_verdict,  -- Accounts without a verdict.
    coalesce(judged.verdicts, 0) - coalesce(judged.judged_accounts, 0)
        as verdicts_too_many,  -- Verdicts about accounts that are not listed, and every one after an account's first.
    coalesce(judged.groundless, 0) as groundless,  -- Compliant accounts that nothing is named to protect, or whose verdict hinges on what was not read.
    coalesce(judged.assessed, 0) as assessed,  -- Accounts that a verdict or posture is due of.
    coalesce(judged.indeterminate, 0) as indeterminate,  -- Those of which nobody can tell.
    if(judged.assessed > 0, 100.0 * judged.indeterminate / judged.assessed, 0.0)
        as indeterminate_percentage  -- Their share, 0 to 100.
from tenants
left join listed on tenants.tenant_id = listed.tenant_id
left join judged on tenants.tenant_id = judged.tenant_id
