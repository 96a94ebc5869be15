-- One row per tenant_id, domain (lower case). Whether its sign-ins go to another identity provider; null if the type says neither.
with
listed as (
    select
        tenant_id,
        unnest(from_json(verified_domains, '[{"name": "VARCHAR", "type": "VARCHAR"}]')) as domain
    from organization
)

select
    tenant_id,
    lower(domain.name) as domain,
    bool_or(case lower(domain.type) when 'federated' then true when 'managed' then false end) as is_federated
from listed
where domain.name is not null
group by all
