-- One row per thing that breaks a rule: every finding that is open.
select
    finding_id,
    rule_id,
    tenant_id,
    resource_type,
    resource_id,
    resource_name,
    account_id,
    accounts,
    reason,
    remediation,
    first_seen_at,
    coalesce(last_seen_at, (select max(scanned_at) from recordings where history = 'finding_history'))
        as last_seen_at,  -- The newest scan that found it; those after it could not tell.
    valid_from  -- The first scan as of which it was open and so described.
from finding_history
where valid_until is null
