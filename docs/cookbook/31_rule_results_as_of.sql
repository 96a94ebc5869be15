-- What had become of every rule a day ago?
-- A day is taken from the newest scan's time; any other will do, such as timestamp '2026-11-23 12:00'.
with
moment as (
    select as_of - interval 1 day as at
    from clock
)

select
    tenants.name as tenant,  -- The tenant.
    history.rule_id,  -- The rule.
    history.result,  -- Its result then.
    history.in_scope,  -- Things that were judged.
    history.failing,  -- Things that broke it.
    history.reason,  -- Why it was not assessed, not applicable, waived or in error.
    history.valid_from,  -- The scan since which all of that was so.
    history.valid_until  -- The scan that found it otherwise; null if it still is so.
from rule_result_history as history
inner join moment on history.valid_from <= moment.at and coalesce(history.valid_until > moment.at, true)
inner join tenants on history.tenant_id = tenants.tenant_id
order by tenant, history.rule_id
