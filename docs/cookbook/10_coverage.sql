-- How much of what applies could be assessed in each tenant?
-- A score without its coverage means nothing, so here they stand side by side.
select
    tenants.name as tenant,  -- The tenant.
    tenants.kind,  -- partner or customer.
    scorecards.coverage,  -- 0 to 100: how much could be assessed.
    scorecards.score,  -- 0 to 100; null where nothing could be assessed.
    scorecards.indeterminate,  -- Accounts of which nobody can tell.
    scorecards.in_scope,  -- Accounts that were judged.
    tenants.last_scan_at  -- When it was last read.
from tenants
left join scorecards on tenants.tenant_id = scorecards.tenant_id
order by scorecards.coverage, tenant
