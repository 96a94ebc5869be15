-- What was mended: which findings did the newest scan no longer find?
select
    tenants.name as tenant,  -- The tenant.
    history.rule_id,  -- The rule.
    history.resource_name,  -- What broke it.
    history.first_seen_at,  -- The first scan that found it.
    history.valid_until as resolved_at  -- The scan that no longer did.
from finding_history as history
inner join tenants on history.tenant_id = tenants.tenant_id
inner join clock on history.valid_until = clock.as_of
anti join findings on history.finding_id = findings.finding_id
order by tenant, history.rule_id, history.resource_name
