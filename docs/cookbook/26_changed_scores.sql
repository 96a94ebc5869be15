-- How did each tenant's score and numbers change since the scan before?
select
    tenants.name as tenant,  -- The tenant.
    history.score,  -- The score now.
    history.score - lag(history.score) over every_scan as score_change,  -- Against the scan before; null if there is none.
    history.coverage,  -- How much could be assessed.
    history.non_compliant + history.at_risk as open_accounts,  -- Accounts not compliant or at risk.
    (history.non_compliant + history.at_risk)
    - lag(history.non_compliant + history.at_risk) over every_scan as open_accounts_change  -- Against the scan before.
from scorecard_history as history
inner join tenants on history.tenant_id = tenants.tenant_id
window every_scan as (partition by history.tenant_id order by history.scanned_at)
qualify history.scanned_at = max(history.scanned_at) over (partition by history.tenant_id)
order by score_change, tenant
