-- Which rules have another result than in the scan before, and where?
-- Other counts are another result, too. For any two scans write their times, such as timestamp '2026-11-23 02:00', in the
-- place of the two of moments.
with
moments as (
    select
        scanned_at as later,
        lag(scanned_at) over (order by scanned_at) as earlier
    from recordings
    where history = 'rule_result_history'
    qualify row_number() over (order by scanned_at desc) = 1
),

then_ as (
    select history.*
    from rule_result_history as history
    inner join moments
        on history.valid_from <= moments.earlier and coalesce(history.valid_until > moments.earlier, true)
),

now_ as (
    select history.*
    from rule_result_history as history
    inner join moments
        on history.valid_from <= moments.later and coalesce(history.valid_until > moments.later, true)
)

select
    tenants.name as tenant,  -- The tenant.
    coalesce(now_.rule_id, then_.rule_id) as rule_id,  -- The rule.
    then_.result as before,  -- Its result in the scan before; null if there was none.
    now_.result,  -- Its result now; null if there is none any more.
    then_.failing as failing_before,  -- Things that broke it before.
    now_.failing,  -- Things that break it now.
    now_.reason  -- Why it is not assessed, not applicable, waived or in error.
from then_
full join now_ on then_.rule_id = now_.rule_id and then_.tenant_id = now_.tenant_id
inner join tenants on coalesce(now_.tenant_id, then_.tenant_id) = tenants.tenant_id
where
    then_.result is distinct from now_.result
    or then_.in_scope is distinct from now_.in_scope
    or then_.failing is distinct from now_.failing
    or then_.unknown is distinct from now_.unknown
order by tenant, rule_id
