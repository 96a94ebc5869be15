-- One row per tenant_id (a partner), account_id that a GDAP relationship gives access to a customer now.
-- A relationship that is expiring, or whose end was asked for, gives access until it is over.
select distinct
    gdap_assignments.tenant_id,
    group_members.member_id as account_id
from gdap_assignments
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
