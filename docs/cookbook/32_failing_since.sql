-- Since when has each rule that fails been failing?
-- Rows of the history without a gap in which it fails are one here, whatever the counts were.
with
begun as (
    select
        *,
        lag(valid_until) over rows_of_one is distinct from valid_from
        or lag(result) over rows_of_one is distinct from result as is_start
    from rule_result_history
    window rows_of_one as (partition by rule_id, tenant_id order by valid_from)
),

dated as (
    select
        *,
        max(valid_from) filter (is_start) over (partition by rule_id, tenant_id order by valid_from) as since
    from begun
)

select
    tenants.name as tenant,  -- The tenant.
    dated.rule_id,  -- The rule.
    dated.failing,  -- Things that break it now.
    dated.in_scope,  -- Things that were judged.
    dated.since,  -- The first scan in which it failed, as in every one after it.
    dated.valid_from  -- The first scan that found it as it is now, with these counts.
from dated
inner join tenants on dated.tenant_id = tenants.tenant_id
where dated.valid_until is null and dated.result = 'fail'
order by dated.since, tenant, dated.rule_id
