-- One row per finding that is open and account that it concerns.
select
    finding_id,  -- The finding.
    tenant_id,
    account_id  -- Object id of the account.
from finding_account_history
where valid_until is null
union all
select
    finding_id,
    tenant_id,
    account_id
from finding_history
where valid_until is null and account_id is not null
