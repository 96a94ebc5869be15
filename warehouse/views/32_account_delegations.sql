-- One row per tenant_id (a partner), account_id that can act in a customer: a GDAP relationship lets it, or it was seen there.
-- A relationship that is expiring, or whose end was asked for, gives access until it is over.
select
    gdap_assignments.tenant_id,  -- The partner.
    group_members.member_id as account_id  -- Object id of the account, at home in the partner.
from gdap_assignments
inner join judged_sources
    on gdap_assignments.tenant_id = judged_sources.tenant_id and judged_sources.is_delegation_whole
inner join gdap_relationships
    on
        gdap_assignments.tenant_id = gdap_relationships.tenant_id
        and gdap_assignments.relationship_id = gdap_relationships.relationship_id
inner join group_members
    on
        gdap_assignments.tenant_id = group_members.tenant_id
        and gdap_assignments.group_id = group_members.group_id
cross join clock
where
    gdap_assignments.status = 'active'
    and gdap_relationships.status in ('active', 'expiring', 'terminationRequested')
    and coalesce(gdap_relationships.end_at > clock.as_of, true)
union
-- A visit stands in the logs of both tenants, under the object id it has at home.
select
    home_tenant_id as tenant_id,
    user_id as account_id
from sign_ins
where
    cross_tenant_access_type = 'serviceProvider'
    and error_code = 0
    and user_id <> ''
    and home_tenant_id <> ''
