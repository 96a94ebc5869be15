-- Which GDAP relationships hold Global Administrator?
-- Microsoft does not extend such a relationship by itself.
select
    tenants.name as partner,  -- The partner.
    relationships.customer_name,  -- The customer.
    relationships.resource_name as relationship,  -- The relationship.
    relationships.status,  -- Its status.
    relationships.end_at  -- When it ends.
from evidence.gdap_relationship as relationships
inner join tenants on relationships.tenant_id = tenants.tenant_id
where relationships.has_global_admin
order by partner, relationships.customer_name, relationship
