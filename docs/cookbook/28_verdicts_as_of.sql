-- How did every account stand a day ago?
-- A day is taken from the newest scan's time; any other will do, such as timestamp '2026-11-23 12:00'.
with
moment as (
    select as_of - interval 1 day as at
    from clock
)

select
    tenants.name as tenant,  -- The tenant.
    history.user_principal_name,  -- Who, as it was called then.
    coalesce(history.customer_posture, history.contract_verdict) as verdict,  -- Its verdict then; a customer's posture.
    history.reasons,  -- Why, as codes.
    history.valid_from,  -- The scan since which all of that was so.
    history.valid_until  -- The scan that found it otherwise; null if it still is so.
from account_verdict_history as history
inner join moment on history.valid_from <= moment.at and coalesce(history.valid_until > moment.at, true)
inner join tenants on history.tenant_id = tenants.tenant_id
order by tenant, history.user_principal_name
