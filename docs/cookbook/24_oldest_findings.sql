-- Which findings have been open the longest?
select
    tenants.name as tenant,  -- The tenant.
    findings.rule_id,  -- The rule.
    findings.resource_name,  -- What breaks it.
    findings.first_seen_at,  -- The first scan that found it.
    date_diff('day', findings.first_seen_at, clock.as_of) as open_days,  -- Days from then to the newest scan.
    findings.remediation  -- What to do.
from findings
inner join tenants on findings.tenant_id = tenants.tenant_id
cross join clock
order by findings.first_seen_at, tenant, findings.rule_id, findings.resource_name
