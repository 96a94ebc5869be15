-- One row per tenant_id, resource_id (a service account, a room or a shared mailbox that is no administrator and no guest). Whether it is certain to have to do MFA.
select
    tenant_id,  -- The partner.
    'account' as resource_type,  -- What is judged.
    account_id as resource_id,  -- Object id of the account.
    user_principal_name as resource_name,  -- Name the account signs in with.
    account_id,  -- Object id of the account.
    contract_verdict,
    is_covered,
    reasons,
    counterexample,
    cause_type,
    cause_id,
    cause_name
from contract_coverage
where population = 'service'
