-- Whose verdict is another one than in the scan before, and what did it?
-- Those that are worse come first, then those that nobody could judge before or cannot now.
select
    tenants.name as tenant,  -- The tenant.
    verdicts.user_principal_name,  -- Who.
    verdicts.before,  -- The verdict in the scan before, of a customer's account the posture.
    verdicts.after,  -- The verdict now.
    verdicts.direction,  -- worse, unclear or better.
    verdicts.cause_type,  -- What kind of thing did it.
    verdicts.cause_name,  -- Its name.
    verdicts.what,  -- What happened to it.
    verdicts.how,  -- alone, each, together or unknown.
    verdicts.confidence  -- high, medium or low.
from verdict_changes as verdicts
inner join tenants on verdicts.tenant_id = tenants.tenant_id
where
    verdicts.scanned_at = (select max(scanned_at) from judgements)
    and verdicts.direction in ('worse', 'unclear', 'better')
order by
    list_position(['worse', 'unclear', 'better'], verdicts.direction),
    tenant,
    verdicts.user_principal_name
