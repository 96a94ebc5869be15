-- One row per account and active technical exception that names it or its whole tenant. Its verdict is what it is.
select
    verdicts.tenant_id,  -- The tenant.
    verdicts.account_id,
    verdicts.user_principal_name,
    verdicts.contract_verdict,
    verdicts.exposure,  -- Where Microsoft demands MFA of it; the exception may keep it from being refused there.
    exceptions.exception_id,
    exceptions.vendor,
    exceptions.ticket,
    exceptions.ends_on
from account_verdicts as verdicts
inner join technical_exceptions as exceptions
    on
        verdicts.tenant_id = exceptions.tenant_id
        and (len(exceptions.accounts) = 0 or list_contains(exceptions.account_ids, verdicts.account_id))
where exceptions.state = 'active'
