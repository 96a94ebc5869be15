-- One row per tenant_id, domain (lower case). Who signs its people in, and whether MFA done there counts here.
-- Two datasets tell the type; where only one could be read, that one decides.
with
listed as (
    select
        organization.tenant_id,
        unnest(from_json(organization.verified_domains, '[{"name": "VARCHAR", "type": "VARCHAR"}]')) as domain
    from organization
    inner join judged_sources
        on organization.tenant_id = judged_sources.tenant_id and judged_sources.sources['organization'] = 'usable'
),

typed as (
    select
        tenant_id,
        lower(domain.name) as domain,
        lower(domain.type) as type,
        2 as place
    from listed
    where domain.name is not null
    union all
    select
        domains.tenant_id,
        lower(domains.domain_name) as domain,
        lower(domains.authentication_type) as type,
        1 as place
    from domains
    inner join judged_sources
        on domains.tenant_id = judged_sources.tenant_id and judged_sources.sources['domains'] = 'usable'
),

told as (
    select
        tenant_id,
        domain,
        case type when 'federated' then true when 'managed' then false end as is_federated
    from typed
    qualify row_number() over (partition by tenant_id, domain order by type not in ('federated', 'managed'), place) = 1
),

-- A setting that is absent means what Microsoft documents for it: MFA done there is accepted.
settings as (
    select
        federation_configurations.tenant_id,
        lower(federation_configurations.domain_name) as domain,
        list_sort(list(distinct coalesce(federated_idp_mfa_behavior, 'acceptIfMfaDoneByFederatedIdp'))) as behaviors
    from federation_configurations
    inner join judged_sources
        on
            federation_configurations.tenant_id = judged_sources.tenant_id
            and judged_sources.sources['federation_configurations'] = 'usable'
    group by federation_configurations.tenant_id, lower(federation_configurations.domain_name)
)

select
    told.tenant_id,  -- The tenant.
    told.domain,  -- The domain, as it stands behind the @ of a user principal name.
    told.is_federated,  -- Whether another identity provider signs people in; null if the type is a new one.
    case
        when not told.is_federated then false
        when list_contains(settings.behaviors, 'rejectMfaByFederatedIdp') then false
        when
            len(list_filter(
                settings.behaviors,
                lambda behavior: behavior not in ('acceptIfMfaDoneByFederatedIdp', 'enforceMfaByFederatedIdp')
            )) = 0
            then true
    end as is_mfa_accepted  -- Whether MFA that the identity provider did counts in Microsoft Entra.
from told
left join settings on told.tenant_id = settings.tenant_id and told.domain = settings.domain
