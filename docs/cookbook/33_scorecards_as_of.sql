-- What were the scorecards a day ago?
-- A day is taken from the newest scan's time; any other will do, such as timestamp '2026-11-23 12:00'.
with
moment as (
    select as_of - interval 1 day as at
    from clock
)

select
    tenants.name as tenant,  -- The tenant.
    history.score,  -- 0 to 100; null where nothing could be assessed.
    history.coverage,  -- 0 to 100: how much could be assessed.
    history.in_scope,  -- Accounts that were judged.
    history.compliant,  -- Of them compliant.
    history.at_risk,  -- At risk.
    history.non_compliant,  -- Not compliant.
    history.indeterminate,  -- Nobody can tell.
    history.valid_from,  -- The scan since which all of that was so.
    history.valid_until  -- The scan that found it otherwise; null if it still is so.
from scorecard_history as history
inner join moment on history.valid_from <= moment.at and coalesce(history.valid_until > moment.at, true)
inner join tenants on history.tenant_id = tenants.tenant_id
order by tenant
