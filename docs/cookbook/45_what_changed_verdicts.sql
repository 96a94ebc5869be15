-- What did it, where verdicts are others than in the scan before?
-- One row per thing that changed, the one that made most accounts worse first; of how many accounts nobody knows what did
-- it is in the last row of each tenant. docs/changes.md says how that is found out.
with
newest as (
    select scan_id
    from judgements
    qualify row_number() over (order by scanned_at desc, scan_id desc) = 1
)

select
    tenants.name as tenant,  -- The tenant.
    coalesce(changes.name, 'unknown') as thing,  -- What changed: a policy, a group, what accounts have registered, ...
    changes.what,  -- What happened to it; null where nobody knows.
    count(*) as accounts,  -- Accounts of which it is a cause.
    count(*) filter (where verdicts.direction = 'worse') as worse,  -- Those of them whose verdict is a worse one.
    count(*) filter (where verdicts.direction = 'better') as better,  -- Those of them whose verdict is a better one.
    count(*) filter (where verdicts.direction = 'unclear') as unclear  -- Those that nobody could judge, or can now.
from (
    select
        *,
        unnest(if(how = 'unknown', [null], change_ids)) as change_id
    from verdict_changes
) as verdicts
inner join newest on verdicts.scan_id = newest.scan_id
inner join tenants on verdicts.tenant_id = tenants.tenant_id
left join changes
    on
        verdicts.scan_id = changes.scan_id
        and verdicts.tenant_id = changes.tenant_id
        and verdicts.change_id = changes.change_id
group by tenant, thing, changes.what
order by worse desc, unclear desc, accounts desc, tenant, thing
