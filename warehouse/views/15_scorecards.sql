-- One row per tenant: its numbers as of the newest scan.
select
    tenant_id,
    score,
    coverage,
    in_scope,
    compliant,
    at_risk,
    non_compliant,
    indeterminate,
    (select max(scanned_at) from recordings where history = 'scorecard_history')
        as assessed_at,  -- The newest scan: the tenant was judged as of it.
    valid_from  -- The first scan that found it so.
from scorecard_history
where valid_until is null
