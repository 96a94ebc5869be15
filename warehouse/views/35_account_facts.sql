-- One row per tenant_id, account_id (every user object of every tenant). What its verdict is made of; null is unknown.
-- What no collector reads yet (per-user MFA) is null here, with the source not_collected.
with
defaults as (
    select
        tenant_id,
        bool_or(is_enabled) as is_enabled
    from security_defaults
    group by tenant_id
),

-- A Temporary Access Pass ends by itself: who has nothing else is not registered.
reported as (
    select
        tenant_id,
        user_id,
        list_filter(methods_registered, lambda method: starts_with(method, 'temporaryAccessPass')) as passes,
        list_filter(
            methods_registered, lambda method: method in ('mobilePhone', 'alternateMobilePhone', 'officePhone')
        ) as phones,
        list_filter(methods_registered, lambda method: starts_with(method, 'externalAuth')) as externals,
        -- Without what never answers an MFA challenge.
        list_filter(
            methods_registered, lambda method: method not in ('password', 'email', 'securityQuestion')
        ) as methods,
        is_mfa_registered,
        is_mfa_capable
    from authentication_methods
)

select
    users.tenant_id,
    users.user_id as account_id,
    users.user_principal_name,
    users.display_name,
    tenants.kind,
    users.is_enabled,
    contains(lower(users.user_principal_name), '#ext#') as is_guest,
    case
        when contains(lower(users.user_principal_name), '#ext#') then false
        when sources.organization_source = 'usable' then domains.is_federated
    end as is_federated,
    case
        when roles.is_sync_account then true
        when sources.is_roles_whole then false
    end as is_sync_account,
    (
        starts_with(lower(users.user_principal_name), 'sync_')
        or starts_with(lower(users.user_principal_name), 'adtoaadsyncserviceaccount')
        or lower(users.display_name) is not distinct from 'on-premises directory synchronization service account'
    ) as is_named_like_sync,
    case
        when roles.holds_other_role then true
        when sources.is_roles_whole then false
    end as holds_other_role,
    case
        when roles.holds_portal_role then true
        when sources.is_roles_whole then false
    end as holds_portal_role,
    case
        when delegations.account_id is not null then true
        when sources.is_delegation_whole then false
    end as is_delegated,
    case when sources.security_defaults_source = 'usable' then defaults.is_enabled end as security_defaults,
    sources.security_defaults_source,
    null::varchar as per_user,
    'not_collected' as per_user_source,
    reported.user_id is not null as has_registration_row,
    coalesce(len(reported.passes) > 0 and len(reported.passes) = len(reported.methods), false) as has_only_pass,
    reported.is_mfa_registered,
    reported.is_mfa_capable,
    coalesce(len(reported.phones) > 0 and len(reported.phones) = len(reported.methods), false) as has_only_phone,
    coalesce(len(reported.externals) > 0, false) as has_external_method,
    sources.registration_source,
    sources.roles_source,
    sources.organization_source,
    sources.sign_ins_source,
    coalesce(sign_ins.has_success, false) as has_success,
    coalesce(sign_ins.has_mfa_step, false) as has_mfa_step,
    coalesce(sign_ins.has_claim, false) as has_claim,
    coalesce(sign_ins.has_single_factor, false) as has_single_factor,
    coalesce(sign_ins.has_legacy_success, false) as has_legacy_success,
    coalesce(sign_ins.used_azure_portals, false) as used_azure_portals,
    coalesce(sign_ins.used_azure_cli, false) as used_azure_cli,
    sources.is_stale
from users
inner join tenants on users.tenant_id = tenants.tenant_id
inner join judged_sources as sources on users.tenant_id = sources.tenant_id
left join defaults on users.tenant_id = defaults.tenant_id
left join domains
    on
        users.tenant_id = domains.tenant_id
        and lower(split_part(users.user_principal_name, '@', -1)) = domains.domain
left join account_roles as roles on users.tenant_id = roles.tenant_id and users.user_id = roles.account_id
left join account_delegations as delegations
    on users.tenant_id = delegations.tenant_id and users.user_id = delegations.account_id
left join reported on users.tenant_id = reported.tenant_id and users.user_id = reported.user_id
left join account_sign_ins as sign_ins
    on users.tenant_id = sign_ins.tenant_id and users.user_id = sign_ins.account_id
