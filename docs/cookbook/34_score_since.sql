-- Since when has each tenant had its score, and what was it before?
with
told as (
    select
        *,
        lag(score) over rows_of_one as before,
        lag(valid_from) over rows_of_one is null or lag(score) over rows_of_one is distinct from score as is_start
    from scorecard_history
    window rows_of_one as (partition by tenant_id order by valid_from)
),

dated as (
    select
        *,
        max(valid_from) filter (is_start) over rows_till_now as since,
        arg_max(struct_pack(score := before), valid_from) filter (is_start) over rows_till_now as last_change
    from told
    window rows_till_now as (partition by tenant_id order by valid_from)
)

select
    tenants.name as tenant,  -- The tenant.
    dated.score,  -- Its score now.
    dated.since,  -- The first scan with that score, as every one after it.
    dated.last_change.score as score_before  -- The score before that; null if there was none.
from dated
inner join tenants on dated.tenant_id = tenants.tenant_id
where dated.valid_until is null
order by dated.since desc, tenant
