-- Which tenants have stale or missing data, and why?
select
    tenants.name as tenant,  -- The tenant.
    sources.dataset,  -- What is missing.
    sources.state,  -- What became of the newest attempt to read it.
    sources.code,  -- Microsoft's code, or ours.
    sources.message,  -- What went wrong, in words.
    sources.last_complete_at,  -- When it was last read whole; null if never.
    sources.is_stale  -- Whether an older state is in its place.
from source_state as sources
inner join tenants on sources.tenant_id = tenants.tenant_id
where not sources.is_usable and sources.state <> 'skipped'
order by tenant, sources.dataset
