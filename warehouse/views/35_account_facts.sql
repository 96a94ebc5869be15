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

-- Partner Center's roles are groups with these names; only those that something else names, too, are collected.
agents as (
    select distinct
        group_members.tenant_id,
        group_members.member_id as account_id
    from groups
    inner join group_members
        on groups.tenant_id = group_members.tenant_id and groups.group_id = group_members.group_id
    inner join judged_sources
        on groups.tenant_id = judged_sources.tenant_id and judged_sources.is_groups_whole
    where groups.display_name in ('AdminAgents', 'HelpdeskAgents', 'SalesAgents')
),

reported as (
    select
        tenant_id,
        user_id,
        is_mfa_registered,
        is_mfa_capable,
        list_filter(
            methods_registered,
            lambda method: method not in ('password', 'email', 'securityQuestion')  -- these never answer for MFA
        ) as methods
    from authentication_methods
)

select
    users.tenant_id,  -- The account's tenant.
    users.user_id as account_id,  -- Object id of the user.
    users.user_principal_name,  -- Name the user signs in with.
    users.display_name,  -- Name shown to people.
    tenants.kind,  -- partner or customer.
    sources.users_source,  -- usable, or the state that keeps the list of accounts from telling.
    case when sources.users_source = 'usable' then users.is_enabled end as is_enabled,  -- Whether it can sign in.
    contains(lower(users.user_principal_name), '#ext#') as is_guest,  -- Whether its identity belongs to somebody else.
    case
        when contains(lower(users.user_principal_name), '#ext#') then false
        else verified_domains.is_federated
    end as is_federated,  -- Whether another identity provider signs it in.
    case
        when roles.is_sync_account then true
        when sources.is_roles_whole then false
    end as is_sync_account,  -- Whether it holds a directory synchronization role.
    (
        starts_with(lower(users.user_principal_name), 'sync_')
        or starts_with(lower(users.user_principal_name), 'adtoaadsyncserviceaccount')
        or lower(users.display_name) is not distinct from 'on-premises directory synchronization service account'
    ) as is_named_like_sync,  -- Whether it is named as Entra Connect names its account.
    case
        when roles.holds_other_role then true
        when sources.is_roles_whole then false
    end as holds_other_role,  -- Whether it holds any other directory role.
    case
        when roles.holds_portal_role or agents.account_id is not null then true
        when sources.is_roles_whole then false
    end as is_portal_user,  -- Whether a role or an agent group opens Partner Center to it.
    case
        when delegations.account_id is not null then true
        when sources.is_delegation_whole then false
    end as is_delegated,  -- Whether it can act in a customer.
    case
        when sources.security_defaults_source = 'usable' then defaults.is_enabled
    end as security_defaults,  -- Whether security defaults are on.
    sources.security_defaults_source,  -- The same of security defaults.
    null::varchar as per_user,  -- Per-user MFA: disabled, enabled or enforced.
    'not_collected' as per_user_source,  -- The same of per-user MFA.
    reported.user_id is not null as has_registration_row,  -- Whether the registration report knows it.
    reported.is_mfa_registered,  -- Whether a method good for MFA is registered.
    reported.is_mfa_capable,  -- Whether such a method is allowed, too.
    coalesce(
        len(reported.methods) > 0
        and len(reported.methods)
        = len(list_filter(reported.methods, lambda method: starts_with(method, 'temporaryAccessPass'))),
        false
    ) as has_only_pass,  -- Whether a Temporary Access Pass, which ends by itself, is all it has.
    coalesce(
        len(reported.methods) > 0
        and len(reported.methods)
        = len(
            list_filter(
                reported.methods, lambda method: method in ('mobilePhone', 'alternateMobilePhone', 'officePhone')
            )
        ),
        false
    ) as has_only_phone,  -- Whether phone numbers are all it has.
    coalesce(
        len(list_filter(reported.methods, lambda method: starts_with(method, 'externalAuth'))) > 0, false
    ) as has_external_method,  -- Whether it has an external authentication method.
    sources.registration_source,  -- usable, or the state that keeps the registration report from telling.
    sources.roles_source,  -- The same of the role assignments.
    sources.organization_source,  -- The same of the tenant's domains.
    sources.sign_ins_source,  -- The same of the sign-ins.
    coalesce(sign_ins.has_success, false) as has_success,  -- Whether it signed in interactively, with success.
    coalesce(sign_ins.has_mfa_step, false) as has_mfa_step,  -- Whether it did MFA then.
    coalesce(sign_ins.has_claim, false) as has_claim,  -- Whether it was asked for MFA, or brought a claim of it.
    coalesce(sign_ins.has_single_factor, false) as has_single_factor,  -- Whether one factor was enough once.
    coalesce(sign_ins.has_legacy_success, false) as has_legacy_success,  -- Whether a legacy client let it in.
    coalesce(sign_ins.used_azure_portals, false) as used_azure_portals,  -- Whether it used an Azure or Entra portal.
    coalesce(sign_ins.used_azure_cli, false) as used_azure_cli,  -- Whether it used Azure CLI or Azure PowerShell.
    sources.is_old  -- Whether something its verdict rests on was read more than two days before the newest scan.
from users
inner join tenants on users.tenant_id = tenants.tenant_id
inner join judged_sources as sources on users.tenant_id = sources.tenant_id
left join defaults on users.tenant_id = defaults.tenant_id
left join verified_domains
    on
        users.tenant_id = verified_domains.tenant_id
        and lower(split_part(users.user_principal_name, '@', -1)) = verified_domains.domain
left join account_roles as roles on users.tenant_id = roles.tenant_id and users.user_id = roles.account_id
left join agents on users.tenant_id = agents.tenant_id and users.user_id = agents.account_id
left join account_delegations as delegations
    on users.tenant_id = delegations.tenant_id and users.user_id = delegations.account_id
left join reported on users.tenant_id = reported.tenant_id and users.user_id = reported.user_id
left join account_sign_ins as sign_ins
    on users.tenant_id = sign_ins.tenant_id and users.user_id = sign_ins.account_id
