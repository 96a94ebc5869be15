-- Which reasons keep accounts from being compliant, and how often?
select
    told.reason,  -- A code; docs/verdicts.md says what it means.
    count(*) as accounts,  -- Accounts with this reason; one may have several.
    count(distinct told.tenant_id) as tenants  -- In how many tenants.
from (
    select
        tenant_id,
        unnest(reasons) as reason
    from account_verdicts
    where coalesce(customer_posture, contract_verdict) in ('non_compliant', 'at_risk', 'indeterminate')
) as told
group by told.reason
order by accounts desc, told.reason
