-- One row per tenant_id, domain (lower case) that the tenant has verified. Whether another identity provider signs people in.
with
listed as (
    select
        organization.tenant_id,
        unnest(from_json(organization.verified_domains, '[{"name": "VARCHAR", "type": "VARCHAR"}]')) as domain
    from organization
    inner join judged_sources
        on organization.tenant_id = judged_sources.tenant_id and judged_sources.organization_source = 'usable'
)

select
    tenant_id,  -- The tenant.
    lower(domain.name) as domain,  -- The domain, as it stands behind the @ of a user principal name.
    bool_or(case lower(domain.type) when 'federated' then true when 'managed' then false end)
        as is_federated  -- Null if the type is neither Federated nor Managed.
from listed
where domain.name is not null
group by all
