-- One row per tenant_id. For each dataset a verdict is made of: usable, or the state that keeps it from telling.
with
sources as (
    select
        tenants.tenant_id,
        datasets.dataset,
        case
            when source_state.is_usable then 'usable'
            else coalesce(source_state.state, 'not_collected')
        end as source,
        coalesce(source_state.is_usable and source_state.is_stale, false) as is_stale
    from tenants
    cross join (
        values
            ('users'), ('authentication_methods'), ('sign_ins'), ('conditional_access_policies'), ('security_defaults'),
            ('role_assignments'), ('group_members'), ('gdap_relationships'), ('gdap_assignments'), ('organization')
    ) as datasets (dataset)
    left join source_state
        on tenants.tenant_id = source_state.tenant_id and datasets.dataset = source_state.dataset
)

select
    tenant_id,
    max(source) filter (where dataset = 'authentication_methods') as registration_source,
    max(source) filter (where dataset = 'sign_ins') as sign_ins_source,
    max(source) filter (where dataset = 'conditional_access_policies') as cover_source,
    max(source) filter (where dataset = 'security_defaults') as security_defaults_source,
    max(source) filter (where dataset = 'role_assignments') as roles_source,
    max(source) filter (where dataset = 'organization') as organization_source,
    bool_and(source = 'usable') filter (where dataset in ('role_assignments', 'group_members')) as is_roles_whole,
    bool_and(source = 'usable')
        filter (where dataset in ('group_members', 'gdap_relationships', 'gdap_assignments')) as is_delegation_whole,
    bool_or(is_stale)
        filter (
            where dataset in ('users', 'authentication_methods', 'conditional_access_policies', 'security_defaults')
        ) as is_stale
from sources
group by tenant_id
