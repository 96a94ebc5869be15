-- One row per tenant_id, resource_id (an emergency account of a customer). Whether it is certain to have to do MFA.
-- What makes it one is what rollcall.toml declares, else its employeeType or its name.
select
    tenant_id,  -- The customer.
    'account' as resource_type,  -- What is judged.
    account_id as resource_id,  -- Object id of the account.
    user_principal_name as resource_name,  -- Name the account signs in with.
    account_id,  -- Object id of the account.
    verdict as customer_posture,  -- compliant, at_risk, non_compliant or indeterminate.
    is_covered,
    reasons,
    counterexample,
    cause_type,
    cause_id,
    cause_name
from account_coverage
where contract_scope = 'out_customer_tenant' and account_class = 'break_glass'
