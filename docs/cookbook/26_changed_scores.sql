-- How did each tenant's score and numbers change since the scan before?
-- For any two scans write their times, such as timestamp '2026-11-23 02:00', in the place of the two of moments.
with
moments as (
    select
        scanned_at as later,
        lag(scanned_at) over (order by scanned_at) as earlier
    from recordings
    where history = 'scorecard_history'
    qualify row_number() over (order by scanned_at desc) = 1
)

select
    tenants.name as tenant,  -- The tenant.
    now_.score,  -- The score now.
    now_.score - then_.score as score_change,  -- Against the scan before; null if there is none.
    now_.coverage,  -- How much could be assessed.
    now_.non_compliant + now_.at_risk as open_accounts,  -- Accounts not compliant or at risk.
    (now_.non_compliant + now_.at_risk)
    - (then_.non_compliant + then_.at_risk) as open_accounts_change  -- Against the scan before.
from moments
inner join scorecard_history as now_
    on now_.valid_from <= moments.later and coalesce(now_.valid_until > moments.later, true)
left join scorecard_history as then_
    on
        now_.tenant_id = then_.tenant_id
        and then_.valid_from <= moments.earlier
        and coalesce(then_.valid_until > moments.earlier, true)
inner join tenants on now_.tenant_id = tenants.tenant_id
order by score_change, tenant
