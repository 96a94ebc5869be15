-- One row per tenant_id. What is true of all its accounts alike when they are judged; null is unknown.
with
licences as (
    select
        tenant_id,
        bool_or(
            coalesce(capability_status, 'Enabled') in ('Enabled', 'Warning')
            and (
                contains(service_plans::varchar, '"AAD_PREMIUM_P2"')
                or contains(upper(service_plans::varchar), 'IDENTITY_GOVERNANCE')
            )
        ) as has_eligibility
    from subscribed_skus
    group by tenant_id
),

defaults as (
    select
        tenant_id,
        bool_or(is_enabled) as is_enabled
    from security_defaults
    group by tenant_id
),

-- Who may activate a role is known unless it is a group whose members nobody read.
eligible_strangers as (
    select distinct role_eligibilities.tenant_id
    from role_eligibilities
    anti join users
        on role_eligibilities.tenant_id = users.tenant_id and role_eligibilities.principal_id = users.user_id
    anti join read_groups
        on role_eligibilities.tenant_id = read_groups.tenant_id and role_eligibilities.principal_id = read_groups.group_id
),

holding_groups as (
    select distinct tenant_id
    from role_assignments
    where principal_type = '#microsoft.graph.group'
),

-- Where another tenant's MFA counts or not, whatever counts by default.
trusts as (
    select
        tenant_id,
        bool_or(is_mfa_accepted) as is_accepted_of_some,
        bool_or(not is_mfa_accepted) as is_refused_of_some
    from cross_tenant_access_partners
    group by tenant_id
),

default_trust as (
    select
        tenant_id,
        bool_or(coalesce(is_mfa_accepted, if(is_service_default, false, null))) as is_accepted
    from cross_tenant_access_default
    group by tenant_id
)

select
    tenants.tenant_id,  -- The tenant.
    tenants.kind,  -- partner or customer.
    tenants.partner_id,  -- The partner that scans it.
    sources.sources,  -- By dataset: usable, or the state that keeps it from telling.
    sources.is_old,  -- Whether something a verdict rests on was read more than two days before the newest scan.
    case
        when sources.sources['security_defaults'] = 'usable' then defaults.is_enabled
    end as security_defaults,  -- Whether security defaults are on.
    sources.sources['role_assignments'] = 'usable'
    and (sources.sources['group_members'] = 'usable' or holding_groups.tenant_id is null)
        as are_roles_known,  -- Whether every holder of a role is known.
    case
        when sources.sources['role_eligibilities'] = 'usable' then eligible_strangers.tenant_id is null
        -- Without the licence nobody may activate anything.
        else sources.sources['role_eligibilities'] = 'not_licensed'
            or (sources.sources['subscribed_skus'] = 'usable' and not coalesce(licences.has_eligibility, false))
    end as are_eligibilities_known,  -- Whether everybody who may activate a role is known.
    case
        when sources.sources['role_assignment_instances'] in ('usable', 'not_licensed') then true
        -- What somebody holds and may activate as well is taken for activated.
        when sources.sources['role_eligibilities'] = 'usable' then eligible_strangers.tenant_id is null
        else sources.sources['role_eligibilities'] = 'not_licensed'
            or (sources.sources['subscribed_skus'] = 'usable' and not coalesce(licences.has_eligibility, false))
    end as are_activations_known,  -- Whether a role that is held is known to have been activated or not.
    sources.sources['group_members'] = 'usable'
    and sources.sources['gdap_relationships'] = 'usable'
    and sources.sources['gdap_assignments'] = 'usable'
        as are_delegations_known,  -- Whether everybody whom GDAP gives access is known.
    case
        when sources.sources['cross_tenant_access_default'] = 'usable' then default_trust.is_accepted
    end as is_mfa_trusted_by_default,  -- Whether MFA that guests did at home counts here unless said otherwise.
    case
        when sources.sources['cross_tenant_access_partners'] <> 'usable' then null
        when default_trust.is_accepted then coalesce(trusts.is_refused_of_some, false)
        else coalesce(trusts.is_accepted_of_some, false)
    end as has_trust_exceptions  -- Whether that is otherwise for some tenant.
from tenants
inner join judged_sources as sources on tenants.tenant_id = sources.tenant_id
left join licences on tenants.tenant_id = licences.tenant_id
left join defaults on tenants.tenant_id = defaults.tenant_id
left join eligible_strangers on tenants.tenant_id = eligible_strangers.tenant_id
left join holding_groups on tenants.tenant_id = holding_groups.tenant_id
left join trusts on tenants.tenant_id = trusts.tenant_id
left join default_trust on tenants.tenant_id = default_trust.tenant_id
