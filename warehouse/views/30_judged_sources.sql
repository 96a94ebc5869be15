-- One row per tenant_id. For each dataset a verdict is made of: usable, or the state that keeps it from telling.
-- An older slice does not tell: what it held may have changed since.
with
sources as (
    select
        tenants.tenant_id,
        datasets.dataset,
        case
            when source_state.is_usable then 'usable'
            when source_state.state = 'complete' then 'failed'  -- read whole, and lost since
            else coalesce(source_state.state, 'not_collected')
        end as source,
        source_state.last_complete_at
    from tenants
    cross join (
        values
        ('users'),
        ('authentication_methods'),
        ('sign_ins'),
        ('conditional_access_policies'),
        ('security_defaults'),
        ('role_assignments'),
        ('group_members'),
        ('gdap_relationships'),
        ('gdap_assignments'),
        ('organization')
    ) as datasets (dataset)
    left join source_state
        on tenants.tenant_id = source_state.tenant_id and datasets.dataset = source_state.dataset
)

select
    sources.tenant_id,  -- The tenant.
    max(source) filter (where dataset = 'users') as users_source,  -- Of the list of accounts.
    max(source) filter (where dataset = 'authentication_methods') as registration_source,  -- Of the registration report.
    max(source) filter (where dataset = 'sign_ins') as sign_ins_source,  -- Of the sign-ins.
    max(source) filter (where dataset = 'conditional_access_policies') as cover_source,  -- Of Conditional Access.
    max(source) filter (where dataset = 'security_defaults') as security_defaults_source,  -- Of security defaults.
    max(source) filter (where dataset = 'role_assignments') as roles_source,  -- Of the role assignments.
    max(source) filter (where dataset = 'organization') as organization_source,  -- Of the tenant's domains.
    bool_and(source = 'usable')
        filter (where dataset = 'group_members') as is_groups_whole,  -- Whether group members were read.
    bool_and(source = 'usable')
        filter (where dataset in ('role_assignments', 'group_members'))
        as is_roles_whole,  -- Whether every holder of a role is known.
    bool_and(source = 'usable')
        filter (where dataset in ('group_members', 'gdap_relationships', 'gdap_assignments'))
        as is_delegation_whole,  -- Whether everybody whom GDAP gives access is known.
    coalesce(
        bool_or(last_complete_at < clock.as_of - interval 2 days)
            filter (
                where
                source = 'usable'
                and dataset in ('users', 'authentication_methods', 'conditional_access_policies', 'security_defaults')
            ),
        false
    ) as is_old  -- Whether something a verdict rests on was read more than two days before the newest scan.
from sources
cross join clock
group by sources.tenant_id
