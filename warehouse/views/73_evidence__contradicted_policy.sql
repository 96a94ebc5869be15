-- One row per tenant_id, resource_id (an account of whose every sign-in MFA is demanded, by Conditional Access too, and that was seen signing in). Whether one factor was enough all the same.
select
    tenant_id,  -- Tenant the account belongs to.
    'account' as resource_type,  -- What is judged.
    account_id as resource_id,  -- Object id of the account.
    user_principal_name as resource_name,  -- Name the account signs in with.
    account_id,  -- Object id of the account.
    proof,  -- mfa_proven, claim_only or single_factor_seen: what its sign-ins show.
    list_contains(reasons, 'EVIDENCE_CONTRADICTS_POLICY')
        as is_contradicted,  -- Whether a sign-in got by with one factor, though policies leave no way open.
    is_admin  -- Whether it is an administrator or agent; null if unknown.
from account_verdicts
where
    required = 'full'
    and proof in ('mfa_proven', 'claim_only', 'single_factor_seen')
    and len(list_filter(protected_by, lambda what: starts_with(what, 'ca_policy:'))) > 0
