-- One row per tenant_id, resource_id (an administrator of a customer). Whether it is certain to have to do MFA.
-- Emergency accounts are not here. Who may be one, because roles or groups are unread, is, and can only hold or be unknown.
select
    tenant_id,  -- The customer.
    'account' as resource_type,  -- What is judged.
    account_id as resource_id,  -- Object id of the account.
    user_principal_name as resource_name,  -- Name the account signs in with.
    account_id,  -- Object id of the account.
    verdict as customer_posture,  -- compliant, at_risk, non_compliant or indeterminate.
    if(is_admin or is_covered, is_covered, null)
        as is_covered,  -- Whether it is certain to have to do MFA; null where nobody can tell, or tell whom it concerns.
    reasons,
    counterexample,
    cause_type,
    cause_id,
    cause_name
from account_coverage
where contract_scope = 'out_customer_tenant' and account_class is distinct from 'break_glass' and is_admin is not false
