-- One row per tenant_id (a partner), account_id, customer_tenant_id, relationship_id, template_id. A role that GDAP gives a technician in a customer.
-- The technician is judged once, at home. A relationship that is expiring, or whose end was asked for, gives access until it is over.
with
access as (
    select
        gdap_assignments.tenant_id,
        gdap_assignments.relationship_id,
        gdap_assignments.group_id,
        -- An assignment that names no role still gives access.
        unnest(coalesce(nullif(json_extract_string(gdap_assignments.roles, '$[*].roleDefinitionId'), []), [null])) as role
    from gdap_assignments
    where gdap_assignments.status = 'active'
)

select distinct
    access.tenant_id,  -- The partner, whose account it is.
    group_members.member_id as account_id,  -- Object id of the account at home.
    gdap_relationships.customer_tenant_id,  -- The customer.
    gdap_relationships.customer_name,  -- Name of the customer.
    gdap_relationships.relationship_id,  -- The relationship that gives the role.
    gdap_relationships.end_at,  -- When the relationship ends.
    access.group_id,  -- The partner's group that has the role.
    lower(access.role) as template_id,  -- Template id of the role.
    role_definitions.display_name as role_name  -- Name of the role, as the partner's own tenant has it.
from access
inner join judged_sources as partners
    on
        access.tenant_id = partners.tenant_id
        and partners.sources['group_members'] = 'usable'
        and partners.sources['gdap_relationships'] = 'usable'
        and partners.sources['gdap_assignments'] = 'usable'
inner join gdap_relationships
    on
        access.tenant_id = gdap_relationships.tenant_id
        and access.relationship_id = gdap_relationships.relationship_id
inner join group_members
    on access.tenant_id = group_members.tenant_id and access.group_id = group_members.group_id
left join role_definitions
    on access.tenant_id = role_definitions.tenant_id and lower(access.role) = lower(role_definitions.role_definition_id)
inner join clock on true
where
    gdap_relationships.status in ('active', 'expiring', 'terminationRequested')
    and coalesce(gdap_relationships.end_at > clock.as_of, true)
