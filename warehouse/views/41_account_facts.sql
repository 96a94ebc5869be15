-- One row per tenant_id, account_id (every user object of every tenant). What its verdict is made of; null is unknown.
with
-- Partner Center's roles are groups with these names.
agents as (
    select distinct
        group_members.tenant_id,
        group_members.member_id as account_id
    from groups
    inner join group_members
        on groups.tenant_id = group_members.tenant_id and groups.group_id = group_members.group_id
    inner join judged_sources
        on
            groups.tenant_id = judged_sources.tenant_id
            and judged_sources.sources['groups'] = 'usable'
            and judged_sources.sources['group_members'] = 'usable'
    where groups.display_name in ('AdminAgents', 'HelpdeskAgents', 'SalesAgents')
),

memberships as (
    select
        group_members.tenant_id,
        group_members.member_id as account_id,
        list_sort(list(group_members.group_id)) as groups
    from group_members
    inner join judged_sources
        on group_members.tenant_id = judged_sources.tenant_id and judged_sources.sources['group_members'] = 'usable'
    group by group_members.tenant_id, group_members.member_id
),

-- Asked of each tenant once, not of each account.
places as (
    select
        tenant_id,
        are_roles_known,
        are_eligibilities_known,
        are_activations_known,
        are_delegations_known,
        is_mfa_trusted_by_default,
        has_trust_exceptions,
        (kind = 'customer' or sources['agent_groups'] = 'usable')
        and sources['groups'] = 'usable'
        and sources['group_members'] = 'usable' as are_agents_known,
        sources['users'] = 'usable' as are_users_read,
        sources['per_user_mfa'] = 'usable' as are_states_read,
        sources['cross_tenant_access_partners'] = 'usable' as are_trusts_read
    from judged_tenants
),

people as (
    select
        users.*,
        places.* exclude (tenant_id),
        contains(lower(users.user_principal_name), '#ext#')
        or coalesce(users.creation_type in ('Invitation', 'SelfServiceSignUp'), false) as is_external
    from users
    inner join places on users.tenant_id = places.tenant_id
)

select
    users.tenant_id,  -- The account's tenant.
    users.user_id as account_id,  -- Object id of the user.
    users.user_principal_name,  -- Name the user signs in with.
    users.display_name,  -- Name shown to people.
    case when users.are_users_read then users.is_enabled end as is_enabled,  -- Whether it can sign in.
    coalesce(users.user_type, '') as user_type,  -- Member, Guest, or empty for some old objects.
    users.is_external,  -- Whether its identity belongs to somebody else.
    case
        when users.is_external
            then
                list_sort(list_distinct(list_filter(
                    list_transform(
                        from_json(users.identities, '[{"signInType": "VARCHAR", "issuer": "VARCHAR"}]'),
                        lambda one: if(one.signInType = 'federated', lower(coalesce(one.issuer, '')), null)
                    ),
                    lambda issuer: issuer is not null
                )))
    end as issuers,  -- Who vouches for an external account, in lower case.
    case when users.is_external then homes.home_tenant_id end as home_tenant_id,  -- The tenant it is at home in.
    coalesce(memberships.groups, []) as groups,  -- The groups it is known to be in, however deeply nested.
    case
        when users.are_roles_known and (users.are_activations_known or not coalesce(roles.has_unclear_role, false))
            then coalesce(roles.active_roles, [])
    end
        as active_roles,  -- Template ids of the roles it holds without activating anything.
    case when users.are_eligibilities_known then coalesce(roles.eligible_roles, []) end
        as eligible_roles,  -- Template ids of the roles it may activate.
    case when users.are_roles_known then coalesce(roles.scoped_roles, []) else [] end
        as scoped_roles,  -- Template ids of the roles it holds in part of the tenant, which no policy knows it by.
    case when users.is_external then false else judged_domains.is_federated end
        as is_federated,  -- Whether another identity provider signs it in.
    case
        when not users.is_external then judged_domains.is_mfa_accepted
        when trusts.is_mfa_accepted is not null and users.are_trusts_read
            then trusts.is_mfa_accepted
        when not users.has_trust_exceptions then users.is_mfa_trusted_by_default
        when homes.home_tenant_id is not null and users.are_trusts_read
            then users.is_mfa_trusted_by_default
    end as is_mfa_accepted,  -- Whether MFA that its identity provider or its home tenant did counts here.
    case
        when roles.is_sync_account then true
        when users.are_roles_known then false
    end as is_sync_account,  -- Whether it holds a directory synchronization role.
    (
        starts_with(lower(users.user_principal_name), 'sync_')
        or starts_with(lower(users.user_principal_name), 'adtoaadsyncserviceaccount')
        or lower(users.display_name) is not distinct from 'on-premises directory synchronization service account'
    ) as is_named_like_sync,  -- Whether it is named as Entra Connect names its account.
    case
        when roles.holds_other_role then true
        when users.are_roles_known then false
    end as holds_other_role,  -- Whether it holds any other directory role.
    case
        when roles.is_admin or agents.account_id is not null then true
        when users.are_roles_known and users.are_eligibilities_known and users.are_agents_known then false
    end as is_admin,  -- Whether it holds a role, may activate one, or is an agent in Partner Center.
    case
        when roles.holds_portal_role or agents.account_id is not null or sign_ins.used_partner_center then true
        when users.are_roles_known and users.are_agents_known then false
    end as is_portal_user,  -- Whether a role or an agent group opens Partner Center to it, or it was seen there.
    case
        when delegations.account_id is not null then true
        when users.are_delegations_known then false
    end as is_delegated,  -- Whether it can act in a customer.
    case
        when users.are_states_read and per_user.state in ('disabled', 'enabled', 'enforced')
            then per_user.state
    end as per_user,  -- Per-user MFA: disabled, enabled or enforced.
    reported.account_id is not null as has_registration_row,  -- Whether anything tells what it has registered.
    reported.is_mfa_registered,  -- Whether a method good for MFA is registered.
    reported.is_mfa_capable,  -- Whether such a method is allowed, too.
    coalesce(reported.methods, []) as methods,  -- What is registered, as the report names it.
    coalesce(
        len(reported.methods) > 0
        and len(list_filter(reported.methods, lambda method: not starts_with(method, 'temporaryAccessPass'))) = 0,
        false
    ) as has_only_pass,  -- Whether a Temporary Access Pass, which ends by itself, is all it has.
    coalesce(
        len(reported.methods) > 0
        and len(list_filter(
            reported.methods, lambda method: method not in ('mobilePhone', 'alternateMobilePhone', 'officePhone')
        )) = 0,
        false
    ) as has_only_phone,  -- Whether phone numbers are all it has.
    coalesce(
        len(list_filter(reported.methods, lambda method: starts_with(method, 'externalAuth'))) > 0, false
    ) as has_external_method,  -- Whether it has an external authentication method.
    coalesce(sign_ins.has_success, false) as has_success,  -- Whether it signed in interactively, with success.
    coalesce(sign_ins.has_mfa_step, false) as has_mfa_step,  -- Whether it did MFA then.
    coalesce(sign_ins.has_claim, false) as has_claim,  -- Whether it was asked for MFA, or brought a claim of it.
    coalesce(sign_ins.has_single_factor, false) as has_single_factor,  -- Whether one factor was enough once.
    coalesce(sign_ins.has_legacy_success, false) as has_legacy_success,  -- Whether a legacy client let it in.
    coalesce(sign_ins.used_azure_portals, false) as used_azure_portals,  -- Whether it used an Azure or Entra portal.
    coalesce(sign_ins.used_azure_cli, false) as used_azure_cli,  -- Whether it used Azure CLI or Azure PowerShell.
    coalesce(sign_ins.used_m365_admin, false) as used_m365_admin,  -- Whether it used the Microsoft 365 admin center.
    coalesce(sign_ins.used_partner_center_api or callers.account_id is not null, callers.account_id is not null)
        as used_partner_center_api,  -- Whether an application used the Partner Center API in its name.
    coalesce(callers.called_without_mfa, false)
        as called_without_mfa,  -- Whether Partner Center reports such a call whose token proved no MFA.
    classes.account_class,  -- What it seems to be, where that is hardly an ordinary person.
    classes.class_source,  -- What says so.
    case
        when reported.account_id is null and users.created_at > clock.as_of - interval 24 hours
            then strftime(users.created_at + interval 24 hours, '%Y-%m-%dT%H:%MZ')
    end as grace_ends_at  -- Until when a new account need not be in the registration report yet.
from people as users
inner join clock on true
left join judged_domains
    on
        users.tenant_id = judged_domains.tenant_id
        and lower(split_part(users.user_principal_name, '@', -1)) = judged_domains.domain
left join account_roles as roles on users.tenant_id = roles.tenant_id and users.user_id = roles.account_id
left join agents on users.tenant_id = agents.tenant_id and users.user_id = agents.account_id
left join memberships on users.tenant_id = memberships.tenant_id and users.user_id = memberships.account_id
left join account_homes as homes on users.tenant_id = homes.tenant_id and users.user_id = homes.account_id
left join cross_tenant_access_partners as trusts
    on users.tenant_id = trusts.tenant_id and homes.home_tenant_id = lower(trusts.other_tenant_id)
left join account_delegations as delegations
    on users.tenant_id = delegations.tenant_id and users.user_id = delegations.account_id
left join (
    select
        tenant_id,
        user_id,
        per_user_mfa_state as state
    from per_user_mfa
) as per_user on users.tenant_id = per_user.tenant_id and users.user_id = per_user.user_id
left join registrations as reported
    on users.tenant_id = reported.tenant_id and users.user_id = reported.account_id
left join account_sign_ins as sign_ins
    on users.tenant_id = sign_ins.tenant_id and users.user_id = sign_ins.account_id
left join partner_center_callers as callers
    on users.tenant_id = callers.tenant_id and lower(users.user_id) = callers.account_id
left join account_classes as classes on users.tenant_id = classes.tenant_id and users.user_id = classes.account_id
