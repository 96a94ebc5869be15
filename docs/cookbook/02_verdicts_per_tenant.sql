-- How do the accounts of each tenant stand?
-- A customer's accounts owe nothing by the partner's contract: their posture is counted, what they would be did they owe it.
select
    tenants.name as tenant,  -- The tenant.
    tenants.kind,  -- partner or customer.
    coalesce(verdicts.customer_posture, verdicts.contract_verdict) as verdict,  -- The verdict; of a customer the posture.
    count(*) as accounts  -- How many accounts.
from account_verdicts as verdicts
inner join tenants on verdicts.tenant_id = tenants.tenant_id
group by tenant, tenants.kind, verdict
order by tenant, verdict
