-- Which rules fail in how many tenants?
select
    rule_id,  -- The rule; docs/rules.md describes it.
    count(*) filter (where result = 'pass') as passing_tenants,  -- Tenants that keep it.
    count(*) filter (where result = 'fail') as failing_tenants,  -- Tenants that break it.
    count(*) filter (where result in ('not_assessed', 'error')) as unassessed_tenants,  -- Tenants of which nobody can tell.
    sum(failing)::bigint as failing_things  -- Accounts, relationships and so on that break it.
from rule_results
group by rule_id
order by failing_tenants desc, rule_id
