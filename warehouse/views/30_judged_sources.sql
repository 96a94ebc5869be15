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
    inner join (
        values
        ('users'),
        ('authentication_methods'),
        ('authentication_methods_policy'),
        ('registered_methods'),
        ('sign_ins'),
        ('partner_requests'),
        ('conditional_access_policies'),
        ('named_locations'),
        ('authentication_strengths'),
        ('security_defaults'),
        ('per_user_mfa'),
        ('cross_tenant_access_default'),
        ('cross_tenant_access_partners'),
        ('domains'),
        ('federation_configurations'),
        ('organization'),
        ('subscribed_skus'),
        ('role_assignments'),
        ('role_eligibilities'),
        ('role_assignment_instances'),
        ('role_definitions'),
        ('agent_groups'),
        ('groups'),
        ('group_members'),
        ('gdap_relationships'),
        ('gdap_assignments')
    ) as datasets (dataset) on true
    left join source_state
        on tenants.tenant_id = source_state.tenant_id and datasets.dataset = source_state.dataset
)

select
    sources.tenant_id,  -- The tenant.
    map(list(sources.dataset), list(sources.source)) as sources,  -- By dataset: usable, or why it does not tell.
    coalesce(
        bool_or(sources.last_complete_at < clock.as_of - interval 2 days)
            filter (
                where
                sources.source = 'usable'
                and sources.dataset in (
                    'users', 'authentication_methods', 'conditional_access_policies', 'security_defaults', 'per_user_mfa'
                )
            ),
        false
    )
    -- What stands in for the report matters only where it does.
    or coalesce(
        bool_or(sources.dataset = 'authentication_methods' and sources.source = 'not_licensed')
        and bool_or(
            sources.dataset = 'registered_methods'
            and sources.source = 'usable'
            and sources.last_complete_at < clock.as_of - interval 2 days
        ),
        false
    ) as is_old  -- Whether something a verdict rests on was read more than two days before the newest scan.
from sources
inner join clock on true
group by sources.tenant_id
