-- What would fail if nobody had accepted it?
select
    tenants.name as tenant,  -- The tenant.
    results.rule_id,  -- The rule.
    results.result,  -- Its result: waived where all that fails is accepted.
    results.failing,  -- Things that break it.
    results.accepted,  -- Those of them that waivers accept.
    results.reason  -- Until when and by whom, where all of it is accepted.
from rule_results as results
inner join tenants on results.tenant_id = tenants.tenant_id
where results.true_result = 'fail' and results.accepted > 0
order by tenant, results.rule_id
