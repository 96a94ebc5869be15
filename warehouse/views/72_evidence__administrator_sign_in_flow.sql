-- One row per tenant_id, resource_id (an administrator or agent that signed in with success in the window of the logs). By which flows.
-- Who may be one, because roles or groups are unread, is here, and can only hold or be unknown.
select
    tenant_id,  -- Tenant that was signed in to.
    'account' as resource_type,  -- What is judged.
    resource_id,  -- Object id of the account.
    resource_name,  -- Name the account signs in with.
    account_id,  -- Object id of the account.
    is_admin,  -- True, or null where that is unknown.
    if(is_admin or not used_device_code, used_device_code, null)
        as used_device_code,  -- Whether it approved a code that another device showed (device code flow).
    device_code_apps  -- For which applications.
from evidence.sign_in_flow
where is_admin is not false
