-- One row per tenant_id, resource_id (an account that can sign in). What the registration report says of it.
-- Guests and service accounts are here. Disabled accounts and accounts with a directory synchronization role are not.
-- Where is_enabled is unknown the account is here, but only its being registered is certain.
with
synchronization as (
    select
        tenant_id,
        principal_id
    from role_assignments
    where
        lower(role_definition_id) in (
            'd29b2b05-8046-44ba-8758-1e26182fcf32',  -- Directory Synchronization Accounts
            'a92aed5d-d78a-4d16-b381-09adb37eb3b0'   -- On Premises Directory Sync Account
        )
        and coalesce(directory_scope_id, '/') = '/'
),

synchronizing as (
    select
        tenant_id,
        principal_id as account_id
    from synchronization
    union
    select
        synchronization.tenant_id,
        group_members.member_id as account_id
    from synchronization
    inner join group_members
        on synchronization.tenant_id = group_members.tenant_id and synchronization.principal_id = group_members.group_id
),

reported as (
    select
        tenant_id,
        user_id,
        methods_registered,
        report_updated_at,
        case
            when not is_mfa_registered then 'none'
            -- A Temporary Access Pass ends by itself, and two methods serve password reset only.
            when
                len(list_filter(methods_registered, lambda method: starts_with(method, 'temporaryAccessPass'))) > 0
                and len(list_filter(
                    methods_registered,
                    lambda method:
                    not starts_with(method, 'temporaryAccessPass') and method not in ('email', 'securityQuestion')
                )) = 0
                then 'temporary_only'
            when is_mfa_registered and is_mfa_capable then 'registered'
            when is_mfa_registered and not is_mfa_capable then 'registered_not_allowed'
            else 'unknown'
        end as registration
    from authentication_methods
)

select
    users.tenant_id,  -- Tenant the account belongs to.
    'account' as resource_type,  -- What is judged.
    users.user_id as resource_id,  -- Object id of the account.
    users.user_principal_name as resource_name,  -- Name the account signs in with.
    users.user_id as account_id,  -- Object id of the account.
    users.user_type,  -- Member or Guest; null for some old objects.
    users.is_enabled,  -- True, or null where that is unknown.
    case
        when reported.registration = 'registered' then 'registered'
        when users.is_enabled is null then 'unknown'
        else coalesce(reported.registration, 'unknown')  -- no row is unknown: the report lags, and omits some
    end as registration,  -- registered, registered_not_allowed, temporary_only, none or unknown.
    reported.methods_registered,  -- Names of the registered methods, as the report has them.
    reported.report_updated_at  -- When the report's row was made.
from users
semi join tenants on users.tenant_id = tenants.tenant_id
anti join synchronizing on users.tenant_id = synchronizing.tenant_id and users.user_id = synchronizing.account_id
left join reported on users.tenant_id = reported.tenant_id and users.user_id = reported.user_id
where users.is_enabled is not false
