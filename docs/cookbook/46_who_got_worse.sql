-- Who got worse since the scan before, and what did it?
select
    tenants.name as tenant,  -- The tenant.
    verdicts.user_principal_name,  -- Who.
    verdicts.before,  -- The verdict in the scan before, of a customer's account the posture.
    verdicts.after,  -- The verdict now.
    verdicts.cause_type,  -- What kind of thing did it.
    verdicts.cause_name,  -- Its name.
    verdicts.what,  -- What happened to it.
    verdicts.how,  -- alone, each, together or unknown.
    verdicts.confidence  -- high, medium or low.
from verdict_changes as verdicts
inner join tenants on verdicts.tenant_id = tenants.tenant_id
where
    verdicts.scanned_at = (select max(scanned_at) from judgements)
    and (verdicts.is_worse or verdicts.direction = 'unclear')
order by verdicts.is_worse desc nulls last, tenant, verdicts.user_principal_name
