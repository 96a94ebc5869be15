-- Since when has each account had its verdict?
-- A row of the history begins whenever anything about an account changes: its name, its reasons. Rows without a gap and
-- with the same verdict are one here.
with
changed as (
    select distinct tenant_id, account_id
    from account_verdict_history
    where valid_until is not null
),

told as (
    select
        history.tenant_id,
        history.account_id,
        coalesce(history.customer_posture, history.contract_verdict) as verdict,
        history.valid_from,
        history.valid_until
    from account_verdict_history as history
    semi join changed on history.tenant_id = changed.tenant_id and history.account_id = changed.account_id
),

begun as (
    select
        *,
        lag(valid_until) over rows_of_one is distinct from valid_from
        or lag(verdict) over rows_of_one is distinct from verdict as is_start
    from told
    window rows_of_one as (partition by tenant_id, account_id order by valid_from)
),

dated as (
    select
        tenant_id,
        account_id,
        max(valid_from) filter (is_start) as since
    from begun
    group by tenant_id, account_id
)

select
    tenants.name as tenant,  -- The tenant.
    history.user_principal_name,  -- Who.
    coalesce(history.customer_posture, history.contract_verdict) as verdict,  -- Its verdict now; of a customer's the posture.
    coalesce(dated.since, history.valid_from) as since,  -- The first scan that found it so, and every one after it did.
    date_diff('day', coalesce(dated.since, history.valid_from), clock.as_of) as days  -- Days from then to the newest scan.
from account_verdict_history as history
inner join clock on true
inner join tenants on history.tenant_id = tenants.tenant_id
left join dated on history.tenant_id = dated.tenant_id and history.account_id = dated.account_id
where history.valid_until is null
order by since desc, tenant, history.user_principal_name
