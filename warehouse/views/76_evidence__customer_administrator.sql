-- One row per tenant_id, resource_id (an administrator of a customer). Whether it is certain to have to do MFA.
-- Who may be one, because roles are unread, is here, and can only hold or be unknown.
select
    tenant_id,  -- The customer.
    'account' as resource_type,  -- What is judged.
    account_id as resource_id,  -- Object id of the account.
    user_principal_name as resource_name,  -- Name the account signs in with.
    account_id,  -- Object id of the account.
    customer_posture,  -- compliant, at_risk, non_compliant or indeterminate.
    if(is_admin or is_covered, is_covered, null) as is_covered,  -- Whether it is certain to have to do MFA; null where nobody can tell.
    codes,  -- Codes of what led to that.
    'posture' as cause_type,  -- Always the same: the codes make the cause.
    codes as cause_id,  -- The same for all whom the same leaves open.
    codes as cause_name  -- The same.
from customer_posture
where account_class is distinct from 'break_glass' and is_admin is not false
