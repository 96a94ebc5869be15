-- Since when has each account had its verdict?
-- A row of the history begins whenever anything about an account changes: its name, its reasons. Rows without a gap and
-- with the same verdict are one here.
with
told as (
    select
        tenant_id,
        account_id,
        user_principal_name,
        coalesce(customer_posture, contract_verdict) as verdict,
        valid_from,
        valid_until
    from account_verdict_history
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
        *,
        max(valid_from) filter (is_start) over (partition by tenant_id, account_id order by valid_from) as since
    from begun
)

select
    tenants.name as tenant,  -- The tenant.
    dated.user_principal_name,  -- Who.
    dated.verdict,  -- Its verdict now; of a customer's the posture.
    dated.since,  -- The first scan that found it so, and every one after it did.
    date_diff('day', dated.since, clock.as_of) as days  -- Days from then to the newest scan.
from dated
inner join tenants on dated.tenant_id = tenants.tenant_id
cross join clock
where dated.valid_until is null
order by dated.since desc, tenant, dated.user_principal_name
