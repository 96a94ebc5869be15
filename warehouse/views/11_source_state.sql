-- One row per tenant_id, dataset that the tenant should have. How the newest attempt to read it went, and what is there of it.
-- A scan that was not asked to read it is no attempt. A dataset that nobody tried to read yet has the state skipped.
with
attempts as (
    select
        source_status.tenant_id,
        source_status.dataset,
        source_status.state,
        source_status.code,
        source_status.message,
        source_status.collected_at
    from source_status
    inner join scans on source_status.scan_id = scans.scan_id
    where source_status.state <> 'skipped'
    qualify
        row_number() over (
            partition by source_status.tenant_id, source_status.dataset
            order by scans.scanned_at desc, scans.scan_id desc
        ) = 1
),

-- Why nobody tries to: it takes a user, another programme or another cloud.
spared as (
    select
        source_status.tenant_id,
        source_status.dataset,
        source_status.code,
        source_status.message
    from source_status
    inner join scans on source_status.scan_id = scans.scan_id
    where source_status.state = 'skipped' and source_status.code in ('NeedsUser', 'NotInProgram', 'NotInCloud')
    qualify
        row_number() over (
            partition by source_status.tenant_id, source_status.dataset
            order by scans.scanned_at desc, scans.scan_id desc
        ) = 1
)

select
    tenants.tenant_id,
    datasets.dataset,
    coalesce(attempts.state, 'skipped') as state,
    coalesce(attempts.code, spared.code, '') as code,
    coalesce(attempts.message, spared.message, '') as message,
    attempts.collected_at,  -- When the newest attempt ended; null if there was none.
    slices.collected_at as last_complete_at,  -- When what is in the table was collected; null if it never was.
    slices.rows,  -- Rows the table holds for the tenant; null if it was never complete.
    slices.dataset is not null and coalesce(attempts.state, 'skipped') <> 'complete'
        as is_stale,  -- Whether the table holds an older state, because the newest attempt was not complete.
    slices.dataset is not null and coalesce(attempts.state, 'skipped') = 'complete'
        as is_usable  -- Whether the newest attempt was complete, so that the table tells how things are.
from tenants
inner join datasets on datasets.is_installed and list_contains(datasets.kinds, tenants.kind)
left join attempts on tenants.tenant_id = attempts.tenant_id and datasets.dataset = attempts.dataset
left join spared on tenants.tenant_id = spared.tenant_id and datasets.dataset = spared.dataset
left join slices on tenants.tenant_id = slices.tenant_id and datasets.dataset = slices.dataset
