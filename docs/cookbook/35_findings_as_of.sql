-- Which findings were open a day ago?
-- A day is taken from the newest scan's time; any other will do, such as timestamp '2026-11-23 12:00'.
with
moment as (
    select as_of - interval 1 day as at
    from clock
)

select
    tenants.name as tenant,  -- The tenant.
    history.rule_id,  -- The rule.
    history.resource_name,  -- What broke it.
    history.reason,  -- How, in the words of then.
    history.first_seen_at,  -- The first scan that found it.
    history.valid_until  -- The scan that no longer found it so; null if it is open and described so still.
from finding_history as history
inner join moment on history.valid_from <= moment.at and coalesce(history.valid_until > moment.at, true)
inner join tenants on history.tenant_id = tenants.tenant_id
order by tenant, history.rule_id, history.resource_name
