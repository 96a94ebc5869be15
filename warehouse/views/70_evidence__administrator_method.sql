-- One row per tenant_id, resource_id (an administrator or agent who can sign in). Which kinds of method it has registered.
-- Who may be one, because roles or groups are unread, is here, and can only hold or be unknown.
select
    tenant_id,  -- Tenant the account belongs to.
    'account' as resource_type,  -- What is judged.
    resource_id,  -- Object id of the account.
    resource_name,  -- Name the account signs in with.
    account_id,  -- Object id of the account.
    is_admin,  -- True, or null where that is unknown.
    registered,  -- capable, weak_only, registered_not_allowed, none, external_unknown or unknown.
    if(is_admin or is_capable, is_capable, null) as is_capable,  -- Whether it has a method for MFA that it may use.
    if(is_admin or has_phishing_resistant, has_phishing_resistant, null)
        as has_phishing_resistant,  -- Whether one withstands phishing: a passkey, Windows Hello, a certificate.
    methods  -- What is registered for sign-in, as the report names it.
from evidence.account_method
where is_admin is not false
